"""The community secretary's budget: a notice to chosen buildings in four taps besides typing (people.md 3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from governance.kernel.tenancy.context import district_transaction
from services.models import Announcement
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_main_job import sign_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_a_notice_to_a_building_takes_four_taps(
    live_server: object, world: World, open_page: Callable[..., Page], device: dict[str, int]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    page = open_page(device)
    sign_in(page, server, world, "secretary")
    page.goto(f"{server}/desk/")
    taps = 0

    def tap(what: object) -> None:
        nonlocal taps
        what.click()  # type: ignore[attr-defined]
        taps += 1

    tap(page.get_by_role("link", name="公告", exact=True).locator("visible=true").first)
    page.get_by_label("标题", exact=True).fill("停水通知")
    page.get_by_label("正文", exact=True).fill("明天九点到十六点停水。")
    tap(page.get_by_text("1号楼", exact=True))
    tap(page.get_by_role("button", name="发布", exact=True))
    expect(page.get_by_text("户居民")).to_be_visible()
    tap(page.get_by_role("button", name="确认发布"))
    expect(page.get_by_text("已发布，正在送达")).to_be_visible()
    assert taps == 4
    with district_transaction(world.district.pk):
        row = Announcement.objects.get()
        assert (row.state, row.kind) == ("published", "outage")
        assert row.targets.get().building_id == world.building.pk

    # A resident reads it without an account, at home and not next door.
    resident = open_page(PHONE)
    resident.goto(f"{server}/d/{world.district.code}/announcements/")
    resident.get_by_role("link", name="只看我住的地方").click()
    resident.get_by_role("link", name=world.community.name).click()
    resident.get_by_role("button", name="2号楼").click()
    expect(resident.get_by_text("现在没有公告")).to_be_visible()
    resident.get_by_role("link", name="换地方").click()
    resident.get_by_role("button", name="1号楼").click()
    resident.get_by_role("link", name="停水通知").click()
    expect(resident.get_by_text("明天九点到十六点停水。")).to_be_visible()
