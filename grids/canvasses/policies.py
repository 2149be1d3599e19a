"""Who sets a canvass up, who asks, who reads figures.

A street or community sets one up for its place. Whoever keeps households there asks them and reads the answers; a
street reads numbers, never households (ADR 46).
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassField, CanvassSlot
from grids.households.models import Household
from grids.households.policies import KEEPERS, find_household, kept_grids, require_keeper
from grids.reference import AreaRef, areas_of, territory

SETTERS = frozenset({"community_staff", "community_secretary", "street_dispatcher", "street_leader"})
"""Kinds of post that set a canvass up for their community or street."""
READERS = SETTERS | KEEPERS
_LEVELS = frozenset({"community", "street"})


def own_areas(actor: Actor) -> list[AreaRef]:
    """Communities and streets for which the actor may set a canvass up."""
    return [area for area in areas_of(actor, SETTERS) if area.level in _LEVELS]


def _around(actor: Actor) -> set[int]:
    """The actor's areas, the street and community they lie in, and the communities below them."""
    found: set[int] = set()
    for area in areas_of(actor, READERS):
        found |= {pk for pk in (area.id, area.community_id, area.street_id) if pk is not None}
        if area.level == "street":
            found |= {each.id for each in territory().children(area.id, "community")}
    return found


class CanvassPolicy:
    @staticmethod
    def visible(actor: Actor) -> QuerySet[Canvass]:
        """Those that were started and concern a place of the actor's, and the drafts of the own office."""
        if actor.is_system:
            return Canvass.objects.all()
        own = [area.id for area in own_areas(actor)]
        return Canvass.objects.filter(Q(area_id__in=own) | Q(area_id__in=_around(actor), started_at__isnull=False))


def grids_of(canvass: Canvass) -> list[AreaRef]:
    """The grids of the area it is set up for."""
    places = territory()
    column = "street_id" if _level(canvass) == "street" else "community_id"
    return [area for area in places.at_level("grid") if getattr(area, column) == canvass.area_id]


def _level(canvass: Canvass) -> str:
    area = territory().areas.get(canvass.area_id)
    return area.level if area else ""


def kept_grids_of(actor: Actor, canvass: Canvass) -> list[AreaRef]:
    """Those of them whose households the actor keeps: here they ask, and read what was answered."""
    here = grids_of(canvass)
    if actor.is_system:
        return here
    mine = {grid.id for grid in kept_grids(actor)}
    return [grid for grid in here if grid.id in mine]


def figure_grids_of(actor: Actor, canvass: Canvass) -> list[AreaRef]:
    """Those of them whose numbers the actor reads: the kept ones, and all below an own community or street."""
    own = {area.id for area in own_areas(actor)}
    kept = {grid.id for grid in kept_grids_of(actor, canvass)}
    return [
        grid
        for grid in grids_of(canvass)
        if actor.is_system or grid.id in kept or own & {grid.community_id, grid.street_id}
    ]


def may_set(actor: Actor, canvass: Canvass) -> bool:
    return actor.is_system or any(area.id == canvass.area_id for area in own_areas(actor))


def require_setter(actor: Actor) -> None:
    if not actor.is_system and not own_areas(actor):
        raise NotAllowed("setters_only", _("专项摸排由街道和社区来设，您的岗位不能设。"))


def require_reader(actor: Actor) -> None:
    if not actor.is_system and not areas_of(actor, READERS):
        raise NotAllowed("readers_only", _("专项摸排由街道、社区和网格来做，您的岗位不能看。"))


def find_canvass(actor: Actor, pk: int, *, lock: bool = False) -> Canvass:
    """``NotAllowed`` without such a post, else ``NotFound``."""
    require_reader(actor)
    rows = CanvassPolicy.visible(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("no_canvass", _("没有这次摸排，或者不在您的辖区。"))
    return found


def find_own(actor: Actor, pk: int, *, lock: bool = False) -> Canvass:
    """One the actor may change; raises as ``find_canvass``, and ``NotAllowed`` for another office's."""
    require_setter(actor)
    found = find_canvass(actor, pk, lock=lock)
    if not may_set(actor, found):
        raise NotAllowed("own_canvass_only", _("这次摸排是别的单位设的，由他们来改。"))
    return found


def find_field(actor: Actor, pk: int) -> CanvassField:
    """A question of a canvass the actor may change, with it; raises as ``find_own``."""
    row = CanvassField.objects.filter(pk=pk).first()
    canvass = find_own(actor, row.canvass_id if row else 0)
    assert row is not None
    row.canvass = canvass
    return row


def find_slot(actor: Actor, pk: int) -> CanvassSlot:
    """A time of a canvass the actor may change, with it; raises as ``find_own``."""
    row = CanvassSlot.objects.filter(pk=pk).first()
    canvass = find_own(actor, row.canvass_id if row else 0)
    assert row is not None
    row.canvass = canvass
    return row


def find_asked(actor: Actor, canvass: Canvass, pk: int, *, lock: bool = False) -> Household:
    """A household of the actor's within the area of the canvass; ``NotAllowed`` for whoever keeps none there."""
    require_keeper(actor)
    home = find_household(actor, pk, lock=lock)
    if home.building.grid_id not in {grid.id for grid in kept_grids_of(actor, canvass)}:
        raise NotFound("not_in_canvass", _("这一户不在这次摸排的范围里。"))
    return home


def find_answer(actor: Actor, pk: int) -> CanvassAnswer:
    """An answer of a household the actor keeps; raises as ``find_asked``."""
    require_keeper(actor)
    rows = CanvassAnswer.objects.select_related("canvass", "household__building", "household__room__unit")
    if not actor.is_system:
        rows = rows.filter(household__building__grid_id__in=[grid.id for grid in kept_grids(actor)])
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("no_answer", _("没有这个回答，或者已经到期删除了。"))
    return found
