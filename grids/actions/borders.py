"""Borders one by one: judged against parent, neighbours and what lies inside, before and while they are saved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.geometry import TOLERANCE, border_problem, outside_share, parts_of, polygon
from grids.models import Area, AreaBorder


@dataclass(frozen=True)
class Judged:
    """``problems`` refuse the border; ``warnings`` do not. ``parts``: of how many pieces it consists."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    parts: int


def border_stamp(area: Area) -> str:
    """Tells whether a border is still the one somebody looked at."""
    row = AreaBorder.objects.filter(area=area).first()
    return "none" if row is None else hashlib.sha256(json.dumps(row.geometry).encode()).hexdigest()[:16]


def parent_problem(inner: Any, outer: Any, code: str) -> str:
    """Why a border does not lie inside its parent's; empty where it does, but for what a hand draws."""
    share = outside_share(polygon(inner), polygon(outer))
    return _("有 {share:.0%} 在上级区域 {code} 之外").format(share=share, code=code) if share > TOLERANCE else ""


def judge_border(area: Area, geometry: Any) -> Judged:
    """What speaks against a border of ``area``, and what the administrator should know. Two statements."""
    problem = border_problem(geometry)
    if problem:
        return Judged((f"{problem}。",), (), 0)
    drawn = polygon(geometry)
    near = AreaBorder.objects.filter(area__ended_on=None, area__parent_id=area.parent_id).exclude(area=area)
    siblings = {row.area.name: polygon(row.geometry) for row in near.select_related("area")}
    problems, warnings = [], []
    above = AreaBorder.objects.filter(area_id=area.parent_id).select_related("area").first()
    if above is not None:
        outside = parent_problem(geometry, above.geometry, above.area.name)
        problems += [f"{outside}。"] if outside else []
    else:
        warnings.append(_("上级区域还没有边界，没法核对是否在它里面。"))
    problems += _overlaps(drawn, siblings)
    if above is not None:
        warnings += _gap(polygon(above.geometry), [drawn, *siblings.values()], above.area.name)
    inside = AreaBorder.objects.filter(area__ended_on=None, area__parent=area).select_related("area")
    outside_now = [row.area.name for row in inside if outside_share(polygon(row.geometry), drawn) > TOLERANCE]
    if outside_now:
        warnings.append(_("这些下级区域会超出新边界：{names}。").format(names="、".join(outside_now[:10])))
    return Judged(tuple(problems), tuple(warnings), parts_of(geometry))


def _overlaps(drawn: BaseGeometry, siblings: dict[str, BaseGeometry]) -> list[str]:
    found = []
    for name, other in siblings.items():
        smaller = min(drawn.area, other.area)
        share = drawn.intersection(other).area / smaller if smaller else 0.0
        if share > TOLERANCE:
            found.append(_("和“{name}”重叠，约占较小者的 {share:.0%}。").format(name=name, share=share))
    return found


def _gap(parent: BaseGeometry, drawn: list[BaseGeometry], name: str) -> list[str]:
    gap = parent.difference(unary_union(drawn)).area / parent.area if parent.area else 0.0
    if gap <= TOLERANCE:
        return []
    return [_("“{name}”还有约 {gap:.0%} 的面积不在任何下级边界内。").format(name=name, gap=gap)]


@transaction.atomic
def save_border(area: Area, *, geometry: Any, split_reason: str = "", stamp: str = "", actor: Actor) -> AreaBorder:
    """Draw an area's border, or draw it anew; a wrong one changes nothing.

    One of several pieces needs a reason (网格应当连片). Raises ``NotAllowed``, ``Invalid`` (``wrong_border``,
    ``split_reason_missing``) and ``DomainError``: ``area_ended``, ``changed_meanwhile``.
    """
    require_administrator(actor)
    # Neighbours are drawn one after another, so that two cannot overlap by being saved at once.
    if area.parent_id is not None:
        Area.objects.select_for_update().get(pk=area.parent_id)
    found = Area.objects.select_for_update().get(pk=area.pk)
    _require_seen(found, stamp)
    judged = judge_border(found, geometry)
    if judged.problems:
        raise Invalid("wrong_border", " ".join(judged.problems), fields={"text": list(judged.problems)})
    reason = split_reason.strip() if judged.parts > 1 else ""
    if judged.parts > 1 and not reason:
        words = _("边界不连片，分成 {count} 块，请写明原因。").format(count=judged.parts)
        raise Invalid("split_reason_missing", words, fields={"split_reason": [words]})
    kept = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
    row, is_new = AreaBorder.objects.update_or_create(area=found, defaults={"geometry": kept, "split_reason": reason})
    _told("border.create" if is_new else "border.replace", found, actor, parts=judged.parts)
    return row


@transaction.atomic
def remove_border(area: Area, *, stamp: str = "", actor: Actor) -> None:
    """Take a border away: points there are then found by buildings alone.

    Raises ``NotAllowed`` and ``DomainError``: ``area_ended``, ``changed_meanwhile``, ``no_border``.
    """
    require_administrator(actor)
    found = Area.objects.select_for_update().get(pk=area.pk)
    _require_seen(found, stamp)
    deleted, _each = AreaBorder.objects.filter(area=found).delete()
    if not deleted:
        raise DomainError("no_border", _("这个区域没有边界。"))
    _told("border.remove", found, actor)


def _require_seen(area: Area, stamp: str) -> None:
    if area.ended_on is not None:
        raise DomainError("area_ended", _("这个区域已停用。"))
    now = border_stamp(area)
    if stamp and stamp != now:
        words = _("您打开这一页以后，别人改过这条边界。请看下面的新图，确认后再保存一次。")
        raise DomainError("changed_meanwhile", words, stamp=now)


def _told(action: str, area: Area, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind="area", object_id=area.pk, **detail)
    bump_reference()
