"""Households and their people: who writes them, what is kept, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from governance.privacy.models import Disclosure
from grids.households.actions.households import (
    HouseholdDetails,
    NewHousehold,
    Where,
    edit_household,
    end_household,
    move_household,
    register_household,
)
from grids.households.actions.persons import PersonDetails, add_person, edit_person, end_person
from grids.households.actions.reveal import reveal_contact, reveal_person
from grids.households.actions.tags import tag_household
from grids.households.models import Household, HouseholdMove, HouseholdTagging, Person
from grids.households.policies import HouseholdPolicy
from tests.households.homes import PHONE, home, many, tag, with_rooms


@pytest.fixture
def rooms(world):
    return with_rooms(world.building)


def raw(table: str, column: str, pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE id = %s', [pk])
        return cursor.fetchone()[0]


def test_a_household_is_registered_with_its_people_and_nothing_of_them_stands_in_clear(world, rooms):
    row = home(world.building, rooms[0], world.worker)
    person = Person.objects.get(household=row, relation="head")
    assert (person.name, person.phone, person.birth_year) == ("张小三", PHONE, 1970)
    stored = [
        raw("households_household", name, row.pk) for name in ("contact_name", "contact_phone", "contact_hash")
    ] + [raw("households_person", name, person.pk) for name in ("name", "phone", "phone_hash")]
    assert all(stored)
    assert not any("张" in value or PHONE in value for value in stored)


def test_only_who_keeps_the_place_registers_there(world, rooms):
    new = NewHousehold(Where(world.building, rooms[0]), HouseholdDetails(people_count=1))
    for name in ("worker", "leader", "staff", "secretary"):
        home_of_one = register_household(
            NewHousehold(new.where, HouseholdDetails(people_count=1, code=name)), actor=getattr(world, name)
        )
        assert home_of_one.pk
    with pytest.raises(NotFound):
        register_household(new, actor=world.other_worker)
    for name in ("dispatcher", "street_leader", "handler", "official", "admin", "center"):
        with pytest.raises(NotAllowed) as refused:
            register_household(new, actor=getattr(world, name))
        assert refused.value.code == "keepers_only"


def test_a_second_household_of_a_flat_needs_a_number_of_its_own(world, rooms):
    home(world.building, rooms[0], world.worker)
    with pytest.raises(DomainError) as refused:
        home(world.building, rooms[0], world.worker)
    assert refused.value.code == "household_taken"
    assert "户号" in refused.value.message
    assert home(world.building, rooms[0], world.worker, code="2").code == "2"


def test_without_a_room_the_place_is_said_in_words(world, rooms):
    with pytest.raises(Invalid) as refused:
        register_household(NewHousehold(Where(world.building), HouseholdDetails()), actor=world.worker)
    assert "room" in refused.value.fields
    row = register_household(
        NewHousehold(Where(world.building, place="东头平房第三间"), HouseholdDetails()), actor=world.worker
    )
    assert (row.room, row.place) == (None, "东头平房第三间")


def test_a_room_of_another_building_is_refused(world, rooms):
    with pytest.raises(Invalid) as refused:
        home(world.buildings[1], rooms[0], world.worker)
    assert "room" in refused.value.fields


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"contact_phone": "139****1234"}, "contact_phone"),
        ({"contact_phone": "123"}, "contact_phone"),
        ({"kind": "castle"}, "kind"),
        ({"people_count": 4000}, "people_count"),
        ({"contact_phone": "", "may_be_called": True}, "may_be_called"),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(world, rooms, said, field):
    with pytest.raises(Invalid) as refused:
        home(world.building, rooms[0], world.worker, **said)
    assert field in refused.value.fields
    assert not Household.objects.exists()


def test_consent_to_be_called_carries_its_day_and_can_be_taken_back(world, rooms):
    row = home(world.building, rooms[0], world.worker, may_be_called=True)
    assert row.agreed_on == clock.today()
    row = edit_household(row, HouseholdDetails(people_count=2, contact_phone=PHONE), actor=world.worker)
    assert (row.may_be_called, row.agreed_on) == (False, None)


def test_a_move_keeps_where_the_household_lived(world, rooms):
    start = clock.today() - timedelta(days=400)
    row = home(world.building, rooms[0], world.worker, moved_in_on=start)
    row = move_household(row, Where(world.building, rooms[3]), on=clock.today(), actor=world.worker)
    assert (row.room, row.moved_in_on) == (rooms[3], clock.today())
    before = HouseholdMove.objects.get(household=row)
    assert (before.room, before.since, before.until) == (rooms[0], start, clock.today())
    with pytest.raises(Invalid):
        move_household(row, Where(world.building, rooms[3]), on=clock.today(), actor=world.worker)
    with pytest.raises(NotFound):
        move_household(row, Where(world.buildings[8], None, "东屋"), on=clock.today(), actor=world.worker)


def test_an_ended_household_stays_with_its_people_and_can_be_changed_no_more(world, rooms):
    row = home(world.building, rooms[0], world.worker)
    word = tag(world.admin)
    tag_household(row, word, reason="本人愿意", actor=world.worker)
    row = end_household(row, reason="moved_out", on=clock.today(), actor=world.worker)
    assert Person.objects.filter(household=row, ended_on=clock.today()).count() == 2
    assert HouseholdTagging.objects.get(household=row).until == clock.today()
    with pytest.raises(DomainError) as refused:
        edit_household(row, HouseholdDetails(people_count=5), actor=world.worker)
    assert refused.value.code == "household_ended"
    assert home(world.building, rooms[0], world.worker).pk != row.pk  # the flat is free again


def test_it_cannot_end_before_it_began_nor_tomorrow(world, rooms):
    row = home(world.building, rooms[0], world.worker, moved_in_on=clock.today())
    for day in (clock.today() - timedelta(days=1), clock.today() + timedelta(days=1)):
        with pytest.raises(Invalid) as refused:
            end_household(row, reason="moved_out", on=day, actor=world.worker)
        assert "on" in refused.value.fields


def test_people_are_added_corrected_and_ended(world, rooms):
    row = home(world.building, rooms[0], world.worker)
    person = add_person(row, PersonDetails("王五", "13700000001", 1999, "child"), actor=world.worker)
    person = edit_person(person, PersonDetails("", "", 1998, "child"), actor=world.worker)
    assert (person.name, person.phone, person.birth_year) == ("王五", "13700000001", 1998)
    end_person(person, reason="left", on=clock.today(), actor=world.worker)
    with pytest.raises(DomainError):
        edit_person(person, PersonDetails("赵六"), actor=world.worker)
    with pytest.raises(NotFound):
        add_person(row, PersonDetails("钱七"), actor=world.other_worker)
    with pytest.raises(Invalid) as refused:
        add_person(row, PersonDetails("孙八", birth_year=1850), actor=world.worker)
    assert "birth_year" in refused.value.fields


def test_a_name_or_number_is_opened_with_a_reason_and_counted(world, rooms, settings):
    settings.REVEAL_DAILY_CAP = 2
    row = home(world.building, rooms[0], world.worker)
    person = Person.objects.get(household=row, relation="head")
    assert reveal_contact(row, "phone", reason="home_visit", actor=world.worker) == PHONE
    assert reveal_person(person, "name", reason="home_visit", actor=world.worker) == "张小三"
    with pytest.raises(DomainError) as refused:
        reveal_contact(row, "name", reason="home_visit", actor=world.worker)
    assert refused.value.code == "reveal_cap"
    assert list(Disclosure.objects.order_by("pk").values_list("object_kind", "object_id", "field")) == [
        ("household", row.pk, "phone"),
        ("household_person", person.pk, "name"),
    ]
    assert not any(PHONE in str(event.detail) or "张" in str(event.detail) for event in AuditEvent.objects.all())


def test_no_reason_no_number_and_none_for_a_neighbour_grid(world, rooms):
    row = home(world.building, rooms[0], world.worker)
    with pytest.raises(Invalid):
        reveal_contact(row, "phone", reason="", actor=world.worker)
    with pytest.raises(NotFound):
        reveal_contact(row, "phone", reason="home_visit", actor=world.other_worker)
    with pytest.raises(NotAllowed):
        reveal_contact(row, "phone", reason="home_visit", actor=world.official)
    assert not Disclosure.objects.exists()


def test_many_are_written_with_as_many_statements_as_few(world):
    few, lot = with_rooms(world.buildings[0], floors=1), with_rooms(world.buildings[1], floors=20)
    HouseholdPolicy.buildings(world.worker).exists()  # the territory is cached from now on
    with CaptureQueriesContext(connection) as first:
        many(world.buildings[0], few, world.worker)
    with CaptureQueriesContext(connection) as second:
        many(world.buildings[1], lot, world.worker)
    assert len(lot) == 80
    assert len(first) == len(second)


def test_each_sees_the_households_of_the_own_place_alone(world, rooms):
    home(world.building, rooms[0], world.worker)
    assert HouseholdPolicy.visible(world.worker).count() == HouseholdPolicy.visible(world.secretary).count() == 1
    for name in ("other_worker", "other_secretary", "dispatcher", "official", "admin", "handler"):
        assert not HouseholdPolicy.visible(getattr(world, name)).exists()
