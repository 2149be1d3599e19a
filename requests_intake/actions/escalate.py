"""Going up a level (上报), by hand."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import hand_up, next_level
from requests_intake.models import Ticket


@savepoint
def escalate_ticket(
    ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True
) -> Ticket:
    """Hand the lead order to the next level of the district's own path, with a reason.

    Raises ``DomainError('top_level')`` where nobody is above. The sweep does the same by the clock (``sweep.py``).
    """
    with making("escalate", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        if handling.order is None or next_level(handling.order.level) is None:
            raise DomainError("top_level", _("已经在最高一级，不能再上报。"))
        hand_up(mover, handling, by_clock=False, note=note)
        return handling.ticket
