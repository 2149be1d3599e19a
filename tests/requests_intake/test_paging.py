"""Pages of the desk's list by place, and what the list's columns and plans hold at five thousand open tickets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.actions.handle import sign_order
from requests_intake.models import Clock, ClockKind, Ticket, WorkOrder
from requests_intake.paging import Page, Place, page_of
from requests_intake.queries import QUEUES, TicketFilter, channel_counts, open_groups, tickets_of, totals_of
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db
OPEN, FINISHED = TicketFilter(), TicketFilter(queue="all")
MANY = 5_000


def columns_agree() -> None:
    """What triggers have written beside a ticket is what its orders and clocks say."""
    leads = WorkOrder.objects.filter(role="lead", ended_at=None)
    runs = Clock.objects.filter(kind=ClockKind.PROMISE, work_order=None, stopped_at=None)
    states, promises = dict(leads.values_list("ticket_id", "state")), dict(runs.values_list("ticket_id", "due_at"))
    for ticket in Ticket.objects.all():
        assert ticket.lead_state == states.get(ticket.pk, ""), ticket.number
        assert ticket.promise_runs_until == promises.get(ticket.pk), ticket.number


@pytest.mark.parametrize(
    "state",
    [
        "submitted",
        "accepted",
        "dispatched",
        "signed",
        "paused",
        "suspended",
        "resolved",
        "visiting",
        "review",
        "closed",
    ],
)
def test_the_columns_of_a_list_follow_every_move(world: World, state: str) -> None:
    ticket_in(world, state)
    columns_agree()


def pages(actor: Actor, found: TicketFilter, size: int) -> Iterator[Page]:
    page = page_of(actor, found, size=size)
    while True:
        yield page
        if page.after is None:
            return
        page = page_of(actor, found, after=page.after, size=size)


@pytest.mark.parametrize("found", [OPEN, FINISHED])
def test_pages_follow_each_other_and_lead_back(world: World, found: TicketFilter) -> None:
    for state in ("submitted", "accepted", "dispatched", "signed", "paused", "resolved", "visiting"):
        ticket_in(world, state)
    expected = [row.pk for row in tickets_of(world.center, found)]
    forth = [[row.pk for row in page.rows] for page in pages(world.center, found, 2)]
    assert [pk for ids in forth for pk in ids] == expected
    assert [len(ids) for ids in forth] == [2, 2, 2, 1]
    page = list(pages(world.center, found, 2))[-1]
    back = [[row.pk for row in page.rows]]
    while page.before is not None:
        page = page_of(world.center, found, before=page.before, size=2)
        back.append([row.pk for row in page.rows])
    assert sorted(pk for ids in back for pk in ids) == sorted(expected)
    assert back[-1] == forth[0]
    assert page.before is None


def test_a_place_stays_when_what_stood_above_it_is_gone(world: World) -> None:
    for _number in range(6):
        ticket_in(world, "dispatched")
    second = page_of(world.center, OPEN, after=page_of(world.center, OPEN, size=2).after, size=2)
    place = page_of(world.center, OPEN, size=2).after
    first = page_of(world.center, OPEN, size=2).rows
    now = clock.now()
    Ticket.objects.filter(pk__in=[row.pk for row in first]).update(state="rejected", closed_at=now)
    assert page_of(world.center, OPEN, after=place, size=2).rows == second.rows
    Ticket.objects.update(state="rejected", closed_at=now)
    assert page_of(world.center, OPEN, after=place, size=2).rows == []


@pytest.mark.parametrize(
    "text", ["", "1", "0.0", "a.b.c", "0.1.2.3", "-1.0.5", "0.٣.5", "77.1.1", "0." + "9" * 18 + ".1"]
)
def test_what_is_no_place_is_passed_over(world: World, text: str) -> None:
    ticket_in(world, "dispatched")
    assert Place.read(text) is None
    answer = world.sign_in(Client(), "center").get("/desk/", {"after": text})
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == 1


def test_what_a_pause_holds_stands_last_and_the_lamp_agrees(world: World) -> None:
    held, running = ticket_in(world, "paused"), ticket_in(world, "dispatched")
    assert [ticket.pk for ticket in tickets_of(world.center)] == [running.pk, held.pk]
    columns_agree()


@pytest.fixture
def many(world: World) -> int:
    """Five thousand open tickets, copied from one that is handled, with deadlines a minute apart."""
    ticket = sign_order(ticket_in(world, "dispatched"), actor=world.worker)
    own = [field.column for field in Ticket._meta.concrete_fields if not field.generated and field.column != "id"]
    new = {
        "number": "'990101-' || lpad(n::text, 5, '0')",
        "order_due_at": "order_due_at + (n - 2500) * interval '1 minute'",
    }
    values = [new.get(name, name) for name in own]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO requests_intake_ticket ({', '.join(own)}) SELECT {', '.join(values)} "
            "FROM requests_intake_ticket, generate_series(1, %s) n WHERE id = %s",
            [MANY, ticket.pk],
        )
    return MANY + 1


def plans(act: Callable[[], Any], *, without: str) -> list[dict[str, Any]]:
    """How PostgreSQL reads tickets for an act where some ways are barred: what an index can do, it then does.

    Rows of a test are in no statistics, so that its own choice would say nothing; whether row security lets an index
    carry the order and the range at all is what can be asked.
    """
    with CaptureQueriesContext(connection) as captured:
        act()
    found: list[dict[str, Any]] = []
    with connection.cursor() as cursor:
        for way in without.split():
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        for row in captured.captured_queries:
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + row["sql"].replace("%", "%%"))
            plan = cursor.fetchone()[0]
            found += _scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return found


def _scans(node: dict[str, Any]) -> list[dict[str, Any]]:
    own = [node] if node.get("Relation Name") == "requests_intake_ticket" else []
    return own + [scan for each in node.get("Plans", []) for scan in _scans(each)]


def read(scan: dict[str, Any]) -> float:
    return scan["Actual Rows"] * scan["Actual Loops"] + scan.get("Rows Removed by Filter", 0)


@pytest.mark.parametrize("name", ["center", "dispatcher", "secretary", "worker"])
def test_every_page_reads_its_own_rows_along_the_index(world: World, many: int, name: str) -> None:
    actor = world.actors[name]
    first = page_of(actor, OPEN)
    assert len(first.rows) == 50
    third = page_of(actor, OPEN, after=page_of(actor, OPEN, after=first.after).after)
    for act in (
        lambda: page_of(actor, OPEN),
        lambda: page_of(actor, OPEN, after=third.after),
        lambda: page_of(actor, OPEN, before=third.before),
        lambda: page_of(actor, TicketFilter(queue="over")),
        lambda: page_of(actor, TicketFilter(organization_id=world.grid_team.pk), after=third.after),
    ):
        ordered, *_rows = plans(act, without="seqscan bitmapscan sort")
        assert ordered["Index Name"].startswith("ticket_list"), ordered
        assert read(ordered) <= 60, ordered
    (ordered, *_rows) = plans(lambda: page_of(actor, OPEN, after=third.after), without="seqscan bitmapscan sort")
    assert "ROW(" in ordered["Index Cond"], "the next page begins where the index says, not by reading up to it"


@pytest.mark.parametrize("name", ["center", "dispatcher", "secretary", "worker", "handler"])
def test_counting_reads_one_index_and_no_ticket(world: World, many: int, name: str) -> None:
    """Rows of a test are visible to nobody else yet, so that no plan of it can leave the table out: what is asked is
    whether the index holds every column that is read."""
    index = next(row for row in Ticket._meta.indexes if row.name == "ticket_list")
    held = {Ticket._meta.get_field(column).column for column in (*index.fields, *index.include)}
    actor = world.actors[name]
    with CaptureQueriesContext(connection) as captured:
        open_groups(actor, "street_id")
        channel_counts(actor, TicketFilter(queue="over"))
        channel_counts(actor, TicketFilter(queue="soon", organization_id=world.water.pk, area_id=world.street.pk))
    assert len(captured.captured_queries) == 3
    for row in captured.captured_queries:
        read_columns = set(re.findall(r'"requests_intake_ticket"."(\w+)"', row["sql"]))
        assert read_columns <= held, read_columns - held


def test_one_reading_gives_every_number_around_a_list(world: World, many: int) -> None:
    ticket_in(world, "submitted")
    # One of the many falls due every minute: the present stands still.
    with time_machine.travel(clock.now(), tick=False):
        groups = open_groups(world.center, "street_id")
        for name, queue in QUEUES.items():
            if queue.is_open:
                number = tickets_of(world.center, TicketFilter(queue=name)).count()
                assert sum(row[name] for row in groups) == number, name
        assert totals_of(groups, "channel", "over") == channel_counts(world.center, TicketFilter(queue="over"))


def test_an_act_leads_back_to_the_same_page(world: World, many: int) -> None:
    page = world.sign_in(Client(), "center")
    first = page.get("/desk/")
    second = page.get(first.context["next_url"])
    assert not {row["id"] for row in first.context["rows"]} & {row["id"] for row in second.context["rows"]}
    row = second.context["rows"][7]
    chosen = page.get(row["url"])
    assert [each["id"] for each in chosen.context["rows"]] == [each["id"] for each in second.context["rows"]]
    act = next(button for button in chosen.context["detail"]["buttons"] if button["name"] == "urge")
    done = page.post(
        act["action"], {"note": "", "next": chosen.context["detail"]["back"], "idempotency_key": act["idempotency_key"]}
    )
    again = page.get(done["Location"])
    assert [each["id"] for each in again.context["rows"]] == [each["id"] for each in second.context["rows"]]
    assert [each["id"] for each in again.context["rows"] if each["current"]] == [row["id"]]
    assert page.get(again.context["previous_url"]).context["rows"][0]["id"] == first.context["rows"][0]["id"]
