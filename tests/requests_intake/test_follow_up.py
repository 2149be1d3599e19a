"""What comes after the handling (SLA D.9, D.10, inventory S3-22): the draw, the look on site, its limit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError, connection, connections, transaction

from governance.accounts.models import Notice
from governance.kernel import outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.reference import bump_reference
from governance.kernel.tasks import districts_with
from governance.kernel.tenancy.context import district_transaction
from grids.models import PostAssignment
from requests_intake.actions.draw import disclosed_seed, draw_check, ensure_seed, prepare_seeds, recompute
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.follow_up import level_of_check, raise_late_checks
from requests_intake.actions.handle import sign_order
from requests_intake.actions.orders import lead_order
from requests_intake.actions.resolve import resolve_ticket, solve_on_site
from requests_intake.actions.settings import set_limit_policy
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Clock, DrawSeed, FollowUp, LimitPolicy, SampleDraw, Ticket, TicketTransition
from requests_intake.policies import TicketPolicy
from requests_intake.presentation import lamp_state
from requests_intake.reference import rules
from requests_intake.sampling import value_of
from requests_intake.tasks import LATE_CHECKS
from tests.cases import report, ticket_in
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)

pytestmark = pytest.mark.django_db


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def task_of(ticket: Ticket) -> FollowUp:
    return FollowUp.objects.get(ticket=ticket, ended_at=None)


def done(world: World, by: str = "worker", **changes: Any) -> Ticket:
    ticket = report(world, **changes)
    sign_order(ticket, actor=world.actor(by))
    return resolve_ticket(again(ticket), actor=world.actor(by), reply="灯换好了")


def policy_with(world: World, **verify: Any) -> None:
    document = LimitPolicy.objects.order_by("-version").values_list("document", flat=True)[0]
    document["verify"] |= verify
    set_limit_policy(document, actor=world.admin)


# ---------------------------------------------------------------- the draw
def test_every_resolve_leaves_a_draw_with_rule_percent_value_and_outcome(world: World) -> None:
    ticket = done(world)
    draw = SampleDraw.objects.get(ticket=ticket)
    assert (draw.rule, draw.percent, draw.turn) == ("sample", 20, 1)
    assert draw.seed is not None
    assert draw.value == value_of(draw.seed.seed, ticket.number, 1)
    assert draw.chosen == (draw.value < 20) == ticket.needs_verification == (ticket.state == "resolved")


@pytest.mark.parametrize(
    ("changes", "rule"), [({"urgency": "urgent"}, "urgency"), ({"category_code": "0203"}, "safety")]
)
def test_what_is_always_looked_at_needs_no_draw(world: World, changes: dict[str, Any], rule: str) -> None:
    if rule == "safety":
        safe = next(ref.code for ref in rules().by_code.values() if ref.pure.is_safety and ref.pure.urgency == "normal")
        changes = {"category_code": safe}
    ticket = done(world, **changes)
    draw = SampleDraw.objects.get(ticket=ticket)
    assert (draw.rule, draw.percent, draw.value, draw.seed, draw.chosen) == (rule, 100, None, None, True)
    assert ticket.state == "resolved"


def test_a_rule_of_the_district_raises_the_percentage_of_an_organization(world: World) -> None:
    policy_with(world, sample_percent=0, organizations={str(world.grid_team.pk): 100})
    assert SampleDraw.objects.get(ticket=done(world)).rule == "organization"
    # Another one stays with the general sample, which is nobody now.
    ticket = report(world)
    escalate_ticket(ticket, actor=world.worker, note="要换线路")
    sign_order(again(ticket), actor=world.secretary)
    resolve_ticket(again(ticket), actor=world.secretary, reply="换了")
    draw = SampleDraw.objects.get(ticket=ticket)
    assert (draw.rule, draw.percent, draw.chosen) == ("sample", 0, False)
    assert again(ticket).state == "visiting"


def test_a_rule_of_the_district_raises_the_percentage_of_a_category(world: World) -> None:
    ticket = report(world)
    code = rules().categories[ticket.category_id].code
    document = LimitPolicy.objects.order_by("-version").values_list("document", flat=True)[0]
    document["categories"].setdefault(code, {})["verify_percent"] = 100
    set_limit_policy(document, actor=world.admin)
    sign_order(ticket, actor=world.worker)
    resolve_ticket(again(ticket), actor=world.worker, reply="换了")
    draw = SampleDraw.objects.get(ticket=ticket)
    assert (draw.rule, draw.percent, draw.chosen) == ("category", 100, True)


def test_after_a_failed_look_the_next_one_is_certain(world: World) -> None:
    policy_with(world, organizations={str(world.grid_team.pk): 100})
    ticket = done(world)
    policy_with(world, organizations={}, sample_percent=0)
    verify_ticket(ticket, passed=False, note="还是不亮", actor=world.staff)
    resolve_ticket(again(ticket), actor=world.worker, reply="又换了")
    draws = SampleDraw.objects.filter(ticket=ticket).order_by("turn")
    assert [(row.turn, row.rule, row.chosen) for row in draws] == [(1, "organization", True), (2, "again", True)]


def test_what_the_grid_found_and_settled_itself_is_not_looked_at_but_what_others_settled_is(world: World) -> None:
    policy_with(world, sample_percent=100)
    find = Report(content="路边垃圾袋", channel="patrol", building_id=world.building.pk, is_proactive=True)
    own = submit_ticket(find, actor=world.worker).ticket
    solve_on_site(own, actor=world.worker, reply="已清理")
    assert SampleDraw.objects.get(ticket=own).rule == "own_find"
    up = submit_ticket(find, actor=world.worker).ticket
    escalate_ticket(up, actor=world.worker, note="要吊车")
    sign_order(again(up), actor=world.secretary)
    resolve_ticket(again(up), actor=world.secretary, reply="运走了")
    # S3-22: the original finder looks.
    assert (again(up).state, task_of(up).level) == ("resolved", "grid")


def test_the_commitment_stands_before_the_month_and_the_seed_is_known_only_after_it(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        assert prepare_seeds() == 2
        assert [row.month for row in DrawSeed.objects.order_by("month")] == [date(2026, 11, 1), date(2026, 12, 1)]
        ticket = done(world)
        seed = DrawSeed.objects.get(month=date(2026, 11, 1))
        with pytest.raises(DomainError, match="12月1日起公布"):
            disclosed_seed(seed)
        moment.shift(timedelta(days=8))
        known = disclosed_seed(seed)
    # Anybody recomputes it with the tools of any computer.
    assert hashlib.sha256(known.encode()).hexdigest() == seed.commitment
    draw = SampleDraw.objects.get(ticket=ticket)
    assert recompute(draw, ticket.number, known) == (draw.value, draw.chosen)
    assert known != DrawSeed.objects.get(month=date(2026, 12, 1)).seed


def test_the_seed_lies_encrypted_and_draws_cannot_be_rewritten(world: World) -> None:
    seed = ensure_seed(date(2026, 11, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM requests_intake_drawseed WHERE id = %s", [seed.pk])
        assert seed.seed not in cursor.fetchone()[0]
    done(world)
    for rows, change in ((DrawSeed.objects.all(), {"commitment": "0"}), (SampleDraw.objects.all(), {"chosen": False})):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            rows.update(**change)


def test_two_who_make_the_seed_at_once_get_the_same_one(world: World) -> None:
    month = date(2026, 11, 1)
    first = ensure_seed(month)
    assert ensure_seed(month).pk == first.pk
    # The second one lost the race: its row meets the first one's and leaves it alone.
    twin = DrawSeed(month=month, seed="x", commitment="x", made_at=MONDAY_9)
    DrawSeed.objects.bulk_create([twin], ignore_conflicts=True)
    assert DrawSeed.objects.get(month=month).seed == first.seed


def test_who_handles_cannot_know_the_draw_from_the_number(world: World) -> None:
    """The same number falls differently under another seed."""
    ticket = report(world)
    sign_order(ticket, actor=world.worker)
    order = lead_order(ticket)
    assert order is not None
    values = set()
    for month in range(1, 13):
        with time_machine.travel(datetime(2027, month, 10, 10, tzinfo=SHANGHAI), tick=False), transaction.atomic():
            values.add(draw_check(ticket, order).value)
            transaction.set_rollback(True)
    assert len(values) > 3


# ---------------------------------------------------------------- who looks, by when
@time_machine.travel(MONDAY_9, tick=False)
def test_a_look_is_due_in_two_working_days_and_is_the_grids(world: World) -> None:
    ticket = report(world, urgency="urgent")
    escalate_ticket(ticket, actor=world.worker, note="要换线路")
    sign_order(again(ticket), actor=world.secretary)
    resolve_ticket(again(ticket), actor=world.secretary, reply="换了")
    task = task_of(ticket)
    assert (task.kind, task.level, task.handled_by_id) == ("check", "grid", world.members["secretary"].pk)
    assert task.due_at == datetime(2026, 11, 25, 17, 30, tzinfo=SHANGHAI)


@time_machine.travel(MONDAY_9, tick=False)
def test_the_limit_of_a_look_is_the_districts_to_set(world: World) -> None:
    policy_with(world, within={"value": 1, "unit": "work_day"})
    assert task_of(done(world, urgency="urgent")).due_at == datetime(2026, 11, 24, 17, 30, tzinfo=SHANGHAI)


def test_nobody_looks_at_their_own_work(world: World) -> None:
    ticket = done(world, urgency="urgent")
    for passed in (True, False):
        with pytest.raises(NotAllowed, match="您自己办结的，要由别人去核查"):
            verify_ticket(ticket, passed=passed, note="看了", actor=world.worker)
    assert verify_ticket(ticket, passed=True, actor=world.leader).state == "visiting"


def test_after_a_second_handling_the_first_handler_may_look(world: World) -> None:
    ticket = done(world, urgency="urgent")
    verify_ticket(ticket, passed=False, note="还是不亮", actor=world.staff)
    resolve_ticket(again(ticket), actor=world.leader, reply="我来换好了")
    with pytest.raises(NotAllowed):
        verify_ticket(again(ticket), passed=True, actor=world.leader)
    assert verify_ticket(again(ticket), passed=True, actor=world.worker).state == "visiting"


def test_where_the_grids_only_worker_resolved_it_the_community_looks(world: World) -> None:
    assert task_of(done(world, urgency="urgent")).level == "grid"  # the leader of the grid is there
    PostAssignment.objects.filter(membership=world.members["leader"]).update(until=date(2020, 1, 1))
    bump_reference()
    assert task_of(done(world, urgency="urgent")).level == "community"


def test_a_place_without_anybody_in_post_goes_to_the_next_with_somebody(world: World) -> None:
    ticket = report(world, building_id=world.buildings[4].pk, urgency="urgent")  # the street's other community
    assert level_of_check(ticket, None) == "street"


def test_who_is_to_look_is_told_and_who_resolved_is_not(world: World) -> None:
    ticket = report(world, urgency="urgent")
    sign_order(ticket, actor=world.worker)
    outbox.deliver(TicketTransition)
    Notice.objects.all().delete()
    resolve_ticket(again(ticket), actor=world.worker, reply="换了")
    outbox.deliver(TicketTransition)
    told = Notice.objects.filter(text__contains="请去现场核查").values_list("membership_id", flat=True)
    assert set(told) == {world.members["leader"].pk}


@time_machine.travel(MONDAY_9, tick=False)
def test_a_look_nobody_makes_goes_up_visibly_and_never_closes_the_ticket(world: World) -> None:
    ticket = done(world, urgency="urgent")
    assert raise_late_checks() == 0
    levels = []
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        for _round in range(5):
            moment.move_to(task_of(ticket).due_at + timedelta(minutes=1))
            raise_late_checks()
            levels.append(task_of(ticket).level)
    assert levels == ["community", "street", "district", "district", "district"]
    assert again(ticket).state == "resolved"
    ups = TicketTransition.objects.filter(ticket=ticket, move="raise_check").order_by("id")
    assert [row.payload["to_level"] for row in ups] == ["community", "street", "district"]
    outbox.deliver(TicketTransition)
    assert Notice.objects.filter(membership=world.members["staff"], text__contains="到期没有人核查").exists()


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_the_beat_asks_for_late_looks_and_may_read_nothing_else(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False), district_transaction(world.district):
        due = task_of(done(world, urgency="urgent")).due_at
    assert districts_with(LATE_CHECKS, [due]) == []
    assert districts_with(LATE_CHECKS, [due + timedelta(minutes=1)]) == [world.district.pk]
    with pytest.raises(DatabaseError, match="permission denied"), connections["sweep"].cursor() as cursor:
        cursor.execute("SELECT claimed_by_id FROM requests_intake_followup")


# ---------------------------------------------------------------- not solved: rework on the old clock
@time_machine.travel(MONDAY_9, tick=False)
def test_s3_22_a_verifier_marks_it_unsolved_and_the_remaining_time_goes_on(world: World) -> None:
    ticket = done(world, urgency="urgent")
    due = again(ticket).order_due_at
    verify_ticket(ticket, passed=False, note="还是不亮", actor=world.staff)
    found = again(ticket)
    assert (found.state, found.rework_count, found.order_due_at, found.resolved_at) == ("handling", 1, due, None)
    assert not FollowUp.objects.filter(ticket=ticket, ended_at=None).exists()
    assert Clock.objects.get(ticket=ticket, kind="resolve").stopped_at is None


def test_a_failed_look_counts_as_never_resolved_so_it_is_overdue_at_once_if_the_time_is_over(world: World) -> None:
    """SLA D.9: given resolved in time, when the look after the deadline fails, then it is overdue."""
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = report(world)
        policy_with(world, sample_percent=100)
        sign_order(ticket, actor=world.worker)
        resolve_ticket(again(ticket), actor=world.worker, reply="换了")
        moment.move_to(ticket.order_due_at + timedelta(hours=1))
        assert lamp_state(again(ticket)) == "check"
        verify_ticket(again(ticket), passed=False, note="还是不亮", actor=world.staff)
        assert lamp_state(again(ticket)) == "over"
        sweep()
        fired = TicketTransition.objects.filter(ticket=ticket, move="stage", payload__kind="resolve", stage="due")
        assert fired.count() == 1
        # A second sweep and a second failed look add no second overdue.
        sweep()
        assert fired.count() == 1


def test_a_failed_look_lights_the_lamp_again_that_was_lit_before(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        policy_with(world, sample_percent=100)
        ticket = report(world)
        sign_order(ticket, actor=world.worker)
        schedule = dict(Clock.objects.get(ticket=ticket, kind="resolve").schedule)
        moment.move_to(datetime.fromisoformat(schedule["soon"]) + timedelta(minutes=1))
        sweep()
        assert again(ticket).lamp == "soon"
        resolve_ticket(again(ticket), actor=world.worker, reply="换了")
        assert again(ticket).lamp == ""
        verify_ticket(again(ticket), passed=False, note="还是不亮", actor=world.staff)
        assert again(ticket).lamp == "soon"


def test_a_restricted_matter_is_looked_at_only_by_its_circle(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported(request_type="report")
    for name in ("worker", "secretary", "dispatcher", "visitor"):
        assert not TicketPolicy.visible(world.actor(name)).filter(pk=ticket.pk).exists()


def test_a_stranger_and_a_requester_cannot_look(world: World) -> None:
    ticket = ticket_in(world, "resolved")
    for actor in (world.other_secretary, world.handler, world.visitor, Actor.requester(ticket.pk)):
        with pytest.raises(NotAllowed, match="不能对这件诉求“核查通过”"):
            verify_ticket(ticket, passed=True, actor=actor)


@pytest.mark.parametrize(
    "wrong", [{"organizations": {"1": 101}}, {"organizations": {"x": 5}}, {"within": {"value": 0, "unit": "day"}}]
)
def test_a_percentage_or_limit_that_is_none_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        policy_with(world, **wrong)
