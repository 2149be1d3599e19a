"""Tickets in every state, made by the real actions: what tests of pages and of the API begin with."""

from __future__ import annotations

from typing import Any

from governance.kernel.actors import Actor
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.desk import archive_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.rate import rate_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket
from tests.world import World

PHONE = "13800001234"
SECRET = PHONE[-4:]
CONTENT = "三单元楼道灯坏了一个星期，老人晚上上下楼看不见。"


def report(world: World, **changes: Any) -> Ticket:
    """What a resident of the first grid's first building reports; keyword arguments change it."""
    values = {"content": CONTENT, "building_id": world.building.pk, "name": "李小明", "phone": PHONE}
    return submit_ticket(Report(**{**values, **changes}), actor=Actor.public()).ticket


def ticket_in(world: World, state: str, **changes: Any) -> Ticket:
    """A ticket in a state: ``submitted`` and ``accepted`` (without a place, at the district's desk), ``dispatched``,
    ``signed``, ``resolved`` (to be verified), ``visiting``, ``closed`` or ``archived`` (by the grid's worker)."""
    if state in ("submitted", "accepted"):
        ticket = report(world, **{"building_id": None, **changes})
        return ticket if state == "submitted" else accept_ticket(ticket, actor=world.center)
    # Urgent ones are always verified (SLA D.10); others only as the sample falls.
    ticket = report(world, **{"urgency": "urgent", **changes})
    requester = Actor.requester(ticket.pk)
    steps = {
        "dispatched": lambda: ticket,
        "signed": lambda: sign_order(ticket, actor=world.worker),
        "resolved": lambda: resolve_ticket(ticket, actor=world.worker, reply="灯换好了"),
        "visiting": lambda: verify_ticket(ticket, passed=True, actor=world.staff),
        "closed": lambda: rate_ticket(ticket, face="satisfied", actor=requester),
        "archived": lambda: archive_ticket(ticket, actor=world.dispatcher),
    }
    for name, step in steps.items():
        ticket = step()
        if name == state:
            return ticket
    raise ValueError(state)
