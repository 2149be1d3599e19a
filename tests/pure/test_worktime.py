"""Arithmetic of limits (SLA D.1, D.3, D.5, D.9, D.12)."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governance.kernel.calendar import local_date
from requests_intake.sla import (
    Capped,
    Limit,
    LimitError,
    Unit,
    add_working_seconds,
    cap_to_promise,
    due_at,
    elapsed_fraction,
    fraction_at,
    phrase,
    remaining,
    shift_by_pause,
    shift_by_working,
    working_seconds,
)

from .strategies import CALENDAR, at, fractions, limits, moments, spans, units


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2026-09-26 23:50", "10 分钟", "2026-09-27 00:00"),
        ("2026-09-24 10:00", "24 小时", "2026-09-25 10:00"),
        ("2026-09-24 10:00", "2 个工作小时", "2026-09-24 12:00"),
        ("2026-09-24 11:00", "2 个工作小时", "2026-09-24 15:00"),
        ("2026-09-24 07:00", "4 个工作小时", "2026-09-24 14:30"),
        ("2026-09-24 12:30", "4 个工作小时", "2026-09-28 09:00"),
        ("2026-09-26 09:00", "2 个工作小时", "2026-09-28 10:30"),
        ("2026-09-24 16:30", "5 个工作小时", "2026-09-28 14:30"),
        ("2026-09-24 10:00", "1 个工作日", "2026-09-28 17:30"),
        ("2026-09-24 20:00", "5 个工作日", "2026-10-09 17:30"),
        ("2026-09-25 03:00", "1 个工作日", "2026-09-28 17:30"),
        ("2026-09-24 10:00", "30 天", "2026-10-24 17:30"),
        ("2026-09-24 10:00", "当日", "2026-09-24 17:30"),
        ("2026-09-24 17:30", "当日", "2026-09-28 17:30"),
        ("2026-09-27 10:00", "当日", "2026-09-28 17:30"),
    ],
)
def test_due_at(start, limit, due):
    assert due_at(at(start), Limit.parse(limit), CALENDAR) == at(due)


def test_just_after_midnight_in_shanghai_is_already_the_next_day_though_utc_has_the_day_before():
    assert due_at(at("2026-09-21 00:10"), Limit(1, Unit.WORK_DAY), CALENDAR) == at("2026-09-22 17:30")
    assert due_at(at("2026-09-20 23:50"), Limit(1, Unit.WORK_DAY), CALENDAR) == at("2026-09-21 17:30")


@pytest.mark.parametrize("unit", Unit)
def test_a_limit_survives_json_and_its_phrase(unit):
    limit = Limit(5, unit)
    assert Limit.from_json(limit.to_json()) == limit
    assert Limit.parse(str(limit)) == limit


def test_phrases_of_limits():
    assert str(Limit(5, Unit.WORK_DAY)) == "5 个工作日"
    assert str(Limit(0, Unit.WORK_DAY)) == "当日"
    assert Limit.parse("15个工作日") == Limit(15, Unit.WORK_DAY)
    assert Limit.parse("5工作时") == Limit(5, Unit.WORK_HOUR)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("5", "not_an_object"),
        ({"value": 5, "unit": "week"}, "unknown_unit"),
        ({"value": 5}, "unknown_unit"),
        ({"unit": "work_day"}, "bad_value"),
        ({"value": 2.5, "unit": "work_hour"}, "bad_value"),
        ({"value": True, "unit": "work_hour"}, "bad_value"),
        ({"value": -1, "unit": "work_day"}, "bad_value"),
        ({"value": 0, "unit": "cal_hour"}, "bad_value"),
        ({"value": 1, "unit": "cal_hour", "untit": 1}, "unknown_key"),
    ],
)
def test_a_wrong_limit_says_what_is_wrong(data, code):
    with pytest.raises(LimitError) as raised:
        Limit.from_json(data)
    assert raised.value.code == code


@pytest.mark.parametrize("text", ["", "很快", "5 个星期", "个工作日", "-1 天"])
def test_a_wrong_phrase_is_refused(text):
    with pytest.raises(LimitError, match="not a time limit"):
        Limit.parse(text)


@given(moments, limits)
def test_due_is_after_the_start(start, limit):
    assert due_at(start, limit, CALENDAR) > start


@given(moments, moments, limits)
def test_a_later_start_is_never_due_earlier(one, other, limit):
    assert due_at(min(one, other), limit, CALENDAR) <= due_at(max(one, other), limit, CALENDAR)


@given(moments, units, st.integers(1, 60), st.integers(1, 60))
def test_a_longer_limit_is_due_later(start, unit, one, other):
    assume(one != other)
    short, long = sorted((one, other))
    assert due_at(start, Limit(short, unit), CALENDAR) < due_at(start, Limit(long, unit), CALENDAR)


@given(moments, st.integers(1, 60))
def test_working_days_end_at_the_close_of_a_working_day(start, count):
    due = due_at(start, Limit(count, Unit.WORK_DAY), CALENDAR)
    assert due == CALENDAR.closing(local_date(due))


@given(moments, st.integers(1, 60))
def test_working_hours_outside_working_time_begin_at_the_next_opening(start, count):
    day = local_date(start)
    within = [opens <= start < closes for opens, closes in CALENDAR.working_intervals(day)]
    assume(not any(within))
    later = [opens for opens, _ in CALENDAR.working_intervals(day) if opens > start]
    opening = later[0] if later else CALENDAR.opening(CALENDAR.next_working_day(day))
    limit = Limit(count, Unit.WORK_HOUR)
    assert due_at(start, limit, CALENDAR) == due_at(opening, limit, CALENDAR)


@given(moments, st.integers(0, 10**12))
def test_what_is_added_can_be_measured(start, micros):
    assert CALENDAR.working_micros(start, CALENDAR.add_working_micros(start, micros)) == micros


@given(moments, spans)
def test_what_is_measured_can_be_added(start, span):
    end = start + span
    reached = add_working_seconds(start, working_seconds(start, end, CALENDAR), CALENDAR)
    assert start <= reached <= end
    assert working_seconds(reached, end, CALENDAR) == 0


@given(moments, limits)
def test_summer_time_is_unknown(start, limit):
    """China had none since 1991: a calendar limit always has its full length in elapsed time."""
    if limit.unit in (Unit.CAL_HOUR, Unit.CAL_MINUTE):
        minutes = limit.value * (60 if limit.unit is Unit.CAL_HOUR else 1)
        assert due_at(start, limit, CALENDAR) - start == timedelta(minutes=minutes)
    assert due_at(start, limit, CALENDAR).utcoffset() == timedelta(0)


def test_negative_working_time_is_refused():
    with pytest.raises(ValueError, match="forward"):
        add_working_seconds(at("2026-09-24 10:00"), -1, CALENDAR)
    assert working_seconds(at("2026-09-24 11:00"), at("2026-09-24 10:00"), CALENDAR) == -3600


def test_eighty_percent_of_five_working_days_is_counted_in_working_time():
    start = at("2026-11-16 08:30")
    due = due_at(start, Limit(5, Unit.WORK_DAY), CALENDAR)  # Monday to the next Monday: 6 days, 42 h
    assert fraction_at(start, due, 0.5, Unit.WORK_DAY, CALENDAR) == at("2026-11-18 17:30")
    assert fraction_at(start, due, 0.8, Unit.WORK_DAY, CALENDAR) == at("2026-11-20 16:06")
    assert fraction_at(start, due, 1.5, Unit.WORK_DAY, CALENDAR) == at("2026-11-26 17:30")


def test_a_share_of_calendar_time_runs_at_night():
    start, due = at("2026-09-24 20:00"), at("2026-09-25 20:00")
    assert fraction_at(start, due, 0.5, Unit.CAL_HOUR, CALENDAR) == at("2026-09-25 08:00")
    assert fraction_at(start, due, 1.5, Unit.CAL_HOUR, CALENDAR) == at("2026-09-26 08:00")


@given(moments, spans, units, fractions, fractions)
def test_shares_are_in_order_and_the_whole_is_due(start, span, unit, one, other):
    due = start + span
    low, high = sorted((one, other))
    first, second = (fraction_at(start, due, share, unit, CALENDAR) for share in (low, high))
    assert start <= first <= second
    assert fraction_at(start, due, 1, unit, CALENDAR) == due
    assert second <= due if high <= 1 else second >= due


@given(moments, limits, st.floats(0.01, 2))
def test_the_share_reached_is_the_share_elapsed(start, limit, share):
    due = due_at(start, limit, CALENDAR)
    moment = fraction_at(start, due, share, limit.unit, CALENDAR)
    assert elapsed_fraction(moment, start, due, limit.unit, CALENDAR) == pytest.approx(share, abs=1e-3)


@given(moments, moments, spans, units)
def test_the_whole_is_used_exactly_from_due_on(now, start, span, unit):
    due = start + span
    assert (elapsed_fraction(now, start, due, unit, CALENDAR) >= 1) == (now >= due)


def test_a_share_of_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="due time after the start"):
        fraction_at(at("2026-09-24 10:00"), at("2026-09-24 09:00"), 0.5, Unit.CAL_HOUR, CALENDAR)


def test_a_pause_moves_the_deadline_by_exactly_its_working_time():
    due = at("2026-09-24 17:30")
    assert shift_by_working(due, 3 * 3600, CALENDAR) == at("2026-09-28 11:30")
    paused, resumed = at("2026-09-22 16:30"), at("2026-09-23 10:30")  # one hour and two hours of work
    assert shift_by_pause(due, paused, resumed, Unit.WORK_DAY, CALENDAR) == at("2026-09-28 11:30")
    assert shift_by_pause(due, paused, resumed, Unit.CAL_HOUR, CALENDAR) == at("2026-09-25 11:30")


def test_a_pause_cannot_end_before_it_began():
    with pytest.raises(ValueError, match="before it began"):
        shift_by_pause(at("2026-09-24 17:30"), at("2026-09-23 10:00"), at("2026-09-22 10:00"), Unit.WORK_DAY, CALENDAR)


@pytest.mark.parametrize(
    ("now", "due", "unit", "said"),
    [
        ("2026-09-23 12:30", "2026-09-28 12:00", Unit.WORK_DAY, "剩 2 天"),
        ("2026-09-24 12:00", "2026-09-29 10:00", Unit.WORK_DAY, "剩 1 天 5 小时"),
        ("2026-09-24 11:50", "2026-09-24 16:00", Unit.WORK_HOUR, "剩 2 小时 10 分"),
        ("2026-09-24 17:29", "2026-09-28 08:31", Unit.WORK_DAY, "剩 2 分"),
        ("2026-09-24 17:30", "2026-09-24 17:30", Unit.WORK_DAY, "剩不到 1 分"),
        ("2026-09-24 19:00", "2026-09-24 17:30", Unit.WORK_DAY, "刚刚超期"),
        ("2026-09-28 09:30", "2026-09-24 17:30", Unit.WORK_DAY, "超期 1 小时"),
        ("2026-10-09 17:30", "2026-09-24 17:30", Unit.WORK_DAY, "超期 5 天"),
        ("2026-09-24 12:00", "2026-09-25 17:00", Unit.CAL_HOUR, "剩 1 天 5 小时"),
        ("2026-09-26 12:00", "2026-09-26 11:00", Unit.CAL_HOUR, "超期 1 小时"),
    ],
)
def test_remaining_time_is_said_as_a_person_would(now, due, unit, said):
    assert phrase(remaining(at(now), at(due), unit, CALENDAR)) == said


@given(moments, moments, units)
def test_overdue_means_later_than_due(now, due, unit):
    left = remaining(now, due, unit, CALENDAR)
    assert left.overdue == (now > due)
    assert left.seconds >= 0
    assert phrase(left)


def test_the_levels_of_a_normal_ticket_are_cut_to_its_promise():
    """SLA D.3: 1 + 2 + 3 working days are more than the 5 promised, so the street's limit is cut."""
    accepted = at("2026-11-16 09:00")
    promise = due_at(accepted, Limit(5, Unit.WORK_DAY), CALENDAR)
    grid = cap_to_promise(due_at(accepted, Limit(1, Unit.WORK_DAY), CALENDAR), promise, accepted, CALENDAR)
    assert grid == Capped(at("2026-11-17 17:30"), was_cut=False, beyond_promise=False)
    community = cap_to_promise(due_at(grid.due, Limit(2, Unit.WORK_DAY), CALENDAR), promise, grid.due, CALENDAR)
    assert community == Capped(at("2026-11-19 17:30"), was_cut=False, beyond_promise=False)
    street = cap_to_promise(due_at(community.due, Limit(3, Unit.WORK_DAY), CALENDAR), promise, community.due, CALENDAR)
    assert street == Capped(at("2026-11-23 17:30"), was_cut=True, beyond_promise=False)


def test_past_the_promise_a_new_order_gets_one_working_day_at_most():
    now, promise = at("2026-09-24 17:30"), at("2026-09-24 17:30")
    long, short = at("2026-09-30 17:30"), at("2026-09-28 10:30")
    assert cap_to_promise(long, promise, now, CALENDAR) == Capped(at("2026-09-28 17:30"), True, True)
    assert cap_to_promise(short, promise, now, CALENDAR) == Capped(short, False, True)


@given(moments, limits, limits, spans)
def test_no_order_is_due_after_the_promise_unless_flagged(accepted, promised, own, waited):
    promise, now = due_at(accepted, promised, CALENDAR), accepted + waited
    own_due = due_at(now, own, CALENDAR)
    capped = cap_to_promise(own_due, promise, now, CALENDAR)
    assert now < capped.due <= own_due
    assert capped.was_cut == (capped.due < own_due)
    assert capped.beyond_promise == (now >= promise)
    assert capped.beyond_promise or capped.due <= promise
    assert capped.due <= max(promise, due_at(now, Limit(1, Unit.WORK_DAY), CALENDAR))
