"""Sits people down at devices and holds what they tapped against the budget of the test's tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.taps.hand import TASKS, Hand, Hands
from tests.browser.test_main_job import sign_in
from tests.world import World


@pytest.fixture
def at_work(
    request: pytest.FixtureRequest, live_server: Any, world: World, open_page: Callable[..., Page]
) -> Iterator[Hands]:
    """Sits somebody of the cast down at a device; afterwards the taps are held against the budget of the task."""
    sat: list[Hand] = []

    def sit_down(person: str, device: dict[str, int]) -> Hand:
        page = open_page(device)
        hand = Hand(page, live_server.url)
        sat.append(hand)

        def count() -> None:
            hand.taps += 1

        page.expose_function("tapSeen", count)
        page.add_init_script("addEventListener('pointerdown', e => e.isTrusted && window.tapSeen(), true)")
        if person:
            sign_in(page, live_server.url, world, person)
            hand.taps = 0
        return hand

    yield sit_down
    budget = min(TASKS[task] for task in request.function.tasks)
    assert sat
    assert sat[-1].taps <= budget, f"{sat[-1].taps} taps, {budget} allowed"
    if budget:
        assert sat[-1].taps, "nothing was tapped at all"
