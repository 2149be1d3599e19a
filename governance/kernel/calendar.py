"""Working time: which days count, and when on a day people are at work.

Pure: no Django, no database. The rows of the editable calendar table are turned into one ``WorkCalendar`` and every
deadline is computed on that. Storage is UTC, days are judged in Asia/Shanghai (SLA D.9).

Sources: SLA D.1 (working hours), standards B.7 (the published schedule and its test vectors), read_first 7 (years
that are not published yet). Statutory days: 《全国年节及纪念日放假办法》 as revised for 2025.
"""

import calendar as month_calendar
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

Hours = tuple[tuple[time, time], ...]

DEFAULT_HOURS: Hours = ((time(8, 30), time(12, 0)), (time(14, 0), time(17, 30)))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Statutory days whose date is certain long before the yearly schedule: solar ones by rule, lunar ones by almanac.
_FIXED_DAYS = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
_SPRING_FESTIVAL = {2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23)}
_DRAGON_BOAT = {2027: (6, 9), 2028: (5, 28), 2029: (6, 16), 2030: (6, 5), 2031: (6, 24)}
_MID_AUTUMN = {2027: (9, 15), 2028: (10, 3), 2029: (9, 22), 2030: (9, 12), 2031: (10, 1)}


class CalendarNotPublished(LookupError):
    """The national schedule of holidays and make-up working days for ``year`` is not known yet."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the holiday schedule of {year} has not been published")
        self.year = year


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC. Raises ``ValueError`` for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be placed on the calendar")
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC moment ``micros`` microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def local_date(moment: datetime) -> date:
    """The day it is in Shanghai at that moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no day")
    return moment.astimezone(SHANGHAI).date()


def _check_hours(hours: Hours) -> None:
    moments = [moment for interval in hours for moment in interval]
    if not moments or moments != sorted(set(moments)):
        raise ValueError("working hours must be intervals in order that neither touch nor overlap")


@dataclass(frozen=True)
class YearSpan:
    """A part of every year as (month, day), both days included; may run over the new year (15 Nov to 15 Mar).

    Raises ``ValueError`` for a day no year has.
    """

    first: tuple[int, int]
    last: tuple[int, int]

    def __post_init__(self) -> None:
        for month, day in (self.first, self.last):
            date(2024, month, day)  # a leap year, so that 29 February is a valid border

    def covers(self, day: date) -> bool:
        """Whether the day lies in the span."""
        key = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last


@dataclass(frozen=True)
class Season:
    """Other working hours in a part of the year (SLA D.1)."""

    span: YearSpan
    hours: Hours

    def __post_init__(self) -> None:
        _check_hours(self.hours)

    def covers(self, day: date) -> bool:
        """Whether these hours hold on that day."""
        return self.span.covers(day)


@dataclass(frozen=True)
class HoursFrom:
    """A version of the working hours: what holds from ``since`` on, until the next version begins."""

    since: date
    hours: Hours
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        _check_hours(self.hours)


@dataclass(frozen=True)
class _Index:
    """Everything computed for the years ``first_year`` to ``last_year``, in flat sorted lists for bisection."""

    first_year: int
    last_year: int
    days: list[int]  # ordinals of working days
    opens: list[int]  # microseconds at which a working interval begins …
    closes: list[int]  # … and ends
    done: list[int]  # working microseconds from the start of the index to the end of the interval


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked and at which hours.

    ``exceptions``: True for a weekend day that is worked (调休), False for a weekday that is off.
    ``published_years``: years whose national schedule is entered; in other years Monday to Friday are worked except
    statutory days of certain date, and dates there are provisional (read_first 7).
    ``versions``: hours that replace ``hours`` and ``seasons`` from a day on, the earliest first. What was worked
    before that day stays worked, so that used time is never reckoned anew.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    published_years: frozenset[int] = frozenset()
    hours: Hours = DEFAULT_HOURS
    seasons: tuple[Season, ...] = ()
    versions: tuple[HoursFrom, ...] = ()
    _index: _Index | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_hours(self.hours)
        begins = [version.since for version in self.versions]
        if begins != sorted(set(begins)):
            raise ValueError("versions of the working hours begin on different days, the earliest first")
        object.__setattr__(self, "exceptions", dict(self.exceptions))

    @classmethod
    def national(cls, years: Iterable[int], *, hours: Hours = DEFAULT_HOURS) -> "WorkCalendar":
        """The national calendar of these years; years not published yet fall back and are not marked published."""
        exceptions: dict[date, bool] = {}
        published = set()
        for year in years:
            try:
                exceptions.update(national_exceptions(year))
                published.add(year)
            except CalendarNotPublished:
                exceptions.update(fallback_exceptions(year))
        return cls(exceptions, frozenset(published), hours)

    def day_seconds_on(self, day: date) -> int:
        """Length of the working day in seconds, were it one: 25,200 (7 h) by default (SLA D.1)."""
        return sum(_seconds(end) - _seconds(start) for start, end in self.hours_on(day))

    def closing_time_on(self, day: date) -> time:
        """When work ends on that day, were it a working day: 17:30 by default (SLA D.1)."""
        return self.hours_on(day)[-1][1]

    def is_published(self, year: int) -> bool:
        """Whether the year's schedule is final, so that dates in it will not move."""
        return year in self.published_years

    def is_working(self, day: date) -> bool:
        """Whether people are at work on that day."""
        known = self.exceptions.get(day)
        if known is not None:
            return known
        if day.weekday() >= month_calendar.SATURDAY:
            return False
        return day.year in self.published_years or day not in fallback_exceptions(day.year)

    def hours_on(self, day: date) -> Hours:
        """The working hours that hold on that day of the year, were it a working day."""
        hours, seasons = self.hours, self.seasons
        if self.versions and (number := bisect_right(self.versions, day, key=lambda version: version.since)):
            hours, seasons = self.versions[number - 1].hours, self.versions[number - 1].seasons
        for season in seasons:
            if season.covers(day):
                return season.hours
        return hours

    def working_intervals(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Aware (start, end) pairs of the day in Asia/Shanghai; empty on a day off."""
        if not self.is_working(day):
            return ()
        return tuple(
            (datetime.combine(day, start, SHANGHAI), datetime.combine(day, end, SHANGHAI))
            for start, end in self.hours_on(day)
        )

    def opening(self, day: date) -> datetime:
        """When work begins on that working day. Raises ``ValueError`` on a day off."""
        intervals = self.working_intervals(day)
        if not intervals:
            raise ValueError(f"{day} is not a working day")
        return intervals[0][0]

    def closing(self, day: date) -> datetime:
        """When work ends on that working day. Raises ``ValueError`` on a day off."""
        intervals = self.working_intervals(day)
        if not intervals:
            raise ValueError(f"{day} is not a working day")
        return intervals[-1][1]

    def next_working_day(self, day: date) -> date:
        """The first working day after ``day``."""
        return self.add_working_days(day, 1)

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, which itself is not counted (SLA D.1); 0 gives ``day`` back.

        Raises ``ValueError`` for a negative count and ``OverflowError`` beyond the year 9998.
        """
        if count < 0:
            raise ValueError("working days are counted forward only")
        if count == 0:
            return day
        ordinal = day.toordinal()
        index = self._covering(day.year, day.year)
        position = bisect_right(index.days, ordinal) + count - 1
        while position >= len(index.days):
            # At most 366 working days fit in a year, so this never jumps too far and seldom needs a second step.
            missing_years = 1 + (position - len(index.days)) // 366
            index = self._covering(index.first_year, index.last_year + missing_years)
            position = bisect_right(index.days, ordinal) + count - 1
        return date.fromordinal(index.days[position])

    def working_micros(self, start: datetime, end: datetime) -> int:
        """Working microseconds between two moments; negative when ``end`` is before ``start``."""
        first, last = to_micros(start), to_micros(end)
        index = self._covering_moments(min(first, last), max(first, last))
        return _done_at(index, last) - _done_at(index, first)

    def add_working_micros(self, start: datetime, micros: int) -> datetime:
        """The earliest UTC moment, not before ``start``, by which ``micros`` of working time have passed.

        A start outside working time counts from the next opening (SLA D.1). Raises ``ValueError`` for less than 0.
        """
        if micros < 0:
            raise ValueError("working time is added forward only")
        first = to_micros(start)
        if micros == 0:
            return from_micros(first)
        index = self._covering_moments(first, first)
        target = _done_at(index, first) + micros
        while target > (index.done[-1] if index.done else 0):
            index = self._covering(index.first_year, index.last_year + 1)
            target = _done_at(index, first) + micros
        position = bisect_left(index.done, target)
        return from_micros(index.closes[position] - (index.done[position] - target))

    def unpublished_years_between(self, first: date, last: date) -> tuple[int, ...]:
        """Years touched from ``first`` to ``last`` whose schedule may still change a date computed over them."""
        return tuple(year for year in range(first.year, last.year + 1) if year not in self.published_years)

    def _covering_moments(self, first: int, last: int) -> _Index:
        index = self._index
        if index is not None and index.opens and index.opens[0] <= first and last <= index.closes[-1]:
            return index
        # A day of slack at each side: the year in Shanghai may differ from the year in UTC.
        slack = 86_400_000_000
        return self._covering(from_micros(first - slack).year, from_micros(last + slack).year)

    def _covering(self, first_year: int, last_year: int) -> _Index:
        """The index, grown so that it holds these years. Safe across threads: it is replaced, never changed."""
        index = self._index
        if index is not None:
            if index.first_year <= first_year and last_year <= index.last_year:
                return index
            first_year, last_year = min(first_year, index.first_year), max(last_year, index.last_year)
        if last_year > date.max.year - 1:
            raise OverflowError("the deadline lies beyond the calendar")
        index = self._build(first_year, last_year)
        object.__setattr__(self, "_index", index)
        return index

    def _build(self, first_year: int, last_year: int) -> _Index:
        index = _Index(first_year, last_year, [], [], [], [])
        total = 0
        for ordinal in range(date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal() + 1):
            intervals = self.working_intervals(date.fromordinal(ordinal))
            if intervals:
                index.days.append(ordinal)
            for start, end in intervals:
                opened, closed = to_micros(start), to_micros(end)
                total += closed - opened
                index.opens.append(opened)
                index.closes.append(closed)
                index.done.append(total)
        return index


def _done_at(index: _Index, moment: int) -> int:
    """Working microseconds from the start of the index to the moment."""
    position = bisect_right(index.opens, moment) - 1
    if position < 0:
        return 0
    return index.done[position] - max(0, index.closes[position] - moment)


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def national_exceptions(year: int) -> dict[date, bool]:
    """The published schedule of a year as exceptions to Monday–Friday, from the chinesecalendar package.

    Raises ``CalendarNotPublished`` for a year the package does not hold (2027 and later with 1.11, read_first 7).
    """
    library = import_module("chinese_calendar")
    exceptions = {}
    day = date(year, 1, 1)
    while day.year == year:
        try:
            works = bool(library.is_workday(day))
        except NotImplementedError as error:
            raise CalendarNotPublished(year) from error
        if works != (day.weekday() < month_calendar.SATURDAY):
            exceptions[day] = works
        day += timedelta(days=1)
    return exceptions


_FALLBACK: dict[int, Mapping[date, bool]] = {}


def fallback_exceptions(year: int) -> Mapping[date, bool]:
    """Statutory days off that are certain before the schedule of ``year`` is published; all values are False.

    New Year, Qingming, 1–2 May, 1–3 October, and where the almanac is at hand (2027–2031) the four days of Spring
    Festival, Dragon Boat and Mid-Autumn. Bridging days and make-up workdays are unknown by nature: whoever uses this
    must show the year as not published and recompute when it is.
    """
    known = _FALLBACK.get(year)
    if known is None:
        days = {date(year, month, day) for month, day in _FIXED_DAYS}
        if 2000 <= year <= 2099:
            since = year - 2000
            days.add(date(year, 4, int(since * 0.2422 + 4.81) - since // 4))  # Qingming, a solar term
        if year in _SPRING_FESTIVAL:
            new_year = date(year, *_SPRING_FESTIVAL[year])
            days.update(new_year + timedelta(days=offset) for offset in range(-1, 3))
            days.update((date(year, *_DRAGON_BOAT[year]), date(year, *_MID_AUTUMN[year])))
        known = _FALLBACK[year] = dict.fromkeys(sorted(days), False)
    return known
