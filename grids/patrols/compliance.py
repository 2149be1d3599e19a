"""Shifts done of shifts planned (kpi E.10), by grid: with its own plan, never one person with another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum

from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from grids.patrols.models import Patrol
from grids.patrols.plans import plans_of
from grids.patrols.shifts import Shift, planned

State = Patrol.State


@dataclass(frozen=True)
class ShiftSeen:
    """A planned shift of a day. ``is_over``: its time has passed; ``patrol``: the one that did it, else the last."""

    day: date
    shift: Shift
    is_done: bool
    is_over: bool
    patrol: Patrol | None = None


@dataclass(frozen=True)
class Walked:
    """``due``: planned shifts whose time has passed or that are done; ``planned``: all of the days asked for."""

    planned: int = 0
    due: int = 0
    done: int = 0
    unfinished: int = 0
    extra: int = 0
    finds: int = 0

    @property
    def rate(self) -> float | None:
        return self.done / self.due if self.due else None


def walked(grid_ids: Iterable[int], first: date, last: date, *, now: datetime | None = None) -> dict[int, Walked]:
    """Planned and done shifts of these grids from ``first`` to ``last``. Four statements whatever their number.

    A shift is done once a patrol of it is finished, by whoever walks the grid; a second one adds nothing.
    """
    grids, moment = list(grid_ids), now or clock.now()
    rows = Patrol.objects.filter(grid_id__in=grids, day__gte=first, day__lte=last)
    finished = rows.filter(state=State.FINISHED)
    done = set(finished.exclude(plan_id=None).values_list("plan_id", "day", "shift"))
    counted = rows.order_by().values("grid_id").annotate(
        unfinished=Count("pk", filter=Q(state=State.UNFINISHED)),
        extra=Count("pk", filter=Q(state=State.FINISHED, plan_id=None)),
        finds=Sum("find_count", filter=~Q(state=State.WITHDRAWN)),
    )  # fmt: skip
    beside = {row.pop("grid_id"): {name: number or 0 for name, number in row.items()} for row in counted}
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for day, shift in planned(plans_of(grids, first, last), first, last, work_calendar()):
        is_done = (shift.plan_id, day, shift.code) in done
        total = sums[shift.grid_id]
        total[0] += 1
        total[1] += is_done or shift.closes(day) <= moment
        total[2] += is_done
    return {pk: Walked(*sums[pk], **beside.get(pk, {})) for pk in grids}


def shifts_seen(grid_ids: Iterable[int], first: date, last: date, *, now: datetime | None = None) -> list[ShiftSeen]:
    """Every planned shift of these days with the patrol that did it; the newest day first. Three statements."""
    grids, moment = list(grid_ids), now or clock.now()
    tries: dict[tuple[int, date, str], Patrol] = {}
    rows = Patrol.objects.filter(grid_id__in=grids, day__gte=first, day__lte=last).exclude(plan_id=None)
    for row in rows.exclude(state=State.WITHDRAWN).order_by("started_at", "pk"):
        key = (row.plan_id or 0, row.day, row.shift)
        if key not in tries or tries[key].state != State.FINISHED:
            tries[key] = row
    found = []
    for day, shift in planned(plans_of(grids, first, last), first, last, work_calendar()):
        patrol = tries.get((shift.plan_id, day, shift.code))
        is_done = patrol is not None and patrol.state == State.FINISHED
        found.append(ShiftSeen(day, shift, is_done, is_done or shift.closes(day) <= moment, patrol))
    return sorted(found, key=lambda seen: (-seen.day.toordinal(), seen.shift.grid_id, seen.shift.opens_at))
