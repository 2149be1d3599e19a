"""How many taps a visit and a look cost, counted in a browser (people.md: return visitor 4, grid worker's look 3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from governance.kernel.tenancy.context import district_transaction
from requests_intake.models import Rating, ReturnVisit, Ticket, Verification
from requests_intake.rating_links import rating_paths
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_main_job import photo, sign_in
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


class Taps:
    """Counts what a person taps."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, target: Locator) -> None:
        self.count += 1
        target.click()


def test_a_visit_costs_four_taps_and_the_next_opens_by_itself(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        first, second = ticket_in(world, "visiting"), ticket_in(world, "visiting")
    page = open_page(DESK)
    sign_in(page, server, world, "visitor")
    page.goto(f"{server}/desk/visits/")
    # The dialling itself is the phone's: the page only hands the number over.
    page.route("tel:*", lambda route: route.abort())
    taps = Taps()
    taps.on(page.get_by_role("button", name="开始打"))
    expect(page.get_by_role("heading", level=1, name=first.title)).to_be_visible()
    expect(page.get_by_text("13800001234")).to_have_count(0)
    taps.on(page.get_by_role("button", name="看号码"))
    call = page.get_by_role("link", name="打电话")
    expect(call).to_have_attribute("href", "tel:13800001234")
    page.evaluate("document.querySelector('a[href^=\"tel:\"]').addEventListener('click', e => e.preventDefault())")
    taps.on(call)
    taps.on(page.get_by_role("button", name="满意", exact=True))
    page.wait_for_url(f"**/desk/visits/{second.number}/")
    assert taps.count == 4
    expect(page.get_by_role("button", name="看号码")).to_be_visible()
    with district_transaction(world.district.pk):
        assert Ticket.objects.get(pk=first.pk).state == "closed"
        assert ReturnVisit.objects.get(ticket=first).answer == "satisfied"


def test_a_look_costs_the_grid_worker_three_taps_beside_the_photo(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        ticket = ticket_in(world, "resolved")
    page = open_page(PHONE)
    sign_in(page, server, world, "leader")  # the worker resolved it, so somebody else of the grid looks
    page.goto(f"{server}/m/")
    taps = Taps()
    taps.on(page.get_by_role("link", name="去看看").first)
    taps.on(page.get_by_role("link", name="修好了"))
    page.locator("input[type=file]").first.set_input_files([photo()])
    taps.on(page.get_by_role("button", name="修好了"))
    page.wait_for_url("**/m/")
    assert taps.count == 3
    with district_transaction(world.district.pk):
        assert Ticket.objects.get(pk=ticket.pk).state == "visiting"
        assert Verification.objects.get(ticket=ticket).passed


def test_a_resident_rates_with_one_tap_from_the_link(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    with district_transaction(world.district.pk):
        ticket = ticket_in(world, "visiting")
        path = rating_paths([ticket])[ticket.pk]
    page = open_page(PHONE)
    page.goto(f"{server}/d/{world.district.code}{path}")
    taps = Taps()
    taps.on(page.get_by_role("button", name="满意", exact=True))
    expect(page.get_by_role("heading", name="您说：满意")).to_be_visible()
    assert taps.count == 1
    with district_transaction(world.district.pk):
        assert Rating.objects.get(ticket=ticket).channel == "sms_link"
