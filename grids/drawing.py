"""Borders as shapes for a drawing on the page: simplified, projected, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from shapely.geometry import shape

WIDTH = 1000
TALLEST = 760
"""A land that is higher than wide is drawn narrower, so that it still fits a screen and its names stay legible."""
_FINENESS = 250  # a corner nearer to the line than the map's width over this is left out


@dataclass(frozen=True)
class Drawn:
    """``path`` in units of the drawing, and a place within for the name."""

    key: int
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    shapes: tuple[Drawn, ...]


def draw(rows: Sequence[tuple[int, Any]], *, fineness: int = _FINENESS) -> Drawing | None:
    """GeoJSON polygons in WGS-84, each with a key, as one drawing; None where there are none."""
    if not rows:
        return None
    shapes = [shapely.make_valid(shape(geometry)) for _key, geometry in rows]
    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    # Degrees of longitude are shorter than those of latitude by the cosine: good enough for one district.
    narrow = cos(radians((south + north) / 2))
    scale = min(WIDTH / max((east - west) * narrow, 1e-9), TALLEST / max(north - south, 1e-9))

    def project(points: Any) -> Any:
        points = points.copy()
        points[:, 0] = (points[:, 0] - west) * narrow * scale
        points[:, 1] = (north - points[:, 1]) * scale
        return points

    drawn = []
    for (key, _geometry), each in zip(rows, shapes, strict=True):
        flat = shapely.transform(each, project).simplify(WIDTH / fineness)
        middle = flat.representative_point()
        drawn.append(Drawn(key, _path(flat), round(middle.x), round(middle.y)))
    width = max(1, round((east - west) * narrow * scale))
    return Drawing(width, max(1, round((north - south) * scale)), tuple(drawn))


def _path(drawn: Any) -> str:
    polygons = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)
