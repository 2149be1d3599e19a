from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization


class Circular(DistrictModel):
    """One issue of what is published (通报), with its number of the year; its lines are ``Supervision`` rows.

    Insert only, and without words of its own: the sentences are notes of its lines' moves. It is withdrawn where all
    its lines are.
    """

    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField(help_text="1, 2, 3 … within the year")
    issuer = DistrictForeignKey(Organization)
    published_by = DistrictForeignKey(Membership, null=True, blank=True)
    published_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "year", "number"], name="circular_number")]
        indexes = [models.Index(fields=["district", "-published_at", "-id"], name="circular_list")]

    def __str__(self) -> str:
        return _("{year} 年第 {number} 期").format(year=self.year, number=self.number)
