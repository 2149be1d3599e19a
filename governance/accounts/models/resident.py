"""Residents who sign in with their phone: the code on its way, who they are, and the browsers they are signed in on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models.membership import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class SmsCode(DistrictModel):
    """A six-digit code sent to a number: neither is kept, only their keyed hashes, and those for two days.

    It serves once, for five minutes, at most five tries (standards B.8). The rows of a day are also what the limits
    per number and per address are counted on.
    """

    phone_hash = KeyedHashField()
    address_hash = KeyedHashField(help_text="of the network address that asked")
    code_hash = KeyedHashField(help_text="of number and code together")
    is_voice = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "phone_hash", "sent_at"], name="smscode_phone"),
            models.Index(fields=["district", "address_hash", "sent_at"], name="smscode_address"),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"


class Resident(DistrictModel):
    """The member behind a phone number in this district: one for each number, none across districts."""

    membership = DistrictForeignKey(Membership)
    name = EncryptedTextField(_("称呼"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("手机号"), of_person=True)
    phone_hash = KeyedHashField(of="phone")
    signed_in_at = models.DateTimeField(help_text="last time a code was confirmed")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "membership"], name="resident_once"),
            models.UniqueConstraint(fields=["district", "phone_hash"], name="resident_phone"),
        ]

    def __str__(self) -> str:
        return f"resident {self.pk}"


class ResidentSession(DistrictModel):
    """One browser a resident is signed in on. Its cookie holds the token; here lies only the token's hash."""

    resident = DistrictForeignKey(Resident)
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "token_hash"], name="residentsession_token")]
        indexes = [
            models.Index(fields=["district", "resident"], name="residentsession_resident"),
            models.Index(fields=["district", "expires_at"], name="residentsession_ends"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"
