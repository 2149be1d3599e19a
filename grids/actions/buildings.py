"""Buildings: registering, correcting, moving to another grid, ending.

A ticket keeps the place it was given: only what is reported afterwards goes where the building stands now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.bulk import update_rows
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.actions.heads import end_heads, follow_buildings
from grids.models import Area, Building, Compound, Level
from grids.stamps import require_unchanged

EDITED = (
    "grid_id", "compound_id", "number", "name", "address", "lng", "lat", "unit_count", "floor_count", "household_count"
)  # fmt: skip


def building_label(compound: str, number: str) -> str:
    """The name of a building nobody has named: 春晓花园1号楼."""
    return f"{compound}{number}号楼"


@transaction.atomic
def create_building(
    *, grid: Area, compound: Compound | None = None, number: str, actor: Actor, **facts: Any
) -> Building:
    """Register a building in a grid. ``facts``: name, address, lng, lat, unit_count, floor_count, household_count.

    Raises ``NotAllowed``, ``Invalid`` (no grid, compound of another community, half a point) and ``DomainError``
    ``building_name_taken``.
    """
    require_administrator(actor)
    row = Building()
    _fill(row, grid=grid, compound=compound, number=number, **facts)
    row.save()
    _told("building.create", actor, building=row)
    return row


@transaction.atomic
def update_building(
    building: Building,
    *,
    grid: Area,
    compound: Compound | None = None,
    number: str,
    stamp: str = "",
    actor: Actor,
    **facts: Any,
) -> Building:
    """Correct the facts of a building, its grid included. Raises as registering does, and ``building_ended``,
    ``changed_meanwhile``."""
    require_administrator(actor)
    found = Building.objects.select_for_update(of=("self",)).select_related("grid", "compound").get(pk=building.pk)
    if found.ended_on is not None:
        raise DomainError("building_ended", _("这栋楼已停用。"))
    require_unchanged(found, EDITED, stamp)
    before = {"grid": found.grid_id, "compound": found.compound_id, "name": found.name}
    _fill(found, grid=grid, compound=compound, number=number, **facts)
    found.save()
    follow_buildings([found.pk])
    after = {"grid": found.grid_id, "compound": found.compound_id, "name": found.name}
    changes = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    _told("building.update", actor, building=found, **changes)
    return found


KEEP = object()
"""Moving buildings leaves their compounds as they are."""


@transaction.atomic
def move_buildings(
    buildings: Sequence[int], *, grid: Area, compound: Compound | object | None = KEEP, actor: Actor
) -> int:
    """Put buildings (ids) into another grid, all or none; ``compound`` goes with it where one is said (None: of none).

    Raises ``NotAllowed``, ``Invalid`` (nothing chosen, no grid, a compound of another community) and ``DomainError``:
    ``building_ended``, ``building_name_taken``. Returns how many moved.
    """
    require_administrator(actor)
    place = _grid(grid)
    rows = list(
        Building.objects.select_for_update(of=("self",))
        .select_related("compound").filter(pk__in=buildings).order_by("pk")
    )  # fmt: skip
    if not rows or len(rows) != len(set(buildings)):
        raise Invalid("nothing_chosen", _("请先勾选要移动的楼栋。"))
    ended = [row.name for row in rows if row.ended_on is not None]
    if ended:
        raise DomainError("building_ended", _("已停用的楼栋不能移动：{names}。").format(names=_listed(ended)))
    moved_from = sorted({row.grid_id for row in rows})
    for row in rows:
        if compound is not KEEP:
            row.compound = compound
    strangers = [row.name for row in rows if row.compound and row.compound.community_id != place.community_id]
    if strangers:
        words = _("这些楼的小区在另一个社区，请同时选新的小区，或选“不属于小区”：{names}。").format(
            names=_listed(strangers)
        )
        raise Invalid("wrong_compound", words, fields={"compound": [words]})
    names = [row.name for row in rows]
    there = Building.objects.filter(grid=place, name__in=names).exclude(pk__in=[row.pk for row in rows])
    taken = sorted({*there.values_list("name", flat=True), *(name for name in names if names.count(name) > 1)})
    if taken:
        words = _("那个网格已有（或有过）同名楼栋：{names}。").format(names=_listed(taken))
        raise DomainError("building_name_taken", words, fields={"grid": [words]})
    for row in rows:
        row.grid = place
    update_rows(rows, ["grid", "compound"])
    follow_buildings([row.pk for row in rows])
    _told("building.move", actor, buildings=[row.pk for row in rows], grid=place.pk, grids_before=moved_from)
    return len(rows)


@transaction.atomic
def end_building(building: Building, *, actor: Actor) -> Building:
    """A building is gone: it is offered no more, its tickets go on. Raises ``NotAllowed``, ``DomainError``
    ``building_ended``."""
    require_administrator(actor)
    found = Building.objects.select_for_update().get(pk=building.pk)
    if found.ended_on is not None:
        raise DomainError("building_ended", _("这栋楼已停用。"))
    found.ended_on = clock.today()
    found.save(update_fields=["ended_on"])
    end_heads(found, actor=actor)
    _told("building.end", actor, building=found)
    return found


def _fill(
    row: Building,
    *,
    grid: Area,
    compound: Compound | None,
    number: str,
    name: str = "",
    address: str = "",
    lng: float | None = None,
    lat: float | None = None,
    unit_count: int = 1,
    floor_count: int = 1,
    household_count: int = 0,
) -> None:
    place = _grid(grid)
    if compound is not None and (compound.community_id != place.community_id or compound.ended_on is not None):
        words = _("这个小区不在网格所在的社区，请重新选。")
        raise Invalid("wrong_compound", words, fields={"compound": [words]})
    number = number.strip()
    if not number:
        raise Invalid("number_missing", _("请填楼号。"), fields={"number": [_("请填楼号。")]})
    if (lng is None) != (lat is None):
        words = _("经度和纬度要一起填。")
        raise Invalid("half_a_point", words, fields={"lat" if lat is None else "lng": [words]})
    name = name.strip() or building_label(compound.name if compound else "", number)
    if Building.objects.filter(grid=place, name=name).exclude(pk=row.pk).exists():
        words = _("这个网格已有（或有过）名为“{name}”的楼栋。").format(name=name)
        raise DomainError("building_name_taken", words, fields={"name": [words]})
    row.grid, row.compound, row.number, row.name, row.address = place, compound, number, name, address.strip()
    row.lng, row.lat = lng, lat
    row.unit_count, row.floor_count, row.household_count = unit_count, floor_count, household_count


def _grid(grid: Area) -> Area:
    found: Area = Area.objects.select_for_update().get(pk=grid.pk)
    if found.level != Level.GRID or found.ended_on is not None:
        words = _("请选择网格。")
        raise Invalid("wrong_grid", words, fields={"grid": [words]})
    return found


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:5]) + (_("等 {count} 栋").format(count=len(names)) if len(names) > 5 else "")


def _told(action: str, actor: Actor, building: Building | None = None, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind="building", object_id=building.pk if building else None, **detail)
    bump_reference()
