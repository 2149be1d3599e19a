"""Return visits, satisfaction first and final, the leader's review, reopening (SLA D.10)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from governance.accounts.models import Notice
from governance.kernel import outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.handle import sign_order
from requests_intake.actions.rate import close_ticket, rate_ticket, record_return_visit, reopen_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.review import ask_unreasonable, judge_unreasonable, order_again, review_up
from requests_intake.actions.settings import set_limit_policy
from requests_intake.actions.verify import verify_ticket
from requests_intake.actions.visits import claim_visit, release_visit
from requests_intake.models import (
    FollowUp,
    LimitPolicy,
    Note,
    Rating,
    ReturnVisit,
    Ticket,
    TicketTransition,
    UnreasonableClaim,
    Verification,
    WorkOrder,
)
from tests.cases import ticket_in
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)

pytestmark = pytest.mark.django_db


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def task_of(ticket: Ticket) -> FollowUp:
    return FollowUp.objects.get(ticket=ticket, ended_at=None)


# ---------------------------------------------------------------- the task
def test_a_visit_is_due_three_working_days_after_the_matter_was_reported_done(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "resolved")
        moment.shift(timedelta(days=1))
        verify_ticket(ticket, passed=True, actor=world.staff)
    task = task_of(ticket)
    assert (task.kind, task.due_at) == ("visit", datetime(2026, 11, 26, 17, 30, tzinfo=SHANGHAI))
    assert FollowUp.objects.get(ticket=ticket, kind="check").ended_at is not None


@pytest.mark.parametrize("kind", ["praise", "consult"])
def test_praise_and_questions_are_not_asked_after(world: World, kind: str) -> None:
    ticket = ticket_in(world, "signed", request_type=kind, urgency="normal")
    ticket = resolve_ticket(ticket, actor=world.worker, reply="谢谢")
    if ticket.state == "resolved":
        ticket = verify_ticket(ticket, passed=True, actor=world.staff)
    assert (ticket.state, ticket.close_reason) == ("closed", "no_visit")
    assert not FollowUp.objects.filter(ticket=ticket, kind="visit").exists()


def test_the_task_ends_with_the_answer_and_begins_anew_after_another_handling(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    record_return_visit(ticket, answer="unsolved", actor=world.visitor)
    assert not FollowUp.objects.filter(ticket=ticket, ended_at=None).exists()
    sign_order(again(ticket), actor=world.worker)
    resolve_ticket(again(ticket), actor=world.worker, reply="又换了")
    verify_ticket(again(ticket), passed=True, actor=world.staff)
    assert task_of(ticket).kind == "visit"


# ---------------------------------------------------------------- answers
def test_whether_it_is_solved_is_kept_apart_from_whether_one_is_satisfied(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    record_return_visit(ticket, answer="so_so", solved="partly", actor=world.visitor)
    rating = Rating.objects.get(ticket=ticket)
    assert (rating.face, rating.solved, rating.channel) == ("so_so", "partly", "phone")
    assert ReturnVisit.objects.get(ticket=ticket).solved == "partly"


@pytest.mark.parametrize(
    ("answer", "solved"),
    [("satisfied", "unsolved"), ("unsolved", "solved"), ("unreachable", "solved"), ("so_so", "perhaps")],
)
def test_answers_that_contradict_each_other_are_refused(world: World, answer: str, solved: str) -> None:
    ticket = ticket_in(world, "visiting")
    with pytest.raises(Invalid) as refused:
        record_return_visit(ticket, answer=answer, solved=solved, actor=world.visitor)
    assert "solved" in refused.value.fields
    assert again(ticket).visit_attempts == 0


@pytest.mark.parametrize("secrecy", [{"is_anonymous": True, "phone": ""}, {"is_confidential": True}])
def test_nobody_comes_to_the_door_of_who_asked_for_secrecy(world: World, secrecy: dict[str, Any]) -> None:
    ticket = ticket_in(world, "visiting", **secrecy)
    with pytest.raises(Invalid, match="不上门回访"):
        record_return_visit(ticket, answer="satisfied", channel="door", actor=world.visitor)
    assert record_return_visit(ticket, answer="satisfied", actor=world.visitor).state == "closed"


def test_at_the_door_of_everybody_else_one_may_ask(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    record_return_visit(ticket, answer="satisfied", channel="door", actor=world.staff)
    assert ReturnVisit.objects.get(ticket=ticket).channel == "door"


def test_a_third_attempt_in_vain_on_one_day_is_refused_but_an_answer_is_taken(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        ticket = ticket_in(world, "visiting")
        for _time in range(2):
            record_return_visit(again(ticket), answer="unreachable", actor=world.visitor)
        with pytest.raises(DomainError, match="今天已经打过 2 次没联系上，请明天再打"):
            record_return_visit(again(ticket), answer="unreachable", actor=world.visitor)
        assert again(ticket).state == "visiting"
        assert record_return_visit(again(ticket), answer="satisfied", actor=world.visitor).state == "closed"


def test_how_often_a_day_is_the_districts_to_set(world: World) -> None:
    document = LimitPolicy.objects.order_by("-version").values_list("document", flat=True)[0]
    document["return_visit"]["a_day"] = 1
    set_limit_policy(document, actor=world.admin)
    ticket = ticket_in(world, "visiting")
    record_return_visit(ticket, answer="unreachable", actor=world.visitor)
    with pytest.raises(DomainError, match="1 次"):
        record_return_visit(again(ticket), answer="unreachable", actor=world.visitor)


def test_attempts_before_another_handling_do_not_count_towards_unreachable(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "visiting")
        for _time in range(2):
            record_return_visit(again(ticket), answer="unreachable", actor=world.visitor)
        rate_ticket(again(ticket), face="unsolved", actor=Actor.requester(ticket.pk))
        moment.shift(timedelta(days=1))
        sign_order(again(ticket), actor=world.worker)
        resolve_ticket(again(ticket), actor=world.worker, reply="又换了")
        verify_ticket(again(ticket), passed=True, actor=world.staff)
        record_return_visit(again(ticket), answer="unreachable", actor=world.visitor)
        assert again(ticket).state == "visiting"


# ---------------------------------------------------------------- two visitors
def test_two_visitors_never_call_the_same_person_at_once(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "visiting")
        claim_visit(ticket, actor=world.visitor)
        for act in (
            lambda: claim_visit(ticket, actor=world.staff),
            lambda: record_return_visit(ticket, answer="satisfied", actor=world.staff),
        ):
            with pytest.raises(DomainError, match="韩回访正在打，今天 09:10以后别人可以打"):
                act()
        claim_visit(ticket, actor=world.visitor)  # one's own claim may be renewed
        moment.shift(timedelta(minutes=11))
        claim_visit(ticket, actor=world.staff)
        with pytest.raises(DomainError, match="郑社工正在打"):
            record_return_visit(ticket, answer="satisfied", actor=world.visitor)


def test_who_puts_it_back_or_records_leaves_it_to_others(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    claim_visit(ticket, actor=world.visitor)
    release_visit(ticket, actor=world.staff)  # not theirs: nothing changes
    assert task_of(ticket).claimed_by_id == world.members["visitor"].pk
    release_visit(ticket, actor=world.visitor)
    claim_visit(ticket, actor=world.staff)
    record_return_visit(ticket, answer="unreachable", actor=world.staff)
    assert task_of(ticket).claimed_by_id is None


def test_only_who_asks_may_claim_and_only_what_is_to_be_asked(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    for name in ("handler", "worker", "official", "other_secretary"):
        with pytest.raises(NotAllowed, match="不能对这件诉求“回访”"):
            claim_visit(ticket, actor=world.actor(name))
    with pytest.raises(DomainError, match="现在不用回访"):
        claim_visit(ticket_in(world, "resolved"), actor=world.visitor)
    with pytest.raises(DomainError, match="现在不用回访"):
        claim_visit(ticket_in(world, "review"), actor=world.visitor)


def _both(*acts: Any, world: World) -> list[Any]:
    """Run two acts at the same moment, each in its own connection and transaction."""
    start, results = threading.Barrier(2), [None, None]

    def run(place: int, act: Any) -> None:
        try:
            start.wait(timeout=60)
            with district_transaction(world.district):
                act()
                results[place] = "done"
        except DomainError as error:
            results[place] = error.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_visitors_who_claim_at_the_same_moment_one_calls(world: World) -> None:
    with district_transaction(world.district):
        ticket = ticket_in(world, "visiting")
    results = _both(
        lambda: claim_visit(ticket, actor=world.visitor), lambda: claim_visit(ticket, actor=world.staff), world=world
    )
    assert sorted(results) == ["being_called", "done"]


@pytest.mark.django_db(transaction=True)
def test_of_two_verifiers_at_the_same_moment_one_look_counts(world: World) -> None:
    with district_transaction(world.district):
        ticket = ticket_in(world, "resolved")
    results = _both(
        lambda: verify_ticket(ticket, passed=True, actor=world.leader),
        lambda: verify_ticket(ticket, passed=False, note="没好", actor=world.staff),
        world=world,
    )
    assert sorted(results) == ["done", "wrong_state"]
    with district_transaction(world.district):
        assert Verification.objects.filter(ticket=ticket).count() == 1
        assert FollowUp.objects.filter(ticket=ticket, ended_at=None).count() <= 1


# ---------------------------------------------------------------- the leader's review
def test_a_second_no_goes_to_the_nearest_leader_and_keeps_what_was_said_first(world: World) -> None:
    ticket = ticket_in(world, "review")
    assert (ticket.needs_review, ticket.first_satisfaction, ticket.final_satisfaction) == (True, "unsolved", "unsolved")
    outbox.deliver(TicketTransition)
    assert Notice.objects.filter(membership=world.members["secretary"], text__contains="请复核").exists()


def test_a_leader_orders_it_handled_once_more_and_only_once(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        ticket = order_again(ticket_in(world, "review"), note="换整条线路", actor=world.secretary)
        order = WorkOrder.objects.get(ticket=ticket, ended_at=None)
        assert (ticket.state, ticket.needs_review, order.organization_id) == ("handling", False, world.grid_team.pk)
        # An urgent one had 24 hours: two working days are more.
        assert order.due_at == datetime(2026, 11, 25, 17, 30, tzinfo=SHANGHAI)
        sign_order(ticket, actor=world.worker)
        resolve_ticket(again(ticket), actor=world.worker, reply="换了整条")
        verify_ticket(again(ticket), passed=True, actor=world.staff)
        rate_ticket(again(ticket), face="unsolved", actor=Actor.requester(ticket.pk))
        assert again(ticket).needs_review
        with pytest.raises(DomainError, match="已经责成再办过一次"):
            order_again(again(ticket), note="再来", actor=world.secretary)


def test_a_leader_hands_it_one_level_up(world: World) -> None:
    ticket = review_up(ticket_in(world, "review"), note="要街道协调", actor=world.secretary)
    assert (ticket.state, ticket.organization_id, ticket.level) == ("handling", world.committee.pk, "community")
    assert TicketTransition.objects.get(ticket=ticket, move="review_up").payload["from_level"] == "grid"


def test_an_unreasonable_demand_is_found_by_the_district_and_told_with_its_reason(world: World) -> None:
    ticket = ask_unreasonable(ticket_in(world, "review"), note="要求赔偿，无依据", actor=world.secretary)
    assert (ticket.state, ticket.needs_review) == ("visiting", True)
    for stop in (
        lambda: close_ticket(ticket, reason="reviewed", note="先结", actor=world.secretary),
        lambda: order_again(ticket, note="先办", actor=world.secretary),
        lambda: ask_unreasonable(ticket, note="再申请", actor=world.street_leader),
    ):
        with pytest.raises(DomainError, match="等区里认定"):
            stop()
    for name in ("secretary", "street_leader", "visitor"):
        with pytest.raises(NotAllowed):
            judge_unreasonable(ticket, granted=True, note="同意", actor=world.actor(name))
    closed = judge_unreasonable(ticket, granted=True, note="没有赔偿依据，可向法院起诉。", actor=world.center)
    assert (closed.state, closed.close_reason) == ("closed", "unreasonable")
    assert Note.objects.filter(ticket=ticket, audience="public", text__contains="没有赔偿依据").exists()


def test_who_asked_does_not_judge_and_a_refusal_is_back_with_the_leader(world: World) -> None:
    ticket = ask_unreasonable(ticket_in(world, "review"), note="要求赔偿", actor=world.center)
    with pytest.raises(NotAllowed, match="要由别人来认定"):
        judge_unreasonable(ticket, granted=True, note="同意", actor=world.center)
    judge_unreasonable(ticket, granted=False, note="要求合理", actor=world.supervisor)
    assert (again(ticket).state, again(ticket).needs_review) == ("visiting", True)
    assert UnreasonableClaim.objects.get(ticket=ticket).granted is False
    assert not Note.objects.filter(ticket=ticket, audience="public", text="要求合理").exists()
    with pytest.raises(DomainError, match="不能再申请"):
        ask_unreasonable(again(ticket), note="再要求", actor=world.secretary)
    assert close_ticket(again(ticket), reason="reviewed", note="已说明", actor=world.secretary).state == "closed"


def test_nothing_is_reviewed_that_was_not_said_twice(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    for act in (order_again, review_up, ask_unreasonable):
        with pytest.raises(DomainError, match="还没有第二次说没解决"):
            act(ticket, note="x", actor=world.secretary)
    with pytest.raises(DomainError, match="没有等待认定的申请"):
        judge_unreasonable(ticket, granted=True, note="x", actor=world.center)


# ---------------------------------------------------------------- reopening
def test_a_reopened_matter_is_asked_after_again(world: World) -> None:
    ticket = reopen_ticket(ticket_in(world, "closed"), note="又坏了", actor=world.dispatcher)
    sign_order(ticket, actor=world.worker)
    resolve_ticket(again(ticket), actor=world.worker, reply="换了")
    verify_ticket(again(ticket), passed=True, actor=world.staff)
    assert task_of(ticket).kind == "visit"
