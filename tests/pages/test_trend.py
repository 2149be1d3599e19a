"""统计: every number is the number of the rows it opens, whatever is folded; and the map."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from analytics.events import PERIODS, EventFilter, count_events
from analytics.facts import Period, totals
from analytics.measures import AXES, MEASURES
from analytics.rollup import fold
from analytics.street_map import street_map
from governance.kernel import clock
from governance.kernel.errors import NotAllowed
from grids.models import AreaBorder
from requests_intake.actions.desk import withdraw_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.rate import reopen_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket
from tests.cases import report, ticket_in
from tests.pages.test_board import links
from tests.test_query_counts import requester
from tests.world import World

URL = "board:trend"


def everything(world: World) -> None:
    """Something of every measure, over four weeks, in both streets."""
    start = clock.now() - timedelta(days=25)
    with time_machine.travel(start, tick=False):
        for state in ("submitted", "accepted", "dispatched", "signed", "closed"):
            ticket_in(world, state)
        report(world, content="要举报有人贪污", request_type="report")
        report(world, building_id=world.buildings[8].pk)
        fold()
    with time_machine.travel(start + timedelta(days=24), tick=False):
        sweep()
        reopen_ticket(ticket_in(world, "closed"), note="又坏了", actor=world.dispatcher)
        escalate_ticket(ticket_in(world, "dispatched"), note="修不了", actor=world.worker)
        verify_ticket(ticket_in(world, "resolved"), passed=False, note="没修好", actor=world.staff)
        gone = ticket_in(world, "dispatched")
        withdraw_ticket(gone, actor=requester(gone))


@pytest.mark.parametrize(("name", "period"), [*(("official", period) for period in PERIODS), ("supervisor", "30")])
def test_every_number_is_the_number_of_its_rows(world: World, client: Client, name: str, period: str) -> None:
    everything(world)
    page = world.sign_in(client, name)
    home = page.get(reverse(URL), {"period": period})
    assert home.status_code == 200
    keys = ("numbers", "chart", "streets", "categories", "levels", "voices", "closed", "map")
    figures = [figure for key in keys for figure in links(home.context[key])]
    text = home.content.decode()
    opened = 0
    for figure in figures:
        assert f'href="{figure["url"].replace("&", "&amp;")}"' in text or "over" in figure["url"]
        if not figure["value"] and opened > 25:
            continue  # enough empty ones have been opened
        rows = page.get(figure["url"])
        assert (rows.context["total"], len(rows.context["rows"])) == (figure["value"], figure["value"]), figure["url"]
        opened += 1
    assert opened > 25


def test_officials_do_not_count_what_they_may_not_see(world: World, client: Client) -> None:
    everything(world)
    received = {}
    for name in ("official", "supervisor"):
        context = world.sign_in(Client(), name).get(reverse(URL)).context
        received[name] = next(row["value"] for row in context["numbers"] if row["measure"] == "submitted")
    assert received["supervisor"] == received["official"] == Ticket.objects.filter(is_restricted=False).count()


def test_lines_add_up_to_the_whole(world: World, client: Client) -> None:
    everything(world)
    context = world.sign_in(client, "official").get(reverse(URL)).context
    whole = {row["measure"]: row["value"] for row in context["numbers"]}
    for key in ("streets", "categories", "levels"):
        for cell in range(len(context[key][0]["cells"])):
            column = [line["cells"][cell] for line in context[key]]
            assert sum(row["value"] for row in column) == whole[column[0]["measure"]], key
    for place, name in enumerate(("submitted", "closed", "overdue")):
        assert sum(line["cells"][place]["value"] for line in context["chart"]["table"]) == whole[name]
    assert {"overdue", "escalated", "escalated_by_clock", "reopened", "reworked", "withdrawn"} <= {
        name for name, number in whole.items() if number
    }
    assert len(context["chart"]["table"]) == 30


@pytest.mark.parametrize("axis", AXES)
def test_rows_along_every_axis_are_as_many_as_the_facts(world: World, axis: str) -> None:
    everything(world)
    period = Period(clock.today() - timedelta(days=29), clock.today())
    found = totals(period, axis, confidential=False)
    assert len(found) >= len(MEASURES) - 6
    for (value, measure), number in found.items():
        assert count_events(world.supervisor, EventFilter.of(period, measure).at(axis, value)) == number


def test_satisfaction_counts_those_who_said_something(world: World, client: Client) -> None:
    ticket_in(world, "closed")
    voices = world.sign_in(client, "official").get(reverse(URL)).context["voices"]
    assert [(voice["percent"], voice["score"], voice["rated"]) for voice in voices] == [("100.0%", "1", 1)] * 2


def test_nothing_yet_is_said_and_not_divided(world: World, client: Client) -> None:
    page = world.sign_in(client, "official").get(reverse(URL))
    assert page.context["voices"][0]["percent"] == "—"
    assert "这段时间没有。" in page.content.decode()


def test_the_map_draws_each_street_once(world: World, client: Client) -> None:
    report(world)
    found = street_map()
    assert found is not None
    assert [each.key for each in found.shapes] == [world.street.pk, world.other_street.pk]
    # Two squares side by side: the first is the left half, and its name stands in it.
    first, other = found.shapes
    assert 0 < first.x < 500 < other.x < 1000
    assert first.path.startswith("M")
    drawn = world.sign_in(client, "official").get(reverse(URL)).context["map"]["streets"]
    assert [(row["label"], row["open"]["value"], row["shade"]) for row in drawn] == [
        (world.street.name, 1, 0),
        (world.other_street.name, 0, 0),
    ]


def test_without_borders_there_is_no_map(world: World, client: Client) -> None:
    AreaBorder.objects.all().delete()
    page = world.sign_in(client, "official").get(reverse(URL))
    assert page.context["map"] is None
    assert "tr-map" not in page.content.decode()


@pytest.mark.parametrize(
    "query", ["?measure=nothing&from=x&to=2026-13-01&by=secret&value=1", "?from=0001-01-01&page=99999", "?page=x"]
)
def test_an_address_that_cannot_be_read_shows_the_usual(world: World, client: Client, query: str) -> None:
    report(world)
    answered = world.sign_in(client, "official").get(reverse("board:events") + query)
    assert answered.status_code == 200
    assert answered.context["total"] == 1


def test_who_reads_only_a_part_does_not_read_the_whole(world: World, client: Client) -> None:
    for name in (URL, "board:events"):
        assert client.get(reverse(name)).status_code == 302
        for other in ("worker", "dispatcher", "handler", "visitor", "admin"):
            assert world.sign_in(Client(), other).get(reverse(name)).status_code == 403, (name, other)
    with pytest.raises(NotAllowed):
        count_events(world.dispatcher, EventFilter.from_query({}))


def test_long_lists_have_pages(world: World, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("analytics.views.trend.PAGE_SIZE", 2)
    for _n in range(5):
        report(world)
    page = world.sign_in(client, "official")
    first = page.get(reverse("board:events"))
    second = page.get(first.context["next_url"])
    last = page.get(second.context["next_url"])
    assert [len(each.context["rows"]) for each in (first, second, last)] == [2, 2, 1]
    assert last.context["next_url"] == ""
    again = page.get(second.context["previous_url"])
    assert [row["number"] for row in again.context["rows"]] == [row["number"] for row in first.context["rows"]]
