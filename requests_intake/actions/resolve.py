"""办结 and 现场解决: the handler says it is done, and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.storage import StoredImage
from grids.reference import territory
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.draw import draw_check
from requests_intake.actions.orders import Handling, end_co_orders
from requests_intake.actions.submit import attach_photos
from requests_intake.models import Attachment, Note, Ticket
from requests_intake.mover import Mover
from requests_intake.restricted import check_work_photo
from requests_intake.workflow import OrderState

SYSTEM = Actor.system("verification_rule")


@savepoint
def resolve_ticket(
    ticket: Ticket,
    *,
    actor: Actor,
    reply: str,
    photos: Sequence[StoredImage] = (),
    at: datetime | None = None,
    tell: bool = True,
) -> Ticket:
    """The lead organization reports the matter done. ``reply`` is what the resident reads."""
    return _finish("resolve", ticket, actor=actor, reply=reply, photos=photos, at=at, tell=tell)


@savepoint
def solve_on_site(
    ticket: Ticket,
    *,
    actor: Actor,
    reply: str,
    photos: Sequence[StoredImage] = (),
    at: datetime | None = None,
    tell: bool = True,
) -> Ticket:
    """Fixed on the spot, signed or not. A find of the worker's own patrol is closed with it (inventory S1-10)."""
    return _finish("solve_on_site", ticket, actor=actor, reply=reply, photos=photos, at=at, tell=tell)


def _finish(
    move: str,
    ticket: Ticket,
    *,
    actor: Actor,
    reply: str,
    photos: Sequence[StoredImage],
    at: datetime | None,
    tell: bool,
) -> Ticket:
    with making(move, ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        check_work_photo(photos, tell=tell)
        found, order = handling.ticket, handling.order
        _co_handlers_are_done(handling)
        mover.move(move, found, order, note=reply, audience=Note.Audience.PUBLIC)
        assert order is not None
        order.signed_at = order.signed_at or mover.at
        order.resolved_at = found.resolved_at = mover.at
        found.resolved_level = order.level
        found.lamp = ""
        mover.stop(handling.clocks)
        attach_photos(found, photos, Attachment.Purpose.EVIDENCE, actor.membership_id, mover.at)
        found.needs_verification = draw_check(found, order).chosen
        if not found.needs_verification:
            pass_on(mover, handling, waived=True)
        return found


def _co_handlers_are_done(handling: Handling) -> None:
    """The lead answers for the whole: it reports done when everybody who helps has (首接负责)."""
    waiting = [order for order in handling.co_orders if order.state != OrderState.RESOLVED]
    if waiting:
        names = "、".join(territory().organization_name(order.organization_id) for order in waiting)
        raise DomainError(
            "co_handlers_open", _("协办还没有办结：{names}。请等他们办结，或者取消协办。").format(names=names)
        )


def pass_on(mover: Mover, handling: Handling, *, waived: bool) -> None:
    """After a passed or waived verification the requester is asked; where nobody is to be asked the ticket closes."""
    ticket, order = handling.ticket, handling.order
    end_co_orders(mover, handling, OrderState.VERIFIED)
    if waived:
        mover.move("waive_verification", ticket, order, by=SYSTEM)
    if not ticket.needs_return_visit:
        ticket.close_reason = "no_visit"
        mover.move("close", ticket, by=SYSTEM)
