"""The lists of applications and of supervision: who finds what there, and what not."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from requests_intake.discipline_lists import applications_of
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("returns", "asked_return"),
        ("extensions", "asked_extension"),
        ("pauses", "asked_pause"),
        ("suspended", "asked_suspension"),
    ],
)
def test_who_answers_finds_it_waiting_and_who_asked_among_their_own(
    world: World, client: Client, name: str, state: str
) -> None:
    ticket = ticket_in(world, state)
    url = reverse(f"desk:{name}")
    assert ticket.number in world.sign_in(client, "center").get(url).content.decode()
    handler = world.sign_in(Client(), "handler")
    assert ticket.number not in handler.get(url).content.decode()
    assert ticket.number in handler.get(url, {"view": "mine"}).content.decode()
    other = world.sign_in(Client(), "other_dispatcher")
    assert ticket.number not in other.get(url, {"view": "open"}).content.decode()


def test_what_is_suspended_stands_with_its_target(world: World, client: Client) -> None:
    ticket = ticket_in(world, "suspended")
    page = world.sign_in(client, "center").get(reverse("desk:suspended"), {"view": "held"}).content.decode()
    assert ticket.number in page
    assert "上次复查" in page
    # One of two orders of the month: far above three in a hundred.
    assert "本月挂账 1 件" in page
    assert "已经超过" in page


def test_supervision_waits_with_its_limit_and_the_draft_with_the_district(world: World, client: Client) -> None:
    ticket = ticket_in(world, "drafted")
    handler = world.sign_in(client, "handler")
    page = handler.get(reverse("desk:supervisions")).content.decode()
    assert ticket.number in page
    assert "逾期未回复" in page
    assert handler.get(reverse("desk:circulars")).status_code == 403
    supervisor = world.sign_in(Client(), "supervisor")
    assert ticket.number in supervisor.get(reverse("desk:circulars")).content.decode()
    empty = supervisor.get(reverse("desk:circulars"), {"q": "000000-00000"}).content.decode()
    assert "换一个筛选或编号看看" in empty


def test_the_number_at_the_door_is_what_waits_for_the_reader(world: World) -> None:
    ticket_in(world, "asked_extension")
    assert applications_of(world.center, "extension").count() == 1
    assert applications_of(world.dispatcher, "extension").count() == 0
    assert applications_of(world.handler, "extension").count() == 0
