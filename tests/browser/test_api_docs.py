"""The API's readable description under the strict content security policy (a refused resource fails the test)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_docs_show_every_operation_and_open_one(live_server: object, open_page: Callable[..., Page]) -> None:
    page = open_page(DESK)
    page.goto(f"{live_server.url}/api/v1/docs/")  # type: ignore[attr-defined]
    dispatch = page.locator("[id$=ticket_dispatch]")
    # Swagger UI draws what is in sight: the way down to an operation draws those above it.
    for _turn in range(80):
        if dispatch.count():
            break
        page.mouse.wheel(0, 2000)
        page.wait_for_timeout(100)
    expect(dispatch).to_contain_text("派单")
    dispatch.click()
    expect(dispatch.get_by_text("Idempotency-Key").first).to_be_visible()
    expect(dispatch.get_by_text("现在不能这样做：状态不允许")).to_be_visible()
