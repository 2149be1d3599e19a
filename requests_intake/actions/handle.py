"""What the handling organization does with its order: sign, assign, contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from grids.reference import territory
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling
from requests_intake.models import ClockKind, Ticket, WorkOrder
from requests_intake.mover import Mover


@savepoint
def sign_order(ticket: Ticket, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Ticket:
    """签收: the organization has seen the order; who signs becomes the assignee."""
    with making("sign", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        _take_on("sign", handling, mover, actor)
        return handling.ticket


@savepoint
def claim_order(ticket: Ticket, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Ticket:
    """接单 out of the pool of one's organization (S3-27): the first who taps has it, the others are told who does."""
    with making("claim", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        order = handling.order
        if order is not None and order.ended_at is None and order.signed_at is not None:
            by = staff_names([order.assignee_id]).get(order.assignee_id or 0, "")
            raise DomainError("already_claimed", _("这张工单已被{name}接走。").format(name=by or _("别人")))
        _take_on("claim", handling, mover, actor)
        return handling.ticket


@savepoint
def give_back_order(ticket: Ticket, *, actor: Actor, note: str = "", at: datetime | None = None) -> Ticket:
    """放回接单池: who has claimed an order lets the others have it, before anybody was contacted and within the limit
    for signing, which runs on as if it had never been claimed.

    Raises ``NotAllowed`` for anybody but who has it, ``DomainError('too_late')`` after the limit.
    """
    with making("give_back", ticket, actor=actor, at=at) as (handling, mover):
        order = handling.order
        mover.move("give_back", handling.ticket, order, note=note)
        assert order is not None
        if order.assignee_id != actor.membership_id:
            raise NotAllowed("not_yours", _("只有接这一单的人能放回。"))
        signing = handling.of_order(ClockKind.SIGN)
        if any(clock.due_at <= mover.at for clock in signing):
            raise DomainError("too_late", _("签收时限已经过了，不能放回；办不了请上报，或请负责人指派给别人。"))
        holder = territory().handler(order.organization_id)
        order.signed_at, order.assignee_id = None, holder.membership_id if holder else None
        mover.resume(signing)
        return handling.ticket


def _take_on(move: str, handling: Handling, mover: Mover, actor: Actor) -> None:
    order = handling.order_of(actor)
    mover.move(move, handling.ticket, order, **about(handling, order))
    assert order is not None
    order.signed_at = mover.at
    order.assignee_id = actor.membership_id or order.assignee_id
    mover.stop(handling.of(order, ClockKind.SIGN))


def about(handling: Handling, order: WorkOrder | None) -> dict[str, Any]:
    """Of a move on a co-handler's order: whose it is. Without it, a transition names the lead's organization."""
    if order is None or order is handling.order:
        return {}
    return {"organization": order.organization_id, "role": order.role}


@savepoint
def contact_requester(
    ticket: Ticket, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """联系居民: the requester was called or met. The first contact stops the contact clock."""
    with making("contact", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        order = handling.order_of(actor)
        mover.move("contact", handling.ticket, order, note=note, **about(handling, order))
        assert order is not None
        order.contacted_at = order.contacted_at or mover.at
        mover.stop(handling.of(order, ClockKind.CONTACT))
        return handling.ticket


@savepoint
def assign_order(ticket: Ticket, *, membership_id: int, actor: Actor, note: str = "") -> Ticket:
    """指派: name the person of the handling organization who does it. Raises ``Invalid`` for anybody else."""
    with making("assign", ticket, actor=actor) as (handling, mover):
        found, order = handling.ticket, handling.order
        serving = {holder.membership_id for holder in territory().serving(found.organization_id)}
        if membership_id not in serving:
            raise Invalid(
                "not_in_post", _("这个人现在不在承办单位任职。"), fields={"assignee": [_("请选择在岗的人。")]}
            )
        mover.move("assign", found, order, note=note, assignee=membership_id)
        assert order is not None
        order.assignee_id = membership_id
        return found
