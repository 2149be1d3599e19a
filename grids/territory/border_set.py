"""The borders of all grids of a community judged together: within it, no overlap, no gap, no building left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import Point

from grids.actions.borders import parent_problem
from grids.bands import bands, kind_of, state_of
from grids.geometry import border_problem, overlap_notes, parts_of, polygon
from grids.models import Area, AreaBorder, Building

KINDS = Area.GridKind


@dataclass(frozen=True)
class JudgedSet:
    """``problems`` refuse; ``apart``: ids of grids in several pieces, each needs a reason (S3-20); ``moves``: buildings
    that lie in another grid than they are registered in, with that grid; ``warnings`` refuse nothing."""

    problems: tuple[str, ...]
    apart: tuple[int, ...]
    moves: tuple[tuple[Building, Area], ...]
    warnings: tuple[str, ...]


def grids_of(community: Area) -> list[Area]:
    """The grids that together cover the community: 微网格 lie within others and are no part of it."""
    rows = Area.objects.filter(parent=community, level="grid", ended_on=None).exclude(grid_kind=KINDS.MICRO)
    return list(rows.order_by("path"))


def set_stamp(community: Area) -> str:
    """Tells whether the borders are still those somebody began from."""
    rows = AreaBorder.objects.filter(area__parent=community, area__ended_on=None).order_by("area_id")
    kept = json.dumps([[row.area_id, row.geometry] for row in rows])
    return hashlib.sha256(kept.encode()).hexdigest()[:16]


def judge_set(community: Area, borders: Mapping[int, Any], *, move_buildings: bool = False) -> JudgedSet:
    """``borders``: grid id → border; every grid of the community has one. Four statements.

    With ``move_buildings`` a building that lies in another grid is moved there, else it is a problem.
    """
    grids = grids_of(community)
    names = {row.pk: row.name for row in grids}
    problems = []
    for grid in grids:
        wrong = border_problem(borders.get(grid.pk)) if borders.get(grid.pk) else _("还没有边界")
        if wrong:
            problems.append(_("“{name}”：{problem}。").format(name=grid.name, problem=wrong))
    strangers = sorted(set(borders) - set(names))
    if strangers:
        problems.append(_("有不属于“{name}”的网格。").format(name=community.name))
    if problems:
        return JudgedSet(tuple(problems), (), (), ())
    drawn = {grid.pk: polygon(borders[grid.pk]) for grid in grids}
    above = AreaBorder.objects.filter(area=community).first()
    outer = polygon(above.geometry) if above is not None else None
    warnings = []
    if above is None:
        warnings.append(_("社区还没有边界，没法核对网格有没有超出、有没有漏掉的地方。"))
    else:
        for grid in grids:
            outside = parent_problem(borders[grid.pk], above.geometry, community.name)
            problems += [_("“{name}”：{problem}。").format(name=grid.name, problem=outside)] if outside else []
    problems += overlap_notes({names[pk]: shape for pk, shape in drawn.items()}, outer, community.name)
    moves, lost = _misplaced(grids, drawn)
    if lost:
        problems.append(_("这些楼栋不在任何网格里：{names}。").format(names=_listed([row.name for row in lost])))
    if moves and not move_buildings:
        told = [_("{building}在“{grid}”").format(building=row.name, grid=grid.name) for row, grid in moves]
        problems.append(
            _("这些楼栋登记的网格和位置不一样：{names}。要让楼栋跟着边界走，请勾选。").format(names=_listed(told))
        )
    apart = tuple(grid.pk for grid in grids if parts_of(borders[grid.pk]) > 1)
    return JudgedSet(tuple(problems), apart, tuple(moves), (*warnings, *_band_warnings(grids, moves)))


def _misplaced(grids: list[Area], drawn: Mapping[int, Any]) -> tuple[list[tuple[Building, Area]], list[Building]]:
    """Buildings that lie in another grid than their own, and those that lie in none. Without a point: as registered."""
    by_id = {grid.pk: grid for grid in grids}
    shapes = list(drawn.values())
    shapely.prepare(shapes)
    tree, ids = shapely.STRtree(shapes), list(drawn)
    moves, lost = [], []
    rows = Building.objects.filter(grid__in=by_id, ended_on=None, lng__isnull=False, lat__isnull=False)
    for row in rows.order_by("name", "pk"):
        assert row.lng is not None and row.lat is not None  # noqa: PT018
        hits = {ids[int(hit)] for hit in tree.query(Point(row.lng, row.lat), predicate="intersects")}
        if not hits:
            lost.append(row)
        elif row.grid_id not in hits:
            moves.append((row, by_id[min(hits)]))
    return moves, lost


def _band_warnings(grids: list[Area], moves: list[tuple[Building, Area]]) -> list[str]:
    known, counts = bands(), {grid.pk: grid.household_count for grid in grids}
    for row, grid in moves:
        counts[row.grid_id] -= row.household_count
        counts[grid.pk] += row.household_count
    found = []
    for grid in grids:
        band = known[kind_of(grid)]
        state = state_of(max(0, counts[grid.pk]), band)
        if state == "large":
            words = _("“{name}”有 {count} 户，多于 {limit} 户。")
            found.append(words.format(name=grid.name, count=counts[grid.pk], limit=band.maximum))
        elif state == "small":
            words = _("“{name}”有 {count} 户，少于 {limit} 户。")
            found.append(words.format(name=grid.name, count=counts[grid.pk], limit=band.minimum))
    return found


def _listed(names: list[str]) -> str:
    more = _("等 {count} 个").format(count=len(names)) if len(names) > 8 else ""
    return "、".join(names[:8]) + more
