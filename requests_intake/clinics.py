"""Reading the register of mediation committees and their clinic days, for desks, for residents and for programs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.templatetags.ui import local_day
from grids.reference import territory
from requests_intake import clinic_circle
from requests_intake.actions.mediation_register import keeps
from requests_intake.models import (
    ClinicBooking,
    ClinicDay,
    ClinicDuty,
    CommitteeMember,
    MediationCommittee,
    MediationKind,
)
from requests_intake.presentation.people import masked_name

PER_PAGE = 20
_SHOWN_AHEAD = timedelta(days=60)


def where_words(committee: MediationCommittee) -> str:
    """Whose committee it is: 东湖街道·春晓社区, a trade, or the district's."""
    places = territory()
    names = [places.area_name(committee.street_id), places.area_name(committee.community_id), committee.trade]
    return "·".join(name for name in names if name) or _("全区")


def committees(
    *, text: str = "", kind: str = "", street_id: int | None = None, community_id: int | None = None,
    current_only: bool = True,
) -> QuerySet[MediationCommittee]:  # fmt: skip
    """Committees by street and name. A community's choice shows its own, its street's and the district's."""
    today = clock.today()
    rows = MediationCommittee.objects.order_by("street_id", "community_id", "name")
    if current_only:
        rows = rows.filter(Q(until=None) | Q(until__gte=today), since__lte=today)
    if kind in MediationKind.values:
        rows = rows.filter(kind=kind)
    if street_id is not None:
        rows = rows.filter(street_id=street_id)
    if community_id is not None:
        street = territory().areas[community_id].street_id
        own = Q(community_id=community_id) | Q(community_id=None, street_id=street) | Q(street_id=None)
        rows = rows.filter(own)
    for word in text.split()[:5]:
        # A district has some dozens of committees: their names are read through, not indexed.
        rows = rows.filter(Q(name__contains=word) | Q(place__contains=word) | Q(trade__contains=word))
    return rows


def member_rows(committee: MediationCommittee, actor: Actor) -> list[dict[str, Any]]:
    """Who mediates there now and is about to; the names in full for who keeps the register and for its members."""
    knows = keeps(actor, committee.street_id) or clinic_circle.own_members(actor).filter(committee=committee).exists()
    today = clock.today()
    found = CommitteeMember.objects.filter(committee=committee).order_by("-is_keeper", "profession", "pk")
    rows = [row for row in found if row.until is None or row.until >= today]
    names = staff_names(row.membership_id for row in rows)
    return [
        {
            "id": row.pk,
            "name": name if knows else masked_name(name),
            "profession": row.get_profession_display(),
            "is_keeper": row.is_keeper,
            "has_account": row.membership_id is not None,
            "since": row.since,
            "until": row.until,
            "is_coming": row.since > today,
        }
        for row in rows
        for name in [names.get(row.membership_id or 0, "") or row.name]
    ]


def choosable_members(committee: MediationCommittee) -> list[tuple[int, str]]:
    """Those of the committee who can be put on duty, by name and profession."""
    today = clock.today()
    rows = [
        row
        for row in CommitteeMember.objects.filter(committee=committee).order_by("profession", "pk")
        if row.until is None or row.until >= today
    ]
    names = staff_names(row.membership_id for row in rows)
    return [
        (row.pk, f"{names.get(row.membership_id or 0, '') or row.name}（{row.get_profession_display()}）")
        for row in rows
    ]


# ---------------------------------------------------------------- clinic days
def coming(committee_ids: Iterable[int] | None = None) -> QuerySet[ClinicDay]:
    """Clinic days from today on that were not called off, the nearest first."""
    today = clock.today()
    rows = ClinicDay.objects.select_related("committee").filter(
        day__gte=today, day__lte=today + _SHOWN_AHEAD, cancelled_at=None
    )
    if committee_ids is not None:
        rows = rows.filter(committee__in=list(committee_ids))
    return rows.order_by("day", "opens_at", "pk")


def taken_slots(clinic_ids: Iterable[int]) -> dict[int, set[int]]:
    """Slots that are somebody's, by clinic day; one statement."""
    rows = ClinicBooking.objects.filter(clinic__in=list(clinic_ids), state__in=ClinicBooking.TAKES)
    found: dict[int, set[int]] = defaultdict(set)
    for clinic_id, slot in rows.values_list("clinic_id", "slot"):
        found[clinic_id].add(slot)
    return found


def free_slots(clinic: ClinicDay, taken: set[int]) -> list[int]:
    now = clock.now()
    return [slot for slot in range(1, clinic.slots + 1) if slot not in taken and clinic.begins(slot) > now]


def clinic_lines(clinics: Sequence[ClinicDay]) -> list[dict[str, Any]]:
    """Days of clinics with how many slots are free; one statement."""
    taken = taken_slots(row.pk for row in clinics)
    return [
        {
            "clinic": row,
            "committee": row.committee.name,
            "where": where_words(row.committee),
            "mode": row.get_mode_display(),
            "day": day_words(row.day),
            "hours": hours_words(row),
            "free": 0 if row.cancelled_at else len(free_slots(row, taken.get(row.pk, set()))),
            "slots": row.slots,
            "taken": len(taken.get(row.pk, ())),
            "is_off": row.cancelled_at is not None,
        }
        for row in clinics
    ]


_WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")


def day_words(day: date) -> str:
    """今天, 明天, or 11月24日（周二）."""
    today = clock.today()
    if day in (today, today + timedelta(days=1)):
        return _("今天") if day == today else _("明天")
    return _("{month}月{day}日（周{weekday}）").format(month=day.month, day=day.day, weekday=_WEEKDAYS[day.weekday()])


def hours_words(clinic: ClinicDay) -> str:
    return f"{clinic.opens_at:%H:%M}–{clinic.closes_at:%H:%M}"


def slot_time(clinic: ClinicDay, slot: int) -> str:
    return f"{clock.local(clinic.begins(slot)):%H:%M}"


def on_duty(clinic: ClinicDay, actor: Actor) -> list[str]:
    """Who sits there; names masked for who is not of the committee and does not keep its register."""
    rows = list(ClinicDuty.objects.filter(clinic=clinic).select_related("member").order_by("pk"))
    knows = clinic_circle.plans(actor, clinic.committee)
    names = staff_names(row.member.membership_id for row in rows)
    found = []
    for row in rows:
        name = names.get(row.member.membership_id or 0, "") or row.member.name
        found.append(f"{name if knows else masked_name(name)}（{row.member.get_profession_display()}）")
    return found


def slot_rows(clinic: ClinicDay, *, reads: bool) -> list[dict[str, Any]]:
    """Every slot of a day: free, over, or taken. ``reads``: the reader is in the circle and sees who; nobody else."""
    bookings = {row.slot: row for row in ClinicBooking.objects.filter(clinic=clinic, state__in=ClinicBooking.TAKES)}
    now = clock.now()
    rows = []
    for slot in range(1, clinic.slots + 1):
        row = bookings.get(slot)
        rows.append(
            {
                "slot": slot,
                "time": slot_time(clinic, slot),
                "booking": row if reads else None,
                "is_taken": row is not None,
                "is_over": clinic.begins(slot) <= now,
                "name": (row.person_name or _("（已清除）")) if row and reads else "",
                "state": row.get_state_display() if row and reads else "",
                "code": row.state if row and reads else "",
            }
        )
    return rows


def called_off(clinic: ClinicDay) -> list[dict[str, Any]]:
    """Whose booking went with the day, for the circle: those without a mobile number are to be called."""
    rows = ClinicBooking.objects.filter(clinic=clinic, state=ClinicBooking.State.CALLED_OFF).order_by("slot", "pk")
    return [{"id": row.pk, "slot": row.slot, "name": row.person_name} for row in rows]


def desk_rows(actor: Actor, *, own: bool, past: bool) -> QuerySet[ClinicDay]:
    """Clinic days of a desk: one's own (in whose circle one is) or all; from today on, or those that are over."""
    rows = clinic_circle.inside(actor) if own else ClinicDay.objects.all()
    rows = rows.select_related("committee")
    today = clock.today()
    if past:
        return rows.filter(day__lt=today).order_by("-day", "opens_at", "pk")
    return rows.filter(day__gte=today).order_by("day", "opens_at", "pk")


def waiting(actor: Actor) -> int:
    """Bookings of today in the actor's circle of whom nobody said yet whether they came."""
    rows = ClinicBooking.objects.filter(clinic__in=clinic_circle.inside(actor), day=clock.today())
    return rows.filter(state=ClinicBooking.State.BOOKED).count()


def own_lines(rows: Iterable[ClinicBooking]) -> list[dict[str, Any]]:
    """A resident's own bookings as they read them."""
    now = clock.now()
    return [
        {
            "id": row.pk,
            "slot": row.slot,
            "when": f"{day_words(row.day)} {slot_time(row.clinic, row.slot)}",
            "place": row.clinic.place,
            "room": row.clinic.committee.name,
            "phone": row.clinic.committee.phone,
            "state": {
                "booked": _("约好了"), "arrived": _("来过了"), "missed": _("没有来"), "case": _("在调解"),
                "cancelled": _("已取消"), "called_off": _("这天取消了"),
            }[row.state],
            "is_open": row.state == ClinicBooking.State.BOOKED and row.clinic.begins(row.slot) > now,
            "reason": row.clinic.cancel_reason if row.state == ClinicBooking.State.CALLED_OFF else "",
            "recorded": local_day(row.created_at),
        }
        for row in rows
    ]  # fmt: skip


def counts_by_committee(committee_ids: Iterable[int]) -> Counter[int]:
    """How many mediate in each committee today; one statement."""
    rows = clinic_circle.serving().filter(committee__in=list(committee_ids))
    return Counter(rows.values_list("committee_id", flat=True))


def is_running(committee: MediationCommittee) -> bool:
    today = clock.today()
    return committee.since <= today and (committee.until is None or committee.until >= today)
