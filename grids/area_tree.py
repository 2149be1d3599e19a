"""区划 as pages show it: one branch open at a time, with what is registered below each area and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from grids.drawing import Drawing, draw
from grids.models import Area, AreaBorder, Building, Level
from grids.reference import AreaRef, Territory, territory

LACKS = ("border", "holder", "buildings")
"""What an area may lack: a border, somebody in post, buildings (grids only)."""
_SHARP = 1000


@dataclass(frozen=True)
class Branch:
    """A row of the tree. ``borderless``: areas below (itself included) without a border; ``holder`` empty: 缺岗."""

    area: AreaRef
    depth: int
    above: str
    is_open: bool
    below: int
    buildings: int
    households: int
    holder: str
    has_border: bool
    borderless: int


class Tree:
    """Everything the rows need, read in three statements whatever the size of the district."""

    def __init__(self) -> None:
        self.places = territory()
        self.bordered = set(AreaBorder.objects.values_list("area_id", flat=True))
        rows = Building.objects.filter(ended_on=None).values_list("grid_id").annotate(Count("pk"))
        built: dict[int, int] = dict(rows.order_by())
        self._buildings: Counter[int | None] = Counter()
        self._borderless: Counter[int | None] = Counter()
        self._below: Counter[int | None] = Counter()
        for area in self.places.areas.values():
            self._below[area.parent_id] += 1
            for pk in {area.street_id, area.community_id, area.grid_id} - {None}:
                self._buildings[pk] += built.get(area.id, 0)
                self._borderless[pk] += area.id not in self.bordered

    def rows(self, opened: int | None) -> list[Branch]:
        """All streets; below them the branch that leads to ``opened`` and its children."""
        areas = self.places.areas
        at = areas.get(opened) if opened is not None else None
        line = {at.street_id, at.community_id} if at is not None else set()
        shown: list[AreaRef] = []
        for street in self.places.at_level(Level.STREET):
            shown.append(street)
            if street.id not in line:
                continue
            for community in self.places.children(street.id):
                shown.append(community)
                if community.id in line:
                    shown += self.places.children(community.id)
        return self._branches(shown, line)

    def found(self, text: str) -> list[AreaRef]:
        """Areas below the district with all words in their name, or a code that begins so."""
        words = text.split()
        return [
            area
            for area in self._everything()
            if all(word in area.name for word in words) or area.code.startswith(text)
        ]

    def lacking(self, what: str) -> list[AreaRef]:
        """Areas below the district that lack a border, somebody in post or (grids) buildings."""
        lacks = {
            "border": lambda area: area.id not in self.bordered,
            "holder": lambda area: not _holder(self.places, area),
            "buildings": lambda area: area.level == Level.GRID and not self._buildings[area.id],
        }[what]
        return [area for area in self._everything() if lacks(area)]

    def branches(self, areas: Iterable[AreaRef]) -> list[Branch]:
        """The same rows as a plain list."""
        return self._branches(list(areas), set())

    def _everything(self) -> list[AreaRef]:
        return [area for area in self.places.areas.values() if area.level != Level.DISTRICT]

    def _branches(self, areas: list[AreaRef], line: set[int | None]) -> list[Branch]:
        households = dict(Area.objects.filter(pk__in=[area.id for area in areas]).values_list("pk", "household_count"))
        depths = {Level.STREET.value: 0, Level.COMMUNITY.value: 1, Level.GRID.value: 2}
        return [
            Branch(
                area=area,
                depth=depths[area.level],
                above=" › ".join(names_above(self.places, area)),
                is_open=area.id in line,
                below=self._below[area.id],
                buildings=self._buildings[area.id],
                households=households.get(area.id, 0),
                holder=_holder(self.places, area),
                has_border=area.id in self.bordered,
                borderless=self._borderless[area.id],
            )
            for area in areas
        ]


def names_above(places: Territory, area: AreaRef) -> list[str]:
    """Street and community around an area, outermost first."""
    return [places.area_name(pk) for pk in (area.street_id, area.community_id) if pk is not None and pk != area.id]


def _holder(places: Territory, area: AreaRef) -> str:
    own = places.own.get(area.id)
    holder = places.handler(own) if own is not None else None
    return holder.name if holder else ""


def area_map(area: Area, new: Any = None) -> dict[str, Any] | None:
    """The area in its parent among its siblings, for drawing; ``new``: a border not yet saved. None with no border.

    Each shape has a ``kind``: ``up`` the parent, ``sib``, ``down`` a child (of an area without siblings), ``own`` the
    border as it is, ``old`` the same where a new one is shown, and ``new``.
    """
    places = territory()
    near = {row.id: "sib" for row in places.children(area.parent_id)} if area.parent_id else {}
    if area.parent_id:
        near[area.parent_id] = "up"
    else:
        near = {row.id: "down" for row in places.children(area.pk)}
    near[area.pk] = "own" if new is None else "old"
    found = dict(AreaBorder.objects.filter(area_id__in=near).values_list("area_id", "geometry"))
    order = ("up", "sib", "down", "old", "own")
    rows = sorted(((pk, geometry) for pk, geometry in found.items()), key=lambda row: order.index(near[row[0]]))
    drawing: Drawing | None = draw([*rows, *([(0, new)] if new is not None else [])], fineness=_SHARP)
    if drawing is None:
        return None
    above = places.area_name(area.parent_id)
    shapes = [
        {
            "id": each.key,
            "kind": near.get(each.key, "new"),
            "path": each.path,
            "x": each.x,
            "y": each.y,
            "name": (places.area_name(each.key) if each.key else area.name).removeprefix(above),
        }
        for each in drawing.shapes
    ]
    return {"width": drawing.width, "height": drawing.height, "shapes": shapes}
