"""The demo's posts and forces go in once, through the real actions, with nobody who could be called."""

from __future__ import annotations

import pytest

from analytics.demo_households import load_demo_households
from analytics.demo_posts import load_demo_posts
from governance.accounts.models import User
from grids.posts.coverage import coverage
from grids.posts.lines import matrices
from grids.posts.models import Force, HouseholdVote, LawBuilding, NominationRound
from grids.posts.queries import helpers_for, public_forces
from grids.reference import territory
from tests.households.homes import with_rooms
from tests.world import World

pytestmark = pytest.mark.django_db


def test_seats_lists_lines_and_a_choice_are_filled_once(world: World) -> None:
    for name, handle in (("worker", "grid"), ("secretary", "community")):
        User.objects.filter(pk=world.users[name].pk).update(handle=f"{world.district.code}-{handle}")
    for building in world.buildings[:4]:
        with_rooms(building, units=2, floors=6, doors=2)
    load_demo_households(world.district)
    assert load_demo_posts(world.district) == 8
    assert load_demo_posts(world.district) == 0
    assert all(row.phone.startswith("000") for row in Force.objects.all())
    communities = [territory().areas[area.pk] for area in world.communities]
    filled = {row.kind: (row.filled, row.places) for row in coverage(communities).posts}
    assert filled == {"community_police": (3, 4), "legal_adviser": (2, 4), "chief_justice_adviser": (1, 1)}
    assert matrices([world.community.pk])[world.community.pk].orphans == []
    levels = [row.area.level for row in helpers_for(territory().areas[world.grid.pk], "电工").select_related("area")]
    assert levels == ["grid", "community", "street"]
    assert {row.phone for row in public_forces(world.grid.pk) if not row.publishes_phone} == {""}
    assert NominationRound.objects.get().state == "open"
    assert HouseholdVote.objects.exists()
    assert sorted(LawBuilding.objects.values_list("state", flat=True)) == ["held", "to_mend"]
