"""A deadline computed again from its ledger is the deadline that was stored, whatever has become of the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.kernel.calendar import SHANGHAI, HoursFrom, WorkCalendar
from requests_intake import sla
from requests_intake.sla import Entry, Limit, Unit
from tests.pure.strategies import moments

CALENDAR = WorkCalendar.national([2025, 2026])
MONDAY = datetime(2026, 9, 28, 10, tzinfo=SHANGHAI)
limits = st.builds(Limit, st.integers(1, 12), st.sampled_from([Unit.WORK_DAY, Unit.WORK_HOUR, Unit.CAL_HOUR]))


def started(start: datetime, limit: Limit, calendar: WorkCalendar = CALENDAR, **facts: str) -> Entry:
    own = sla.due_at(start, limit, calendar)
    data = {"from": start.isoformat(), "limit": [limit.value, limit.unit.value], **facts}
    return Entry("start", start, own, {**data, "calendar": sla.excerpt(calendar, start, own)})


@given(moments, limits)
def test_a_start_is_computed_again_without_the_calendar_it_was_made_with(start: datetime, limit: Limit) -> None:
    (step,) = sla.replayed([started(start, limit)])
    assert step.agrees


def test_the_days_off_that_counted_stay_in_the_ledger() -> None:
    entry = started(MONDAY, Limit(5, Unit.WORK_DAY))
    assert entry.facts["calendar"]["on"] == ["2026-10-10"]
    assert "2026-10-01" in entry.facts["calendar"]["off"]
    days = sla.days_counted(MONDAY, entry.due, Unit.WORK_DAY, sla.calendar_of(entry.facts["calendar"]))
    assert [day.kind for day in days if day.day in (date(2026, 9, 28), date(2026, 10, 1), date(2026, 10, 10))] == [
        "first", "holiday", "makeup",
    ]  # fmt: skip
    assert sum(day.seconds for day in days) == 5 * 7 * 3600


def test_hours_that_changed_in_between_are_kept() -> None:
    summer = HoursFrom(date(2026, 9, 30), ((datetime(2026, 1, 1, 9).time(), datetime(2026, 1, 1, 16).time()),))
    changed = WorkCalendar(exceptions=CALENDAR.exceptions, published_years=frozenset({2026}), versions=(summer,))
    entry = started(MONDAY, Limit(20, Unit.WORK_HOUR), changed)
    assert sla.replayed([entry])[0].agrees
    assert entry.due != sla.due_at(MONDAY, Limit(20, Unit.WORK_HOUR), CALENDAR)


@given(moments, limits, st.integers(0, 400), st.integers(0, 400))
def test_a_pause_moves_the_deadline_by_the_time_it_was_held(
    start: datetime, limit: Limit, after: int, held: int
) -> None:
    first = started(start, limit)
    paused, resumed = start + timedelta(hours=after), start + timedelta(hours=after + held)
    due = sla.shift_by_pause(first.due, paused, resumed, limit.unit, CALENDAR)
    facts = {
        "held_from": paused.isoformat(), "unit": limit.unit.value, "moves": True,
        "calendar": sla.excerpt(CALENDAR, paused, resumed, first.due, due),
    }  # fmt: skip
    steps = sla.replayed([first, Entry("pause", paused, first.due, {}), Entry("resume", resumed, due, facts)])
    assert all(step.agrees for step in steps)
    assert steps[-1].due >= steps[0].due


@given(moments, limits, st.integers(1, 10))
def test_extensions_add_up_exactly(start: datetime, limit: Limit, days: int) -> None:
    more = Limit(days, Unit.WORK_DAY)
    entries = [started(start, limit)]
    for _number in range(2):
        before = entries[-1].due
        due = sla.extended(before, more, CALENDAR)
        facts = {"limit": [days, "work_day"], "calendar": sla.excerpt(CALENDAR, before, due)}
        entries.append(Entry("extension", before - timedelta(hours=1), due, facts))
    steps = sla.replayed(entries)
    assert all(step.agrees for step in steps)
    worked = [sla.working_seconds(before.due, after.due, CALENDAR) for before, after in pairwise(steps)]
    assert worked == [pytest.approx(days * 7 * 3600)] * 2


def test_a_deadline_somebody_wrote_over_is_found() -> None:
    entry = started(MONDAY, Limit(5, Unit.WORK_DAY))
    forged = Entry(entry.kind, entry.at, entry.due + timedelta(days=1), entry.facts)
    assert not sla.replayed([forged])[0].agrees


def test_a_limit_cut_to_the_promise_says_so() -> None:
    promise = sla.due_at(MONDAY, Limit(1, Unit.WORK_DAY), CALENDAR)
    entry = started(MONDAY, Limit(5, Unit.WORK_DAY), promise=promise.isoformat())
    (step,) = sla.replayed([Entry(entry.kind, entry.at, promise, entry.facts)])
    assert (step.agrees, step.was_cut) == (True, True)
    assert step.own > step.due
