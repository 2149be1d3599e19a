"""Declared figures beside what the register holds (S2-29), and the buildings that make the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Abs, Coalesce

from grids.households.models import BaseFigure, Household
from grids.models import Building

COUNTED = (Household.Kind.FAMILY, Household.Kind.SHARED, Household.Kind.COLLECTIVE)
"""Who lives there; a shop keeps no house."""
_LIVING = Q(ended_on=None, kind__in=COUNTED)


@dataclass(frozen=True, slots=True)
class Counted:
    households: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """``gap`` = register − declared (−49: forty-nine are missing from the register), None where nothing is declared."""

    declared: BaseFigure | None
    register: Counted

    @property
    def gap(self) -> int | None:
        return None if self.declared is None else self.register.households - self.declared.households

    @property
    def people_gap(self) -> int | None:
        if self.declared is None or self.declared.people is None:
            return None
        return self.register.people - self.declared.people


def living() -> QuerySet[Household]:
    """Households that count: running, and of people who live there."""
    return Household.objects.filter(_LIVING)


def counted(community_ids: Sequence[int]) -> dict[int, Counted]:
    """What the register holds now, by community; one statement."""
    rows = living().filter(building__grid__community_id__in=community_ids)
    sums = rows.values_list("building__grid__community_id").annotate(n=Count("pk"), p=Coalesce(Sum("people_count"), 0))
    return {pk: Counted(n, p) for pk, n, p in sums.order_by()}


def latest_declared(community_ids: Sequence[int]) -> dict[int, BaseFigure]:
    """The newest declared figure of each community; of one day the last that was written; one statement."""
    rows = BaseFigure.objects.filter(community_id__in=community_ids, origin=BaseFigure.Origin.DECLARED)
    return {row.community_id: row for row in rows.order_by("community_id", "on", "pk")}


def compared(community_ids: Sequence[int]) -> dict[int, Comparison]:
    """Two statements, whatever the number of communities."""
    register, declared = counted(community_ids), latest_declared(community_ids)
    return {pk: Comparison(declared.get(pk), register.get(pk, Counted())) for pk in community_ids}


def by_building(rows: QuerySet[Building]) -> QuerySet[Any]:
    """Buildings with ``registered`` households and ``gap`` to the building's own number, the furthest off first."""
    here = living().filter(building=OuterRef("pk")).order_by().values("building").annotate(n=Count("pk")).values("n")
    found: QuerySet[Any] = rows.annotate(registered=Coalesce(Subquery(here, output_field=IntegerField()), 0))
    found = found.annotate(gap=ExpressionWrapper(F("registered") - F("household_count"), IntegerField()))
    return found.order_by(Abs(F("gap")).desc(), "pk")


def buildings_of(community_id: int) -> QuerySet[Building]:
    return Building.objects.filter(grid__community_id=community_id, ended_on=None)
