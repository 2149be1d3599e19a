"""催办 as a list: who urged whom, what waits for an answer, and what counts as one (SLA D.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from requests_intake.actions.handle import contact_requester, sign_order
from requests_intake.actions.press import urge_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.models import Ticket, TicketTransition
from requests_intake.urges import UrgeFilter, urges_of
from tests.cases import report, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 9, 9, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False) as traveller:
        yield traveller


def urged(world: World, what: str = "taken", **changes: Any) -> Ticket:
    return urge_ticket(ticket_in(world, what, **changes), actor=world.dispatcher, note="请抓紧修")


def numbers(world: World, name: str, **wanted: Any) -> list[str]:
    return [row.ticket.number for row in urges_of(getattr(world, name), UrgeFilter(**wanted))]


def test_who_was_urged_finds_it_waiting_until_the_next_step_of_the_order(world: World) -> None:
    ticket = urged(world, "sent")
    assert numbers(world, "handler") == [ticket.number]
    assert numbers(world, "dispatcher", view="open") == [ticket.number]
    sign_order(ticket, actor=world.handler)
    assert numbers(world, "handler") == []
    assert numbers(world, "dispatcher", view="open") == []
    assert numbers(world, "dispatcher", view="answered") == [ticket.number]


def test_what_others_do_answers_nothing(world: World) -> None:
    ticket = urged(world)
    urge_again = datetime(2026, 11, 9, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
    with time_machine.travel(urge_again, tick=False):
        urge_ticket(ticket, actor=world.center, note="再催一次")
    assert numbers(world, "handler") == [ticket.number, ticket.number]


def test_a_second_urge_waits_though_the_first_was_answered(world: World, now: Any) -> None:
    ticket = urged(world)
    now.shift(timedelta(hours=1))
    contact_requester(ticket, actor=world.handler)
    now.shift(timedelta(hours=4))
    urge_ticket(ticket, actor=world.center)
    assert len(numbers(world, "handler")) == 1
    assert len(numbers(world, "center", view="answered")) == 1


def test_who_urged_finds_it_among_their_own(world: World) -> None:
    ticket = urged(world)
    assert numbers(world, "dispatcher", view="mine") == [ticket.number]
    assert numbers(world, "center", view="mine") == []


def test_the_clock_urges_too_and_says_so(world: World, client: Client, now: Any) -> None:
    ticket = ticket_in(world, "taken")
    now.shift(timedelta(days=6))
    sweep()
    assert TicketTransition.objects.filter(ticket=ticket, stage="soon", work_order__isnull=False).exists()
    assert ticket.number in numbers(world, "center", view="all")
    assert "到时自动" in world.sign_in(client, "center").get(reverse("desk:urges"), {"view": "all"}).content.decode()


def test_filters_narrow_by_organization_level_day_and_number(world: World, now: Any) -> None:
    water = urged(world)
    now.shift(timedelta(days=1))
    street = urge_ticket(ticket_in(world, "street"), actor=world.center)
    both, here = {water.number, street.number}, {"view": "all"}
    assert set(numbers(world, "center", **here)) == both
    assert numbers(world, "center", **here, organization_id=world.water.pk) == [water.number]
    assert numbers(world, "center", **here, level="street") == [street.number]
    assert numbers(world, "center", **here, text=water.number) == [water.number]
    day = datetime(2026, 11, 9).date()
    assert numbers(world, "center", **here, since=day, until=day) == [water.number]
    now.shift(timedelta(days=60))
    assert numbers(world, "center", **here) == []  # thirty days, unless one asks for more
    assert set(numbers(world, "center", **here, since=day)) == both
    assert numbers(world, "handler") == [water.number]  # what waits is shown however old


def test_what_cannot_be_read_of_an_address_is_passed_over(world: World, client: Client) -> None:
    ticket = urged(world)
    asked = {"view": "all", "since": "2026-13-40", "until": "gestern", "organization": "x", "level": "moon"}
    page = world.sign_in(client, "center").get(reverse("desk:urges"), asked)
    assert ticket.number in page.content.decode()


def test_outside_ones_territory_there_is_nothing(world: World, client: Client) -> None:
    ticket = urged(world)
    page = world.sign_in(client, "other_dispatcher").get(reverse("desk:urges"), {"view": "all"})
    assert ticket.number not in page.content.decode()
    assert world.sign_in(Client(), "worker").get(reverse("desk:urges")).status_code == 403


def test_a_restricted_matter_is_named_by_its_number_alone(world: World, client: Client) -> None:
    ticket = urged(world)
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    handler = world.sign_in(client, "handler")
    page = handler.get(reverse("desk:urges")).content.decode()
    assert ticket.title not in page


def test_the_workbook_holds_what_the_list_holds(world: World, client: Client) -> None:
    ticket = urged(world)
    urged(world, "street")
    asked = {"view": "all", "organization": str(world.water.pk)}
    answer = world.sign_in(client, "center").get(reverse("desk:urges_export"), asked)
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows) == 2
    assert rows[1][0] == ticket.number
    assert rows[1][4] == "请抓紧修"
    assert rows[1][5] == world.water.name
    assert rows[1][7] == "没有回应"


def test_more_urges_take_no_more_statements(world: World, client: Client) -> None:
    world.sign_in(client, "center")

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("desk:urges"), {"view": "all"})
        return len(found)

    urged(world)
    statements()  # reference data is read once
    before = statements()
    for _time in range(4):
        urged(world)
    assert statements() == before


def test_the_next_page_keeps_what_was_asked(world: World, client: Client) -> None:
    ticket = urged(world)
    row = TicketTransition.objects.get(move="urge")
    TicketTransition.objects.bulk_create(
        TicketTransition(
            ticket=ticket, work_order=row.work_order, move="urge", from_state="handling", to_state="handling",
            at=row.at, recorded_at=row.at, actor_id=row.actor_id, actor_name=row.actor_name, payload=row.payload,
        )
        for _time in range(35)
    )  # fmt: skip
    page = world.sign_in(client, "center").get(reverse("desk:urges"), {"view": "all", "level": "department"})
    assert len(page.context["rows"]) == 30
    assert "level=department" in page.content.decode().split('rel="next"')[0].rsplit("<a", 1)[1]


def test_nobody_urged_is_told_what_to_do_next(world: World, client: Client) -> None:
    report(world)
    assert "没有等您单位回应的催办" in world.sign_in(client, "center").get(reverse("desk:urges")).content.decode()
