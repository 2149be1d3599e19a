"""必到必访 (S2-14): rules open tasks for the secretary, visits close them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from grids.households.actions.households import end_household
from grids.households.actions.tags import end_tagging, tag_household
from grids.visits.actions.must import (
    RuleDetails,
    adopt_usual_events,
    arrive,
    define_rule,
    open_tag_tasks,
    report_event,
    retire_rule,
)
from grids.visits.actions.visits import withdraw_visit
from grids.visits.models import MustVisit, MustVisitRule
from grids.visits.must import open_tasks
from tests.households.homes import tag
from tests.visits.helpers import homes, owed, visit


@pytest.fixture
def weekly(world):
    word = tag(world.admin, name="常看望", mark="望")
    return word, define_rule(RuleDetails("tag", tag=word, days=7), actor=world.admin)


def test_a_tag_put_on_today_opens_a_task_due_in_seven_days_that_a_visit_closes(world, weekly):
    """S2-14: tagged today, rule 7 days: a must-visit task due in 7 days appears and closes when a visit is logged."""
    row = homes(world, 1)[0]
    tag_household(row, weekly[0], reason="本人同意", actor=world.worker)
    (task,) = open_tasks(world.secretary)
    assert (clock.local(task.due_at).date() - clock.today()).days == 7
    visit(row, world.secretary, "no")
    assert open_tasks(world.secretary).get().pk == task.pk  # an attempt closes nothing
    visit(row, world.worker)
    assert open_tasks(world.secretary).get().pk == task.pk  # the duty is the secretary's own
    made = visit(row, world.secretary)
    task.refresh_from_db()
    assert (task.end, task.visit_id) == ("visited", made.pk)
    again = open_tasks(world.secretary).get()
    assert (clock.local(again.due_at).date() - clock.today()).days == 7  # every n days


def test_the_secretary_finds_what_is_to_be_visited_on_the_first_page(world, weekly, client):
    world.sign_in(client, "secretary")
    assert owed(client) == []
    for row in homes(world, 2):
        tag_household(row, weekly[0], reason="本人同意", actor=world.worker)
    (must,) = owed(client)
    assert (must["label"], must["count"], "state" in must) == ("必到必访", 2, False)
    assert client.get(must["url"]).context["page"].paginator.count == 2
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        world.sign_in(client, "secretary")
        assert owed(client)[0]["state"] == "over"
        for who in ("dispatcher", "leader", "other_secretary"):
            world.sign_in(client, who)
            assert owed(client) == []


def test_a_visit_taken_back_leaves_the_task_open(world, weekly):
    row = homes(world, 1)[0]
    tag_household(row, weekly[0], reason="本人同意", actor=world.worker)
    first = open_tasks(world.secretary).get()
    withdraw_visit(visit(row, world.secretary), actor=world.secretary)
    assert open_tasks(world.secretary).get().pk == first.pk


def test_a_rule_opens_what_is_tagged_already_once_and_lapses_with_its_reason(world):
    one, two, gone = homes(world, 3)
    word = tag(world.admin)
    for row in (one, two, gone):
        tag_household(row, word, reason="本人同意", actor=world.worker)
    rule = define_rule(RuleDetails("tag", tag=word, days=3), actor=world.admin)
    assert open_tasks(world.secretary).count() == 3
    assert open_tag_tasks() == 0
    end_household(gone, reason="moved_out", on=clock.today(), actor=world.worker)
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        open_tag_tasks()
        assert {task.household_id for task in open_tasks(world.secretary)} == {one.pk, two.pk}
    retire_rule(rule, actor=world.admin)
    assert not open_tasks(world.secretary).exists()
    assert set(MustVisit.objects.values_list("end", flat=True)) == {"lapsed"}


def test_a_tag_that_comes_off_takes_the_task_with_it(world, weekly):
    row = homes(world, 1)[0]
    tagging = tag_household(row, weekly[0], reason="本人同意", actor=world.worker)
    end_tagging(tagging, actor=world.worker)
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        open_tag_tasks()
        assert not open_tasks(world.secretary).exists()


def test_opening_takes_as_many_statements_for_many_as_for_few(world, weekly, django_assert_max_num_queries):
    for row in homes(world, 20):
        tag_household(row, weekly[0], reason="本人同意", actor=world.worker)
    MustVisit.objects.all().delete()
    with django_assert_max_num_queries(10):
        assert open_tag_tasks() == 20


def test_an_event_calls_the_secretary_within_its_hours(world):
    adopt_usual_events(actor=world.admin)
    adopt_usual_events(actor=world.admin)
    assert MustVisitRule.objects.count() == 3
    rule = MustVisitRule.objects.get(name="群体矛盾")
    task = report_event(rule, actor=world.worker, words="为停车吵起来了", grid_id=world.grid.pk, place="3号楼门口")
    assert task.due_at - task.opened_at == timedelta(hours=4)
    # The secretary is told at once, where and until when; what happened stands on the page alone.
    told = Notice.objects.get(kind="must_visit")
    assert (told.membership, told.is_critical) == (world.members["secretary"], True)
    due = clock.local(task.due_at)
    assert told.text == f"请到场：群体矛盾，{world.grid.name}，{due.month}月{due.day}日 {due:%H:%M} 前"
    assert told.path == "/desk/home-visits/must/"
    with pytest.raises(NotAllowed):
        arrive(task, words="劝开了", actor=world.worker)
    with pytest.raises(NotFound):
        arrive(task, words="劝开了", actor=world.other_secretary)
    with pytest.raises(Invalid):
        arrive(task, words=" ", actor=world.secretary)
    assert arrive(task, words="劝开了，约好周三再谈", actor=world.secretary).end == "arrived"
    with pytest.raises(DomainError) as refused:
        arrive(task, words="又到了", actor=world.secretary)
    assert refused.value.code == "must_closed"


def test_an_event_at_a_household_is_closed_by_the_secretarys_visit(world):
    adopt_usual_events(actor=world.admin)
    row, rule = homes(world, 1)[0], MustVisitRule.objects.get(name="突发事件")
    task = report_event(rule, actor=world.worker, words="老人摔了一跤", household=row)
    with pytest.raises(DomainError) as refused:
        report_event(rule, actor=world.worker, words="老人摔了一跤", household=row)
    assert refused.value.code == "already_open"
    visit(row, world.secretary, purpose="must")
    task.refresh_from_db()
    assert task.end == "visited"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "tag"}, "tag"),
        ({"kind": "tag", "days": 0}, "days"),
        ({"kind": "event", "name": "", "hours": 2}, "name"),
        ({"kind": "event", "name": "处置钉子户", "hours": 2}, "name"),
        ({"kind": "event", "name": "停水", "hours": 0}, "hours"),
        ({"kind": "none"}, "kind"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(world, said, field):
    with pytest.raises(Invalid) as refused:
        define_rule(RuleDetails(**said), actor=world.admin)
    assert field in refused.value.fields
    with pytest.raises(NotAllowed):
        define_rule(RuleDetails("event", name="停水", hours=2), actor=world.secretary)
