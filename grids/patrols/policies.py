"""Who walks a grid, who plans that, who reads what was walked."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.patrols.models import Patrol
from grids.reference import AreaRef, areas_of, territory

WALKERS = frozenset({"grid_worker", "grid_leader"})
PLANNERS = frozenset({"community_secretary"})
READERS = frozenset(
    {
        "grid_leader", "community_staff", "community_secretary", "street_dispatcher", "street_leader",
        "district_official", "supervisor",
    }
)  # fmt: skip
"""Kinds of post that read plans and patrols of their place at the desk. Nobody reads them by person."""


def _grids_in(areas: list[AreaRef]) -> list[AreaRef]:
    found = [grid for grid in territory().at_level("grid") if any(grid.is_within(area) for area in areas)]
    return sorted(found, key=lambda grid: grid.path)


def walked_grids(actor: Actor) -> list[AreaRef]:
    """The grids the actor walks, by code."""
    return [area for area in areas_of(actor, WALKERS) if area.level == "grid"]


def read_grids(actor: Actor) -> list[AreaRef]:
    """The grids whose patrols the actor reads at the desk, by code."""
    return _grids_in(areas_of(actor, READERS))


def planned_grids(actor: Actor) -> list[AreaRef]:
    """The grids whose plan the actor sets: the secretary's own community, by code."""
    return _grids_in([area for area in areas_of(actor, PLANNERS) if area.level == "community"])


class PatrolPolicy:
    """Patrols of the grids one reads, and one's own. Withdrawn ones never happened."""

    @staticmethod
    def visible(actor: Actor) -> QuerySet[Patrol]:
        rows = Patrol.objects.exclude(state=Patrol.State.WITHDRAWN)
        if actor.is_system:
            return rows
        grids = {grid.id for grid in (*read_grids(actor), *walked_grids(actor))}
        return rows.filter(Q(grid_id__in=grids) | Q(walker_id=actor.membership_id or 0))


def require_walker(actor: Actor) -> None:
    if not actor.is_system and not walked_grids(actor):
        raise NotAllowed("walkers_only", _("巡查由网格员和网格长来做，您的岗位不巡查。"))


def require_reader(actor: Actor) -> None:
    if not actor.is_system and not (actor.role_kinds & (READERS | WALKERS)):
        raise NotAllowed("patrol_readers_only", _("巡查由网格、社区和街道看，您的岗位看不到。"))


def find_read_grid(actor: Actor, pk: int) -> AreaRef:
    """Raises ``NotAllowed`` without a post that reads patrols, else ``NotFound``."""
    require_reader(actor)
    found = next((grid for grid in read_grids(actor) if grid.id == pk), None)
    if found is None:
        raise NotFound("no_grid", _("没有这个网格，或者不归您管。"))
    return found


def find_planned_grid(actor: Actor, pk: int) -> AreaRef:
    """A grid whose plan the actor sets. Raises ``NotFound`` outside one's places, ``NotAllowed`` for who only reads."""
    if actor.is_system:
        return territory().areas[pk]
    found = next((grid for grid in planned_grids(actor) if grid.id == pk), None)
    if found is None:
        find_read_grid(actor, pk)
        raise NotAllowed("secretary_plans", _("巡查计划由社区书记来定，您的岗位只能看。"))
    return found
