"""What the register holds of people leaves after its term, and on request."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.kernel import clock
from governance.privacy.holders import HOLDERS, KINDS
from governance.privacy.models import LegalHold
from grids.households.actions.erase import due_households, due_persons, erase_households
from grids.households.actions.households import end_household
from grids.households.actions.persons import end_person
from grids.households.actions.tags import tag_household
from grids.households.models import Household, HouseholdTagging, Person
from grids.households.privacy import _correct, _erase, _export, _preview
from tests.households.homes import PHONE, home, tag, with_rooms

LATER = timedelta(days=1)


@pytest.fixture
def row(world):
    rooms = with_rooms(world.building)
    made = home(world.building, rooms[0], world.worker, may_be_called=True)
    tag_household(made, tag(world.admin), reason="本人愿意", actor=world.worker)
    return made


def test_an_ended_household_loses_its_names_numbers_and_words_after_the_term(world, row):
    end_household(row, reason="moved_out", on=clock.today(), actor=world.worker)
    assert due_households(clock.now()) == []
    assert due_households(clock.now() + LATER) == [row.pk]
    assert KINDS["household"].scrub([row.pk])[0] == 1
    row = Household.objects.get(pk=row.pk)
    assert (row.contact_name, row.contact_phone, row.contact_hash, row.may_be_called) == ("", "", "", False)
    assert row.people_count == 2
    people = Person.objects.filter(household=row)
    assert [(one.name, one.phone, one.phone_hash, one.birth_year) for one in people] == [("", "", "", None)] * 2
    assert not HouseholdTagging.objects.exists()
    assert due_households(clock.now() + LATER) == []


def test_who_still_lives_there_is_freed_by_no_term(world, row):
    assert erase_households([row.pk])[0] == 0
    assert Household.objects.get().contact_phone == PHONE


def test_what_is_on_hold_stays(world, row):
    end_household(row, reason="moved_out", on=clock.today(), actor=world.worker)
    LegalHold.objects.create(
        object_kind="household",
        object_id=row.pk,
        reason="复议",
        placed_at=clock.now(),
        placed_by_id=world.security.membership_id,
    )
    assert due_households(clock.now() + LATER) == []
    assert erase_households([row.pk])[0] == 0
    assert due_persons(clock.now() + LATER) == []


def test_a_person_who_left_is_freed_and_the_household_stays(world, row):
    person = Person.objects.get(household=row, relation="head")
    end_person(person, reason="left", on=clock.today(), actor=world.worker)
    assert due_persons(clock.now() + LATER) == [person.pk]
    KINDS["household_person"].scrub([person.pk])
    assert due_persons(clock.now() + LATER) == []
    assert Person.objects.get(household=row, relation="child").name == "李四"
    assert Household.objects.get().contact_phone == PHONE


def test_a_copy_says_all_that_is_held_on_a_number(world, row):
    sections = {section.title: section.rows for section in _export(PHONE)}
    assert sections["住户登记（联系人）"][0]["联系电话"] == PHONE
    assert sections["住户登记（成员）"][0]["姓名"] == "张小三"
    assert sections["住户标签"][0]["依据"] == "本人愿意"
    assert _export("13899999999") == []


def test_on_request_the_number_goes_at_once_and_what_must_stay_is_said(world, row):
    assert _preview(PHONE).kept == {"household": 2, "held": 0}
    done = _erase(PHONE)
    assert done.removed["register_phones"] == 2
    assert done.kept["household"] == 2
    assert not Household.objects.exclude(contact_hash="").exists()
    assert not Person.objects.exclude(phone_hash="").exists()
    assert _export(PHONE) == []


def test_on_request_who_left_is_freed_wholly(world, row):
    end_household(row, reason="moved_out", on=clock.today(), actor=world.worker)
    assert _erase(PHONE).kept["household"] == 0
    assert not any(person.name for person in Person.objects.filter(phone_hash=""))


def test_a_correction_reaches_contact_and_person(world, row):
    assert _correct(PHONE, "张小山", "13900009999") == 2
    assert Household.objects.get().contact_name == "张小山"
    assert Person.objects.get(relation="head").phone == "13900009999"
    assert _export("13900009999")


def test_the_holder_is_registered():
    assert any(holder.export is _export for holder in HOLDERS)
