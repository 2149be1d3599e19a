"""连续登记 (S2-05): five notes on one screen become five matters; a bad row keeps its words and stops nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.kernel.models import AuditEvent
from requests_intake.models import Ticket
from tests.cases import PHONE
from tests.world import World

pytestmark = pytest.mark.django_db


def row(number: int, world: World, text: str = "", **more: Any) -> dict[str, Any]:
    values = {"key": f"row-{number}", "text": text, "place": f"building-{world.building.pk}", **more}
    return {f"row{number}-{name}": value for name, value in values.items()}


def screen(*rows: dict[str, Any], channel: str = "morning_walk", batch: str = "b1") -> dict[str, Any]:
    said: dict[str, Any] = {"channel": channel, "count": len(rows), "batch": batch}
    for each in rows:
        said |= each
    return said


def test_five_notes_on_one_screen_are_five_matters(world: World) -> None:
    """S2-05. G the secretary adds 5 notes in one screen; T 5 requests, each with channel=晨步."""
    desk = world.sign_in(Client(), "secretary")
    first = desk.get("/desk/bulk/")
    assert len(first.context["rows"]) == 5
    assert first.context["form"]["channel"].value() == "morning_walk"
    words = ["楼道灯坏了", "井盖松了", "垃圾没人收", "车棚漏雨", "健身器材坏了"]
    who = {"name": "李小明", "phone": PHONE, "has_consented": "on"}
    rows = [row(n, world, text, **(who if n == 0 else {})) for n, text in enumerate(words)]
    answer = desk.post("/desk/bulk/", screen(*rows))
    assert answer.status_code == 302
    tickets = list(Ticket.objects.order_by("pk"))
    assert [(ticket.content, ticket.channel) for ticket in tickets] == [(text, "morning_walk") for text in words]
    assert all(ticket.community_id == world.community.pk for ticket in tickets)
    assert [bool(ticket.requester_id) for ticket in tickets] == [True, False, False, False, False]
    assert AuditEvent.objects.filter(action="consent_on_behalf").count() == 1
    page = desk.get(answer.headers["Location"]).content.decode()
    for ticket in tickets:
        assert ticket.number in page
    assert PHONE not in page


def test_a_bad_row_keeps_its_words_and_stops_nobody(world: World) -> None:
    desk = world.sign_in(Client(), "secretary")
    said = screen(
        row(0, world, "楼道灯坏了"),
        row(1, world, "他留了电话没问过", name="王大爷", phone="13900000000"),
        row(2, world, "电话写错了", phone="12", has_consented="on"),
        row(3, world, "", name="只有称呼"),
        row(4, world, "井盖松了", place=""),
    )
    page = desk.post("/desk/bulk/", said)
    assert page.status_code == 422
    ticket = Ticket.objects.get()
    html = page.content.decode()
    assert ticket.number in html
    for words in (
        "他留了电话没问过",
        "要先问过本人",
        "电话写错了",
        "电话号码不对",
        "请写是什么事",
        "井盖松了",
        "请选在哪儿",
    ):
        assert words in html
    assert [each["text"].value() for each in page.context["rows"]] == ["他留了电话没问过", "电话写错了", "", "井盖松了"]
    # Mended, the rest is recorded, and nothing a second time.
    again = screen(row(0, world, "井盖松了", key="row-4"), batch=page.context["batch"])
    done = desk.post("/desk/bulk/", again)
    assert done.status_code == 302
    assert Ticket.objects.count() == 2
    assert ticket.number in desk.get(done.headers["Location"]).content.decode()


def test_the_same_screen_sent_twice_records_each_row_once(world: World) -> None:
    desk = world.sign_in(Client(), "secretary")
    said = screen(row(0, world, "楼道灯坏了"), row(1, world, "井盖松了"))
    pages = [desk.post("/desk/bulk/", said) for _again in range(2)]
    assert [page.status_code for page in pages] == [302, 302]
    assert Ticket.objects.count() == 2
    assert len(desk.get(pages[1].headers["Location"]).context["recorded"]) == 2


def test_one_more_row_and_nothing_typed_is_lost(world: World) -> None:
    desk = world.sign_in(Client(), "secretary")
    page = desk.post("/desk/bulk/", {**screen(row(0, world, "楼道灯坏了")), "add": "1"})
    assert page.status_code == 200
    assert [each["text"].value() for each in page.context["rows"]] == ["楼道灯坏了", None]
    assert page.context["rows"][0]["key"].value() == "row-0"
    assert not Ticket.objects.exists()


def test_an_empty_screen_says_so(world: World) -> None:
    page = world.sign_in(Client(), "secretary").post("/desk/bulk/", screen(row(0, world, "")))
    assert page.status_code == 422
    assert "一条也没写" in page.content.decode()


def test_places_are_those_of_ones_own(world: World) -> None:
    desk = world.sign_in(Client(), "secretary")
    outside = row(0, world, "别处的事", place=f"building-{world.buildings[8].pk}")
    page = desk.post("/desk/bulk/", screen(outside))
    assert page.status_code == 422
    assert "不在您的范围内" in page.content.decode()
    inside = [
        row(0, world, "小区里", place=f"compound-{world.compound.pk}"),
        row(1, world, "路边", place=f"grid-{world.grid2.pk}"),
    ]
    assert desk.post("/desk/bulk/", screen(*inside)).status_code == 302
    assert {ticket.community_id for ticket in Ticket.objects.all()} == {world.community.pk}
    assert Ticket.objects.get(content="路边").grid_id == world.grid2.pk


def test_the_worker_does_it_on_the_phone_in_the_own_grid(world: World) -> None:
    phone = world.sign_in(Client(), "worker")
    other = row(1, world, "隔壁网格", place=f"grid-{world.grid2.pk}")
    page = phone.post("/m/bulk/", screen(row(0, world, "楼道灯坏了"), other))
    assert page.status_code == 422
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.grid_id) == ("morning_walk", world.grid.pk)
    assert "隔壁网格" in page.content.decode()


def test_a_code_without_a_phone_is_shown_to_who_recorded_it(world: World) -> None:
    desk = world.sign_in(Client(), "secretary")
    done = desk.post("/desk/bulk/", screen(row(0, world, "楼道灯坏了")))
    code = desk.get(done.headers["Location"]).context["recorded"][0]["code"]
    ticket = Ticket.objects.get()
    resident = Client()
    answer = resident.post(f"/d/{world.district.code}/track/", {"number": ticket.number, "secret": code})
    assert answer.status_code == 302
    assert world.sign_in(Client(), "staff").get(done.headers["Location"]).context["recorded"] == []
