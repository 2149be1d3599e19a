"""Answers to applications: granted, refused, or nobody answered (SLA D.5–D.8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from grids.reference import territory
from requests_intake import sla
from requests_intake.actions import clocks
from requests_intake.actions.applications import (
    Kind,
    State,
    close_application,
    discipline_now,
    limit_of,
    locked_open,
    start_decision_clock,
)
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling, make_clock, start_order
from requests_intake.models import RUNNING_LIMITS, Application, Clock, ClockKind, Note, Ticket
from requests_intake.mover import Mover
from requests_intake.reference import rules
from requests_intake.sla.discipline import PAUSES_THE_PROMISE

_REVIEWS = 24
"""Reviews planned ahead for a suspended matter: two years of them."""


@savepoint
def grant_return(
    application: Application,
    *,
    actor: Actor,
    organization_id: int | None = None,
    note: str = "",
    at: datetime | None = None,
    tell: bool = True,
) -> Ticket:
    """同意退单, or its 裁定: the order ends as returned and the organization it is really for gets one of its own.

    ``organization_id``: whom the one who answers chooses; the suggested organization by default. An arbitration binds.
    """
    with _answering("grant_return", application, actor=actor, at=at, tell=tell) as (handling, mover, row):
        found, order = handling.ticket, handling.order
        assert order is not None
        wanted = organization_id or row.suggested_id
        organization = next((each for each in rules().organizations if each.id == wanted), None)
        if organization is None or organization.id == order.organization_id:
            message = _("请选择接下来承办的单位。")
            raise Invalid("no_organization", message, fields={"organization": [message]})
        close_application(mover, handling, row, State.GRANTED, actor)
        mover.stop(handling.of_order(), handed_over=True)
        from_organization = order.organization_id
        order.handed_over_reason = "returned"
        start_order(mover, found, organization, sequence=order.sequence + 1)
        mover.move(
            "grant_return", found, order, note=note, application=row.pk, from_organization=from_organization,
            to_organization=organization.id, to_level=organization.level, arbitration=row.is_arbitration,
        )  # fmt: skip
        return found


@savepoint
def grant_extension(
    application: Application, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """同意延期: the order's deadline moves by exactly what was asked, and the promise with it where it would be passed
    (D.6, D.12). The requester reads why and until when."""
    with _answering("grant_extension", application, actor=actor, at=at, tell=tell) as (handling, mover, row):
        found, order = handling.ticket, handling.order
        assert order is not None
        if mover.at >= order.due_at:
            raise DomainError("too_late", _("时限已经过了，延期申请失效。"))
        limit = limit_of(row)
        close_application(mover, handling, row, State.GRANTED, actor)
        before = found.promise_due_at
        for clock in handling.of_order(ClockKind.RESOLVE):
            clocks.extend(mover, clock, limit, row)
            order.due_at = clock.due_at
        promises = [clock for clock in handling.of_ticket() if clock.kind == ClockKind.PROMISE]
        for clock in promises:
            if clock.stopped_at is None and mover.at < clock.due_at < order.due_at:
                clocks.extend(mover, clock, limit, row)
                found.promise_due_at = clock.due_at
        found.order_due_at = order.due_at
        found.lamp = "" if found.lamp == "soon" else found.lamp
        _grant("grant_extension", mover, handling, row, note, due=order.due_at, promise_before=before)
        return found


@savepoint
def grant_pause(
    application: Application, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """同意暂停: the order's clocks are held from now on, and the promise for every reason but a statutory procedure."""
    with _answering("grant_pause", application, actor=actor, at=at, tell=tell) as (handling, mover, row):
        found = handling.ticket
        assert row.until is not None
        if row.until <= mover.at:
            raise DomainError("too_late", _("预计恢复的时间已经过了。"))
        close_application(mover, handling, row, State.GRANTED, actor)
        _hold(mover, handling, row, promise=row.reason in PAUSES_THE_PROMISE)
        _grant("grant_pause", mover, handling, row, note, until=row.until)
        # It runs on by itself at the expected moment; the handler may end it sooner.
        mover.add_clock(_until(row, ClockKind.PAUSE_END, [(sla.Stage.DUE, row.until)], mover))
        found.lamp = "over" if found.lamp == "over" else ""
        return found


@savepoint
def grant_suspension(
    application: Application, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """同意挂账: out of the overdue ones until the target date, looked at again every thirty days (D.8)."""
    with _answering("grant_suspension", application, actor=actor, at=at, tell=tell) as (handling, mover, row):
        found = handling.ticket
        assert row.until is not None
        close_application(mover, handling, row, State.GRANTED, actor)
        _hold(mover, handling, row, promise=True)
        _grant("grant_suspension", mover, handling, row, note, until=row.until)
        row.reviewed_at = mover.at
        row.save(update_fields=["reviewed_at"])
        calendar, every = work_calendar(), discipline_now(mover).suspension_review
        moments, moment = [], mover.at
        for number in range(1, _REVIEWS + 1):
            moment = sla.due_at(moment, every, calendar)
            if moment >= row.until:
                break
            moments.append((f"review_{number}", moment))
        mover.add_clock(_until(row, ClockKind.REVIEW, [*moments, ("target", row.until)], mover))
        found.lamp = ""
        return found


@savepoint
def refuse_application(
    application: Application, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True
) -> Ticket:
    """不同意, with a reason: the order and its clock are as they were."""
    with _answering("refuse", application, actor=actor, at=at, tell=tell) as (handling, mover, row):
        close_application(mover, handling, row, State.REFUSED, actor)
        mover.move(
            "refuse", handling.ticket, handling.order, note=note, application=row.pk, kind=row.kind,
            arbitration=row.is_arbitration,
        )  # fmt: skip
        return handling.ticket


GRANTS = {
    Kind.RETURN: grant_return, Kind.EXTENSION: grant_extension, Kind.PAUSE: grant_pause,
    Kind.SUSPENSION: grant_suspension,
}  # fmt: skip


@contextmanager
def _answering(
    move: str, application: Application, *, actor: Actor, at: datetime | None, tell: bool
) -> Iterator[tuple[Handling, Mover, Application]]:
    """``making`` for an answer: the ticket is locked first, then the application, and nobody answers their own."""
    decider_id = Application.objects.values_list("decider_id", flat=True).get(pk=application.pk)
    with making(move, application.ticket, actor=actor, at=at, tell=tell, decider_id=decider_id) as (handling, mover):
        row = locked_open(application)
        if row.decider_id != decider_id:
            raise DomainError("arbitrated", _("已经提交区里裁定，由区里答复。"))
        if row.asked_by_id is not None and row.asked_by_id == actor.membership_id:
            raise NotAllowed("own_application", _("自己提的申请，要由别人答复。"))
        yield handling, mover, row


def _grant(move: str, mover: Mover, handling: Handling, row: Application, note: str, **facts: datetime | None) -> None:
    """The move, with what the requester reads of it; the words of the one who answers stay inside."""
    said: dict[str, Any] = {name: moment.isoformat() for name, moment in facts.items() if moment is not None}
    transition = mover.move(
        move, handling.ticket, handling.order, note=row.told, audience=Note.Audience.PUBLIC,
        application=row.pk, reason=row.reason, **said,
    )  # fmt: skip
    mover.add_note(transition, note)


def _hold(mover: Mover, handling: Handling, row: Application, *, promise: bool) -> None:
    clocks.hold(mover, handling.of_order(*RUNNING_LIMITS), row)
    if promise:
        held = (ClockKind.PROMISE, ClockKind.PLAN)
        clocks.hold(mover, [clock for clock in handling.of_ticket() if clock.kind in held], row)


def _until(row: Application, kind: str, stages: list[tuple[str, datetime]], mover: Mover) -> Clock:
    """A clock that ends at a chosen moment rather than after a limit."""
    assert row.until is not None
    clock = make_clock(row.ticket, row.work_order, kind, mover.at, sla.Limit(1, sla.Unit.CAL_MINUTE), row.until, ())
    clock.schedule = [[str(code), moment.isoformat()] for code, moment in stages]
    clock.next_fire_at = stages[0][1]
    clock.application = row
    clock.start_facts = {"fixed": row.until.isoformat()}  # type: ignore[attr-defined]
    return clock


def unanswered(mover: Mover, handling: Handling, row: Application) -> None:
    """Nobody has answered in time (called by the sweep).

    A return goes to the district to be arbitrated, once; everything else, and an arbitration nobody makes, lapses: the
    order stays where it is and its clock has run on (SLA D.5: declined; D.6: asking does not stop the clock).
    """
    if row.state != State.ASKED:
        return
    center = territory().center().id
    if row.kind == Kind.RETURN and not row.is_arbitration and row.decider_id != center:
        limit = discipline_now(mover).return_arbitration
        row.is_arbitration, row.decider_id = True, center
        row.decide_by = sla.due_at(mover.at, limit, work_calendar())
        row.save()
        mover.stop((clock for clock in handling.clocks if clock.application_id == row.pk), lapses=False)
        start_decision_clock(mover, row, limit, row.decide_by, kind=ClockKind.ARBITRATION)
        mover.move("arbitrate", handling.ticket, handling.order, application=row.pk, decider=center)
        return
    mover.move("lapse", handling.ticket, handling.order, application=row.pk, kind=row.kind)
    close_application(mover, handling, row, State.LAPSED, lapsed="unanswered")
