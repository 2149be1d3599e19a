"""Patrols (S3-21): planned, begun, ended; what arrives late, what nobody ended, what counts."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import CalendarDay
from governance.kernel.reference import bump_reference
from grids.patrols.actions.erase import due_notes, erase_notes
from grids.patrols.actions.patrols import (
    close_unfinished,
    find_own,
    finish_patrol,
    resume_patrol,
    withdraw_patrol,
)
from grids.patrols.actions.plans import PlanSaid, end_plan, set_plan
from grids.patrols.compliance import shifts_seen
from grids.patrols.compliance import walked as walked_shifts
from grids.patrols.models import Patrol, PatrolPlan
from grids.patrols.policies import PatrolPolicy
from grids.patrols.queries import name_of, patrols_now, patrols_of
from tests.patrols.rounds import AM, PM, at, begun, both_shifts, moment, walked
from tests.world import World

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 11, 18)


# ---------------------------------------------------------------- S3-21
def test_a_day_with_the_morning_walked_is_one_of_two_and_no_route_is_stored(world: World) -> None:
    with at("2026-11-18 08:00"):
        both_shifts(world)
    with at("2026-11-18 08:40"):
        row = begun(world)
    with at("2026-11-18 11:00"):
        finish_patrol(row, actor=world.worker)
    with at("2026-11-18 18:00"):
        found = walked_shifts([world.grid.pk], WEDNESDAY, WEDNESDAY)[world.grid.pk]
        seen = shifts_seen([world.grid.pk], WEDNESDAY, WEDNESDAY)
    assert (found.done, found.planned, found.rate) == (1, 2, 0.5)
    assert [(each.shift.code, each.is_done) for each in seen] == [("am", True), ("pm", False)]
    # What is kept of a patrol: two moments, no way between them.
    columns = {field.name for field in Patrol._meta.get_fields()}
    assert not columns & {"lng", "lat", "track", "route", "points", "position", "geometry"}


def test_the_rate_of_a_month_counts_shifts(world: World) -> None:
    with at("2026-11-16 08:00"):
        both_shifts(world)
    for day in ("16", "17", "18"):
        with at(f"2026-11-{day} 09:00"):
            walked(world)
    with at("2026-11-18 15:00"):
        walked(world)
    with at("2026-11-18 20:00"):
        found = walked_shifts([world.grid.pk], date(2026, 11, 1), date(2026, 11, 30))[world.grid.pk]
    # Two shifts on each of the working days 16 to 30; six of them are over.
    assert (found.planned, found.due, found.done) == (22, 6, 4)
    assert found.rate == pytest.approx(4 / 6)


def test_a_holiday_of_the_district_and_a_weekend_are_not_counted(world: World) -> None:
    with at("2026-11-18 08:00"):
        both_shifts(world)
        CalendarDay.objects.create(day=date(2026, 11, 19), works=False, name="区庆")
        bump_reference()
    with at("2026-11-23 08:00"):
        found = walked_shifts([world.grid.pk], date(2026, 11, 18), date(2026, 11, 22))[world.grid.pk]
    assert (found.planned, found.due) == (4, 4)  # Wednesday and Friday


def test_a_weekend_day_that_is_worked_counts_like_a_working_day(world: World) -> None:
    both_shifts(world)
    CalendarDay.objects.create(day=date(2026, 11, 21), works=True, name="调休")
    bump_reference()
    saturday = date(2026, 11, 21)
    assert walked_shifts([world.grid.pk], saturday, saturday)[world.grid.pk].planned == 2
    with at("2026-11-20 08:00"):
        both_shifts(world, weekdays=[1, 3])  # only Mondays and Wednesdays: a Saturday stands for neither
    assert walked_shifts([world.grid.pk], saturday, saturday)[world.grid.pk].planned == 0


def test_a_plan_for_days_off_is_walked_on_a_holiday(world: World) -> None:
    both_shifts(world, weekdays=[6, 7], on_days_off=True)
    found = walked_shifts([world.grid.pk], date(2026, 11, 18), date(2026, 11, 22))[world.grid.pk]
    assert found.planned == 4


def test_a_second_patrol_of_a_shift_adds_nothing_and_one_outside_is_extra(world: World) -> None:
    with at("2026-11-18 08:00"):
        both_shifts(world)
    for hour in ("08:40", "10:00", "20:00"):
        with at(f"2026-11-18 {hour}"):
            walked(world)
    found = walked_shifts([world.grid.pk], WEDNESDAY, WEDNESDAY)[world.grid.pk]
    assert (found.done, found.extra) == (1, 1)
    assert sorted(Patrol.objects.values_list("shift", flat=True)) == ["", "am", "am"]


def test_a_withdrawn_and_an_unfinished_patrol_do_no_shift(world: World) -> None:
    with at("2026-11-18 08:40"):
        both_shifts(world)
        withdraw_patrol(begun(world), actor=world.worker)
        begun(world)
    with at("2026-11-19 02:30"):
        assert close_unfinished() == 1
        assert close_unfinished() == 0
    found = walked_shifts([world.grid.pk], WEDNESDAY, WEDNESDAY)[world.grid.pk]
    assert (found.done, found.unfinished) == (0, 1)
    with at("2026-11-19 09:00"):
        assert patrols_now(world.worker).left_open is not None


def test_figures_of_many_grids_need_as_many_statements_as_of_one(world: World) -> None:
    both_shifts(world)
    counts = []
    for grids in ([world.grid.pk], [grid.pk for grid in world.grids]):
        walked_shifts(grids, WEDNESDAY, WEDNESDAY)
        with CaptureQueriesContext(connection) as captured:
            walked_shifts(grids, WEDNESDAY, WEDNESDAY)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4


# ---------------------------------------------------------------- what the phone says
def test_a_start_that_arrives_late_is_of_the_moment_the_phone_says(world: World) -> None:
    with at("2026-11-17 08:00"):
        both_shifts(world)
    with at("2026-11-18 19:00"):
        row = begun(world, at=moment("2026-11-17 08:45"))
        row = finish_patrol(row, actor=world.worker, at=moment("2026-11-17 11:00"))
    assert (row.day, row.shift, row.state) == (date(2026, 11, 17), "am", "finished")
    assert row.recorded_at == moment("2026-11-18 19:00")


@pytest.mark.parametrize("said", ["2026-11-18 12:00", "2026-11-10 09:00"])
def test_a_clock_that_is_wrong_loses_no_work(world: World, said: str) -> None:
    with at("2026-11-18 09:30"):
        row = begun(world, at=moment(said))
    assert row.started_at == moment("2026-11-18 09:30")


def test_an_end_before_the_beginning_ends_when_it_began(world: World) -> None:
    with at("2026-11-18 09:30"):
        row = finish_patrol(begun(world), actor=world.worker, at=moment("2026-11-18 09:00"))
    assert row.ended_at == row.started_at


def test_the_same_start_twice_is_one_patrol(world: World) -> None:
    name = uuid4()
    assert begun(world, client_id=name).pk == begun(world, client_id=name).pk
    with pytest.raises(NotFound):
        begun(world, world.leader, client_id=name)


def test_what_was_ended_that_day_is_finished_even_if_it_arrives_after_the_night(world: World) -> None:
    with at("2026-11-18 14:10"):
        row = begun(world)
    with at("2026-11-19 02:30"):
        close_unfinished()
    with at("2026-11-19 08:00"):
        with pytest.raises(DomainError) as refused:
            finish_patrol(row, actor=world.worker)
        assert refused.value.code == "patrol_over"
        row = finish_patrol(row, actor=world.worker, at=moment("2026-11-18 16:30"))
    assert (row.state, row.ended_at) == ("finished", moment("2026-11-18 16:30"))


# ---------------------------------------------------------------- one's own, one at a time
def test_only_one_patrol_runs_and_one_of_yesterday_stands_in_nobodys_way(world: World) -> None:
    with at("2026-11-18 09:00"):
        row = begun(world)
        with pytest.raises(DomainError) as refused:
            begun(world)
    assert refused.value.code == "patrol_running"
    with at("2026-11-19 09:00"):
        begun(world)
    row.refresh_from_db()
    assert row.state == "unfinished"


def test_the_database_keeps_a_second_running_patrol_and_half_an_end_out(world: World) -> None:
    row = begun(world)
    values = {"grid_id": world.grid.pk, "walker_id": world.worker.membership_id, "day": row.day}
    with pytest.raises(IntegrityError), transaction.atomic():
        Patrol.objects.create(client_id=uuid4(), started_at=clock.now(), recorded_at=clock.now(), **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Patrol.objects.filter(pk=row.pk).update(state="finished")


def test_who_walks_and_who_sees(world: World) -> None:
    row = walked(world)
    with pytest.raises(NotAllowed):
        begun(world, world.secretary)
    with pytest.raises(NotFound):
        begun(world, world.other_worker)
    for actor, sees in (
        (world.worker, True), (world.leader, True), (world.secretary, True), (world.dispatcher, True),
        (world.official, True), (world.other_worker, False), (world.other_secretary, False), (world.handler, False),
    ):  # fmt: skip
        assert PatrolPolicy.visible(actor).filter(pk=row.pk).exists() is sees, actor.name
    for actor in (world.leader, world.other_worker):
        with pytest.raises(NotFound):
            find_own(actor, row.client_id)


def test_what_was_tapped_by_mistake_is_taken_back_within_ten_minutes(world: World) -> None:
    with at("2026-11-18 09:00"):
        row = begun(world)
    with at("2026-11-18 09:11"), pytest.raises(DomainError):
        withdraw_patrol(row, actor=world.worker)
    with at("2026-11-18 09:12"):
        finish_patrol(row, actor=world.worker, note="楼道清爽")
    with at("2026-11-18 09:20"):
        assert resume_patrol(row, actor=world.worker).state == "running"
        finish_patrol(row, actor=world.worker)
    with at("2026-11-18 09:31"), pytest.raises(DomainError):
        resume_patrol(row, actor=world.worker)


def test_a_result_is_said_or_follows_from_nothing_found(world: World) -> None:
    row = begun(world)
    with pytest.raises(Invalid) as refused:
        finish_patrol(row, actor=world.worker, result="great")
    assert refused.value.fields == {"result": ["请选巡查结果。"]}
    with pytest.raises(Invalid):
        finish_patrol(row, actor=world.worker, note="长" * 501)
    assert finish_patrol(row, actor=world.worker).result == "normal"
    assert finish_patrol(begun(world), actor=world.worker, result="findings").result == "findings"


def test_the_words_about_a_patrol_go_after_their_term_and_the_patrol_stays(world: World) -> None:
    row = finish_patrol(begun(world), actor=world.worker, note="张家门口堆了东西")
    before = clock.now() + timedelta(minutes=1)
    assert due_notes(clock.now() - timedelta(days=1)) == []
    assert erase_notes(due_notes(before)) == (1, {"patrol_notes": 1})
    row.refresh_from_db()
    assert (row.note, row.state) == ("", "finished")
    assert due_notes(before) == []


# ---------------------------------------------------------------- joint patrols (S3-32)
def test_a_joint_patrol_names_its_crew_by_role_and_holds_no_names(world: World) -> None:
    row = begun(world, crew={"police": 1, "property": 2, "volunteer": 0})
    shown = patrols_of(world.secretary).get(pk=row.pk)
    assert [(each.role, each.number) for each in shown.crew.all()] == [("police", 1), ("property", 2)]
    assert name_of(shown) == "联防巡查"
    for wrong in ({"mayor": 1}, {"police": 100}, {"police": -1}):
        with pytest.raises(Invalid):
            begun(world, crew=wrong)


# ---------------------------------------------------------------- plans
def test_a_change_holds_from_tomorrow_and_what_was_planned_stays_planned(world: World) -> None:
    with at("2026-11-16 08:00"):
        both_shifts(world)
    with at("2026-11-18 08:00"):
        both_shifts(world, shifts={"am": AM})
        found = walked_shifts([world.grid.pk], WEDNESDAY, date(2026, 11, 19))[world.grid.pk]
    assert found.planned == 3
    old, new = PatrolPlan.objects.order_by("starts_on")
    assert (old.ended_on, new.starts_on, new.ended_on) == (WEDNESDAY, date(2026, 11, 19), None)


def test_what_was_written_wrong_today_is_replaced_today(world: World) -> None:
    both_shifts(world, shifts={"am": AM})
    both_shifts(world)
    assert list(PatrolPlan.objects.values_list("starts_on", "ended_on")) == [(WEDNESDAY, None)]
    assert walked_shifts([world.grid.pk], WEDNESDAY, WEDNESDAY)[world.grid.pk].planned == 2


def test_the_secretary_plans_all_grids_of_the_community_at_once(world: World) -> None:
    rows = set_plan([world.grid.pk, world.grid2.pk], "routine", PlanSaid({"pm": PM}), actor=world.secretary)
    assert {row.grid_id for row in rows} == {world.grid.pk, world.grid2.pk}
    for actor, error in (
        (world.worker, NotFound), (world.leader, NotAllowed), (world.staff, NotAllowed),
        (world.other_secretary, NotFound), (world.handler, NotAllowed),
    ):  # fmt: skip
        with pytest.raises(error):
            set_plan([world.grid.pk], "routine", PlanSaid({"pm": PM}), actor=actor)


def test_an_ended_plan_plans_nothing_from_tomorrow(world: World) -> None:
    with at("2026-11-16 08:00"):
        both_shifts(world)
    end_plan(world.grid.pk, "routine", actor=world.secretary)
    found = walked_shifts([world.grid.pk], WEDNESDAY, date(2026, 11, 20))[world.grid.pk]
    assert found.planned == 2
    with pytest.raises(DomainError):
        end_plan(world.grid.pk, "routine", actor=world.secretary)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"shifts": {}}, "shifts"),
        ({"shifts": {"noon": AM}}, "shifts"),
        ({"shifts": {"am": (time(11), time(9))}}, "am"),
        ({"shifts": {"am": AM, "pm": (time(11), time(15))}}, "pm"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [0, 9]}, "weekdays"),
        ({"points": ["配电房"]}, "points"),
    ],
)
def test_a_plan_that_cannot_be_walked_is_refused_at_its_field(world: World, said: dict, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        both_shifts(world, **said)
    assert list(refused.value.fields) == [field]
    assert not PatrolPlan.objects.exists()


# ---------------------------------------------------------------- today
def test_today_shows_the_shift_that_is_due_and_the_next_one(world: World) -> None:
    both_shifts(world)
    for hour, due, coming in (
        ("07:00", None, "am"), ("07:31", "am", "pm"), ("12:00", None, "pm"), ("13:10", "pm", None),
        ("17:00", None, None),
    ):  # fmt: skip
        with at(f"2026-11-18 {hour}"):
            found = patrols_now(world.worker)
        assert (found.due.code if found.due else None, found.next.code if found.next else None) == (due, coming), hour
    with at("2026-11-18 09:00"):
        row = begun(world)
        assert patrols_now(world.worker).running == row
        finish_patrol(row, actor=world.worker)
        found = patrols_now(world.worker)
    assert (found.running, found.due, found.done, found.planned) == (None, None, 1, 2)
    assert patrols_now(world.handler).planned == 0
