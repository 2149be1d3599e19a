"""A building with rooms and households in it, for the tests of the register."""

from __future__ import annotations

from typing import Any

from governance.kernel.actors import Actor
from grids.actions.rooms import generate_rooms
from grids.households.actions.households import (
    HouseholdDetails,
    NewHousehold,
    Where,
    register_household,
    register_households,
)
from grids.households.actions.persons import PersonDetails
from grids.households.actions.tags import TagDetails, define_tag
from grids.households.models import Household, HouseholdTag
from grids.models import Building, Room

PHONE = "13900001234"
SYSTEM = Actor.system("test")


def with_rooms(building: Building, units: int = 2, floors: int = 3, doors: int = 2) -> list[Room]:
    """The flats of a building, in the order of entrance, floor and door."""
    generate_rooms(building, units=units, floors=floors, doors=doors, actor=SYSTEM)
    rows = Room.objects.filter(unit__building=building).select_related("unit")
    return list(rows.order_by("unit__number", "floor", "number"))


def home(building: Building, room: Room, actor: Actor, **said: Any) -> Household:
    """A household of two with a contact."""
    details = HouseholdDetails(**{"people_count": 2, "contact_name": "张小三", "contact_phone": PHONE, **said})
    people = [PersonDetails("张小三", PHONE, 1970, "head"), PersonDetails("李四", "", 2015, "child")]
    return register_household(NewHousehold(Where(building, room), details, people), actor=actor)


def many(building: Building, rooms: list[Room], actor: Actor, **said: Any) -> list[Household]:
    """One household of two a room."""
    details = HouseholdDetails(**{"people_count": 2, **said})
    return register_households([NewHousehold(Where(building, room), details) for room in rooms], actor=actor)


def tag(admin: Actor, name: str = "党员户", mark: str = "党", colour: str = "rose", **said: Any) -> HouseholdTag:
    return define_tag(TagDetails(name, mark, colour, **{"meaning": "家里有党员，愿意带头", **said}), actor=admin)
