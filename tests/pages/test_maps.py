"""地图: the page says in its list what the map shows, and a map is fed by nobody else unless a setting says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from governance.kernel import clock
from governance.settings.tiles import Tiles, tiles
from grids.households.actions.households import Where, move_household
from grids.visits.actions.contacts import name_hub
from tests.cases import report
from tests.households.homes import with_rooms
from tests.visits.helpers import homes
from tests.world import World

pytestmark = pytest.mark.django_db


def page(world: World, client: Client, who: str, address: str = "/desk/map/", **query: Any) -> Any:
    return world.sign_in(client, who).get(address, query)


def test_the_list_beside_the_map_counts_what_lies_below(world: World, client: Client) -> None:
    report(world)
    report(world)
    report(world, building_id=world.buildings[2].pk)
    found = page(world, client, "dispatcher")
    assert found.context["area"].name == "东湖街道"
    rows = {row["count"].area.name: (row["count"].open, row["count"].over) for row in found.context["rows"]}
    assert rows == {"春晓社区": (3, 0), "夏荷社区": (0, 0)}
    said = found.content.decode()
    assert f'data-area="{world.community.pk}" data-open="3" data-over="0"' in said
    deeper = page(world, client, "dispatcher", area=world.community.pk)
    counts = {row["count"].area.name: row["count"].open for row in deeper.context["rows"]}
    assert counts == {"春晓社区第一网格": 2, "春晓社区第二网格": 1}
    assert [row["name"] for row in deeper.context["trail"]] == ["东湖街道"]


def test_the_map_opens_in_ones_own_place_and_goes_no_further_out(world: World, client: Client) -> None:
    assert page(world, client, "secretary").context["area"].name == "春晓社区"
    assert page(world, client, "leader").context["area"].name == "春晓社区第一网格"
    assert page(world, client, "handler").context["area"].level == "district"
    assert page(world, client, "official").context["area"].level == "district"
    assert page(world, client, "secretary", area=world.street.pk).status_code == 404
    assert page(world, client, "secretary", area=world.community2.pk).status_code == 404


def test_what_stands_on_no_map_is_said_and_listed(world: World, client: Client) -> None:
    placed = report(world)
    nowhere = report(world, building_id=None, community_id=world.community.pk)
    found = page(world, client, "secretary")
    assert found.context["unplaced"] == 1
    assert {row["number"] for row in found.context["tickets"]} == {placed.number, nowhere.number}


def test_overdue_alone_can_be_shown(world: World, client: Client) -> None:
    report(world)
    found = page(world, client, "secretary", queue="over")
    assert found.context["tickets"] == []
    assert 'data-queue="over"' in found.content.decode()
    assert page(world, client, "secretary", queue="nonsense").context["map"]["queue"] == "open"


def test_the_workers_map_has_the_own_grid_its_matters_and_its_buildings(world: World, client: Client) -> None:
    ticket = report(world)
    report(world, building_id=world.buildings[2].pk)
    found = page(world, client, "worker", "/m/map/")
    assert found.context["grid"].id == world.grid.pk
    assert [card["number"] for card in found.context["cards"]] == [ticket.number]
    assert [row.pk for row in found.context["page"].object_list] == [row.pk for row in world.buildings[:2]]
    assert f'data-within="{world.grid.pk}"' in found.content.decode()
    assert "dist/map.js" in found.content.decode()


def test_hubs_of_the_party_are_a_layer_of_the_map_and_a_list_beside_it(world: World, client: Client) -> None:
    """S2-04: a building with a 中心户 is marked for who keeps households there; one that moved out is on no map."""
    stays, moves = homes(world, 2)
    for row in (stays, moves):
        name_hub(row, [], agrees=True, actor=world.worker)
    there = with_rooms(world.buildings[1], 1, 1, 1)[0]
    move_household(moves, Where(world.buildings[1], there), on=clock.today(), actor=world.worker)
    at = [world.building.lng, world.building.lat]
    expected = [{"id": world.building.pk, "name": world.building.name, "count": 1, "at": at}]
    for who, address in (("worker", "/m/map/"), ("secretary", "/desk/map/"), ("leader", "/desk/map/")):
        found = page(world, client, who, address)
        assert found.context["hubs"] == found.context["map"]["hubs"] == expected
        said = found.content.decode()
        assert '<script id="hubs" type="application/json">' in said
        assert "<h2>党员中心户" in said
    for who in ("other_worker", "dispatcher", "official", "handler"):
        found = page(world, client, who, "/m/map/" if who == "other_worker" else "/desk/map/")
        assert found.context["hubs"] == []
        assert "党员中心户</h2>" not in found.content.decode()
    # A street's map opens at the community for its secretary, one grid deeper only what stands there.
    deeper = page(world, client, "secretary", area=world.grid2.pk)
    assert deeper.context["hubs"] == []


def test_only_pages_with_a_map_load_its_script(world: World, client: Client) -> None:
    assert "dist/map" not in page(world, client, "dispatcher", "/desk/").content.decode()
    assert "dist/map" not in page(world, client, "worker", "/m/").content.decode()


def test_the_content_policy_opens_for_tiles_on_pages_with_a_map_alone(
    world: World, client: Client, settings: Any
) -> None:
    assert "https:" not in page(world, client, "worker", "/m/map/").headers["Content-Security-Policy"]
    settings.MAP_TILES = Tiles("https://t.example.cn/{z}/{x}/{y}.png", "https://t.example.cn", "示例", "gcj02", 18)
    found = page(world, client, "worker", "/m/map/")
    policy = {part.split()[0]: part.split()[1:] for part in found.headers["Content-Security-Policy"].split(";")}
    assert policy["img-src"] == ["'self'", "data:", "blob:", "https://t.example.cn"]
    assert policy["connect-src"] == policy["script-src"] == ["'self'"]
    # What is laid over tiles of another datum is asked for in that datum.
    assert 'data-datum="gcj02"' in found.content.decode()
    assert "t.example.cn" not in page(world, client, "worker", "/m/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("url", "datum"),
    [
        ("https://t.example.cn/tiles.png", "wgs84"), ("http://t.example.cn/{z}/{x}/{y}.png", "wgs84"),
        ("https://{s}.example.cn/{z}/{x}/{y}.png", "wgs84"), ("https://t.example.cn/{z}/{x}/{y}.png", "mars"),
    ],
)  # fmt: skip
def test_a_tile_source_that_the_policy_cannot_name_stops_the_start(monkeypatch: Any, url: str, datum: str) -> None:
    monkeypatch.setenv("MAP_TILES", url)
    monkeypatch.setenv("MAP_TILES_DATUM", datum)
    with pytest.raises(ImproperlyConfigured):
        tiles()


def test_tiles_of_our_own_open_nothing(monkeypatch: Any) -> None:
    assert tiles() is None
    monkeypatch.setenv("MAP_TILES", "/tiles/{z}/{x}/{y}.png")
    found = tiles()
    assert found is not None
    assert found.origin == ""
