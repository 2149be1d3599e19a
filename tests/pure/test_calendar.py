"""The working calendar: published schedule, unpublished years, seasons, speed (standards B.7, read_first 7)."""

import pickle
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.kernel.calendar import (
    SHANGHAI,
    CalendarNotPublished,
    HoursFrom,
    Season,
    WorkCalendar,
    YearSpan,
    fallback_exceptions,
    national_exceptions,
)

from .strategies import CALENDAR, at, moments

NOON = ((time(9), time(13)),)
days = st.dates(date(2025, 1, 1), date(2027, 6, 30))


def _span(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}")
    return {start + timedelta(days=offset) for offset in range((end - start).days + 1)}


OFF_2026 = (
    _span("01-01", "01-03")
    | _span("02-15", "02-23")
    | _span("04-04", "04-06")
    | _span("05-01", "05-05")
    | _span("06-19", "06-21")
    | _span("09-25", "09-27")
    | _span("10-01", "10-07")
)
MAKEUP_2026 = {date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}


def test_2026_is_worked_as_the_published_schedule_says():
    for offset in range(365):
        day = date(2026, 1, 1) + timedelta(days=offset)
        expected = day in MAKEUP_2026 or (day.weekday() < 5 and day not in OFF_2026)
        assert CALENDAR.is_working(day) is expected, day


def test_2026_has_248_working_days():
    assert sum(CALENDAR.is_working(date(2026, 1, 1) + timedelta(days=offset)) for offset in range(365)) == 248


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2026-09-24", 1, "2026-09-28"),
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-09-24", 5, "2026-10-09"),
        ("2026-09-24", 15, "2026-10-22"),
        ("2026-09-18", 1, "2026-09-20"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-02-13", 15, "2026-03-12"),
        ("2026-04-30", 3, "2026-05-08"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-11-20", 5, "2026-11-27"),
        ("2026-11-20", 15, "2026-12-11"),
    ],
)
def test_working_days_are_counted_from_the_day_after(start, count, expected):
    assert CALENDAR.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(expected)


def test_2027_is_not_published():
    with pytest.raises(CalendarNotPublished) as raised:
        national_exceptions(2027)
    assert raised.value.year == 2027
    assert not CALENDAR.is_published(2027)
    assert CALENDAR.is_published(2026)


def test_an_unpublished_year_still_keeps_its_statutory_days():
    closed = [date(2027, 1, 1), date(2027, 2, 8), date(2027, 4, 5), date(2027, 6, 9), date(2027, 10, 1)]
    for calendar in (CALENDAR, WorkCalendar()):
        assert not any(calendar.is_working(day) for day in closed)
        assert calendar.is_working(date(2027, 2, 9))
    assert set(fallback_exceptions(2027).values()) == {False}


def test_fifteen_working_days_from_december_touch_the_unpublished_year():
    start = date(2026, 12, 11)
    due = CALENDAR.add_working_days(start, 15)
    assert due == date(2027, 1, 4)
    assert CALENDAR.unpublished_years_between(start, due) == (2027,)
    assert CALENDAR.unpublished_years_between(start, date(2026, 12, 31)) == ()


def test_a_published_year_does_not_fall_back():
    calendar = WorkCalendar({date(2027, 2, 8): True}, frozenset({2027}))
    assert calendar.is_working(date(2027, 2, 8))
    assert calendar.is_working(date(2027, 2, 5))


def test_an_exception_of_the_district_wins():
    calendar = WorkCalendar({date(2026, 7, 1): False, date(2026, 7, 4): True}, frozenset({2026}))
    assert calendar.add_working_days(date(2026, 6, 30), 1) == date(2026, 7, 2)
    assert calendar.next_working_day(date(2026, 7, 3)) == date(2026, 7, 4)


def test_a_day_is_worked_seven_hours_in_two_intervals():
    assert CALENDAR.working_intervals(date(2026, 9, 20)) == (
        (at("2026-09-20 08:30"), at("2026-09-20 12:00")),
        (at("2026-09-20 14:00"), at("2026-09-20 17:30")),
    )
    assert CALENDAR.working_intervals(date(2026, 9, 26)) == ()
    assert CALENDAR.day_seconds_on(date(2026, 9, 20)) == 7 * 3600


def test_a_season_over_the_new_year_has_its_own_hours():
    winter = Season(YearSpan((11, 1), (3, 31)), ((time(9), time(12)), (time(13), time(17))))
    calendar = WorkCalendar(published_years=frozenset({2026}), seasons=(winter,))
    assert calendar.closing(date(2026, 1, 5)) == at("2026-01-05 17:00")
    assert calendar.closing(date(2026, 4, 1)) == at("2026-04-01 17:30")
    assert calendar.opening(date(2026, 11, 2)) == at("2026-11-02 09:00")


def test_new_hours_hold_from_their_day_and_what_was_worked_before_stays_worked():
    short = HoursFrom(date(2026, 9, 23), ((time(9), time(12)),), (Season(YearSpan((10, 1), (12, 31)), NOON),))
    calendar = WorkCalendar(CALENDAR.exceptions, CALENDAR.published_years, versions=(short,))
    assert calendar.closing(date(2026, 9, 22)) == at("2026-09-22 17:30")
    assert calendar.closing(date(2026, 9, 23)) == at("2026-09-23 12:00")
    assert calendar.closing(date(2026, 10, 8)) == at("2026-10-08 13:00")
    before = (at("2026-09-21 08:30"), at("2026-09-22 17:30"))
    assert calendar.working_micros(*before) == CALENDAR.working_micros(*before)
    assert calendar.day_seconds_on(date(2026, 9, 23)) == 3 * 3600
    # 14 h, seven of them on the last day of the old hours: three more on each of the next days.
    assert calendar.add_working_micros(at("2026-09-22 08:30"), 14 * 3600 * 10**6) == at("2026-09-28 10:00")


def test_versions_of_the_hours_stand_in_order():
    first, second = HoursFrom(date(2026, 9, 1), NOON), HoursFrom(date(2026, 10, 1), NOON)
    WorkCalendar(versions=(first, second))
    for wrong in ((second, first), (first, first)):
        with pytest.raises(ValueError, match="versions"):
            WorkCalendar(versions=wrong)


@pytest.mark.parametrize(
    "hours", [(), ((time(9), time(9)),), ((time(9), time(12)), (time(11), time(13))), ((time(9), time(8)),)]
)
def test_impossible_hours_are_refused(hours):
    with pytest.raises(ValueError, match="working hours"):
        WorkCalendar(hours=hours)


def test_moments_without_a_time_zone_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.add_working_micros(datetime(2026, 9, 24, 9), 1)


def test_a_day_off_neither_opens_nor_closes():
    with pytest.raises(ValueError, match="not a working day"):
        CALENDAR.closing(date(2026, 9, 26))


def test_a_used_calendar_can_be_stored_in_a_cache():
    CALENDAR.add_working_days(date(2026, 1, 1), 5)
    copy = pickle.loads(pickle.dumps(CALENDAR))
    assert copy == CALENDAR
    assert copy.add_working_days(date(2026, 9, 24), 5) == date(2026, 10, 9)


@given(days, st.integers(1, 40))
def test_the_nth_working_day_has_n_working_days_up_to_it(day, count):
    found = CALENDAR.add_working_days(day, count)
    between = (day + timedelta(days=offset) for offset in range(1, (found - day).days + 1))
    assert CALENDAR.is_working(found)
    assert sum(map(CALENDAR.is_working, between)) == count


@given(days, st.integers(0, 20), st.integers(0, 20))
def test_working_days_add_up(day, first, second):
    once = CALENDAR.add_working_days(day, first + second)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(day, first), second) == once


@given(moments, moments)
def test_working_time_equals_the_sum_of_the_intervals(one, other):
    start, end = min(one, other), max(one, other)
    day, total = start.astimezone(SHANGHAI).date(), timedelta()
    end = min(end, start + timedelta(days=90))
    while day <= end.astimezone(SHANGHAI).date():
        for opens, closes in CALENDAR.working_intervals(day):
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    assert CALENDAR.working_micros(start, end) == total // timedelta(microseconds=1)


def test_years_are_reached_in_any_order():
    calendar = WorkCalendar(published_years=frozenset(range(1990, 2100)))
    assert calendar.add_working_days(date(2026, 3, 2), 2000) == date(2033, 10, 31)
    assert calendar.add_working_days(date(1999, 12, 31), 1) == date(2000, 1, 3)
    assert calendar.add_working_micros(datetime(2040, 1, 1, tzinfo=UTC), 1) > datetime(2040, 1, 1, tzinfo=UTC)


def test_adding_fifteen_days_takes_less_than_50_microseconds():
    day, moment = date(2026, 9, 24), at("2026-09-24 10:00")
    CALENDAR.add_working_micros(moment, 1)

    def best(run: int) -> float:
        started = perf_counter()
        for _ in range(200):
            CALENDAR.add_working_days(day, 15)
            CALENDAR.add_working_micros(moment, 15 * 7 * 3600 * 1_000_000)
        return (perf_counter() - started) / 200

    assert min(map(best, range(5))) < 100e-6  # one of each: 50 µs apiece
