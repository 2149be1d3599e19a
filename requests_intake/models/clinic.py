from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.calendar import SHANGHAI
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.mediation import MediationCase
from requests_intake.models.mediation_register import CommitteeMember, MediationCommittee


class ClinicDay(DistrictModel):
    """A day on which mediators sit (坐诊) or go out (出诊), cut into slots of ``slot_minutes`` minutes (S0-21).

    Slot 1 begins at ``opens_at``; a last slot that would run past ``closes_at`` is none. Times are Shanghai's.
    ``cancel_reason`` is read by the residents who had booked.
    """

    class Mode(models.TextChoices):
        CLINIC = "clinic", _("坐诊")
        OUTREACH = "outreach", _("出诊")

    committee = DistrictForeignKey(MediationCommittee, related_name="clinics")
    mode = models.CharField(_("方式"), max_length=8, choices=Mode.choices)
    place = models.CharField(_("在哪儿"), max_length=100)
    day = models.DateField(_("哪天"))
    opens_at = models.TimeField(_("从几点"))
    closes_at = models.TimeField(_("到几点"))
    slot_minutes = models.PositiveSmallIntegerField(_("每人几分钟"))
    created_at = models.DateTimeField()
    created_by = DistrictForeignKey(Membership, null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(_("为什么取消"), max_length=100, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "committee", "day", "opens_at"],
                condition=Q(cancelled_at=None),
                name="clinic_day_once",
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="clinic_closes_later"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=10), name="clinic_slot_long_enough"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | ~Q(cancel_reason=""), name="clinic_cancelled_for_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["district", "day", "opens_at"], name="clinic_day")]

    def __str__(self) -> str:
        return f"{self.committee_id} {self.day}"

    @property
    def slots(self) -> int:
        """How many people can be seen."""
        opened = self.opens_at.hour * 60 + self.opens_at.minute
        closed = self.closes_at.hour * 60 + self.closes_at.minute
        return (closed - opened) // self.slot_minutes

    def begins(self, slot: int = 1) -> datetime:
        """When a slot begins; slots are counted from 1."""
        opening = datetime.combine(self.day, self.opens_at, tzinfo=SHANGHAI)
        return opening + timedelta(minutes=self.slot_minutes * (slot - 1))


class ClinicDuty(DistrictModel):
    """A mediator is on duty on a clinic day: what is written for that day is for them."""

    clinic = DistrictForeignKey(ClinicDay, related_name="duties")
    member = DistrictForeignKey(CommitteeMember, related_name="duties")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "clinic", "member"], name="clinic_duty_once")]

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.member_id}"


class ClinicBooking(DistrictModel):
    """Somebody has a slot of a clinic day; ``slot`` is the number they are called by.

    What they are called, their number and what they wrote are encrypted and only for the circle of the day
    (``requests_intake.clinic_circle``). ``day`` is the clinic's, so that the database itself can refuse a second open
    booking of a person on a day.
    """

    class State(models.TextChoices):
        BOOKED = "booked", _("约好了")
        ARRIVED = "arrived", _("到场")
        MISSED = "missed", _("未到")
        CASE = "case", _("转为调解案件")
        CANCELLED = "cancelled", _("本人取消")
        CALLED_OFF = "called_off", _("这天取消了")

    TAKES = ("booked", "arrived", "missed", "case")
    """States in which the slot is nobody else's."""

    clinic = DistrictForeignKey(ClinicDay, related_name="bookings")
    day = models.DateField()
    slot = models.PositiveSmallIntegerField(_("几号"))
    person_name = EncryptedTextField(_("称呼"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")
    words = EncryptedTextField(_("是什么事"), blank=True, default="")
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.BOOKED)
    case = DistrictForeignKey(MediationCase, null=True, blank=True, related_name="bookings")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True, help_text="staff who booked for the person")
    privacy_version = models.PositiveIntegerField(null=True, blank=True)
    consent_version = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "clinic", "slot"],
                condition=Q(state__in=["booked", "arrived", "missed", "case"]),
                name="clinic_slot_once",
            ),
            models.UniqueConstraint(
                fields=["district", "phone_hash", "day"],
                condition=Q(state="booked") & ~Q(phone_hash=""),
                name="clinic_person_once_a_day",
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="clinic_slot_counted_from_one"),
        ]
        indexes = [
            models.Index(fields=["district", "phone_hash", "-day"], name="clinic_booking_person"),
            models.Index(fields=["district", "day"], name="clinic_booking_day"),
        ]

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.slot}"
