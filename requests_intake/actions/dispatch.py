"""Dispatching (派单): a desk gives the ticket to an organization."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import start_order
from requests_intake.models import Ticket
from requests_intake.reference import rules


@savepoint
def dispatch_ticket(
    ticket: Ticket, *, organization_id: int, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """Give the ticket to an organization: its lead order ends (handed over) and a new one starts with its own clock.

    Raises ``Invalid`` for an organization the district does not have, or the one that already holds the order.
    """
    organization = next((row for row in rules().organizations if row.id == organization_id), None)
    if organization is None:
        raise Invalid("no_organization", _("没有这个单位。"), fields={"organization": [_("请选择承办单位。")]})
    with making("dispatch", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found, order = handling.ticket, handling.order
        if order is not None and order.ended_at is None and order.organization_id == organization.id:
            raise Invalid(
                "same_organization", _("这件诉求已经在这个单位手上。"), fields={"organization": [_("请换一个单位。")]}
            )
        if organization.id == found.about_id:
            said = _("不能交给被反映的单位自己办。")
            raise Invalid("about_itself", said, fields={"organization": [said]})
        sequence = order.sequence + 1 if order else 1
        if order is not None:
            order.handed_over_reason = "transferred"
        mover.stop(handling.of_order(), handed_over=True)
        from_organization = found.organization_id
        start_order(mover, found, organization, sequence=sequence)
        mover.move(
            "dispatch", found, order, note=note,
            from_organization=from_organization, to_level=organization.level, to_organization=organization.id,
        )  # fmt: skip
        return found
