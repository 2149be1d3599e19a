"""What maps are drawn from: borders, compounds and buildings of the district as GeoJSON, nothing fetched from anywhere.

Who answers where is no secret inside a district: every member of staff may draw this. Tickets on maps are the layer's
above, which knows who may see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.db.models import Avg, Count
from shapely.geometry import mapping, shape

from governance.kernel.reference import per_district
from grids.coordinates import WGS84, from_wgs, geometry_from_wgs, to_wgs
from grids.models import AreaBorder, Building
from grids.reference import AreaRef, territory

FINENESS = 0.000005
"""Degrees, about half a metre: corners nearer to the line are left out of what is sent."""
MOST_PLACES = 2_000
"""Buildings of one answer; a screen that holds more is too far away to tell them apart."""


@dataclass(frozen=True)
class Bounds:
    """What a screen shows, in degrees of WGS-84."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, text: str, datum: str = WGS84) -> Bounds | None:
        """``west,south,east,north`` as Leaflet writes it, in the datum of the map; None where it is none."""
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            return None
        # Maps can be dragged around the world; what is compared must be a number of this one.
        if not (-720 <= west < east <= 720 and -90 <= south < north <= 90):
            return None
        (west, south), (east, north) = to_wgs((west, south), datum), to_wgs((east, north), datum)
        return cls(west, south, east, north)


def collection(features: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features, **more}


def feature(geometry: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(lng: float, lat: float, datum: str) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(from_wgs((lng, lat), datum))}


@per_district
def shapes() -> Mapping[int, dict[str, Any]]:
    """Area id → its border as it is sent: corners that no screen can show are left out."""
    rows = AreaBorder.objects.filter(area__ended_on=None).values_list("area_id", "geometry")
    return {pk: _slim(geometry) for pk, geometry in rows}


def _slim(geometry: dict[str, Any]) -> dict[str, Any]:
    drawn = shapely.set_precision(shape(geometry).simplify(FINENESS), 1e-7)
    kept = geometry if drawn.is_empty or drawn.geom_type not in ("Polygon", "MultiPolygon") else mapping(drawn)
    return {"type": kept["type"], "coordinates": kept["coordinates"]}


def area_features(areas: Iterable[AreaRef], *, own: int | None = None, datum: str = WGS84) -> dict[str, Any]:
    """Borders of these areas; those without one are missing. ``own``: drawn as the frame around the others."""
    known = shapes()
    return collection([
        feature(
            geometry_from_wgs(known[area.id], datum), id=area.id, name=area.name, level=area.level, code=area.code,
            is_frame=area.id == own,
        )
        for area in areas if area.id in known
    ])  # fmt: skip


def areas_within(area_id: int) -> list[AreaRef]:
    """An area and what lies directly in it; a grid among its neighbours. Empty where there is no such area."""
    places = territory()
    area = places.areas.get(area_id)
    if area is None:
        return []
    if area.level == "grid" and area.parent_id is not None:
        return [area, *(near for near in places.children(area.parent_id) if near.id != area.id)]
    return [area, *places.children(area.id)]


def place_features(bounds: Bounds, *, datum: str = WGS84) -> dict[str, Any]:
    """Buildings that stand within the bounds, and the compounds they make up, each at the middle of its buildings.

    Two statements. ``is_partial``: there are more buildings than one answer holds.
    """
    rows = Building.objects.filter(
        ended_on=None, lng__range=(bounds.west, bounds.east), lat__range=(bounds.south, bounds.north)
    )
    buildings = list(
        rows.order_by("pk").values_list("id", "name", "number", "grid_id", "household_count", "lng", "lat")
        [: MOST_PLACES + 1]
    )  # fmt: skip
    middles = rows.filter(compound__ended_on=None, compound__isnull=False).values_list("compound_id", "compound__name")
    features = [
        feature(point(lng, lat, datum), kind="building", id=pk, name=name, number=number, grid=grid, households=count)
        for pk, name, number, grid, count, lng, lat in buildings[:MOST_PLACES]
    ]
    features += [
        feature(point(lng, lat, datum), kind="compound", id=pk, name=name, buildings=count)
        for pk, name, lng, lat, count in middles.annotate(Avg("lng"), Avg("lat"), Count("pk")).order_by("compound_id")
    ]
    return collection(features, is_partial=len(buildings) > MOST_PLACES)
