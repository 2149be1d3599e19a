from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Membership(DistrictModel):
    """A user in one district. Inside the district everything points here, never to the user."""

    class Kind(models.TextChoices):
        STAFF = "staff", _("工作人员")
        RESIDENT = "resident", _("居民")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    is_active = models.BooleanField(_("启用"), default=True)
    joined_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Staff(DistrictModel):
    """What colleagues may know of a member of staff. Name and phone are encrypted in the column."""

    membership = DistrictForeignKey(Membership, related_name="staff_rows")
    name = EncryptedTextField(_("姓名"), of_person=True)
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "membership"], name="staff_once")]

    def __str__(self) -> str:
        return f"{self.pk}"


class ApiToken(DistrictModel):
    """A key for a program. The secret is shown once; only its hash is kept. The token's text names the district."""

    membership = DistrictForeignKey(Membership)
    name = models.CharField(_("用途"), max_length=60)
    key_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("有效期至"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "key_hash"], name="apitoken_key")]

    def __str__(self) -> str:
        return self.name
