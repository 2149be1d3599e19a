"""The desk in a browser: keys, a list that keeps its place, evidence by paste and drop, numbers, taps of daily acts."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.handle import sign_order
from requests_intake.desks.actions.keep import PhraseSaid, save_phrase
from requests_intake.models import Attachment, Ticket, TicketTransition
from tests.browser.conftest import DESK
from tests.browser.test_follow_ups import Taps
from tests.browser.test_main_job import sign_in
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# As the browser itself would hand over what somebody pasted or let go.
_GIVE = """([kind, name, type, data, selector]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const bag = new DataTransfer();
  bag.items.add(new File([bytes], name, { type }));
  const options = { bubbles: true, cancelable: true };
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', { ...options, clipboardData: bag })
    : new DragEvent(kind, { ...options, dataTransfer: bag });
  document.querySelector(selector).dispatchEvent(event);
}"""


def picture() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 140)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def state_of(world: World, ticket: Ticket) -> str:
    with district_transaction(world.district.pk):
        found = Ticket.objects.get(pk=ticket.pk)
        return f"{found.state}/{found.lead_state}"


def test_the_keys_walk_the_list_act_and_stay_out_of_the_way(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        tickets = [ticket_in(world, "sent") for _n in range(3)]
    page = open_page(DESK)
    sign_in(page, server, world, "handler")
    page.goto(f"{server}/desk/?queue=to_sign")
    current = page.locator(".it[aria-current] a.t")
    first = current.get_attribute("href")
    page.keyboard.press("j")
    expect(current).not_to_have_attribute("href", str(first))
    second = str(current.get_attribute("href"))
    page.wait_for_load_state()
    # While somebody writes, letters are letters.
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("sj?")
    expect(page.locator("[data-search]")).to_have_value("sj?")
    page.keyboard.press("Escape")
    assert current.get_attribute("href") == second
    # ? names every key of this page, each of which has its button.
    page.keyboard.press("?")
    dialog = page.locator("dialog[data-keys]")
    expect(dialog).to_contain_text("签收")
    letters = dialog.locator("[data-keys-own] kbd").all_inner_texts()
    assert "S" in letters
    for letter in letters:
        assert page.locator(f'[data-key~="{letter.lower()}"]').count() >= 1
    # S signs; with the switch off it does nothing, and the switch can be found again.
    dialog.get_by_label("用单个字母操作").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.keyboard.press("j")
    assert current.get_attribute("href") == second
    page.reload()
    page.get_by_role("button", name="快捷键").first.click()
    page.locator("[data-keys-switch]").check()
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_text("已签收")).to_be_visible()
    signed = [state_of(world, ticket) for ticket in tickets].count("handling/signed")
    assert signed == 1


def test_the_list_keeps_page_scroll_and_ticks_after_an_act(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        for _n in range(24):
            ticket_in(world, "sent")
    page = open_page({"width": 1280, "height": 720})
    sign_in(page, server, world, "handler")
    page.goto(f"{server}/desk/?queue=open")
    items = page.locator(".items")
    items.evaluate("(node) => { node.scrollTop = 700 }")
    page.locator(".it input").nth(14).check()
    page.locator(".it a.t").nth(15).click()
    page.wait_for_load_state()
    before = items.evaluate("(node) => node.scrollTop")
    assert before >= 600
    page.locator(".detail").get_by_role("button", name="签收").click()
    expect(page.get_by_text("已签收")).to_be_visible()
    # The page that comes back puts the list where it stood once its script has run.
    page.wait_for_function("before => Math.abs(document.querySelector('.items').scrollTop - before) < 80", arg=before)
    expect(page.locator("[data-batch-count]")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_reply_with_evidence_costs_three_taps_pasted_or_dropped(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        ticket = ticket_in(world, "sent")
        save_phrase(None, PhraseSaid("resolve", "{地点}已修好，____前复查。"), actor=world.handler)
    page = open_page(DESK)
    sign_in(page, server, world, "handler")
    page.goto(f"{server}/desk/?queue=to_sign&ticket={ticket.number}")
    signing = Taps()
    signing.on(page.locator(".detail").get_by_role("button", name="签收"))
    expect(page.get_by_text("已签收")).to_be_visible()
    assert (signing.count, state_of(world, ticket)) == (1, "handling/signed")
    # Logging the contact.
    contact = Taps()
    contact.on(page.locator(".actionbar").get_by_role("link", name="联系居民"))
    contact.on(page.locator("dialog[open] button.pri"))
    expect(page.get_by_text("已办：联系居民").first).to_be_visible()
    assert contact.count == 2
    # Replying.
    reply = Taps()
    reply.on(page.locator(".actionbar").get_by_role("link", name="办结"))
    dialog = page.locator("dialog[open]")
    reply.on(dialog.locator(".phrase").first)
    words = dialog.locator("textarea[name=note]")
    expect(words).to_be_focused()
    assert "____前复查" in words.input_value()
    # The blank is chosen: one writes over it.
    page.keyboard.type("周五")
    assert "周五前复查" in words.input_value()
    page.evaluate(_GIVE, ["paste", "image.png", "image/png", picture(), "dialog[open] textarea"])
    expect(dialog.locator("[data-photos-list] li")).to_have_count(1)
    page.evaluate(_GIVE, ["dragover", "b.png", "image/png", picture(), "dialog[open]"])
    page.evaluate(_GIVE, ["drop", "b.png", "image/png", picture(), "dialog[open]"])
    expect(dialog.locator("[data-photos-list] li")).to_have_count(2)
    page.evaluate(_GIVE, ["drop", "b.txt", "text/plain", picture(), "dialog[open]"])
    expect(page.get_by_text("只收图片")).to_be_visible()
    # The network fails: words and pictures stay, and the same button sends them once.
    broken: list[str] = []

    def fail(route: Route) -> None:
        broken.append(route.request.url)
        route.fulfill(status=200, body="")  # whoever answered, it was not us

    page.route("**/resolve/", fail)
    page.evaluate("document.querySelector('dialog[open] form').dataset.tried = '1'")
    dialog.locator("button.pri").click()
    expect(dialog.get_by_text("没有传上去")).to_be_visible()
    assert broken
    assert "周五前复查" in words.input_value()
    page.unroute("**/resolve/")
    reply.on(dialog.locator("button.pri"))
    expect(page.get_by_text("已办结")).to_be_visible()
    assert reply.count == 3
    with district_transaction(world.district.pk):
        assert Ticket.objects.get(pk=ticket.pk).state in ("resolved", "visiting")
        assert Attachment.objects.filter(ticket=ticket, purpose="evidence").count() == 2
        assert TicketTransition.objects.filter(ticket=ticket, move="resolve").count() == 1


def test_numbers_refresh_without_a_reload_and_take_no_focus(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        ticket_in(world, "sent")
    page = open_page(DESK)
    sign_in(page, server, world, "handler")
    page.clock.install()
    page.goto(f"{server}/desk/?queue=to_sign")
    page.get_by_role("searchbox").focus()
    with district_transaction(world.district.pk):
        late = ticket_in(world, "sent")
    number = page.locator('[data-count="q-to_sign"]')
    expect(number).to_have_text("1")
    with page.expect_response("**/desk/counts/**") as asked:
        page.clock.run_for(31_000)
    assert asked.value.status == 200
    expect(number).to_have_text("2")
    expect(page.locator("[data-count=total]")).to_have_text("2")
    expect(page.get_by_text("这个列表多了 1 件")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    with page.expect_response("**/desk/counts/**") as again:
        page.clock.run_for(31_000)
    assert again.value.status == 304
    page.get_by_role("link", name="刷新列表").click()
    expect(page.locator(f'.it a[href*="{late.number}"]')).to_be_visible()


def test_the_dispatchers_daily_acts_keep_their_taps(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        accepted = ticket_in(world, "street")
        twins = [ticket_in(world, "dispatched") for _n in range(2)]
        asked = ticket_in(world, "asked_extension")
        yellow = [ticket_in(world, "taken") for _n in range(2)]
        Ticket.objects.filter(pk__in=[row.pk for row in yellow]).update(lamp="soon")
        sign_order(Ticket.objects.get(pk=accepted.pk), actor=world.dispatcher)
    page = open_page(DESK)
    sign_in(page, server, world, "dispatcher")
    # The suggestion is accepted with one.
    page.goto(f"{server}/desk/?queue=open&ticket={accepted.number}")
    taps = Taps()
    taps.on(page.get_by_role("button", name="按建议派单"))
    expect(page.get_by_text("已派给")).to_be_visible()
    assert taps.count == 1
    # Duplicates: two ticks are the choice; 合并, 合并.
    page.goto(f"{server}/desk/?queue=new")
    for twin in twins:
        page.locator(f'.it:has(a[href*="{twin.number}"]) input').check()
    taps = Taps()
    taps.on(page.locator(".batch").get_by_role("button", name="合并"))
    taps.on(page.locator("main form button.pri"))
    page.wait_for_url(lambda url: "/merge/" not in url)
    assert taps.count <= 3
    with district_transaction(world.district.pk):
        assert Ticket.objects.filter(pk__in=[row.pk for row in twins], state="merged").count() == 1
    # All yellow ones of one unit: 全部催办, 催办.
    page.goto(f"{server}/desk/?queue=soon&organization={world.water.pk}")
    taps = Taps()
    taps.on(page.get_by_role("link", name="全部催办"))
    taps.on(page.locator("main form button.pri"))
    expect(page.get_by_text("催办了 2 件")).to_be_visible()
    assert taps.count <= 3
    # An extension is answered by whom it was put to: the district's centre.
    center = open_page(DESK)
    sign_in(center, server, world, "center")
    center.goto(f"{server}/desk/?queue=open&ticket={asked.number}")
    taps = Taps()
    taps.on(center.locator(".actionbar").get_by_role("link", name="同意延期"))
    taps.on(center.locator("dialog[open] button.pri"))
    expect(center.get_by_text("同意").first).to_be_visible()
    assert taps.count == 2
    with district_transaction(world.district.pk):
        assert TicketTransition.objects.filter(ticket=asked, move="grant_extension").exists()
