"""Every (state, move, role) is either allowed by the table or refused: the table is tried out, not read again."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed
from requests_intake import mover, workflow
from requests_intake.actions.orders import lead_order
from requests_intake.models import Clock, Ticket, WorkOrder
from requests_intake.mover import Mover
from requests_intake.policies import TicketPolicy
from requests_intake.whose import refusal, whose
from requests_intake.workflow import ALLOWED, COVERS, HANDLES, MOVES, OrderState, TicketState
from tests.world import World

PEOPLE = {
    "worker": ("grid_worker", {HANDLES, COVERS}),
    "leader": ("grid_leader", {HANDLES, COVERS}),
    "staff": ("community_staff", {COVERS}),
    "secretary": ("community_secretary", {COVERS}),
    "dispatcher": ("street_dispatcher", {COVERS}),
    "handler": ("department_handler", set()),
    "center": ("district_dispatcher", {COVERS}),
    "visitor": ("return_visitor", {COVERS}),
    "supervisor": ("supervisor", {COVERS}),
    "official": ("district_official", {COVERS}),
    "admin": ("district_admin", {COVERS}),
    "other_worker": ("grid_worker", set()),
    "other_secretary": ("community_secretary", set()),
    "other_dispatcher": ("street_dispatcher", set()),
}


@pytest.mark.django_db
def test_rights_on_a_ticket_of_the_first_grid(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported()
    for move, (person, (kind, relations)) in product(MOVES, PEOPLE.items()):
        expected = any((kind, relation) in ALLOWED[move] for relation in relations)
        actor = world.actor(person)
        assert TicketPolicy.allows(actor, move, ticket) is expected, (move, person)
        if not expected:
            with pytest.raises(NotAllowed) as refused:
                TicketPolicy.require(actor, move, ticket)
            whom = whose(move)
            assert refused.value.message == (
                f"您的岗位不能对这件诉求“{MOVES[move].label}”，{f'{whom}可以' if whom else '这一步由系统来做'}。"
            )


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ("sign", "承办单位，或者协办单位"),
        ("assign", "承办的网格长、社区、街道、部门负责人、区调度台"),
        ("claim", "承办的网格员、社区工作者、部门承办人"),
        ("supervise", "管这片的街道负责人、区调度台、督查员、区级领导"),
        ("reopen", "管这片的街道、区调度台、回访员、督查员，或者反映的居民"),
        ("grant_suspension", "答复申请的区调度台"),
        ("reply_letter", "收信的社区书记"),
        ("answer_consent", "写信人"),
        ("rate", "反映的居民"),
        ("stage", ""),
    ],
)
def test_who_may_not_reads_whose_it_is(move: str, expected: str) -> None:
    assert whose(move) == expected


def test_of_a_letter_the_addressee_is_named() -> None:
    assert refusal("urge", is_letter=True).message == ("您的岗位不能对这件诉求“催办”，来信由收信的社区书记来办。")


@pytest.mark.django_db
def test_a_requester_has_the_requesters_moves_on_their_own_ticket_only(
    world: World, reported: Callable[..., Ticket]
) -> None:
    ticket, other = reported(), reported()
    theirs = {move for move in MOVES if TicketPolicy.allows(Actor.requester(ticket.pk), move, ticket)}
    assert theirs == {"rate", "rate_merged", "reopen", "withdraw", "submit"}
    assert not any(TicketPolicy.allows(Actor.requester(ticket.pk), move, other) for move in MOVES)


@pytest.mark.django_db
def test_the_mover_refuses_every_state_the_table_does_not_name(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported()
    order = lead_order(ticket)
    assert order is not None
    system = Actor.system("test")
    for move, state, order_state in product(MOVES.values(), TicketState, OrderState):
        ticket.state, order.state = str(state), str(order_state)
        allowed = state in move.sources and (not move.order_sources or order_state in move.order_sources)
        mover = Mover(system)
        if allowed:
            mover.move(move.name, ticket, order, note="x")
            if move.target is not None:
                assert ticket.state == move.target
        else:
            with pytest.raises(DomainError) as error:
                mover.move(move.name, ticket, order, note="x")
            assert error.value.code == "wrong_state"


def test_every_move_is_given_to_somebody_and_every_state_can_be_reached() -> None:
    assert set(ALLOWED) == set(MOVES)
    assert all(ALLOWED.values())
    reached = {move.target for move in MOVES.values()} - {None}
    assert set(TicketState) == reached
    assert (
        tuple(
            state.value
            for state in (
                TicketState.REJECTED,
                TicketState.MERGED,
                TicketState.CLOSED,
                TicketState.ARCHIVED,
                TicketState.WITHDRAWN,
            )
        )
        == workflow.FINISHED
    )


def test_the_mover_writes_every_column_that_can_change() -> None:
    """A column that is neither written by the mover nor fixed for good would silently be lost."""
    fixed = {
        Ticket: {
            "id", "district", "number", "channel", "source", "source_ref", "category_confidence", "title", "content",
            "requester", "is_anonymous", "is_confidential", "recorded_by", "is_proactive", "follow_code_hash",
            "follow_failures", "follow_locked_until", "lng", "lat", "occurred_at", "submitted_at",
            "external_number", "external_due_at", "patrol",
            # Kept by the database from orders and clocks, for lists (ADR 43).
            "lead_state", "promise_runs_until", "due_at", "list_rank", "list_at",
        },
        WorkOrder: {
            "id", "district", "ticket", "sequence", "role", "organization", "level", "dispatched_at", "limit_value",
            "limit_unit",
        },
        Clock: {
            "id", "district", "ticket", "work_order", "application", "supervision", "kind", "started_at", "limit_value",
            "limit_unit",
        },
    }  # fmt: skip
    written = {Ticket: mover.TICKET_FIELDS, WorkOrder: mover.ORDER_FIELDS, Clock: mover.CLOCK_FIELDS}
    for model, names in written.items():
        columns = {field.name for field in model._meta.concrete_fields}
        assert columns == set(names) | fixed[model], model
        assert not set(names) & fixed[model]
