"""Accepting a ticket (受理), which gives the promise; and its first dispatch."""

from __future__ import annotations

from datetime import datetime

from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.tenancy.context import current_district
from requests_intake import routing, sla
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import make_clock, organization_at, start_order, start_promise
from requests_intake.models import ClockKind, Ticket
from requests_intake.mover import Mover
from requests_intake.reference import CategoryRef, rules
from requests_intake.rulings import Ruling

SYSTEM = Actor.system("intake")


@savepoint
def accept_ticket(
    ticket: Ticket, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """A desk takes a ticket on: the promise to the resident starts. Dispatch follows as a move of its own."""
    with making("accept", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        mover.stop(handling.of_ticket())
        _accept(mover, handling.ticket, note=note)
        return handling.ticket


def _accept(
    mover: Mover, ticket: Ticket, *, by: Actor | None = None, note: str = "", promised_since: datetime | None = None
) -> None:
    mover.move("accept", ticket, by=by, note=note)
    ticket.accepted_at = mover.at
    # The desk's own limit is over; the next order brings the next one.
    ticket.order_due_at, ticket.lamp = None, ""
    start_promise(mover, ticket, since=promised_since)


def accept_and_dispatch(
    mover: Mover,
    ticket: Ticket,
    category: CategoryRef | None,
    *,
    start_level: str = "",
    ruling: Ruling | None = None,
    promised_since: datetime | None = None,
) -> None:
    """What the system does with a located, unrestricted ticket in the transaction that records it.

    ``start_level`` stands instead of the category's own, which is the lowest level that can usually handle it. Whom a
    routing rule names (``ruling``) gets it instead; the dispatch then says which rule it was, and why.
    ``promised_since``: a part of an older matter is promised as if it had been accepted then.
    """
    _accept(mover, ticket, by=SYSTEM, promised_since=promised_since)
    organization = ruling.organization if ruling else None
    if organization is None:
        organization = _usual_organization(ticket, category, start_level)
    start_order(mover, ticket, organization, sequence=1)
    because = ruling.payload() if ruling else {}
    mover.move("dispatch", ticket, by=SYSTEM, to_level=organization.level, to_organization=organization.id, **because)


def _usual_organization(ticket: Ticket, category: CategoryRef | None, start_level: str) -> routing.OrganizationRef:
    known = {
        level
        for level, area_id in (
            ("grid", ticket.grid_id),
            ("community", ticket.community_id),
            ("street", ticket.street_id),
        )
        if area_id is not None
    }
    path = current_district().escalation_path
    lowest = start_level or (category.pure.start_level if category else "grid")
    return organization_at(ticket, routing.first_level(path, known, lowest))


def start_desk_clock(mover: Mover, ticket: Ticket) -> None:
    """A ticket nobody has taken on yet still has a limit: the sign limit of the desk's level (SLA D.3)."""
    calendar = work_calendar()
    _version, policy = rules().policy(mover.at)
    limit = sla.level_limits(policy, level=ticket.level, klass=sla.Klass.NORMAL).sign
    if ticket.urgency in ("critical", "urgent"):
        limit = policy.classes[sla.Klass(ticket.urgency)].sign
    due = sla.due_at(mover.at, limit, calendar)
    stages = sla.contact_stages(mover.at, due, limit.unit, calendar)
    ticket.order_due_at = due
    mover.add_clock(make_clock(ticket, None, ClockKind.SIGN, mover.at, limit, due, stages))
    mover.touch(ticket)
