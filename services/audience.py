"""Whom an announcement addresses: places for residents, posts and organizations for staff."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from governance.kernel.actors import HEADS
from governance.kernel.errors import Invalid
from grids.heads import Head, heads, serving
from grids.models import Building
from grids.models.organization import PostKind
from grids.reference import Holder, OrganizationRef, Territory, territory
from services.models import AnnouncementTarget
from services.policies import within

ON_THE_GROUND = frozenset({PostKind.GRID_WORKER, PostKind.GRID_LEADER})
"""Told of everything their residents are told."""

_Kind = AnnouncementTarget.Kind


@dataclass(frozen=True)
class Audience:
    """Ids; ``posts`` are pairs (kind of post, area), ``heads`` pairs (``HEADS``, building). Areas count with everything
    below them."""

    areas: frozenset[int] = frozenset()
    buildings: frozenset[int] = frozenset()
    posts: frozenset[tuple[str, int]] = frozenset()
    organizations: frozenset[int] = frozenset()
    heads: frozenset[tuple[str, int]] = frozenset()

    @property
    def is_public(self) -> bool:
        return bool(self.areas or self.buildings)

    def __bool__(self) -> bool:
        return bool(self.areas or self.buildings or self.posts or self.organizations or self.heads)


@dataclass(frozen=True)
class Reach:
    """How many an announcement reaches: buildings and households of its places, members of staff and heads of buildings
    and units addressed."""

    buildings: int
    households: int
    staff: int
    heads: int = 0


def audience_of(targets: Iterable[AnnouncementTarget]) -> Audience:
    areas, buildings, posts, organizations, heads = set(), set(), set(), set(), set()
    for row in targets:
        if row.kind == _Kind.BUILDING and row.building_id:
            buildings.add(row.building_id)
        elif row.kind == _Kind.ORGANIZATION and row.organization_id:
            organizations.add(row.organization_id)
        elif row.kind == _Kind.POST and row.area_id:
            posts.add((row.post_kind, row.area_id))
        elif row.kind == _Kind.POST and row.building_id:
            heads.add((row.post_kind, row.building_id))
        elif row.area_id:
            areas.add(row.area_id)
    return Audience(
        frozenset(areas), frozenset(buildings), frozenset(posts), frozenset(organizations), frozenset(heads)
    )


def target_rows(announcement_id: int, audience: Audience) -> list[AnnouncementTarget]:
    def row(kind: str, **to: object) -> AnnouncementTarget:
        return AnnouncementTarget(announcement_id=announcement_id, kind=kind, **to)

    return [
        *(row(_Kind.AREA, area_id=pk) for pk in sorted(audience.areas)),
        *(row(_Kind.BUILDING, building_id=pk) for pk in sorted(audience.buildings)),
        *(row(_Kind.POST, post_kind=kind, area_id=pk) for kind, pk in sorted(audience.posts)),
        *(row(_Kind.POST, post_kind=kind, building_id=pk) for kind, pk in sorted(audience.heads)),
        *(row(_Kind.ORGANIZATION, organization_id=pk) for pk in sorted(audience.organizations)),
    ]


def check_scope(audience: Audience, organization: OrganizationRef) -> None:
    """An office speaks to its own place and what lies in it, to nobody else; raises ``Invalid``."""
    if not audience:
        raise Invalid("nobody_addressed", _("请选发给哪里或哪些岗位。"), fields={"areas": [_("请至少选一处。")]})
    places = territory()
    own = places.areas[organization.area_id]
    known = places.organizations
    inside = all(within(places.areas.get(pk), own) for pk in {*audience.areas, *(pk for _kind, pk in audience.posts)})
    inside = inside and all(
        pk in known and within(places.areas.get(known[pk].area_id), own) for pk in audience.organizations
    )
    buildings = audience.buildings | {pk for _kind, pk in audience.heads}
    if inside and buildings:
        grids = Building.objects.filter(pk__in=buildings, ended_on=None).values_list("grid_id", flat=True)
        found = list(grids)
        inside = len(found) == len(buildings) and all(within(places.areas.get(pk), own) for pk in found)
    if not inside:
        words = _("只能发给{place}范围内的地方和岗位。").format(place=own.name)
        raise Invalid("outside_own_place", words, fields={"areas": [words]})


def grids_within(area_ids: Collection[int], places: Territory) -> set[int]:
    above = [places.areas[pk] for pk in area_ids if pk in places.areas]
    return {area.id for area in places.at_level("grid") if any(within(area, each) for each in above)}


def recipients(audience: Audience, on_buildings: Collection[int]) -> dict[int, Holder]:
    """Members of staff and heads addressed today, by membership id. ``on_buildings``: the grids of the buildings."""
    places = territory()
    found: dict[int, Holder] = {}

    def add(organization_id: int, kinds: Collection[str] | None) -> None:
        for holder in places.serving(organization_id):
            if kinds is None or holder.kind in kinds:
                found.setdefault(holder.membership_id, holder)

    for grid_id in sorted(grids_within(audience.areas, places) | set(on_buildings)):
        if grid_id in places.own:
            add(places.own[grid_id], ON_THE_GROUND)
    wanted = [(kind, places.areas[pk]) for kind, pk in audience.posts if pk in places.areas]
    for row in places.organizations.values() if wanted else ():
        area = places.areas.get(row.area_id)
        kinds = {kind for kind, above in wanted if within(area, above)}
        if kinds:
            add(row.id, kinds)
    for organization_id in sorted(audience.organizations):
        add(organization_id, None)
    for head in heads_of(audience):
        found.setdefault(head.membership_id, head)
    return found


def heads_of(audience: Audience) -> list[Head]:
    """Heads addressed today: of the buildings, of all buildings of the areas, and by their kind. At most two
    statements, none in a district without heads."""
    if not heads().of_building:
        return []
    places = territory()

    def inside(area_ids: Iterable[int]) -> set[int]:
        rows = Building.objects.filter(grid_id__in=grids_within(list(area_ids), places), ended_on=None)
        return set(rows.values_list("pk", flat=True))

    found = serving(audience.buildings | inside(audience.areas)) if audience.is_public else []
    for kind in sorted(HEADS):
        areas = {pk for wanted, pk in audience.posts if wanted == kind}
        buildings = {pk for wanted, pk in audience.heads if wanted == kind}
        if areas or buildings:
            found += serving(buildings | (inside(areas) if areas else set()), {kind})
    return found


def grids_of_buildings(building_ids: Collection[int]) -> set[int]:
    if not building_ids:
        return set()
    return set(Building.objects.filter(pk__in=building_ids).values_list("grid_id", flat=True))


def staff_of(audience: Audience) -> dict[int, Holder]:
    return recipients(audience, grids_of_buildings(audience.buildings))


def reach_of(audience: Audience) -> Reach:
    """At most six statements, whatever the size."""
    counted = {"number": 0, "households": 0}
    if audience.is_public:
        in_places = Q(grid_id__in=grids_within(audience.areas, territory())) | Q(pk__in=audience.buildings)
        rows = Building.objects.filter(in_places, ended_on=None)
        counted = rows.aggregate(number=Count("pk"), households=Sum("household_count"))
    told = [holder.kind in HEADS for holder in staff_of(audience).values()]
    return Reach(counted["number"], counted["households"] or 0, len(told) - sum(told), sum(told))
