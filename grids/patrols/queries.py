"""What a walker has before them: the running patrol, the shifts of today, what was left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from grids.patrols.models import BuildingRound, Patrol, PatrolCrew, PatrolShift
from grids.patrols.months import span_of
from grids.patrols.plans import plans_of
from grids.patrols.policies import PatrolPolicy, walked_grids
from grids.patrols.shifts import Shift, planned

State = Patrol.State
MOST_ROUNDS = 50


@dataclass(frozen=True)
class Now:
    """``running``: the own patrol of today; ``due``: the shift that can be begun now; ``next``: the one after it today.

    ``left_open``: the own patrol of the last two days that nobody ended.
    """

    running: Patrol | None
    due: Shift | None
    next: Shift | None
    done: int
    planned: int
    left_open: Patrol | None
    grid_id: int | None


def patrols_now(actor: Actor, *, now: datetime | None = None) -> Now:
    """The patrols of today for who walks a grid. Three statements; none for others."""
    moment = now or clock.now()
    day = clock.local(moment).date()
    grids = [grid.id for grid in walked_grids(actor)]
    if not grids:
        return Now(None, None, None, 0, 0, None, None)
    rows = list(
        Patrol.objects.filter(grid_id__in=grids, day__gte=day - timedelta(days=2))
        .exclude(state=State.WITHDRAWN)
        .prefetch_related("crew")
        .order_by("-started_at", "-pk")
    )
    mine = [row for row in rows if row.walker_id == actor.membership_id]
    done = {(row.plan_id, row.shift) for row in rows if row.day == day and row.state == State.FINISHED}
    shifts = [shift for _day, shift in planned(plans_of(grids, day, day), day, day, work_calendar())]
    open_ = sorted(
        (each for each in shifts if (each.plan_id, each.code) not in done and each.closes(day) > moment),
        key=lambda each: (each.opens_at, each.closes_at, each.plan_id),
    )
    due = next((each for each in open_ if each.takes(moment)), None)
    return Now(
        running=next((row for row in mine if row.state == State.RUNNING and row.day == day), None),
        due=due,
        next=next((each for each in open_ if each is not due), None),
        done=sum((each.plan_id, each.code) in done for each in shifts),
        planned=len(shifts),
        left_open=next((row for row in mine if row.day < day and row.state in (State.RUNNING, State.UNFINISHED)), None),
        grid_id=due.grid_id if due else grids[0],
    )


def patrols_of(actor: Actor) -> QuerySet[Patrol]:
    """Patrols the actor may see with their crews, the newest first."""
    crew = Prefetch("crew", PatrolCrew.objects.order_by("pk"))
    return PatrolPolicy.visible(actor).prefetch_related(crew).order_by("-started_at", "-pk")


def crew_words(crew: Iterable[PatrolCrew]) -> str:
    """Who walked along, by role: 民警 1 人、物业 2 人; empty for a patrol of one."""
    return "、".join(_("{role} {number} 人").format(role=row.get_role_display(), number=row.number) for row in crew)


def name_of(patrol: Patrol) -> str:
    """上午巡查, 加巡, 联防巡查; needs the crew."""
    if patrol.crew.all():
        return _("联防巡查")
    return _("{shift}巡查").format(shift=shift_name(patrol.shift)) if patrol.shift else _("加巡")


def shift_name(code: str) -> str:
    return str(PatrolShift.Code(code).label) if code else ""


def rounds_in(grid_id: int, month: date) -> list[BuildingRound]:
    """The walks of heads through buildings of a grid in a month, the newest first; at most ``MOST_ROUNDS``."""
    begin, end = span_of(month)
    rows = BuildingRound.objects.filter(building__grid_id=grid_id, at__gte=begin, at__lt=end)
    return list(rows.select_related("building").order_by("-at", "-pk")[:MOST_ROUNDS])
