"""Urging all of a long list: request after request, each row once, what changed meanwhile is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from governance.kernel import clock
from requests_intake.models import Ticket, TicketTransition
from requests_intake.views import desk_batch
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db
LIST = "/desk/?queue=soon"


def form_of(page: str) -> dict[str, str]:
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value.replace("&amp;", "&") for name, value in hidden if name != "csrfmiddlewaretoken"}


@pytest.fixture
def seven(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(desk_batch, "AT_ONCE", 3)
    found = [ticket_in(world, "dispatched").pk for _number in range(7)]
    Ticket.objects.update(lamp="soon")
    return found


def test_all_of_a_long_list_are_urged_part_by_part(world: World, seven: list[int]) -> None:
    client = world.sign_in(Client(), "dispatcher")
    preview = client.get("/desk/urge/", {"all": "1", "queue": "soon", "next": LIST}).content.decode()
    assert "催办这 7 件？" in preview
    first: Any = client.post("/desk/urge/", {**form_of(preview), "note": "请抓紧"})
    assert first.status_code == 200
    assert "已看 3 件，共 7 件" in first.content.decode()
    body = form_of(first.content.decode())
    assert client.post("/desk/urge/", body).content.decode().count("已看 6 件，共 7 件") == 1
    again = client.post("/desk/urge/", body)  # sent twice
    assert "已看 6 件，共 7 件" in again.content.decode()
    last = client.post("/desk/urge/", form_of(again.content.decode()), headers={"HX-Request": "true"})
    assert last["HX-Redirect"] == LIST
    shown = client.get(LIST).content.decode()
    assert "催办了 7 件" in shown
    assert "已经不在这个列表里" not in shown
    assert sorted(TicketTransition.objects.filter(move="urge").values_list("ticket_id", flat=True)) == seven


def test_a_row_that_changed_meanwhile_is_skipped_and_told(world: World, seven: list[int]) -> None:
    client = world.sign_in(Client(), "dispatcher")
    preview = client.get("/desk/urge/", {"all": "1", "queue": "soon", "next": LIST}).content.decode()
    first = client.post("/desk/urge/", form_of(preview)).content.decode()
    done = set(TicketTransition.objects.filter(move="urge").values_list("ticket_id", flat=True))
    left = [pk for pk in seven if pk not in done]
    Ticket.objects.filter(pk=left[0]).update(state="rejected", closed_at=clock.now())
    second = client.post("/desk/urge/", form_of(first))
    assert second["Location"] == LIST
    shown = client.get(LIST).content.decode()
    assert "催办了 6 件" in shown
    assert "还有 1 件已经不在这个列表里，没有催。" in shown


def test_numbers_somebody_wrote_into_the_form_break_nothing(world: World, seven: list[int]) -> None:
    client = world.sign_in(Client(), "dispatcher")
    body = {
        "all": "1",
        "queue": "soon",
        "next": LIST,
        "after": "x",
        "total": "many",
        "urged": "-1",
        "refused": "9" * 30,
    }
    assert "已看 3 件，共 7 件" in client.post("/desk/urge/", body).content.decode()
