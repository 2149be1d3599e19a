"""The end of a pause or a suspension, and the review of what is suspended (SLA D.5, D.8)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from requests_intake.actions import clocks
from requests_intake.actions.applications import Kind, State
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling
from requests_intake.models import RUNNING_LIMITS, Application, ClockKind, Note, Ticket
from requests_intake.mover import Mover
from requests_intake.sla.discipline import PAUSES_THE_PROMISE


@savepoint
def resume_order(
    ticket: Ticket, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """恢复计时: what was waited for is there; every clock that was held runs on, later by exactly what it was held."""
    with making("resume", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        end_pause(mover, handling, held_by(handling, Kind.PAUSE), note=note)
        return handling.ticket


@savepoint
def unsuspend_ticket(
    ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True
) -> Ticket:
    """销账: the condition is met, handling goes on. The order has the time it had left; the promise stays where it was
    (D.12: a suspension moves no promise)."""
    with making("unsuspend", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        row = held_by(handling, Kind.SUSPENSION)
        mover.move("unsuspend", handling.ticket, handling.order, note=note, audience=Note.Audience.PUBLIC)
        _release(mover, handling, row, promise_moves=False)
        return handling.ticket


@savepoint
def review_suspension(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None) -> Ticket:
    """复查挂账: whether the obstacle is still there, every thirty days."""
    with making("review_suspension", ticket, actor=actor, at=at) as (handling, mover):
        row = held_by(handling, Kind.SUSPENSION)
        mover.move("review_suspension", handling.ticket, handling.order, note=note, application=row.pk)
        row.reviewed_at = mover.at
        row.save(update_fields=["reviewed_at"])
        return handling.ticket


def held_by(handling: Handling, kind: str) -> Application:
    """The granted pause or suspension that holds the lead order. Raises ``DomainError('not_held')``."""
    rows = Application.objects.filter(work_order=handling.order, kind=kind, state=State.GRANTED, ended_at=None)
    row = rows.order_by("-pk").first() if handling.order is not None else None
    if row is None:
        raise DomainError("not_held", _("这张工单没有在暂停或挂账。"))
    return row


def end_pause(mover: Mover, handling: Handling, row: Application, *, note: str = "") -> None:
    """By hand, or by the clock at the moment that was expected (called by the sweep)."""
    mover.move("resume", handling.ticket, handling.order, note=note, application=row.pk)
    _release(mover, handling, row, promise_moves=row.reason in PAUSES_THE_PROMISE)


def _release(mover: Mover, handling: Handling, row: Application, *, promise_moves: bool) -> None:
    """The promise first: an order may not be due after it (D.1), save where it has passed already (D.12)."""
    ticket, order = handling.ticket, handling.order
    assert order is not None
    row.ended_at = mover.at
    row.save(update_fields=["ended_at"])
    for clock in handling.of_ticket():
        if clock.paused_at is not None:
            clocks.release(mover, clock, row, moves=promise_moves)
            ticket.promise_due_at = clock.due_at if clock.kind == ClockKind.PROMISE else ticket.promise_due_at
    for clock in handling.of_order(*RUNNING_LIMITS):
        if clock.paused_at is not None:
            is_limit = clock.kind == ClockKind.RESOLVE
            found = clocks.release(mover, clock, row, moves=True, promise=ticket.promise_due_at if is_limit else None)
            if is_limit:
                order.due_at = ticket.order_due_at = clock.due_at
                order.was_cut = order.was_cut or found.was_cut
                order.beyond_promise = order.beyond_promise or found.beyond_promise
    mover.stop(clock for clock in handling.clocks if clock.application_id == row.pk)
    mover.touch(ticket, order)
    if ticket.promise_due_at is not None and ticket.promise_due_at <= mover.at:
        ticket.lamp = "over"
