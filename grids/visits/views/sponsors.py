"""包保楼栋 (S4-17): coverage, the buildings nobody answers for, who does, and what they did."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel import clock
from governance.kernel.workbooks import workbook_response
from grids.households.forms.households import PressForm
from grids.households.policies import find_building
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted
from grids.reference import territory
from grids.visits.actions.contacts import end_sponsor, name_sponsor, record_help
from grids.visits.contacts import buildings_with_sponsor, coverage, members_of
from grids.visits.forms.care import ChooseForm, HelpForm
from grids.visits.models import BuildingSponsor, SponsorHelp
from grids.visits.policies import find_contact, find_sponsor
from grids.visits.views.surface import tabs

PAGE = 50
any_method = require_http_methods(["GET", "HEAD", "POST"])


def _named(building_ids: list[int]) -> dict[int, list[BuildingSponsor]]:
    found: dict[int, list[BuildingSponsor]] = defaultdict(list)
    rows = BuildingSponsor.objects.filter(building_id__in=building_ids, ended_on=None, member__ended_on=None)
    for row in rows.select_related("member").order_by("pk"):
        found[row.building_id].append(row)
    return found


@keepers_page
@require_safe
def index(request: HttpRequest, surface: Surface) -> HttpResponse:
    """Buildings without a sponsor first; ``show=none``: only these. ``xlsx``: the list to take along."""
    actor = actor_of(request)
    rows = buildings_with_sponsor(actor)
    covered = coverage(rows)
    none = request.GET.get("show") == "none"
    found = rows.filter(is_sponsored=False) if none else rows
    if "xlsx" in request.GET:
        listed = list(found[:5_000])
        named = _named([row.pk for row in listed])
        cells = ([row.name, "、".join(one.member.public_name for one in named[row.pk])] for row in listed)
        return workbook_response(f"{_('包保楼栋')}-{clock.today():%Y%m%d}", [_("楼栋"), _("谁包")], cells)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    named = _named([row.pk for row in page.object_list])
    places, here = territory(), surface.url("sponsors")
    context: dict[str, Any] = {
        **tabs(surface, "sponsors"),
        "page": page,
        "covered": covered,
        "rows": [
            {
                "pk": row.pk, "name": row.name, "grid": places.area_name(row.grid_id),
                "sponsors": [{"pk": one.pk, "name": one.member.public_name} for one in named[row.pk]],
            }
            for row in page.object_list
        ],
        "shows": [
            {"label": _("全部楼栋"), "url": here, "current": not none, "count": covered.buildings},
            {
                "label": _("没人包的"), "url": f"{here}?show=none", "current": none,
                "count": covered.buildings - covered.sponsored,
            },
        ],
        "export_url": f"{here}?xlsx=1{'&show=none' if none else ''}" if not surface.is_phone else "",
    }  # fmt: skip
    return surface.page(request, "sponsors", context, heading=_("包保楼栋"))


@keepers_page
@any_method
def new(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """Who answers for a building: one of the contact members of the place."""
    actor = actor_of(request)
    building = find_building(actor, pk)
    back = surface.url("sponsors")
    members = [(row.pk, row.public_name) for row in members_of(actor)]
    if not members:
        context = {
            "title": _("还没有联系党员"),
            "note": _("先登记愿意的党员，再请他包楼。"),
            "url": surface.url("members"),
        }
        return surface.page(request, "nothing", context, heading=_("请人包楼"), back=back)
    form = ChooseForm(posted(request), label=_("请谁包"), choices=members)

    def act() -> dict[str, Any]:
        member = find_contact(actor, form.cleaned_data["chosen"])
        return {"sponsor": name_sponsor(building, member, actor=actor).pk}

    return act_page(
        request, surface, form, act, title=_("请人包楼"), verb=_("定下来"), back=back, done=_("定下来了"),
        what=building.name,
    )  # fmt: skip


@keepers_page
@require_safe
def whole(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """One sponsorship with its help records."""
    row = find_sponsor(actor_of(request), pk)
    page = Paginator(SponsorHelp.objects.filter(sponsor=row).order_by("-on", "-pk"), PAGE)
    context = {
        "sponsor": row,
        "page": page.get_page(request.GET.get("page")),
        "is_ended": row.ended_on is not None,
    }
    return surface.page(request, "sponsor", context, heading=row.building.name, back=surface.url("sponsors"))


@keepers_page
@any_method
def end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_sponsor(actor, pk)
    form = PressForm(posted(request))
    act = lambda: {"sponsor": end_sponsor(row, actor=actor).pk}  # noqa: E731
    what = _("{name} 从今天起不再包 {building}。").format(name=row.member.public_name, building=row.building.name)
    back = surface.url("sponsors")
    return act_page(
        request, surface, form, act, title=_("不再包这栋楼"), verb=_("不再包"), back=back, done=_("改好了"), what=what
    )


@keepers_page
@any_method
def helped(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_sponsor(actor, pk)
    form = HelpForm(posted(request), initial={"on": clock.today()})

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        return {"help": record_help(row, on=said["on"], words=said["words"], actor=actor).pk}

    return act_page(
        request, surface, form, act, title=_("记一次帮助"), verb=_("记下"), back=surface.url("sponsor", row.pk),
        done=_("记下了"), what=f"{row.building.name}·{row.member.public_name}",
    )  # fmt: skip
