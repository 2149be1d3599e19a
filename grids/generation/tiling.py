"""Borders that tile: hexagons on shared, displaced corners, put together to communities, streets and a district. Pure.

Cells share their corners by integer keys, so neighbours have exactly the same points and no gap or overlap can arise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import atan2, cos, hypot, pi, radians, sin
from random import Random

Cell = tuple[int, int]  # column and row; odd rows are shifted by half a column
Corner = tuple[int, int]  # in units of half a hexagon's width and half its side
Ring = list[list[float]]

SIDE = 0.0018  # degrees of latitude: about 200 m, which makes a grid of about 0.1 km²
_DISPLACEMENT = 0.22  # of the side; up to 0.25 the hexagons stay simple
_CORNERS = ((0, 2), (-1, 1), (-1, -1), (0, -2), (1, -1), (1, 1))  # counter-clockwise


def _middle(cell: Cell) -> Corner:
    column, row = cell
    return 2 * column + (row & 1), 3 * row


def neighbours(cell: Cell) -> list[Cell]:
    column, row = cell
    shift = row & 1
    return [
        (column - 1, row), (column + 1, row),
        (column - 1 + shift, row - 1), (column + shift, row - 1),
        (column - 1 + shift, row + 1), (column + shift, row + 1),
    ]  # fmt: skip


def is_connected(cells: Iterable[Cell]) -> bool:
    left = set(cells)
    if not left:
        return False
    edge = [left.pop()]
    while edge:
        for near in neighbours(edge.pop()):
            if near in left:
                left.remove(near)
                edge.append(near)
    return not left


def blob(count: int, rng: Random) -> list[Cell]:
    """``count`` connected cells without holes that look like a district: a circle with a few bays."""
    waves = [(turns, rng.uniform(0, 2 * pi), rng.uniform(0.02, 0.06)) for turns in (2, 3, 5)]
    span = int(count**0.5) + 3

    def far(cell: Cell) -> float:
        x, y = _plane(*_middle(cell))
        angle = atan2(y, x)
        return hypot(x, y) / (1 + sum(depth * sin(turns * angle + phase) for turns, phase, depth in waves))

    field = [(column, row) for row in range(-span, span + 1) for column in range(-span, span + 1)]
    return sorted(sorted(field, key=far)[:count])


def _plane(x: float, y: float) -> tuple[float, float]:
    """From corner units to a plane in which a hexagon's side is 1."""
    return x * cos(pi / 6), y / 2


def divide(cells: Sequence[Cell], sizes: Sequence[int]) -> list[list[Cell]]:
    """Connected parts of the given sizes, by cutting in two again and again, across the longer side first."""
    if len(sizes) == 1:
        return [list(cells)]
    half = len(sizes) // 2
    first, second = _cut(cells, sum(sizes[:half]))
    return divide(first, sizes[:half]) + divide(second, sizes[half:])


def _cut(cells: Sequence[Cell], count: int) -> tuple[list[Cell], list[Cell]]:
    points = {cell: _plane(*_middle(cell)) for cell in cells}
    wide = max(x for x, _ in points.values()) - min(x for x, _ in points.values())
    high = max(y for _, y in points.values()) - min(y for _, y in points.values())
    turned = 90 if high > wide else 0
    best: tuple[list[Cell], list[Cell]] | None = None
    for angle in (14, -14, 0, 35, -35, 60, -60, 90):
        along, across = cos(radians(turned + angle)), sin(radians(turned + angle))
        order = sorted(cells, key=lambda cell: (points[cell][0] * along + points[cell][1] * across, cell))
        best = order[:count], order[count:]
        if is_connected(best[0]) and is_connected(best[1]):
            return best
    raise ValueError(f"{len(cells)} cells cannot be cut into connected parts of {count} and the rest")


class Tiling:
    """The cells' corners on the map. ``center`` is longitude and latitude."""

    def __init__(self, cells: Sequence[Cell], center: tuple[float, float], rng: Random) -> None:
        self._stretch = 1 / cos(radians(center[1]))
        self._center = center
        self._points: dict[Corner, tuple[float, float]] = {}
        for corner in sorted({corner for cell in cells for corner in _corners(cell)}):
            x, y = _plane(*corner)
            angle, distance = rng.uniform(0, 2 * pi), _DISPLACEMENT * rng.random() ** 0.5
            self._points[corner] = self._to_map(x + distance * cos(angle), y + distance * sin(angle))

    def _to_map(self, x: float, y: float) -> tuple[float, float]:
        return round(self._center[0] + x * SIDE * self._stretch, 6), round(self._center[1] + y * SIDE, 6)

    def outline(self, cells: Iterable[Cell]) -> dict[str, object]:
        """GeoJSON Polygon around connected cells: the sides that only one of them has, chained to rings."""
        sides: dict[Corner, list[Corner]] = {}
        ways = {way for cell in cells for way in _sides(cell)}
        for start, end in sorted(ways):
            if (end, start) not in ways:
                sides.setdefault(start, []).append(end)
        rings = []
        while sides:
            rings.append(self._chain(sides))
        # Outer rings run counter-clockwise, holes clockwise.
        rings.sort(key=_signed_area, reverse=True)
        return {"type": "Polygon", "coordinates": rings}

    def _chain(self, sides: dict[Corner, list[Corner]]) -> Ring:
        start = corner = next(iter(sides))
        ring = [corner]
        while True:
            following = sides[corner].pop()
            if not sides[corner]:
                del sides[corner]
            ring.append(following)
            corner = following
            if corner == start:
                return [list(self._points[at]) for at in ring]

    def spots(self, cell: Cell, count: int) -> list[tuple[float, float]]:
        """Places for ``count`` buildings inside a cell, spread evenly around its middle (a sunflower)."""
        x, y = _plane(*_middle(cell))
        found = []
        for number in range(count):
            distance, angle = 0.58 * ((number + 0.5) / count) ** 0.5, number * pi * (3 - 5**0.5)
            found.append(self._to_map(x + distance * cos(angle), y + distance * sin(angle)))
        return found


def _corners(cell: Cell) -> list[Corner]:
    x, y = _middle(cell)
    return [(x + dx, y + dy) for dx, dy in _CORNERS]


def _sides(cell: Cell) -> list[tuple[Corner, Corner]]:
    corners = _corners(cell)
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def _signed_area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
