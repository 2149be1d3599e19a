"""What a row of households or of people means against what is registered already."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.households.actions.households import COLUMNS, HouseholdDetails, fill
from grids.households.actions.persons import PersonDetails, new_person
from grids.households.models import Household, Person
from grids.importing.errors import RowError
from grids.importing.register import Register
from grids.importing.writing import Writer
from grids.models import Building, Room

Key = tuple[str, str, int | None, str, str, str]
"""Grid code, building, unit, room, place, number: what people write, since a dry run has no ids yet."""


class _Homes:
    """Rooms and running households, a building at a time: three statements for each building that a file names."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._rooms: dict[tuple[str, str], dict[tuple[int, str], Room]] = {}
        self._seen: dict[tuple[str, str], dict[Key, Household]] = {}

    def building(self, given: dict[str, Any]) -> Building:
        found = self.register.buildings.get((given["grid"], given["building"]))
        if found is None:
            words = _("网格 {code} 没有楼栋“{name}”")
            raise RowError(words.format(code=given["grid"], name=given["building"]))
        if found.ended_on is not None:
            raise RowError(_("楼栋“{name}”已停用").format(name=found.name))
        return found

    def room(self, building: Building, given: dict[str, Any]) -> Room | None:
        """The flat, also one the same file brings; None where the row says a place in words."""
        if "room" not in given:
            if "place" not in given:
                raise RowError(_("房号和位置至少填一项"))
            return None
        if "unit" not in given:
            raise RowError(_("有房号时要填单元号"))
        name = (given["grid"], given["building"])
        if "rooms" in self.register.__dict__:  # the file brings flats: they are all known there
            found = self.register.rooms.get((*name, given["unit"], given["room"]))
        else:
            if name not in self._rooms:
                rows = Room.objects.filter(unit__building=building).select_related("unit")
                self._rooms[name] = {(row.unit.number, row.number): row for row in rows}
            found = self._rooms[name].get((given["unit"], given["room"]))
        if found is None:
            words = _("“{name}”没有 {unit} 单元 {room}，请先在“单元户室”表里登记")
            raise RowError(words.format(name=building.name, unit=given["unit"], room=given["room"]))
        return found

    def key(self, given: dict[str, Any], room: Room | None) -> Key:
        place = "" if room is not None else str(given["place"])
        unit, number = (given["unit"], str(given["room"])) if room is not None else (None, "")
        return (given["grid"], given["building"], unit, number, place, str(given.get("code", "")))

    def of(self, building: Building, given: dict[str, Any]) -> dict[Key, Household]:
        name = (given["grid"], given["building"])
        if name not in self._seen:
            found: dict[Key, Household] = {}
            if building.pk is not None:
                rows = Household.objects.filter(building=building, ended_on=None).select_related("room__unit")
                for row in rows:
                    unit, number = (row.room.unit.number, row.room.number) if row.room else (None, "")
                    found[(*name, unit, number, row.place, row.code)] = row
            self._seen[name] = found
        return self._seen[name]


def _homes(register: Register, shared: dict[str, Any]) -> _Homes:
    found: _Homes = shared.setdefault("homes", _Homes(register))
    return found


class HouseholdRows:
    """Rows of the sheet 住户: the same place and number is the same household, and only filled cells change it."""

    def __init__(self, register: Register, writer: Writer, actor: Actor, shared: dict[str, Any]) -> None:
        self.homes, self.writer, self.actor = _homes(register, shared), writer, actor

    def plan(self, given: dict[str, Any]) -> tuple[bool, bool]:
        building = self.homes.building(given)
        room = self.homes.room(building, given)
        key, known = self.homes.key(given, room), self.homes.of(building, given)
        found = known.get(key)
        planned = self._filled(given, found)
        if found is not None:
            return False, self.writer.change(found, {name: getattr(planned, name) for name in COLUMNS})
        now = clock.now()
        planned.building, planned.room, planned.place = building, room, "" if room else str(given["place"])
        planned.recorded_by_id, planned.recorded_at, planned.changed_at = self.actor.membership_id, now, now
        known[key] = planned
        self.writer.create(planned)
        return True, False

    @staticmethod
    def _filled(given: dict[str, Any], found: Household | None) -> Household:
        """The row with what is said over what is known; raises ``RowError``."""
        was = found or Household()
        said = {name: given.get(name, getattr(was, name)) for name in _SAID}
        planned = Household()
        agreed = was.agreed_on if said["may_be_called"] and was.may_be_called else None
        _checked(lambda: fill(planned, HouseholdDetails(**said, agreed_on=agreed)))
        return planned


_SAID = (
    "kind", "code", "people_count", "legacy_group", "contact_name", "contact_phone", "may_be_called", "moved_in_on",
)  # fmt: skip


class PersonRows:
    """Rows of the sheet 住户成员: the same name in the same household is the same person."""

    def __init__(self, register: Register, writer: Writer, actor: Actor, shared: dict[str, Any]) -> None:
        self.homes, self.writer = _homes(register, shared), writer
        self._people: dict[int, dict[str, Person]] = defaultdict(dict)
        self._read: set[int] = set()

    def plan(self, given: dict[str, Any]) -> tuple[bool, bool]:
        building = self.homes.building(given)
        room = self.homes.room(building, given)
        home = self.homes.of(building, given).get(self.homes.key(given, room))
        if home is None:
            raise RowError(_("这里还没有登记住户，请先在“住户”表里登记"))
        known = self._of(home, building)
        found = known.get(given["name"])
        details = PersonDetails(
            given["name"], given.get("phone", ""), given.get("birth_year", found.birth_year if found else None),
            given.get("relation", found.relation if found else Person.Relation.OTHER),
        )  # fmt: skip
        planned = _checked(lambda: new_person(home, details, known=found))
        if found is not None:
            values = {name: getattr(planned, name) for name in ("phone", "phone_hash", "birth_year", "relation")}
            return False, self.writer.change(found, values)
        known[given["name"]] = planned
        self.writer.create(planned)
        return True, False

    def _of(self, home: Household, building: Building) -> dict[str, Person]:
        """People of a household by name; all of its building are read at once."""
        if building.pk is not None and building.pk not in self._read:
            self._read.add(building.pk)
            here = Person.objects.filter(household__building=building, household__ended_on=None, ended_on=None)
            for row in here:
                self._people[row.household_id][row.name] = row
        if home.pk is not None and home.pk not in self._people:
            self._people[home.pk] = self._people.pop(-id(home), {})
        return self._people[home.pk if home.pk is not None else -id(home)]


def _checked(make: Any) -> Any:
    """A refusal of the action's rules as that of a row."""
    try:
        return make()
    except DomainError as error:
        said = [text for texts in error.fields.values() for text in texts]
        raise RowError("；".join(said or [error.message])) from None
