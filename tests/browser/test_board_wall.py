"""The wall: 1920×1080 without a bar to scroll, fetched anew by itself; the leader's page beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance.kernel.tenancy.context import district_transaction
from requests_intake.models import Ticket
from tests.browser.test_main_job import sign_in
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

WALL = {"width": 1920, "height": 1080}
OVER = """() => [...document.querySelectorAll('.wall, .wall .wp, .wall .rate .v')]
    .filter(node => (!node.matches('.v') && node.scrollHeight > node.clientHeight + 1)
        || node.scrollWidth > node.clientWidth + 1)
    .map(node => `${node.className}: ${node.scrollHeight} > ${node.clientHeight}`)"""

SMALLEST = """() => Math.min(...[...document.querySelectorAll('.wall *')]
    .filter(node => !node.childElementCount && node.textContent.trim() && !node.closest('.sr, svg'))
    .map(node => parseFloat(getComputedStyle(node).fontSize)))"""


def test_the_wall_fits_and_fetches_itself_anew(live_server: Any, world: World, open_page: Callable[..., Page]) -> None:
    with district_transaction(world.district):
        for _each in range(7):
            ticket_in(world, "dispatched")
        Ticket.objects.update(lamp="over", urgency="critical")
        ticket_in(world, "closed")  # 100.0% satisfied, the widest there is
    page = open_page(WALL)
    page.clock.install()
    sign_in(page, live_server.url, world, "official")
    page.goto(f"{live_server.url}/board/")
    page.get_by_role("link", name="大屏").click()
    expect(page.locator(".wall h1")).to_be_visible()
    page.wait_for_load_state()
    size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight, innerWidth, innerHeight]"
    assert page.evaluate(size) == [1920, 1080, 1920, 1080]
    assert page.evaluate(OVER) == []
    assert page.evaluate(SMALLEST) >= 14
    # As it is before the scripts have come, too.
    still = open_page(WALL, java_script_enabled=False, storage_state=page.context.storage_state())
    still.goto(page.url)
    assert still.evaluate(size) == [1920, 1080, 1920, 1080]
    number = page.locator(".kp div", has_text="在办").locator("dd")
    expect(number).to_have_text("7")
    number.get_by_role("link").focus()
    with district_transaction(world.district):
        ticket_in(world, "dispatched")
    page.clock.fast_forward(61_000)
    expect(number).to_have_text("8")
    expect(number.get_by_role("link")).to_be_focused()
    # The session ends: the numbers stay and it is said.
    page.context.clear_cookies()
    page.clock.fast_forward(61_000)
    expect(page.get_by_text("登录过期了，数字停在这里")).to_be_visible()
    expect(number).to_have_text("8")
