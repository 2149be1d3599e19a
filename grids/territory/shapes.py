"""Borders of a split and a merge, computed from the buildings: parts that share every line, so no gap, no overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import MultiPoint, Point, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from grids.geometry import polygon

_GRID = 1e-7  # degrees, a centimetre: what a hand cannot draw


def _written(drawn: BaseGeometry) -> dict[str, Any] | None:
    """As GeoJSON; what is no surface (a line two shapes share) falls away."""
    parts = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        return None
    found = mapping(unary_union(parts))
    return {"type": found["type"], "coordinates": found["coordinates"]}


def merged(borders: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """One border around all; None of none."""
    return _written(unary_union([polygon(each) for each in borders])) if borders else None


def split_by_points(
    border: dict[str, Any], points: Mapping[int, Sequence[tuple[float, float]]]
) -> dict[int, dict[str, Any] | None]:
    """Cut a border so that each piece of land belongs to the part of the building nearest to it.

    ``points``: part → (longitude, latitude) of its buildings. A part without points, or only with points that another
    part has too, gets None. Together the others are exactly the border.
    """
    owner: dict[tuple[float, float], int] = {}
    for part, places in points.items():
        for place in places:
            owner.setdefault((round(place[0], 7), round(place[1], 7)), part)
    whole = polygon(border)
    parts_with_points = set(owner.values())
    found: dict[int, dict[str, Any] | None] = dict.fromkeys(points)
    if len(parts_with_points) < 2:
        for part in parts_with_points:
            found[part] = _written(whole)
        return found
    cells = shapely.voronoi_polygons(MultiPoint(list(owner)), extend_to=whole.envelope.buffer(0.01))
    tree = shapely.STRtree(list(shapely.get_parts(cells)))
    shapes = list(shapely.get_parts(cells))
    gathered: dict[int, list[BaseGeometry]] = {part: [] for part in parts_with_points}
    for place, part in owner.items():
        hit = tree.query(Point(place), predicate="intersects")
        gathered[part].append(shapes[int(hit[0])])
    rest = whole
    last = max(parts_with_points)
    for part in sorted(parts_with_points):
        drawn = rest if part == last else rest.intersection(unary_union(gathered[part]))
        found[part] = _written(shapely.set_precision(drawn, _GRID))
        rest = rest.difference(drawn)
    return found
