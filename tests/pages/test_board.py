"""The district official's first page: every number is the number of the rows it opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.board import percent
from governance.kernel import clock
from grids.territory.actions.decide import approve_change
from grids.territory.actions.propose import propose_merge
from requests_intake.models import Ticket
from tests.pages.test_desk import (
    at_street,
    at_water,
    desk_accepted,
    report,
    resolved,
    reviewed,
    unlocated,
    visiting,
)
from tests.world import World

URL = "board:home"


def links(value: Any) -> Iterator[dict[str, Any]]:
    """Every dict of the context that is a number with an address."""
    if isinstance(value, dict):
        if {"value", "url"} <= value.keys():
            yield value
        for inner in value.values():
            yield from links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from links(inner)


def everything(world: World) -> None:
    for make in (report, unlocated, desk_accepted, at_street, at_water, resolved, visiting, reviewed):
        make(world)
    late = report(world, building_id=world.buildings[8].pk)
    Ticket.objects.filter(pk=late.pk).update(order_due_at=clock.now() - timedelta(hours=3))
    Ticket.objects.filter(pk=at_water(world).pk).update(lamp="soon", urgency="critical")
    report(world, content="要举报有人贪污", request_type="report")


@pytest.mark.parametrize("name", ["official", "center", "supervisor"])
def test_every_number_is_the_number_of_its_rows(world: World, client: Client, name: str) -> None:
    everything(world)
    page = world.sign_in(client, name)
    home = page.get(reverse(URL))
    assert home.status_code == 200
    keys = ("over", "critical", "open", "states", "today", "levels", "streets", "voice")
    figures = [figure for key in keys for figure in links(home.context[key])]
    assert len(figures) > 40
    assert sum(figure["value"] for figure in figures) > 20
    text = home.content.decode()
    for figure in figures:
        rows = page.get(figure["url"])
        assert (rows.context["total"], len(rows.context["rows"])) == (figure["value"], figure["value"]), figure["url"]
        assert figure["url"].replace("&", "&amp;") in text


def test_states_levels_and_streets_each_add_up_to_what_is_open(world: World, client: Client) -> None:
    everything(world)
    context = world.sign_in(client, "official").get(reverse(URL)).context
    total = context["open"]["value"]
    assert total == Ticket.objects.filter(closed_at=None, is_restricted=False).count()
    assert context["over"]["value"] + sum(row["value"] for row in context["states"]) == total
    for key in ("levels", "streets"):
        assert sum(line["open"]["value"] for line in context[key]) == total
        assert sum(line["over"]["value"] for line in context[key]) == context["over"]["value"] == 1
        assert sum(line["critical"]["value"] for line in context[key]) == context["critical"]["value"]


def test_overdue_streets_come_first_with_numerator_and_denominator(world: World, client: Client) -> None:
    everything(world)
    page = world.sign_in(client, "official").get(reverse(URL))
    first = page.context["streets"][0]
    assert first["label"] == world.other_street.name
    assert (first["over"]["value"], first["open"]["value"], first["percent"]) == (1, 1, "100.0%")
    assert "1/1" in page.content.decode()


def test_nothing_to_be_a_part_of_is_no_percentage() -> None:
    assert percent(0, 0) == "—"
    assert percent(1, 8) == "12.5%"


def test_what_residents_said_leaves_the_silent_out(world: World, client: Client) -> None:
    reviewed(world)
    silent = reviewed(world)
    Ticket.objects.filter(pk=silent.pk).update(first_satisfaction="", final_satisfaction="")
    voice = world.sign_in(client, "official").get(reverse(URL)).context["voice"]
    assert (voice["closed"]["value"], voice["rated"], voice["unrated"]["value"]) == (2, 1, 1)
    assert voice["faces"][0]["percent"] == "100.0%"


def test_who_may_enter(world: World, client: Client) -> None:
    for name in (URL, "board:rows"):
        assert client.get(reverse(name)).status_code == 302
        for other in ("worker", "secretary", "dispatcher", "handler", "visitor", "admin", "auditor"):
            assert world.sign_in(Client(), other).get(reverse(name)).status_code == 403, (name, other)


def test_the_page_costs_the_same_with_five_and_fifty_tickets(world: World, client: Client) -> None:
    page = world.sign_in(client, "official")

    def statements(name: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert page.get(reverse(name)).status_code == 200
        return len(found)

    for _n in range(5):
        report(world)
    statements(URL)
    few = [statements(URL), statements("board:rows")]
    for _n in range(45):
        report(world)
    assert [statements(URL), statements("board:rows")] == few
    assert few[0] <= 15


def test_a_title_opens_the_whole_ticket(world: World, client: Client) -> None:
    everything(world)
    page = world.sign_in(client, "official")
    row = page.get(reverse(URL)).context["over"]["rows"][0]
    opened = page.get(row["url"])
    assert opened.status_code == 200
    assert row["title"] in opened.content.decode()
    # An official presses and does not handle.
    offered = {button["name"] for button in [*opened.context["detail"]["buttons"], *opened.context["detail"]["more"]]}
    assert offered == {"urge", "supervise"}


def test_the_number_of_grids_is_counted_and_a_merged_one_is_gone_from_it(world: World, client: Client) -> None:
    """S0-01: one grid is merged into a neighbour; the first page shows one less, and so does the list it opens."""
    page = world.sign_in(client, "official")
    before = page.get(reverse(URL)).context["grids"]
    assert page.get(before["url"]).context["page"].paginator.count == before["value"]
    change = propose_merge(world.grid, into=world.grid2, reason="户数少，并到隔壁", actor=world.secretary)
    approve_change(change, actor=world.dispatcher)
    after = page.get(reverse(URL)).context["grids"]
    assert after["value"] == before["value"] - 1
    assert page.get(after["url"]).context["page"].paginator.count == after["value"]
