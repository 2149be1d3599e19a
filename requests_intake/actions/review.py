"""待复核: what a leader decides of a matter that was handled twice and is still not solved (SLA D.10).

Closing with a reason is ``actions.rate.close_ticket``. Whether the demand itself is unreasonable is the district's to
find, asked by who reviews and never judged by the same person.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling, next_level, organization_at, start_order
from requests_intake.actions.rate import last_handler, second_limit
from requests_intake.models import Note, Ticket, TicketTransition, UnreasonableClaim
from requests_intake.mover import Mover
from requests_intake.workflow import TicketState

CLOSED_BECAUSE = "unreasonable"


def _under_review(handling: Handling) -> Ticket:
    # In another state the mover says so.
    if handling.ticket.state == TicketState.VISITING.value and not handling.ticket.needs_review:
        raise DomainError("not_under_review", _("居民还没有第二次说没解决，这件不在复核里。"))
    return handling.ticket


def _not_asked(ticket: Ticket) -> None:
    if UnreasonableClaim.objects.filter(ticket=ticket, decided_at=None).exists():
        raise DomainError("claim_waits", _("已经申请认定不合理诉求，等区里认定后再处理。"))


def was_ordered_again(ticket: Ticket) -> bool:
    """Whether a leader has had it handled a third time: that is possible once."""
    return TicketTransition.objects.filter(ticket=ticket, move="order_again").exists()


@savepoint
def order_again(ticket: Ticket, *, note: str, actor: Actor) -> Ticket:
    """责成再办: the same organization a third time, with the limit of a re-handling. Once for a ticket."""
    with making("order_again", ticket, actor=actor) as (handling, mover):
        found, order = _under_review(handling), handling.order
        _not_asked(found)
        if was_ordered_again(found):
            raise DomainError("ordered_before", _("已经责成再办过一次，不能再退回同一个单位；可以交上级或者结案。"))
        assert order is not None
        organization = last_handler(order.organization_id)
        _hand_on(mover, handling)
        start_order(mover, found, organization, sequence=order.sequence + 1, limit=second_limit(order))
        mover.move("order_again", found, note=note, to_organization=organization.id)
        return found


@savepoint
def review_up(ticket: Ticket, *, note: str, actor: Actor) -> Ticket:
    """交上级再办: the level above the organization that handled it last. Raises ``DomainError`` ``at_the_top``."""
    with making("review_up", ticket, actor=actor) as (handling, mover):
        found, order = _under_review(handling), handling.order
        _not_asked(found)
        assert order is not None
        above = next_level(order.level)
        if above is None:
            raise DomainError("at_the_top", _("已经在最上一级，没有上级可以交了。"))
        organization = organization_at(found, above)
        _hand_on(mover, handling)
        start_order(mover, found, organization, sequence=order.sequence + 1, limit=second_limit(order))
        mover.move(
            "review_up", found, note=note,
            from_level=order.level, to_level=organization.level, to_organization=organization.id,
        )  # fmt: skip
        return found


def _hand_on(mover: Mover, handling: Handling) -> None:
    handling.ticket.needs_review = False
    handling.ticket.resolved_at = None


@savepoint
def ask_unreasonable(ticket: Ticket, *, note: str, actor: Actor) -> Ticket:
    """申请认定不合理诉求: the reason goes to the district; nothing else is decided meanwhile."""
    with making("ask_unreasonable", ticket, actor=actor) as (handling, mover):
        found = _under_review(handling)
        _not_asked(found)
        if UnreasonableClaim.objects.filter(ticket=found, granted=False).exists():
            raise DomainError("refused_before", _("区里已经认定过一次，没有同意，不能再申请。"))
        mover.move("ask_unreasonable", found, note=note)
        assert actor.membership_id is not None
        UnreasonableClaim.objects.create(ticket=found, asked_by_id=actor.membership_id, asked_at=mover.at)
        return found


@savepoint
def judge_unreasonable(ticket: Ticket, *, granted: bool, note: str, actor: Actor) -> Ticket:
    """The district decides. Granted: the ticket closes, counts in no rate, and the requester reads ``note``. Refused:
    it is back with the leader. Raises ``NotAllowed`` ``own_claim``, ``DomainError`` ``no_claim``."""
    with making("judge_unreasonable", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        claim = UnreasonableClaim.objects.select_for_update(of=("self",)).filter(ticket=found, decided_at=None).first()
        if claim is None and found.state == TicketState.VISITING.value:
            raise DomainError("no_claim", _("没有等待认定的申请。"))
        if claim is not None and claim.asked_by_id == actor.membership_id:
            raise NotAllowed("own_claim", _("申请是您自己提的，要由别人来认定。"), move="judge_unreasonable")
        audience = Note.Audience.PUBLIC if granted else Note.Audience.INTERNAL
        mover.move("judge_unreasonable", found, note=note, audience=audience, granted=granted)
        assert claim is not None
        claim.granted, claim.decided_at, claim.decided_by_id = granted, mover.at, actor.membership_id
        claim.save(update_fields=["granted", "decided_at", "decided_by"])
        if granted:
            found.close_reason, found.needs_review = CLOSED_BECAUSE, False
            mover.move("close", found, reason=CLOSED_BECAUSE)
        return found
