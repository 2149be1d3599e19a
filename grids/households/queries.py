"""Finding households: by words of the place, by room, by number, by tag."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length

from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hashes, normal_phone
from grids.households.models import Household, Person
from grids.households.policies import HouseholdPolicy, reads_tag
from grids.households.reference import tags
from grids.households.tagging import bearing
from grids.models import Building

_DOOR = re.compile(r"^(?:(\d{1,2})(?:单元|-))?([0-9A-Za-z]{2,10})(?:室|号)?$")
_ROOM_AT_END = re.compile(r"(?:(\d{1,2})单元)?(?:(\d{3,4})(?:室)?)$")


def households_of(actor: Actor) -> QuerySet[Household]:
    """Running households the actor keeps, in the order of the buildings and doors."""
    rows = HouseholdPolicy.visible(actor).filter(ended_on=None).select_related("building", "room__unit")
    return rows.order_by("building_id", "room__unit__number", "room__floor", "room__number", "code", "pk")


def search(rows: QuerySet[Household], actor: Actor, text: str) -> QuerySet[Household]:
    """Narrowed by words: 春晓花园3号楼 501, 3-1-501, 502, 东头平房. One statement for the names of the buildings.

    Every word must be in the name of the building, its compound or address, or name the door. A pure number may be
    the number of a room or the household's own.
    """
    words = text.split()
    if not words:
        return rows
    buildings = list(HouseholdPolicy.buildings(actor).values_list("pk", "name", "address", "compound__name"))
    wanted = Q()
    for word in words:
        at_end = _ROOM_AT_END.search(word)
        named = _named(word, buildings)
        if named:
            wanted &= Q(building_id__in=named)
        elif at_end and (of_building := _named(word[: at_end.start()].rstrip("-"), buildings)) and at_end.start():
            wanted &= Q(building_id__in=of_building) & _door(at_end.group(1), at_end.group(2))
        else:
            door = _DOOR.match(word)
            by_number = _door(door.group(1), door.group(2)) | Q(code=word) if door else Q()
            wanted &= by_number | Q(place__contains=word) | Q(legacy_group__contains=word)
    return rows.filter(wanted)


def _named(word: str, buildings: Iterable[tuple[Any, ...]]) -> list[int]:
    plain = word.replace(" ", "")
    return [pk for pk, *names in buildings if plain and any(plain in (name or "") for name in names)]


def _door(unit: str | None, room: str) -> Q:
    found = Q(room__number=room)
    return found & Q(room__unit__number=int(unit)) if unit else found


def by_phone(rows: QuerySet[Household], phone: str) -> QuerySet[Household]:
    """Of whom this is the number to ring, or of somebody who lives there; found by the keyed hash alone."""
    hashes = keyed_hashes(normal_phone(phone))
    people = Person.objects.filter(phone_hash__in=hashes, ended_on=None).values("household_id")
    return rows.filter(Q(contact_hash__in=hashes) | Q(pk__in=people))


def with_tag(rows: QuerySet[Household], actor: Actor, tag_id: int) -> QuerySet[Household]:
    """Only those bearing a tag the actor may read; nothing for one they may not."""
    tag = tags().get(tag_id)
    if tag is None or not reads_tag(actor, tag):
        return rows.none()
    return rows.filter(pk__in=bearing([tag_id]))


def buildings_in(grid_ids: Iterable[int]) -> QuerySet[Building]:
    """Buildings in use, in the order of compounds and numbers."""
    rows = Building.objects.filter(grid_id__in=list(grid_ids), ended_on=None).select_related("compound")
    return rows.order_by("grid__path", "compound__name", Length("number"), "number", "pk")  # 2 before 10


def homes_in(buildings: Iterable[Building]) -> dict[int, int]:
    """Running households by building; one statement."""
    rows = Household.objects.filter(ended_on=None, building_id__in=[row.pk for row in buildings])
    return dict(rows.order_by().values_list("building_id").annotate(n=Count("pk")))
