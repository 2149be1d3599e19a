"""走访 on phone and desk: whom to visit, logging a visit, a household's visits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.offline import keep_offline
from governance.kernel.keyed import act_once
from grids.households.forms.households import PressForm
from grids.households.models import Household
from grids.households.policies import HouseholdPolicy, find_household, kept_grids
from grids.households.presentation.places import place_words
from grids.households.queries import search
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted
from grids.reference import AreaRef
from grids.visits.actions.visits import log_visit, withdraw_visit
from grids.visits.due import LISTS, to_visit
from grids.visits.forms.visits import VisitForm
from grids.visits.models import Visit
from grids.visits.plans import Progress, progress
from grids.visits.policies import find_visit, may_plan
from grids.visits.presentation.visits import visit_lines, waiting_lines
from grids.visits.reference import outcomes
from grids.visits.views.surface import tabs

PAGE = 30
_REPORTERS = frozenset({"grid_worker", "grid_leader"})
"""Kinds of post whose phone has the form for finds."""


def chosen_grid(request: HttpRequest, grids: list[AreaRef]) -> AreaRef | None:
    return next((grid for grid in grids if str(grid.id) == request.GET.get("grid", "")), None)


def wanted(request: HttpRequest) -> tuple[QuerySet[Household], dict[str, str]]:
    """The households that wait, as the address filters them (``list``, ``grid``, ``q``), and what it said."""
    actor = actor_of(request)
    which = request.GET.get("list", "month")
    which = which if which in LISTS else "month"
    grid = chosen_grid(request, kept_grids(actor))
    text = request.GET.get("q", "").strip()[:60]
    rows = HouseholdPolicy.visible(actor)
    if grid is not None:
        rows = rows.filter(building__grid_id=grid.id)
    said = {"list": which, "grid": str(grid.id) if grid else "", "q": text}
    return to_visit(search(rows.filter(ended_on=None), actor, text), which), said


@keepers_page
@require_safe
def index(request: HttpRequest, surface: Surface) -> HttpResponse:
    """本月该走访, the most pressing first; how far each grid is with its month."""
    actor = actor_of(request)
    rows, said = wanted(request)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    grids = kept_grids(actor)
    grid = chosen_grid(request, grids)
    found = progress([each.id for each in grids])
    here = surface.url("index")

    def address(**changed: str) -> str:
        said_here = {name: value for name, value in {**said, **changed}.items() if value}
        return f"{here}?{urlencode(said_here)}"

    context: dict[str, Any] = {
        **tabs(surface, "index"),
        "page": page,
        "rows": _harmless(waiting_lines(list(page.object_list), actor), surface),
        "lists": [
            {"label": label, "url": address(list=name), "current": name == said["list"], "count": None}
            for name, label in LISTS.items()
        ],
        "chosen": LISTS[said["list"]],
        "which": said["list"],
        "sums": _sum([found[each.id] for each in grids if grid is None or each == grid]),
        "q": said["q"],
        "grid": said["grid"],
        "grids": [
            {"area": each, "progress": found[each.id], "url": address(grid=str(each.id)), "current": each == grid}
            for each in grids
        ],
        "all_url": address(grid=""),
        "may_plan": may_plan(actor),
        "export_url": f"{surface.url('export')}?{urlencode(said)}" if not surface.is_phone else "",
    }
    return _kept(request, surface, surface.page(request, "index", context, heading=_("走访")))


def _sum(rows: list[Progress]) -> dict[str, int]:
    return {
        "planned": sum(row.planned for row in rows), "met": sum(row.met for row in rows),
        "tried": sum(row.tried for row in rows), "left": sum(row.left for row in rows),
        "year": sum(row.not_this_year for row in rows), "homes": sum(row.homes for row in rows),
    }  # fmt: skip


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """记一次走访: result, chips, a few words. ``purpose`` in the address chooses why."""
    actor = actor_of(request)
    home = find_household(actor, pk)
    asked = request.GET.get("purpose", "")
    initial = {"purpose": asked} if asked in Visit.Purpose.values else {}
    form = VisitForm(posted(request), initial=initial)

    def act() -> dict[str, Any]:
        return {"visit": log_visit(home, form.details(), actor=actor).pk}

    place = place_words(home)
    if request.method == "POST" and act_once(request, form, act):
        _thank(request, place, Visit.objects.filter(household=home, by_id=actor.membership_id).order_by("-pk").first())
        return redirect(surface.url("index"))
    lines = [line | {"words": ""} for line in visit_lines(_visits_of(home)[:3], actor)]
    context = {
        "form": form, "home": home, "place": place, "visits": lines, "is_ended": home.ended_on is not None,
        "household_url": surface.household_url(home.pk), "all_url": surface.url("household", home.pk),
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    answer = surface.page(request, "log", context, heading=_("记一次走访"), back=surface.url("index"), status=status)
    return _kept(request, surface, answer)


def _harmless(rows: list[dict[str, Any]], surface: Surface) -> list[dict[str, Any]]:
    """A list the phone may keep says nothing of a restricted tag."""
    if surface.is_phone:
        for row in rows:
            row["tags"] = [tag for tag in row["tags"] if not tag.is_sensitive]
    return rows


def _kept(request: HttpRequest, surface: Surface, answer: HttpResponse) -> HttpResponse:
    """The phone keeps the list and the form for where there is no network: places, no name, no number, no words."""
    if surface.is_phone and request.method == "GET":
        keep_offline(request, answer)
    return answer


def _thank(request: HttpRequest, place: str, made: Visit | None) -> None:
    """What was kept, and the way on: to mediators, or to a ticket. Both forms belong to the app above."""
    words, go = _("记下了：{place}").format(place=place), ""
    outcome = outcomes().get(made.outcome_id or 0) if made else None
    if made and outcome and outcome.offers_mediation:
        go = f"go={reverse('desk:visit_mediate', args=[made.pk])} {_('转调解')}"
    elif made and actor_of(request).role_kinds & _REPORTERS:
        go = f"go={reverse('worker:report')}?visit={made.pk} {_('有事要报')}"
    messages.success(request, words, extra_tags=go)


def _visits_of(home: Household) -> QuerySet[Visit]:
    return Visit.objects.filter(household=home).order_by("-at", "-pk")


@keepers_page
@require_safe
def household(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """Every visit to a household, the newest first; withdrawn ones are named as such."""
    actor = actor_of(request)
    home = find_household(actor, pk)
    page = Paginator(_visits_of(home), PAGE).get_page(request.GET.get("page"))
    context = {
        "home": home, "place": place_words(home), "page": page, "visits": visit_lines(page.object_list, actor),
        "log_url": surface.url("log", home.pk) if home.ended_on is None else "",
        "household_url": surface.household_url(home.pk),
    }  # fmt: skip
    return surface.page(request, "household", context, heading=_("走访记录"), back=surface.household_url(home.pk))


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_visit(actor, pk)
    form = PressForm(posted(request))

    def act() -> None:
        withdraw_visit(row, actor=actor)

    return act_page(
        request, surface, form, act, title=_("撤回这次走访"), verb=_("撤回"), done=_("撤回了，这次不算"),
        back=surface.url("household", row.household_id), what=_("记错了才撤回：这次不再计数，写的话删掉，不能恢复。"),
    )  # fmt: skip
