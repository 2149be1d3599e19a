"""What the clocks do by themselves: reminders, yellow, red, and going up the levels.

One batch is one transaction: lock the tickets that have a due clock (SKIP LOCKED, so two sweeps never take the same),
fire everything that is due on them in order, and write it all in a handful of statements. A deadline is an indexed
column; nothing is kept in the broker, so nothing can be lost with it. The unique key (clock, stage) is the second lock.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import workflow
from requests_intake.actions.orders import Handling, hand_up, next_level
from requests_intake.models import Clock, ClockKind, Ticket, WorkOrder
from requests_intake.mover import Mover
from requests_intake.sla import Stage

logger = logging.getLogger(__name__)

SWEEP = Actor.system("sweep")
BATCH = 1_000


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


def _sweep_batch(moment: datetime, limit: int) -> tuple[int, int]:
    """One batch; returns stages fired and tickets taken."""
    tickets = lock_tickets(_due(moment, limit))
    if not tickets:
        return 0, 0
    ids = [ticket.pk for ticket in tickets]
    clocks: dict[int, list[Clock]] = defaultdict(list)
    for row in Clock.objects.filter(ticket_id__in=ids, stopped_at=None).order_by("next_fire_at"):
        clocks[row.ticket_id].append(row)
    orders = {
        order.ticket_id: order
        for order in WorkOrder.objects.filter(ticket_id__in=ids, role=WorkOrder.Role.LEAD, ended_at=None)
    }
    mover = Mover(SWEEP, at=moment)
    fired = sum(
        fire_due(mover, Handling(ticket, orders.get(ticket.pk), clocks[ticket.pk]), moment) for ticket in tickets
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
                rows = list(Clock.objects.filter(ticket_id=ticket_id, stopped_at=None).order_by("next_fire_at"))
                order = WorkOrder.objects.filter(ticket_id=ticket_id, role=WorkOrder.Role.LEAD, ended_at=None).first()
                mover = Mover(SWEEP, at=moment)
                fired += fire_due(mover, Handling(tickets[0], order, rows), moment)
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
    transition = mover.move(
        "stage",
        ticket,
        order if row.work_order_id else None,
        kind=row.kind,
        stage=stage,
        planned_at=planned_at.isoformat(),
        signed=order is not None and order.signed_at is not None,
    )
    transition.clock, transition.stage = row, stage
    if row.kind == ClockKind.PROMISE:
        if stage == Stage.DUE:
            ticket.lamp = "over"
    elif order is not None and row.work_order_id == order.pk:
        _on_order(mover, handling, order, row.kind, Stage(stage))
    elif stage == Stage.LATE:
        # The desk has not taken the ticket on within its limit.
        ticket.lamp = "over"


def _on_order(mover: Mover, handling: Handling, order: WorkOrder, kind: str, stage: Stage) -> None:
    ticket = handling.ticket
    mover.touch(ticket, order)
    if kind == ClockKind.CONTACT:
        order.is_late_contact = True
    elif kind == ClockKind.SIGN and stage is Stage.LATE:
        order.is_late_sign = True
        leader = territory().leader(order.organization_id)
        order.assignee_id = leader.membership_id if leader else order.assignee_id
    elif stage is Stage.SOON:
        ticket.lamp = ticket.lamp or "soon"
        order.urge_count += 1
    elif stage is Stage.SUPERVISE:
        order.supervise_level = 1
    elif stage in (Stage.DUE, Stage.ESCALATE):
        if stage is Stage.DUE:
            ticket.lamp = "over"
        if order.state in workflow.ORDER_OPEN and next_level(order.level) is not None:
            handling.order = hand_up(mover, handling, by_clock=True)
