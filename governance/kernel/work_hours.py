"""Working hours as data: read from plain JSON, checked, and laid one version over the other. Pure.

A version holds from its first day on, whatever was planned for later days before it was made: so the newest decision
counts, and the hours of days gone by never change (SLA D.1; deadlines are stored and do not move).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from governance.kernel.calendar import Hours, HoursFrom, Season, YearSpan

_A_LEAP_YEAR = date(2024, 1, 1)


class HoursError(ValueError):
    """Hours that cannot be: ``place`` says where (``hours``, ``seasons.0``), ``code`` what.

    Codes: empty, half (one end is missing), backwards, overlap, short (less than an hour a day), bad_span,
    spans_overlap.
    """

    def __init__(self, place: str, code: str) -> None:
        super().__init__(f"{place}: {code}")
        self.place = place
        self.code = code


@dataclass(frozen=True)
class HoursPlan:
    """What one version says: the ordinary hours and those of parts of the year."""

    hours: Hours
    seasons: tuple[Season, ...] = ()

    def hours_json(self) -> list[list[str]]:
        return _as_json(self.hours)

    def seasons_json(self) -> list[dict[str, Any]]:
        return [
            {
                "from": "{:02d}-{:02d}".format(*season.span.first),
                "to": "{:02d}-{:02d}".format(*season.span.last),
                "hours": _as_json(season.hours),
            }
            for season in self.seasons
        ]

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data, to be stored or compared."""
        return {"hours": self.hours_json(), "seasons": self.seasons_json()}

    def from_day(self, since: date) -> HoursFrom:
        return HoursFrom(since, self.hours, self.seasons)


def read_hours(pairs: Iterable[Sequence[time | None]], place: str) -> Hours:
    """Intervals in order. Pairs of which both ends are missing are passed over. Raises ``HoursError``."""
    found: list[tuple[time, time]] = []
    for begin, end in pairs:
        if begin is None and end is None:
            continue
        if begin is None or end is None:
            raise HoursError(place, "half")
        if end <= begin:
            raise HoursError(place, "backwards")
        if found and begin <= found[-1][1]:
            raise HoursError(place, "overlap")
        found.append((begin, end))
    if not found:
        raise HoursError(place, "empty")
    if sum(_minutes(end) - _minutes(begin) for begin, end in found) < 60:
        raise HoursError(place, "short")
    return tuple(found)


def read_span(first: str, last: str, place: str) -> YearSpan:
    """``05-01`` and ``09-30``. Raises ``HoursError`` for what is no day of a year."""
    try:
        return YearSpan(_month_day(first), _month_day(last))
    except ValueError as error:
        raise HoursError(place, "bad_span") from error


def make_plan(hours: Hours, seasons: Sequence[Season]) -> HoursPlan:
    """Raises ``HoursError`` ``spans_overlap``: on no day two seasons may hold."""
    days = [_A_LEAP_YEAR + timedelta(days=number) for number in range(366)]
    for number, season in enumerate(seasons):
        if any(season.covers(day) and other.covers(day) for other in seasons[:number] for day in days):
            raise HoursError(f"seasons.{number}", "spans_overlap")
    return HoursPlan(hours, tuple(seasons))


def plan_of(hours: Any, seasons: Any) -> HoursPlan:
    """What a stored version says. Raises ``HoursError`` and ``ValueError`` for what was never checked."""
    return make_plan(
        read_hours(_times(hours), "hours"),
        [
            Season(read_span(row["from"], row["to"], "seasons"), read_hours(_times(row["hours"]), "seasons"))
            for row in seasons
        ],
    )


def laid_over(versions: Iterable[tuple[date, HoursPlan]]) -> tuple[HoursFrom, ...]:
    """Versions in the order they were made → what holds from which day, the earliest first."""
    found: list[HoursFrom] = []
    for since, plan in versions:
        found = [row for row in found if row.since < since]
        found.append(plan.from_day(since))
    return tuple(found)


def in_force(versions: Sequence[HoursFrom], day: date) -> HoursFrom | None:
    """The version that holds on that day; None where the shipped hours do."""
    return next((row for row in reversed(versions) if row.since <= day), None)


def spoken(hours: Hours) -> str:
    """08:30–12:00、14:00–17:30."""
    return "、".join(f"{begin:%H:%M}–{end:%H:%M}" for begin, end in hours)


def _times(pairs: Iterable[Sequence[str]]) -> list[tuple[time, time]]:
    return [(time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in pairs]


def _as_json(hours: Hours) -> list[list[str]]:
    return [[f"{begin:%H:%M}", f"{end:%H:%M}"] for begin, end in hours]


def _month_day(text: str) -> tuple[int, int]:
    month, day = (int(part) for part in text.strip().split("-"))
    return month, day


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
