from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictModel
from grids.models.area import Area


class HouseholdBand(DistrictModel):
    """How many households a grid of one kind should have. Without a row the shipped band holds (``grids.bands``)."""

    grid_kind = models.CharField(max_length=10, choices=Area.GridKind.choices)
    minimum = models.PositiveIntegerField(_("至少"))
    maximum = models.PositiveIntegerField(_("至多"))

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "grid_kind"], name="householdband_kind"),
            models.CheckConstraint(condition=Q(maximum__gte=F("minimum")), name="householdband_order"),
        ]

    def __str__(self) -> str:
        return f"{self.grid_kind} {self.minimum}–{self.maximum}"
