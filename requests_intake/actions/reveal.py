"""Showing a masked phone number, once, for a stated reason. Every showing leaves a row in the audit trail."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid, NotAllowed
from requests_intake.models import Ticket
from requests_intake.presentation.people import may_reveal

REVEAL_REASONS = {
    "contact": gettext_lazy("联系诉求人，了解情况"),
    "on_site": gettext_lazy("上门处理，找不到地点"),
    "return_visit": gettext_lazy("电话回访"),
    "emergency": gettext_lazy("紧急情况"),
}


def reveal_phone(ticket: Ticket, *, reason: str, actor: Actor) -> str:
    """The requester's number in clear. Raises ``Invalid`` without a reason, ``NotAllowed`` for whose work it is not.

    The audit row says who, which ticket and why; never the number itself.
    """
    if reason not in REVEAL_REASONS:
        raise Invalid("no_reason", _("请选择查看号码的原因。"), fields={"reason": [_("请选择原因。")]})
    if not may_reveal(ticket, actor):
        raise NotAllowed("not_allowed", _("您的岗位不能查看这位诉求人的号码。"), move="reveal_phone")
    audit.record("reveal_phone", actor=actor, object_kind="ticket", object_id=ticket.pk, reason=reason)
    return ticket.requester.phone if ticket.requester else ""
