"""Entrances and flats of one building from its floors: 2 单元 × 6 层 × 每层 2 户."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.models import Building, Room, Unit

MOST = 3_000
"""Flats of one building at most."""


def door_number(floor: int, door: int) -> str:
    """502: the second door on the fifth floor."""
    return f"{floor}{door:02d}"


@transaction.atomic
def generate_rooms(building: Building, *, units: int, floors: int, doors: int, actor: Actor) -> int:
    """Register what is missing of ``units`` × ``floors`` × ``doors`` flats; what is registered already stays as it is.

    The building then has at least so many units and floors, and as many households as flats where none were counted.
    Raises ``NotAllowed``, ``Invalid`` ``too_many_rooms`` and ``DomainError`` ``building_ended``. Returns flats made.
    """
    require_administrator(actor)
    found = Building.objects.select_for_update().get(pk=building.pk)
    if found.ended_on is not None:
        raise DomainError("building_ended", _("这栋楼已停用。"))
    if min(units, floors, doors) < 1 or units * floors * doors > MOST:
        words = _("一栋楼最多 {most} 户，请检查单元、层数和每层户数。").format(most=MOST)
        raise Invalid("too_many_rooms", words, fields={"doors": [words]})
    numbers = range(1, units + 1)
    known = set(Unit.objects.filter(building=found).values_list("number", flat=True))
    Unit.objects.bulk_create(Unit(building=found, number=number) for number in numbers if number not in known)
    entrances = Unit.objects.filter(building=found, number__in=numbers)
    there = set(Room.objects.filter(unit__building=found).values_list("unit_id", "number"))
    rooms = [
        Room(unit=entrance, floor=floor, number=door_number(floor, door))
        for entrance in entrances
        for floor in range(1, floors + 1)
        for door in range(1, doors + 1)
        if (entrance.pk, door_number(floor, door)) not in there
    ]
    Room.objects.bulk_create(rooms, batch_size=2000)
    found.unit_count, found.floor_count = max(found.unit_count, units), max(found.floor_count, floors)
    found.household_count = found.household_count or len(there) + len(rooms)
    found.save(update_fields=["unit_count", "floor_count", "household_count"])
    audit.record(
        "building.generate_rooms", actor=actor, object_kind="building", object_id=found.pk,
        units=units, floors=floors, doors=doors, made=len(rooms),
    )  # fmt: skip
    bump_reference()
    return len(rooms)
