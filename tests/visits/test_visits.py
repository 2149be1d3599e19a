"""Visits by plan (S1-09c) and what came of them (S2-06)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from governance.privacy.models import Disclosure
from grids.households.actions.households import Where, end_household, move_household
from grids.households.actions.tags import tag_household
from grids.households.models import Household
from grids.visits.actions.outcomes import USUAL_OUTCOMES, set_outcomes
from grids.visits.actions.plans import set_target
from grids.visits.actions.reveal import reveal_findings
from grids.visits.actions.visits import VisitDetails, log_visit, withdraw_visit
from grids.visits.due import last_words, reasons, to_visit
from grids.visits.models import Visit, VisitPlan
from grids.visits.plans import USUAL_TARGET, progress
from grids.visits.reference import outcomes_in_use
from tests.households.homes import many, tag, with_rooms
from tests.visits.helpers import homes, visit


def here(world):
    return Household.objects.filter(building__grid_id=world.grid.pk)


def listed(world, which="month"):
    return [row.pk for row in to_visit(here(world), which)]


def test_three_hundred_distinct_households_reach_the_months_target(world):
    """S1-09c: 420 households, a target of 300; the worker logs 300 distinct visits."""
    rooms = with_rooms(world.building, units=6, floors=35, doors=2)
    rows = many(world.building, rooms, world.worker)
    assert len(rows) == 420
    now = clock.now()
    Visit.objects.bulk_create(
        Visit(household=row, grid=world.grid, at=now, recorded_at=now, by_id=world.worker.membership_id, met="yes")
        for row in rows[:299]
    )
    found = progress([world.grid.pk])[world.grid.pk]
    assert (found.target, found.homes, found.met, found.left, found.is_reached) == (USUAL_TARGET, 420, 299, 1, False)
    visit(rows[0], world.worker)  # the same household again is no further one
    assert progress([world.grid.pk])[world.grid.pk].met == 299
    visit(rows[299], world.worker)
    found = progress([world.grid.pk])[world.grid.pk]
    assert (found.met, found.left, found.is_reached) == (300, 0, True)
    assert to_visit(here(world)).count() == 120


@pytest.mark.parametrize(("met", "counts"), [("yes", True), ("phone", True), ("no", False), ("refused", False)])
def test_no_answer_is_an_attempt_and_not_visited(world, met, counts):
    row, *others = homes(world)
    visit(row, world.worker, met)
    found = progress([world.grid.pk])[world.grid.pk]
    assert (found.met, found.tried) == ((1, 0) if counts else (0, 1))
    assert found.not_this_year == len(others) + (not counts)
    assert (row.pk in listed(world)) is not counts
    assert (row.pk in listed(world, "tried")) is not counts


def test_trying_twice_and_meeting_once_is_one_visited(world):
    row = homes(world, 1)[0]
    visit(row, world.worker, "no", days_ago=2)
    visit(row, world.worker, "yes")
    found = progress([world.grid.pk])[world.grid.pk]
    assert (found.met, found.tried) == (1, 0)


def test_a_small_grid_is_done_when_everybody_was_met(world):
    rows = homes(world, 2)
    assert progress([world.grid.pk])[world.grid.pk].planned == 2
    for row in rows:
        visit(row, world.worker)
    assert progress([world.grid.pk])[world.grid.pk].is_reached
    assert not progress([world.grid2.pk])[world.grid2.pk].is_reached  # nobody lives there: nothing to reach


def test_the_oldest_unvisited_comes_first_and_key_households_before_them(world):
    old, older, never, key = homes(world)
    word = tag(world.admin, visit_every=7)
    tag_household(key, word, reason="本人同意", actor=world.worker)
    visit(old, world.worker, days_ago=60)
    visit(older, world.worker, days_ago=90)
    visit(key, world.worker, days_ago=8)
    assert listed(world) == [key.pk, never.pk, older.pk, old.pk]
    visit(key, world.worker)
    assert listed(world) == [never.pk, older.pk, old.pk]
    assert listed(world, "key") == [key.pk]


def test_an_agreed_day_brings_a_household_forward_when_it_comes(world):
    *_others, agreed = homes(world, 3)
    visit(agreed, world.worker, next_visit_on=clock.today() + timedelta(days=3))
    assert agreed.pk not in listed(world)
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        assert listed(world)[0] == agreed.pk
        row = to_visit(here(world)).get(pk=agreed.pk)
        assert [reason.kind for reason in reasons(row)] == ["agreed"]


def test_by_december_who_was_not_met_all_year_tops_the_list(world):
    """S1-09c: 12 households unvisited by 1 December top the list with 年度未访."""
    rows = homes(world, 16)
    key = rows[-1]
    tag_household(key, tag(world.admin, visit_every=7), reason="本人同意", actor=world.worker)
    for row in rows[12:]:
        visit(row, world.worker, days_ago=20)
    visit(rows[0], world.worker, "no")  # an attempt does not take it off
    with time_machine.travel(datetime(2026, 12, 1, 2, tzinfo=UTC), tick=False):
        found = list(to_visit(here(world)))
        assert {row.pk for row in found[:12]} == {row.pk for row in rows[:12]}
        assert found[12].pk == key.pk
        assert all(reasons(row)[0].words == "年度未访" for row in found[:12])
        assert "year" not in {reason.kind for reason in reasons(found[12])}
        assert progress([world.grid.pk])[world.grid.pk].not_this_year == 12


def test_in_spring_nobody_is_marked_for_the_year(world):
    homes(world, 1)
    with time_machine.travel(datetime(2027, 3, 1, 2, tzinfo=UTC), tick=False):
        row = to_visit(here(world)).get()
        assert reasons(row) == []
        assert last_words(row) == "还没有走访过"


def test_a_list_takes_one_statement_however_long(world, django_assert_num_queries):
    homes(world, 30)
    with django_assert_num_queries(1):
        rows = list(to_visit(here(world))[:30])
    with django_assert_num_queries(0):
        assert all(reasons(row) is not None and row.building.name for row in rows)


def test_the_target_is_set_by_leader_or_community_for_months_to_come(world):
    month = clock.today()
    row = set_target(world.grid.pk, month, 40, actor=world.leader)
    set_target(world.grid.pk, month, 50, actor=world.secretary)
    assert VisitPlan.objects.get(pk=row.pk).target == 50
    assert progress([world.grid.pk])[world.grid.pk].target == 50
    with pytest.raises(NotAllowed):
        set_target(world.grid.pk, month, 10, actor=world.worker)
    with pytest.raises(NotFound):
        set_target(world.grid2.pk, month, 10, actor=world.leader)
    with pytest.raises(Invalid) as refused:
        set_target(world.grid.pk, date(2020, 1, 1), 0, actor=world.leader)
    assert set(refused.value.fields) == {"month", "target"}


def test_only_who_keeps_a_household_logs_a_visit_there(world):
    row = homes(world, 1, building=2)[0]
    for name in ("worker", "other_worker", "other_secretary"):
        with pytest.raises(NotFound):
            log_visit(row, VisitDetails("yes"), actor=world.actor(name))
    with pytest.raises(NotAllowed):
        log_visit(row, VisitDetails("yes"), actor=world.dispatcher)
    assert visit(row, world.secretary).grid_id == world.grid2.pk


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"met": "maybe"}, "met"),
        ({"purpose": "spy"}, "purpose"),
        ({"findings": "字" * 501}, "findings"),
        ({"findings": "这家是钉子户"}, "findings"),
        ({"next_visit_on": date(2020, 1, 1)}, "next_visit_on"),
        ({"next_visit_on": date(2099, 1, 1)}, "next_visit_on"),
        ({"at": datetime(2099, 1, 1, tzinfo=UTC)}, "at"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "at"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(world, said, field):
    row = homes(world, 1)[0]
    with pytest.raises(Invalid) as refused:
        log_visit(row, VisitDetails(**{"met": "yes", **said}), actor=world.worker)
    assert list(refused.value.fields) == [field]
    assert not Visit.objects.exists()


def test_nobody_visits_who_moved_out_and_a_move_takes_the_visits_along(world):
    row, gone = homes(world, 2)
    visit(row, world.worker)
    there = with_rooms(world.buildings[1], 1, 1, 1)[0]
    move_household(row, Where(world.buildings[1], there), on=clock.today(), actor=world.worker)
    assert Visit.objects.get(household=row).grid_id == world.grid.pk
    end_household(gone, reason="moved_out", on=clock.today(), actor=world.worker)
    with pytest.raises(DomainError) as refused:
        visit(gone, world.worker)
    assert refused.value.code == "household_ended"
    assert listed(world) == []


def test_the_one_who_logged_it_takes_a_slip_back_within_a_day(world):
    row = homes(world, 1)[0]
    made = visit(row, world.worker, findings="老人腿脚不便")
    with pytest.raises(NotAllowed):
        withdraw_visit(made, actor=world.leader)
    withdraw_visit(made, actor=world.worker)
    made.refresh_from_db()
    assert made.findings == ""
    assert progress([world.grid.pk])[world.grid.pk].met == 0
    assert row.pk in listed(world)
    with pytest.raises(DomainError) as refused:
        withdraw_visit(made, actor=world.worker)
    assert refused.value.code == "already_withdrawn"
    late = visit(row, world.worker)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False), pytest.raises(DomainError) as refused:
        withdraw_visit(late, actor=world.worker)
    assert refused.value.code == "too_late"


def test_the_five_outcomes_are_the_districts_own_list(world):
    """S2-06: 讲清小道理、解决小问题、开展小活动、树立小典型、化解小纠纷."""
    rows = set_outcomes(USUAL_OUTCOMES, actor=world.admin)
    assert [row.name for row in rows] == [name for name, _offers in USUAL_OUTCOMES]
    assert [row.name for row in rows if row.offers_mediation] == ["化解小纠纷"]
    row = homes(world, 1)[0]
    assert visit(row, world.worker, outcome=rows[4]).outcome == rows[4]
    set_outcomes([("化解小纠纷", True), ("送政策", False)], actor=world.admin)
    assert [each.name for each in outcomes_in_use()] == ["化解小纠纷", "送政策"]
    with pytest.raises(Invalid) as refused:
        visit(row, world.worker, outcome=rows[0])
    assert "outcome" in refused.value.fields
    assert Visit.objects.get(outcome=rows[4])
    with pytest.raises(NotAllowed):
        set_outcomes([], actor=world.secretary)
    with pytest.raises(Invalid) as refused:
        set_outcomes([("甲", False), ("甲", False), ("字" * 13, False), ("整治钉子户", False)], actor=world.admin)
    assert set(refused.value.fields) == {"name_1", "name_2", "name_3"}
    with pytest.raises(Invalid):
        set_outcomes([(str(n), False) for n in range(9)], actor=world.admin)


def test_words_of_others_are_opened_with_a_reason_and_written_down(world):
    made = visit(homes(world, 1)[0], world.worker, findings="儿子在外地")
    with pytest.raises(Invalid):
        reveal_findings(made, reason="", actor=world.secretary)
    assert reveal_findings(made, reason="home_visit", actor=world.secretary) == "儿子在外地"
    assert Disclosure.objects.filter(object_kind="visit", field="findings").count() == 1
    assert AuditEvent.objects.filter(action="reveal_findings").exists()
    with pytest.raises(NotFound):
        reveal_findings(made, reason="home_visit", actor=world.other_secretary)
