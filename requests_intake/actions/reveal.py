"""Showing a masked phone number, once, for a stated reason (``governance.privacy.actions.disclose``)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed
from governance.privacy.actions.disclose import disclose
from governance.privacy.models import Disclosure
from requests_intake.models import Ticket
from requests_intake.presentation.people import may_reveal

REVEAL_REASONS = {reason.value: reason.label for reason in Disclosure.Reason if reason != Disclosure.Reason.ANSWER}
OBJECT_KIND = "ticket"


def reveal_phone(ticket: Ticket, *, reason: str, actor: Actor, words: str = "") -> str:
    """The requester's number in clear. Raises ``NotAllowed`` for whose work it is not, and what ``disclose`` raises."""
    if not may_reveal(ticket, actor):
        raise NotAllowed("not_allowed", _("您的岗位不能查看这位诉求人的号码。"), move="reveal_phone")
    return disclose(
        object_kind=OBJECT_KIND,
        object_id=ticket.pk,
        field="phone",
        reason=reason,
        words=words,
        actor=actor,
        value=lambda: ticket.requester.phone if ticket.requester else "",
    )
