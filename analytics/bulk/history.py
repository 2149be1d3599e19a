"""A recent ticket's whole history, made by the same rules as real ones and kept in memory until it is copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from governance.kernel.actors import Actor
from requests_intake.actions.orders import Handling, start_order, start_promise
from requests_intake.actions.sweep import fire_due
from requests_intake.models import (
    Clock,
    ClockEntry,
    ClockKind,
    Rating,
    Supervision,
    Ticket,
    TicketTransition,
    WorkOrder,
)
from requests_intake.mover import Mover
from requests_intake.routing import OrganizationRef

LOADER = Actor.system("load_test_data")


class Recorder(Mover):
    """A mover that writes nothing: ids are given at once, and the rows are handed out."""

    def __init__(self, at: datetime, order_ids: Iterator[int], clock_ids: Iterator[int]) -> None:
        super().__init__(LOADER, at=at)
        self._order_ids, self._clock_ids = order_ids, clock_ids

    def add_order(self, order: WorkOrder, clocks: Iterable[Clock]) -> None:
        order.pk = next(self._order_ids)
        super().add_order(order, ())
        for row in clocks:
            self.add_clock(row)

    def add_clock(self, row: Clock) -> None:
        row.pk = next(self._clock_ids)
        row.work_order = row.work_order  # the order has its id by now
        super().add_clock(row)

    @property
    def orders(self) -> list[WorkOrder]:
        return self._new_orders

    @property
    def clocks(self) -> list[Clock]:
        return self._new_clocks

    @property
    def supervisions(self) -> list[Supervision]:
        """Those of the clock; a list of drafts a work order has once."""
        drafts = {row.work_order_id: row for row in self._supervisions if row.kind == Supervision.Kind.CIRCULAR}
        return [row for row in self._supervisions if row.kind == Supervision.Kind.ORDER] + list(drafts.values())

    @property
    def entries(self) -> list[ClockEntry]:
        return self._entries

    @property
    def transitions(self) -> list[TicketTransition]:
        return self._transitions


class Course:
    """One ticket from its report to the present; ``now`` bounds what can have happened."""

    def __init__(self, ticket: Ticket, recorder: Recorder, now: datetime) -> None:
        self.ticket, self.recorder, self.now = ticket, recorder, now
        self.handling = Handling(ticket, None, recorder.clocks)
        self.rating: Rating | None = None

    def begin(self, organization: OrganizationRef) -> None:
        ticket, recorder = self.ticket, self.recorder
        ticket.state = ""
        recorder.move("submit", ticket, channel=ticket.channel, located_by=ticket.located_by)
        recorder.move("accept", ticket)
        ticket.accepted_at = recorder.at
        start_promise(recorder, ticket)
        self.handling.order = start_order(recorder, ticket, organization, sequence=1)
        recorder.move("dispatch", ticket, to_level=organization.level, to_organization=organization.id)

    def sign(self, after: timedelta) -> bool:
        if not self._reach(self.ticket.submitted_at + after):
            return False
        order = self._order()
        if order.signed_at is None:
            self.recorder.move("sign", self.ticket, order)
            order.signed_at = self.recorder.at
            self.recorder.stop(self.handling.of_order(ClockKind.SIGN))
        return True

    def contact(self, after: timedelta) -> bool:
        if not self.sign(after):
            return False
        order = self._order()
        self.recorder.move("contact", self.ticket, order)
        order.contacted_at = self.recorder.at
        self.recorder.stop(self.handling.of_order(ClockKind.CONTACT))
        return True

    def resolve(self, after: timedelta) -> bool:
        if not self.sign(after):
            return False
        ticket, recorder, order = self.ticket, self.recorder, self._order()
        recorder.move("resolve", ticket, order)
        order.resolved_at = ticket.resolved_at = recorder.at
        ticket.resolved_level, ticket.lamp, ticket.needs_verification = order.level, "", False
        recorder.stop(recorder.clocks)
        recorder.move("waive_verification", ticket, order)
        return True

    def rate(self, after: timedelta, face: str) -> bool:
        if not self._reach(self.ticket.submitted_at + after):
            return False
        ticket, recorder = self.ticket, self.recorder
        recorder.move("rate", ticket, face=face)
        ticket.first_satisfaction = ticket.final_satisfaction = face
        self.rating = Rating(ticket=ticket, face=face, is_first=True, at=recorder.at)
        ticket.close_reason = "rated"
        recorder.move("close", ticket)
        return True

    def wait(self) -> None:
        """Nobody acts any more: the clocks run on to the present."""
        self._reach(self.now, inclusive=True)

    def _order(self) -> WorkOrder:
        assert self.handling.order is not None
        return self.handling.order

    def _reach(self, moment: datetime, *, inclusive: bool = False) -> bool:
        """Let the clocks fire up to a moment; False where it has not come yet."""
        end = min(moment, self.now)
        while True:
            running = [row.next_fire_at for row in self.recorder.clocks if row.stopped_at is None and row.next_fire_at]
            if not running or min(running) > end:
                break
            self.recorder.at = min(running)
            fire_due(self.recorder, self.handling, self.recorder.at)
        if moment >= self.now:
            return inclusive
        self.recorder.at = moment
        return True
