from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictModel


class ClockCheck(DistrictModel):
    """One comparison of all open clocks with their ledgers (nightly, or asked for): what it found stays to be read.

    ``found``: list of ``{number, kind, stored, computed}``, the first ``MOST`` of them; ``differing`` counts them all.
    """

    MOST = 200

    at = models.DateTimeField()
    checked = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    found = models.JSONField(default=list)

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "-at", "-id"], name="clockcheck_newest")]

    def __str__(self) -> str:
        return f"{self.at:%F}: {self.differing}"
