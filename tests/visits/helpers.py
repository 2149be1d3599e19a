"""Visits for tests: a grid with households, and a quick way to log one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.households.models import Household
from grids.visits.actions.visits import VisitDetails, log_visit
from grids.visits.models import Visit
from tests.households.homes import many, with_rooms
from tests.world import World


def homes(world: World, number: int = 4, building: int = 0) -> list[Household]:
    """Households of the worker's grid (buildings 0 and 1) or of another grid of the community (2 and 3)."""
    here = world.buildings[building]
    rooms = with_rooms(here, units=1, floors=max(1, -(-number // 2)), doors=2)
    return many(here, rooms[:number], Actor.system("test"))


def visit(household: Household, actor: Actor, met: str = "yes", *, days_ago: float = 0, **said: Any) -> Visit:
    """A visit so many days ago, whatever the limit for writing one down."""
    row = log_visit(household, VisitDetails(met=met, **said), actor=actor)
    if days_ago:
        row.at = clock.now() - timedelta(days=days_ago)
        row.save(update_fields=["at"])
    return row


def owed(client: Client) -> list[dict[str, Any]]:
    """What the signed-in person's first page at the desk says they are to visit."""
    groups = client.get("/desk/").context["groups"]
    return [item for group in groups if group["title"] == "要上门的" for item in group["items"]]
