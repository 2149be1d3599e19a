"""What other working hours would mean for limits that begin from now on. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from governance.kernel.calendar import SHANGHAI, WorkCalendar
from governance.kernel.calendar_store import work_calendar
from governance.kernel.work_hours import HoursPlan
from requests_intake import sla
from requests_intake.models import Clock
from requests_intake.reference import rules

_MOMENTS = (time(9, 0), time(16, 0))
_CLASSES = ("minor", "normal", "complex")


@dataclass(frozen=True)
class Example:
    """A limit that begins at ``start``, and when it ends under the hours of now and under the new ones."""

    klass: str
    name: str
    limit: sla.Limit
    start: datetime
    before: datetime
    after: datetime

    @property
    def moves(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class HoursEffect:
    """``running``: clocks counted in working time that end after the change; not one of them moves."""

    examples: tuple[Example, ...]
    running: int


def with_plan(calendar: WorkCalendar, plan: HoursPlan, starts_on: date) -> WorkCalendar:
    """The calendar as it would be."""
    kept = tuple(version for version in calendar.versions if version.since < starts_on)
    return replace(calendar, versions=(*kept, plan.from_day(starts_on)))


def effect_of_hours(plan: HoursPlan, starts_on: date) -> HoursEffect:
    """Sign and resolve limits of the ordinary classes, begun on the first working day of the new hours."""
    before = work_calendar()
    after = with_plan(before, plan, starts_on)
    day = starts_on if before.is_working(starts_on) else before.next_working_day(starts_on)
    _version, policy = rules().policy()
    examples = []
    for at in _MOMENTS:
        start = datetime.combine(day, at, SHANGHAI)
        for klass in _CLASSES:
            limits = policy.classes[sla.Klass(klass)]
            for name, limit in (("sign", limits.sign), ("resolve", limits.resolve)):
                if limit.unit.is_working:
                    ends = (sla.due_at(start, limit, calendar) for calendar in (before, after))
                    examples.append(Example(klass, name, limit, start, *ends))
    units = [unit.value for unit in sla.Unit if unit.is_working]
    first = datetime.combine(starts_on, time.min, SHANGHAI)
    running = Clock.objects.filter(stopped_at=None, limit_unit__in=units, due_at__gte=first).count()
    return HoursEffect(tuple(examples), running)
