"""Maps in a real browser: what is drawn, drawing by mouse and by keyboard, and the list that does the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance.kernel.tenancy.context import district_transaction
from grids.models import AreaBorder
from grids.territory.models import GridChange
from grids.visits.actions.contacts import name_hub
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_main_job import sign_in
from tests.cases import report
from tests.visits.helpers import homes
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# A page thrown by a finger runs on for a moment.
_STILL = """new Promise((done) => {
  let last = scrollY;
  let since = performance.now();
  const look = () => {
    if (scrollY !== last) [last, since] = [scrollY, performance.now()];
    if (performance.now() - since > 300) done();
    else requestAnimationFrame(look);
  };
  look();
})"""


def corners(page: Page) -> dict[int, set[tuple[float, float]]]:
    found = json.loads(page.locator("textarea[name=borders]").input_value())
    return {
        row["properties"]["id"]: {tuple(point) for point in row["geometry"]["coordinates"][0]}
        for row in found["features"]
    }


def test_the_desk_map_shows_areas_and_tickets_and_the_list_leads_deeper(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    with district_transaction(world.district.pk):
        report(world)
        ticket = report(world, building_id=world.buildings[2].pk)
    page = open_page(DESK)
    sign_in(page, live_server.url, world, "secretary")
    page.goto(f"{live_server.url}/desk/map/")
    expect(page.locator(".lmap path.ma")).to_have_count(3)
    expect(page.locator(".lmap .mk")).to_have_count(2)
    row = page.get_by_role("row", name=world.grid2.name)
    row.get_by_role("link").focus()
    expect(page.locator(".lmap path.ma.on")).to_have_count(1)
    row.get_by_role("link").press("Enter")
    expect(page.get_by_role("heading", name=world.grid2.name, exact=True)).to_be_visible()
    page.locator(".lmap .mk").first.focus()
    page.keyboard.press("Enter")
    link = page.locator(".mpop a").first
    expect(link).to_have_attribute("href", f"/desk/t/{ticket.number}/")


def test_a_name_under_a_heap_moves_aside(live_server: Any, world: World, open_page: Callable[..., Page]) -> None:
    page = open_page(DESK)
    sign_in(page, live_server.url, world, "secretary")
    with district_transaction(world.district.pk):
        ring = AreaBorder.objects.get(area=world.grid).geometry["coordinates"][0]
        west, east = min(lng for lng, _lat in ring), max(lng for lng, _lat in ring)
        south, north = min(lat for _lng, lat in ring), max(lat for _lng, lat in ring)
        # Where the name of the grid would stand.
        report(world, building_id=None, point=((west + east) / 2, north - (north - south) * 0.2))
    page.goto(f"{live_server.url}/desk/map/")
    expect(page.locator(".lmap .mk")).to_have_count(1)
    heap = page.locator(".lmap .mk").bounding_box()
    names = [each.bounding_box() for each in page.locator(".lmap .mname:not(.hid)").all()]
    assert heap
    assert names
    for name in names:
        assert name
        apart = name["y"] + name["height"] <= heap["y"] or heap["y"] + heap["height"] <= name["y"]
        beside = name["x"] + name["width"] <= heap["x"] or heap["x"] + heap["width"] <= name["x"]
        assert apart or beside
    moved = "names => names.filter((name) => name.style.translate).length"
    assert page.locator(".lmap .mname").evaluate_all(moved) == 1


def test_the_workers_map_fits_the_phone(live_server: Any, world: World, open_page: Callable[..., Page]) -> None:
    with district_transaction(world.district.pk):
        report(world)
        name_hub(homes(world, 1)[0], [], agrees=True, actor=world.worker)
    page = open_page(PHONE)
    sign_in(page, live_server.url, world, "worker")
    page.goto(f"{live_server.url}/m/map/")
    expect(page.locator(".lmap path.ma.own")).to_have_count(1)
    expect(page.locator(".lmap .mk")).to_have_count(1)
    expect(page.locator(".lmap .mhub")).to_have_text("中")
    page.locator(".lmap .mhub").hover()
    expect(page.locator(".lmap .leaflet-tooltip", has_text="党员中心户 1 户")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_one_finger_scrolls_the_page_and_two_move_the_map(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    with district_transaction(world.district.pk):
        report(world)
    page = open_page({"width": 390, "height": 480}, is_mobile=True, has_touch=True)
    sign_in(page, live_server.url, world, "worker")
    page.goto(f"{live_server.url}/m/map/")
    expect(page.locator(".lmap .mk")).to_have_count(1)
    page.locator(".lmap").evaluate("map => window.scrollTo(0, map.getBoundingClientRect().top + scrollY - 150)")
    box = page.locator(".lmap").bounding_box()
    assert box
    x, y = box["x"] + 60, box["y"] + box["height"] / 2
    drawn = "(left => left('.lmap .mk') - left('.lmap'))(one => document.querySelector(one).getBoundingClientRect().x)"
    place, before = page.evaluate(drawn), page.evaluate("scrollY")
    fingers = page.context.new_cdp_session(page)

    def move(*points: tuple[float, float], by: tuple[int, int]) -> None:
        for step in range(9):
            at = [
                {"x": px + by[0] * step / 8, "y": py + by[1] * step / 8, "id": n} for n, (px, py) in enumerate(points)
            ]
            fingers.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": at})
            page.wait_for_timeout(20)

    move((x, y), by=(0, -120))
    expect(page.locator(".mhint")).to_have_text("用两个手指移动和放大地图，一个手指滚动页面")
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("top => scrollY > top", arg=before + 60)  # else the map held the page fast
    page.evaluate(_STILL)
    assert page.evaluate(drawn) == place, "the map moved under one finger"
    before = page.evaluate("scrollY")
    box = page.locator(".lmap").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    move((x, y), (x + 120, y), by=(90, 0))
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(f"place => Math.abs({drawn} - place) > 40", arg=place)  # else two fingers do not move it
    assert page.evaluate("scrollY") == before
    expect(page.locator(".lmap")).to_have_attribute("aria-describedby", "map-fingers")


def test_a_shared_corner_moves_both_borders_by_mouse_and_by_keyboard(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(DESK)
    sign_in(page, live_server.url, world, "admin")
    page.goto(f"{live_server.url}/manage/areas/{world.community.pk}/borders/")
    page.get_by_role("button", name=world.grid.name).click()
    expect(page.locator(".lmap .mv")).to_have_count(4)
    before = corners(page)
    shared = before[world.grid.pk] & before[world.grid2.pk]
    assert len(shared) == 2
    # The topmost handles are those on the line to the northern neighbour.
    handles = sorted(page.locator(".lmap .mv").all(), key=lambda each: (each.bounding_box() or {})["y"])
    for handle in handles[:2]:
        handle.focus()
        for _press in range(4):
            page.keyboard.press("ArrowUp")
    moved = corners(page)
    assert len(moved[world.grid.pk] & moved[world.grid2.pk]) == 2
    assert not moved[world.grid.pk] & shared
    # By mouse: a corner added halfway along the line, and pulled.
    middle = min(page.locator(".lmap .mm").all(), key=lambda each: (each.bounding_box() or {})["y"])
    middle.click(force=True)
    expect(page.locator(".lmap .mv")).to_have_count(5)
    added = corners(page)
    assert len(added[world.grid.pk] & added[world.grid2.pk]) == 3
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("没有重叠，没有漏掉的地方")).to_be_visible()
    page.get_by_role("button", name="保存边界").click()
    expect(page.get_by_text("边界已保存。")).to_be_visible()
    with district_transaction(world.district.pk):
        kept = {
            row.area_id: {tuple(point) for point in row.geometry["coordinates"][0]}
            for row in AreaBorder.objects.filter(area__in=[world.grid.pk, world.grid2.pk])
        }
    assert len(kept[world.grid.pk] & kept[world.grid2.pk]) == 3


def test_buildings_get_their_part_on_the_map_and_in_the_list_alike(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(DESK)
    sign_in(page, live_server.url, world, "secretary")
    page.goto(f"{live_server.url}/desk/territory/grids/{world.grid.pk}/split/")
    page.get_by_label("第 2 片叫什么").fill("春晓社区第三网格")
    first, second = world.buildings[0], world.buildings[1]
    marker = page.locator(".lmap .mbld.pick").first
    marker.click()
    expect(page.locator(f"input[name=building_{first.pk}][value='1']")).to_be_checked()
    page.locator(f"input[name=building_{second.pk}][value='2']").check(force=True)
    expect(page.locator(".lmap .mbld.p2")).to_have_count(1)
    page.get_by_label("为什么调整").fill("户数太多")
    page.get_by_role("button", name="看看拆成什么样").click()
    expect(page.locator(".lmap path.ma.part")).to_have_count(2)
    page.get_by_role("button", name="提交街道审批").click()
    expect(page.get_by_text("已提交，等街道审批")).to_be_visible()
    with district_transaction(world.district.pk):
        assert GridChange.objects.get().buildings.count() == 2
