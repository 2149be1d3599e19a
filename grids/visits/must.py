"""What the secretary still has to visit, and when (S2-14)."""

from __future__ import annotations

from django.db.models import QuerySet

from governance.kernel.actors import Actor
from grids.households.policies import kept_grids
from grids.visits.models import MustVisit, MustVisitRule


def open_tasks(actor: Actor) -> QuerySet[MustVisit]:
    """Of the actor's places, the soonest first."""
    rows = MustVisit.objects.filter(grid_id__in=[grid.id for grid in kept_grids(actor)], closed_at=None)
    rows = rows.select_related("rule", "household__building", "household__room__unit")
    return rows.order_by("due_at", "pk")


def rules_in_use(kind: str = "") -> list[MustVisitRule]:
    rows = MustVisitRule.objects.filter(ended_on=None).select_related("tag").order_by("kind", "name", "pk")
    return list(rows.filter(kind=kind) if kind else rows)
