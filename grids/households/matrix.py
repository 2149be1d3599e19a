"""楼盘表: a building as floors and flats, with who lives there (S1-13). Four statements whatever the size."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from governance.kernel.actors import Actor
from grids.households.models import Household
from grids.households.tagging import TagSeen, tags_of
from grids.models import Building, Room

USE_MARKS = {
    Room.Use.OWNER: _("自"),
    Room.Use.RENTED: _("租"),
    Room.Use.EMPTY: _("空"),
    Room.Use.BUSINESS: _("商"),
}
"""The one character beside the colour of a flat's use."""


@dataclass(frozen=True, slots=True)
class Home:
    """A household in a cell: no name, no number."""

    pk: int
    people: int
    tags: Sequence[TagSeen]


@dataclass(frozen=True, slots=True)
class Cell:
    room_id: int
    number: str
    use: str
    homes: Sequence[Home]

    @property
    def tags(self) -> list[TagSeen]:
        """Of all its households, each once."""
        return list({tag.tag_id if not tag.is_hidden else 0: tag for home in self.homes for tag in home.tags}.values())


@dataclass(frozen=True)
class Floor:
    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Entrance:
    """A unit (单元): floors from the top down, each with as many places as the widest one (``width``)."""

    number: int
    floors: Sequence[Floor]
    width: int


@dataclass(frozen=True)
class Matrix:
    entrances: Sequence[Entrance]
    elsewhere: Sequence[tuple[str, Home]]
    """Households without a room: the words of their place."""
    uses: Counter[str] = field(default_factory=Counter)
    tags: Counter[int] = field(default_factory=Counter)
    hidden: int = 0

    @property
    def rooms(self) -> int:
        return sum(self.uses.values())

    @property
    def homes(self) -> int:
        return len(self.elsewhere) + sum(len(cell.homes) for cell in self.cells)

    @property
    def cells(self) -> list[Cell]:
        return [cell for entrance in self.entrances for floor in entrance.floors for cell in floor.cells]


def matrix_of(building: Building, actor: Actor) -> Matrix:
    """Every flat of a building the actor keeps; the caller has found it through ``policies.find_building``."""
    rooms = Room.objects.filter(unit__building=building).select_related("unit")
    rooms = rooms.order_by("unit__number", "-floor", "number")
    living = Household.objects.filter(building=building, ended_on=None).order_by("code", "pk")
    rows = list(living.values_list("pk", "room_id", "place", "people_count"))
    worn = tags_of([row[0] for row in rows], actor)
    by_room: dict[int, list[Home]] = defaultdict(list)
    elsewhere = []
    for pk, room_id, place, people in rows:
        home = Home(pk, people, worn.get(pk, []))
        if room_id is None:
            elsewhere.append((place, home))
        else:
            by_room[room_id].append(home)
    taggings = [tag for tags in worn.values() for tag in tags]
    found = list(rooms)
    return Matrix(
        _entrances(found, by_room),
        elsewhere,
        Counter(room.use for room in found),
        Counter(tag.tag_id for tag in taggings if not tag.is_hidden),
        sum(tag.is_hidden for tag in taggings),
    )


def _entrances(rooms: Iterable[Room], by_room: dict[int, list[Home]]) -> list[Entrance]:
    floors: dict[int, dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for room in rooms:
        cell = Cell(room.pk, room.number, room.use, by_room.get(room.pk, []))
        floors[room.unit.number][room.floor].append(cell)
    return [
        Entrance(number, [Floor(floor, cells) for floor, cells in rows.items()], max(map(len, rows.values())))
        for number, rows in floors.items()
    ]
