"""Households: registered, corrected, moved, ended. Whoever keeps a place writes its households."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.masking import check_unmasked
from grids.households.actions.persons import PersonDetails, new_person
from grids.households.events import tags_changed
from grids.households.models import Household, HouseholdMove, HouseholdTagging, Person
from grids.households.policies import HouseholdPolicy, find_building, find_household, require_keeper
from grids.models import Building, Room

MOST_PEOPLE = 200
BATCH = 1_000


@dataclass(frozen=True)
class Where:
    """A room, or a building with words for the place in it (东头平房第三间)."""

    building: Building
    room: Room | None = None
    place: str = ""


@dataclass(frozen=True)
class HouseholdDetails:
    """What is written down of a household. ``contact_phone`` needs ``may_be_called`` to be rung, and ``agreed_on``."""

    kind: str = Household.Kind.FAMILY
    code: str = ""
    people_count: int = 0
    legacy_group: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    may_be_called: bool = False
    agreed_on: date | None = None
    moved_in_on: date | None = None


@dataclass(frozen=True)
class NewHousehold:
    where: Where
    details: HouseholdDetails
    people: Sequence[PersonDetails] = field(default_factory=tuple)


@transaction.atomic
def register_household(new: NewHousehold, *, actor: Actor) -> Household:
    """Write a household down with the people it named. Raises ``NotAllowed``, ``NotFound`` (the place is not the
    actor's), ``Invalid`` by field, ``DomainError`` ``household_taken`` (the flat has one of that number)."""
    where = _checked_place(new.where, actor)
    _check_free(where, new.details.code)
    row = _made(where, new.details, actor)
    row.save()
    Person.objects.bulk_create(new_person(row, person) for person in new.people)
    _told("create", row, actor, people=len(new.people))
    return row


@transaction.atomic
def register_households(new: Sequence[NewHousehold], *, actor: Actor, is_generated: bool = False) -> list[Household]:
    """Many at once, in a handful of statements whatever their number; places are checked against the actor once.

    Raises as ``register_household``; one that cannot be taken refuses all.
    """
    require_keeper(actor)
    theirs = Building.objects.all() if actor.is_system else HouseholdPolicy.buildings(actor)
    wanted = {row.where.building.pk for row in new}
    if theirs.filter(pk__in=wanted, ended_on=None).count() != len(wanted):
        raise NotFound("no_building", _("有的楼栋不在您的辖区，或者已停用。"))
    rows = []
    for each in new:
        _check_where(each.where)
        rows.append(_made(each.where, each.details, actor, is_generated=is_generated))
    Household.objects.bulk_create(rows, batch_size=BATCH)
    people = [new_person(row, person) for row, each in zip(rows, new, strict=True) for person in each.people]
    Person.objects.bulk_create(people, batch_size=BATCH)
    audit.record("household.create_many", actor=actor, object_kind="household", count=len(rows), people=len(people))
    return rows


@transaction.atomic
def edit_household(household: Household, details: HouseholdDetails, *, actor: Actor) -> Household:
    """Correct what is written down. Raises as ``register_household``, and ``household_ended``, ``unchanged``."""
    row = running(household, actor)
    if details.code.strip() != row.code:
        _check_free(Where(row.building, row.room, row.place), details.code, but=row.pk)
    before = {name: getattr(row, name) for name in COLUMNS}
    fill(row, details)
    changed = [name for name in COLUMNS if before[name] != getattr(row, name)]
    if not changed:
        raise DomainError("unchanged", _("和现在的一样，没有改动。"))
    row.changed_at = clock.now()
    row.save()
    _told("change", row, actor, fields=[name for name in changed if name != "contact_hash"])
    return row


@transaction.atomic
def move_household(household: Household, where: Where, *, on: date, actor: Actor) -> Household:
    """The household lives elsewhere in the actor's places from ``on``; where it lived stays on record (S1-13).

    Raises as ``register_household``, ``household_ended``, ``same_place``.
    """
    row = running(household, actor)
    there = _checked_place(where, actor)
    if (there.building.pk, there.room and there.room.pk, there.place) == (row.building_id, row.room_id, row.place):
        raise Invalid("same_place", _("这一户就住在这里。"), fields={"room": [_("请选新的住处。")]})
    _check_day(on, row.moved_in_on, "on")
    _check_free(there, row.code)
    HouseholdMove.objects.create(
        household=row, building_id=row.building_id, room_id=row.room_id, place=row.place,
        since=row.moved_in_on, until=on, by_id=actor.membership_id,
    )  # fmt: skip
    before = row.building_id
    row.building, row.room, row.place, row.moved_in_on, row.changed_at = (
        there.building, there.room, there.place, on, clock.now(),
    )  # fmt: skip
    row.save()
    _told("move", row, actor, building_before=before, building=row.building_id)
    return row


@transaction.atomic
def end_household(household: Household, *, reason: str, on: date, actor: Actor) -> Household:
    """The household is here no more: it, its people and its tags end on that day, nothing is deleted.

    Raises as ``register_household`` and ``household_ended``.
    """
    row = running(household, actor)
    if reason not in Household.EndReason.values:
        raise Invalid("no_reason", _("请选原因。"), fields={"reason": [_("请选原因。")]})
    _check_day(on, row.moved_in_on, "on")
    row.ended_on, row.end_reason, row.changed_at = on, reason, clock.now()
    row.save(update_fields=["ended_on", "end_reason", "changed_at"])
    mistaken = reason == Household.EndReason.MISTAKEN
    why = Person.EndReason.MISTAKEN if mistaken else Person.EndReason.LEFT
    Person.objects.filter(household=row, ended_on=None).update(ended_on=on, end_reason=why)
    open_tags = HouseholdTagging.objects.filter(household=row).filter(Q(until=None) | Q(until__gt=on))
    for tagging in open_tags:
        tagging.until = max(on, tagging.since)
        tagging.save(update_fields=["until"])
    tags_changed([row.pk])
    _told("end", row, actor, reason=reason)
    return row


def running(household: Household, actor: Actor) -> Household:
    """The household's row, locked, for an actor who keeps it; ``DomainError`` ``household_ended``."""
    row = find_household(actor, household.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("household_ended", _("这一户已经迁出，不能再改。"))
    return row


COLUMNS = (
    "kind", "code", "people_count", "legacy_group", "contact_name", "contact_phone", "contact_hash", "may_be_called",
    "agreed_on", "moved_in_on",
)  # fmt: skip


def _made(where: Where, details: HouseholdDetails, actor: Actor, *, is_generated: bool = False) -> Household:
    now = clock.now()
    row = Household(
        building=where.building, room=where.room, place=where.place, recorded_by_id=actor.membership_id,
        recorded_at=now, changed_at=now, is_generated=is_generated,
    )  # fmt: skip
    fill(row, details)
    return row


def fill(row: Household, said: HouseholdDetails) -> None:
    """Set the columns of a row, saved or not; raises ``Invalid`` by field."""
    check_unmasked(contact_name=said.contact_name, contact_phone=said.contact_phone)
    wrong: dict[str, list[str]] = {}
    if said.kind not in Household.Kind.values:
        wrong["kind"] = [_("请选类型。")]
    if not 0 <= said.people_count <= MOST_PEOPLE:
        wrong["people_count"] = [_("人数在 0 到 {most} 之间。").format(most=MOST_PEOPLE)]
    phone = normal_phone(said.contact_phone)
    if said.contact_phone.strip() and not 7 <= len(phone) <= 12:
        wrong["contact_phone"] = [_("电话号码不完整，请填 7 到 12 位数字。")]
    if said.may_be_called and not phone:
        wrong["may_be_called"] = [_("没有电话，不能记“同意联系”。")]
    today = clock.today()
    for name, day in (("moved_in_on", said.moved_in_on), ("agreed_on", said.agreed_on)):
        if day is not None and day > today:
            wrong[name] = [_("这一天还没有到。")]
    if wrong:
        raise Invalid("household_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row.kind, row.code, row.people_count = said.kind, said.code.strip()[:20], said.people_count
    row.legacy_group, row.contact_name = said.legacy_group.strip()[:40], said.contact_name.strip()
    row.contact_phone, row.contact_hash = phone, keyed_hash(phone) if phone else ""
    row.may_be_called = said.may_be_called
    row.agreed_on = (said.agreed_on or today) if said.may_be_called else None
    row.moved_in_on = said.moved_in_on


def _check_where(where: Where) -> None:
    if where.room is None and not where.place.strip():
        words = _("请选房号；没有房号的，写清在哪里，如“东头平房第三间”。")
        raise Invalid("no_place", words, fields={"room": [words]})


def _checked_place(where: Where, actor: Actor) -> Where:
    """The place as it is registered; raises ``NotFound`` and ``Invalid``."""
    building = find_building(actor, where.building.pk)
    _check_where(where)
    if where.room is None:
        return Where(building, None, where.place.strip()[:60])
    room = Room.objects.select_related("unit").filter(pk=where.room.pk, unit__building=building).first()
    if room is None:
        words = _("这栋楼没有这间房。")
        raise Invalid("wrong_room", words, fields={"room": [words]})
    return Where(building, room, "")


def _check_free(where: Where, code: str, but: int | None = None) -> None:
    """Two households of one flat need different numbers. The building's lock makes the check exact."""
    Building.objects.select_for_update().get(pk=where.building.pk)
    here = Household.objects.filter(ended_on=None, code=code.strip()[:20]).exclude(pk=but)
    if where.room is not None:
        here = here.filter(room=where.room)
    else:
        here = here.filter(building=where.building, room=None, place=where.place)
    if here.exists():
        words = _("这里已登记一户。合住的另一户请填户号来区分；换了人家请先把原来的一户迁出。")
        raise DomainError("household_taken", words, fields={"code": [words]})


def _check_day(on: date, since: date | None, name: str) -> None:
    if on > clock.today():
        words = _("这一天还没有到。")
    elif since is not None and on < since:
        words = _("不能早于入住日期 {day}。").format(day=since)
    else:
        return
    raise Invalid("wrong_day", words, fields={name: [words]})


def _told(verb: str, row: Household, actor: Actor, **detail: Any) -> None:
    audit.record(f"household.{verb}", actor=actor, object_kind="household", object_id=row.pk, **detail)
