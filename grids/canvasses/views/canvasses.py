"""专项摸排 on phone and desk: the canvasses, one with its figures, the list of households, an answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.offline import keep_offline
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.keyed import act_once, new_key
from governance.kernel.templatetags.ui import local_time
from grids.canvasses.actions.answers import gives_places, record_answer, withdraw_answer
from grids.canvasses.actions.canvasses import is_over
from grids.canvasses.actions.reveal import reveal_words, written
from grids.canvasses.audience import answers_in, listed
from grids.canvasses.figures import Progress, figures
from grids.canvasses.forms.canvasses import AnswerForm
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassField, CanvassSlot, CanvassValue
from grids.canvasses.policies import (
    CanvassPolicy,
    figure_grids_of,
    find_answer,
    find_asked,
    find_canvass,
    kept_grids_of,
    may_set,
    own_areas,
)
from grids.canvasses.presentation.canvasses import (
    line,
    progress_rows,
    result_rows,
    rule_words,
    said_words,
    slot_choices,
    slot_rows,
)
from grids.canvasses.questions import key_of
from grids.canvasses.views.surface import readers_page
from grids.households.forms.households import PressForm
from grids.households.models import Household
from grids.households.policies import require_keeper
from grids.households.presentation.places import place_words
from grids.households.queries import search
from grids.households.views.opening import opened_page
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted

PAGE = 40
any_method = require_http_methods(["GET", "HEAD", "POST"])
SHOWS = ("left", "answered", "away", "declined", "all")


def fields_of(row: Canvass) -> list[CanvassField]:
    return list(CanvassField.objects.filter(canvass=row).order_by("position"))


def slots_of(row: Canvass) -> list[CanvassSlot]:
    return list(CanvassSlot.objects.filter(canvass=row).order_by("starts_at", "pk"))


@readers_page
@require_safe
def index(request: HttpRequest, surface: Surface) -> HttpResponse:
    """Those that run first; at the desk also drafts and what is over (``show=over``)."""
    actor, today = actor_of(request), clock.today()
    rows, over = CanvassPolicy.visible(actor), request.GET.get("show") == "over"
    running = rows.filter(ended_at=None, erased_at=None, ends_on__gte=today)
    shown = rows.exclude(pk__in=running.values("pk")).order_by("-ends_on", "-pk") if over else running
    page = Paginator(shown if over else shown.order_by("ends_on", "pk"), PAGE).get_page(request.GET.get("page"))
    here = surface.url("index")
    context: dict[str, Any] = {
        "rows": [{**line(row), "url": surface.url("whole", row.pk)} for row in page.object_list],
        "page": page,
        "shows": [
            {"label": _("正在问"), "url": here, "current": not over, "count": None},
            {"label": _("结束的"), "url": f"{here}?show=over", "current": over, "count": None},
        ],
        "is_over": over,
        "new_url": surface.url("new") if own_areas(actor) and not surface.is_phone else "",
    }
    answer = surface.page(request, "index", context, heading=_("专项摸排"))
    return _kept(request, surface, answer)


@readers_page
@require_safe
def whole(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """How far each grid is, what was answered in numbers, the times; on the phone the way to the list."""
    actor = actor_of(request)
    row = find_canvass(actor, pk)
    grids, kept = figure_grids_of(actor, row), kept_grids_of(actor, row)
    fields, slots = fields_of(row), slots_of(row)
    found = figures(row, [grid.id for grid in grids]) if row.started_at else None
    total = found.whole() if found else Progress()
    is_mine, over, has_list = may_set(actor, row), is_over(row), bool(kept) and row.erased_at is None
    list_url = surface.url("list", row.pk)
    context: dict[str, Any] = {
        "canvass": row,
        "line": line(row),
        "rule": rule_words(row),
        "total": total,
        "rows": progress_rows(found, grids) if found else [],
        "results": result_rows(found, fields) if found else [],
        "fields": fields,
        "slots": slot_rows(slots),
        "places_left": row.quota - row.taken if row.quota is not None else None,
        "is_mine": is_mine and not surface.is_phone,
        "is_draft": row.started_at is None,
        "is_over": over,
        "list_url": list_url if has_list and row.started_at else "",
        "may_import": has_list and bool(row.started_at) and not over and not surface.is_phone,
    }
    answer = surface.page(request, "whole", context, heading=row.title, back=surface.url("index"))
    return _kept(request, surface, answer)


def wanted(request: HttpRequest, row: Canvass) -> tuple[QuerySet[Household], dict[str, str]]:
    """The households of the list as the address says (``show``, ``grid``, ``slot``, ``q``), and what it said."""
    actor = actor_of(request)
    grids = kept_grids_of(actor, row)
    grid = next((each for each in grids if str(each.id) == request.GET.get("grid", "")), None)
    show = request.GET.get("show", "left")
    show = show if show in SHOWS else "left"
    slot = request.GET.get("slot", "")
    slot = slot if slot.isdigit() and len(slot) < 19 else ""
    text = request.GET.get("q", "").strip()[:60]
    rows = listed(row, [grid.id] if grid else [each.id for each in grids])
    answers = answers_in(row)
    if slot:
        rows, show = rows.filter(Exists(answers.filter(slot_id=int(slot)))), "all"
    elif show == "left":
        # Nobody at home is asked again.
        rows = rows.filter(~Exists(answers.exclude(met=CanvassAnswer.Met.AWAY)))
    elif show != "all":
        rows = rows.filter(Exists(answers.filter(met=show)))
    rows = search(rows, actor, text).select_related("building", "room__unit")
    said = {"show": show, "grid": str(grid.id) if grid else "", "slot": slot, "q": text}
    return rows.order_by(
        "building__name", "building_id", "room__unit__number", "room__floor", "room__number", "code", "pk"
    ), said


@keepers_page
@require_safe
def households(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """Who of my grids is asked, and what they said; a tap answers."""
    actor = actor_of(request)
    row = find_canvass(actor, pk)
    require_keeper(actor)
    if row.started_at is None or row.erased_at is not None:
        return redirect(surface.url("whole", row.pk))
    rows, said = wanted(request, row)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    fields, grids = fields_of(row), kept_grids_of(actor, row)
    answers, values = answers_of(row, [home.pk for home in page.object_list])
    total = figures(row, [grid.id for grid in grids]).whole()
    here = surface.url("list", row.pk)

    def address(**changed: str) -> str:
        found = {name: value for name, value in {**said, **changed}.items() if value}
        return f"{here}?{urlencode(found)}"

    labels = {
        "left": _("还没问到"),
        "answered": _("答了"),
        "away": _("没人在家"),
        "declined": _("不愿意"),
        "all": _("全部"),
    }
    runs = not is_over(row) and row.begins_on <= clock.today()
    context: dict[str, Any] = {
        "canvass": row,
        "page": page,
        "rows": [
            {
                "pk": home.pk, "place": place_words(home), "people": home.people_count,
                "said": said_words(answer, values.get(answer.pk, {}) if answer else {}, fields),
                "met": answer.met if answer else "", "url": surface.url("answer", row.pk, home.pk), "key": new_key(),
            }
            for home, answer in ((home, answers.get(home.pk)) for home in page.object_list)
        ],
        "shows": [
            {"label": label, "url": address(show=name, slot=""), "current": name == said["show"], "count": None}
            for name, label in labels.items()
        ],
        "said": said,
        "total": total,
        "grids": [{"id": each.id, "name": each.name, "current": str(each.id) == said["grid"]} for each in grids],
        "quick": quick(row, fields) if runs else "",
        "runs": runs,
        "export_url": f"{surface.url('export', row.pk)}?{urlencode(said)}" if not surface.is_phone else "",
    }  # fmt: skip
    answer = surface.page(request, "list", context, heading=row.title, back=surface.url("whole", row.pk))
    return _kept(request, surface, answer)


def quick(row: Canvass, fields: list[CanvassField]) -> str:
    """The name of the one question that must be answered where it is yes or no: then the list itself answers it."""
    must = [field for field in fields if field.is_required]
    if len(must) == 1 and must[0].kind == CanvassField.Kind.YES_NO and not gives_places(row):
        return key_of(must[0])
    return ""


def answers_of(row: Canvass, ids: list[int]) -> tuple[dict[int, CanvassAnswer], dict[int, dict[int, CanvassValue]]]:
    """Answers by household with their slot, their values by answer and question; two statements."""
    rows = CanvassAnswer.objects.filter(canvass=row, household_id__in=ids).select_related("slot")
    answers = {answer.household_id: answer for answer in rows}
    values: dict[int, dict[int, CanvassValue]] = {}
    for value in CanvassValue.objects.filter(answer_id__in=[answer.pk for answer in answers.values()]):
        values.setdefault(value.answer_id, {})[value.field_id] = value
    return answers, values


def _initial(answer: CanvassAnswer, values: dict[int, CanvassValue], questions: list[CanvassField], mine: bool) -> Any:
    """What was said before; words only for whoever wrote them."""
    found: dict[str, Any] = {
        "met": answer.met, "seats": answer.seats or "", "slot": answer.slot_id or "",
        "seen": answer.changed_at.isoformat(),
    }  # fmt: skip
    for question in questions:
        if (value := values.get(question.pk)) is not None:
            plain = next((each for each in (value.option, value.number, value.day) if each is not None), None)
            found[key_of(question)] = plain if plain is not None else value.words if mine else ""
    return found


@keepers_page
@any_method
def answer(request: HttpRequest, pk: int, home: int, surface: Surface) -> HttpResponse:
    """Asking one household. Words of a colleague are not shown, and stay as long as nothing else is written."""
    actor = actor_of(request)
    row = find_canvass(actor, pk)
    household = find_asked(actor, row, home)
    questions, slots = fields_of(row), slots_of(row)
    answers, values = answers_of(row, [household.pk])
    known = answers.get(household.pk)
    mine = bool(known and known.by_id == actor.membership_id)
    of_known = values.get(known.pk, {}) if known else {}
    form = AnswerForm(
        posted(request), questions=questions, has_places=row.quota is not None or bool(slots),
        slots=slot_choices(slots, known.slot_id if known else None),
        initial=_initial(known, of_known, questions, mine) if known else {},
    )  # fmt: skip
    list_url = surface.url("list", row.pk)

    def act() -> dict[str, Any]:
        return {"answer": record_answer(row, household, _with_words(form, of_known, mine), actor=actor).pk}

    place = place_words(household)
    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("记下了：{place}").format(place=place))
        return redirect(list_url)
    has_words = any(value.words for value in of_known.values())
    names = staff_names({known.by_id}) if known and known.by_id else {}
    context = {
        "canvass": row, "form": form, "place": place, "home": household, "known": known, "is_over": is_over(row),
        "is_ended": household.ended_on is not None,
        "who": names.get(known.by_id or 0, "") if known else "", "when": local_time(known.changed_at) if known else "",
        "open_url": surface.url("open_words", known.pk) if known and has_words and not mine else "",
        "withdraw_url": surface.url("withdraw", known.pk) if known else "",
        "list_url": list_url, "household_url": surface.household_url(household.pk),
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    page = surface.page(request, "answer", context, heading=row.title, back=list_url, status=status)
    return page if has_words else _kept(request, surface, page)


def _with_words(form: AnswerForm, known: dict[int, CanvassValue], mine: bool) -> Any:
    """An empty box does not wipe out what a colleague wrote: it was not shown."""
    details = form.details()
    if mine or details.met != CanvassAnswer.Met.ANSWERED:
        return details
    hidden = {pk: value.words for pk, value in known.items() if value.words and not details.values.get(pk)}
    return details if not hidden else type(details)(**{**details.__dict__, "values": {**details.values, **hidden}})


def _kept(request: HttpRequest, surface: Surface, answer: HttpResponse) -> HttpResponse:
    """The phone keeps lists and empty forms for where there is no network: places, no name, no number, no words."""
    if surface.is_phone and request.method == "GET":
        keep_offline(request, answer)
    return answer


@keepers_page
@any_method
def withdraw(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_answer(actor, pk)
    form = PressForm(posted(request))
    back = surface.url("list", row.canvass_id)

    def act() -> None:
        withdraw_answer(row, actor=actor)

    return act_page(
        request, surface, form, act, title=_("撤回这个回答"), verb=_("撤回"), back=back, done=_("撤回了，这一户还没问"),
        what=_("{place} 的回答会删掉，占的名额让出来，不能恢复。").format(place=place_words(row.household)),
    )  # fmt: skip


def in_words(said: dict[str, str]) -> str:
    return "；".join(f"{label}：{words}" for label, words in said.items())


@keepers_page
@any_method
def open_words(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """What a colleague wrote down."""
    actor = actor_of(request)
    row = find_answer(actor, pk)

    def look(reason: str, words: str) -> str:
        return in_words(reveal_words(row, reason=reason, words=words, actor=actor))

    return opened_page(
        request, surface, look, lambda: in_words(written(row)), title=_("看记的话"), what=place_words(row.household),
        back=surface.url("answer", row.canvass_id, row.household_id),
    )  # fmt: skip
