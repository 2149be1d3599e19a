"""Who may read and write the register of households.

Few: those who go there, and the community that answers for them. Streets and the district read figures, never people.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.households.models import GridElement, Household, HouseholdTag
from grids.models import Building
from grids.reference import AreaRef, areas_of, territory

KEEPERS = frozenset({"grid_worker", "grid_leader", "community_staff", "community_secretary"})
"""Kinds of post that read and keep the households of their place."""
FIGURE_WRITERS = frozenset({"community_staff", "community_secretary"})
FIGURE_READERS = FIGURE_WRITERS | {"street_leader", "street_dispatcher", "district_official", "supervisor"}
"""Figures hold no person: the levels above read them too."""
_LEVELS = frozenset({"grid", "community"})


def kept_areas(actor: Actor) -> list[AreaRef]:
    """Grids and communities whose households the actor keeps, by code."""
    return [area for area in areas_of(actor, KEEPERS) if area.level in _LEVELS]


def kept_grids(actor: Actor) -> list[AreaRef]:
    """The grids in them."""
    places, found = territory(), {}
    for area in kept_areas(actor):
        for grid in [area] if area.level == "grid" else places.children(area.id, "grid"):
            found[grid.id] = grid
    return sorted(found.values(), key=lambda grid: grid.path)


def figure_communities(actor: Actor) -> list[AreaRef]:
    """The communities whose figures the actor reads."""
    places, found = territory(), {}
    for area in areas_of(actor, FIGURE_READERS):
        for community in places.at_level("community"):
            if community.is_within(area):
                found[community.id] = community
    return sorted(found.values(), key=lambda row: row.path)


def may_declare(actor: Actor, community_id: int) -> bool:
    return any(area.id == community_id for area in areas_of(actor, FIGURE_WRITERS))


class HouseholdPolicy:
    """Rows of the places an actor keeps. Whoever sees a household there may also change it."""

    @staticmethod
    def buildings(actor: Actor) -> QuerySet[Building]:
        return Building.objects.filter(grid_id__in=[grid.id for grid in kept_grids(actor)])

    @staticmethod
    def visible(actor: Actor) -> QuerySet[Household]:
        return Household.objects.filter(building__grid_id__in=[grid.id for grid in kept_grids(actor)])

    @staticmethod
    def elements(actor: Actor) -> QuerySet[GridElement]:
        return GridElement.objects.filter(grid_id__in=[grid.id for grid in kept_grids(actor)])


def reads_tag(actor: Actor, tag: HouseholdTag) -> bool:
    """Whether the actor may know that a household bears this tag."""
    return not tag.is_sensitive or bool(actor.role_kinds.intersection(tag.readers))


def require_keeper(actor: Actor) -> None:
    if not actor.is_system and not kept_areas(actor):
        raise NotAllowed("keepers_only", _("住户登记由网格和社区的工作人员来做，您的岗位不能看住户。"))


def find_building(actor: Actor, pk: int) -> Building:
    """A building in use of the actor's places; ``NotAllowed`` without such a post, else ``NotFound``."""
    require_keeper(actor)
    rows = Building.objects.all() if actor.is_system else HouseholdPolicy.buildings(actor)
    found = rows.filter(pk=pk, ended_on=None).select_related("compound").first()
    if found is None:
        raise NotFound("no_building", _("没有这栋楼，或者不在您的辖区。"))
    return found


def find_household(actor: Actor, pk: int, *, lock: bool = False) -> Household:
    """A household the actor keeps, ended ones too; raises as ``find_building``."""
    require_keeper(actor)
    rows = Household.objects.all() if actor.is_system else HouseholdPolicy.visible(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("building", "room__unit")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("no_household", _("没有这一户，或者不在您的辖区。"))
    return found
