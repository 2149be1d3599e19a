"""Whatever people and clocks do in whatever order, what must hold holds.

``WALK_MOVES=10000`` makes that many moves (``make test ARGS="tests/requests_intake/test_random_walk.py -n 0"``) and
tries several times as many that are refused.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.requests_intake.walk import PEOPLE, Walk
from tests.world import World

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MOVES = int(os.environ.get("WALK_MOVES", "130"))
STEPS = 50
EXAMPLES = max(4, MOVES * 8 // STEPS)
"""More than it takes: once enough moves are made, nothing more happens in the others."""


@pytest.fixture
def walks(world: World) -> dict[str, Any]:
    """A machine over the world; every example begins anew. ``made``: how many moves were made and refused."""
    counted: dict[str, Any] = {"made": 0, "refused": 0, "names": set()}

    class Machine(RuleBasedStateMachine):
        @initialize(choice=st.integers(0, 4))
        def begin(self, choice: int) -> None:
            self.goes_on = counted["made"] < MOVES
            if not self.goes_on:
                return
            self.block = transaction.atomic()
            self.block.__enter__()
            self.travel = time_machine.travel(MONDAY_9, tick=False)
            self.now = self.travel.start()
            self.walk = Walk(world)
            self.walk.report(choice)

        # Not a precondition: how many tickets there are hangs on draws, and what Hypothesis chooses from must not.
        @rule(choice=st.integers(0, 4))
        def report(self, choice: int) -> None:
            if self.goes_on and len(self.walk.tickets) < 4:
                self.walk.report(choice)

        @rule(hours=st.sampled_from([1, 3, 8, 20, 30, 72, 200]))
        def time_passes(self, hours: int) -> None:
            if self.goes_on:
                self.walk.pass_time(hours, self.now.move_to)

        @rule(
            name=st.sampled_from(sorted(Walk(world).acts)), person=st.sampled_from(PEOPLE),
            number=st.integers(0, 3), choice=st.integers(0, 11),
        )  # fmt: skip
        def anybody(self, name: str, person: str, number: int, choice: int) -> None:
            if self.goes_on and self.walk.step(name, person, number, choice):
                counted["names"].add(name)

        @rule(number=st.integers(0, 3), choice=st.integers(0, 10_000))
        def somebody_who_may(self, number: int, choice: int) -> None:
            if self.goes_on:
                counted["names"].add(self.walk.likely(number, choice))

        @rule(number=st.integers(0, 3), choices=st.lists(st.integers(0, 10_000), min_size=2, max_size=4))
        def several_who_may(self, number: int, choices: list[int]) -> None:
            for choice in choices if self.goes_on else ():
                counted["names"].add(self.walk.likely(number, choice))
                self.walk.check()

        @invariant()
        def what_must_hold(self) -> None:
            if getattr(self, "goes_on", False):
                self.walk.check()

        def teardown(self) -> None:
            if not getattr(self, "goes_on", False):
                return
            counted["made"] += self.walk.made
            counted["refused"] += self.walk.refused
            self.travel.stop()
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    counted["machine"] = Machine
    return counted


@pytest.mark.django_db
def test_a_random_walk_breaks_nothing_that_must_hold(walks: dict[str, Any]) -> None:
    run_state_machine_as_test(
        walks["machine"],
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=True,
            phases=(Phase.generate,), suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # fmt: skip
    assert walks["made"] >= MOVES, "the walk stood still"
    assert walks["refused"] > 0
    print(f"{walks['made']} moves made, {walks['refused']} refused; {len(walks['names'])} kinds")
