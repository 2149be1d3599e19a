"""How many households and people a community has: as declared, and as the register counted (S2-29)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area, Building


class BaseFigure(DistrictModel):
    """A community's figures on a day, and where they come from. Rows are only added: of one day the last one counts.

    ``floor_area`` in square metres, ``groups`` is the number of 生产组; both empty where nobody declared them.
    """

    class Origin(models.TextChoices):
        DECLARED = "declared", _("上报")
        REGISTER = "register", _("登记")

    community = DistrictForeignKey(Area)
    on = models.DateField(_("截至"))
    origin = models.CharField(max_length=10, choices=Origin.choices)
    source = models.CharField(_("来源"), max_length=60)
    households = models.PositiveIntegerField(_("户数"))
    people = models.PositiveIntegerField(_("人数"), null=True, blank=True)
    floor_area = models.PositiveIntegerField(_("建筑面积"), null=True, blank=True)
    groups = models.PositiveSmallIntegerField(_("生产组"), null=True, blank=True)
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            # The close of a month is taken once; what people declare may be corrected by another row.
            models.UniqueConstraint(
                fields=["district", "community", "on"],
                condition=models.Q(origin="register"),
                name="basefigure_closed_once",
            )
        ]
        indexes = [models.Index(fields=["district", "community", "origin", "-on"], name="basefigure_latest")]

    def __str__(self) -> str:
        return f"{self.community_id} {self.on}: {self.households}"


class BuildingGap(DistrictModel):
    """A building whose register differed from its own number of households when a month was closed. Only added."""

    figure = DistrictForeignKey(BaseFigure)
    building = DistrictForeignKey(Building)
    declared = models.PositiveIntegerField()
    registered = models.PositiveIntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "figure", "building"], name="buildinggap_once")]

    def __str__(self) -> str:
        return f"{self.building_id}: {self.registered - self.declared:+d}"
