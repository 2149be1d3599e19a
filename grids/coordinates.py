"""WGS-84 to the datums of Chinese maps and back. Inside the platform every point is WGS-84; this is the edge.

GCJ-02 is what tiles and pickers of Gaode, Tencent and the like draw by law, BD-09 is Baidu's shift of it. The formulas
are the published ones (they are not secret any more, only unofficial); the tests hold their published points.
Longitude comes first everywhere, as in GeoJSON.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, pi, sin, sqrt
from typing import Any

Point = tuple[float, float]

WGS84, GCJ02, BD09 = "wgs84", "gcj02", "bd09"
DATUMS = (WGS84, GCJ02, BD09)

_AXIS = 6_378_245.0  # metres; the ellipsoid of Krasovsky, on which the shift is defined
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = pi * 3000.0 / 180.0
_CLOSE = 1e-9  # degrees, about 0.1 mm: the inverse is searched until it is nearer than this
_DIGITS = 7  # decimals of a degree that are written, about a centimetre


def _is_abroad(point: Point) -> bool:
    lng, lat = point
    return not (72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271)


def _shift(point: Point) -> Point:
    x, y = point[0] - 105.0, point[1] - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    latitude = point[1] / 180.0 * pi
    magic = 1 - _ECCENTRICITY * sin(latitude) ** 2
    root = sqrt(magic)
    north = north * 180.0 / ((_AXIS * (1 - _ECCENTRICITY)) / (magic * root) * pi)
    east = east * 180.0 / (_AXIS / root * cos(latitude) * pi)
    return (east, north)


def wgs_to_gcj(point: Point) -> Point:
    """Abroad the two are the same."""
    if _is_abroad(point):
        return point
    east, north = _shift(point)
    return (point[0] + east, point[1] + north)


def gcj_to_wgs(point: Point) -> Point:
    """The inverse, found by iteration to less than a millimetre."""
    if _is_abroad(point):
        return point
    guess = point
    for _step in range(30):
        there = wgs_to_gcj(guess)
        wrong = (there[0] - point[0], there[1] - point[1])
        guess = (guess[0] - wrong[0], guess[1] - wrong[1])
        if max(abs(wrong[0]), abs(wrong[1])) < _CLOSE:
            break
    return guess


def gcj_to_bd(point: Point) -> Point:
    x, y = point
    far = sqrt(x * x + y * y) + 0.00002 * sin(y * _BAIDU)
    turn = atan2(y, x) + 0.000003 * cos(x * _BAIDU)
    return (far * cos(turn) + 0.0065, far * sin(turn) + 0.006)


def bd_to_gcj(point: Point) -> Point:
    x, y = point[0] - 0.0065, point[1] - 0.006
    far = sqrt(x * x + y * y) - 0.00002 * sin(y * _BAIDU)
    turn = atan2(y, x) - 0.000003 * cos(x * _BAIDU)
    return (far * cos(turn), far * sin(turn))


_OUT: dict[str, Callable[[Point], Point]] = {GCJ02: wgs_to_gcj, BD09: lambda point: gcj_to_bd(wgs_to_gcj(point))}
_IN: dict[str, Callable[[Point], Point]] = {GCJ02: gcj_to_wgs, BD09: lambda point: gcj_to_wgs(bd_to_gcj(point))}


def from_wgs(point: Point, datum: str) -> Point:
    """A point of ours as a map of ``datum`` draws it. Raises ``KeyError`` for a datum that is none of ``DATUMS``."""
    return point if datum == WGS84 else _rounded(_OUT[datum](point))


def to_wgs(point: Point, datum: str) -> Point:
    """What somebody read off a map of ``datum``, as we keep it."""
    return point if datum == WGS84 else _rounded(_IN[datum](point))


def geometry_from_wgs(geometry: dict[str, Any], datum: str) -> dict[str, Any]:
    return geometry if datum == WGS84 else {**geometry, "coordinates": _each(geometry["coordinates"], _OUT[datum])}


def geometry_to_wgs(geometry: dict[str, Any], datum: str) -> dict[str, Any]:
    """``geometry`` must have passed ``geometry.border_problem`` or be a point."""
    return geometry if datum == WGS84 else {**geometry, "coordinates": _each(geometry["coordinates"], _IN[datum])}


def _each(coordinates: Any, convert: Callable[[Point], Point]) -> Any:
    if coordinates and isinstance(coordinates[0], int | float):
        return list(_rounded(convert((coordinates[0], coordinates[1]))))
    return [_each(inner, convert) for inner in coordinates]


def _rounded(point: Point) -> Point:
    return (round(point[0], _DIGITS), round(point[1], _DIGITS))
