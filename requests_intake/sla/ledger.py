"""The ledger of a clock, computed again line by line (SLA D.1, D.5, D.6, D.12). Pure.

Every line of the ledger carries what it was computed from, the calendar of its days included. So a deadline can be
checked when the calendar, the hours or the limits have long changed: what was told to somebody stays explainable.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from governance.kernel.calendar import DEFAULT_HOURS, Hours, HoursFrom, WorkCalendar, local_date

from .units import Limit, Unit
from .worktime import cap_to_promise, due_at, shift_by_pause, shift_by_working

_ONE_DAY = timedelta(days=1)
_FRIDAY = 4


def extended(due: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """A deadline moved later by an extension (SLA D.6), by exactly that much time.

    Whole working days after a deadline at the close of work end at the close of work again, however long those days
    are; every other deadline moves by the working time of the limit, counted in days of the deadline's own length.
    """
    if limit.unit is Unit.WORK_DAY:
        day = local_date(due)
        if calendar.is_working(day) and due == calendar.closing(day):
            return due_at(due, limit, calendar)
        return shift_by_working(due, limit.value * calendar.day_seconds_on(day), calendar)
    if limit.unit is Unit.WORK_HOUR:
        return shift_by_working(due, limit.value * 3600, calendar)
    if limit.unit is Unit.CAL_DAY:
        return due + timedelta(days=limit.value)
    return due_at(due, limit, calendar)


def excerpt(calendar: WorkCalendar, *moments: datetime) -> dict[str, Any]:
    """What the calendar says of the days from the earliest to the latest of ``moments``, as plain data.

    ``off``: weekdays that are not worked; ``on``: weekend days that are; ``hours``: from which day which hours hold,
    left out where they are the ordinary ones.
    """
    days = [local_date(moment) for moment in moments]
    first, last = min(days), max(days) + _ONE_DAY
    return dict(_excerpt(calendar, first, last))


def _excerpt(calendar: WorkCalendar, first: date, last: date) -> dict[str, Any]:
    off: list[str] = []
    on: list[str] = []
    hours: list[Any] = []
    known: Hours = DEFAULT_HOURS
    day = first
    while day <= last:
        works = calendar.is_working(day)
        if works != (day.weekday() <= _FRIDAY):
            (on if works else off).append(day.isoformat())
        holding = calendar.hours_on(day)
        if holding != known:
            hours.append([day.isoformat(), [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in holding]])
            known = holding
        day += _ONE_DAY
    return {name: value for name, value in (("off", off), ("on", on), ("hours", hours)) if value}


def calendar_of(data: Mapping[str, Any]) -> WorkCalendar:
    """The calendar of an excerpt: right for its own days, Monday to Friday elsewhere."""
    return _calendar(json.dumps(data, sort_keys=True))


@lru_cache(maxsize=4096)
def _calendar(text: str) -> WorkCalendar:
    data = json.loads(text)
    exceptions = {date.fromisoformat(day): False for day in data.get("off", ())}
    exceptions |= {date.fromisoformat(day): True for day in data.get("on", ())}
    versions = tuple(
        HoursFrom(
            date.fromisoformat(since),
            tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in hours),
        )
        for since, hours in data.get("hours", ())
    )
    return WorkCalendar(exceptions=exceptions, published_years=_EVERY_YEAR, versions=versions)


class _EveryYear(frozenset[int]):
    """Of an excerpt nothing is provisional: its exceptions are all there are."""

    def __contains__(self, year: object) -> bool:
        return True


_EVERY_YEAR = _EveryYear()


@dataclass(frozen=True)
class Entry:
    """A line as it was written: ``kind`` of ``ClockEntry.Kind``, ``due`` the deadline that was stored after it.

    ``facts``: ``from`` and ``limit``, and ``promise`` or ``ceiling`` where it was cut; or ``fixed``, a chosen moment.
    """

    kind: str
    at: datetime
    due: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """A line computed again. ``own``: the deadline before it was cut to a ceiling, where there was one.

    ``agrees``: whether the stored deadline is the computed one.
    """

    entry: Entry
    before: datetime | None
    due: datetime
    own: datetime

    @property
    def agrees(self) -> bool:
        return self.due == self.entry.due

    @property
    def was_cut(self) -> bool:
        return self.own != self.due


def replayed(entries: Iterable[Entry]) -> list[Step]:
    """Every line computed again from the one before it, never from what was stored (save what was taken over)."""
    steps: list[Step] = []
    due: datetime | None = None
    for entry in entries:
        own, fresh = _after(entry, due)
        steps.append(Step(entry, due, fresh, own))
        due = fresh
    return steps


def _after(entry: Entry, due: datetime | None) -> tuple[datetime, datetime]:
    facts = entry.facts
    calendar = calendar_of(facts.get("calendar", {}))
    if facts.get("fixed"):
        chosen = datetime.fromisoformat(facts["fixed"])
        return chosen, chosen
    if entry.kind == "start":
        own = due_at(datetime.fromisoformat(facts["from"]), limit_of(facts), calendar)
        return own, _under_ceiling(own, entry, calendar)
    if due is None or entry.kind == "taken_over":
        return entry.due, entry.due
    if entry.kind == "extension":
        own = extended(due, limit_of(facts), calendar)
        return own, own
    if entry.kind == "resume" and facts.get("moves"):
        held_from = datetime.fromisoformat(facts["held_from"])
        own = shift_by_pause(due, held_from, entry.at, Unit(facts["unit"]), calendar)
        return own, _under_ceiling(own, entry, calendar)
    return due, due


def _under_ceiling(own: datetime, entry: Entry, calendar: WorkCalendar) -> datetime:
    facts = entry.facts
    if facts.get("promise"):
        return cap_to_promise(own, datetime.fromisoformat(facts["promise"]), entry.at, calendar).due
    if facts.get("ceiling"):
        return min(own, datetime.fromisoformat(facts["ceiling"]))
    return own


def limit_of(facts: Mapping[str, Any]) -> Limit:
    """The limit a line was computed with."""
    value, unit = facts["limit"]
    return Limit(value, Unit(unit))


@dataclass(frozen=True)
class Day:
    """A day a limit ran over: how much of it counted, and why it did or did not.

    ``kind``: working, makeup (worked weekend day), weekend, holiday, first (day of the start, not counted).
    """

    day: date
    seconds: float
    kind: str


def days_counted(start: datetime, due: datetime, unit: Unit, calendar: WorkCalendar, *, most: int = 120) -> list[Day]:
    """Day by day what counted between two moments, for limits in working time; empty for calendar limits.

    In working days the day of ``start`` is not counted (SLA D.1). At most ``most`` days are listed.
    """
    if not unit.is_working:
        return []
    found: list[Day] = []
    first, last = local_date(start), local_date(due)
    day = first
    while day <= last and len(found) < most:
        if not calendar.is_working(day):
            found.append(Day(day, 0, "holiday" if day.weekday() <= _FRIDAY else "weekend"))
        elif unit is Unit.WORK_DAY and day == first and day != last:
            found.append(Day(day, 0, "first"))
        else:
            seconds = sum(
                max(0.0, (min(end, due) - (max(begin, start) if unit is Unit.WORK_HOUR else begin)).total_seconds())
                for begin, end in calendar.working_intervals(day)
            )
            found.append(Day(day, seconds, "working" if day.weekday() <= _FRIDAY else "makeup"))
        day += _ONE_DAY
    return found
