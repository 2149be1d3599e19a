"""People in the posts of advisers and forces in the lists, for the tests of posts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.actions.posts import assign_post
from grids.models import Area, Organization, Post
from grids.posts.actions.forces import ForceDetails, add_force
from grids.posts.actions.nominations import Nominee, open_nomination
from grids.posts.actions.seats import open_seats
from grids.posts.models import Force, NominationRound
from tests.world import World

SINCE = date(2018, 1, 1)
PHONE = "13700005678"


def appoint(world: World, area: Area, kind: str, name: str, since: date = SINCE) -> Any:
    """Open every seat of that kind and put somebody of the cast into that of ``area``."""
    open_seats(kind, actor=world.admin)
    post = Post.objects.get(organization=Organization.objects.get(area=area, kind__in=_OWN), kind=kind)
    return assign_post(post, membership=world.members[name], since=since, actor=world.admin)


_OWN = ("grid_team", "residents_committee", "street_office", "district_center")


def force(area: Area, actor: Actor, **said: Any) -> Force:
    details = ForceDetails(**{"kind": "volunteer", "name": "孙师傅", "role": "水电志愿者", "phone": PHONE, **said})
    return add_force(area.pk, details, actor=actor)


def nomination(world: World, *names: str, days: int = 7) -> NominationRound:
    """A round of the first building with these candidates."""
    nominees = [Nominee(name, "13811110000") for name in names or ("王楼长",)]
    until = clock.today() + timedelta(days=days)
    return open_nomination(world.building, nominees, confirm_by=until, actor=world.worker)
