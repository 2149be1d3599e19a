"""What the head of a building or unit saw when walking through it (巡楼, S1-04a)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Building


class BuildingRound(DistrictModel):
    """One walk through a building: ``marks`` says of each ``Item`` whether it was ``good`` or a ``problem``.

    Of the house and not of who lives there: there are no words and no photos in it, a problem is reported as a matter.
    ``unit``: of a unit's head, else empty. ``reported_at``: when what was wrong was sent in, empty until then.
    """

    class Item(models.TextChoices):
        STAIRS = "stairs", _("楼道卫生")
        LIGHTS = "lights", _("楼道灯")
        FIRE_DOOR = "fire_door", _("防火门")
        PILES = "piles", _("楼道堆物")
        FIRE_GEAR = "fire_gear", _("灭火器、消火栓")
        CHARGING = "charging", _("电动车进楼充电")

    class Mark(models.TextChoices):
        GOOD = "good", _("好")
        PROBLEM = "problem", _("有问题")

    building = DistrictForeignKey(Building)
    unit = models.PositiveSmallIntegerField(null=True, blank=True)
    walker = DistrictForeignKey(Membership)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    marks = models.JSONField()
    problem_count = models.PositiveSmallIntegerField()
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(reported_at=None) | Q(problem_count__gte=1), name="buildinground_reports_problems"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "building", "-at"], name="buildinground_of_building"),
            models.Index(fields=["district", "walker", "-at"], name="buildinground_of_walker"),
        ]

    def __str__(self) -> str:
        return f"{self.building_id} {self.at:%Y-%m-%d}"

    @property
    def problems(self) -> list[str]:
        """What was not in order, in words, in the order of the list."""
        return [str(item.label) for item in self.Item if self.marks.get(item.value) == self.Mark.PROBLEM]
