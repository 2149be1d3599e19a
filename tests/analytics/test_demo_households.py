"""The demo's register goes in once, through the real actions, with nobody who could be called."""

from __future__ import annotations

import pytest

from analytics.demo_households import load_demo_households
from governance.accounts.models import User
from governance.kernel import clock
from grids.households.figures import compared
from grids.households.models import GridElement, Household, HouseholdTagging, Person
from grids.households.reference import service_roles, tags_in_use
from grids.households.stigma import stigma_in
from grids.visits.models import BuildingSponsor, CareObject, ContactLink, ContactMember, MustVisit, Visit
from tests.households.homes import with_rooms
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(world: World) -> World:
    for name, handle in (("worker", "grid"), ("secretary", "community")):
        User.objects.filter(pk=world.users[name].pk).update(handle=f"{world.district.code}-{handle}")
    for building in world.buildings[:4]:
        with_rooms(building, units=2, floors=6, doors=2)
    return world


def test_without_flats_there_is_nothing_to_fill(world: World) -> None:
    assert load_demo_households(world.district) == 0


def test_the_demos_community_is_filled_once_and_unevenly(demo: World) -> None:
    written = load_demo_households(demo.district)
    assert 60 < written < 96
    assert load_demo_households(demo.district) == 0
    assert Household.objects.filter(is_generated=True).count() == written
    found = compared([demo.community.pk])[demo.community.pk]
    assert found.gap is not None
    assert found.gap < 0
    mine = HouseholdTagging.objects.filter(household__building__grid=demo.grid, since__lte=clock.today())
    assert mine.exists()
    assert GridElement.objects.filter(grid=demo.grid).count() == 8
    assert len(tags_in_use()) == 6
    assert len(service_roles()) == 8


def test_its_people_are_invented_and_its_words_harmless(demo: World) -> None:
    load_demo_households(demo.district)
    assert all(person.phone == "" or person.phone.startswith("000") for person in Person.objects.all())
    assert all(row.contact_phone == "" or row.contact_phone.startswith("000") for row in Household.objects.all())
    assert not [tag for tag in tags_in_use() if stigma_in(tag.name + tag.meaning)]
    neighbours = Household.objects.filter(building__grid=demo.grid2)
    assert neighbours.exists()
    assert not neighbours.exclude(contact_hash="").exists()


def test_its_worker_has_visited_and_looks_after_people(demo: World) -> None:
    load_demo_households(demo.district)
    assert Visit.objects.filter(grid=demo.grid).count() >= 40
    assert {"yes", "no"} <= set(Visit.objects.values_list("met", flat=True))
    assert CareObject.objects.exists()
    assert set(MustVisit.objects.values_list("rule__kind", flat=True)) == {"tag", "event"}
    members = ContactMember.objects.all()
    assert members.count() == 3
    assert all(row.phone.startswith("000") for row in members)
    assert ContactLink.objects.filter(member=members.first()).count() == 8
    assert BuildingSponsor.objects.exists()
