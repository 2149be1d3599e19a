"""网格调整 at the desk: the secretary proposes, the street's dispatcher decides (S1-09b)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm, act_once
from grids.models import Area, Building
from grids.reference import territory
from grids.territory.actions.decide import approve_change, refuse_change
from grids.territory.actions.propose import propose_merge, propose_split, withdraw_change
from grids.territory.forms import DecideForm, MergeForm, PlainForm, SplitForm
from grids.territory.judging import Judged, buildings_of, judge_merge, judge_split, neighbours_of
from grids.territory.models import GridChange
from grids.territory.policies import (
    PROPOSERS,
    READERS,
    communities,
    find_change,
    find_grid,
    may_decide,
    may_propose,
    require_decider,
    visible,
)
from grids.territory.presentation import LAMPS, drawn, line, moved_rows, pieces
from grids.views.maps import datum, map_context, map_page

PAGE = 30
readers_page = staff_required(kinds=READERS)
proposers_page = staff_required(kinds=PROPOSERS)


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@readers_page
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Changes of the own communities, open ones first; whoever may propose finds their grids here too."""
    actor = actor_of(request)
    rows = visible(actor).select_related("grid", "target", "community")
    open_first = rows.filter(state=GridChange.State.PROPOSED).order_by("proposed_at", "pk")
    page = Paginator(rows.exclude(state=GridChange.State.PROPOSED).order_by("-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    own = [row.id for row in communities(actor, PROPOSERS)]
    grids = Area.objects.filter(level="grid", ended_on=None, community_id__in=own).order_by("path") if own else []
    context = {
        "waiting": [_row(row, actor) for row in open_first[:PAGE]],
        "page": page,
        "rows": [_row(row, actor) for row in page.object_list],
        "grids": grids,
        "total": len(territory().at_level("grid")),
    }
    return render(request, "desk/territory.html", context)


def _row(change: GridChange, actor: Actor) -> dict[str, Any]:
    return {
        "change": change, "line": line(change), "lamp": LAMPS[change.state],
        "url": reverse("territory_desk:change", args=[change.pk]), "is_mine": may_decide(actor, change),
    }  # fmt: skip


@proposers_page
@map_page
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Which building goes into which part, by map or list; looked at first, then proposed."""
    actor = actor_of(request)
    grid = find_grid(actor, pk)
    buildings = buildings_of(grid)
    form = SplitForm(request.POST if request.method == "POST" else None, grid=grid, buildings=buildings)

    def judge() -> Judged:
        return judge_split(grid, form.names, form.choice)

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        change = propose_split(
            grid, names=form.names, choice=form.choice, reason=said["reason"], apart_reason=said["apart_reason"],
            actor=actor,
        )  # fmt: skip
        return {"id": change.pk}

    return _proposal(request, "split", grid, form, judge, act, [grid], buildings)


@proposers_page
@map_page
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    grid = find_grid(actor, pk)
    near = neighbours_of(grid)
    form = MergeForm(request.POST if request.method == "POST" else None, neighbours=near)

    def target() -> Area:
        return next(row for row in near if str(row.pk) == form.cleaned_data["target"])

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        change = propose_merge(
            grid, into=target(), reason=said["reason"], apart_reason=said["apart_reason"], actor=actor
        )
        return {"id": change.pk}

    rows = Building.objects.filter(grid=grid, ended_on=None)
    return _proposal(request, "merge", grid, form, lambda: judge_merge(grid, target()), act, [grid, *near], rows)


def _proposal(
    request: HttpRequest, kind: str, grid: Area, form: KeyedForm, judge: Callable[[], Judged],
    act: Callable[[], dict[str, Any]], grids: list[Area], buildings: Any,
) -> HttpResponse:  # fmt: skip
    """``step`` of the POST: look (judged and drawn) or send."""
    judged: Judged | None = None
    if form.is_bound and form.is_valid():
        if request.POST.get("step") == "send" and act_once(request, form, act):
            messages.success(request, _("已提交，等街道审批。定下来之前可以撤回。"))
            return redirect("territory_desk:changes")
        judged = judge()
        _say(form, judged)
    known = form.is_bound and bool(form.errors)
    households = sum(row.household_count for row in buildings) if kind == "split" else 0
    context = {
        "grid": grid, "form": form, "judged": judged, "pieces": pieces(judged) if judged else [], "kind": kind,
        "may_send": judged is not None and not judged.problems, "households": households,
        "shapes": drawn(grids, buildings, judged, datum()),
        "map": map_context(grid.pk, mode=kind, label=_("{name}的楼栋和边界").format(name=grid.name)),
    }  # fmt: skip
    return render(request, f"desk/territory_{kind}.html", context, status=422 if known else 200)


def _say(form: KeyedForm, judged: Judged) -> None:
    """What refuses is said where the act would say it."""
    for words in judged.problems:
        if words not in form.non_field_errors():
            form.add_error("target" if "target" in form.fields else None, words)
    if judged.apart and not form.cleaned_data.get("apart_reason") and "apart_reason" not in form.errors:
        names = "、".join(judged.apart)
        form.add_error("apart_reason", _("不连片：{names} 会分成几块，请写明原因。").format(names=names))


@readers_page
@map_page
@require_safe
def change(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    return _change_page(request, find_change(actor, pk), DecideForm())


def _change_page(request: HttpRequest, found: GridChange, form: KeyedForm, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    is_open = found.state == GridChange.State.PROPOSED
    parts = list(found.parts.order_by("place"))
    judged: Judged | None = None
    if is_open:
        judged = _judged(found, parts)
    people = staff_names([pk for pk in (found.proposed_by_id, found.decided_by_id) if pk is not None])
    grids = [row for row in (found.grid, found.target) if row is not None]
    buildings = Building.objects.filter(grid=found.grid, ended_on=None)
    context = {
        "change": found, "line": line(found), "lamp": LAMPS[found.state], "parts": parts, "judged": judged,
        "pieces": pieces(judged) if judged else [], "moved": moved_rows(found),
        "proposer": people.get(found.proposed_by_id, ""), "decider": people.get(found.decided_by_id or 0, ""),
        "may_decide": is_open and may_decide(actor, found),
        "may_withdraw": is_open and may_propose(actor, found.community_id),
        "form": form, "plain": PlainForm(),
        "shapes": drawn(grids, buildings if is_open else [], judged, datum()),
        "map": map_context(found.grid_id, mode="look", label=line(found)),
    }  # fmt: skip
    return render(request, "desk/territory_change.html", context, status=status)


def _judged(found: GridChange, parts: list[Any]) -> Judged:
    if found.target is not None:
        return judge_merge(found.grid, found.target)
    choice = dict(found.buildings.values_list("building_id", "part__place"))
    return judge_split(found.grid, [part.name for part in parts], {pk: place - 1 for pk, place in choice.items()})


@readers_page
@map_page
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """``verb``: approve or refuse."""
    actor = actor_of(request)
    found = find_change(actor, pk)
    require_decider(actor, found)
    form = DecideForm(request.POST)
    if request.POST.get("verb") == "approve":
        done = _("已同意，从今天起生效。")

        def act() -> None:
            approve_change(found, note=form.cleaned_data["decision"], actor=actor)
    else:
        done = _("已退回社区。")

        def act() -> None:
            refuse_change(found, reason=form.cleaned_data["decision"], actor=actor)

    if act_once(request, form, act):
        messages.success(request, done)
        return redirect("territory_desk:change", pk=pk)
    return _change_page(request, found, form, 422)


@proposers_page
@map_page
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    found = find_change(actor, pk)
    form = PlainForm(request.POST)
    if act_once(request, form, lambda: {"id": withdraw_change(found, actor=actor).pk}):
        messages.success(request, _("已撤回，网格没有变。"))
        return redirect("territory_desk:changes")
    return _change_page(request, found, form, 422)
