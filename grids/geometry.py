"""Judging borders: valid, within the parent, against their neighbours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from shapely import make_valid
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union
from shapely.validation import explain_validity

TOLERANCE = 0.01
"""Share of an area that may lie outside its parent, or over a neighbour: lines are drawn by hand."""
MAX_POINTS = 20_000


def border_problem(geometry: Any) -> str:
    """Why this is no border; empty where it is one."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return str(_("边界应当是 Polygon 或 MultiPolygon"))
    # Counted before anything is built of it: building is what a hostile file would make us do.
    points = _points(geometry.get("coordinates"))
    if points is None:
        return str(_("边界的坐标读不出来"))
    if points > MAX_POINTS:
        return str(_("边界的点太多，最多 {limit} 个").format(limit=MAX_POINTS))
    try:
        drawn = shape(geometry)
        if drawn.is_empty:
            return str(_("边界是空的"))
        west, south, east, north = drawn.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            return str(_("坐标应为 WGS-84 的经度、纬度"))
        if not drawn.is_valid:
            return str(_("边界自相交或没有闭合（{why}）").format(why=explain_validity(drawn)[:60]))
    except (GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return str(_("边界的坐标读不出来"))
    return ""


def _points(coordinates: Any) -> int | None:
    """How many points are written there; None where lists lie deeper in each other than those of a MultiPolygon."""
    level, points = [coordinates], 0
    for _depth in range(4):
        level = [each for found in level if isinstance(found, list | tuple) for each in found]
        points += sum(1 for each in level if _is_point(each))
        level = [each for each in level if not _is_point(each)]
    return None if any(isinstance(each, list | tuple) for each in level) else points


def _is_point(found: Any) -> bool:
    return isinstance(found, list | tuple) and bool(found) and isinstance(found[0], int | float)


def _parts(drawn: Any) -> list[Any]:
    return list(drawn.geoms) if hasattr(drawn, "geoms") else [drawn]


def polygon(geometry: Any) -> BaseGeometry:
    return make_valid(shape(geometry))


def outside_share(inner: BaseGeometry, outer: BaseGeometry) -> float:
    """Share of ``inner`` that lies outside ``outer``."""
    return float(inner.difference(outer).area / inner.area) if inner.area else 0.0


def overlap_notes(siblings: Mapping[str, BaseGeometry], parent: BaseGeometry | None, name: str) -> list[str]:
    """What neighbours of one parent have in common and what of the parent nobody covers."""
    notes = []
    rows = sorted(siblings.items())
    for place, (code, drawn) in enumerate(rows):
        for other_code, other in rows[place + 1 :]:
            if not drawn.intersects(other):
                continue
            share = drawn.intersection(other).area / min(drawn.area, other.area)
            if share > TOLERANCE:
                notes.append(
                    _("边界重叠：{one} 与 {other}，约占较小者的 {share:.0%}。").format(
                        one=code, other=other_code, share=share
                    )
                )
    if parent is not None and parent.area:
        gap = parent.difference(unary_union([drawn for _code, drawn in rows])).area / parent.area
        if gap > TOLERANCE:
            notes.append(_("“{name}”约有 {gap:.0%} 的面积不在任何下级边界内。").format(name=name, gap=gap))
    return notes


def read_border(text: str, code: str) -> dict[str, Any]:
    """The geometry in what somebody uploads or pastes: a geometry, a feature, or a collection that holds one feature
    or one of this area's ``code``. Raises ``ValueError`` with the sentence; ``border_problem`` judges what is drawn.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(_("这不是 GeoJSON：文字读不出来。")) from None
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        features = found.get("features")
        features = [row for row in features if isinstance(row, dict)] if isinstance(features, list) else []
        named = [row for row in features if str((row.get("properties") or {}).get("code", "")) == code]
        if len(features) != 1 and len(named) != 1:
            raise ValueError(
                _("文件里有 {count} 个要素，其中代码为 {code} 的有 {named} 个，不知道用哪一个。").format(
                    count=len(features), code=code, named=len(named)
                )
            )
        found = named[0] if named else features[0]
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry")
    problem = border_problem(found)
    if problem:
        raise ValueError(f"{problem}。")
    return {"type": found["type"], "coordinates": found["coordinates"]}


def parts_of(geometry: Any) -> int:
    """Of how many pieces a border consists."""
    return len(_parts(unary_union(polygon(geometry))))
