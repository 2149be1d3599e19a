"""The phone's first page stands still while its scripts load (Lighthouse: layout shift)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance.kernel.tenancy.context import district_transaction
from tests.browser.conftest import PHONE
from tests.browser.test_main_job import sign_in
from tests.cases import report
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [360, 390, 412])
def test_nothing_moves_when_the_scripts_arrive(
    live_server: Any, world: World, open_page: Callable[..., Page], width: int
) -> None:
    with district_transaction(world.district):
        report(world)
    tops = []
    for scripts in (False, True):
        page = open_page({**PHONE, "width": width}, java_script_enabled=scripts)
        sign_in(page, live_server.url, world, "worker")
        page.goto(f"{live_server.url}/d/{world.district.code}/m/")
        if scripts:
            expect(page.locator("html.js .sync")).to_be_visible()
        box = page.locator("main").bounding_box()
        assert box is not None
        tops.append(box["y"])
    assert tops[0] == tops[1]
