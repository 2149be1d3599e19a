"""力量: the lists of grid, community and street on phone and desk (S3-28)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grids.households.forms.households import PressForm
from grids.households.policies import KEEPERS
from grids.households.views.grid import tabs_of
from grids.households.views.opening import opened_page
from grids.households.views.surface import Surface, act_page, actor_of, posted
from grids.models import Level
from grids.posts.actions.forces import REASONS, add_force, edit_force, end_force, reveal_force_phone
from grids.posts.forms.forces import ForceForm
from grids.posts.models import Force, ForceSkill
from grids.posts.policies import LEVELS, ForcePolicy, find_force, kept_places, read_places, require_keeper
from grids.posts.presentation.forces import lines
from grids.posts.queries import near_first, running, skills_in, skills_of, with_skill
from grids.posts.views.surface import readers_page
from grids.reference import territory

PAGE = 40
any_method = require_http_methods(["GET", "HEAD", "POST"])


@readers_page
@require_safe
def forces(request: HttpRequest, surface: Surface) -> HttpResponse:
    """By level, kind, skill and place (``level``, ``kind``, ``skill``, ``place``), words of role or skill (``q``)."""
    actor, asked = actor_of(request), request.GET
    level, kind, skill, place = (asked.get(name, "")[:20] for name in ("level", "kind", "skill", "place"))
    text = asked.get("q", "").strip()[:30]
    readable = read_places(actor)
    rows = running(ForcePolicy.visible(actor)).select_related("area")
    known = skills_in([area.id for area in readable])
    if level in LEVELS:
        rows = rows.filter(area__level=level)
    if kind in Force.Kind.values:
        rows = rows.filter(kind=kind)
    if skill in known:
        rows = with_skill(rows, skill)
    if place.isdigit() and int(place) in {area.id for area in readable}:
        rows = rows.filter(area_id=int(place))
    if text:
        by_word = ForceSkill.objects.filter(word=text).values("force_id")
        rows = rows.filter(Q(role__contains=text) | Q(pk__in=by_word))
    page = Paginator(near_first(rows), PAGE).get_page(asked.get("page"))
    kept = {area.id for area in kept_places(actor)}
    places = territory()
    context = {
        **(tabs_of(request, surface, "forces") if actor.role_kinds & KEEPERS else {}),
        "page": page,
        "rows": [{**row, "is_kept": row["area_id"] in kept} for row in lines(list(page.object_list))],
        "levels": [{"value": name, "label": Level(name).label, "chosen": name == level} for name in LEVELS],
        "kinds": [{"value": value, "label": label, "chosen": value == kind} for value, label in Force.Kind.choices],
        "skills": [{"value": word, "label": word, "chosen": word == skill} for word in known],
        "places": [
            {"value": area.id, "label": _place_words(area.id), "chosen": str(area.id) == place} for area in readable
        ]
        if len(readable) > 1
        else [],
        "q": text,
        "is_filtered": bool(text or level or kind or skill or place),
        "may_add": bool(kept),
        "said": "、".join(places.area_name(area.id) for area in readable[:3]),
    }
    return surface.page(request, "forces", context, heading=_("力量"))


def _place_words(area_id: int) -> str:
    area = territory().areas[area_id]
    return f"{Level(area.level).label}·{area.name}"


@readers_page
@any_method
def force_new(request: HttpRequest, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    places = [(area.id, _place_words(area.id)) for area in kept_places(actor)]
    if not places:
        require_keeper(actor, 0)
    form = ForceForm(posted(request), places=places)

    def act() -> dict[str, Any]:
        return {"force": add_force(form.area_id(), form.details(), actor=actor).pk}

    return act_page(
        request, surface, form, act, title=_("登记力量"), verb=_("登记"), back=surface.url("forces"),
        done=_("登记好了"), what=_("党员骨干、民警、物业、志愿队、驻区单位：谁能帮上忙就登记谁。不登记证件号码。"),
    )  # fmt: skip


def _kept(request: HttpRequest, pk: int) -> Force:
    row = find_force(actor_of(request), pk)
    require_keeper(actor_of(request), row.area_id)
    return row


@readers_page
@any_method
def force_edit(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, row = actor_of(request), _kept(request, pk)
    account = row.membership.user.handle if row.membership else ""
    form = ForceForm(posted(request), places=[], known=row, account=account, words=skills_of([row]).get(row.pk, []))

    def act() -> None:
        edit_force(row, form.details(), actor=actor)

    return act_page(
        request, surface, form, act, title=row.name, verb=_("保存"), back=surface.url("forces"), done=_("改好了"),
        what=_place_words(row.area_id),
    )  # fmt: skip


@readers_page
@any_method
def force_end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, row = actor_of(request), _kept(request, pk)
    form = PressForm(posted(request))

    def act() -> None:
        end_force(row, actor=actor)

    return act_page(
        request, surface, form, act, title=_("{name} 退出清单？").format(name=row.name), verb=_("退出"),
        back=surface.url("forces"), done=_("已退出清单"),
        what=_("派单吹哨时不再列出，居民也看不到了。一年后姓名和电话自动清除。"),
    )  # fmt: skip


@readers_page
@any_method
def force_phone(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """Ask why; then show the number on this page alone."""
    actor = actor_of(request)
    row = find_force(actor, pk)

    def look(reason: str, words: str) -> str:
        return reveal_force_phone(row, reason=reason, words=words, actor=actor)

    return opened_page(
        request, surface, look, lambda: row.phone, title=_("看电话"), what=f"{row.name} {row.role}",
        back=surface.url("forces"), back_label=_("回到力量清单"), is_phone=True, reasons=REASONS,
    )  # fmt: skip
