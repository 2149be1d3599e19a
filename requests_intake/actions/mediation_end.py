"""How a case of mediation ends and what follows: agreement, referral and its receipt, follow-up, return visit; and the
ticket it came from, which learns that it is over and no word of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from requests_intake import sla
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.holding import resume_order
from requests_intake.actions.mediation import TEXT_LENGTH, tell_members, writing
from requests_intake.actions.orders import lead_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.mediation import follow_up_due
from requests_intake.models import (
    MediationAgreement,
    MediationCase,
    MediationKind,
    MediationMember,
    MediationParty,
    MediationVisit,
    Note,
    Ticket,
    VisitChannel,
)
from requests_intake.reference import rules
from requests_intake.workflow import OrderState, TicketState

FOLLOW_UP = timedelta(days=30)
"""An agreement is looked after thirty days later unless another day is named (S0-21)."""
AGAIN = timedelta(days=7)
"""One that was found not kept, a week later unless another day is named."""
CLOSER = Actor.system("mediation")
State = MediationCase.State
REFERRED_TO = (MediationKind.ADMINISTRATIVE.value, MediationKind.JUDICIAL.value)
VISIT_WAYS = (VisitChannel.PHONE.value, VisitChannel.DOOR.value)
_ATTEMPTED = (State.SETTLED.value, State.FAILED.value, State.REFERRED.value)


# ---------------------------------------------------------------- the end
@savepoint
def settle_case(
    case: MediationCase, *, text: str, performance_due: date, actor: Actor, follow_up_on: date | None = None
) -> MediationAgreement:
    """达成协议. The ticket it came from is reported done."""
    found = writing(case, actor)
    today = clock.today()
    follow_up = follow_up_on or today + FOLLOW_UP
    fields: dict[str, list[str]] = {}
    if found.first_session_at is None:
        raise DomainError("no_session", _("还没有记过一次调解。先记一次，再写协议。"))
    if not text.strip() or len(text) > TEXT_LENGTH:
        fields["text"] = [_("请写协议内容，最多 {limit} 字。").format(limit=TEXT_LENGTH)]
    if performance_due < today:
        fields["performance_due"] = [_("履行期限不能早于今天。")]
    if follow_up < today:
        fields["follow_up_on"] = [_("复诊日期不能早于今天。")]
    if fields:
        raise Invalid("invalid_agreement", _("有些内容需要修改。"), fields=fields)
    row = MediationAgreement.objects.create(
        case=found, text=text.strip(), signed_on=today, performance_due=performance_due, follow_up_on=follow_up
    )
    _end(found, State.SETTLED, "", actor, ticket_done=True)
    return row


@savepoint
def decline_case(case: MediationCase, *, outcome: str, actor: Actor) -> MediationCase:
    """不予受理, before anybody met: a party does not want it, or it is none for mediation. A ticket goes back."""
    found = writing(case, actor)
    if found.first_session_at is not None:
        raise DomainError("session_held", _("已经调解过了，请选调解不成、撤回或者移送。"))
    _end(found, State.DECLINED, _outcome(outcome), actor, ticket_done=False)
    return found


@savepoint
def end_case(
    case: MediationCase,
    *,
    state: str,
    outcome: str,
    actor: Actor,
    ticket_done: bool = False,
    referral_kind: str = "",
    referred_to: str = "",
    referred_on: date | None = None,
) -> MediationCase:
    """调解不成, 撤回 or 移送 to administrative or judicial mediation (S3-05). The receipt may come later.

    ``ticket_done``: the ticket it came from is reported done; else whoever holds it goes on with it.
    """
    found = writing(case, actor)
    fields: dict[str, list[str]] = {}
    if state not in (State.FAILED, State.WITHDRAWN, State.REFERRED):
        fields["state"] = [_("请选结果。")]
    if state == State.FAILED and found.first_session_at is None:
        raise DomainError("no_session", _("还没有记过一次调解，不能说调不成。"))
    if state == State.REFERRED:
        if referral_kind not in REFERRED_TO:
            fields["referral_kind"] = [_("请选转为行政调解还是司法调解。")]
        if not referred_to.strip():
            fields["referred_to"] = [_("请写移送给哪个单位。")]
        if referred_on is None or referred_on > clock.today():
            fields["referred_on"] = [_("请填移送日期，不能晚于今天。")]
    if fields:
        raise Invalid("invalid_end", _("有些内容需要修改。"), fields=fields)
    text = _outcome(outcome)
    if state == State.REFERRED:
        found.referral_kind, found.referred_to = referral_kind, referred_to.strip()[:80]
        found.referred_on = referred_on
    _end(found, state, text, actor, ticket_done=ticket_done)
    return found


def _outcome(text: str) -> str:
    if not text.strip() or len(text) > TEXT_LENGTH:
        raise Invalid("invalid_end", _("请写一句结果说明。"), fields={"outcome": [_("请写一句结果说明。")]})
    return text.strip()


def _end(case: MediationCase, state: str, outcome: str, actor: Actor, *, ticket_done: bool) -> None:
    case.state, case.outcome, case.ended_at = state, outcome, clock.now()
    if case.is_major and state in _ATTEMPTED:
        # Of major cases everybody is asked afterwards (S3-05), as soon as after any matter (SLA D.10).
        _version, policy = rules().policy()
        case.visit_due_at = sla.due_at(case.ended_at, policy.return_visit.within, work_calendar())
    case.save(
        update_fields=[
            "state", "outcome", "ended_at", "referral_kind", "referred_to", "referred_on", "visit_due_at",
        ]
    )  # fmt: skip
    audit.record("mediation.end", actor=actor, object_kind="mediation", object_id=case.pk, state=state)
    if case.ticket_id is not None:
        _back_to_ticket(case.ticket_id, done=ticket_done)


def _back_to_ticket(ticket_id: int, *, done: bool) -> None:
    """Say on the ticket that the mediation is over, in words that fit every end: it is read by people the file is not
    for. Where it is done it is reported done for whoever holds it, unless something of the holder's is still open."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    if ticket.state != TicketState.HANDLING:
        return
    with making("end_mediation", ticket, actor=CLOSER) as (handling, mover):
        words = "" if done else _("调解已经结束，由承办单位接着办理。")
        mover.move(
            "end_mediation", handling.ticket, handling.order, note=words, audience=Note.Audience.PUBLIC, done=done
        )
    if not done:
        return
    order = lead_order(ticket)
    if order is None:
        return
    reply = _("这件事已经由调解员当面处理，结果告知了当事人。")
    # A photo the district wants of every result, a co-handler not ready: then whoever holds the order reports it done.
    with contextlib.suppress(DomainError):
        if order.state == OrderState.PAUSED:
            resume_order(ticket, actor=CLOSER)
        if order.state in (OrderState.SIGNED, OrderState.IN_PROGRESS, OrderState.PAUSED):
            resolve_ticket(ticket, actor=CLOSER, reply=reply)


@savepoint
def record_receipt(
    case: MediationCase, *, receipt_number: str, receipt_by: str, receipt_on: date, actor: Actor
) -> MediationCase:
    """The body a case was referred to has taken it: who, under which number, when (S3-05)."""
    found = writing(case, actor, is_open=False)
    if found.state != State.REFERRED or found.referred_on is None:
        raise DomainError("not_referred", _("这件调解没有移送，没有回执。"))
    if found.receipt_on is not None:
        raise DomainError("receipt_already", _("回执已经登记过了。"))
    fields: dict[str, list[str]] = {}
    if not receipt_number.strip():
        fields["receipt_number"] = [_("请写回执编号。")]
    if not receipt_by.strip():
        fields["receipt_by"] = [_("请写接收人。")]
    if not found.referred_on <= receipt_on <= clock.today():
        fields["receipt_on"] = [_("回执日期在移送那天和今天之间。")]
    if fields:
        raise Invalid("invalid_receipt", _("有些内容需要修改。"), fields=fields)
    found.receipt_number, found.receipt_by = receipt_number.strip()[:40], receipt_by.strip()[:40]
    found.receipt_on = receipt_on
    found.save(update_fields=["receipt_number", "receipt_by", "receipt_on"])
    audit.record("mediation.receipt", actor=actor, object_kind="mediation", object_id=found.pk)
    return found


# ---------------------------------------------------------------- afterwards
@savepoint
def record_performance(
    case: MediationCase, *, performed: bool, finding: str, actor: Actor, again_on: date | None = None
) -> MediationAgreement:
    """复诊: somebody looked whether the agreement is kept. Not kept is 履行异常, and it is looked at again."""
    found = writing(case, actor, is_open=False)
    row = MediationAgreement.objects.select_for_update(of=("self",)).filter(case=found).first()
    if row is None:
        raise DomainError("no_agreement", _("这件调解没有协议，不用复诊。"))
    if row.performed:
        raise DomainError("performed_already", _("已经记过“已履行”。"))
    fields: dict[str, list[str]] = {}
    if not finding.strip() or len(finding) > TEXT_LENGTH:
        fields["finding"] = [_("请写看到的情况。")]
    if again_on is not None and again_on <= clock.today():
        fields["again_on"] = [_("下次复诊要晚于今天。")]
    if fields:
        raise Invalid("invalid_finding", _("有些内容需要修改。"), fields=fields)
    row.performed, row.finding = performed, finding.strip()
    row.checked_at, row.checked_by_id = clock.now(), actor.membership_id
    if not performed:
        row.follow_up_on = again_on or clock.today() + AGAIN
    row.save(update_fields=["performed", "finding", "checked_at", "checked_by", "follow_up_on"])
    audit.record("mediation.follow_up", actor=actor, object_kind="mediation", object_id=found.pk, performed=performed)
    return row


@savepoint
def record_visit(
    case: MediationCase,
    *,
    party: int,
    channel: str,
    was_reached: bool,
    satisfaction: str = "",
    words: str = "",
    actor: Actor,
) -> MediationVisit:
    """回访: a party was asked after the end, or not reached. One party reached, or three attempts on two days, is a
    visit made (kpi E.13, SLA D.10)."""
    found = writing(case, actor, is_open=False)
    if found.ended_at is None:
        raise DomainError("case_open", _("调解还没有结束，先不用回访。"))
    fields: dict[str, list[str]] = {}
    if not MediationParty.objects.filter(case=found, pk=party).exists():
        fields["party"] = [_("请选当事人。")]
    if channel not in VISIT_WAYS:
        fields["channel"] = [_("请选方式。")]
    if satisfaction and (satisfaction not in MediationVisit.Satisfaction.values or not was_reached):
        fields["satisfaction"] = [_("没联系上就不填满意度。")]
    if len(words) > TEXT_LENGTH:
        fields["words"] = [_("最多 {limit} 字。").format(limit=TEXT_LENGTH)]
    if fields:
        raise Invalid("invalid_visit", _("有些内容需要修改。"), fields=fields)
    row = MediationVisit.objects.create(
        case=found,
        party_id=party,
        channel=channel,
        was_reached=was_reached,
        satisfaction=satisfaction,
        words=words.strip(),
        recorded_by_id=actor.membership_id,
        at=clock.now(),
    )
    if found.visited_at is None and (was_reached or _tried_enough(found)):
        found.visited_at = row.at
        found.save(update_fields=["visited_at"])
    audit.record("mediation.visit", actor=actor, object_kind="mediation", object_id=found.pk, reached=was_reached)
    return row


def _tried_enough(case: MediationCase) -> bool:
    _version, policy = rules().policy()
    made = list(MediationVisit.objects.filter(case=case).values_list("at", flat=True))
    days = {clock.local(moment).date() for moment in made}
    return len(made) >= policy.return_visit.attempts and len(days) >= policy.return_visit.on_days


# ---------------------------------------------------------------- reminders
def tell_due() -> int:
    """Tell the mediators, once for each occasion, what waits: a follow-up on its day, a session, an end or a visit past
    its limit. Returns how many cases something waits in."""
    now = clock.now()
    agreements = MediationAgreement.objects.filter(follow_up_due()).select_related("case")
    due = [(row.case, f"follow-up:{row.follow_up_on}", _("复诊到期")) for row in agreements]
    late = MediationCase.objects.filter(erased_at=None)
    unseen = late.filter(ended_at=None, first_session_at=None, first_session_due_at__lt=now)
    due += [(row, "first-session", _("首次调解超期")) for row in unseen]
    due += [
        (row, f"due:{_day(row.due_at)}", _("调解超期")) for row in late.filter(ended_at=None, due_at__lt=now)
    ]  # fmt: skip
    unasked = late.filter(visit_due_at__lt=now, visited_at=None)
    due += [(row, "visit", _("重大纠纷还没有回访")) for row in unasked]
    mediators = _mediators(case.pk for case, _what, _words in due)
    for case, what, words in due:
        tell_members(case, mediators.get(case.pk, []), what, words)
    return len({case.pk for case, _what, _words in due})


def _day(moment: datetime) -> date:
    return clock.local(moment).date()


def _mediators(ids: Iterable[int]) -> dict[int, list[int]]:
    rows = MediationMember.objects.filter(case__in=list(ids), until=None, role=MediationMember.Role.MEDIATOR)
    found: dict[int, list[int]] = {}
    for case_id, member in rows.values_list("case_id", "membership_id"):
        found.setdefault(case_id, []).append(member)
    return found
