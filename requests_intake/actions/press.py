"""Pressure from above (SLA D.4): urging (催办), supervision orders (督办), and the list that is published (通报)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError
from grids.reference import territory
from requests_intake import sla
from requests_intake.actions.applications import discipline_now
from requests_intake.actions.circulars import next_issue, publish_line
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling, make_clock
from requests_intake.models import ClockKind, Supervision, Ticket, TicketTransition, WorkOrder
from requests_intake.mover import Mover
from requests_intake.policies import TicketPolicy, covers
from requests_intake.reference import rules

Kind, State = Supervision.Kind, Supervision.State


@savepoint
def urge_ticket(ticket: Ticket, *, actor: Actor, note: str = "", at: datetime | None = None) -> Ticket:
    """催办 one order. Raises ``DomainError('urged_lately')`` where it was urged within the last two working hours."""
    done = urge_tickets([ticket], actor=actor, note=note, at=at)
    if done.refused:
        _refused, error = done.refused[0]
        raise error
    return done.urged[0]


@dataclass
class Urged:
    """``refused``: those that could not be urged, each with the sentence why; they stop nobody else."""

    urged: list[Ticket]
    refused: list[tuple[Ticket, DomainError]]


@savepoint
def urge_tickets(tickets: Sequence[Ticket], *, actor: Actor, note: str = "", at: datetime | None = None) -> Urged:
    """催办 a batch, in a fixed number of statements. Who is urged hears it once an order, not once a click."""
    mover = Mover(actor, at=at)
    found = Urged([], [])
    ids = sorted(ticket.pk for ticket in tickets)
    locked = list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    orders = {
        order.ticket_id: order
        for order in WorkOrder.objects.filter(ticket_id__in=ids, role=WorkOrder.Role.LEAD, ended_at=None)
    }
    lately = _urged_lately(ids, mover)
    for ticket in locked:
        order = orders.get(ticket.pk)
        try:
            TicketPolicy.require(actor, "urge", ticket)
            if ticket.pk in lately:
                raise DomainError("urged_lately", _("刚催过，请过一会儿再催。"))
            mover.move("urge", ticket, order, note=note)
        except DomainError as error:
            found.refused.append((ticket, error))
            continue
        if order is not None:
            order.urge_count += 1
        found.urged.append(ticket)
    mover.flush()
    return found


def _urged_lately(ids: Sequence[int], mover: Mover) -> set[int]:
    """Urged less than the district's shortest interval ago, by whomever."""
    again, calendar = rules().policy(mover.at)[1].discipline.urge_again, work_calendar()
    moves = TicketTransition.objects.filter(ticket_id__in=ids, move="urge").order_by("ticket_id", "-at")
    latest: dict[int, datetime] = {}
    for ticket_id, moment in moves.values_list("ticket_id", "at"):
        latest.setdefault(ticket_id, moment)
    return {pk for pk, moment in latest.items() if sla.due_at(moment, again, calendar) > mover.at}


@savepoint
def supervise_ticket(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None) -> Supervision:
    """督办: an order to the head of the handling organization that wants a written answer within a day."""
    with making("supervise", ticket, actor=actor, at=at) as (handling, mover):
        issuer = next((role.organization_id for role in actor.roles if covers(role, handling.ticket)), None)
        waiting = Supervision.objects.filter(work_order=handling.order, kind=Kind.ORDER, state=State.ISSUED)
        if waiting.exists():
            raise DomainError("supervised", _("这张工单已经有督办等着回复。"))
        return issue_supervision(mover, handling, issuer or territory().center().id, note=note)


def issue_supervision(mover: Mover, handling: Handling, issuer_id: int, *, note: str = "") -> Supervision:
    """By a person, or by the clock two working days after the deadline at the top level (D.4)."""
    ticket, order = handling.ticket, handling.order
    assert order is not None
    limit, calendar = discipline_now(mover).reply_within, work_calendar()
    due = sla.due_at(mover.at, limit, calendar)
    order.supervise_level += 1
    mover.move("supervise", ticket, order, note=note, issuer=issuer_id, number=order.supervise_level)
    row = Supervision(
        ticket=ticket, work_order=order, kind=Kind.ORDER, state=State.ISSUED, organization_id=order.organization_id,
        issuer_id=issuer_id, issued_by_id=mover.actor.membership_id, issued_at=mover.at, reply_by=due,
    )  # fmt: skip
    mover.add_supervision(row)
    stages = sla.contact_stages(mover.at, due, limit.unit, calendar)
    clock = make_clock(ticket, order, ClockKind.REPLY, mover.at, limit, due, stages)
    clock.supervision = row
    mover.add_clock(clock)
    return row


@savepoint
def answer_supervision(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None) -> Supervision:
    """回复督办: what is being done, and until when. Answers the oldest order that waits."""
    with making("answer_supervision", ticket, actor=actor, at=at) as (handling, mover):
        waiting = Supervision.objects.filter(
            ticket=handling.ticket, kind=Kind.ORDER, state__in=(State.ISSUED, State.OVERDUE),
            organization_id=handling.ticket.organization_id,
        ).order_by("pk")  # fmt: skip
        row = waiting.first()
        if row is None:
            raise DomainError("not_supervised", _("这件诉求没有等着您单位回复的督办。"))
        mover.move("answer_supervision", handling.ticket, handling.order, note=note, supervision=row.pk)
        row.state, row.ended_at = State.ANSWERED, mover.at
        row.save(update_fields=["state", "ended_at"])
        mover.stop(clock for clock in handling.clocks if clock.supervision_id == row.pk)
        return row


def draft_circular(mover: Mover, handling: Handling) -> None:
    """On the draft list of what is published: five working days late, or an order of a person nobody answered (D.4).

    Once for a work order: a second draft of it is not written.
    """
    ticket, order = handling.ticket, handling.order
    assert order is not None
    mover.add_supervision(
        Supervision(
            ticket=ticket, work_order=order, kind=Kind.CIRCULAR, state=State.DRAFT,
            organization_id=order.organization_id, issuer_id=territory().center().id,
            issued_by_id=mover.actor.membership_id, issued_at=mover.at,
        )
    )  # fmt: skip


def reply_missed(mover: Mover, handling: Handling, row: Supervision) -> None:
    """Nobody answered a supervision order in time (called by the sweep)."""
    if row.state == State.ISSUED:
        mover.miss(row)
        if row.issued_by_id is not None:
            # What the clock has issued, the clock brings on the list by itself three working days later.
            draft_circular(mover, handling)


@savepoint
def decide_circular(
    supervision: Supervision, *, publish: bool, note: str, actor: Actor, at: datetime | None = None
) -> Supervision:
    """通报 in an issue of its own, or 不予通报 with a reason: a draft of the clock is nothing before a person of the
    district has decided. Many at once: ``circulars.publish_circular``."""
    move = "publish_circular" if publish else "drop_circular"
    with making(move, supervision.ticket, actor=actor, at=at) as (handling, mover):
        rows = Supervision.objects.select_for_update(of=("self",)).select_related("work_order")
        row = rows.get(pk=supervision.pk)
        if row.kind != Kind.CIRCULAR or row.state != State.DRAFT:
            raise DomainError("decided", _("这一条已经定过了。"))
        row.ticket = handling.ticket
        if publish:
            publish_line(mover, row, next_issue(mover), note=note)
        else:
            mover.move(move, row.ticket, row.work_order, note=note, supervision=row.pk)
            row.state, row.ended_at = State.DROPPED, mover.at
        row.save(update_fields=["state", "ended_at", "circular"])
        return row
