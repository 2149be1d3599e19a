from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Absence(DistrictModel):
    """Days (both inclusive) on which somebody is away; a deputy then holds their posts too. It ends by itself.

    The reason is free text and may speak of an illness: it is encrypted.
    """

    membership = DistrictForeignKey(Membership)
    deputy = DistrictForeignKey(Membership, null=True, blank=True)
    since = models.DateField(_("开始"))
    until = models.DateField(_("结束"))
    reason = EncryptedTextField(_("原因"), blank=True, default="")
    is_cancelled = models.BooleanField(_("已取消"), default=False)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="absence_ends_later"),
            models.CheckConstraint(condition=Q(deputy=None) | ~Q(deputy=F("membership")), name="absence_other_deputy"),
        ]
        indexes = [models.Index(fields=["district", "membership"], name="absence_member")]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.since} – {self.until}"
