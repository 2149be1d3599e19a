from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class PhotoUpload(DistrictModel):
    """A photo on its way from a phone, piece by piece, before the form that it belongs to.

    ``key`` is made by the phone, so that an upload that broke off is found again. ``stored`` is the photo once it is
    whole: checked, re-encoded, in the storage (the fields of ``StoredImage``). Until then its pieces lie there.
    """

    key = models.UUIDField()
    membership = DistrictForeignKey(Membership)
    size = models.PositiveIntegerField(_("大小"), help_text="bytes")
    received = models.PositiveIntegerField(_("已收到"), default=0, help_text="bytes")
    stored = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "membership", "key"], name="photoupload_once"),
            models.CheckConstraint(condition=Q(received__lte=F("size")), name="photoupload_within"),
        ]
        indexes = [models.Index(fields=["district", "touched_at"], name="photoupload_touched")]

    def __str__(self) -> str:
        return f"{self.key}"
