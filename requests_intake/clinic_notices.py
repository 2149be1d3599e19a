"""Telling people of clinic bookings. No message says what it is about, or that it is about mediation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.models import Notice
from governance.accounts.notifications import Recipient, RecipientKind, plan_messages, register_recipients, tell
from governance.accounts.notifications.channels import channel
from governance.accounts.notifications.planning import Plan
from governance.accounts.notifications.preferences import rules_of_district
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import MOBILE, normal_phone
from governance.kernel.tenancy.context import current_district
from requests_intake import clinic_circle
from requests_intake.models import ClinicBooking, ClinicDay


def _phones(ids: Sequence[int]) -> dict[int, str]:
    return {row.pk: row.phone for row in ClinicBooking.objects.filter(pk__in=ids)}


BOOKED = register_recipients(RecipientKind("booked", gettext_lazy("预约的人"), phones=_phones))
SENTENCES: Mapping[str, Any] = {
    "booked": gettext_lazy("您约好了{day}{slot}号，地点{place}。不来请提前取消或拨{phone}。"),
    "reminded": gettext_lazy("提醒您：{day}{slot}号，地点{place}。不来请提前取消或拨{phone}。"),
    "called_off": gettext_lazy("很抱歉，您约的{day}{slot}号取消了，请另约或拨{phone}。"),
}


def moment_words(clinic: ClinicDay, slot: int) -> str:
    """11月24日09:20, in Shanghai."""
    begins = clock.local(clinic.begins(slot))
    return _("{month}月{day}日").format(month=begins.month, day=begins.day) + f"{begins:%H:%M}"


def tell_persons(kind: str, clinic: ClinicDay, bookings: Sequence[ClinicBooking], *, at_once: bool = False) -> int:
    """SMS to those who booked; returns how many were planned. Where the district sends none, or somebody left a
    fixed number, the day's page says whom to call."""
    if not bookings or not rules_of_district().sms_to_residents or not channel("sms").is_available():
        return 0
    phone = clinic.committee.phone or current_district().hotline
    plans = [
        Plan(
            source=f"clinic-booking:{row.pk}:{kind}",
            kind=f"resident.clinic_{kind}",
            recipient=Recipient(BOOKED, row.pk),
            text=str(SENTENCES[kind]).format(
                day=moment_words(clinic, row.slot), slot=row.slot, place=clinic.place, phone=phone
            ),
            at_once=at_once,
        )
        for row in bookings
        if MOBILE.fullmatch(normal_phone(row.phone))
    ]
    plan_messages(plans, channel_code="sms")
    return len(plans)


def tell_circle(kind: str, text: str, clinic: ClinicDay, source: str, *, actor: Actor) -> None:
    """A line in the inboxes of those inside, but for who did it."""
    tell(
        [
            Notice(membership_id=pk, source=source, kind=f"clinic_{kind}", text=text, brief=text[:80],
                   path=f"/desk/clinics/{clinic.pk}/", created_at=clock.now())
            for pk in clinic_circle.told(clinic)
            if pk != actor.membership_id
        ]
    )  # fmt: skip


def tell_booked(booking: ClinicBooking, *, actor: Actor) -> None:
    """The person gets the number, those on duty hear that somebody comes."""
    clinic = booking.clinic
    tell_persons("booked", clinic, [booking], at_once=True)
    words = _("有人约了坐诊：{day} {slot}号").format(day=moment_words(clinic, booking.slot), slot=booking.slot)
    tell_circle("new", words, clinic, f"clinic-booking:{booking.pk}:booked", actor=actor)


def tell_cancelled(booking: ClinicBooking, *, actor: Actor) -> None:
    clinic = booking.clinic
    words = _("预约取消了：{day} {slot}号").format(day=moment_words(clinic, booking.slot), slot=booking.slot)
    tell_circle("gone", words, clinic, f"clinic-booking:{booking.pk}:cancelled", actor=actor)


def tell_called_off(clinic: ClinicDay, bookings: Sequence[ClinicBooking], *, actor: Actor) -> None:
    """A day is off: who had booked, and who was to sit there."""
    tell_persons("called_off", clinic, bookings, at_once=True)
    words = _("坐诊取消了：{day}，{number} 人已约").format(day=moment_words(clinic, 1), number=len(bookings))
    tell_circle("off", words, clinic, f"clinic:{clinic.pk}:called_off", actor=actor)
