"""One ticket through all faces: resident, grid worker, time, street, department, check on site, rating, closed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from governance.kernel.models import ClockShift
from governance.kernel.tenancy.context import district_scope, district_transaction
from requests_intake.actions.sweep import sweep
from requests_intake.models import Ticket
from tests.browser.conftest import DESK, PHONE
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def photo() -> dict[str, object]:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), (120, 110, 100)).save(buffer, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def move_clock_to(moment: datetime) -> None:
    seconds = int((moment - datetime.now(SHANGHAI)).total_seconds())
    ClockShift.objects.update_or_create(id=1, defaults={"seconds": seconds})


def let_the_clocks_run(world: World) -> None:
    with district_scope(world.district.pk):
        sweep()


def now_of(world: World) -> Ticket:
    with district_transaction(world.district.pk):
        ticket = Ticket.objects.select_related("organization").get()
        assert ticket.organization.name
        return ticket


def sign_in(page: Page, server: str, world: World, name: str) -> None:
    page.goto(f"{server}/sign-in/")
    page.get_by_label("账号").fill(world.users[name].handle)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def test_one_ticket_through_all_faces(live_server: object, world: World, open_page: Callable[..., Page]) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    # The next Monday morning, so that working hours are the same whenever this runs.
    today = datetime.now(SHANGHAI).replace(hour=9, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=(7 - today.weekday()) % 7 or 7)
    while not _is_ordinary_week(monday):
        monday += timedelta(days=7)
    move_clock_to(monday)

    # A resident reports on the phone, with a photo and without an account.
    resident = open_page(PHONE)
    resident.goto(f"{server}/d/{world.district.code}/")
    resident.get_by_role("link", name="报事").click()
    resident.locator("input[type=file]").first.set_input_files([photo()])
    resident.get_by_label("说说是什么事").fill("有人从三楼拉飞线给电动车充电，线就垂在楼道口。")
    resident.locator("#id_address").fill(f"{world.compound.name}{world.building.number}号楼")
    resident.get_by_label("手机号").fill("13800001234")
    resident.locator(".sbm button").click()
    resident.wait_for_url("**/done/**")
    ticket = now_of(world)
    expect(resident.get_by_text(ticket.number).first).to_be_visible()
    assert (ticket.state, ticket.grid_id) == ("handling", world.grid.pk)

    # The grid worker sees it on the phone and signs, but cannot solve it.
    worker = open_page(PHONE)
    sign_in(worker, server, world, "worker")
    worker.goto(f"{server}/m/t/{ticket.number}/")
    expect(worker.locator("img").first).to_be_visible()
    worker.get_by_role("button", name="签收").click()
    expect(worker.locator("[data-toast=ok]")).to_contain_text("签收")
    assert ticket_order_state(world) == "signed"

    # Time passes: the matter is at the community, and then, unsigned there, at the street.
    move_clock_to(monday + timedelta(days=1, hours=8, minutes=31))
    let_the_clocks_run(world)
    assert now_of(world).level == "community"
    move_clock_to(monday + timedelta(days=3))
    let_the_clocks_run(world)
    assert now_of(world).level == "street"

    # The street dispatches a department.
    street = open_page(DESK)
    sign_in(street, server, world, "dispatcher")
    street.goto(f"{server}/desk/t/{ticket.number}/dispatch/")
    street.locator("select[name=organization]").select_option(str(world.water.pk), force=True)
    street.get_by_role("button", name="派单").click()
    street.wait_for_url(lambda url: "/dispatch/" not in url)
    assert now_of(world).organization_id == world.water.pk

    # The department signs and resolves.
    handler = open_page(DESK)
    sign_in(handler, server, world, "handler")
    handler.goto(f"{server}/desk/t/{ticket.number}/sign/")
    handler.locator("form button.pri").click()
    handler.wait_for_url(lambda url: "/sign/" not in url)
    handler.goto(f"{server}/desk/t/{ticket.number}/resolve/")
    handler.locator("textarea[name=note]").fill("飞线已拆除，旁边装了充电桩。")
    handler.locator("form button.pri").click()
    handler.wait_for_url(lambda url: "/resolve/" not in url)
    assert now_of(world).state == "resolved"

    # The grid worker goes and looks.
    worker.goto(f"{server}/m/t/{ticket.number}/verify/")
    worker.locator("input[type=file]").first.set_input_files([photo()])
    worker.locator("button.pri").click()
    worker.wait_for_url(lambda url: "/verify/" not in url)
    assert now_of(world).state == "visiting"

    # The resident follows it with number and telephone tail, and rates it.
    later = open_page(PHONE)
    later.goto(f"{server}/d/{world.district.code}/track/")
    later.locator("input[name=number]").fill(ticket.number)
    later.locator("input[name=secret]").fill("1234")
    later.locator("main form button").last.click()
    later.wait_for_url("**/t/**")
    expect(later.get_by_text("飞线已拆除").first).to_be_visible()
    later.get_by_role("button", name="满意").first.click()
    expect(later.locator("[data-toast=ok]")).to_be_visible()
    closed = now_of(world)
    assert (closed.state, closed.final_satisfaction, closed.max_level) == ("closed", "satisfied", "department")

    # And the official finds it among what ended.
    official = open_page(DESK)
    sign_in(official, server, world, "official")
    official.goto(f"{server}/board/")
    expect(official.locator("h1").first).to_be_visible()


def ticket_order_state(world: World) -> str:
    from requests_intake.actions.orders import lead_order

    with district_transaction(world.district.pk):
        order = lead_order(Ticket.objects.get())
        assert order is not None
        return order.state


def _is_ordinary_week(monday: datetime) -> bool:
    """Five working days in a row, by the calendar the product uses where it is published, else by weekday."""
    from governance.kernel.calendar import WorkCalendar

    calendar = WorkCalendar.national([monday.year])
    return all(calendar.is_working((monday + timedelta(days=offset)).date()) for offset in range(5))
