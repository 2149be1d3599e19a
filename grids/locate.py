"""Where a matter lies: from a building, a written address or a point to grid, community and street."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

import shapely
from shapely.geometry import Point, shape

from governance.kernel.reference import per_district
from grids.gazetteer import Gazetteer, Mention, Place
from grids.models import AreaBorder, Building, Compound, Level
from grids.reference import AreaRef, territory

NEAR = 100.0  # metres within which the nearest building decides
_EARTH = 6_371_000.0  # metres
_METRES_PER_DEGREE = _EARTH * radians(1)


@dataclass(frozen=True, slots=True)
class Located:
    """The deepest area that is known (``area_id``, never empty) and what is above it.

    ``located_by`` says what decided: building, address, border, nearest, chosen or none.
    """

    area_id: int
    street_id: int | None
    community_id: int | None
    grid_id: int | None
    building_id: int | None
    compound_id: int | None
    located_by: str


def locate(
    *,
    building_id: int | None = None,
    address: str = "",
    point: tuple[float, float] | None = None,
    community_id: int | None = None,
) -> Located:
    """Find the place in the district in scope. ``point`` is (longitude, latitude) in WGS-84.

    In this order: the building; what the address names; the grid whose border holds the point; the grid of the nearest
    building within 100 m; the community chosen; else the district. A point inside the community or street that the
    address names makes the answer deeper. What is unknown here (an id of another district) is passed over: finding no
    place never blocks an intake. At most two statements once the district's names and borders are cached.
    """
    if building_id is not None:
        building = Building.objects.filter(pk=building_id, ended_on=None).first()
        if building is not None:
            return _at_building(building, "building")
    mention = gazetteer().find(address, chosen=community_id) if address.strip() else None
    if mention is not None:
        return _by_address(mention, point)
    if point is not None:
        grid = _grid_around(point)
        if grid is not None:
            return _at_area(grid, "border")
        nearest = _nearest_building(point)
        if nearest is not None:
            return _at_building(nearest, "nearest")
    areas = territory().areas
    chosen = areas.get(community_id) if community_id is not None else None
    if chosen is not None and chosen.level == Level.COMMUNITY:
        return _at_area(chosen, "chosen")
    return _at_area(areas[territory().district_area_id], "none")


def _by_address(mention: Mention, point: tuple[float, float] | None) -> Located:
    areas = territory().areas
    place = mention.place
    if place.kind == "compound":
        if mention.building:
            named = Building.objects.filter(compound_id=place.id, number=mention.building, ended_on=None)
            building = named.order_by("pk").first()
            if building is not None:
                return _at_building(building, "address")
        area = next(areas[pk] for pk in place.within if areas[pk].level == Level.COMMUNITY)
        compound_id: int | None = place.id
    else:
        area, compound_id = areas[place.id], None
    if point is not None and area.level != Level.GRID:
        grid = _grid_around(point)
        if grid is not None and area.id in (grid.community_id, grid.street_id):
            return _at_area(grid, "border", compound_id)
    return _at_area(area, "address", compound_id)


def _at_area(area: AreaRef, by: str, compound_id: int | None = None) -> Located:
    return Located(area.id, area.street_id, area.community_id, area.grid_id, None, compound_id, by)


def _at_building(building: Building, by: str) -> Located:
    grid = territory().areas.get(building.grid_id)
    if grid is None:  # its grid has ended and the building was not moved yet
        return _at_area(territory().areas[territory().district_area_id], "none")
    return Located(grid.id, grid.street_id, grid.community_id, grid.id, building.pk, building.compound_id, by)


@per_district
def gazetteer() -> Gazetteer:
    """Names of areas and compounds, and the compounds' addresses, of the district in scope."""
    areas = territory().areas
    names = [
        (area.name, Place(area.level, area.id, _within(area)))
        for area in areas.values()
        if area.level != Level.DISTRICT
    ]
    compounds = Compound.objects.filter(ended_on=None)
    for pk, name, address, community_id in compounds.values_list("id", "name", "address", "community_id"):
        community = areas.get(community_id)
        if community is not None:
            place = Place("compound", pk, _within(community))
            names += [(name, place), (address, place)]
    return Gazetteer(names)


def _within(area: AreaRef) -> frozenset[int]:
    return frozenset(pk for pk in (area.street_id, area.community_id, area.grid_id) if pk is not None)


@dataclass(frozen=True)
class _Borders:
    """The grids' shapes in a search tree; ``grid_ids`` in the tree's order."""

    tree: shapely.STRtree
    grid_ids: tuple[int, ...]


@per_district
def _borders() -> _Borders:
    rows = AreaBorder.objects.filter(area__level=Level.GRID, area__ended_on=None).order_by("area_id")
    pairs = list(rows.values_list("area_id", "geometry"))
    shapes = [shape(geometry) for _, geometry in pairs]
    shapely.prepare(shapes)
    return _Borders(shapely.STRtree(shapes), tuple(pk for pk, _ in pairs))


def _grid_around(point: tuple[float, float]) -> AreaRef | None:
    """The grid whose border holds the point; on a common edge the one with the lower id."""
    borders = _borders()
    hits = borders.tree.query(Point(*point), predicate="intersects")
    return territory().areas.get(borders.grid_ids[min(hits)]) if len(hits) else None


def _nearest_building(point: tuple[float, float]) -> Building | None:
    lng, lat = point
    high = NEAR / _METRES_PER_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    near = Building.objects.filter(
        ended_on=None, lng__range=(lng - wide, lng + wide), lat__range=(lat - high, lat + high)
    )
    measured = [
        (metres(point, (row.lng, row.lat)), row.pk, row) for row in near if row.lng is not None and row.lat is not None
    ]
    closest = min(measured, default=None, key=lambda item: item[:2])
    return closest[2] if closest is not None and closest[0] <= NEAR else None


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance between two (longitude, latitude) points, in metres (haversine)."""
    lng1, lat1, lng2, lat2 = map(radians, (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return 2 * _EARTH * asin(sqrt(half))
