"""What the clocks do by themselves: reminders, yellow, red, and going up the levels.

One batch is one transaction: lock the tickets that have a due clock (SKIP LOCKED, so two sweeps never take the same),
fire everything that is due on them in order, and write it all in a handful of statements. A deadline is an indexed
column; nothing is kept in the broker, so nothing can be lost with it. The unique key (clock, stage) is the second lock.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import workflow
from requests_intake.actions.decisions import unanswered
from requests_intake.actions.holding import end_pause
from requests_intake.actions.orders import Handling, hand_up, next_level, open_co_orders
from requests_intake.actions.press import draft_circular, issue_supervision, reply_missed
from requests_intake.models import FIELD_MOVES, Clock, ClockKind, Ticket, TicketTransition, WorkOrder
from requests_intake.mover import Mover
from requests_intake.sla import REPORT_EVERY, WARNINGS, Stage

logger = logging.getLogger(__name__)
_REPORTED = timedelta(hours=REPORT_EVERY.value)
"""What was reported within this time is not asked for again."""

SWEEP = Actor.system("sweep")
BATCH = 1_000
_ANSWERS = frozenset(
    {ClockKind.DECISION, ClockKind.ARBITRATION, ClockKind.PAUSE_END, ClockKind.REVIEW, ClockKind.REPLY}
)  # fmt: skip


def sweep(*, batch: int = BATCH) -> int:
    """Fire everything due in the district in scope, batch by batch. Returns how many stages fired."""
    fired = 0
    while True:
        try:
            with transaction.atomic():
                count, taken = _sweep_batch(clock.now(), batch)
        except Exception:
            logger.exception("a batch of clocks failed; firing them one by one")
            count, taken = _sweep_singly(clock.now(), batch)
        fired += count
        if taken == 0:
            return fired


def _due(moment: datetime, limit: int) -> list[int]:
    """Tickets with a due clock, the longest due first."""
    rows = (
        Clock.objects.filter(stopped_at=None, next_fire_at__lte=moment)
        .order_by("next_fire_at")
        .values_list("ticket_id", flat=True)[:limit]
    )
    return list(dict.fromkeys(rows))


def lock_tickets(ticket_ids: Iterable[int]) -> list[Ticket]:
    """Lock what nobody else is moving just now; the others are left to whoever holds them, or to the next sweep."""
    return list(
        Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=list(ticket_ids)).order_by("pk")
    )


def _running(**which: Any) -> QuerySet[Clock]:
    found = Clock.objects.filter(stopped_at=None, **which).select_related("application", "supervision")
    return found.order_by("next_fire_at")


def _sweep_batch(moment: datetime, limit: int) -> tuple[int, int]:
    """One batch; returns stages fired and tickets taken."""
    tickets = lock_tickets(_due(moment, limit))
    if not tickets:
        return 0, 0
    ids = [ticket.pk for ticket in tickets]
    clocks: dict[int, list[Clock]] = defaultdict(list)
    for row in _running(ticket_id__in=ids):
        clocks[row.ticket_id].append(row)
    orders = {
        order.ticket_id: order
        for order in WorkOrder.objects.filter(ticket_id__in=ids, role=WorkOrder.Role.LEAD, ended_at=None)
    }
    helping: dict[int, list[WorkOrder]] = defaultdict(list)
    if any(ticket.co_handlers for ticket in tickets):
        for order in WorkOrder.objects.filter(ticket_id__in=ids, role=WorkOrder.Role.CO_HANDLING, ended_at=None):
            helping[order.ticket_id].append(order)
    mover = Mover(SWEEP, at=moment)
    fired = sum(
        fire_due(mover, Handling(ticket, orders.get(ticket.pk), clocks[ticket.pk], helping[ticket.pk]), moment)
        for ticket in tickets
    )
    mover.flush()
    return fired, len(tickets)


def _sweep_singly(moment: datetime, limit: int) -> tuple[int, int]:
    """After a failed batch: each ticket in a transaction of its own; one that fails is set aside and stops nobody."""
    fired = taken = 0
    with transaction.atomic():
        ids = _due(moment, limit)
    for ticket_id in ids:
        try:
            with transaction.atomic():
                tickets = lock_tickets([ticket_id])
                if not tickets:
                    continue
                taken += 1
                rows = list(_running(ticket_id=ticket_id))
                order = WorkOrder.objects.filter(ticket_id=ticket_id, role=WorkOrder.Role.LEAD, ended_at=None).first()
                helping = open_co_orders(tickets[0]) if tickets[0].co_handlers else []
                mover = Mover(SWEEP, at=moment)
                fired += fire_due(mover, Handling(tickets[0], order, rows, helping), moment)
                mover.flush()
        except Exception as error:
            logger.exception("clocks of ticket %s set aside", ticket_id)
            with transaction.atomic():
                Clock.objects.filter(ticket_id=ticket_id, stopped_at=None, next_fire_at__lte=moment).update(
                    next_fire_at=None, set_aside_at=moment, set_aside_reason=f"{type(error).__name__}: {error}"[:200]
                )
    return fired, taken


def fire_due(mover: Mover, handling: Handling, moment: datetime) -> int:
    """Fire every due stage of one ticket, earliest first. A stage may stop clocks that were due later."""
    fired = 0
    while True:
        due = [
            row for row in handling.clocks if row.stopped_at is None and row.next_fire_at and row.next_fire_at <= moment
        ]
        if not due:
            return fired
        _fire(mover, handling, min(due, key=lambda row: (row.next_fire_at, row.pk)))
        fired += 1


def _fire(mover: Mover, handling: Handling, row: Clock) -> None:
    """Fire one stage: write its transition, advance the clock, do what the stage means (SLA D.4, D.12)."""
    ticket, order = handling.ticket, handling.order
    planned = row.planned(row.stage_index)
    assert planned is not None
    stage, planned_at = planned
    row.stage_index += 1
    following = row.planned(row.stage_index)
    row.next_fire_at = following[1] if following else None
    mover.touch(ticket, None, row)
    helped = next((each for each in handling.co_orders if each.pk == row.work_order_id), None)
    about = helped or (order if row.work_order_id else None)
    signer = helped or order
    payload: dict[str, Any] = {"signed": signer is not None and signer.signed_at is not None}
    if helped is not None:
        payload |= {"organization": helped.organization_id, "role": helped.role}
    transition = mover.move(
        "stage",
        ticket,
        about,
        kind=row.kind,
        stage=stage,
        planned_at=planned_at.isoformat(),
        **payload,
    )
    transition.clock, transition.stage = row, stage
    if row.kind == ClockKind.PROMISE:
        if stage == Stage.DUE:
            ticket.lamp = "over"
    elif row.kind in FIELD_MOVES.values():
        # Nothing but that it is told: the matter is overdue by its own limits alone (SLA D.9).
        if stage.startswith(Stage.REPORT):
            found = TicketTransition.objects.filter(ticket=ticket, move="report_danger", at__gt=planned_at - _REPORTED)
            transition.payload["reported"] = found.exists()
    elif row.kind in _ANSWERS:
        _on_answer(mover, handling, row, stage)
    elif helped is not None:
        _on_co_order(mover, helped, row.kind, Stage(stage))
    elif order is not None and row.work_order_id == order.pk:
        _on_order(mover, handling, order, row.kind, Stage(stage))
    elif stage == Stage.LATE:
        # The desk has not taken the ticket on within its limit.
        ticket.lamp = "over"


def _on_answer(mover: Mover, handling: Handling, row: Clock, stage: str) -> None:
    """Somebody owes an answer, or what was waited for is over: a pause ends, a suspension is to be looked at."""
    if row.kind == ClockKind.REPLY:
        assert row.supervision is not None
        reply_missed(mover, handling, row.supervision)
    elif row.kind in (ClockKind.DECISION, ClockKind.ARBITRATION):
        assert row.application is not None
        unanswered(mover, handling, row.application)
    elif row.kind == ClockKind.PAUSE_END:
        assert row.application is not None
        end_pause(mover, handling, row.application)


def _on_co_order(mover: Mover, order: WorkOrder, kind: str, stage: Stage) -> None:
    """A co-handler is reminded and counted late; the matter does not go up for it, since the lead answers for all."""
    mover.touch(None, order)
    if kind == ClockKind.SIGN and stage is Stage.LATE:
        order.is_late_sign = True
    elif stage in WARNINGS:
        order.urge_count += 1


def _on_order(mover: Mover, handling: Handling, order: WorkOrder, kind: str, stage: Stage) -> None:
    ticket = handling.ticket
    mover.touch(ticket, order)
    if kind == ClockKind.CONTACT:
        order.is_late_contact = True
    elif kind == ClockKind.SIGN and stage is Stage.LATE:
        order.is_late_sign = True
        leader = territory().leader(order.organization_id)
        order.assignee_id = leader.membership_id if leader else order.assignee_id
    elif stage in WARNINGS:
        ticket.lamp = ticket.lamp or "soon"
        order.urge_count += 1
    elif stage is Stage.SUPERVISE:
        issue_supervision(mover, handling, territory().center().id)
    elif stage is Stage.CIRCULAR:
        draft_circular(mover, handling)
    elif stage in (Stage.DUE, Stage.ESCALATE):
        if stage is Stage.DUE:
            ticket.lamp = "over"
        if order.state in workflow.ORDER_OPEN and next_level(order.level) is not None:
            handling.order = hand_up(mover, handling, by_clock=True)
