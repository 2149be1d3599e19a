"""Taps at the desk: district official, dispatcher, department, return visitor."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.applications import ask_extension
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import contact_requester, sign_order
from requests_intake.actions.whistle_respond import accept_whistle
from requests_intake.models import ReturnVisit, TicketTransition, Whistle
from requests_intake.sla import Limit, Unit
from tests.browser.conftest import DESK, PHONE
from tests.browser.taps.hand import Hands, again, costs, lamp, late, made
from tests.cases import ticket_in
from tests.whistles import blown, target
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = Limit(1, Unit.WORK_HOUR)


# ---------------------------------------------------------------- district official
@costs("official: read today's card")
def test_the_official_comes_home_to_the_card(at_work: Hands, world: World) -> None:
    hand = at_work("official", DESK)
    expect(hand.page.get_by_role("heading", name="超期").first).to_be_visible()
    expect(hand.page.get_by_role("heading", name="特急")).to_be_visible()


@costs("official: open a red item to its timeline")
def test_a_red_item_opens_to_its_timeline(at_work: Hands, world: World) -> None:
    ticket = late(world)
    hand = at_work("official", DESK)
    hand.goes_to("/board/")
    hand.tap(hand.link(ticket.title))
    expect(hand.page.get_by_role("heading", name="过程")).to_be_visible()


@costs("official: issue a supervision with a sentence")
def test_a_supervision_with_a_sentence(at_work: Hands, world: World) -> None:
    ticket = late(world)
    hand = at_work("official", DESK)
    hand.goes_to("/board/")
    hand.tap(hand.link(ticket.title))
    hand.open("督办")
    hand.page.locator("dialog textarea").first.fill("三天内办完，办不完当面说。")
    hand.tap(hand.page.locator("dialog button.pri"))
    expect(hand.page.get_by_text("三天内办完").first).to_be_visible()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="supervise").exists()


@costs("official: compare the streets, last month")
def test_streets_are_compared_for_last_month(at_work: Hands, world: World) -> None:
    hand = at_work("official", DESK)
    hand.goes_to("/board/")
    hand.tap(hand.link("统计和地图"))
    hand.tap(hand.link("上月"))
    for street in world.streets:
        expect(hand.page.get_by_text(street.name).first).to_be_visible()


# ---------------------------------------------------------------- street dispatcher
@costs("dispatcher: dispatch with the suggested unit")
def test_dispatching_as_suggested(at_work: Hands, world: World) -> None:
    ticket = made(world, "street")
    hand = at_work("dispatcher", DESK)
    hand.goes_to("/desk/?queue=open")
    hand.tap(hand.link(ticket.title))
    hand.tap(hand.button("按建议派单"))
    expect(hand.page.get_by_text("已派").first).to_be_visible()
    assert again(world, ticket).organization_id != world.street_office.pk


@costs("dispatcher: accept the suggestion on the open order")
def test_accepting_the_suggestion(at_work: Hands, world: World) -> None:
    ticket = made(world, "street")
    hand = at_work("dispatcher", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.tap(hand.button("按建议派单"))
    expect(hand.page.get_by_text("已派").first).to_be_visible()
    assert again(world, ticket).organization_id != world.street_office.pk


@costs("dispatcher: dispatch by hand to another unit")
def test_dispatching_by_hand(at_work: Hands, world: World) -> None:
    ticket = made(world, "street")
    hand = at_work("dispatcher", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.tap(hand.link("其他单位"))
    dialog = hand.page.locator("dialog[open]")
    dialog.get_by_role("combobox").first.fill(world.urban.name)
    hand.page.keyboard.press("Enter")
    hand.tap(dialog.locator("button.pri"))
    hand.is_done()
    assert again(world, ticket).organization_id == world.urban.pk


@costs("dispatcher: merge duplicates")
def test_merging_duplicates(at_work: Hands, world: World) -> None:
    first, second = made(world, "dispatched"), made(world, "dispatched")
    hand = at_work("dispatcher", DESK)
    hand.goes_to("/desk/duplicates/")
    hand.tap(hand.link("看看并合并"))
    hand.tap(hand.button("合并"))
    hand.page.wait_for_url("**/desk/duplicates/**")
    assert {again(world, first).state, again(world, second).state} == {"handling", "merged"}


@costs("dispatcher: decide a return", "dispatcher: decide an extension")
@pytest.mark.parametrize("what", ["asked_return", "asked_extension"])
def test_deciding_what_was_asked(at_work: Hands, world: World, what: str) -> None:
    ticket = made(world, what)
    hand = at_work("center", DESK)  # water's superior
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open({"asked_return": "同意退单", "asked_extension": "同意延期"}[what])
    hand.write(hand.page.locator("dialog"))
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    move = what.replace("asked", "grant")
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move=move).exists()


@costs("dispatcher: decide an extension")
def test_the_street_decides_what_the_community_asks(at_work: Hands, world: World) -> None:
    with district_transaction(world.district):
        ticket = escalate_ticket(ticket_in(world, "dispatched"), note="网格办不了", actor=world.worker)
        sign_order(ticket, actor=world.secretary)
        ask_extension(
            ticket,
            reason="material",
            limit=Limit(1, Unit.WORK_HOUR),
            told="料明天到",
            interim="先围起来，晚上有人守",
            note="等料",
            actor=world.secretary,
        )
    hand = at_work("dispatcher", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open("同意延期")
    hand.write(hand.page.locator("dialog"))
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="grant_extension").exists()


@costs("dispatcher: blow a whistle")
def test_blowing_a_whistle(at_work: Hands, world: World) -> None:
    hand = at_work("dispatcher", DESK)
    hand.goes_to("/desk/whistles/")
    hand.tap(hand.link("吹哨"))
    hand.tap(hand.page.locator("main").get_by_text(world.water.name).first)
    hand.page.locator("[name=summary]").fill("水管爆了，路面在塌。")
    hand.page.locator("[name=place]").fill("春晓花园东门")
    hand.tap(hand.page.locator("main form button.pri"))
    hand.page.wait_for_url(lambda url: "/new/" not in url)
    with district_transaction(world.district):
        assert Whistle.objects.get().targets.get().organization_id == world.water.pk


@costs("dispatcher: urge all yellow orders of one unit")
def test_urging_all_yellow_of_one_unit(at_work: Hands, world: World) -> None:
    tickets = [made(world, "dispatched"), made(world, "dispatched")]
    lamp(world, "soon")
    hand = at_work("dispatcher", DESK)
    hand.goes_to(f"/desk/?queue=soon&organization={world.grid_team.pk}")
    hand.tap(hand.link("全部催办"))
    hand.tap(hand.button("催办"))
    hand.is_told()
    with district_transaction(world.district):
        urged = TicketTransition.objects.filter(move="urge").values_list("ticket_id", flat=True)
        assert set(urged) == {ticket.pk for ticket in tickets}


# ---------------------------------------------------------------- department handler
@costs("handler: sign")
def test_signing(at_work: Hands, world: World) -> None:
    ticket = made(world, "sent")
    hand = at_work("handler", DESK)
    hand.goes_to("/desk/?queue=to_sign")
    hand.tap(hand.button("签收"))
    hand.is_told()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="sign").exists()


@costs("handler: log a contact")
def test_logging_a_contact(at_work: Hands, world: World) -> None:
    ticket = made(world, "taken")
    hand = at_work("handler", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open("联系居民")
    hand.page.locator("dialog textarea").first.fill("电话里说好明天上门。")
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="contact").exists()


@costs("handler: reply and resolve with evidence")
def test_resolving_with_evidence(at_work: Hands, world: World) -> None:
    ticket = made(world, "taken")
    with district_transaction(world.district):
        contact_requester(ticket, note="说好了", actor=world.handler)
    hand = at_work("handler", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open("办结")
    hand.page.locator("dialog textarea").first.fill("水管换好了，已通水。")
    hand.take_photo(hand.page.locator("dialog input[type=file]").first)
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    assert again(world, ticket).state in ("resolved", "visiting")  # as the sample falls


@costs("handler: ask for a return", "handler: ask for an extension")
@pytest.mark.parametrize("move", ["ask_return", "ask_extension"])
def test_asking(at_work: Hands, world: World, move: str) -> None:
    ticket = made(world, "taken")
    hand = at_work("handler", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open({"ask_return": "申请退单", "ask_extension": "申请延期"}[move])
    hand.write(hand.page.locator("dialog"))
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move=move).exists()


@costs("handler: confirm report-in on site")
def test_reporting_in_on_site(at_work: Hands, world: World) -> None:
    with district_transaction(world.district):
        whistle = blown(world, organizations=[world.water.pk], lead=world.water.pk)
        accept_whistle(target(whistle, world.water), actor=world.handler)
    hand = at_work("handler", PHONE)
    hand.goes_to("/m/whistles/")
    hand.tap(hand.button("我到了"))
    expect(hand.page.get_by_text("报到了").first).to_be_visible()
    with district_transaction(world.district):
        assert target(whistle, world.water).state == "arrived"


# ---------------------------------------------------------------- return visitor
@costs("return visitor: call and take down the answer")
def test_a_call_and_its_answer(at_work: Hands, world: World) -> None:
    ticket = made(world, "visiting")
    hand = at_work("visitor", DESK)
    hand.goes_to("/desk/visits/")
    hand.tap(hand.button("开始打"))
    hand.tap(hand.button("看号码"))
    call = hand.link("打电话")
    call.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    hand.tap(call)
    hand.tap(hand.page.get_by_role("button", name="满意", exact=True))
    hand.is_told()
    with district_transaction(world.district):
        assert ReturnVisit.objects.get(ticket=ticket).answer == "satisfied"
