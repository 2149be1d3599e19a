"""Taps in the field: secretary, grid leader, grid worker, head of a building."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from governance.accounts.models import User
from governance.kernel import clock
from governance.kernel.tenancy.context import district_transaction
from grids.actions.heads import invite_head
from grids.households.actions.households import HouseholdDetails, NewHousehold, Where, register_household
from grids.households.actions.tags import TagDetails, define_tag, tag_household
from grids.households.models import Household
from grids.households.presentation.places import place_words
from grids.patrols.models import Patrol
from grids.visits.models import Visit
from requests_intake.actions.applications import ask_return
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import contact_requester, sign_order
from requests_intake.models import Ticket, TicketTransition
from tests.addressed import generate_flat
from tests.browser.conftest import DESK, PHONE
from tests.browser.taps.hand import Hand, Hands, again, costs, made
from tests.browser.test_main_job import photo
from tests.cases import ticket_in
from tests.patrols.rounds import begun, both_shifts
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)


# ---------------------------------------------------------------- community secretary
@costs("secretary: sign a to-do")
def test_the_secretary_signs_what_came_up(at_work: Hands, world: World) -> None:
    ticket = came_up(world, is_signed=False)
    hand = at_work("secretary", PHONE)
    hand.goes_to("/desk/?queue=to_sign")
    hand.tap(hand.link(ticket.title))
    hand.tap(hand.button("签收"))
    hand.is_told()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="sign").exists()


@costs("secretary: approve what a worker asks")
def test_the_secretary_approves_what_the_grid_asks(at_work: Hands, world: World) -> None:
    with district_transaction(world.district):
        ticket = ticket_in(world, "signed")
        ask_return(
            ticket,
            reason="not_ours",
            clause="条例第三条",
            suggested_id=world.urban.pk,
            note="要城管办",
            actor=world.worker,
        )
    hand = at_work("secretary", PHONE)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open("同意退单")
    hand.write(hand.page.locator("dialog"))
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="grant_return").exists()


@costs("secretary: answer a to-do")
def test_the_secretary_answers(at_work: Hands, world: World) -> None:
    ticket = came_up(world)
    with district_transaction(world.district):
        contact_requester(ticket, note="说好了", actor=world.secretary)
    hand = at_work("secretary", PHONE)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open("办结")
    hand.page.locator("dialog textarea").first.fill("灯换好了，晚上亮了。")
    hand.page.locator("dialog input[type=file]").first.set_input_files([photo()])  # the proof, beside the taps
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    assert again(world, ticket).state in ("resolved", "visiting")  # as the sample falls


def came_up(world: World, *, is_signed: bool = True) -> Ticket:
    """What the grid could not do, at the community."""
    with district_transaction(world.district):
        ticket = escalate_ticket(ticket_in(world, "dispatched"), note="网格办不了", actor=world.worker)
        return sign_order(ticket, actor=world.secretary) if is_signed else ticket


@costs("secretary: assign to a grid worker")
def test_assigning_to_a_grid_worker(at_work: Hands, world: World) -> None:
    ticket = came_up(world)
    hand = at_work("secretary", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open("下沉")
    hand.page.locator("dialog textarea").first.fill("请网格去看一次。")
    hand.tap(hand.page.locator("dialog button.pri"))
    hand.is_done()
    assert again(world, ticket).organization_id == world.grid_team.pk


def assign(hand: Hand, world: World, ticket: Ticket) -> None:
    """From the open matter: 指派, the verb; with two people there is nobody else to choose."""
    hand.open("指派")
    hand.tap(hand.page.locator("dialog[open] button.pri"))
    hand.is_done()
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="assign").exists()


@costs("secretary: publish a notice to chosen buildings")
def test_a_notice_to_a_building(at_work: Hands, world: World) -> None:
    hand = at_work("secretary", PHONE)
    hand.goes_to("/desk/")
    hand.tap(hand.link("公告"))
    hand.page.get_by_label("标题", exact=True).fill("停水通知")
    hand.page.get_by_label("正文", exact=True).fill("明天九点到十六点停水。")
    hand.tap(hand.page.get_by_text("1号楼", exact=True))
    hand.tap(hand.button("发布"))
    hand.tap(hand.button("确认发布"))
    expect(hand.page.get_by_text("已发布，正在送达")).to_be_visible()


# ---------------------------------------------------------------- grid leader
@costs("leader: see the grid today")
def test_the_leader_comes_home_to_the_grid(at_work: Hands, world: World) -> None:
    ticket = made(world, "dispatched")
    hand = at_work("leader", PHONE)
    hand.page.reload()  # what waits now
    expect(hand.page.get_by_text(ticket.title).first).to_be_visible()


@costs("leader: reassign a worker's order")
def test_reassigning_a_workers_order(at_work: Hands, world: World) -> None:
    ticket = made(world, "signed")
    hand = at_work("leader", PHONE)
    hand.goes_to("/desk/?queue=open")
    hand.tap(hand.link(ticket.title))
    assign(hand, world, ticket)


@costs("leader: confirm a verification")
def test_a_look_is_confirmed_at_the_desk(at_work: Hands, world: World) -> None:
    ticket = made(world, "resolved")
    hand = at_work("leader", DESK)
    hand.goes_to(f"/desk/t/{ticket.number}/")
    hand.open("核查通过")
    hand.page.locator("dialog input[type=file]").first.set_input_files([photo()])  # the proof, beside the taps
    hand.tap(hand.page.locator("dialog[open] button.pri"))
    hand.is_done()
    assert again(world, ticket).state == "visiting"


@costs("worker: verify a resolved order")
def test_a_look_on_site(at_work: Hands, world: World) -> None:
    ticket = made(world, "resolved")
    hand = at_work("leader", PHONE)  # the worker resolved it, so somebody else of the grid looks
    hand.goes_to("/m/")
    hand.tap(hand.link("去看看"))
    hand.tap(hand.link("修好了"))
    hand.page.locator("input[type=file]").first.set_input_files([photo()])  # the proof, beside the taps
    hand.tap(hand.button("修好了"))
    hand.page.wait_for_url("**/m/")
    assert again(world, ticket).state == "visiting"


# ---------------------------------------------------------------- grid worker
@costs("worker: report a find with a photo")
def test_a_find_with_a_photo(at_work: Hands, world: World) -> None:
    hand = at_work("worker", PHONE)
    hand.goes_to("/m/")
    find(hand)
    hand.tap(hand.button("提交"))
    hand.page.wait_for_url(lambda url: "/report/" not in url)
    with district_transaction(world.district):
        assert Ticket.objects.get().attachments.count() == 1


@costs("worker: fix on the spot and close")
def test_fixed_on_the_spot(at_work: Hands, world: World) -> None:
    hand = at_work("worker", PHONE)
    hand.goes_to("/m/")
    find(hand)
    hand.tap(hand.button("我已处理好"))
    hand.page.wait_for_url(lambda url: "/report/" not in url)
    with district_transaction(world.district):
        assert Ticket.objects.get().state in ("visiting", "closed", "resolved")


def find(hand: Hand) -> None:
    """Three taps: +, the camera's shutter, the category."""
    hand.tap(hand.link("报事"))
    hand.take_photo(hand.page.locator("input[type=file]").first)
    hand.tap(hand.page.locator("#tiles label").first)


@costs("worker: start a patrol")
def test_a_patrol_is_begun_with_one_tap(at_work: Hands, world: World) -> None:
    with district_transaction(world.district):
        both_shifts(world)  # it is half past nine, in the morning's shift
    hand = at_work("worker", PHONE)
    hand.goes_to("/m/")
    hand.tap(hand.button("开始"))
    hand.waits_for(lambda: Patrol.objects.filter(ended_at=None).exists(), world)


@costs("worker: finish a patrol")
def test_a_patrol_is_finished_with_one_tap(at_work: Hands, world: World) -> None:
    with district_transaction(world.district):
        both_shifts(world)
        begun(world)
    hand = at_work("worker", PHONE)
    hand.goes_to("/m/")
    hand.tap(hand.button("结束巡查"))
    hand.waits_for(lambda: Patrol.objects.filter(ended_at__isnull=False).exists(), world)


@costs("worker: log a visit")
def test_a_visit_is_logged(at_work: Hands, world: World) -> None:
    home = unvisited(world)
    hand = at_work("worker", PHONE)
    hand.goes_to("/m/")
    hand.tap(hand.link(place_words(home)))
    hand.tap(hand.page.get_by_text("见到了"))
    hand.tap(hand.button("保存走访"))
    hand.waits_for(Visit.objects.exists, world)


@costs("leader: check unvisited and key households")
def test_the_leader_sees_who_was_not_visited_and_the_key_households(at_work: Hands, world: World) -> None:
    home = unvisited(world)
    with district_transaction(world.district):
        tag = define_tag(TagDetails("重点户", "重", "rose", "常去看看", visit_every=7), actor=world.admin)
        tag_household(home, tag, reason="一个人住", actor=world.worker)
    hand = at_work("leader", PHONE)
    hand.goes_to("/m/")
    hand.tap(hand.page.locator("section", has_text="该走访").get_by_role("link", name="全部").first)
    expect(hand.page.locator("main").get_by_text(place_words(home)).first).to_be_visible()
    hand.tap(hand.link("重点户"))
    expect(hand.page.get_by_role("heading", name="重点户")).to_be_visible()
    expect(hand.page.locator("main").get_by_text(place_words(home)).first).to_be_visible()


def unvisited(world: World) -> Household:
    """A household nobody has seen yet."""
    with district_transaction(world.district):
        where = Where(world.building, generate_flat(world))
        made = register_household(NewHousehold(where, HouseholdDetails(people_count=2)), actor=world.worker)
        return Household.objects.select_related("building", "room__unit").get(pk=made.pk)


# ---------------------------------------------------------------- head of a building
@costs("building head: report a problem in my building")
def test_the_head_of_a_building_reports(at_work: Hands, world: World) -> None:
    with district_transaction(world.district):
        member, _token = invite_head(
            world.building, unit=None, since=clock.today(), handle="t1-head", name="赵楼长", actor=world.admin
        )
        world.users["head"] = User.objects.get(pk=member.user_id)
        world.users["head"].set_password(PASSWORD)
        world.users["head"].save()
    hand = at_work("head", PHONE)
    hand.goes_to("/m/building/")
    hand.tap(hand.link("报事"))
    hand.take_photo(hand.page.locator("input[type=file]").first)
    hand.page.locator("[name=content]").fill("楼道里堆了东西。")
    hand.page.locator("[name=phone]").fill("13800001234")
    hand.tap(hand.button("提交"))
    hand.page.wait_for_url(lambda url: "/report/" not in url)
    with district_transaction(world.district):
        assert Ticket.objects.get().building_id == world.building.pk
