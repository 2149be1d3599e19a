"""What of visits is cached per district: the outcomes in use."""

from __future__ import annotations

from collections.abc import Mapping

from governance.kernel.reference import per_district
from grids.visits.models import VisitOutcome


@per_district
def outcomes() -> Mapping[int, VisitOutcome]:
    """Every outcome there ever was, by id, in the district's order; those in use have no ``ended_on``."""
    return {row.pk: row for row in VisitOutcome.objects.order_by("position", "pk")}


def outcomes_in_use() -> list[VisitOutcome]:
    return [row for row in outcomes().values() if row.ended_on is None]
