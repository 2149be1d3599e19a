"""A number in clear on one answer: a form tapped twice is one showing, a page loaded again much later is none."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed
from governance.kernel.keyed import show_once
from requests_intake.actions.reveal import reveal_phone
from requests_intake.models import Ticket
from requests_intake.presentation.people import may_reveal

SEEN_BEFORE = gettext_lazy("这个号码刚才已经看过。要再看，请重新点一次。")


def revealed(request: HttpRequest, ticket: Ticket, *, reason: str, actor: Actor, words: str = "") -> str:
    """The number, written down once for each form; empty where an old form is sent again.

    Raises what ``reveal_phone`` raises.
    """
    if not may_reveal(ticket, actor):
        raise NotAllowed("not_allowed", _("您的岗位不能查看这位诉求人的号码。"), move="reveal_phone")
    shown: list[str] = []

    def act() -> None:
        shown.append(reveal_phone(ticket, reason=reason, words=words, actor=actor))

    if not show_once(request, act):
        return ""
    # The same form a moment later: it has been written down.
    return shown[0] if shown else (ticket.requester.phone if ticket.requester else "")
