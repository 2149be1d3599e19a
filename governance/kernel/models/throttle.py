from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictModel


class ThrottleCount(DistrictModel):
    """How often one caller did one thing in one span of time. Written only while Redis cannot be reached, and deleted
    the night after; the caller is a keyed hash of an address, or the number of a membership."""

    limit = models.CharField(max_length=40)
    caller = models.CharField(max_length=80)
    window = models.BigIntegerField(help_text="spans of the limit's length since 1970")
    count = models.IntegerField(default=1)
    ends_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "limit", "caller", "window"], name="throttlecount_once")
        ]
        indexes = [models.Index(fields=["district", "ends_at"], name="throttlecount_age")]

    def __str__(self) -> str:
        return f"{self.limit} {self.count}"
