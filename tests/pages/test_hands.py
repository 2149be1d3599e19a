"""Several hands on the pages: the pool with one tap, the co-handler's queue, who is at it and what was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.kernel import clock
from governance.kernel.templatetags.ui import local_time
from requests_intake.actions.applications import ask_pause, ask_return
from requests_intake.actions.co_handlers import add_handler, resolve_co_order
from requests_intake.actions.decisions import refuse_application
from requests_intake.actions.handle import claim_order
from requests_intake.actions.press import decide_circular, urge_ticket
from requests_intake.models import Application, Supervision, Ticket, WorkOrder
from tests.cases import colleague, report, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db

_GRANT = {f"asked_{kind}": f"grant_{kind}" for kind in Application.Kind.values}


def claim(client: Client, address: str, ticket: Ticket, **more: str) -> str:
    """Tap 接单; the page one is at afterwards."""
    url = reverse(f"{address}:move", args=[ticket.number, "claim"])
    answer = client.post(url, {"idempotency_key": str(uuid4()), **more}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


# --- the pool
def test_two_tap_one_wins_and_the_other_reads_who_has_it_and_keeps_the_list(world: World) -> None:
    """S3-27. G 2 workers in a grid; W both tap 接单; T exactly one wins, the other sees 已被接."""
    colleague(world)
    ticket, left = report(world), report(world)
    first, second = (world.sign_in(Client(), who) for who in ("worker", "colleague"))
    assert ticket.number in second.get(reverse("worker:pool")).content.decode()
    page = claim(first, "worker", ticket, **{"from": "pool"})
    assert "接单了" in page
    page = claim(second, "worker", ticket, **{"from": "pool"})
    assert "这张工单已被周网格员接走" in page
    assert left.number in page
    assert f"/m/t/{ticket.number}/claim/" not in page
    assert WorkOrder.objects.get(ticket=ticket).assignee_id == world.members["worker"].pk


def test_the_first_page_of_the_phone_shows_the_pool_and_signs_nothing_out_of_it(world: World) -> None:
    phone = world.sign_in(Client(), "worker")
    ticket = report(world)
    alone = phone.get(reverse("worker:home")).content.decode()
    assert f"/m/t/{ticket.number}/sign/" in alone
    assert "您的网格现在只有您一个人接单" in phone.get(reverse("worker:pool")).content.decode()
    colleague(world)
    shared = phone.get(reverse("worker:home"))
    assert f"/m/t/{ticket.number}/sign/" not in shared.content.decode()
    assert f"/m/t/{ticket.number}/claim/" in shared.content.decode()
    assert shared.context["in_pool"] == 1
    assert "接单了" in claim(phone, "worker", ticket, **{"from": "home"})
    assert "都有人接了" in phone.get(reverse("worker:pool")).content.decode()


def test_who_has_claimed_gives_it_back_from_the_ticket(world: World) -> None:
    colleague(world)
    ticket = report(world)
    claim_order(ticket, actor=world.worker)
    phone = world.sign_in(Client(), "worker")
    url = reverse("worker:move", args=[ticket.number, "give_back"])
    assert url in phone.get(reverse("worker:ticket", args=[ticket.number])).content.decode()
    other = world.sign_in(Client(), "colleague")
    assert url not in other.get(reverse("worker:ticket", args=[ticket.number])).content.decode()
    assert phone.post(url, {"idempotency_key": "k", "note": "今天请假"}).status_code == 302
    assert ticket.number in other.get(reverse("worker:pool")).content.decode()


def test_the_pool_of_a_department_is_a_queue_of_its_desk(world: World) -> None:
    colleague(world, "handler", name="卓承办")
    ticket, kept = ticket_in(world, "sent"), ticket_in(world, "sent")
    desk, other = world.sign_in(Client(), "handler"), world.sign_in(Client(), "colleague")
    page = desk.get(reverse("desk:pool"), {"urgency": "normal"}, follow=True)
    assert page.redirect_chain[-1][0].endswith("queue=pool&urgency=normal")
    html = page.content.decode()
    assert [row["number"] for row in page.context["rows"]] == [ticket.number, kept.number]
    assert html.count('form="act"') == 2
    (item,) = [item for item in page.context["groups"][0]["items"] if "queue=pool" in item["url"]]
    assert item["count"] == 2
    back = reverse("desk:inbox") + "?queue=pool"
    assert f"已办：接单：{ticket.title}" in claim(desk, "desk", ticket, next=back)
    lost = claim(other, "desk", ticket, next=back)
    assert "这张工单已被褚承办接走" in lost
    assert kept.number in lost
    assert world.sign_in(Client(), "dispatcher").get(reverse("desk:pool")).status_code == 403


# --- co-handlers
def test_what_one_helps_with_is_a_queue_with_its_own_clock(world: World) -> None:
    ticket = ticket_in(world, "helping")
    page = world.sign_in(Client(), "handler").get(reverse("desk:inbox"), {"queue": "helping"})
    (row,) = page.context["rows"]
    assert (row["number"], row["state"]) == (ticket.number, "new")
    assert "本单位协办" in page.content.decode()
    empty = world.sign_in(Client(), "urban_handler").get(reverse("desk:inbox"), {"queue": "helping"})
    assert "请您单位协办的会排在这里" in empty.content.decode()
    assert ticket.number not in empty.content.decode()


def test_a_grid_team_that_helps_finds_it_on_the_phone(world: World) -> None:
    ticket = ticket_in(world, "street")
    add_handler(ticket, organization_id=world.grid_team.pk, actor=world.dispatcher, note="请开门")
    page = world.sign_in(Client(), "worker").get(reverse("worker:home"))
    (card,) = page.context["helping"]
    assert card["url"].endswith(f"{ticket.number}/")
    assert "东湖街道办事处主办" in card["note"]
    assert world.sign_in(Client(), "other_worker").get(reverse("worker:home")).context["helping"] == []


# --- who is at it, what was asked
def panels(client: Client, ticket: Ticket, surface: str = "desk") -> tuple[Any, Any, str]:
    page = client.get(reverse(f"{surface}:ticket", args=[ticket.number]))
    assert page.status_code == 200
    hands = page.context["detail"]["hands"] if surface == "desk" else page.context["hands"]
    return hands, page.context["asked"], page.content.decode()


def labels(rows: Any) -> list[str]:
    return [str(button["label"]) for button in rows]


def test_who_is_at_it_names_the_lead_and_everybody_who_helps(world: World) -> None:
    ticket = ticket_in(world, "helped")
    desk = world.sign_in(Client(), "dispatcher")
    hands, asked, html = panels(desk, ticket)
    lead, helper = hands["rows"]
    assert (lead["role"], lead["organization"], lead["state"]) == ("主办", "东湖街道办事处", "待签收")
    assert "等 1 个协办单位办结才能办结" in lead["open"]
    assert (helper["role"], helper["organization"], helper["person"]) == ("协办", "区自来水公司", "褚承办")
    assert (helper["state"], helper["clock"]["state"], helper["open"]) == ("已签收", "doing", [])
    assert labels(hands["buttons"]) == ["加派协办", "取消协办"]
    assert asked is None
    assert "谁在办" in html
    resolve_co_order(ticket, actor=world.handler, note="水管已换")
    hands, _asked, html = panels(world.sign_in(Client(), "handler"), ticket)
    assert hands["rows"][1]["state"] == "已办结"
    assert hands["rows"][1]["last"]["text"] == "水管已换"
    assert hands["rows"][0]["open"] == ["还没有签收"]
    assert hands["buttons"] == []


def test_nobody_beside_the_lead_is_no_panel(world: World) -> None:
    ticket = ticket_in(world, "taken")
    hands, asked, html = panels(world.sign_in(Client(), "handler"), ticket)
    assert (hands, asked) == (None, None)
    assert "谁在办" not in html
    assert "申请与督办" not in html


@pytest.mark.parametrize(
    ("state", "title", "silence", "granted"),
    [
        ("asked_return", "退单，应由区城市管理局承办", "到时失效", "同意退单"),
        ("asked_extension", "延期 1 个工作日", "到时失效", "同意延期"),
        ("asked_pause", "暂停计时到", "到时失效", "同意暂停"),
        ("asked_suspension", "挂账到", "到时失效", "同意挂账"),
    ],
)
def test_an_application_says_who_asks_who_answers_and_what_silence_means(
    world: World, state: str, title: str, silence: str, granted: str
) -> None:
    """D.5–D.8: the buttons stand with what they answer, for who answers alone."""
    ticket = ticket_in(world, state)
    _hands, asked, _html = panels(world.sign_in(Client(), "center"), ticket)
    (row,) = asked["rows"]
    facts = {fact["key"]: fact["value"] for fact in row["facts"]}
    assert row["title"].startswith(title)
    assert "区自来水公司·褚承办" in facts["谁提的"]
    assert world.center_office.name in facts["谁答复"]
    assert facts["没人答复"].startswith(silence)
    assert row["words"] == "见说明"
    assert labels(row["buttons"]) == [granted, "不同意"]
    # Who answers reads beforehand what the resident will, and who answers for it.
    asked_for = Application.objects.get(ticket=ticket)
    assert facts.get("同意后告诉居民", "") == asked_for.told
    assert ("责任领导" in facts) == (state == "asked_suspension")
    if asked_for.told:
        answering = world.sign_in(Client(), "center").get(reverse("desk:move", args=[ticket.number, _GRANT[state]]))
        assert f"居民会看到：{asked_for.told}" in answering.content.decode()
    _hands, asked, _html = panels(world.sign_in(Client(), "handler"), ticket)
    assert labels(asked["rows"][0]["buttons"]) == ["撤回申请"]
    _hands, asked, _html = panels(world.sign_in(Client(), "official"), ticket)
    assert asked["rows"][0]["buttons"] == []
    row = Application.objects.get(ticket=ticket)
    refuse_application(row, note="再想办法", actor=world.center)
    _hands, asked, _html = panels(world.sign_in(Client(), "handler"), ticket)
    (row,) = asked["rows"]
    assert (row["state"], row["answer"], row["buttons"]) == ("未同意", "再想办法", [])
    assert "沈调度" in {fact["key"]: fact["value"] for fact in row["facts"]}["结果"]


def test_two_visits_in_vain_stand_with_the_pause_they_are_the_reason_for(world: World) -> None:
    ticket = ticket_in(world, "taken")
    order = WorkOrder.objects.get(ticket=ticket, ended_at=None)
    moments = [order.dispatched_at, order.dispatched_at + timedelta(seconds=1)]
    with time_machine.travel(order.dispatched_at + timedelta(hours=1), tick=False):
        ask_pause(
            ticket, reason="access", until=clock.now() + timedelta(days=1), note="没人开门", told="约不到您",
            attempts=moments, actor=world.handler,
        )  # fmt: skip
        _hands, asked, _html = panels(world.sign_in(Client(), "center"), ticket)
    facts = {fact["key"]: fact["value"] for fact in asked["rows"][0]["facts"]}
    assert facts["上门时间"] == "、".join(local_time(moment) for moment in moments)


def test_a_return_nobody_answers_goes_to_the_district(world: World) -> None:
    ticket = report(world)
    ask_return(
        ticket, reason="not_ours", clause="第三条", suggested_id=world.urban.pk, note="不归网格", actor=world.worker
    )
    _hands, asked, html = panels(world.sign_in(Client(), "worker"), ticket, "worker")
    (row,) = asked["rows"]
    facts = {fact["key"]: fact["value"] for fact in row["facts"]}
    assert facts["没人答复"] == "到时提交区里裁定"
    assert facts["依据"] == "第三条"
    assert labels(row["buttons"]) == ["撤回申请"]
    assert f"/m/t/{ticket.number}/take_back/" in html


def test_what_holds_the_clock_ends_from_where_it_stands(world: World) -> None:
    paused = ticket_in(world, "paused")
    _hands, asked, _html = panels(world.sign_in(Client(), "handler"), paused)
    assert labels(asked["rows"][0]["buttons"]) == ["恢复计时"]
    facts = {fact["key"]: fact["value"] for fact in asked["rows"][0]["facts"]}
    assert facts["告诉居民"] == "雨停再修"
    suspended = ticket_in(world, "suspended")
    _hands, asked, _html = panels(world.sign_in(Client(), "handler"), suspended)
    assert labels(asked["rows"][0]["buttons"]) == ["复查挂账", "销账"]


def test_supervision_stands_with_its_answer_and_a_draft_is_the_districts_alone(world: World) -> None:
    ticket = ticket_in(world, "drafted")
    handler, supervisor = world.sign_in(Client(), "handler"), world.sign_in(Client(), "supervisor")
    _hands, asked, _html = panels(handler, ticket)
    (row,) = asked["rows"]
    assert (row["title"], row["state"], row["words"]) == ("督办", "逾期未回复", "限期")
    assert labels(row["buttons"]) == ["回复督办"]
    _hands, asked, _html = panels(supervisor, ticket)
    draft = next(row for row in asked["rows"] if row["title"] == "通报")
    assert (draft["state"], labels(draft["buttons"])) == ("拟通报", ["通报", "不予通报"])
    decide_circular(
        Supervision.objects.get(ticket=ticket, kind="circular"), publish=True, note="通报全区", actor=world.supervisor
    )
    _hands, asked, _html = panels(handler, ticket)
    published = next(row for row in asked["rows"] if row["title"] == "通报")
    assert (published["state"], published["answer"], published["buttons"]) == ("已通报", "通报全区", [])
    _hands, asked, _html = panels(supervisor, ticket)
    assert labels(next(row for row in asked["rows"] if row["title"] == "通报")["buttons"]) == ["撤回通报"]


def test_an_urge_stands_once_with_how_often(world: World) -> None:
    ticket = ticket_in(world, "taken")
    urge_ticket(ticket, actor=world.dispatcher, note="请抓紧")
    _hands, asked, _html = panels(world.sign_in(Client(), "handler"), ticket)
    assert (asked["urges"]["count"], asked["urges"]["by"], asked["urges"]["words"]) == (1, "冯调度", "请抓紧")
    assert asked["rows"] == []
    _hands, asked, _html = panels(world.sign_in(Client(), "street_leader"), ticket)
    assert labels(asked["buttons"]) == ["催办", "督办"]


def test_outside_the_circle_there_is_no_page_to_show_it_on(world: World) -> None:
    ticket = ticket_in(world, "asked_extension")
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    for who in ("dispatcher", "secretary", "other_dispatcher", "urban_handler"):
        page = world.sign_in(Client(), who).get(reverse("desk:ticket", args=[ticket.number]))
        assert page.status_code == 404, who
    assert ticket.number not in world.sign_in(Client(), "worker").get(reverse("worker:home")).content.decode()


def test_the_panels_take_no_more_statements_for_many_hands(world: World) -> None:
    ticket, desk = ticket_in(world, "helped"), world.sign_in(Client(), "dispatcher")
    url = reverse("desk:ticket", args=[ticket.number])
    desk.get(url)
    with CaptureQueriesContext(connection) as one:
        desk.get(url)
    for office in (world.urban, world.committee, world.grid_team, world.center_office):
        add_handler(ticket, organization_id=office.pk, actor=world.dispatcher, note="请配合")
    with CaptureQueriesContext(connection) as five:
        assert len(desk.get(url).context["detail"]["hands"]["rows"]) == 6
    assert len(five) == len(one)
