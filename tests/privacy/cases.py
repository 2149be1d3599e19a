"""A ticket that has left its traces everywhere, and the words by which they are found."""

from __future__ import annotations

from typing import Any

from governance.kernel import outbox
from governance.kernel.actors import Actor
from governance.kernel.crypto import encrypt
from governance.kernel.idempotency import once
from requests_intake.actions.handle import contact_requester, sign_order
from requests_intake.actions.rate import rate_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.reveal import reveal_phone
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket, TicketTransition
from tests.cases import report
from tests.requests_intake.test_photos import stored
from tests.world import World

PHONE = "13987654321"
NAME = "欧阳翠花"
WORDS = ("欧阳翠花", PHONE, "鹦鹉叫得厉害", "鹉叫", "门禁后面", "楼下老陈")
"""In the words of the resident, of staff, in tokens; no other ticket or name of the test world has them."""


def traced(world: World, **changes: Any) -> Ticket:
    """Reported with photos, handled, noted, revealed, rated and closed; with notices, tokens and stored answers."""
    said = {
        "content": f"隔壁鹦鹉叫得厉害，我是{NAME}，电话{PHONE}",
        "address": "门禁后面",
        "name": NAME,
        "phone": PHONE,
        "urgency": "urgent",
        "photos": [stored(), stored()],
    }
    ticket = report(world, **{**said, **changes})
    sign_order(ticket, actor=world.worker)
    contact_requester(ticket, actor=world.worker, note=f"和{NAME}说了，楼下老陈也在")
    reveal_phone(ticket, reason="other", words="问问楼下老陈", actor=world.worker)
    resolve_ticket(ticket, actor=world.worker, reply="楼下老陈答应晚上盖布", photos=[stored()])
    verify_ticket(ticket, passed=True, actor=world.staff)
    once(
        principal="member:1", key=f"api-{ticket.pk}", body=1,
        act=lambda: {"status": 200, "sealed": encrypt(f'{{"number": "{ticket.number}", "name": "{NAME}"}}')},
    )  # fmt: skip
    outbox.deliver(TicketTransition)
    closed = rate_ticket(ticket, face="satisfied", actor=Actor.requester(ticket.pk))
    outbox.deliver(TicketTransition)
    return closed
