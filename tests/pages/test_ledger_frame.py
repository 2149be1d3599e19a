"""Where somebody is: the lists below 台账 mark 台账 in the top bar, whatever their address."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from grids.context_processors import entry_of
from requests_intake.ledgers import ledgers_of
from tests.world import World

pytestmark = pytest.mark.django_db


def marked(page: str) -> set[str]:
    return set(re.findall(r'<a [^>]*aria-current="page"[^>]*>([^<]+)</a>', page.split("</header>")[0]))


def test_every_list_marks_the_ledgers(world: World, client: Client) -> None:
    world.sign_in(client, "center")
    lists = ledgers_of(world.center)
    assert len(lists) > 10
    assert any(not ledger.url_name.startswith("desk:") for ledger in lists), "lists of other apps are among them"
    for ledger in lists:
        page = client.get(reverse(ledger.url_name)).content.decode()
        assert marked(page) == {"台账"}, ledger.url_name


def test_the_inbox_and_a_ticket_mark_the_desk(world: World, client: Client) -> None:
    world.sign_in(client, "center")
    assert marked(client.get(reverse("desk:inbox")).content.decode()) == {"调度台"}
    assert marked(client.get(reverse("desk:answers")).content.decode()) == {"知识库"}


def test_a_list_of_another_app_does_not_mark_the_desk(world: World, client: Client) -> None:
    world.sign_in(client, "secretary")
    assert marked(client.get(reverse("territory_desk:changes")).content.decode()) == {"台账"}
    world.sign_in(client, "dispatcher")
    assert marked(client.get(reverse("households_desk:figures")).content.decode()) == {"台账"}


def test_a_page_of_another_app_without_an_entry_marks_nothing() -> None:
    nav = {"desk:inbox": "/desk/", "desk:answers": "/desk/answers/"}
    assert entry_of("/desk/elsewhere/", "elsewhere_desk", nav) == ""
    assert entry_of("/desk/t/261123-0001/", "desk", nav) == "/desk/"
    assert entry_of("/desk/answers/7/", "desk", nav) == "/desk/answers/"
