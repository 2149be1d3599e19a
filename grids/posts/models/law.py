"""法治楼栋: a building that passes eight checks, and loses the title to 待整改 when one fails again (S2-13)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Building


class LawBuilding(DistrictModel):
    """A building on the way to the title, with it, or about to lose it. ``since``: the day of the present state."""

    class State(models.TextChoices):
        TRYING = "trying", _("创建中")
        HELD = "held", _("法治楼栋")
        TO_MEND = "to_mend", _("待整改")

    building = DistrictForeignKey(Building)
    state = models.CharField(max_length=8, choices=State.choices)
    since = models.DateField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "building"], name="lawbuilding_once")]
        indexes = [models.Index(fields=["district", "state"], name="lawbuilding_state")]

    def __str__(self) -> str:
        return f"{self.building_id}: {self.state}"


class LawCheck(DistrictModel):
    """One going through of the checklist. Rows are only added; ``failed`` holds the codes that were not passed."""

    row = DistrictForeignKey(LawBuilding, related_name="checks")
    at = models.DateTimeField()
    by = DistrictForeignKey(Membership, null=True, blank=True)
    failed = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=LawBuilding.State.choices)

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "row", "-at"], name="lawcheck_latest")]

    def __str__(self) -> str:
        return f"{self.row_id} at {self.at:%Y-%m-%d}"
