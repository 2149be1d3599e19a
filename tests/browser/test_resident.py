"""The resident's side in a real browser: taps, voice, position, without scripts, and large for old eyes (B.8)."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.handle import sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Attachment, Ticket
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_main_job import photo
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "13800001234"
MOST_BYTES = 100_000
"""Compressed, of the first load of the report form with all that it needs (issue: ≤ 100 kB)."""


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


class Taps:
    """A finger that counts. What the phone's own camera asks for is not ours."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, target: Locator) -> None:
        self.count += 1
        target.click()

    def photo(self, page: Page, target: Locator) -> None:
        self.count += 1
        with page.expect_file_chooser() as chooser:
            target.click()
        buffer = io.BytesIO()
        Image.new("RGB", (800, 600), (120, 110, 100)).save(buffer, "JPEG")
        chooser.value.set_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}])


def newest(world: World) -> Ticket:
    with district_transaction(world.district.pk):
        return Ticket.objects.order_by("-pk").first()  # type: ignore[return-value]


def home_of(live_server: Any, world: World) -> str:
    return f"{live_server.url}/d/{world.district.code}/"


def solved(world: World, ticket: Ticket) -> None:
    with district_transaction(world.district.pk):
        sign_order(ticket, actor=world.worker)
        found = resolve_ticket(ticket, actor=world.worker, reply="换了灯泡。")
        if found.state == "resolved":
            found = verify_ticket(found, actor=world.secretary, passed=True)
    assert found.state == "visiting"


# ---------------------------------------------------------------- reporting
def test_photo_and_position_take_four_taps(live_server: Any, world: World, open_page: Callable[..., Page]) -> None:
    lng, lat = world.point_in(world.grid)
    page = open_page(PHONE, geolocation={"longitude": lng, "latitude": lat}, permissions=["geolocation"])
    page.goto(home_of(live_server, world))
    tap = Taps()
    tap(page.get_by_role("link", name="报事"))
    tap.photo(page, page.get_by_label("拍照"))
    tap(page.get_by_role("button", name="用手机定位"))
    expect(page.get_by_text("定到了")).to_be_visible()
    tap(page.locator(".sbm button"))
    page.wait_for_url("**/done/**")
    assert tap.count == 4
    ticket = newest(world)
    assert (ticket.grid_id, ticket.state) == (world.grid.pk, "handling")
    page.goto(home_of(live_server, world))
    # How far it is: on the first page, without a tap; its page in one.
    expect(page.locator(".steps4 li")).to_have_count(4)
    page.get_by_role("link", name="看办到哪一步").click()
    page.wait_for_url("**/t/**")


def test_where_the_position_is_refused_the_building_is_chosen(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE, permissions=[])
    page.goto(f"{home_of(live_server, world)}report/")
    page.get_by_label("说说是什么事").fill("二单元门口的路灯坏了")
    page.get_by_role("button", name="用手机定位").click()
    expect(page.get_by_text("没定到，请选楼栋或写地址")).to_be_visible()
    # The choice has opened by itself.
    page.locator("#id_community").select_option(str(world.community.pk))
    page.locator("#id_listed").select_option(str(world.building.pk))
    page.locator(".sbm button").click()
    page.wait_for_url("**/done/**")
    assert newest(world).building_id == world.building.pk


@pytest.mark.parametrize(("kind", "media_type"), [("audio", "audio/webm"), ("video", "video/webm")])
def test_saying_it_takes_three_taps_and_sending_ends_the_recording(
    live_server: Any, world: World, open_page: Callable[..., Page], kind: str, media_type: str
) -> None:
    page = open_page(PHONE, permissions=["microphone", "camera"])
    page.goto(home_of(live_server, world))
    tap = Taps()
    tap(page.get_by_role("link", name="报事"))
    tap(page.get_by_role("button", name="说话" if kind == "audio" else "录一段像"))
    expect(page.get_by_role("button", name="说完了")).to_be_visible()
    page.wait_for_timeout(1500)
    tap(page.locator(".sbm button"))
    page.wait_for_url("**/done/**")
    assert tap.count == 3
    with district_transaction(world.district.pk):
        found = Attachment.objects.get()
    assert found.media_type == media_type
    assert 1 <= found.seconds <= 20
    # Speech stays below 6 kB a second, video below 120.
    assert found.size < found.seconds * (6_000 if kind == "audio" else 120_000) + 20_000
    page.goto(f"{home_of(live_server, world)}t/{newest(world).number}/")
    player = page.locator(f".rcd {kind}").first
    player.evaluate("async (node) => { node.muted = true; await node.play(); }")
    assert player.evaluate("(node) => node.error") is None


def test_a_recording_is_heard_before_it_is_sent_and_can_be_made_again(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE, permissions=["microphone"])
    page.goto(f"{home_of(live_server, world)}report/")
    page.get_by_role("button", name="说话").click()
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="说完了").click()
    expect(page.get_by_text("录好了")).to_be_visible()
    expect(page.locator(".heard audio")).to_be_visible()
    page.get_by_role("button", name="不要这段").click()
    expect(page.locator(".heard")).to_be_hidden()
    assert page.locator("#id_recording").evaluate("(node) => node.files.length") == 0


def test_an_unsteady_hand_that_taps_twice_records_once(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE, permissions=["microphone"])
    page.add_init_script("""
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.asked = 0;
        navigator.mediaDevices.getUserMedia = (what) => { window.asked += 1; return ask(what); };
    """)
    page.goto(f"{home_of(live_server, world)}report/")
    page.get_by_role("button", name="说话").evaluate("button => { button.click(); button.click(); }")
    stop = page.get_by_role("button", name="说完了")
    expect(stop).to_be_visible()
    stop.evaluate("button => button.click()")
    assert page.evaluate("window.asked") == 1
    page.wait_for_timeout(1000)
    expect(stop).to_be_visible()
    stop.click()
    expect(page.get_by_text("录好了")).to_be_visible()


def test_what_is_sent_while_a_photo_is_made_smaller_takes_all_photos_along(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE)
    page.add_init_script("""
        const draw = window.createImageBitmap;
        window.createImageBitmap = async (...what) => {
            await new Promise((done) => { setTimeout(done, 1000); });  // a cheap phone
            return draw(...what);
        };
    """)
    page.goto(f"{home_of(live_server, world)}report/")
    page.locator("textarea").first.fill("路灯坏了")
    photos = page.locator("[data-photos] input[type=file]").first
    photos.set_input_files([photo()])
    expect(page.locator("[data-photos-list] li")).to_have_count(1)
    photos.set_input_files([photo()])
    send = page.locator(".sbm button")
    send.evaluate("button => { button.click(); button.click(); }")
    page.wait_for_url("**/done/**")
    with district_transaction(world.district.pk):
        assert Attachment.objects.count() == 2
        assert Ticket.objects.count() == 1


def test_without_a_microphone_one_picks_a_recording_or_types(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE)
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('refused'))")
    page.goto(f"{home_of(live_server, world)}report/")
    page.get_by_role("button", name="说话").click()
    expect(page.get_by_text("手机没让用话筒")).to_be_visible()
    with page.expect_file_chooser():
        page.get_by_role("button", name="选一段录好的").click()
    page.get_by_label("说说是什么事").fill("路灯坏了")
    page.locator(".sbm button").click()
    page.wait_for_url("**/done/**")


# ---------------------------------------------------------------- without scripts
def test_everything_of_residents_works_without_scripts(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    home = home_of(live_server, world)
    page = open_page(PHONE, java_script_enabled=False)

    def submit(words: str) -> str:
        page.goto(home)
        page.get_by_role("link", name="报事").click()
        page.get_by_label("说说是什么事").fill(words)
        page.locator("#id_address").fill(f"{world.compound.name}{world.building.number}号楼")
        page.get_by_label("手机号").fill(NUMBER)
        page.locator(".sbm button").click()
        page.wait_for_url("**/done/**")
        return newest(world).number

    first = submit("二单元门口的路灯坏了三天")
    solved(world, newest(world))
    # Another phone, without a proof: number and the last four digits.
    page = open_page(PHONE, java_script_enabled=False)
    page.goto(home)
    page.get_by_role("link", name="查进度").first.click()
    page.get_by_label("编号").fill(first)
    page.get_by_label("手机号后四位").fill(NUMBER[-4:])
    page.locator(".sbm button").click()
    page.wait_for_url(f"**/t/{first}/")
    expect(page.get_by_text("换了灯泡")).to_be_visible()
    # The first page asks for the rating: one tap.
    page.goto(home)
    page.get_by_role("button", name="满意", exact=True).click()
    assert newest(world).final_satisfaction == "satisfied"
    page.goto(f"{home}t/{first}/")
    page.get_by_role("link", name="又不行了，请接着办").click()
    page.get_by_label("哪里又不行了").fill("又灭了")
    page.get_by_role("button", name="请接着办").click()
    expect(page.get_by_text("接着办了").first).to_be_visible()
    assert newest(world).reopen_count == 1
    second = submit("楼道里堆了纸箱")
    page.goto(f"{home}t/{second}/")
    page.get_by_role("link", name="已经好了，不用来了").click()
    page.get_by_role("button", name="撤回这件事").click()
    assert newest(world).state == "withdrawn"


def test_the_report_form_loads_in_a_hundred_kilobytes(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(PHONE)
    loaded: dict[str, int] = {}

    def weigh(response: Any) -> None:
        if response.status == 200:
            loaded[response.url] = len(gzip.compress(response.body(), 6))

    page.on("response", weigh)
    page.goto(f"{home_of(live_server, world)}report/", wait_until="networkidle")
    assert any(address.endswith("/report/") for address in loaded)
    assert any("resident" in address and ".css" in address for address in loaded)
    assert sum(loaded.values()) <= MOST_BYTES, loaded


# ---------------------------------------------------------------- 长辈版
MEASURE = """() => {
  const shown = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && node.getClientRects().length;
  const outside = (node) => node.closest('.sr, .skip, [aria-hidden=true], template, .demo, svg');
  const name = (node) => `${node.className || node.tagName} ${node.textContent.trim().slice(0, 12)}`;
  const small = [], tight = [];
  for (const node of document.querySelectorAll('body *')) {
    if (!shown(node) || outside(node)) continue;
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const size = getComputedStyle(node).fontSize;
    if (own && parseFloat(size) < 18) small.push(`${name(node)} ${size}`);
  }
  for (const node of document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')) {
    if (!shown(node) || outside(node)) continue;
    const target = node.matches('[type=checkbox], [type=radio]') ? node.closest('label') || node : node;
    const { width, height } = target.getBoundingClientRect();
    // A link inside a sentence stays a line of that sentence.
    const around = node.parentElement;
    const sentence = around.matches('p, li') && around.textContent.trim().length > node.textContent.trim().length + 2;
    if (height < (sentence ? 24 : 59.5) || (!sentence && width < 59.5))
      tight.push(`${name(node)} ${Math.round(width)}x${Math.round(height)}`);
  }
  const main = getComputedStyle(document.querySelector('main')).fontSize;
  return { small, tight, wide: document.documentElement.scrollWidth > innerWidth + 1, main };
}"""


@pytest.mark.parametrize("size", ["18", "22", "30"])
def test_in_elder_mode_letters_and_targets_are_large_on_every_page(
    live_server: Any, world: World, open_page: Callable[..., Page], size: str
) -> None:
    home = home_of(live_server, world)
    page = open_page(PHONE)
    page.goto(f"{home}report/")
    page.get_by_label("说说是什么事").fill("二单元门口的路灯坏了三天")
    page.get_by_label("手机号").fill(NUMBER)
    page.locator("#id_address").fill(f"{world.compound.name}{world.building.number}号楼")
    page.locator(".sbm button").click()
    page.wait_for_url("**/done/**")
    number = newest(world).number
    page.context.add_cookies([{"name": "elder", "value": size, "url": live_server.url}])
    paths = [
        "", f"done/{number}/", f"t/{number}/", f"t/{number}/withdraw/", "report/", "track/", "answers/", "card/",
        f"card/{world.building.pk}/", "settings/", "login/", "tip/", "letter/", "mediation/", "announcements/",
    ]  # fmt: skip
    found = {}
    for path in paths:
        page.goto(f"{home}{path}")
        page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
        measured = page.evaluate(MEASURE)
        assert measured["main"] == f"{size}px"
        problems = {name: measured[name] for name in ("small", "tight", "wide") if measured[name]}
        if problems:
            found[path] = problems
    assert found == {}


def test_elder_mode_is_switched_on_home_and_in_settings_and_remembered(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    home = home_of(live_server, world)
    page = open_page(PHONE)
    page.goto(home)
    page.get_by_role("link", name="长辈版").click()
    expect(page.locator("html[data-elder='22']")).to_have_count(1)
    page.get_by_role("link", name="30 号字").click()
    expect(page.locator("html[data-elder='30']")).to_have_count(1)
    page.goto(f"{home}settings/")
    expect(page.locator("html[data-elder='30']")).to_have_count(1)
    page.get_by_role("link", name="换回标准版").click()
    expect(page.locator("html[data-elder]")).to_have_count(0)
    page.get_by_role("link", name="打开长辈版").click()
    expect(page.locator("html[data-elder='22']")).to_have_count(1)
    kept = next(row for row in page.context.cookies() if row["name"] == "elder")
    assert kept["expires"] > 0


def test_an_old_resident_calls_reports_looks_and_rates_in_few_taps(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    home = home_of(live_server, world)
    with district_transaction(world.district.pk):
        world.grid_team.phone = "0374-3350001"
        world.grid_team.save()
        bump_reference()
    page = open_page(PHONE, permissions=["microphone"])
    page.context.add_cookies([{"name": "elder", "value": "22", "url": live_server.url}])
    # The card in the stairwell, once.
    page.goto(f"{home}card/{world.building.pk}/")
    page.goto(home)
    call = page.locator(".gw .call")
    expect(call).to_have_attribute("href", "tel:0374-3350001")
    box = call.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"]
    tap = Taps()
    tap(page.get_by_role("link", name="报事"))
    tap(page.get_by_role("button", name="说话"))
    page.wait_for_timeout(1200)
    tap(page.locator(".sbm button"))
    page.wait_for_url("**/done/**")
    assert tap.count == 3
    # The place came from the card.
    assert newest(world).building_id == world.building.pk
    page.goto(home)
    expect(page.get_by_text("编号").first).to_be_visible()
    solved(world, newest(world))
    page.goto(home)
    page.get_by_role("button", name="满意", exact=True).click()
    expect(page.locator("[data-toast=ok]")).to_be_visible()
    assert newest(world).state == "closed"


def test_at_a_desk_the_same_pages_hold_together(live_server: Any, world: World, open_page: Callable[..., Page]) -> None:
    home = home_of(live_server, world)
    page = open_page(DESK)
    for path in ("", "report/", f"card/{world.building.pk}/", "settings/"):
        page.goto(f"{home}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
