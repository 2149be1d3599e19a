"""Taps of residents, in 长辈版 where it is the old who do it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_transaction
from requests_intake.models import Rating, Ticket
from requests_intake.rating_links import rating_paths
from tests.browser.conftest import PHONE
from tests.browser.taps.hand import Hands, costs, made
from tests.cases import SECRET
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@costs("resident: call my grid worker")
def test_a_resident_calls_the_grid_worker(at_work: Hands, world: World) -> None:
    with district_transaction(world.district):
        world.grid_team.phone = "0371-2200001"
        world.grid_team.save()
        bump_reference()
    hand = at_work("", PHONE)
    home = f"/d/{world.district.code}/"
    # The code in the stairwell was read once: the telephone remembers the building.
    hand.goes_to(f"{home}card/{world.building.pk}/")
    hand.goes_to(f"{home}?elder=22")
    call = hand.link("打电话")
    expect(call).to_have_attribute("href", f"tel:{world.grid_team.phone}")
    call.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    hand.tap(call)


@costs("resident: report by voice or photo")
def test_a_resident_reports_with_a_photo(at_work: Hands, world: World) -> None:
    hand = at_work("", PHONE)
    hand.goes_to(f"/d/{world.district.code}/?elder=22")
    hand.tap(hand.link("报事"))
    hand.take_photo(hand.page.locator("input[type=file]").first)
    hand.page.locator("[name=phone]").fill("13800001234")
    hand.tap(hand.page.locator("form.form button.pri[type=submit]"))
    hand.page.wait_for_url("**/done/**")
    with district_transaction(world.district):
        assert Ticket.objects.get().attachments.count() == 1


@costs("resident: see how far it is")
def test_home_says_how_far_it_is(at_work: Hands, world: World) -> None:
    ticket = made(world, "signed")
    hand = at_work("", PHONE)
    hand.page.goto(f"{hand.server}/d/{world.district.code}/track/")
    hand.page.locator("input[name=number]").fill(ticket.number)
    hand.page.locator("input[name=secret]").fill(SECRET)
    hand.tap(hand.page.locator("main form button").last)
    hand.page.wait_for_url("**/t/**")
    # The same phone, another day: the card stands on the first page.
    hand.goes_to(f"/d/{world.district.code}/")
    hand.tap(hand.page.locator(f"main a[href*='{ticket.number}']").first)
    expect(hand.page.get_by_text(ticket.number).first).to_be_visible()


@costs("resident: rate after finishing")
def test_rating(at_work: Hands, world: World) -> None:
    ticket = made(world, "visiting")
    with district_transaction(world.district):
        path = rating_paths([ticket])[ticket.pk]
    hand = at_work("", PHONE)
    hand.goes_to(f"/d/{world.district.code}{path}")
    hand.tap(hand.page.get_by_role("button", name="满意", exact=True))
    expect(hand.page.get_by_role("heading", name="您说：满意")).to_be_visible()
    with district_transaction(world.district):
        assert Rating.objects.get(ticket=ticket).channel == "sms_link"
