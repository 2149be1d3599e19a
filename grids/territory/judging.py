"""What speaks against a change, said before it is proposed and judged again when it is approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from grids.bands import bands, kind_of, state_of
from grids.geometry import parts_of, polygon
from grids.models import Area, AreaBorder, Building
from grids.territory.shapes import merged, split_by_points

NEAR = 0.00005
"""Degrees, some five metres: grids this close are neighbours, since lines are drawn by hand."""


@dataclass(frozen=True)
class Piece:
    """One grid as it would be: its name, its buildings, its border (None where there is none)."""

    name: str
    buildings: tuple[Building, ...]
    geometry: dict[str, Any] | None

    @property
    def households(self) -> int:
        return sum(row.household_count for row in self.buildings)


@dataclass(frozen=True)
class Judged:
    """``problems`` refuse; ``apart`` names the pieces that are not contiguous and ask for a reason (S3-20);
    ``warnings`` are told and refuse nothing."""

    pieces: tuple[Piece, ...]
    problems: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def buildings_of(grid: Area) -> list[Building]:
    return list(Building.objects.filter(grid=grid, ended_on=None).order_by("name", "pk"))


def neighbours_of(grid: Area) -> list[Area]:
    """The other grids of the community, the nearest first; those without a border last. Two statements."""
    near = list(
        Area.objects.filter(parent_id=grid.parent_id, level="grid", ended_on=None).exclude(pk=grid.pk).order_by("path")
    )
    borders = dict(AreaBorder.objects.filter(area__in=[grid, *near]).values_list("area_id", "geometry"))
    if grid.pk not in borders:
        return near
    own = polygon(borders[grid.pk])
    far = {row.pk: polygon(borders[row.pk]).distance(own) if row.pk in borders else 1e9 for row in near}
    return sorted(near, key=lambda row: (round(far[row.pk] / NEAR), row.path))


def judge_split(grid: Area, names: Sequence[str], choice: Mapping[int, int]) -> Judged:
    """``names`` of the parts, the first keeps the grid; ``choice``: building id → number of its part, from 0.

    Every building of the grid goes into exactly one part, else the problem lists those left out (S1-09b).
    Three statements.
    """
    buildings, problems = buildings_of(grid), []
    left = [row.name for row in buildings if choice.get(row.pk) not in range(len(names))]
    if left:
        problems.append(_("这些楼栋还没有分到哪一片：{names}。").format(names=_listed(left)))
    groups = [tuple(row for row in buildings if choice.get(row.pk) == number) for number in range(len(names))]
    empty = [name for name, group in zip(names, groups, strict=True) if not group]
    if empty:
        problems.append(_("这些网格一栋楼也没有：{names}。").format(names=_listed(empty)))
    border = AreaBorder.objects.filter(area=grid).first()
    shapes: dict[int, dict[str, Any] | None] = {}
    if border is not None and not problems:
        shapes = split_by_points(border.geometry, {n: _points(group) for n, group in enumerate(groups)})
    pieces = [Piece(name, group, shapes.get(n)) for n, (name, group) in enumerate(zip(names, groups, strict=True))]
    warnings = _band_warnings(grid, pieces) if not problems else []
    if border is None:
        warnings.append(_("这个网格还没有边界：拆分后各片也没有，请区管理员补画。"))
    elif not problems and any(piece.geometry is None for piece in pieces):
        nowhere = [piece.name for piece in pieces if piece.geometry is None]
        warnings.append(_("这些网格的楼栋没有位置，算不出边界：{names}。").format(names=_listed(nowhere)))
    return Judged(tuple(pieces), tuple(problems), _apart(pieces), tuple(warnings))


def judge_merge(grid: Area, target: Area) -> Judged:
    """``grid`` goes into ``target``, which must lie beside it in the same community. Four statements."""
    problems = []
    if target.pk == grid.pk:
        problems.append(_("请选另一个网格。"))
    elif target.community_id != grid.community_id or target.level != "grid" or target.ended_on is not None:
        problems.append(_("只能并入同一社区里在用的网格。"))
    borders = dict(AreaBorder.objects.filter(area__in=[grid.pk, target.pk]).values_list("area_id", "geometry"))
    taken = sorted({row.name for row in buildings_of(grid)} & {row.name for row in buildings_of(target)})
    if taken and not problems:
        problems.append(_("两个网格里有同名的楼栋，请先由区管理员改名：{names}。").format(names=_listed(taken)))
    whole = merged(list(borders.values())) if len(borders) == 2 else borders.get(target.pk)
    both = (*buildings_of(target), *buildings_of(grid)) if not problems else ()
    piece = Piece(target.name, tuple(both), whole)
    warnings = _band_warnings(target, [piece]) if not problems else []
    if len(borders) < 2:
        warnings.append(_("两个网格没有都画边界，没法核对是不是相邻；合并后请区管理员核对边界。"))
    apart = () if problems else _apart([piece])
    if len(borders) == 2 and polygon(borders[grid.pk]).distance(polygon(borders[target.pk])) > NEAR:
        apart = (target.name,)
    return Judged((piece,), tuple(problems), apart, tuple(warnings))


def _points(buildings: Sequence[Building]) -> list[tuple[float, float]]:
    return [(row.lng, row.lat) for row in buildings if row.lng is not None and row.lat is not None]


def _apart(pieces: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(piece.name for piece in pieces if piece.geometry is not None and parts_of(piece.geometry) > 1)


def _band_warnings(grid: Area, pieces: Sequence[Piece]) -> list[str]:
    band = bands()[kind_of(grid)]
    words = {
        "large": _("“{name}”会有 {count} 户，多于 {limit} 户。"),
        "small": _("“{name}”会有 {count} 户，少于 {limit} 户。"),
        "unknown": _("“{name}”的楼栋没有登记户数。"),
    }
    found = []
    for piece in pieces:
        state = state_of(piece.households, band)
        if state:
            limit = band.maximum if state == "large" else band.minimum
            found.append(words[state].format(name=piece.name, count=piece.households, limit=limit))
    return found


def _listed(names: Sequence[str]) -> str:
    more = _("等 {count} 个").format(count=len(names)) if len(names) > 8 else ""
    return "、".join(names[:8]) + more
