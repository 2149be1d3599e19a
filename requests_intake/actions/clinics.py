"""出诊、坐诊 (S0-21): a committee plans the days on which its mediators see people, and calls one off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.calendar import WorkCalendar
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid, NotFound
from requests_intake import clinic_notices
from requests_intake.actions.context import savepoint
from requests_intake.actions.mediation_register import PLACE_LENGTH, find_committee, serves_on
from requests_intake.clinic_circle import require_planner
from requests_intake.models import ClinicBooking, ClinicDay, ClinicDuty, CommitteeMember, MediationCommittee

MOST_WEEKS, MOST_SLOTS, REASON_LENGTH = 12, 40, 100
SLOT_MINUTES = (15, 20, 30, 45, 60)
FARTHEST = timedelta(days=180)
_SATURDAY = 5


@dataclass(frozen=True)
class ClinicPlan:
    """One day, or the same weekday ``weeks`` weeks running; members by id."""

    day: date
    opens_at: time
    closes_at: time
    slot_minutes: int
    mode: str = ClinicDay.Mode.CLINIC
    place: str = ""
    weeks: int = 1
    members: tuple[int, ...] = ()


@dataclass(frozen=True)
class Planned:
    """The days that were planned, and the ones left out because they are holidays."""

    clinics: list[ClinicDay]
    skipped: list[date]


def is_holiday(day: date, calendar: WorkCalendar) -> bool:
    """A Monday to Friday off, or a weekend that such a day makes longer. An ordinary weekend is no holiday: that is
    when people who work have time."""
    if day.weekday() < _SATURDAY:
        return not calendar.is_working(day)
    if calendar.is_working(day):
        return False
    friday = day - timedelta(days=day.weekday() - _SATURDAY + 1)
    return not calendar.is_working(friday) or not calendar.is_working(friday + timedelta(days=3))


def find_clinic(clinic_id: int, *, lock: bool = False) -> ClinicDay:
    rows = ClinicDay.objects.select_related("committee")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=clinic_id).first()
    if found is None:
        raise NotFound("no_clinic", _("没有这个坐诊日。"))
    return found


@savepoint
def plan_clinics(committee: MediationCommittee, plan: ClinicPlan, *, actor: Actor) -> Planned:
    """Plan a day, or one a week; holidays of the district's calendar are left out and said.

    Raises ``NotAllowed``, and ``Invalid`` for a day that is over, is a holiday itself, or has such a clinic already.
    """
    row = find_committee(committee.pk, lock=True)
    require_planner(actor, row)
    fields = _faults(row, plan)
    calendar = work_calendar()
    days = [plan.day + timedelta(weeks=number) for number in range(max(1, plan.weeks))]
    skipped = [day for day in days if is_holiday(day, calendar)]
    wanted = [day for day in days if day not in skipped]
    if not fields and not wanted:
        fields["day"] = [_("这天放假，请换一天。")]
    if not fields:
        there = ClinicDay.objects.filter(
            committee=row, day__in=wanted, cancelled_at=None, opens_at__lt=plan.closes_at, closes_at__gt=plan.opens_at
        ).order_by("day")
        if taken := list(there.values_list("day", flat=True)):
            said = "、".join(_("{month}月{day}日").format(month=day.month, day=day.day) for day in taken)
            fields["day"] = [_("{days}这个时间已经排了。").format(days=said)]
        if row.until is not None and wanted[-1] > row.until:
            fields["weeks" if plan.weeks > 1 else "day"] = [_("那时这个调解委员会已经撤了。")]
    members = _on_duty(row, plan, wanted, fields)
    if fields:
        raise Invalid("invalid_clinic", _("有些内容需要修改。"), fields=fields)
    made = [
        ClinicDay(
            committee=row, mode=plan.mode, place=plan.place.strip() or row.place, day=day, opens_at=plan.opens_at,
            closes_at=plan.closes_at, slot_minutes=plan.slot_minutes, created_at=clock.now(),
            created_by_id=actor.membership_id,
        )
        for day in wanted
    ]  # fmt: skip
    ClinicDay.objects.bulk_create(made)
    ClinicDuty.objects.bulk_create(ClinicDuty(clinic=clinic, member=member) for clinic in made for member in members)
    audit.record("clinic.plan", actor=actor, object_kind="committee", object_id=row.pk, days=len(made))
    return Planned(made, skipped)


def _faults(committee: MediationCommittee, plan: ClinicPlan) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    now = clock.local(clock.now())
    if (plan.day, plan.opens_at) <= (now.date(), now.time()):
        fields["day"] = [_("这个时间已经过了。")]
    elif plan.day > now.date() + FARTHEST:
        fields["day"] = [_("最多提前半年安排。")]
    elif plan.day < committee.since:
        fields["day"] = [_("那时这个调解委员会还没有成立。")]
    if plan.mode not in ClinicDay.Mode.values:
        fields["mode"] = [_("请选坐诊还是出诊。")]
    if plan.mode == ClinicDay.Mode.OUTREACH and not plan.place.strip():
        fields["place"] = [_("出诊要写去哪儿。")]
    elif len(plan.place.strip()) > PLACE_LENGTH:
        fields["place"] = [_("最多 {limit} 字。").format(limit=PLACE_LENGTH)]
    if plan.slot_minutes not in SLOT_MINUTES:
        fields["slot_minutes"] = [_("请选每人几分钟。")]
    elif plan.closes_at <= plan.opens_at:
        fields["closes_at"] = [_("结束要晚于开始。")]
    else:
        slots = ClinicDay(opens_at=plan.opens_at, closes_at=plan.closes_at, slot_minutes=plan.slot_minutes).slots
        if not slots:
            fields["closes_at"] = [_("这段时间不够一个人的。")]
        elif slots > MOST_SLOTS:
            fields["slot_minutes"] = [_("一天最多 {limit} 个号，请把每人的时间放长些。").format(limit=MOST_SLOTS)]
    if not 1 <= plan.weeks <= MOST_WEEKS:
        fields["weeks"] = [_("最多连排 {limit} 周。").format(limit=MOST_WEEKS)]
    return fields


def _on_duty(
    committee: MediationCommittee, plan: ClinicPlan, days: Sequence[date], fields: dict[str, list[str]]
) -> list[CommitteeMember]:
    wanted = set(plan.members)
    members = list(CommitteeMember.objects.filter(committee=committee, pk__in=wanted))
    if not members or len(members) != len(wanted):
        fields["members"] = [_("请选谁值守。")]
    elif any(not serves_on(member, day) for member in members for day in days):
        fields["members"] = [_("有人那时不在名册里，请重新选。")]
    elif not any(member.membership_id for member in members) and not _has_keeper(committee):
        fields["members"] = [_("至少要有一个能登录的人看预约，请加上，或者先给调委会定内勤。")]
    return members


def _has_keeper(committee: MediationCommittee) -> bool:
    keepers = CommitteeMember.objects.filter(committee=committee, is_keeper=True)
    return any(serves_on(row, clock.today()) for row in keepers)


@savepoint
def cancel_clinic(clinic: ClinicDay, *, reason: str, actor: Actor) -> ClinicDay:
    """Call a day off: every open booking goes with it and its person is told; the reason is for them to read.

    Raises ``NotAllowed``, ``Invalid`` without a reason, ``DomainError`` for a day that is over or called off already.
    """
    row = find_clinic(clinic.pk, lock=True)
    require_planner(actor, row.committee)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        said = _("请写为什么取消，最多 {limit} 字，约好的居民看得到。").format(limit=REASON_LENGTH)
        raise Invalid("no_reason", said, fields={"reason": [said]})
    if row.cancelled_at is not None:
        raise DomainError("cancelled_already", _("这天已经取消了。"))
    if row.day < clock.today():
        raise DomainError("over", _("这天已经过去了，不能取消。"))
    now = clock.now()
    row.cancelled_at, row.cancel_reason = now, reason
    row.save(update_fields=["cancelled_at", "cancel_reason"])
    open_ones = list(row.bookings.filter(state=ClinicBooking.State.BOOKED).order_by("slot"))
    ClinicBooking.objects.filter(pk__in=[booking.pk for booking in open_ones]).update(
        state=ClinicBooking.State.CALLED_OFF, ended_at=now
    )
    clinic_notices.tell_called_off(row, open_ones, actor=actor)
    audit.record("clinic.cancel", actor=actor, object_kind="clinic", object_id=row.pk, count=len(open_ones))
    return row


def inserted(row: ClinicBooking) -> bool:
    """Insert a booking, in a savepoint: False where the database itself says the slot or the person's day is taken."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True
