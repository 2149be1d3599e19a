"""专项摸排 at the desk: setting one up, starting and ending it, the list as a spreadsheet and back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel import audit, clock
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.idempotency import once
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.workbooks import workbook_response
from grids.canvasses.actions.answers import gives_places
from grids.canvasses.actions.canvasses import (
    add_field,
    add_slot,
    change_canvass,
    discard_canvass,
    draft_canvass,
    end_canvass,
    remove_field,
    remove_slot,
    start_canvass,
)
from grids.canvasses.actions.erase import erase_early
from grids.canvasses.actions.importing import SHOWN, import_answers
from grids.canvasses.audience import audience
from grids.canvasses.forms.canvasses import CanvassForm, ConfirmForm, FieldForm, ImportForm, SlotForm
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassPlace, CanvassTag
from grids.canvasses.policies import find_canvass, find_field, find_own, find_slot, grids_of, kept_grids_of, own_areas
from grids.canvasses.sheet import columns, lines, slot_words
from grids.canvasses.views.canvasses import answers_of, fields_of, wanted
from grids.canvasses.views.surface import DESK, setters_page
from grids.households.forms.households import PressForm
from grids.households.reference import tags_in_use
from grids.households.views.surface import act_page, actor_of, keepers_page, posted
from grids.models import Building
from grids.reference import territory

any_method = require_http_methods(["GET", "HEAD", "POST"])
MOST_EXPORTED = 5_000
MOST_BUILDINGS = 200
MOST_BYTES = 5 * 1024 * 1024


def _form(request: HttpRequest, areas: list[tuple[int, str]], initial: dict[str, Any] | None = None) -> CanvassForm:
    """Grids and buildings of every area that can be chosen; buildings only where they are few enough to be read."""
    ids = {pk for pk, _name in areas}
    grids = [grid for grid in territory().at_level("grid") if ids & {grid.community_id, grid.street_id}]
    buildings = Building.objects.filter(grid_id__in=[grid.id for grid in grids], ended_on=None).order_by("name", "pk")
    named = list(buildings.values_list("pk", "name")[: MOST_BUILDINGS + 1])
    return CanvassForm(
        posted(request), areas=areas, grids=[(grid.id, grid.name) for grid in grids],
        tags=[(tag.pk, tag.name) for tag in tags_in_use() if not tag.is_sensitive],
        buildings=named if len(named) <= MOST_BUILDINGS else [], initial=initial,
    )  # fmt: skip


@setters_page
@any_method
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    areas = [(area.id, area.name) for area in own_areas(actor)]
    if not areas:
        raise NotAllowed("setters_only", _("专项摸排由街道和社区来设，您的岗位不能设。"))
    form = _form(request, areas, {"begins_on": clock.today()})
    made: list[int] = []

    def act() -> dict[str, Any]:
        made.append(draft_canvass(form.cleaned_data["area"], form.details(), actor=actor).pk)
        return {"canvass": made[0]}

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("草稿存好了。接着加问题，再开始。"))
        return redirect(DESK.url("whole", made[0]) if made else DESK.url("index"))
    return _shown(request, form, _("设一次专项摸排"), DESK.url("index"))


@setters_page
@any_method
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = find_own(actor, pk)
    chosen = list(CanvassPlace.objects.filter(canvass=row).values_list("grid_id", "building_id"))
    names = ("title", "purpose", "begins_on", "ends_on", "keep_days", "born_from", "born_until", "quota")
    initial: dict[str, Any] = {name: getattr(row, name) for name in names} | {
        "area": row.area_id,
        "tags": list(CanvassTag.objects.filter(canvass=row).values_list("tag_id", flat=True)),
        "grids": [grid for grid, _building in chosen if grid],
        "buildings": [building for _grid, building in chosen if building],
    }
    form = _form(request, [(row.area_id, territory().area_name(row.area_id))], initial)

    def act() -> dict[str, Any]:
        return {"canvass": change_canvass(row, form.details(), actor=actor).pk}

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("改好了"))
        return redirect(DESK.url("whole", row.pk))
    return _shown(request, form, _("改这次摸排"), DESK.url("whole", row.pk))


def _shown(request: HttpRequest, form: CanvassForm, title: str, back: str) -> HttpResponse:
    context = {"form": form, "sections": form.sections(), "back": back}
    return DESK.page(request, "form", context, heading=title, back=back, status=422 if form.is_bound else 200)


def _act(
    request: HttpRequest, row: Canvass, form: KeyedForm, act: Callable[[], Any], *, title: str, verb: str, done: str,
    what: str = "", go: str = "",
) -> HttpResponse:  # fmt: skip
    """One act upon a canvass, back to its page."""

    def run() -> None:
        act()

    back = DESK.url("whole", row.pk)
    return act_page(
        request, DESK, form, run, title=title, verb=verb, back=back, done=done, what=what or row.title, go=go
    )


@setters_page
@any_method
def field_new(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row, form = find_own(actor, pk), FieldForm(posted(request))
    act = lambda: add_field(row, form.details(), actor=actor)  # noqa: E731
    return _act(request, row, form, act, title=_("加一题"), verb=_("加上"), done=_("加上了"))


@setters_page
@any_method
def field_remove(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    field, form = find_field(actor, pk), PressForm(posted(request))
    act = lambda: remove_field(field, actor=actor)  # noqa: E731
    what = _("“{label}”不问了。").format(label=field.label)
    return _act(request, field.canvass, form, act, title=_("去掉这一题"), verb=_("去掉"), done=_("去掉了"), what=what)


@setters_page
@any_method
def slot_new(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row, form = find_own(actor, pk), SlotForm(posted(request))

    def act() -> Any:
        said = form.cleaned_data
        return add_slot(row, said["starts_at"], said["place"], said["capacity"], actor=actor)

    return _act(request, row, form, act, title=_("加一个时间"), verb=_("加上"), done=_("加上了"))


@setters_page
@any_method
def slot_remove(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    slot, form = find_slot(actor, pk), PressForm(posted(request))
    act = lambda: remove_slot(slot, actor=actor)  # noqa: E731
    return _act(
        request,
        slot.canvass,
        form,
        act,
        title=_("去掉这个时间"),
        verb=_("去掉"),
        done=_("去掉了"),
        what=slot_words(slot),
    )


@setters_page
@any_method
def start(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row, form = find_own(actor, pk), PressForm(posted(request))
    count = audience(row, [grid.id for grid in grids_of(row)]).count() if row.started_at is None else 0
    what = _("现在有 {n} 户要问。开始以后，名称、问题和问哪些户都不能再改；网格员马上看得到名单。").format(n=count)
    act = lambda: start_canvass(row, actor=actor)  # noqa: E731
    return _act(request, row, form, act, title=_("开始摸排"), verb=_("开始"), done=_("开始了"), what=what)


@setters_page
@any_method
def end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row, form = find_own(actor, pk), PressForm(posted(request))
    what = _("今天就结束，不能再问，也不能重新开始。各户的回答从今天起再留 {n} 天。").format(n=row.keep_days)
    act = lambda: end_canvass(row, actor=actor)  # noqa: E731
    return _act(request, row, form, act, title=_("提前结束"), verb=_("结束"), done=_("结束了"), what=what)


@setters_page
@any_method
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row, form = find_own(actor, pk), ConfirmForm(posted(request))
    count = CanvassAnswer.objects.filter(canvass=row).count()
    what = _("{n} 户的回答和约的名额马上删掉，找不回来；各网格的数字留着。还要照名单办事的，先别删。").format(n=count)
    act = lambda: erase_early(row, actor=actor)  # noqa: E731
    return _act(request, row, form, act, title=_("提前删除各户的回答"), verb=_("删掉"), done=_("删掉了"), what=what)


@setters_page
@any_method
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row, form = find_own(actor, pk), PressForm(posted(request))
    act = lambda: discard_canvass(row, actor=actor)  # noqa: E731
    what = _("“{title}”的草稿和问题都删掉。").format(title=row.title)
    return _act(
        request, row, form, act, title=_("删掉草稿"), verb=_("删掉"), done=_("删掉了"), what=what, go=DESK.url("index")
    )


# ---------------------------------------------------------------- spreadsheets
@keepers_page
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The list as a workbook, with the same filters: places and answers, no name, no number, no words about people."""
    actor = actor_of(request)
    row = find_canvass(actor, pk)
    if row.started_at is None or row.erased_at is not None or not kept_grids_of(actor, row):
        raise NotAllowed("no_list", _("这次摸排现在没有名单可以导出。"))
    homes = list(wanted(request, row)[0][:MOST_EXPORTED])
    fields, has_places = fields_of(row), gives_places(row)
    answers, values = answers_of(row, [home.pk for home in homes])
    cells = lines(homes, answers, values, fields, has_places=has_places)
    audit.record("canvass.export", actor=actor, object_kind="canvass", object_id=row.pk, count=len(homes))
    return workbook_response(f"{row.title}-{clock.today():%Y%m%d}", columns(fields, has_places=has_places), cells)


@keepers_page
@any_method
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """The filled list comes back; which rows were not taken, and why, is shown at once."""
    actor = actor_of(request)
    row = find_canvass(actor, pk)
    if not kept_grids_of(actor, row):
        raise NotAllowed("no_list", _("结果由社区和网格来导入，您的岗位只看数字。"))
    form = ImportForm(posted(request), request.FILES if request.method == "POST" else None)
    back = DESK.url("whole", row.pk)
    context: dict[str, Any] = {"form": form, "back": back, "list_url": DESK.url("list", row.pk), "shown": SHOWN}
    if request.method == "POST" and form.is_valid():
        try:
            context["done"] = _imported(request, row, form)
            return DESK.page(request, "imported", context, heading=_("导入结果"), back=back)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            form.refused(error)
    status = 422 if form.is_bound else 200
    return DESK.page(request, "import", context, heading=_("导入结果"), back=back, status=status)


def _imported(request: HttpRequest, row: Canvass, form: ImportForm) -> dict[str, Any]:
    """Once for each form: sent twice it says the same."""
    actor, file = actor_of(request), form.cleaned_data["file"]
    content = file.read(MOST_BYTES + 1)
    body = {"path": request.path, "file": hashlib.sha256(content).hexdigest()}

    def act() -> dict[str, Any]:
        done = import_answers(row, file.name, content, actor=actor)
        return {
            "taken": done.taken, "same": done.same, "bad": [list(line) for line in done.bad[:SHOWN]],
            "bad_count": len(done.bad), "notes": done.notes[:20],
        }  # fmt: skip

    result: dict[str, Any] = once(
        principal=actor.principal, key=form.cleaned_data["idempotency_key"], body=body, act=act
    ).result
    return result
