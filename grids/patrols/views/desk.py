"""Patrols at the desk: shifts done of shifts planned by grid and month, opened to the days and patrols; plans."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock, features
from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from governance.kernel.keyed import KeyedForm, act_once
from grids.patrols.actions.plans import end_plan, set_plan
from grids.patrols.compliance import ShiftSeen, Walked, shifts_seen, walked
from grids.patrols.forms.plans import WEEKDAYS, PlanForm
from grids.patrols.models import BuildingRound, PatrolPlan
from grids.patrols.months import last_day, month_asked, months_back
from grids.patrols.points import PATROL_POINTS
from grids.patrols.policies import READERS, find_planned_grid, find_read_grid, planned_grids, read_grids
from grids.patrols.presentation.phone import line
from grids.patrols.queries import patrols_of, rounds_in, shift_name
from grids.reference import AreaRef, territory

PAGE = 50
MONTHS = 12
readers_page = staff_required(kinds=READERS)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _until(month: date) -> date:
    """The days of a month that have come."""
    return min(last_day(month), clock.today())


def _months(month: date) -> list[dict[str, Any]]:
    return [
        {"value": f"{each:%Y-%m}", "label": f"{each:%Y-%m}", "chosen": each == month} for each in months_back(MONTHS)
    ]


@readers_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every grid one reads: planned, done, finds of a month. ``community``, ``q`` narrow; ``behind``: rate below 1."""
    actor, places = _actor(request), territory()
    grids = read_grids(actor)
    month = month_asked(request.GET.get("month", ""))
    community, text = request.GET.get("community", ""), request.GET.get("q", "").strip()[:40]
    behind = request.GET.get("behind") == "1"
    communities = list(dict.fromkeys(grid.community_id for grid in grids))
    shown = [
        grid for grid in grids if (not community.isdigit() or grid.community_id == int(community)) and text in grid.name
    ]
    found = walked([grid.id for grid in shown], month, _until(month))
    if behind:
        shown = [grid for grid in shown if found[grid.id].done < found[grid.id].due]
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_grid_row(grid, found[grid.id], month) for grid in page.object_list],
        "total": _total([found[grid.id] for grid in shown]),
        "months": _months(month),
        "communities": [
            {"value": pk, "label": places.area_name(pk), "chosen": str(pk) == community} for pk in communities
        ],
        "q": text,
        "behind": behind,
        "is_filtered": bool(text or community or behind),
        "has_grids": bool(grids),
    }
    return render(request, "desk/patrols.html", context)


def _grid_row(grid: AreaRef, found: Walked, month: date) -> dict[str, Any]:
    return {
        "name": grid.name,
        "community": territory().area_name(grid.community_id),
        "url": f"{reverse('patrols_desk:grid', args=[grid.id])}?month={month:%Y-%m}",
        **_words(found),
    }


def _total(rows: list[Walked]) -> dict[str, Any]:
    names = ("planned", "due", "done", "unfinished", "extra", "finds")
    return _words(Walked(**{name: sum(getattr(row, name) for row in rows) for name in names}))


def _words(found: Walked) -> dict[str, Any]:
    return {
        "planned": found.planned,
        "due": found.due,
        "done": found.done,
        "unfinished": found.unfinished,
        "extra": found.extra,
        "finds": found.finds,
        "rate": "—" if found.rate is None else f"{found.rate:.0%}",
    }


@readers_page
@require_safe
def grid(request: HttpRequest, pk: int) -> HttpResponse:
    """One grid's month: its plans, every shift by day, and the patrols outside the plan."""
    actor = _actor(request)
    area = find_read_grid(actor, pk)
    month = month_asked(request.GET.get("month", ""))
    seen = shifts_seen([pk], month, _until(month))
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    extra = list(
        patrols_of(actor).filter(grid_id=pk, plan=None, day__gte=month, day__lte=last_day(month))[:PAGE]
    )  # fmt: skip
    walkers = {each.patrol.walker_id for each in page.object_list if each.patrol} | {row.walker_id for row in extra}
    names = staff_names(walkers)
    plans = PatrolPlan.objects.filter(grid_id=pk, ended_on=None).prefetch_related("shifts", "points").order_by("kind")
    context = {
        "area": area,
        "community": territory().area_name(area.community_id),
        "months": _months(month),
        **_words(walked([pk], month, _until(month))[pk]),
        "page": page,
        "rows": [_shift_row(each, names) for each in page.object_list],
        "extra_rows": [
            {**line(row, names), "url": reverse("patrols_desk:patrol", args=[row.client_id])} for row in extra
        ],
        "rounds": [_round_row(row) for row in rounds_in(pk, month)],
        "plans": [_plan_row(plan, pk) for plan in plans],
        "kinds": [
            {"label": kind.label, "url": reverse("patrols_desk:plan", args=[pk, kind.value])}
            for kind in PatrolPlan.Kind
            if kind.value not in [plan.kind for plan in plans]
        ],
        "may_plan": pk in [row.id for row in planned_grids(actor)],
    }
    return render(request, "desk/patrols_grid.html", context)


def _round_row(row: BuildingRound) -> dict[str, Any]:
    """Of the building, not of who walked: heads of buildings are neighbours, and nobody counts their walks."""
    return {
        "day": row.at,
        "place": row.building.name if row.unit is None else f"{row.building.name}{_('{n}单元').format(n=row.unit)}",
        "problems": "、".join(row.problems),
        "is_reported": row.reported_at is not None,
    }


def _shift_row(seen: ShiftSeen, names: dict[int, str]) -> dict[str, Any]:
    row = seen.patrol
    if row is not None:
        state, kind = row.get_state_display(), "done" if seen.is_done else "hold" if seen.is_over else "doing"
    else:
        state, kind = (_("没有巡"), "hold") if seen.is_over else (_("还没到时间"), "new")
    return {
        "day": seen.day,
        "shift": shift_name(seen.shift.code),
        "plan": PatrolPlan.Kind(seen.shift.kind).label,
        "planned": f"{seen.shift.opens_at:%H:%M}–{seen.shift.closes_at:%H:%M}",
        "state": state,
        "kind": kind,
        "walked": line(row, names) if row is not None else None,
        "url": reverse("patrols_desk:patrol", args=[row.client_id]) if row is not None else "",
    }


def _plan_row(plan: PatrolPlan, grid_id: int) -> dict[str, Any]:
    names = dict(WEEKDAYS)
    shifts = sorted(plan.shifts.all(), key=lambda row: row.opens_at)
    return {
        "kind": plan.get_kind_display(),
        "days": _("周一到周五")
        if plan.weekdays == [1, 2, 3, 4, 5]
        else "、".join(str(names[n]) for n in plan.weekdays),
        "off": _("节假日也巡") if plan.on_days_off else _("按本区工作日历，节假日不巡"),
        "shifts": "、".join(f"{shift_name(row.code)} {row.opens_at:%H:%M}–{row.closes_at:%H:%M}" for row in shifts),
        "points": "、".join(row.title for row in sorted(plan.points.all(), key=lambda row: row.position)),
        "since": plan.starts_on,
        "is_coming": plan.starts_on > clock.today(),
        "url": reverse("patrols_desk:plan", args=[grid_id, plan.kind]),
        "end_url": reverse("patrols_desk:plan_end", args=[grid_id, plan.kind]),
    }


@readers_page
@require_safe
def patrol(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """One patrol with what was found on it."""
    row = patrols_of(_actor(request)).filter(client_id=client_id).first()
    if row is None:
        raise NotFound("no_patrol", _("没有这次巡查，或者不在您的范围。"))
    checks = row.checks.select_related("point").order_by("at") if row.plan_id else []
    context = {
        "patrol": row,
        "row": line(row, staff_names([row.walker_id])),
        "points": [{"title": each.point.title, "at": each.at} for each in checks],
        "back_url": f"{reverse('patrols_desk:grid', args=[row.grid_id])}?month={row.day:%Y-%m}",
    }
    return render(request, "desk/patrol.html", context)


def _planned(actor: Actor, pk: int, kind: str) -> AreaRef:
    if kind not in PatrolPlan.Kind.values:
        raise NotFound("no_plan", _("没有这种计划。"))
    return find_planned_grid(actor, pk)


@readers_page
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Set a grid's plan; a change holds from tomorrow."""
    actor = _actor(request)
    area = _planned(actor, pk, kind)
    known = PatrolPlan.objects.filter(grid_id=pk, kind=kind, ended_on=None).first()
    siblings = [row.id for row in planned_grids(actor) if row.community_id == area.community_id]
    form = PlanForm(
        request.POST if request.method == "POST" else None, initial=PlanForm.of(known),
        has_points=kind == PatrolPlan.Kind.SAFETY and features.is_on(PATROL_POINTS), many=len(siblings),
    )  # fmt: skip

    def act() -> dict[str, Any]:
        grids = siblings if form.cleaned_data.get("everywhere") else [pk]
        return {"plans": [row.pk for row in set_plan(grids, kind, form.said(), actor=actor)]}

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("计划定好了。"))
        return redirect("patrols_desk:grid", pk=pk)
    context = {
        "area": area, "form": form, "kind": PatrolPlan.Kind(kind).label, "known": known,
        "back_url": reverse("patrols_desk:grid", args=[pk]),
    }  # fmt: skip
    return render(request, "desk/patrol_plan.html", context, status=422 if form.is_bound else 200)


@readers_page
@require_http_methods(["GET", "HEAD", "POST"])
def plan_end(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """No more patrols of this kind from tomorrow on, after a question."""
    actor = _actor(request)
    area = _planned(actor, pk, kind)
    form = KeyedForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        end_plan(pk, kind, actor=actor)

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("从明天起不再排。"))
        return redirect("patrols_desk:grid", pk=pk)
    context = {
        "area": area, "form": form, "kind": PatrolPlan.Kind(kind).label,
        "back_url": reverse("patrols_desk:grid", args=[pk]),
    }  # fmt: skip
    return render(request, "desk/patrol_plan_end.html", context, status=422 if form.is_bound else 200)
