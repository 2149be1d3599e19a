"""The lists of applications and of supervision: who finds what there, and what not."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from governance.kernel import clock
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.holding import unsuspend_ticket
from requests_intake.discipline_lists import applications_of, share_of_month, supervisions_of
from requests_intake.models import Application
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
    assert ticket.number in handler.get(url, {"view": "mine"}).content.decode()
    other = world.sign_in(Client(), "other_dispatcher")
    assert ticket.number not in other.get(url, {"view": "open"}).content.decode()


@pytest.mark.parametrize(("name", "state"), [("returns", "asked_return"), ("pauses", "asked_pause")])
def test_who_answers_nothing_begins_with_what_concerns_them(
    world: World, client: Client, name: str, state: str
) -> None:
    ticket = ticket_in(world, state)
    url = reverse(f"desk:{name}")
    for who in ("handler", "official"):
        page = world.sign_in(Client(), who).get(url).content.decode()
        assert "等我答复" not in page
        assert ticket.number in page, who  # what the handler asked for; what still waits for somebody
    assert "等我答复" in world.sign_in(client, "center").get(url).content.decode()


def test_suspended_matters_are_what_all_but_the_district_see_first(world: World, client: Client) -> None:
    ticket = ticket_in(world, "suspended")
    handler = world.sign_in(client, "handler").get(reverse("desk:suspended")).content.decode()
    assert "上次复查" in handler
    assert ticket.number in handler
    empty = world.sign_in(Client(), "other_dispatcher").get(reverse("desk:suspended")).content.decode()
    assert "没有挂账的" in empty


def test_a_supervision_order_waits_only_while_it_can_be_answered(world: World) -> None:
    ticket = ticket_in(world, "supervised")
    waiting = supervisions_of(world.center, "order", "open")
    assert [row.ticket_id for row in waiting] == [ticket.pk]
    dispatch_ticket(ticket, organization_id=world.urban.pk, actor=world.center)
    assert not supervisions_of(world.center, "order", "open").exists()
    assert [row.state for row in supervisions_of(world.center, "order", "done")] == ["issued"]
    page = world.sign_in(Client(), "center").get(reverse("desk:supervisions"), {"view": "done"}).content.decode()
    assert "没有回复，工单已办结或转走" in page


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


def test_of_the_suspended_whose_day_has_come_those_taken_up_by_it_are_counted(world: World, client: Client) -> None:
    """kpi E.16 挂账兑现率: finished by the target ÷ due in the month."""
    kept, late, next_month = (ticket_in(world, "suspended") for _number in range(3))
    target = clock.now() + timedelta(days=3)
    rows = Application.objects.filter(kind="suspension")
    rows.filter(ticket__in=(kept, late)).update(until=target)
    rows.filter(ticket=next_month).update(until=target + timedelta(days=30))
    unsuspend_ticket(kept, note="资金到位了", actor=world.center)
    assert (share_of_month(world.center).due, share_of_month(world.center).kept) == (0, 0)
    with time_machine.travel(target + timedelta(hours=1), tick=False):
        unsuspend_ticket(late, note="晚了一点", actor=world.center)
        found = share_of_month(world.center)
        page = world.sign_in(client, "center").get(reverse("desk:suspended")).content.decode()
    assert (found.suspended, found.due, found.kept) == (3, 2, 1)
    assert "本月到了目标日期的 2 件，其中 1 件按期销账" in page
