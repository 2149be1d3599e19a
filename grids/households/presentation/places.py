"""Where a household lives, in words."""

from __future__ import annotations

from typing import Any, Protocol

from django.utils.translation import gettext as _


class Lived(Protocol):
    building: Any
    room: Any
    place: str


def place_words(row: Lived) -> str:
    """春晓花园3号楼2单元501, 粮站宿舍甲楼东头平房第三间. Needs ``building`` and ``room__unit`` selected."""
    return f"{row.building.name}{door_words(row)}"


def door_words(row: Lived) -> str:
    """2单元501 or the words of the place."""
    if row.room is None:
        return row.place
    return _("{unit}单元{room}").format(unit=row.room.unit.number, room=row.room.number)
