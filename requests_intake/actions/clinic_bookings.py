"""预约坐诊 (S0-21): a resident takes a slot of a clinic day, or staff for them by phone; those on duty say who came.

Whoever is not in the circle of the day (``clinic_circle``) learns neither who booked nor what it is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.accounts.models import Resident
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, keyed_hashes, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.masking import looks_masked, masked_words
from governance.privacy.actions.disclose import disclose
from governance.privacy.models import Disclosure
from requests_intake import clinic_notices
from requests_intake.actions.clinics import find_clinic, inserted
from requests_intake.actions.context import savepoint
from requests_intake.actions.mediation import NewCase, Party, open_case
from requests_intake.actions.restricted import record_opening
from requests_intake.clinic_circle import require_inside
from requests_intake.models import ClinicBooking, ClinicDay, MediationCase
from requests_intake.policies import require_recorder

OBJECT_KIND = "clinic_booking"
NAME_LENGTH, WORDS_LENGTH = 40, 500
MOST_OPEN = 3
"""So many open bookings one number may have: a day's slots are few."""
_State = ClinicBooking.State


@dataclass(frozen=True)
class BookingSaid:
    """Who comes to which slot, and in their words what it is about (may be empty). Versions: of the notice shown, of
    the text agreed to."""

    slot: int
    name: str
    phone: str
    words: str = ""
    privacy_version: int | None = None
    consent_version: int | None = None


def find_booking(booking_id: int, *, lock: bool = False) -> ClinicBooking:
    rows = ClinicBooking.objects.select_related("clinic__committee", "case")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=booking_id).first()
    if found is None:
        raise NotFound("no_booking", _("没有这个预约。"))
    return found


def bookings_of_phone(phone: str) -> QuerySet[ClinicBooking]:
    """What was booked with a number, on the page or for its owner; ``phone`` as ``normal_phone`` makes it."""
    return ClinicBooking.objects.filter(phone_hash__in=keyed_hashes(phone))


@savepoint
def book_for_oneself(clinic: ClinicDay, said: BookingSaid, *, resident: Resident, actor: Actor) -> ClinicBooking:
    """A resident who signed in takes a slot; the number is the one signed in with (``actor``: the public).

    Raises ``Invalid`` and ``DomainError`` (slot gone, day over or called off, already booked).
    """
    return _book(clinic, replace(said, phone=resident.phone), actor)


@savepoint
def book_on_behalf(clinic: ClinicDay, said: BookingSaid, *, actor: Actor) -> ClinicBooking:
    """Staff book for somebody on the phone, with their recorded consent. Raises as ``book_for_oneself``, and
    ``NotAllowed`` for who records nothing."""
    require_recorder(actor)
    if said.consent_version is None:
        sentence = _("要先问过本人，同意登记称呼和电话才能约。")
        raise Invalid("no_consent", sentence, fields={"has_consented": [sentence]})
    return _book(clinic, said, actor)


def _book(clinic: ClinicDay, said: BookingSaid, actor: Actor) -> ClinicBooking:
    phone = _checked(said)
    # Whoever calls the day off waits for this lock: no booking is left behind on a day that is off.
    day = find_clinic(clinic.pk, lock=True)
    if day.cancelled_at is not None:
        raise DomainError("clinic_off", _("这天取消了，请另选一天。"))
    if not 1 <= said.slot <= day.slots:
        raise NotFound("no_slot", _("没有这个号。"))
    if day.begins(said.slot) <= clock.now():
        raise DomainError("slot_over", _("这个号的时间已经过了，请另选一个。"))
    own = bookings_of_phone(phone).filter(state=_State.BOOKED, day__gte=clock.today())
    days = list(own.values_list("day", flat=True))
    if day.day in days:
        raise DomainError("booked_already", _("这天已经约过了，一天约一个号。"))
    if len(days) >= MOST_OPEN:
        raise DomainError("too_many", _("已经约了 {limit} 次，来过或取消一个再约。").format(limit=MOST_OPEN))
    row = ClinicBooking(
        clinic=day, day=day.day, slot=said.slot, person_name=said.name.strip(), phone=phone,
        phone_hash=keyed_hash(phone), words=said.words.strip(), recorded_by_id=actor.membership_id,
        privacy_version=said.privacy_version, consent_version=said.consent_version, created_at=clock.now(),
    )  # fmt: skip
    if not inserted(row):
        # The person's other day may be another clinic's, which is not under this lock.
        if ClinicBooking.objects.filter(clinic=day, slot=said.slot, state__in=ClinicBooking.TAKES).exists():
            raise DomainError("slot_taken", _("这个号刚被别人约走了，请另选一个。"))
        raise DomainError("booked_already", _("这天已经约过了，一天约一个号。"))
    clinic_notices.tell_booked(row, actor=actor)
    audit.record("clinic.book", actor=actor, object_kind=OBJECT_KIND, object_id=row.pk, on_behalf=actor.is_staff)
    return row


def _checked(said: BookingSaid) -> str:
    """The number's digits. Raises ``Invalid``."""
    fields: dict[str, list[str]] = {}
    phone = normal_phone(said.phone)
    for name, value in (("name", said.name), ("phone", said.phone)):
        if looks_masked(value):
            fields[name] = [masked_words()]
    if not said.name.strip():
        fields["name"] = [_("请写怎么称呼。")]
    elif len(said.name.strip()) > NAME_LENGTH:
        fields["name"] = [_("最多 {limit} 字。").format(limit=NAME_LENGTH)]
    if "phone" not in fields and not 7 <= len(phone) <= 13:
        fields["phone"] = [_("电话号码不对，请检查。")]
    if len(said.words.strip()) > WORDS_LENGTH:
        fields["words"] = [_("最多 {limit} 字。").format(limit=WORDS_LENGTH)]
    if fields:
        raise Invalid("invalid_booking", _("有些内容需要修改。"), fields=fields)
    return phone


def find_own_booking(booking_id: int, *, resident: Resident) -> ClinicBooking:
    """A booking with the number somebody is signed in with; anybody else's does not exist for them."""
    row = find_booking(booking_id)
    if row.phone_hash not in keyed_hashes(resident.phone):
        raise NotFound("no_booking", _("没有这个预约。"))
    return row


@savepoint
def cancel_own_booking(booking: ClinicBooking, *, resident: Resident, actor: Actor) -> ClinicBooking:
    """The resident does not come; the slot is free again. Raises ``NotFound`` for anybody else's."""
    find_own_booking(booking.pk, resident=resident)
    return _cancel(booking, actor)


@savepoint
def cancel_booking(booking: ClinicBooking, *, actor: Actor) -> ClinicBooking:
    """Those on duty or the keeper cancel for somebody who called. Raises ``NotAllowed``."""
    require_inside(actor, find_booking(booking.pk).clinic)
    return _cancel(booking, actor)


def _cancel(booking: ClinicBooking, actor: Actor) -> ClinicBooking:
    row = find_booking(booking.pk, lock=True)
    if row.state != _State.BOOKED:
        raise DomainError("wrong_state", _("这个预约现在是“{state}”，不能取消。").format(state=row.get_state_display()))
    if row.clinic.begins(row.slot) <= clock.now():
        raise DomainError("slot_over", _("时间已经到了，不能取消了。"))
    _end(row, _State.CANCELLED)
    clinic_notices.tell_cancelled(row, actor=actor)
    audit.record("clinic.booking_cancel", actor=actor, object_kind=OBJECT_KIND, object_id=row.pk)
    return row


def _end(row: ClinicBooking, state: str) -> None:
    row.state, row.ended_at = state, clock.now()
    row.save(update_fields=["state", "ended_at"])


@savepoint
def mark_arrived(booking: ClinicBooking, *, actor: Actor) -> ClinicBooking:
    """到场. A 未到 that turns out wrong is mended by it."""
    return _mark(booking, _State.ARRIVED, actor)


@savepoint
def mark_missed(booking: ClinicBooking, *, actor: Actor) -> ClinicBooking:
    """未到, from the moment the slot begins."""
    return _mark(booking, _State.MISSED, actor)


def _mark(booking: ClinicBooking, state: str, actor: Actor) -> ClinicBooking:
    row = find_booking(booking.pk, lock=True)
    require_inside(actor, row.clinic)
    if row.state not in (_State.BOOKED, _State.ARRIVED, _State.MISSED):
        raise DomainError("wrong_state", _("这个预约现在是“{state}”，不用再记。").format(state=row.get_state_display()))
    if row.day > clock.today():
        raise DomainError("too_early", _("还没到那天。"))
    if state == _State.MISSED and row.clinic.begins(row.slot) > clock.now():
        raise DomainError("too_early", _("还没到他的时间，再等等。"))
    if row.state != state:
        _end(row, state)
        audit.record("clinic.mark", actor=actor, object_kind=OBJECT_KIND, object_id=row.pk, state=state)
    return row


@savepoint
def mediate_booking(
    booking: ClinicBooking, *, dispute: str, facts: str, others: Sequence[Party], actor: Actor
) -> MediationCase:
    """转为调解案件: who sits there makes a case of it, with the person who came and ``others`` as its parties.

    It begins as a small one and may be raised from its own page. The person's name and number go over; the booking
    keeps the link. Raises ``NotAllowed`` outside the circle or without a mediator's post, ``Invalid``, ``DomainError``.
    """
    row = find_booking(booking.pk, lock=True)
    require_inside(actor, row.clinic)
    if row.state not in (_State.BOOKED, _State.ARRIVED):
        raise DomainError(
            "wrong_state", _("这个预约现在是“{state}”，不能转为案件。").format(state=row.get_state_display())
        )
    if row.day > clock.today():
        raise DomainError("too_early", _("还没到那天。"))
    case = open_case(
        NewCase(
            kind=row.clinic.committee.kind, dispute=dispute, severity=MediationCase.Severity.SMALL,
            mode=row.clinic.mode, facts=facts, parties=[Party(row.person_name, row.phone), *others], mediators=[],
        ),
        actor=actor,
    )  # fmt: skip
    row.state, row.ended_at, row.case = _State.CASE, clock.now(), case
    row.save(update_fields=["state", "ended_at", "case"])
    audit.record("clinic.case", actor=actor, object_kind=OBJECT_KIND, object_id=row.pk)
    return case


@savepoint
def open_booking(booking: ClinicBooking, *, actor: Actor) -> ClinicBooking:
    """Read who it is and what they wrote; that it was opened is on record. Raises ``NotAllowed``."""
    row = find_booking(booking.pk)
    require_inside(actor, row.clinic)
    record_opening(OBJECT_KIND, row.pk, actor=actor, page="desk:booking")
    return row


@savepoint
def reveal_booking_phone(booking: ClinicBooking, *, actor: Actor) -> str:
    """The number in clear, for a call; counted and on record like every showing."""
    row = find_booking(booking.pk)
    require_inside(actor, row.clinic)
    return disclose(
        object_kind=OBJECT_KIND, object_id=row.pk, field="phone", reason=Disclosure.Reason.CONTACT, words="",
        actor=actor, value=lambda: row.phone,
    )  # fmt: skip


def remind_bookings() -> int:
    """Remind who comes tomorrow, once; returns how many were reminded. Nightly: it goes out after the quiet hours."""
    tomorrow = clock.today() + timedelta(days=1)
    rows = list(
        ClinicBooking.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(day=tomorrow, state=_State.BOOKED, reminded_at=None)
        .select_related("clinic__committee")
        .order_by("clinic_id", "slot")
    )
    by_clinic: dict[int, list[ClinicBooking]] = {}
    for row in rows:
        by_clinic.setdefault(row.clinic_id, []).append(row)
    for found in by_clinic.values():
        clinic_notices.tell_persons("reminded", found[0].clinic, found)
    ClinicBooking.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=clock.now())
    return len(rows)


def erase_bookings(ids: Sequence[int]) -> tuple[int, Counter[str]]:
    """Free bookings of persons: name, number and words go, slot, day and state stay. In the running transaction."""
    rows = ClinicBooking.objects.filter(pk__in=ids, erased_at=None)
    number = rows.update(person_name="", phone="", phone_hash="", words="", erased_at=clock.now())
    return number, Counter(clinic_bookings=number)
