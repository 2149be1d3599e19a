"""A patrol without a network: everything written on the phone arrives exactly once, under its own name, or is shown."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from governance.kernel.tenancy.context import district_transaction
from grids.households.models import Household
from grids.patrols.models import Patrol
from grids.visits.models import Visit
from requests_intake.actions.handle import sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Attachment, Ticket, TicketTransition
from tests.browser.conftest import CHROMIUM, PATIENCE, PHONE, page_in
from tests.browser.keyboard import found_in, reach
from tests.browser.test_main_job import sign_in
from tests.patrols.rounds import both_shifts
from tests.visits.helpers import homes
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

REPORTS, VISITS = 20, 5


class Phone:
    """A phone of its own: what it stores outlives the browser, which may be killed and started again."""

    def __init__(self, browser: Browser, folder: Path, root: str) -> None:
        self.browser, self.folder, self.root = browser, folder, root
        self.context: BrowserContext | None = None
        self.start()

    def start(self) -> None:
        self.context = self.browser.browser_type.launch_persistent_context(
            str(self.folder), executable_path=CHROMIUM, viewport=PHONE, locale="zh-CN",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                  "--disable-sync"],
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = page_in(self.context, is_cut_off=True)

    def kill(self) -> None:
        """The page and its browser are gone in the middle of whatever they did."""
        assert self.context is not None
        self.context.close()
        self.context = None

    def network(self, on: bool) -> None:
        assert self.context is not None
        self.context.set_offline(not on)

    def go(self, path: str = "") -> Page:
        self.page.goto(f"{self.root}/m/{path}")
        return self.page

    def sign_in(self, world: World, name: str) -> None:
        self.page.goto(f"{self.root}/sign-in/")
        self.page.get_by_label("账号").fill(world.users[name].handle)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)
        self.go()

    def keep_the_day(self, *paths: str) -> None:
        """Wait until the service worker holds these pages."""
        script = self.page.request.get(f"{self.root}/m/sw.js")
        assert script.ok, f"the front end is not built: {script.status}"
        wanted = [f"{self.root}/m/{path}" for path in ("", "report/", "outbox/", *paths)]
        held = "(urls) => Promise.all(urls.map((url) => caches.match(url))).then((all) => all.every(Boolean))"
        for _ in range(120):
            if self.page.evaluate(held, wanted):
                break
            self.page.wait_for_timeout(500)
        assert self.page.evaluate("Boolean(navigator.serviceWorker.controller)")
        kept = self.page.evaluate(
            "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name))))"
            ".then((caches) => Promise.all(caches.map((cache) => cache.keys())))"
            ".then((all) => all.flat().map((request) => request.url))"
        )
        assert set(wanted) <= set(kept)

    def unsent(self) -> int:
        """How many items lie on the phone."""
        count = """new Promise((done, fail) => {
            const asked = indexedDB.open('phone');
            asked.onerror = () => fail(asked.error);
            asked.onsuccess = () => {
                const found = asked.result.transaction('items').objectStore('items').count();
                found.onsuccess = () => { asked.result.close(); done(found.result); };
            };
        })"""
        return int(self.page.evaluate(count))

    def look(self, name: str) -> None:
        """A picture for whoever wants to see it: ``OFFLINE_SCREENS=folder``."""
        if folder := os.environ.get("OFFLINE_SCREENS"):
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    def look_at(self, path: str, name: str) -> None:
        if os.environ.get("OFFLINE_SCREENS"):
            self.go(path)
            self.page.wait_for_timeout(700)
            self.look(name)

    def state(self) -> str:
        return self.page.locator("[data-sync]").first.get_attribute("data-sync") or ""


@pytest.fixture
def phone(
    live_server: Any, world: World, chromium: Browser, tmp_path: Path, settings: Any
) -> Iterator[Callable[[], Phone]]:
    settings.MEDIA_ROOT = tmp_path / "media"
    made: list[Phone] = []

    def make() -> Phone:
        made.append(Phone(chromium, tmp_path / f"phone{len(made)}", f"{live_server.url}/d/{world.district.code}"))
        return made[-1]

    yield make
    for each in made:
        if each.context is not None:
            each.context.close()


def photo(number: int = 0) -> dict[str, Any]:
    buffer = io.BytesIO()
    # Noise does not shrink: large enough for several pieces.
    noise = Image.frombytes("RGB", (900, 700), os.urandom(900 * 700 * 3))
    noise.save(buffer, "JPEG", quality=90)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def matter(world: World, content: str) -> Ticket:
    with district_transaction(world.district):
        said = Report(content=content, building_id=world.building.pk, category_code="0106")
        ticket = submit_ticket(said, actor=world.dispatcher).ticket
        sign_order(ticket, actor=world.worker)
        return ticket


# ---------------------------------------------------------------- what a patrol writes
def write_report(phone: Phone, number: int) -> None:
    page = phone.go("report/")
    page.locator("input[type=file]").set_input_files([photo(number)])
    expect(page.locator("[data-photos-list] li")).to_have_count(1)
    page.locator("textarea[name=content]").fill(f"第{number}件：楼道堆物")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/m/")


def write_close(phone: Phone, number: str) -> None:
    page = phone.go(f"t/{number}/solve_on_site/")
    page.locator("input[type=file]").set_input_files([photo()])
    expect(page.locator("[data-photos-list] li")).to_have_count(1)
    area = page.locator("textarea").first
    area.fill("旧家具清走了")
    page.locator(".sub-bar .pri").click()
    page.wait_for_url(lambda url: "solve_on_site" not in url)


def write_visit(phone: Phone, home: Household) -> None:
    page = phone.go(f"visits/to/{home.pk}/")
    page.locator("input[name=met][value=yes]").check(force=True)
    page.locator("textarea[name=findings]").fill("老人在家，一切都好")
    page.get_by_role("button", name="保存走访").click()
    page.wait_for_url("**/m/visits/")


def lose_one_answer(page: Page) -> Callable[[], int]:
    """The server does what the first form says, and the network breaks before the phone hears of it."""
    lost = []

    def handle(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    page.route("**/m/report/", handle)
    return lambda: len(lost)


def break_a_photo(page: Page) -> Callable[[], int]:
    """The second piece of a photo never leaves the phone."""
    broken = []

    def handle(route: Route) -> None:
        if route.request.method == "PUT" and "offset=0" not in route.request.url and not broken:
            broken.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/uploads/*", handle)
    page.route("**/api/v1/uploads/*/?offset=*", handle)
    return lambda: len(broken)


def wait_for_all(phone: Phone) -> None:
    page = phone.go("outbox/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-sync]").first).to_have_attribute("data-sync", "sent", timeout=180_000)


# ---------------------------------------------------------------- the patrol
def test_what_a_patrol_writes_without_a_network_arrives_exactly_once(world: World, phone: Callable[[], Phone]) -> None:
    """20 finds with photos, a close and 5 visits in the middle of a patrol; the network goes and comes back twice."""
    closed = matter(world, "单元门口的旧家具")
    with district_transaction(world.district):
        both_shifts(world)
        visited = homes(world, VISITS)
        before = Ticket.objects.count()
    own = phone()
    own.sign_in(world, "worker")
    own.page.get_by_role("button", name="开始上午巡查").click()
    expect(own.page.get_by_text("正在上午巡查")).to_be_visible()
    own.keep_the_day(f"t/{closed.number}/solve_on_site/")
    own.go("visits/")
    own.keep_the_day(
        f"t/{closed.number}/",
        f"t/{closed.number}/solve_on_site/",
        "visits/",
        *(f"visits/to/{home.pk}/" for home in visited),
    )

    # The network goes for the first time.
    own.network(on=False)
    for number in range(8):
        write_report(own, number)
    write_close(own, closed.number)
    for home in visited[:2]:
        write_visit(own, home)
    own.go()
    assert own.state() == "off"
    expect(own.page.locator("[data-sync-word]").first).to_contain_text("11")
    own.look("offline-home")
    own.look_at("outbox/", "outbox")
    own.look_at("report/", "offline-report")

    # It comes back; an answer is lost on the way, a photo breaks off, and then it goes for the second time.
    lost, broken = lose_one_answer(own.page), break_a_photo(own.page)
    own.network(on=True)
    for _ in range(60):
        own.page.evaluate("window.dispatchEvent(new Event('online'))")
        own.page.wait_for_timeout(1000)
        if lost() and broken():
            break
    assert (lost(), broken()) == (1, 1)
    own.network(on=False)
    for number in range(8, 14):
        write_report(own, number)
    for home in visited[2:4]:
        write_visit(own, home)

    # The page is killed, opens again without a network, and holds what was written.
    own.kill()
    own.start()
    own.network(on=False)
    own.go()
    waiting = own.unsent()
    assert waiting >= 8
    for number in range(14, REPORTS):
        write_report(own, number)
    write_visit(own, visited[4])
    assert own.unsent() == waiting + 7

    # It comes back for the second time, and in the middle of sending the page is killed once more.
    own.network(on=True)
    own.page.wait_for_timeout(3000)
    own.kill()
    own.start()
    wait_for_all(own)
    assert own.unsent() == 0

    with district_transaction(world.district):
        patrol = Patrol.objects.get()
        assert Ticket.objects.count() == before + REPORTS
        found = Counter(Ticket.objects.filter(patrol=patrol).values_list("content", flat=True))
        assert found == {f"第{number}件：楼道堆物": 1 for number in range(REPORTS)}
        photos = Counter(Attachment.objects.values_list("ticket_id", flat=True))
        assert len(photos) == REPORTS + 1
        assert set(photos.values()) == {1}
        assert TicketTransition.objects.filter(ticket=closed, move="solve_on_site").count() == 1
        made = Counter(Visit.objects.values_list("household_id", flat=True))
        assert made == {home.pk: 1 for home in visited}
        assert set(Visit.objects.values_list("by_id", flat=True)) == {world.worker.membership_id}


def test_who_comes_too_late_is_shown_how_it_stands_and_loses_nothing(world: World, phone: Callable[[], Phone]) -> None:
    ticket = matter(world, "路灯不亮")
    own = phone()
    own.sign_in(world, "worker")
    own.keep_the_day(f"t/{ticket.number}/solve_on_site/")
    own.network(on=False)
    write_close(own, ticket.number)
    with district_transaction(world.district):
        resolve_ticket(ticket, actor=world.worker, reply="别人先修好了")
    own.network(on=True)
    page = own.go("outbox/")
    item = page.locator("article.ob")
    expect(item).to_contain_text("情况变了")
    expect(item).to_contain_text("旧家具清走了")
    expect(item).to_contain_text("办结")
    assert own.state() == "look"
    own.look("conflict")
    # What was written goes on as a find of its own, photo and all.
    item.get_by_role("link", name="按新发现再报").click()
    expect(page.locator("textarea[name=content]")).not_to_have_value("")
    expect(page.locator("[data-photos-list] li")).to_have_count(1)
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/m/")
    with district_transaction(world.district):
        assert Ticket.objects.filter(content__contains="旧家具清走了").count() == 1
    expect(page.locator("[data-sync]").first).to_have_attribute("data-sync", "sent")


def test_much_that_waits_is_folded_and_what_arrived_is_said_in_one_line(
    world: World, phone: Callable[[], Phone]
) -> None:
    own = phone()
    own.sign_in(world, "worker")
    own.keep_the_day()
    own.network(on=False)
    for number in range(6):
        write_report(own, number)
    page = own.go("outbox/")
    group = page.locator(".ob-group")
    expect(group).to_have_count(1)
    expect(group.locator("summary")).to_contain_text("报事")
    expect(group.locator("summary")).to_contain_text("6 条")
    expect(page.locator("article.ob")).to_have_count(0)
    own.look("outbox-folded")
    group.locator("summary").click()
    expect(page.locator("article.ob")).to_have_count(6)
    expect(page.locator("article.ob").first).to_contain_text("第0件")
    own.look("outbox-opened")
    own.network(on=True)
    said = page.locator("[data-outbox-arrived]")
    expect(said).to_contain_text("报事 6 条", timeout=90_000)
    expect(page.locator("article.ob")).to_have_count(0)
    own.look("outbox-arrived")
    page.get_by_role("button", name="知道了").click()
    expect(said).to_be_hidden()
    with district_transaction(world.district):
        assert Ticket.objects.filter(content__contains="楼道堆物").count() == 6


def test_nothing_is_sent_or_shown_under_another_name(world: World, phone: Callable[[], Phone]) -> None:
    own = phone()
    own.sign_in(world, "worker")
    own.keep_the_day()
    own.network(on=False)
    write_report(own, 1)
    # The session ends without a network; on the shared phone somebody else signs in.
    assert own.context is not None
    own.context.clear_cookies()
    own.network(on=True)
    own.sign_in(world, "leader")
    page = own.go("outbox/")
    expect(page.locator("[data-outbox-others]")).to_contain_text("1")
    assert page.locator("article.ob").count() == 0
    kept = page.evaluate("caches.keys().then((names) => names.filter((name) => name.startsWith('pages|')).length)")
    assert kept <= 1
    with district_transaction(world.district):
        assert not Ticket.objects.filter(content__contains="楼道堆物").exists()
    own.context.clear_cookies()
    own.sign_in(world, "worker")
    wait_for_all(own)
    with district_transaction(world.district):
        assert Ticket.objects.filter(content__contains="楼道堆物").count() == 1


def test_what_is_refused_later_opens_as_it_was_written_and_is_mended(world: World, phone: Callable[[], Phone]) -> None:
    ticket = matter(world, "井盖松了")
    own = phone()
    own.sign_in(world, "worker")
    own.keep_the_day(f"t/{ticket.number}/solve_on_site/")
    own.network(on=False)
    page = own.go(f"t/{ticket.number}/solve_on_site/")
    page.locator("textarea").first.fill("井盖垫好了")
    page.locator(".sub-bar .pri").click()
    page.wait_for_url(lambda url: "solve_on_site" not in url)
    own.network(on=True)
    page = own.go("outbox/")
    item = page.locator("article.ob")
    expect(item.locator(".ob-why")).to_contain_text("照片")
    expect(item).to_contain_text("井盖垫好了")
    own.look("refused")
    item.get_by_role("link", name="改一改").click()
    expect(page.locator("textarea").first).to_have_value("井盖垫好了")
    page.locator("input[type=file]").set_input_files([photo()])
    expect(page.locator("[data-photos-list] li")).to_have_count(1)
    page.locator(".sub-bar .pri").click()
    page.wait_for_url(lambda url: "solve_on_site" not in url)
    own.go("outbox/")
    expect(page.locator("article.ob")).to_have_count(0)
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="solve_on_site").count() == 1
        assert Attachment.objects.filter(ticket=ticket).count() == 1


def test_a_session_that_ended_is_said_and_the_queue_waits_for_the_next(
    world: World, phone: Callable[[], Phone]
) -> None:
    own = phone()
    own.sign_in(world, "worker")
    own.keep_the_day()
    own.network(on=False)
    write_report(own, 1)
    assert own.context is not None
    own.context.clear_cookies()
    own.network(on=True)
    expect(own.page.locator("[data-sync-banner]")).to_contain_text("请重新登录")
    expect(own.page.locator("[data-sync-word]").first).to_have_text("请重新登录")
    own.look("session")
    with district_transaction(world.district):
        assert not Ticket.objects.filter(content__contains="楼道堆物").exists()
    own.page.locator("[data-sync-go]").click()
    own.page.wait_for_url("**/sign-in/**")
    expect(own.page.locator("[data-left]")).to_contain_text("还有 1 条没上传")
    own.look("sign-in")
    own.sign_in(world, "worker")
    wait_for_all(own)
    with district_transaction(world.district):
        assert Ticket.objects.filter(content__contains="楼道堆物").count() == 1


def test_leaving_with_something_unsent_is_asked_about(world: World, phone: Callable[[], Phone]) -> None:
    own = phone()
    own.sign_in(world, "worker")
    own.keep_the_day()
    own.network(on=False)
    write_report(own, 1)
    page = own.page

    def leave() -> None:
        page.locator("details.menu > summary").click()
        page.locator("details.menu").get_by_role("button", name="退出登录").click()

    leave()
    dialog = page.locator("dialog.confirm[open]")
    expect(dialog).to_contain_text("还有 1 条没上传")
    own.look("leaving")
    dialog.get_by_role("button", name="先不退出").click()
    expect(page.locator("dialog.confirm[open]")).to_have_count(0)
    assert page.url.endswith("/m/")
    assert own.state() == "off"
    out = page.locator("details.menu button", has_text="退出登录")
    reach(page, out)
    assert found_in(page, out) == []
    own.go("outbox/")
    drop = page.locator("[data-do=drop]").first
    reach(page, drop)
    assert found_in(page, drop) == []
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # 先留着 has the focus
    expect(drop).to_be_focused()


# ---------------------------------------------------------------- what the phone does not know it does not say
def test_nothing_is_called_sent_before_the_phone_was_asked(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE)
    sign_in(page, live_server.url, world, "worker")
    page.add_init_script("indexedDB.open = () => ({})")  # asked, and never answers
    page.goto(f"{live_server.url}/m/")
    expect(page.locator("html.js")).to_be_attached()
    expect(page.locator(".sync")).to_have_attribute("data-sync", "")
    expect(page.get_by_text("都传了")).not_to_be_visible()


def test_where_the_browser_stores_nothing_it_is_said_and_a_report_is_posted(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE)
    sign_in(page, live_server.url, world, "worker")
    page.add_init_script("indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }")
    page.goto(f"{live_server.url}/m/")
    expect(page.locator("[data-sync-word]")).to_have_text("存不了")
    expect(page.get_by_text("要连着网络才能提交，写的不会先存在手机里")).to_be_visible()
    page.goto(f"{live_server.url}/m/report/")
    page.locator("textarea[name=content]").fill("楼道堆物")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/m/")
    with district_transaction(world.district):
        assert Ticket.objects.get().content == "楼道堆物"
