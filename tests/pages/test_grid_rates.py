"""网格指标: E.7 and E.11 by place, each number opened down to its rows."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from requests_intake.actions.resolve import solve_on_site
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket
from tests.cases import report, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db
MONTH = "month=2026-11"


@pytest.fixture
def cases(world: World) -> tuple[Ticket, Ticket, Ticket]:
    """Found and solved by the worker; closed but said to be unsolved; a resident's, open."""
    litter = Report(
        content="楼前有垃圾", building_id=world.building.pk, channel="patrol", is_proactive=True, start_level="grid"
    )
    found = solve_on_site(submit_ticket(litter, actor=world.worker).ticket, actor=world.worker, reply="当场捡走了")
    unsolved = ticket_in(world, "closed")
    Ticket.objects.filter(pk=unsolved.pk).update(final_satisfaction="unsolved")
    return found, unsolved, report(world)


def page(world: World, client: Client, who: str, query: str = MONTH, name: str = "grid_rates") -> str:
    world.sign_in(client, who)
    answered = client.get(f"{reverse(f'desk:{name}')}?{query}")
    assert answered.status_code == 200
    return answered.content.decode()


def numbers(text: str) -> list[str]:
    """What the two figures say."""
    return re.findall(r'<p class="v">([^<]+)</p>', text)


def test_both_figures_stand_with_what_they_mean(world: World, client: Client, cases: tuple[Ticket, ...]) -> None:
    for who in ("leader", "secretary", "dispatcher", "official"):
        text = page(world, client, who)
        assert numbers(text) == ["50.0%", "33.3%"], who
        assert "居民没有说“没解决”的占多少" in text
        assert "巡查、走访和主动治理先发现的占多少" in text
    assert numbers(page(world, client, "other_secretary")) == ["—", "—"]


def test_every_number_opens_the_rows_it_counts(world: World, client: Client, cases: tuple[Ticket, ...]) -> None:
    found, unsolved, open_one = cases
    text = page(world, client, "secretary")
    links = re.findall(r'href="([^"]+grid-rates/rows/[^"]+)">(\d+)</a>', text)
    assert len(links) >= 4 + 4 * 2
    for address, number in links:
        rows = client.get(address.replace("&amp;", "&")).content.decode()
        assert rows.count('data-label="编号"') == int(number), address
    top = page(world, client, "secretary", f"{MONTH}&of=absorbed&counted=1", "grid_rate_rows")
    assert (found.number in top, unsolved.number in top) == (True, False)
    whole = page(world, client, "secretary", f"{MONTH}&of=found", "grid_rate_rows")
    assert all(each.number in whole for each in (found, unsolved, open_one))


def test_places_below_are_opened_and_those_elsewhere_are_not_there(
    world: World, client: Client, cases: tuple[Ticket, ...]
) -> None:
    assert world.streets[0].name in page(world, client, "official")
    street = page(world, client, "official", f"{MONTH}&area={world.street.pk}")
    assert world.community.name in street
    community = page(world, client, "official", f"{MONTH}&area={world.community.pk}")
    assert (world.grid.name in community, numbers(community)) == (True, ["50.0%", "33.3%"])
    assert numbers(page(world, client, "secretary", f"{MONTH}&area={world.grid2.pk}")) == ["—", "—"]
    world.sign_in(client, "secretary")
    for outside in (world.streets[1].pk, world.communities[2].pk, "999999", "x"):
        for name in ("grid_rates", "grid_rate_rows"):
            assert client.get(f"{reverse(f'desk:{name}')}?area={outside}").status_code == 404


def test_another_month_is_another_count(world: World, client: Client, cases: tuple[Ticket, ...]) -> None:
    assert numbers(page(world, client, "secretary", "month=2026-10")) == ["—", "—"]
    assert "这个数里没有诉求" in page(world, client, "secretary", "month=2026-10&of=found", "grid_rate_rows")
