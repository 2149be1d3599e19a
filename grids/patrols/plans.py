"""Plans as they hold, read once for many grids: two statements whatever their number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from grids.patrols.models import PatrolPlan
from grids.patrols.shifts import Plan, Shift


def plans_of(grid_ids: Iterable[int], first: date, last: date) -> list[Plan]:
    """Plans that hold on some day from ``first`` to ``last`` in these grids."""
    rows = PatrolPlan.objects.filter(grid_id__in=list(grid_ids), starts_on__lte=last)
    rows = rows.filter(Q(ended_on=None) | Q(ended_on__gte=first)).order_by("grid_id", "starts_on", "pk")
    return [as_plan(row) for row in rows.prefetch_related("shifts")]


def as_plan(row: PatrolPlan) -> Plan:
    shifts = sorted(row.shifts.all(), key=lambda shift: shift.opens_at)
    return Plan(
        row.pk, row.grid_id, row.kind, frozenset(row.weekdays), row.on_days_off, row.starts_on, row.ended_on,
        tuple(Shift(row.pk, row.grid_id, row.kind, each.code, each.opens_at, each.closes_at) for each in shifts),
    )  # fmt: skip
