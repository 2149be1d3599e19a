"""Several hands on one matter: co-handlers (协办) beside the lead, and giving it back down (下沉)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from requests_intake import routing
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.handle import about
from requests_intake.actions.orders import FIRST_CO_ORDER, start_co_order, start_order
from requests_intake.models import Ticket, WorkOrder
from requests_intake.reference import rules
from requests_intake.workflow import ORDER_OPEN


def _organization(organization_id: int) -> routing.OrganizationRef:
    found = next((row for row in rules().organizations if row.id == organization_id), None)
    if found is None:
        raise Invalid("no_organization", _("没有这个单位。"), fields={"organization": [_("请选择单位。")]})
    return found


@savepoint
def add_handler(ticket: Ticket, *, organization_id: int, actor: Actor, note: str = "") -> Ticket:
    """加派协办: another organization helps, with an order and clocks of its own; the lead goes on answering for it all.

    Raises ``Invalid`` for an organization that leads or helps already.
    """
    organization = _organization(organization_id)
    with making("add_handler", ticket, actor=actor) as (handling, mover):
        found, lead = handling.ticket, handling.order
        helping = {order.organization_id for order in handling.co_orders}
        if organization.id == found.organization_id or organization.id in helping:
            message = _("这个单位已经在办这件诉求。")
            raise Invalid("same_organization", message, fields={"organization": [message]})
        mover.move("add_handler", found, lead, note=note, to_organization=organization.id)
        assert lead is not None
        numbers = WorkOrder.objects.filter(ticket=found, role=WorkOrder.Role.CO_HANDLING).order_by("-sequence")
        last = numbers.values_list("sequence", flat=True).first()
        start_co_order(mover, found, lead, organization, number=(last or FIRST_CO_ORDER - 1) + 1)
        return found


@savepoint
def cancel_handler(ticket: Ticket, *, organization_id: int, actor: Actor, note: str) -> Ticket:
    """取消协办: a co-handler that has not finished is let go. Raises ``Invalid`` for one that is not there."""
    with making("cancel_handler", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        order = next(
            (row for row in handling.co_orders if row.organization_id == organization_id and row.state in ORDER_OPEN),
            None,
        )
        if order is None:
            message = _("这个单位没有在协办。")
            raise Invalid("not_helping", message, fields={"organization": [message]})
        mover.move("cancel_handler", found, order, note=note, **about(handling, order))
        mover.stop(handling.of(order))
        found.co_handlers -= 1
        return found


@savepoint
def resolve_co_order(ticket: Ticket, *, actor: Actor, note: str) -> Ticket:
    """协办办结: a co-handler has done its part, and says what. The resident hears from the lead alone."""
    with making("co_resolve", ticket, actor=actor) as (handling, mover):
        order = handling.order_of(actor)
        if order is None or order is handling.order:
            raise DomainError("not_helping", _("您的单位没有在协办这件诉求。"))
        mover.move("co_resolve", handling.ticket, order, note=note, **about(handling, order))
        order.resolved_at = mover.at
        mover.stop(handling.of(order))
        return handling.ticket


@savepoint
def delegate_down(ticket: Ticket, *, organization_id: int, actor: Actor, note: str) -> Ticket:
    """下沉: a desk gives what lies with it to an organization below it in the same place, with a reason.

    Raises ``Invalid`` where the organization is not below, or does not answer for the ticket's place.
    """
    organization = _organization(organization_id)
    with making("delegate_down", ticket, actor=actor) as (handling, mover):
        found, order = handling.ticket, handling.order
        if organization.id not in {row.id for row in organizations_below(found)}:
            message = _("只能下沉到本地的下级单位。")
            raise Invalid("not_below", message, fields={"organization": [message]})
        from_level, from_organization = found.level, found.organization_id
        mover.stop(handling.of_order(), handed_over=True)
        assert order is not None
        order.handed_over_reason = "delegated"
        start_order(mover, found, organization, sequence=order.sequence + 1)
        mover.move(
            "delegate_down", found, order, note=note,
            from_level=from_level, to_level=organization.level, from_organization=from_organization,
            to_organization=organization.id,
        )  # fmt: skip
        return found


def organizations_below(ticket: Ticket) -> list[routing.OrganizationRef]:
    """Those answering for the ticket's place at the levels below the one it lies at, the nearest first."""
    known = {row.area_id: row for row in rules().organizations if row.kind in _OWN_KINDS}
    areas = {"street": ticket.street_id, "community": ticket.community_id, "grid": ticket.grid_id}
    below = routing.LEVELS[: routing.LEVELS.index(ticket.level)]
    return [known[areas[level]] for level in reversed(below) if areas.get(level) in known]


_OWN_KINDS = frozenset({"grid_team", "residents_committee", "street_office"})
