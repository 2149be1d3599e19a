"""On which days a plan is walked, and to which shift a moment belongs. No database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from governance.kernel.calendar import SHANGHAI, WorkCalendar

EVERY_WORKDAY = frozenset({1, 2, 3, 4, 5})
EARLY = timedelta(minutes=60)
"""Who begins so long before a shift opens walks that shift."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of a plan. Times are of the day in Shanghai."""

    plan_id: int
    grid_id: int
    kind: str
    code: str
    opens_at: time
    closes_at: time

    def opens(self, day: date) -> datetime:
        return datetime.combine(day, self.opens_at, SHANGHAI)

    def closes(self, day: date) -> datetime:
        return datetime.combine(day, self.closes_at, SHANGHAI)

    def takes(self, moment: datetime) -> bool:
        """Whether a patrol begun at that moment is this shift."""
        day = moment.astimezone(SHANGHAI).date()
        return self.opens(day) - EARLY <= moment < self.closes(day)


@dataclass(frozen=True)
class Plan:
    """A plan as it holds from its first to its last day (open where None)."""

    id: int
    grid_id: int
    kind: str
    weekdays: frozenset[int]
    on_days_off: bool
    starts_on: date
    ended_on: date | None
    shifts: tuple[Shift, ...]

    def runs_on(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether the day is walked (S3-21: working days by the district's own calendar).

        A weekend day that is worked (调休) stands for a working day of the week: it counts for who walks all of them.
        """
        if day < self.starts_on or (self.ended_on is not None and day > self.ended_on):
            return False
        weekday = day.isoweekday()
        if self.on_days_off:
            return weekday in self.weekdays
        if not calendar.is_working(day):
            return False
        return weekday in self.weekdays or (weekday not in EVERY_WORKDAY and self.weekdays >= EVERY_WORKDAY)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def planned(plans: Iterable[Plan], first: date, last: date, calendar: WorkCalendar) -> Iterator[tuple[date, Shift]]:
    """Every shift planned in these days, plan by plan."""
    for plan in plans:
        for day in days(max(first, plan.starts_on), last):
            if plan.runs_on(day, calendar):
                for shift in plan.shifts:
                    yield day, shift


def shift_for(plans: Iterable[Plan], moment: datetime, calendar: WorkCalendar) -> Shift | None:
    """The shift a patrol begun at that moment is: the one closing first; None where nothing is planned then."""
    day = moment.astimezone(SHANGHAI).date()
    found = [shift for plan in plans if plan.runs_on(day, calendar) for shift in plan.shifts if shift.takes(moment)]
    return min(found, key=lambda shift: (shift.closes_at, shift.plan_id), default=None)
