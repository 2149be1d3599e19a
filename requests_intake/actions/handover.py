"""离任交接: somebody leaves; their open orders go to colleagues. And organizations that end with nothing open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.actions import organizations
from grids.actions.absences import withdraw_deputy
from grids.actions.posts import end_all_posts
from grids.models import Organization
from grids.reference import Holder, territory
from requests_intake import workflow
from requests_intake.actions.context import savepoint
from requests_intake.models import Ticket, WorkOrder
from requests_intake.mover import Mover


@dataclass(frozen=True)
class Handover:
    """How many posts ended and how many orders went to somebody else."""

    posts: int
    orders: int


def orders_in_hand(membership: Membership) -> QuerySet[WorkOrder]:
    """Open lead orders a person is named for, the most urgent first."""
    return WorkOrder.objects.filter(
        assignee=membership, role=WorkOrder.Role.LEAD, state__in=workflow.ORDER_OPEN, ended_at=None
    ).order_by("due_at")


def colleagues(organization_id: int, leaver: Membership) -> list[Holder]:
    """Who could take the orders over: everybody acting in a post of the organization today, once each."""
    serving = territory().serving(organization_id)
    found = {holder.membership_id: holder for holder in reversed(serving) if holder.membership_id != leaver.pk}
    return list(reversed(found.values()))


@savepoint
def hand_over(membership: Membership, *, until: date, to: Mapping[int, int | None], actor: Actor) -> Handover:
    """End all posts of a person (``until`` is the last day) and hand their open orders over at once.

    ``to``: organization id → membership of the colleague; None leaves the orders of that organization without a name,
    which only an organization with nobody else in post may do. Raises ``NotAllowed``, ``Invalid`` ``not_in_post``, and
    what ending posts raises; then nothing has changed.
    """
    require_administrator(actor)
    orders = _reassign(membership, to, actor)
    posts = end_all_posts(membership, until=until, actor=actor)
    withdraw_deputy(membership, after=until, actor=actor)
    audit.record(
        "staff.hand_over", actor=actor, object_kind="membership", object_id=membership.pk,
        posts=posts, orders=orders, until=until.isoformat(),
    )  # fmt: skip
    return Handover(posts, orders)


def _reassign(membership: Membership, to: Mapping[int, int | None], actor: Actor) -> int:
    """Name the colleagues, through the mover like any other assignment. Every mover locks the tickets first."""
    ids = orders_in_hand(membership).values("ticket_id")
    tickets = {row.pk: row for row in Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")}
    orders = [row for row in orders_in_hand(membership) if row.ticket_id in tickets]
    _check(membership, {row.organization_id for row in orders}, to)
    mover = Mover(actor)
    for order in orders:
        receiver = to.get(order.organization_id)
        mover.move("assign", tickets[order.ticket_id], order, assignee=receiver)
        order.assignee_id = receiver
    mover.flush()
    return len(orders)


def _check(leaver: Membership, organization_ids: Iterable[int], to: Mapping[int, int | None]) -> None:
    for organization_id in organization_ids:
        able = {holder.membership_id for holder in colleagues(organization_id, leaver)}
        receiver = to.get(organization_id)
        if (receiver is not None or able) and receiver not in able:
            words = _("请选择{organization}在岗的同事。").format(
                organization=territory().organization_name(organization_id)
            )
            raise Invalid("not_in_post", words, fields={f"to_{organization_id}": [words]})


def open_orders(organization: Organization) -> QuerySet[WorkOrder]:
    """Orders of an organization that have not ended, the most urgent first; those waiting to be checked included."""
    return WorkOrder.objects.filter(organization=organization, ended_at=None).order_by("due_at")


@savepoint
def end_organization(organization: Organization, *, actor: Actor) -> Organization:
    """Abolish an organization that has no order open. Raises ``DomainError`` ``open_orders``, and what grids raises."""
    require_administrator(actor)
    Organization.objects.select_for_update().get(pk=organization.pk)
    count = open_orders(organization).count()
    if count:
        raise DomainError(
            "open_orders",
            _("这个单位还有 {count} 张工单没有办结，请先由调度台改派或办结。").format(count=count),
            count=count,
        )
    return organizations.end_organization(organization, actor=actor)
