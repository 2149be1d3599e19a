"""Plans and patrols for tests: morning and afternoon of every working day in the first grid."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import uuid4

import time_machine

from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from grids.patrols.actions.patrols import PatrolSaid, finish_patrol, start_patrol
from grids.patrols.actions.plans import PlanSaid, set_plan
from grids.patrols.models import Patrol, PatrolPlan
from tests.world import World

AM, PM = (time(8, 30), time(11, 30)), (time(14, 0), time(17, 0))


def at(moment: str) -> Any:
    """A moment in Shanghai, as 2026-11-18 09:30."""
    return time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI), tick=False)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def both_shifts(world: World, **changes: Any) -> PatrolPlan:
    """The first grid's plan: AM and PM."""
    said = PlanSaid(**{"shifts": {"am": AM, "pm": PM}, **changes})
    return set_plan([world.grid.pk], "routine", said, actor=world.secretary)[0]


def begun(world: World, actor: Actor | None = None, **said: Any) -> Patrol:
    values = {"client_id": uuid4(), "grid_id": world.grid.pk, **said}
    return start_patrol(PatrolSaid(**values), actor=actor or world.worker)


def walked(world: World, **said: Any) -> Patrol:
    row = begun(world, **said)
    return finish_patrol(row, actor=world.worker)
