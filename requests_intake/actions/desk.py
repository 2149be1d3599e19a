"""What a desk or the requester does before and after the handling: reject, relocate, classify, withdraw, archive."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.queries import locate
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.field_limits import class_changed
from requests_intake.actions.orders import end_co_orders
from requests_intake.actions.restricted import hide_words
from requests_intake.actions.submit import apply_place
from requests_intake.models import Note, Ticket, Urgency
from requests_intake.reference import rules
from requests_intake.workflow import OrderState

REJECT_REASONS = {
    "other_procedure": "应通过诉讼、仲裁、复议、纪检或信息公开办理",
    "petition": "已进入信访程序",
    "emergency_line": "属于 110、119、120、122 紧急事项",
    "secret": "涉及国家秘密、商业秘密或他人隐私",
    "unlawful": "违反法律法规或公序良俗",
    "outside": "不属于本区管辖",
    "no_matter": "没有具体事项",
}


@savepoint
def reject_ticket(ticket: Ticket, *, reason: str, note: str, actor: Actor, at: datetime | None = None) -> Ticket:
    """不予受理, for one of the reasons of standards B.3; the resident reads the explanation and where else to turn."""
    if reason not in REJECT_REASONS:
        raise Invalid("no_reason", _("请选择不予受理的原因。"), fields={"reason": [_("请选择原因。")]})
    with making("reject", ticket, actor=actor, at=at) as (handling, mover):
        found = handling.ticket
        mover.move("reject", found, note=note, audience=Note.Audience.PUBLIC, reason=reason)
        found.close_reason = reason
        mover.stop(handling.clocks)
        return found


@savepoint
def relocate_ticket(
    ticket: Ticket,
    *,
    actor: Actor,
    address: str = "",
    building_id: int | None = None,
    community_id: int | None = None,
    point: tuple[float, float] | None = None,
) -> Ticket:
    """补充地点: a desk says where it is. Raises ``Invalid`` where the place cannot be found."""
    place = locate(building_id=building_id, address=address, point=point, community_id=community_id)
    if place.located_by == "none":
        raise Invalid(
            "no_place", _("找不到这个地点，请选择社区或换一种写法。"), fields={"address": [_("找不到这个地点。")]}
        )
    with making("relocate", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        from_street = found.street_id
        apply_place(found, place)
        found.address_text = address or found.address_text
        mover.move("relocate", found, located_by=place.located_by, area=place.area_id, from_street=from_street)
        return found


@savepoint
def classify_ticket(ticket: Ticket, *, category_code: str, actor: Actor, urgency: str = "", note: str = "") -> Ticket:
    """更正分类. Promises already given stay as they are; what turns out to be dangerous is to be reached at once."""
    category = rules().by_code.get(category_code)
    if category is None:
        raise Invalid("no_category", _("没有这个分类。"), fields={"category": [_("请选择分类。")]})
    if urgency and urgency not in Urgency.values:
        raise Invalid("no_urgency", _("没有这种紧急程度。"), fields={"urgency": [_("请选择紧急程度。")]})
    with making("classify", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        before, was_restricted = found.category_id, found.is_restricted
        found.category_id = category.id
        found.urgency = urgency or found.urgency
        found.is_restricted = found.is_restricted or category.pure.is_restricted
        if found.is_restricted and not was_restricted:
            if found.follower_count:
                # What is answered on a master is told its followers, whom others may read.
                said = _("这件带着从件（{count} 件），先撤销合并，再改成限制知悉的分类。")
                said = said.format(count=found.follower_count)
                raise DomainError("has_followers", said, fields={"category": [said]})
            hide_words([found])
        mover.move(
            "classify", found, note=note,
            from_category=before, to_category=category.id, from_restricted=was_restricted,
        )  # fmt: skip
        class_changed(mover, handling)
        return found


@savepoint
def withdraw_ticket(
    ticket: Ticket, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """撤回 by the requester: open orders are cancelled and every clock stops."""
    with making("withdraw", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found = handling.ticket
        order = handling.order if handling.order and handling.order.ended_at is None else None
        mover.move("withdraw", found, order, note=note)
        found.close_reason, found.lamp = "withdrawn", ""
        end_co_orders(mover, handling, OrderState.CANCELLED)
        mover.stop(handling.clocks)
        return found


@savepoint
def archive_ticket(ticket: Ticket, *, actor: Actor, at: datetime | None = None) -> Ticket:
    """归档: the file is complete; nothing moves any more."""
    with making("archive", ticket, actor=actor, at=at, tell=False) as (handling, mover):
        mover.move("archive", handling.ticket)
        return handling.ticket
