"""The demo has one proposal for the street to decide on, made once by the community."""

from __future__ import annotations

import pytest

from analytics.demo_territory import load_demo_change
from governance.accounts.models import User
from grids.territory.models import GridChange
from grids.territory.policies import may_decide
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_demos_street_finds_one_proposal_and_no_second(world: World) -> None:
    User.objects.filter(pk=world.users["secretary"].pk).update(handle=f"{world.district.code}-community")
    assert (load_demo_change(world.district), load_demo_change(world.district)) == (1, 0)
    change = GridChange.objects.get()
    assert (change.kind, change.state, change.community_id) == ("merge", "proposed", world.community.pk)
    assert may_decide(world.dispatcher, change)


def test_a_district_without_demo_people_gets_none(world: World) -> None:
    assert load_demo_change(world.district) == 0
