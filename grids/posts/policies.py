"""Who reads and keeps what serves a place: coverage of posts, forces, business lines.

Nothing here is about a household; what is read goes up and down the actor's own line of places, never sideways.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import ADVISERS, Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.posts.models import Force
from grids.reference import AreaRef, areas_of, territory

FORCE_KEEPERS = frozenset(
    {"grid_worker", "grid_leader", "community_staff", "community_secretary", "street_dispatcher", "street_leader"}
)
"""Kinds of post that keep the lists of their place and of what lies in it."""
FORCE_READERS = FORCE_KEEPERS | ADVISERS | {"district_dispatcher", "district_official", "supervisor"}
COVERAGE_READERS = frozenset(
    {
        "grid_leader", "community_staff", "community_secretary", "street_dispatcher", "street_leader",
        "district_dispatcher", "district_official", "supervisor", "district_admin",
    }
)  # fmt: skip
"""Posts and how large a grid is are no secret to who answers for it, or for what lies above it."""
LEVELS = ("grid", "community", "street")
"""Levels that have a list of forces, in the order in which one turns to them (S3-28)."""


def places_below(actor: Actor, kinds: frozenset[str], level: str) -> list[AreaRef]:
    """Areas of a level in the actor's places, by code."""
    own = areas_of(actor, kinds)
    return [area for area in territory().at_level(level) if any(area.is_within(above) for above in own)]


def kept_places(actor: Actor) -> list[AreaRef]:
    """Places whose list the actor keeps: the own one and what lies in it, the nearest first."""
    own = areas_of(actor, FORCE_KEEPERS)
    found = [
        area
        for area in territory().areas.values()
        if area.level in LEVELS and any(area.is_within(each) for each in own)
    ]
    return sorted(found, key=lambda area: (-LEVELS.index(area.level), area.path))


def line_of(area: AreaRef) -> list[AreaRef]:
    """The area and those above it that have a list: grid, community, street."""
    places = territory()
    ids = (area.grid_id, area.community_id, area.street_id)
    return [places.areas[pk] for pk in ids if pk is not None and pk in places.areas]


def read_places(actor: Actor) -> list[AreaRef]:
    """Places whose list the actor reads: what lies in the own ones, and those above them."""
    found: dict[int, AreaRef] = {}
    for own in areas_of(actor, FORCE_READERS):
        for area in territory().areas.values():
            if area.level in LEVELS and (area.is_within(own) or own.is_within(area)):
                found[area.id] = area
    return sorted(found.values(), key=lambda area: area.path)


class ForcePolicy:
    @staticmethod
    def visible(actor: Actor) -> QuerySet[Force]:
        if actor.is_system:
            return Force.objects.all()
        return Force.objects.filter(area_id__in=[area.id for area in read_places(actor)])

    @staticmethod
    def keeps(actor: Actor, area_id: int) -> bool:
        return actor.is_system or area_id in {area.id for area in kept_places(actor)}


def require_reader(actor: Actor) -> None:
    if not actor.is_system and not actor.role_kinds & FORCE_READERS:
        raise NotAllowed("no_forces", _("力量清单由网格、社区和街道使用，您的岗位不能看。"))


def require_keeper(actor: Actor, area_id: int) -> None:
    """Raises ``NotAllowed`` for a post that keeps no list, ``NotFound`` for a place that is not the actor's."""
    if actor.is_system:
        return
    if not actor.role_kinds & FORCE_KEEPERS:
        raise NotAllowed("keepers_only", _("力量清单由网格、社区和街道登记，您的岗位不能改。"))
    if not ForcePolicy.keeps(actor, area_id):
        raise NotFound("no_place", _("没有这个地方，或者不归您管。"))


def find_force(actor: Actor, pk: int, *, lock: bool = False) -> Force:
    """A force of a list the actor reads, ended ones too. Raises ``NotAllowed``, else ``NotFound``."""
    require_reader(actor)
    rows = ForcePolicy.visible(actor)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if found is None:
        raise NotFound("no_force", _("没有这支力量，或者不在您的辖区。"))
    return found


def require_coverage_reader(actor: Actor) -> None:
    if not actor.is_system and not actor.role_kinds & COVERAGE_READERS:
        raise NotAllowed("no_coverage", _("您的岗位不看岗位配备。"))
