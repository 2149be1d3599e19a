from __future__ import annotations

from django.db import models

from governance.accounts.models.membership import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Invitation(DistrictModel):
    """A link with which one person sets their own password, once. It is shown once; only its hash is kept."""

    membership = DistrictForeignKey(Membership)
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "token_hash"], name="invitation_token"),
            models.UniqueConstraint(
                fields=["district", "membership"],
                condition=models.Q(used_at=None, cancelled_at=None),
                name="invitation_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.membership_id}"
