"""Who proposes a change of grids, who decides on it, who may read it (S1-09b)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.models import Area
from grids.reference import AreaRef, territory
from grids.territory.models import GridChange

PROPOSERS = frozenset({"community_secretary"})
DECIDERS = frozenset({"street_dispatcher"})
READERS = (
    PROPOSERS | DECIDERS | {"community_staff", "grid_leader", "street_leader", "district_official", "district_admin"}
)


def communities(actor: Actor, kinds: frozenset[str] = READERS) -> list[AreaRef]:
    """The communities in the places of the actor's posts of these kinds, by code."""
    places, found = territory(), {}
    for role in actor.roles:
        area = places.areas.get(role.area_id or 0) if role.kind in kinds else None
        if area is None:
            continue
        for row in places.at_level("community"):
            if row.id == area.community_id or row.is_within(area):
                found[row.id] = row
    return sorted(found.values(), key=lambda row: row.path)


def visible(actor: Actor) -> QuerySet[GridChange]:
    return GridChange.objects.filter(community_id__in=[row.id for row in communities(actor)])


def find_change(actor: Actor, pk: int) -> GridChange:
    """Raises ``NotAllowed`` without a post that reads changes, else ``NotFound``."""
    require_reader(actor)
    found = visible(actor).filter(pk=pk).select_related("community", "grid", "target").first()
    if found is None:
        raise NotFound("no_change", _("没有这项调整，或者不在您的辖区。"))
    return found


def find_grid(actor: Actor, pk: int) -> Area:
    """A grid in use whose change the actor may propose; ``NotFound`` for one elsewhere."""
    require_proposer(actor)
    own = [row.id for row in communities(actor, PROPOSERS)]
    found = Area.objects.filter(pk=pk, level="grid", ended_on=None, community_id__in=own).first()
    if found is None:
        raise NotFound("no_grid", _("没有这个网格，或者不在您的辖区。"))
    return found


def require_reader(actor: Actor) -> None:
    if not actor.role_kinds & READERS:
        raise NotAllowed("territory_only", _("网格调整由社区提出、街道审批，您的岗位看不到。"))


def require_proposer(actor: Actor) -> None:
    if not actor.role_kinds & PROPOSERS:
        raise NotAllowed("secretary_only", _("网格的拆分、合并由社区书记提出，您的岗位不能。"))


def may_propose(actor: Actor, community_id: int) -> bool:
    return any(row.id == community_id for row in communities(actor, PROPOSERS))


def may_decide(actor: Actor, change: GridChange) -> bool:
    """The street's dispatcher, and never whoever proposed it (a deputy may hold both posts)."""
    covers = any(row.id == change.community_id for row in communities(actor, DECIDERS))
    return covers and change.proposed_by_id != actor.membership_id


def require_decider(actor: Actor, change: GridChange) -> None:
    if not may_decide(actor, change):
        raise NotAllowed("dispatcher_only", _("网格调整由街道调度审批，提出的人不能自己批。"))
