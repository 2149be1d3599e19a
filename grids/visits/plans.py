"""How far a grid is with its month: planned, met, tried, left; and who was not met this year (S1-09c)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from governance.kernel import clock
from grids.households.models import Household
from grids.visits.models import REACHED, Visit, VisitPlan
from grids.visits.months import begin_of, bounds, first_of

USUAL_TARGET = 300
"""Households a grid means to reach in a month where nobody said otherwise (S1-09c)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``target``: as planned; ``planned``: that, or every household where there are fewer. ``met``: households reached
    in the month; ``tried``: those where nobody could be spoken to. ``not_this_year``: not reached since 1 January."""

    target: int
    homes: int
    met: int
    tried: int
    not_this_year: int

    @property
    def planned(self) -> int:
        return min(self.target, self.homes)

    @property
    def left(self) -> int:
        return max(self.planned - self.met, 0)

    @property
    def is_reached(self) -> bool:
        """月走访达标."""
        return self.planned > 0 and self.met >= self.planned


def counting() -> QuerySet[Visit]:
    """Visits that were not withdrawn."""
    return Visit.objects.filter(withdrawn_at=None)


def reached() -> QuerySet[Visit]:
    return counting().filter(met__in=REACHED)


def never_since(rows: QuerySet[Household], day: date) -> QuerySet[Household]:
    """Households nobody of which was spoken to since that day."""
    return rows.exclude(Exists(reached().filter(household=OuterRef("pk"), at__gte=begin_of(day))))


def progress(grid_ids: Sequence[int], month: date | None = None) -> dict[int, Progress]:
    """By grid; four statements whatever their number. ``not_this_year`` is of the month's year."""
    ids, first = list(grid_ids), first_of(month or clock.today())
    since, until = bounds(first)
    targets = dict(VisitPlan.objects.filter(grid_id__in=ids, month=first).values_list("grid_id", "target"))
    homes_here = Household.objects.filter(ended_on=None, building__grid_id__in=ids)
    by_grid = homes_here.order_by().values_list("building__grid_id")
    homes = dict(by_grid.annotate(n=Count("pk")))
    fresh = never_since(homes_here, first.replace(month=1))
    missed = dict(fresh.order_by().values_list("building__grid_id").annotate(n=Count("pk")))
    visits = counting().filter(grid_id__in=ids, at__gte=since, at__lt=until).order_by().values_list("grid_id")
    spoken = Count("household", distinct=True, filter=Q(met__in=REACHED))
    counts = {pk: (met, gone) for pk, met, gone in visits.annotate(met=spoken, gone=Count("household", distinct=True))}
    found = {}
    for pk in ids:
        met, gone = counts.get(pk, (0, 0))
        found[pk] = Progress(targets.get(pk, USUAL_TARGET), homes.get(pk, 0), met, gone - met, missed.get(pk, 0))
    return found
