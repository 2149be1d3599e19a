"""The mover: the only code that changes the state of tickets and work orders.

A ``Mover`` collects the moves of a batch (one ticket, or a sweep's thousand), checks each against the state tables,
and writes them in a fixed number of statements: one UPDATE per table, one INSERT per table, and the transitions, which
are history, outbox and statistics at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.bulk import update_rows
from governance.kernel.errors import DomainError
from requests_intake import workflow
from requests_intake.models import (
    Application,
    Clock,
    ClockEntry,
    ClockKind,
    Note,
    Supervision,
    Ticket,
    TicketTransition,
    WorkOrder,
)

TICKET_FIELDS = (
    "state", "request_type", "category", "urgency", "is_restricted", "about", "address_text", "located_by", "building",
    "compound", "area", "street", "community", "grid", "organization", "level", "max_level", "resolved_level",
    "accepted_at", "promise_due_at", "order_due_at", "lamp", "policy_version", "resolved_at", "closed_at",
    "close_reason", "co_handlers", "needs_verification", "needs_return_visit", "first_satisfaction",
    "final_satisfaction", "needs_review", "rework_count", "reopen_count", "visit_attempts", "limit_from",
    "follower_count",
)  # fmt: skip
ORDER_FIELDS = (
    "state", "assignee", "handed_over_reason", "signed_at", "contacted_at", "resolved_at", "ended_at", "is_late_sign",
    "is_late_contact", "supervise_level", "urge_count", "rework_count", "due_at", "was_cut", "beyond_promise",
)  # fmt: skip
CLOCK_FIELDS = (
    "due_at", "schedule", "stage_index", "next_fire_at", "paused_at", "stopped_at", "set_aside_at", "set_aside_reason",
)  # fmt: skip


class Mover:
    """Collects moves made by one actor at one moment; ``flush`` writes them.

    ``at`` is when it happened in the field (now, unless replayed); ``tell=False`` notifies nobody.
    """

    def __init__(self, actor: Actor, *, at: datetime | None = None, tell: bool = True) -> None:
        self.actor = actor
        self.at = at or clock.now()
        self.tell = tell
        self._new_tickets: list[Ticket] = []
        self._tickets: dict[int, Ticket] = {}
        self._orders: dict[int, WorkOrder] = {}
        self._clocks: dict[int, Clock] = {}
        self._new_orders: list[WorkOrder] = []
        self._new_clocks: list[Clock] = []
        self._transitions: list[TicketTransition] = []
        self._notes: list[tuple[Note, TicketTransition]] = []
        self._entries: list[ClockEntry] = []
        self._lapsed: set[int] = set()
        self._supervisions: list[Supervision] = []
        self._missed: list[Supervision] = []

    def move(
        self,
        name: str,
        ticket: Ticket,
        order: WorkOrder | None = None,
        *,
        by: Actor | None = None,
        note: str = "",
        audience: str = Note.Audience.INTERNAL,
        **payload: Any,
    ) -> TicketTransition:
        """Make one move. Raises ``DomainError('wrong_state')`` where the tables do not allow it.

        ``by`` names another actor than the batch's (what the system does as a consequence of a person's move).
        """
        move = self.require_state(name, ticket, order)
        if move.needs_note and not note.strip() and not (by or self.actor).is_system:
            raise DomainError("note_needed", _("“{move}”需要写一句说明。").format(move=move.label), status=422,
                              fields={"note": [_("请写一句说明。")]})  # fmt: skip
        transition = self._record(move, ticket, order, by or self.actor, payload)
        self.add_note(transition, note, audience)
        return transition

    @staticmethod
    def require_state(name: str, ticket: Ticket, order: WorkOrder | None = None) -> workflow.Move:
        """The move of that name. Raises ``DomainError('wrong_state')`` where the tables do not allow it."""
        move = workflow.MOVES[name]
        if not workflow.permits(move, ticket.state or None, order.state if order else None):
            raise DomainError(
                "wrong_state",
                _("现在不能“{move}”：这件诉求的状态是“{state}”{order}。").format(
                    move=move.label,
                    state=workflow.TicketState(ticket.state).label,
                    order=_("，工单“{state}”").format(state=workflow.OrderState(order.state).label) if order else "",
                ),
                move=name,
                state=ticket.state,
            )
        return move

    def add_note(self, transition: TicketTransition, note: str, audience: str = Note.Audience.INTERNAL) -> None:
        """Words that belong to a move; nothing for an empty note."""
        if note.strip():
            text = Note(
                ticket=transition.ticket,
                audience=audience,
                text=note.strip(),
                created_at=self.at,
                author_id=self.actor.membership_id,
            )
            self._notes.append((text, transition))

    def _record(
        self, move: workflow.Move, ticket: Ticket, order: WorkOrder | None, actor: Actor, payload: dict[str, Any]
    ) -> TicketTransition:
        before = ticket.state
        if move.target is not None:
            ticket.state = str(move.target.value)
        if order is not None and move.order_target is not None:
            order.state = str(move.order_target.value)
            if move.order_target in workflow.ORDER_ENDED:
                order.ended_at = self.at
        finished = ticket.state in workflow.FINISHED
        if finished:
            ticket.closed_at = ticket.closed_at or self.at
            ticket.lamp = ""
        elif not finished:
            ticket.closed_at = None
        self.touch(ticket, order)
        if move.name == "close":
            # Statistics count what the requester thought when it was closed, whatever is said after a reopening.
            payload = {"first": ticket.first_satisfaction, "final": ticket.final_satisfaction, **payload}
        transition = TicketTransition(
            ticket=ticket,
            work_order=order,
            move=move.name,
            from_state=before,
            to_state=ticket.state,
            at=self.at,
            actor_id=actor.membership_id,
            actor_name=actor.name,
            payload={"level": ticket.level, "organization": ticket.organization_id, **payload},
        )
        self._transitions.append(transition)
        return transition

    def touch(self, ticket: Ticket | None = None, order: WorkOrder | None = None, *clocks: Clock) -> None:
        """Mark objects whose own columns were changed, so that ``flush`` writes them."""
        if ticket is not None and ticket.pk is not None:
            self._tickets[ticket.pk] = ticket
        if order is not None and order.pk is not None:
            self._orders[order.pk] = order
        for row in clocks:
            if row.pk is not None:
                self._clocks[row.pk] = row

    def add_ticket(self, ticket: Ticket) -> None:
        """A ticket not yet in the database: written by ``flush`` once, as its first moves have left it."""
        self._new_tickets.append(ticket)

    def add_order(self, order: WorkOrder, clocks: Iterable[Clock]) -> None:
        self._new_orders.append(order)
        for row in clocks:
            self.add_clock(row)

    def add_clock(self, row: Clock) -> None:
        """A clock that starts now; ``orders.make_clock`` has said what its deadline was computed from."""
        self._new_clocks.append(row)
        self.enter(row, ClockEntry.Kind.START, row.start_facts)  # type: ignore[attr-defined]

    def add_supervision(self, row: Supervision) -> None:
        """A supervision order, or a line of the draft list, which a work order has once."""
        self._supervisions.append(row)

    def miss(self, row: Supervision) -> None:
        """A supervision order nobody has answered in time."""
        row.state = Supervision.State.OVERDUE
        self._missed.append(row)

    def enter(
        self, row: Clock, kind: str, facts: dict[str, Any] | None = None, application: Application | None = None
    ) -> None:
        """A line of the clock's ledger; ``row.due_at`` is the deadline after it."""
        self._entries.append(
            ClockEntry(
                clock=row,
                application=application,
                kind=kind,
                at=self.at,
                due_at=row.due_at,
                facts=facts or {},
                actor_id=self.actor.membership_id,
            )
        )

    def stop(self, clocks: Iterable[Clock], *, handed_over: bool = False, lapses: bool = True) -> None:
        """Stop running clocks; what they had still planned does not happen.

        An application that waits for an answer about the order goes with it, unless ``lapses`` is False.
        """
        for row in clocks:
            if row.stopped_at is None:
                row.stopped_at, row.next_fire_at, row.paused_at = self.at, None, None
                self.enter(row, ClockEntry.Kind.TRANSFER if handed_over else ClockEntry.Kind.STOP)
                self.touch(None, None, row)
                if lapses and row.kind in (ClockKind.DECISION, ClockKind.ARBITRATION) and row.application_id:
                    self._lapsed.add(row.application_id)

    def resume(self, clocks: Iterable[Clock]) -> None:
        """Let stopped clocks run on against their old deadline: rework does not reset anything (SLA D.1)."""
        for row in clocks:
            planned = row.planned(row.stage_index)
            row.stopped_at = None
            row.next_fire_at = planned[1] if planned else None
            self.enter(row, ClockEntry.Kind.CONTINUE)
            self.touch(None, None, row)

    def flush(self) -> list[TicketTransition]:
        """Write everything collected. Updates come first: only one lead order of a ticket may be open at a time."""
        for ticket in self._new_tickets:
            ticket.save(force_insert=True)
        update_rows(list(self._orders.values()), ORDER_FIELDS)
        update_rows(list(self._clocks.values()), CLOCK_FIELDS)
        if self._new_orders:
            WorkOrder.objects.bulk_create(self._new_orders)
        self._write_supervisions()
        for row in self._new_clocks:
            # The order and the supervision have their ids only now.
            row.work_order, row.supervision = row.work_order, row.supervision
        if self._new_clocks:
            Clock.objects.bulk_create(self._new_clocks)
        if self._entries:
            moment = clock.now()
            for entry in self._entries:
                # The clock and its ticket have their ids only now.
                entry.clock, entry.ticket_id, entry.recorded_at = entry.clock, entry.clock.ticket_id, moment
            ClockEntry.objects.bulk_create(self._entries)
        if self._lapsed:
            Application.objects.filter(pk__in=self._lapsed, state=Application.State.ASKED).update(
                state=Application.State.LAPSED, lapse_reason="order_ended", decided_at=self.at
            )
        update_rows(list(self._tickets.values()), TICKET_FIELDS)
        for transition in self._transitions:
            transition.work_order = transition.work_order
        outbox.write(self._transitions, tell=self.tell)
        if self._notes:
            for text, transition in self._notes:
                text.transition = transition
            Note.objects.bulk_create([text for text, _transition in self._notes])
        return self._transitions

    def _write_supervisions(self) -> None:
        orders = [row for row in self._supervisions if row.kind == Supervision.Kind.ORDER]
        drafts = [row for row in self._supervisions if row.kind == Supervision.Kind.CIRCULAR]
        if orders:
            Supervision.objects.bulk_create(orders)
        if drafts:
            Supervision.objects.bulk_create(drafts, ignore_conflicts=True)
        if self._missed:
            ids = [row.pk for row in self._missed]
            Supervision.objects.filter(pk__in=ids).update(state=Supervision.State.OVERDUE)


def move_many(moves: Sequence[tuple[str, Ticket, WorkOrder | None]], *, actor: Actor) -> list[TicketTransition]:
    """Make several plain moves in one batch."""
    mover = Mover(actor)
    for name, ticket, order in moves:
        mover.move(name, ticket, order)
    return mover.flush()
