"""The streets as shapes for a drawing on the page: simplified, projected, nothing fetched from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from shapely.geometry import shape

from governance.kernel.reference import per_district
from grids.models import AreaBorder, Level

WIDTH = 1000
_FINENESS = 250  # a corner nearer to the line than the map's width over this is left out


@dataclass(frozen=True)
class StreetShape:
    """``path`` in units of the drawing, and the place for its name."""

    area_id: int
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class StreetMap:
    width: int
    height: int
    streets: tuple[StreetShape, ...]


@per_district
def street_map() -> StreetMap | None:
    """The map of the district in scope; None where no street has a border yet."""
    rows = list(
        AreaBorder.objects.filter(area__level=Level.STREET, area__ended_on=None)
        .order_by("area_id")
        .values_list("area_id", "geometry")
    )
    if not rows:
        return None
    shapes = [shapely.make_valid(shape(geometry)) for _area_id, geometry in rows]
    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    # Degrees of longitude are shorter than those of latitude by the cosine: good enough for one district.
    narrow = cos(radians((south + north) / 2))
    scale = WIDTH / max((east - west) * narrow, 1e-9)

    def project(points: Any) -> Any:
        points = points.copy()
        points[:, 0] = (points[:, 0] - west) * narrow * scale
        points[:, 1] = (north - points[:, 1]) * scale
        return points

    drawn = [shapely.transform(each, project).simplify(WIDTH / _FINENESS) for each in shapes]
    streets = []
    for (area_id, _geometry), each in zip(rows, drawn, strict=True):
        middle = each.representative_point()
        streets.append(StreetShape(area_id, _path(each), round(middle.x), round(middle.y)))
    return StreetMap(WIDTH, max(1, round((north - south) * scale)), tuple(streets))


def _path(drawn: Any) -> str:
    polygons = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)
