"""管线: who in a community answers for which line of business (S1-09a)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area


class BusinessLine(DistrictModel):
    """One of the district's lines of business (民政, 社保, 党建 …). It ends; it is not deleted."""

    name = models.CharField(_("条线"), max_length=12)
    position = models.PositiveSmallIntegerField(default=0)
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "name"], condition=Q(ended_on=None), name="businessline_once")
        ]

    def __str__(self) -> str:
        return self.name


class LineAssignment(DistrictModel):
    """Somebody of a community has a line from ``since`` to ``until`` (both inclusive; open where None).

    Without a person the line is 兼管: nobody's own, looked after by the secretary, and said to be so.
    """

    line = DistrictForeignKey(BusinessLine)
    community = DistrictForeignKey(Area)
    membership = DistrictForeignKey(Membership, null=True, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    set_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "line", "community", "membership"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="lineassignment_once",
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="lineassignment_ends"),
        ]
        indexes = [models.Index(fields=["district", "community"], name="lineassignment_of")]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.membership_id}"
