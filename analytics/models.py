"""Facts: what happened, counted. Appended as deltas with each move, folded into marginals by day and a cube by month.

Ids stand here as plain numbers, 0 where nothing is known: the roll-ups hold nothing of their own and can be computed
again from the transitions at any time (``manage.py rebuild_facts``).
"""

from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictModel


class FactDelta(DistrictModel):
    """So many of a measure more (or fewer) on a day (Asia/Shanghai), not yet folded. See ``analytics.measures``.

    ``street``, ``category`` and ``is_restricted`` are the ticket's own and follow its correction; ``level`` and
    ``organization`` are those of the moment.
    """

    day = models.DateField()
    street = models.BigIntegerField()
    category = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    level = models.CharField(max_length=10)
    organization = models.BigIntegerField()
    is_restricted = models.BooleanField()
    measure = models.CharField(max_length=20)
    number = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.measure} {self.number:+}"


class DayFact(DistrictModel):
    """A marginal: how many of a measure on a day along one axis (``street``, ``category``, ``channel``, ``level`` or
    ``organization``); ``value`` is the id or code there."""

    day = models.DateField()
    axis = models.CharField(max_length=12)
    value = models.CharField(max_length=20)
    is_restricted = models.BooleanField()
    measure = models.CharField(max_length=20)
    number = models.IntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "axis", "day", "measure", "value", "is_restricted"], name="dayfact_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.axis}={self.value} {self.measure}: {self.number}"


class MonthFact(DistrictModel):
    """A cell of the cube street × category × month; ``month`` is its first day."""

    month = models.DateField()
    street = models.BigIntegerField()
    category = models.BigIntegerField()
    is_restricted = models.BooleanField()
    measure = models.CharField(max_length=20)
    number = models.IntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "month", "measure", "street", "category", "is_restricted"], name="monthfact_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.street}/{self.category} {self.measure}: {self.number}"
