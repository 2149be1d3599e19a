"""Several hands on one matter: co-handlers, the claim pool, giving it down; urging and supervising (D.4, S3-27)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from governance.kernel.errors import DomainError
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.co_handlers import add_handler, cancel_handler, delegate_down, resolve_co_order
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import claim_order, contact_requester, give_back_order, sign_order
from requests_intake.actions.press import (
    answer_supervision,
    decide_circular,
    supervise_ticket,
    urge_ticket,
    urge_tickets,
)
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.clock_stories import differences
from requests_intake.models import Clock, Supervision, Ticket, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.presentation.hands import own_clocks
from requests_intake.queries import TicketFilter, queue_counts, tickets_of
from tests.cases import colleague, ticket_in
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def error_of(act: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(DomainError) as error:
        act(*args, **kwargs)
    assert str(error.value.message)
    return error.value.code


@pytest.fixture
def now() -> Any:
    with time_machine.travel(at(23, 9), tick=False) as traveller:
        yield traveller


@pytest.fixture
def at_street(world: World, reported: Callable[..., Ticket], now: Any) -> Ticket:
    ticket = reported(category_code="0303")
    dispatch_ticket(ticket, organization_id=world.street_office.pk, actor=world.dispatcher)
    sign_order(ticket, actor=world.dispatcher)
    return fresh(ticket)


# --- co-handlers


@pytest.mark.django_db
def test_the_lead_reports_done_when_everybody_who_helps_has(world: World, at_street: Ticket) -> None:
    add_handler(at_street, organization_id=world.water.pk, actor=world.dispatcher, note="请配合查水管")
    order = WorkOrder.objects.get(ticket=at_street, role="co_handling")
    assert order.due_at <= WorkOrder.objects.get(ticket=at_street, role="lead", ended_at=None).due_at
    assert set(Clock.objects.filter(work_order=order).values_list("kind", flat=True)) == {"sign", "resolve"}
    assert TicketPolicy.visible(world.handler).filter(pk=at_street.pk).exists()
    assert error_of(resolve_ticket, at_street, actor=world.dispatcher, reply="修好了") == "co_handlers_open"
    sign_order(at_street, actor=world.handler)
    contact_requester(at_street, actor=world.handler)
    resolve_co_order(at_street, actor=world.handler, note="水管已换")
    assert fresh(at_street).organization_id == world.street_office.pk
    resolve_ticket(at_street, actor=world.dispatcher, reply="修好了")
    if fresh(at_street).state == "resolved":
        verify_ticket(at_street, passed=True, actor=world.worker, note="看过")
    order.refresh_from_db()
    assert order.state == "verified"
    assert fresh(at_street).co_handlers == 0


@pytest.mark.django_db
def test_a_co_handler_does_its_own_part_and_nothing_else(world: World, at_street: Ticket) -> None:
    add_handler(at_street, organization_id=world.water.pk, actor=world.dispatcher)
    sign_order(at_street, actor=world.handler)
    for act, words in ((resolve_ticket, {"reply": "好了"}), (escalate_ticket, {"note": "办不了"})):
        assert error_of(act, at_street, actor=world.handler, **words) == "not_allowed"
    assert error_of(resolve_co_order, at_street, actor=world.urban_handler, note="好了") == "not_allowed"
    assert error_of(resolve_co_order, at_street, actor=world.dispatcher, note="好了") in ("not_allowed", "not_helping")


@pytest.mark.django_db
def test_an_organization_helps_once_and_can_be_let_go(world: World, at_street: Ticket) -> None:
    add_handler(at_street, organization_id=world.water.pk, actor=world.dispatcher)
    for organization in (world.water, world.street_office):
        assert error_of(add_handler, at_street, organization_id=organization.pk, actor=world.dispatcher) == (
            "same_organization"
        )
    cancel_handler(at_street, organization_id=world.water.pk, actor=world.dispatcher, note="自己办了")
    assert fresh(at_street).co_handlers == 0
    assert not Clock.objects.filter(work_order__role="co_handling", stopped_at=None).exists()
    add_handler(at_street, organization_id=world.water.pk, actor=world.dispatcher)
    sequences = list(WorkOrder.objects.filter(role="co_handling").order_by("pk").values_list("sequence", flat=True))
    assert sequences == [101, 102]


@pytest.mark.django_db
def test_a_co_handler_that_is_late_is_counted_and_takes_nothing_up(world: World, at_street: Ticket, now: Any) -> None:
    add_handler(at_street, organization_id=world.water.pk, actor=world.dispatcher)
    level = fresh(at_street).level
    now.move_to(at(23, 17))
    sweep()
    order = WorkOrder.objects.get(ticket=at_street, role="co_handling")
    assert (order.is_late_sign, order.state) == (True, "dispatched")
    assert fresh(at_street).level == level
    assert not Clock.objects.filter(set_aside_at__isnull=False).exists()


@pytest.mark.django_db
def test_who_is_asked_to_help_once_the_promise_has_passed_is_marked_as_due_after_it(
    world: World, at_street: Ticket, now: Any
) -> None:
    add_handler(at_street, organization_id=world.water.pk, actor=world.dispatcher)
    now.move_to(at(30, 9) + timedelta(days=21))
    add_handler(at_street, organization_id=world.urban.pk, actor=world.dispatcher)
    early, late = WorkOrder.objects.filter(ticket=at_street, role="co_handling").order_by("sequence")
    assert early.due_at <= at_street.promise_due_at < late.due_at
    assert (early.beyond_promise, late.beyond_promise) == (False, True)


# --- pool and down


@pytest.mark.django_db
def test_who_comes_second_to_the_pool_reads_who_has_it(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported()
    claim_order(ticket, actor=world.worker)
    order = WorkOrder.objects.get(ticket=ticket)
    assert (order.state, order.assignee_id) == ("signed", world.members["worker"].pk)
    with pytest.raises(DomainError) as error:
        claim_order(ticket, actor=world.worker)
    assert error.value.code == "already_claimed"
    assert "接走" in error.value.message


@pytest.mark.django_db(transaction=True)
def test_of_two_who_tap_at_the_same_moment_exactly_one_wins(world: World) -> None:
    with district_transaction(world.district):
        report = Report(content="楼道灯坏了", building_id=world.building.id, name="李小明", phone="13800001234")
        ticket = submit_ticket(report, actor=world.actor("worker")).ticket
    barrier, found = threading.Barrier(2), []

    def tap() -> None:
        try:
            barrier.wait(timeout=60)
            with district_transaction(world.district):
                claim_order(ticket, actor=world.worker)
            found.append("won")
        except DomainError as error:
            found.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=tap) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(found) == ["already_claimed", "won"]


@pytest.mark.django_db
def test_what_was_claimed_goes_back_to_the_others_and_the_limit_for_signing_runs_on(
    world: World, reported: Callable[..., Ticket], now: Any
) -> None:
    """S3-27: given back within the limit for signing, before anybody was contacted, by who has it alone."""
    colleague(world)
    ticket, other = reported(), world.actor("colleague")
    signing = Clock.objects.get(ticket=ticket, kind="sign", work_order__isnull=False)
    claim_order(ticket, actor=world.worker)
    assert error_of(give_back_order, ticket, actor=other) == "not_yours"
    assert error_of(give_back_order, ticket, actor=world.leader) == "not_allowed"
    give_back_order(ticket, actor=world.worker, note="今天请假")
    order, again = WorkOrder.objects.get(ticket=ticket), Clock.objects.get(pk=signing.pk)
    assert (order.state, order.signed_at) == ("dispatched", None)
    assert (again.stopped_at, again.due_at, again.next_fire_at) == (None, signing.due_at, signing.next_fire_at)
    assert differences(only_open=False) == []
    claim_order(ticket, actor=other)
    assert WorkOrder.objects.get(ticket=ticket).assignee_id == world.members["colleague"].pk
    contact_requester(ticket, actor=other)
    assert error_of(give_back_order, ticket, actor=other) == "wrong_state"


@pytest.mark.django_db
def test_after_the_limit_for_signing_nobody_gives_back(world: World, reported: Callable[..., Ticket], now: Any) -> None:
    colleague(world)
    ticket = reported()
    claim_order(ticket, actor=world.worker)
    now.move_to(at(23, 17))
    assert error_of(give_back_order, ticket, actor=world.worker) == "too_late"
    assert WorkOrder.objects.get(ticket=ticket).state == "signed"


@pytest.mark.django_db
def test_a_pool_holds_what_nobody_has_of_ones_own_organization(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported()
    found = lambda who: [row.pk for row in tickets_of(world.actor(who), TicketFilter(queue="pool"))]  # noqa: E731
    assert found("worker") == [], "alone one signs"
    colleague(world)
    assert found("worker") == found("colleague") == [ticket.pk]
    for who in ("leader", "secretary", "dispatcher", "handler", "other_worker"):
        assert found(who) == [], who
    claim_order(ticket, actor=world.worker)
    assert found("colleague") == []
    give_back_order(ticket, actor=world.worker)
    assert found("colleague") == [ticket.pk]


@pytest.mark.django_db
def test_who_helps_finds_it_by_the_own_clock(world: World, now: Any) -> None:
    """协办: own organization alone, what is still to be done, the own limit first; the count is the list."""
    late, early = ticket_in(world, "helped"), ticket_in(world, "helped")
    WorkOrder.objects.filter(ticket=late, role="co_handling").update(due_at=at(27, 10))
    WorkOrder.objects.filter(ticket=early, role="co_handling").update(due_at=at(23, 8))
    found = lambda who: [row.pk for row in tickets_of(world.actor(who), TicketFilter(queue="helping"))]  # noqa: E731
    assert found("handler") == [early.pk, late.pk]
    assert queue_counts(world.actor("handler"))["helping"] == 2
    for who in ("dispatcher", "urban_handler", "worker", "center"):
        assert found(who) == [], who
    own = own_clocks([early.pk, late.pk], world.handler)
    assert (own[early.pk]["state"], own[late.pk]["state"]) == ("over", "doing")
    resolve_co_order(early, actor=world.handler, note="办完了")
    assert found("handler") == [late.pk]


@pytest.mark.django_db
def test_a_street_gives_a_matter_down_within_its_own_place(world: World, at_street: Ticket) -> None:
    below = {"committee": world.committee, "grid_team": world.grid_team}
    assert error_of(
        delegate_down, at_street, organization_id=world.water.pk, actor=world.dispatcher, note="就地办"
    ) == ("not_below")
    promise = at_street.promise_due_at
    delegate_down(at_street, organization_id=below["grid_team"].pk, actor=world.dispatcher, note="就地办")
    ticket = fresh(at_street)
    assert (ticket.level, ticket.organization_id, ticket.promise_due_at) == ("grid", world.grid_team.pk, promise)
    assert ticket.max_level == "street"
    assert error_of(delegate_down, ticket, organization_id=world.grid_team.pk, actor=world.worker, note="就地办") == (
        "not_allowed"
    )


# --- pressure


@pytest.mark.django_db
def test_urging_a_batch_names_what_could_not_be_urged(
    world: World, reported: Callable[..., Ticket], now: Any, django_assert_num_queries: Any
) -> None:
    tickets = [reported(category_code="0303") for _each in range(4)]
    urge_ticket(tickets[0], actor=world.dispatcher, note="请抓紧")
    found = urge_tickets(tickets, actor=world.dispatcher, note="请抓紧")
    assert [ticket.pk for ticket in found.urged] == [ticket.pk for ticket in tickets[1:]]
    assert [(ticket.pk, error.code) for ticket, error in found.refused] == [(tickets[0].pk, "urged_lately")]
    assert set(WorkOrder.objects.values_list("urge_count", flat=True)) == {1}
    now.move_to(at(23, 11, 1))
    urge_ticket(tickets[0], actor=world.secretary)
    assert error_of(urge_ticket, tickets[1], actor=world.other_dispatcher) == "not_allowed"
    assert error_of(urge_ticket, tickets[1], actor=world.worker) == "not_allowed"


@pytest.mark.django_db
def test_a_supervision_order_wants_an_answer_and_goes_on_the_list_without_one(
    world: World, at_street: Ticket, now: Any
) -> None:
    assert error_of(supervise_ticket, at_street, actor=world.dispatcher, note="限期") == "not_allowed"
    supervise_ticket(at_street, actor=world.official, note="请说明为什么没有办完。")
    assert error_of(supervise_ticket, at_street, actor=world.center, note="再催") == "supervised"
    row = Supervision.objects.get(ticket=at_street)
    assert row.reply_by == at(24, 17, 30)
    now.move_to(at(24, 17, 31))
    sweep()
    row.refresh_from_db()
    assert row.state == "overdue"
    draft = Supervision.objects.get(ticket=at_street, kind="circular")
    assert draft.state == "draft"
    answer_supervision(at_street, actor=world.dispatcher, note="明天完工。")
    row.refresh_from_db()
    assert row.state == "answered"
    assert error_of(answer_supervision, at_street, actor=world.dispatcher, note="x") == "not_supervised"
    assert error_of(decide_circular, draft, publish=True, note="通报", actor=world.dispatcher) == "not_allowed"
    decide_circular(draft, publish=False, note="已经答复", actor=world.supervisor)
    draft.refresh_from_db()
    assert draft.state == "dropped"
    assert error_of(decide_circular, draft, publish=True, note="通报", actor=world.supervisor) == "decided"


@pytest.mark.django_db
def test_at_the_top_the_clock_supervises_after_two_days_and_drafts_after_five(
    world: World, reported: Callable[..., Ticket], now: Any
) -> None:
    ticket = reported(category_code="0303")
    dispatch_ticket(ticket, organization_id=world.center_office.pk, actor=world.center)
    sign_order(ticket, actor=world.center)
    due = fresh(ticket).order_due_at
    assert due is not None
    now.move_to(due + timedelta(days=2, minutes=1))
    sweep()
    row = Supervision.objects.get(ticket=ticket, kind="order")
    assert row.issued_by_id is None
    now.move_to(due + timedelta(days=3, minutes=2))
    sweep()
    row.refresh_from_db()
    assert row.state == "overdue"
    assert not Supervision.objects.filter(kind="circular").exists()
    now.move_to(due + timedelta(days=7, minutes=2))
    sweep()
    assert Supervision.objects.filter(ticket=ticket, kind="circular", state="draft").count() == 1
