"""Stages of the clocks (SLA D.4, D.12)."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from requests_intake.sla import (
    Limit,
    Stage,
    Thresholds,
    Unit,
    contact_stages,
    due_at,
    promise_stages,
    resolve_stages,
    sign_stages,
    stage_after,
)

from .strategies import CALENDAR, at, limits, moments

START, DUE = at("2026-09-16 08:30"), at("2026-09-24 17:30")


def resolve(unit=Unit.WORK_DAY, *, top_level=False, start=START, due=DUE, **options):
    stages = resolve_stages(start, due, unit, CALENDAR, top_level=top_level, **options)
    return [(stage.code, stage.at) for stage in stages]


def test_below_the_top_a_work_order_is_reminded_yellow_red():
    """Wednesday to the Thursday of the next week, with the Sunday worked: 8 days, 56 hours."""
    assert resolve() == [
        (Stage.HALF, at("2026-09-20 17:30")),
        (Stage.SOON, at("2026-09-23 11:18")),
        (Stage.DUE, DUE),
    ]


def test_at_the_top_notice_supervision_and_circular_follow():
    assert resolve(top_level=True)[2:] == [
        (Stage.DUE, DUE),
        (Stage.NOTICE, at("2026-09-28 08:30")),
        (Stage.SUPERVISE, at("2026-09-29 17:30")),
        (Stage.CIRCULAR, at("2026-10-09 17:30")),
    ]


def test_an_emergency_runs_by_the_clock():
    start, due = at("2026-09-26 22:00"), at("2026-09-27 22:00")
    assert resolve(Unit.CAL_HOUR, start=start, due=due) == [
        (Stage.HALF, at("2026-09-27 10:00")),
        (Stage.SOON, at("2026-09-27 17:12")),
        (Stage.DUE, due),
    ]


def test_an_emergency_reaches_the_district_at_150_percent_of_its_promise():
    start, due = at("2026-09-26 22:00"), at("2026-09-27 22:00")
    for urgency in ("critical", "urgent"):
        stages = promise_stages(start, due, Unit.CAL_HOUR, CALENDAR, urgency=urgency)
        assert [(stage.code, stage.at) for stage in stages] == [
            (Stage.SOON, at("2026-09-27 17:12")),
            (Stage.DUE, due),
            (Stage.NOTICE, at("2026-09-28 08:30")),
            (Stage.DUTY, at("2026-09-28 10:00")),
        ]


def test_sign_limit_missed_goes_to_the_leader_and_at_twice_the_limit_up():
    start = at("2026-09-24 15:30")
    stages = sign_stages(start, due_at(start, Limit(2, Unit.WORK_HOUR), CALENDAR), Unit.WORK_HOUR, CALENDAR)
    assert [(stage.code, stage.at) for stage in stages] == [
        (Stage.LATE, at("2026-09-24 17:30")),
        (Stage.ESCALATE, at("2026-09-28 10:30")),
    ]


def test_contact_is_late_once():
    stages = contact_stages(START, DUE, Unit.WORK_DAY, CALENDAR)
    assert [(stage.code, stage.at) for stage in stages] == [(Stage.LATE, DUE)]


def test_the_promise_turns_yellow_red_and_is_noticed_next_morning():
    stages = promise_stages(START, DUE, Unit.WORK_DAY, CALENDAR, urgency="normal")
    assert [(stage.code, stage.at) for stage in stages] == [
        (Stage.SOON, at("2026-09-23 11:18")),
        (Stage.DUE, DUE),
        (Stage.NOTICE, at("2026-09-28 08:30")),
    ]


def test_a_district_may_move_the_thresholds():
    thresholds = Thresholds(half=0.25, soon=0.75, supervise_after=Limit(1, Unit.WORK_DAY))
    stages = dict(resolve(top_level=True, thresholds=thresholds))
    assert stages[Stage.HALF] == at("2026-09-17 17:30")
    assert stages[Stage.SOON] == at("2026-09-22 17:30")
    assert stages[Stage.SUPERVISE] == at("2026-09-28 17:30")


@given(moments, limits, st.booleans())
def test_stages_are_walked_through_once_and_in_order(start, limit, top_level):
    due = due_at(start, limit, CALENDAR)
    stages = resolve_stages(start, due, limit.unit, CALENDAR, top_level=top_level)
    walked, fired = [], None
    while (following := stage_after(stages, fired)) is not None:
        walked.append(following)
        fired = following.code
    assert tuple(walked) == stages
    assert len({stage.code for stage in stages}) == len(stages)
    assert all(earlier.at <= later.at for earlier, later in pairwise(stages))
    assert (Stage.NOTICE in {stage.code for stage in stages}) == top_level
    assert all(stage.at <= due for stage in stages if stage.code in (Stage.HALF, Stage.SOON, Stage.DUE))
    assert all(stage.at >= due for stage in stages if stage.code not in (Stage.HALF, Stage.SOON))


def test_a_clock_without_stages_is_through():
    assert stage_after((), None) is None
