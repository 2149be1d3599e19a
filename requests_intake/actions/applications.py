"""What a handling organization asks for: to give an order back, more time, a pause, the list of suspended matters.

One function per kind; all of them check the bounds of SLA D.5–D.8, open an ``Application`` and start the clock of
whoever answers. The answers are in ``decisions.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from grids.reference import territory
from requests_intake import sla
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling, klass_of, make_clock
from requests_intake.models import Application, ClockKind, Ticket, Urgency, WorkOrder
from requests_intake.mover import Mover
from requests_intake.reference import rules
from requests_intake.sla.discipline import BOUNDED_PAUSES, REASONS, Discipline

Kind, State = Application.Kind, Application.State
_USED = (State.GRANTED, State.ASKED)


def discipline_now(mover: Mover) -> Discipline:
    return rules().policy(mover.at)[1].discipline


def _reason(kind: str, reason: str) -> None:
    if reason not in REASONS[kind]:
        raise Invalid("no_reason", _("请选择原因。"), fields={"reason": [_("请选择原因。")]})


def _told(told: str) -> None:
    if not told.strip():
        message = _("请写一句告诉居民的话。")
        raise Invalid("told_needed", message, fields={"told": [message]})


@savepoint
def ask_return(
    ticket: Ticket,
    *,
    reason: str,
    clause: str,
    suggested_id: int,
    note: str,
    actor: Actor,
    at: datetime | None = None,
    tell: bool = True,
) -> Application:
    """申请退单 (D.7): not ours, with the clause that says whose. The first receiver leads on until it is decided.

    Within the window of its class and level, once per organization and ticket; a critical matter is handled first. The
    organization above answers; where another has given the matter back before, the district arbitrates and that binds.
    """
    _reason(Kind.RETURN, reason)
    if not clause.strip():
        message = _("请写明职责清单的条款。")
        raise Invalid("clause_needed", message, fields={"clause": [message]})
    with making("ask_return", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found, order = handling.ticket, handling.order
        assert order is not None
        _suggested(found, suggested_id)
        _check_window(mover, handling)
        earlier = list(Application.objects.filter(ticket=found, kind=Kind.RETURN))
        if any(row.is_arbitration and row.state == State.GRANTED for row in earlier):
            raise DomainError("arbitrated", _("区里已经裁定由您的单位办理，不能再退。"))
        if any(row.organization_id == order.organization_id and row.state != State.TAKEN_BACK for row in earlier):
            raise DomainError("returned_once", _("一个单位对一件诉求只能申请退单一次。"))
        second = any(row.state == State.GRANTED for row in earlier)
        bounds = discipline_now(mover)
        return _open(
            mover, handling, Kind.RETURN, reason=reason, note=note, clause=clause.strip(), suggested_id=suggested_id,
            decider_id=territory().center().id if second else _above(order.organization_id, 1),
            is_arbitration=second, limit=bounds.return_arbitration if second else bounds.return_answer,
        )  # fmt: skip


def _suggested(ticket: Ticket, suggested_id: int) -> None:
    if suggested_id not in territory().organizations or suggested_id == ticket.organization_id:
        message = _("请选择应当承办的单位。")
        raise Invalid("no_organization", message, fields={"suggested": [message]})


def _check_window(mover: Mover, handling: Handling) -> None:
    order = handling.order
    assert order is not None
    ends, decide = return_window(handling.ticket, order)
    if ends is None:
        raise DomainError("not_returnable", _("特急事项不能退单，请先处置。"))
    if mover.at > ends:
        raise DomainError("too_late", _("退单要在派单后 {limit} 内提出，已经过了。").format(limit=decide))


def return_window(ticket: Ticket, order: WorkOrder) -> tuple[datetime | None, sla.Limit | None]:
    """Until when an order may be given back, and the limit that says so (D.7); None for what may not be."""
    _version, policy = rules().policy(order.dispatched_at)
    decide = sla.level_limits(policy, level=order.level, klass=klass_of(ticket, policy)).decide
    if decide is None or ticket.urgency == Urgency.CRITICAL:
        return None, decide
    calendar = work_calendar()
    ends = sla.due_at(order.dispatched_at, decide, calendar)
    return min(ends, sla.due_at(order.dispatched_at, policy.discipline.return_at_most, calendar)), decide


@savepoint
def ask_extension(
    ticket: Ticket,
    *,
    reason: str,
    limit: sla.Limit,
    note: str,
    told: str,
    actor: Actor,
    interim: str = "",
    at: datetime | None = None,
    tell: bool = True,
) -> Application:
    """申请延期 (D.6): before the limit is over, at most twice, each time no longer than the limit itself, ten working
    days together; never for critical matters, once and a day for urgent ones. Asking does not stop the clock.

    ``interim``: what keeps people safe and served until then; an urgent matter is not extended without, and the
    resident reads it with the reason.

    The organization above answers, the second time the one above that; and where the resident's promise has to move,
    at least the street.
    """
    _reason(Kind.EXTENSION, reason)
    _told(told)
    with making("ask_extension", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found, order = handling.ticket, handling.order
        assert order is not None
        _before_due(mover, handling)
        bounds = discipline_now(mover)
        granted = list(Application.objects.filter(ticket=found, kind=Kind.EXTENSION, state=State.GRANTED))
        _check_amount(found, sla.Limit(order.limit_value, sla.Unit(order.limit_unit)), limit, granted, bounds)
        told = _with_interim(found, told.strip(), interim.strip())
        calendar = work_calendar()
        due = sla.extended(order.due_at, limit, calendar)
        moves_promise = found.promise_due_at is not None and due > found.promise_due_at > mover.at
        decider = _above(order.organization_id, 2 if granted else 1)
        if moves_promise:
            decider = _owner_of_promise(decider)
        return _open(
            mover, handling, Kind.EXTENSION, reason=reason, note=note, told=told, decider_id=decider,
            limit=bounds.extension_answer, limit_value=limit.value, limit_unit=limit.unit.value, before=order.due_at,
        )  # fmt: skip


def _check_amount(
    ticket: Ticket, original: sla.Limit, asked: sla.Limit, granted: Sequence[Application], bounds: Discipline
) -> None:
    def refuse(code: str, message: str) -> None:
        raise Invalid(code, message, fields={"limit": [message]})

    if ticket.urgency == Urgency.CRITICAL:
        raise DomainError("not_extendable", _("特急事项不能延期。"))
    if asked.value < 1:
        refuse("no_limit", _("请写明延长多久。"))
    if ticket.urgency == Urgency.URGENT:
        if granted:
            raise DomainError("too_often", _("紧急事项只能延期一次。"))
        if _hours(asked) > _hours(bounds.extension_urgent):
            refuse("too_long", _("紧急事项最多延期 {limit}。").format(limit=bounds.extension_urgent))
        return
    if len(granted) >= bounds.extension_times:
        raise DomainError("too_often", _("一件诉求最多延期 {count} 次。").format(count=bounds.extension_times))
    if _hours(asked) > _hours(original):
        refuse("too_long", _("每次延期不能超过原来的时限（{limit}）。").format(limit=original))
    before = sum(_hours(limit_of(row)) for row in granted)
    if before + _hours(asked) > _hours(bounds.extension_total):
        refuse("too_long", _("累计延期不能超过 {limit}。").format(limit=bounds.extension_total))


def _with_interim(ticket: Ticket, told: str, interim: str) -> str:
    """What the resident reads; an urgent matter waits only with something done meanwhile (D.6)."""
    if ticket.urgency == Urgency.URGENT and not interim:
        message = _("紧急事项延期，要写明这段时间的临时措施。")
        raise Invalid("interim_needed", message, fields={"interim": [message]})
    return _("{told} 临时措施：{interim}").format(told=told, interim=interim) if interim else told


def extension_left(ticket: Ticket, order: WorkOrder, bounds: Discipline) -> tuple[int, sla.Limit | None]:
    """How often a ticket may still be extended, and by how much at most this time; None where not at all (D.6)."""
    granted = list(Application.objects.filter(ticket=ticket, kind=Kind.EXTENSION, state=State.GRANTED))
    if ticket.urgency == Urgency.CRITICAL:
        return 0, None
    if ticket.urgency == Urgency.URGENT:
        return (0, None) if granted else (1, bounds.extension_urgent)
    times = max(0, bounds.extension_times - len(granted))
    original = sla.Limit(order.limit_value, sla.Unit(order.limit_unit))
    hours = min(_hours(original), _hours(bounds.extension_total) - sum(_hours(limit_of(row)) for row in granted))
    unit = sla.Unit.WORK_DAY if hours >= _A_DAY else sla.Unit.WORK_HOUR
    value = int(hours // (_A_DAY if unit is sla.Unit.WORK_DAY else 1))
    return (times, sla.Limit(value, unit)) if times and value > 0 else (0, None)


_A_DAY = 7
"""Hours of work in a working day."""


def limit_of(application: Application) -> sla.Limit:
    """How much an extension asks for."""
    assert application.limit_value is not None
    return sla.Limit(application.limit_value, sla.Unit(application.limit_unit))


def _hours(limit: sla.Limit) -> float:
    """To compare limits of different units: a working day is seven hours of work, and a day of the calendar is one."""
    each = {
        sla.Unit.CAL_MINUTE: 7 / 24 / 60, sla.Unit.CAL_HOUR: 7 / 24, sla.Unit.CAL_DAY: 7, sla.Unit.WORK_HOUR: 1,
        sla.Unit.WORK_DAY: 7,
    }  # fmt: skip
    return limit.value * each[limit.unit]


@savepoint
def ask_pause(
    ticket: Ticket,
    *,
    reason: str,
    until: datetime,
    note: str,
    told: str,
    actor: Actor,
    attempts: Sequence[datetime] = (),
    at: datetime | None = None,
    tell: bool = True,
) -> Application:
    """申请暂停 (D.5): for one of four reasons, before the limit is over, never backwards.

    What waits for the requester holds five working days at most, and once; refused entry needs two dated attempts.
    The organization above answers within four working hours, else it is declined.
    """
    _reason(Kind.PAUSE, reason)
    _told(told)
    with making("ask_pause", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found, order = handling.ticket, handling.order
        assert order is not None
        _before_due(mover, handling)
        bounds = discipline_now(mover)
        if until <= mover.at:
            message = _("预计恢复的时间要在现在以后。")
            raise Invalid("bad_until", message, fields={"until": [message]})
        if reason in BOUNDED_PAUSES and until > sla.due_at(mover.at, bounds.pause_at_most, work_calendar()):
            message = _("这种原因最多暂停 {limit}。").format(limit=bounds.pause_at_most)
            raise Invalid("too_long", message, fields={"until": [message]})
        if reason == "requester":
            used = Application.objects.filter(ticket=found, kind=Kind.PAUSE, reason=reason, state=State.GRANTED)
            if used.exists():
                raise DomainError("paused_once", _("等居民的暂停只能用一次，已经用过。"))
        if reason == "access":
            _check_attempts(attempts, order.dispatched_at, mover.at)
        return _open(
            mover, handling, Kind.PAUSE, reason=reason, note=note, told=told.strip(), until=until,
            decider_id=_above(order.organization_id, 1), limit=bounds.pause_answer, before=order.due_at,
            attempts=[moment.isoformat() for moment in attempts] if reason == "access" else [],
        )  # fmt: skip


def _check_attempts(attempts: Sequence[datetime], since: datetime, now: datetime) -> None:
    good = {moment for moment in attempts if since <= moment <= now}
    if len(good) < 2:
        message = _("请写明两次上门的时间，要在派单以后、现在以前。")
        raise Invalid("attempts_needed", message, fields={"attempts": [message]})


@savepoint
def ask_suspension(
    ticket: Ticket,
    *,
    reason: str,
    until: datetime,
    responsible_id: int,
    note: str,
    told: str,
    actor: Actor,
    at: datetime | None = None,
    tell: bool = True,
) -> Application:
    """申请挂账 (D.8): what cannot be solved now, with a plan (``note``), a leader who answers for it, a target date and
    the explanation the requester reads. Only complex matters, after an extension or for an obstacle; the district
    decides."""
    _reason(Kind.SUSPENSION, reason)
    _told(told)
    with making("ask_suspension", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        found, order = handling.ticket, handling.order
        assert order is not None
        extended = Application.objects.filter(ticket=found, kind=Kind.EXTENSION, state=State.GRANTED).exists()
        if found.urgency != Urgency.COMPLEX:
            raise DomainError("not_complex", _("只有疑难事项可以挂账。"))
        if reason == "extended" and not extended:
            message = _("这件诉求还没有延期过。")
            raise Invalid("not_extended", message, fields={"reason": [message]})
        if until <= mover.at:
            message = _("目标日期要在今天以后。")
            raise Invalid("bad_until", message, fields={"until": [message]})
        leaders = {holder.membership_id for holder in territory().serving(order.organization_id)}
        if responsible_id not in leaders:
            message = _("请从本单位在岗的人里选责任领导。")
            raise Invalid("no_leader", message, fields={"responsible": [message]})
        bounds = discipline_now(mover)
        return _open(
            mover, handling, Kind.SUSPENSION, reason=reason, note=note, told=told.strip(), until=until,
            responsible_id=responsible_id, decider_id=territory().center().id, limit=bounds.suspension_answer,
        )  # fmt: skip


@savepoint
def take_back_application(application: Application, *, actor: Actor, note: str = "") -> Application:
    """撤回申请, as long as nobody has answered."""
    with making("take_back", application.ticket, actor=actor) as (handling, mover):
        row = locked_open(application)
        mover.move("take_back", handling.ticket, handling.order, note=note, application=row.pk, kind=row.kind)
        close_application(mover, handling, row, State.TAKEN_BACK, actor)
        return row


def locked_open(application: Application) -> Application:
    """The application as it is now. Raises ``DomainError('answered')`` where it has an answer."""
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.state != State.ASKED:
        raise DomainError("answered", _("这个申请{state}，不用再答复。").format(state=row.get_state_display()))
    return row


def close_application(
    mover: Mover, handling: Handling, row: Application, state: str, actor: Actor | None = None, *, lapsed: str = ""
) -> None:
    """The application has its answer; the clock of whoever had to give it stops."""
    row.state, row.decided_at, row.lapse_reason = state, mover.at, lapsed
    row.decided_by_id = actor.membership_id if actor else None
    row.save()
    mover.stop(clock for clock in handling.clocks if clock.application_id == row.pk)


def _before_due(mover: Mover, handling: Handling) -> None:
    assert handling.order is not None
    if mover.at >= handling.order.due_at:
        raise DomainError("too_late", _("时限已经过了，不能再申请；要在到期以前提出。"))


def _above(organization_id: int, steps: int) -> int:
    """The organization so many levels up; the district centre at the top, whose other people answer."""
    found = territory()
    current = organization_id
    for _step in range(steps):
        current = found.superior(current) or found.center().id
    return current


def _owner_of_promise(organization_id: int) -> int:
    """The resident was promised a date by the street or the district: nobody below moves it (D.1)."""
    found = territory()
    while found.organizations[organization_id].level in ("grid", "community"):
        organization_id = found.superior(organization_id) or found.center().id
    return organization_id


def _open(
    mover: Mover,
    handling: Handling,
    kind: Application.Kind,
    *,
    decider_id: int,
    limit: sla.Limit,
    note: str,
    before: datetime | None = None,
    **columns: Any,
) -> Application:
    """Record the question and start the clock of the answer, which ends with the order's own limit where that is
    sooner (``before``)."""
    ticket, order = handling.ticket, handling.order
    assert order is not None
    if Application.objects.filter(work_order=order, kind=kind, state=State.ASKED).exists():
        raise DomainError("asked_already", _("已经申请过“{kind}”，还没有答复。").format(kind=kind.label))
    calendar = work_calendar()
    own = sla.due_at(mover.at, limit, calendar)
    due = min(own, before) if before is not None else own
    mover.move(f"ask_{kind.value}", ticket, order, note=note, kind=kind.value, decider=decider_id)
    row = Application.objects.create(
        ticket=ticket,
        work_order=order,
        kind=kind,
        organization_id=order.organization_id,
        asked_by_id=mover.actor.membership_id,
        asked_at=mover.at,
        decider_id=decider_id,
        decide_by=due,
        **columns,
    )
    start_decision_clock(mover, row, limit, due, before)
    return row


def start_decision_clock(
    mover: Mover,
    row: Application,
    limit: sla.Limit,
    due: datetime,
    before: datetime | None = None,
    *,
    kind: str = ClockKind.DECISION,
) -> None:
    """Whoever answers has a limit too; silence is dealt with when it is over (``decisions.unanswered``)."""
    stages = sla.contact_stages(mover.at, due, limit.unit, work_calendar())
    ceiling = ("order", before) if before is not None else None
    clock = make_clock(row.ticket, row.work_order, kind, mover.at, limit, due, stages, ceiling=ceiling)
    clock.application = row
    mover.add_clock(clock)
