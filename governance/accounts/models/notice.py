from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models.membership import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Notice(DistrictModel):
    """One line in a person's in-app inbox. ``source`` makes telling the same thing twice impossible."""

    membership = DistrictForeignKey(Membership)
    source = models.CharField(max_length=60, help_text="e.g. ticket-transition:123")
    kind = models.CharField(max_length=30)
    text = models.CharField(_("内容"), max_length=200)
    brief = models.CharField(
        max_length=80, blank=True, default="", help_text="what may leave the platform: no words of a resident"
    )
    path = models.CharField(max_length=200, blank=True, default="")
    is_critical = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "membership", "source"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["district", "membership", "-created_at"], name="notice_unread", condition=models.Q(read_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.text
