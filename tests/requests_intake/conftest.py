from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from governance.kernel.actors import Actor
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket
from tests.world import World


@pytest.fixture
def reported(world: World) -> Callable[..., Ticket]:
    """A resident's ticket at a building of the first grid; keyword arguments change the report."""

    def report(**changes: Any) -> Ticket:
        words = {"content": "三单元楼道灯坏了一个星期，老人晚上上下楼看不见。", "building_id": world.building.id,
                 "name": "李小明", "phone": "13800001234"}  # fmt: skip
        return submit_ticket(Report(**{**words, **changes}), actor=Actor.public()).ticket

    return report
