"""Every dialog of the product by the keyboard alone.

Which there are is read off the pages themselves: each link with ``data-dialog`` on any page of the walk, and on tickets
in every state; one of each kind is opened in the browser. The two dialogs of the phone's queue are in ``test_offline``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from governance.kernel.tenancy.context import district_transaction
from requests_intake.models import Ticket
from tests.browser.conftest import DESK
from tests.browser.keyboard import found_in, reach
from tests.browser.refusals import kind_of
from tests.browser.test_main_job import sign_in
from tests.browser.walk import ONLY, SURFACES, Stop, Walker, filled, stops
from tests.cases import ticket_in
from tests.test_permission_matrix import with_others
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

AT_TICKETS = ("dispatcher", "staff", "center", "handler", "leader", "secretary")


class Links(HTMLParser):
    """The addresses that open in a dialog."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and "data-dialog" in given:
            self.found.append(given.get("href") or "")


def links_of(walker: Walker, surface: str, values: dict[str, Any]) -> Iterator[tuple[str, Stop, str]]:
    """The first link of each kind: its kind, the page it stands on, its address."""
    district = walker.world.district
    with district_transaction(district):
        numbers = list(Ticket.objects.values_list("number", flat=True))
    pages = list(stops(surface, values))
    if surface == "desk":
        pages += [Stop("desk:ticket", f"/desk/t/{number}/", each) for each in AT_TICKETS for number in numbers]
    seen = set()
    for stop in pages:
        answer = walker.client(stop.person).get(f"/d/{district.code}{stop.path}")
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for link in Links(answer.content.decode()).found:
            kind = kind_of(link, district.code)
            if kind not in seen and kind.startswith(ONLY):
                seen.add(kind)
                yield kind, stop, link


LEAST = {"resident": 1, "worker": 0, "desk": 45, "manage": 10}


@pytest.mark.parametrize("surface", SURFACES)
def test_every_dialog_opens_holds_and_gives_back_the_focus(
    surface: str, live_server: Any, world: World, chromium: Browser, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with district_transaction(world.district):
        with_others(world)
    values = filled(world, tmp_path)
    walker = Walker(chromium, live_server.url, world, values["number"])
    opened = []
    at: tuple[str, str] | None = None
    for kind, stop, link in links_of(walker, surface, values):
        page = walker.page_of(stop.person)
        if at != (stop.person, stop.path) or page.locator("dialog[open]").count():
            walker.open(stop, DESK)
            at = (stop.person, stop.path)
        opener = page.locator(f"a[data-dialog][href='{link}']").first
        reach(page, opener)
        walker.say(stop, kind, found_in(page, opener))
        opened.append(kind)
    walker.close()
    assert walker.findings == [], "\n".join(["", *walker.findings])
    assert ONLY or len(opened) >= LEAST[surface], f"only {opened}"


def open_matter(page: Page, live_server: Any, world: World, state: str, person: str) -> None:
    with district_transaction(world.district):
        ticket = ticket_in(world, state)
    sign_in(page, live_server.url, world, person)
    page.goto(f"{live_server.url}/desk/t/{ticket.number}/")


def test_a_form_that_is_slow_to_come_comes_once_and_only_where_it_was_asked_for(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(DESK)
    open_matter(page, live_server, world, "taken", "handler")
    link = page.locator("a[data-dialog]").first
    link.evaluate("link => { link.click(); link.click(); }")
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(link).not_to_have_attribute("aria-busy", "true")
    # It is asked for, and what it belongs to is on the page no longer when it comes.
    with page.expect_response("**/desk/t/**") as come:
        link.evaluate("link => { link.click(); link.remove(); }")
    come.value.finished()
    page.evaluate("new Promise((done) => setTimeout(done))")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_list_of_keys_and_a_move_behind_a_menu(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    page = open_page(DESK)
    open_matter(page, live_server, world, "taken", "handler")
    button = page.locator("[data-keys-open]").locator("visible=true").first
    button.focus()
    assert found_in(page, button) == []
    assert found_in(page, button, key="?") == []
    # A key opens what is folded into 更多: the focus comes back to the menu's own button, the link is not to be seen.
    page = open_page(DESK)
    open_matter(page, live_server, world, "street", "dispatcher")
    folded = page.locator("details.menu:not([open]) a[data-dialog][data-key]").first
    key = folded.get_attribute("data-key") or ""
    menu = page.locator("details.menu", has=page.locator("a[data-dialog][data-key]")).locator("summary").first
    page.locator("h1").first.evaluate("node => { node.tabIndex = -1; node.focus(); }")
    assert found_in(page, folded, key=key, back=menu) == []
