"""What pages say of a change of grids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.coordinates import geometry_from_wgs
from grids.maps import collection, feature, shapes
from grids.models import Area, Building
from grids.territory.judging import Judged
from grids.territory.models import GridChange

MOVED_WORDS = {
    "buildings": gettext_lazy("楼栋"),
    "households": gettext_lazy("登记的住户"),
    "tickets": gettext_lazy("没办完的诉求"),
    "people": gettext_lazy("网格工作人员"),
    "elements": gettext_lazy("场所和部件"),
    "messages": gettext_lazy("网格圈留言"),
    "plans": gettext_lazy("走访计划"),
    "patrol_plans": gettext_lazy("巡查计划"),
    "canvass_places": gettext_lazy("摸排的范围"),
    "canvass_answers": gettext_lazy("摸排的回答"),
    "must_visits": gettext_lazy("必到必访"),
    "contact_members": gettext_lazy("联系党员"),
    "forces": gettext_lazy("力量清单里的人和队伍"),
}
"""What followers moved, in words; one without a word is counted under 其他."""
LAMPS = {"proposed": "new", "approved": "done", "refused": "hold", "withdrawn": "hold"}


def line(change: GridChange) -> str:
    """拆分春晓社区第一网格 / 把春晓社区第一网格并入春晓社区第二网格."""
    if change.kind == GridChange.Kind.MERGE:
        assert change.target is not None
        return _("{grid}并入{target}").format(grid=change.grid.name, target=change.target.name)
    return _("拆分{grid}").format(grid=change.grid.name)


def moved_rows(change: GridChange) -> list[dict[str, Any]]:
    """What went along, as pairs for ``components/kv.html``; kinds with nothing are left out."""
    known = [(str(word), change.moved.get(name, 0)) for name, word in MOVED_WORDS.items()]
    other = sum(count for name, count in change.moved.items() if name not in MOVED_WORDS)
    return [{"key": key, "value": value} for key, value in [*known, (_("其他"), other)] if value]


def pieces(judged: Judged) -> list[dict[str, Any]]:
    """Each grid as it would be: name, number of buildings, households."""
    return [
        {
            "name": row.name, "buildings": len(row.buildings), "households": row.households,
            "is_apart": row.name in judged.apart,
        }
        for row in judged.pieces
    ]  # fmt: skip


def drawn(grids: Iterable[Area], buildings: Iterable[Building], judged: Judged | None, datum: str) -> dict[str, Any]:
    """Borders of grids, their buildings and, once looked at, the pieces, as one GeoJSON for the page's map."""
    known = shapes()
    features = [
        feature(geometry_from_wgs(known[row.pk], datum), kind="grid", id=row.pk, name=row.name)
        for row in grids if row.pk in known
    ]  # fmt: skip
    for number, piece in enumerate(judged.pieces if judged is not None else ()):
        if piece.geometry is not None:
            features.append(
                feature(geometry_from_wgs(piece.geometry, datum), kind="piece", part=number + 1, name=piece.name)
            )
    for row in buildings:
        if row.lng is not None and row.lat is not None:
            at = geometry_from_wgs({"type": "Point", "coordinates": [row.lng, row.lat]}, datum)
            features.append(feature(at, kind="building", id=row.pk, name=row.name, households=row.household_count))
    return collection(features)
