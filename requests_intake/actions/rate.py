"""What the requester thinks of it: rating, return visit, re-handling, closing, reopening."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from grids.reference import territory
from requests_intake import routing, sla
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling, start_order
from requests_intake.actions.visits import (
    attempts_of,
    check_solved,
    check_visit,
    release,
    require_attempt,
    require_free,
)
from requests_intake.models import (
    Rating,
    ReturnVisit,
    Satisfaction,
    Ticket,
    UnreasonableClaim,
    VisitChannel,
    WorkOrder,
)
from requests_intake.mover import Mover
from requests_intake.reference import rules

SYSTEM = Actor.system("rating_rule")
CLOSE_REASONS = ("reviewed", "unreachable", "unrated")
"""What a leader may choose; ``unreasonable`` is the district's to find (``actions.review``)."""


@savepoint
def rate_ticket(
    ticket: Ticket,
    *,
    face: str,
    actor: Actor,
    comment: str = "",
    solved: str = "",
    channel: str = VisitChannel.WEB,
    at: datetime | None = None,
    tell: bool = True,
) -> Ticket:
    """The requester taps a face. 满意 and 还行 close; 没解决 is handled once more, then a leader decides (D.10).

    ``solved``: what they say besides of whether it is solved (kpi E.2); nothing where they were not asked.
    """
    _check_face(face)
    check_solved(face, solved)
    with making("rate", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        mover.move("rate", handling.ticket, note=comment, face=face)
        _apply_face(mover, handling, face, solved, channel)
        return handling.ticket


@savepoint
def record_return_visit(
    ticket: Ticket,
    *,
    answer: str,
    actor: Actor,
    note: str = "",
    solved: str = "",
    channel: str = VisitChannel.PHONE,
    at: datetime | None = None,
    tell: bool = True,
) -> Ticket:
    """回访: a member of staff asked by phone or at the door.

    After three attempts on two days or more without reaching anybody the ticket closes as unreachable (SLA D.10).
    Raises ``DomainError`` ``being_called`` while somebody else is calling, ``enough_today`` for one more attempt in
    vain on a day that has had them all, and what ``check_visit`` raises.
    """
    check_visit(ticket, answer=answer, solved=solved, channel=channel)
    with making("return_visit", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found = handling.ticket
        require_free(found, actor, mover.at)
        if answer == ReturnVisit.Answer.UNREACHABLE:
            require_attempt(found, mover.at)
        mover.move("return_visit", found, note=note, answer=answer)
        assert actor.membership_id is not None
        ReturnVisit.objects.create(
            ticket=found, answer=answer, solved=solved, channel=channel, visitor_id=actor.membership_id, at=mover.at
        )
        found.visit_attempts += 1
        if answer == ReturnVisit.Answer.UNREACHABLE:
            release(found)
            _close_unreachable(mover, found)
        else:
            _apply_face(mover, handling, answer, solved, channel)
        return found


@savepoint
def close_ticket(
    ticket: Ticket, *, reason: str, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """结案 by a leader: after review, or where nobody could be asked. An unrated ticket stays unrated (kpi E.3)."""
    if reason not in CLOSE_REASONS:
        raise Invalid("no_reason", _("请选择结案原因。"), fields={"reason": [_("请选择结案原因。")]})
    with making("close", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found = handling.ticket
        if found.needs_review and UnreasonableClaim.objects.filter(ticket=found, decided_at=None).exists():
            raise DomainError("claim_waits", _("已经申请认定不合理诉求，等区里认定后再处理。"))
        if not note.strip():
            raise Invalid("note_needed", _("请写明结案理由。"), fields={"note": [_("请写一句说明。")]})
        found.close_reason, found.needs_review = reason, False
        mover.move("close", found, note=note, reason=reason)
        return found


@savepoint
def reopen_ticket(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True) -> Ticket:
    """重开 within 15 days of closing (SLA D.10): a new work order for the organization that handled it last."""
    with making("reopen", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found, order = handling.ticket, handling.order
        if found.closed_at is not None and mover.at > last_moment_to_reopen(found):
            _version, policy = rules().policy(found.closed_at)
            raise DomainError(
                "too_late", _("结案已超过 {limit}，请重新提交一件诉求。").format(limit=policy.reopen_within)
            )
        if order is None:
            raise DomainError("never_handled", _("这件诉求没有办理过，请重新提交。"))
        found.reopen_count += 1
        found.close_reason, found.resolved_at, found.needs_review = "", None, False
        start_order(mover, found, last_handler(order.organization_id), sequence=order.sequence + 1)
        mover.move("reopen", found, note=note)
        return found


def last_moment_to_reopen(ticket: Ticket) -> datetime:
    """Of a closed ticket, by the limits that held when it was closed: residents were told that day (SLA D.10)."""
    assert ticket.closed_at is not None
    _version, policy = rules().policy(ticket.closed_at)
    return sla.due_at(ticket.closed_at, policy.reopen_within, work_calendar())


def last_handler(organization_id: int) -> routing.OrganizationRef:
    """The organization that handled it last; the district's centre where that one has ended since."""
    by_id = {row.id: row for row in rules().organizations}
    return by_id.get(organization_id) or by_id[territory().center().id]


def _check_face(face: str) -> None:
    if face not in Satisfaction.values:
        raise Invalid("no_face", _("请点一个表情。"), fields={"face": [_("请点一个表情。")]})


def _apply_face(mover: Mover, handling: Handling, face: str, solved: str, channel: str) -> None:
    ticket = handling.ticket
    is_first = not ticket.first_satisfaction
    Rating.objects.create(
        ticket=ticket, face=face, solved=solved, channel=channel, is_first=is_first, at=mover.at
    )  # fmt: skip
    if is_first:
        ticket.first_satisfaction = face
    ticket.final_satisfaction = face
    if face != Satisfaction.UNSOLVED:
        ticket.close_reason = "rated"
        mover.move("close", ticket, by=SYSTEM)
    elif is_first:
        _rehandle(mover, handling)
    else:
        ticket.needs_review = True
        release(ticket)
        mover.touch(ticket)


def _rehandle(mover: Mover, handling: Handling) -> None:
    """One more try by the same organization: the larger of 2 working days and half the original limit (SLA D.10)."""
    ticket, order = handling.ticket, handling.order
    assert order is not None
    ticket.resolved_at = None
    organization = last_handler(order.organization_id)
    start_order(mover, ticket, organization, sequence=order.sequence + 1, limit=second_limit(order))
    mover.move("rehandle", ticket, by=SYSTEM, to_organization=organization.id)


def second_limit(order: WorkOrder) -> sla.Limit:
    """What a matter that is handled again gets: the larger of 2 working days and half the original limit (SLA D.10)."""
    _version, policy = rules().policy()
    original = sla.Limit(order.limit_value, sla.Unit(order.limit_unit))
    limit = policy.rework_at_least
    if original.unit is limit.unit and original.value // 2 > limit.value:
        limit = sla.Limit(original.value // 2, limit.unit)
    return limit


def _close_unreachable(mover: Mover, ticket: Ticket) -> None:
    _version, policy = rules().policy()
    wanted = policy.return_visit
    visits = attempts_of(ticket)
    days = {clock.local(moment).date() for moment in visits}
    mover.touch(ticket)
    if len(visits) >= wanted.attempts and len(days) >= wanted.on_days:
        ticket.close_reason = "unreachable"
        mover.move("close", ticket, by=SYSTEM)
