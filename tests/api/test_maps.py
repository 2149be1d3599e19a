"""Maps as GeoJSON: only what one may see, in heaps where it is much, and nothing sent twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from grids.actions.borders import remove_border
from grids.coordinates import from_wgs
from grids.models import Building
from requests_intake import ticket_map
from requests_intake.models import Ticket
from tests.cases import report
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
EVERYTHING = "112,33,115,36"


def read(client: Client, name: str, **query: Any) -> Any:
    return client.get(f"/api/v1/map/{name}/", query)


def numbers(found: Any) -> set[str]:
    return {each["number"] for row in found.json()["features"] for each in row["properties"]["tickets"]}


def test_an_area_comes_with_its_parts_and_its_frame(world: World, client: Client) -> None:
    world.sign_in(client, "dispatcher")
    found = read(client, "areas", within=world.community.pk).json()
    assert found["type"] == "FeatureCollection"
    told = {row["properties"]["name"]: row["properties"]["is_frame"] for row in found["features"]}
    assert told == {"春晓社区": True, "春晓社区第一网格": False, "春晓社区第二网格": False}
    of_grid = read(client, "areas", within=world.grid.pk).json()["features"]
    assert [row["properties"]["id"] for row in of_grid] == [world.grid.pk, world.grid2.pk]


def test_what_has_not_changed_is_not_sent_again(world: World, client: Client) -> None:
    world.sign_in(client, "dispatcher")
    first = read(client, "areas", within=world.grid.pk)
    again = client.get(
        "/api/v1/map/areas/", {"within": world.grid.pk}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["Cache-Control"]
    remove_border(world.grid2, actor=world.admin)
    changed = client.get(
        "/api/v1/map/areas/", {"within": world.grid.pk}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert changed.status_code == 200
    assert len(changed.json()["features"]) == 1


def test_a_map_of_another_datum_gets_shifted_points_and_may_ask_in_its_own(world: World, client: Client) -> None:
    world.sign_in(client, "worker")
    plain = read(client, "places", bbox=EVERYTHING).json()["features"]
    shifted = read(client, "places", bbox=EVERYTHING, datum="gcj02").json()["features"]
    one, other = plain[0]["geometry"]["coordinates"], shifted[0]["geometry"]["coordinates"]
    assert other == pytest.approx(from_wgs((one[0], one[1]), "gcj02"), abs=1e-6)
    assert abs(one[0] - other[0]) > 0.001
    around = ",".join(str(other[side] + step) for step in (-0.0002, 0.0002) for side in (0, 1))
    near = read(client, "places", bbox=around, datum="gcj02").json()["features"]
    assert plain[0]["properties"]["id"] in {row["properties"]["id"] for row in near}


def test_buildings_and_the_middle_of_their_compound_are_told(world: World, client: Client) -> None:
    world.sign_in(client, "worker")
    found = read(client, "places", bbox=EVERYTHING).json()
    kinds = [row["properties"]["kind"] for row in found["features"]]
    assert (kinds.count("building"), kinds.count("compound"), found["is_partial"]) == (16, 4, False)
    middle = next(row for row in found["features"] if row["properties"]["name"] == world.compound.name)
    own = Building.objects.filter(compound=world.compound).values_list("lng", flat=True)
    assert middle["geometry"]["coordinates"][0] == pytest.approx(sum(own) / len(own), abs=1e-6)


def test_nobody_sees_more_on_the_map_than_in_the_list(world: World, client: Client) -> None:
    here = report(world)
    there = report(world, building_id=world.buildings[8].pk)
    for name, expected in (
        ("worker", {here.number}), ("other_worker", {there.number}), ("center", {here.number, there.number}),
        ("handler", set()),
    ):  # fmt: skip
        world.sign_in(client, name)
        assert numbers(read(client, "tickets", bbox=EVERYTHING, zoom=18)) == expected, name


def test_close_ones_are_one_heap_that_counts_and_names_them(world: World, client: Client) -> None:
    for _each in range(3):
        report(world)
    far = report(world, building_id=world.buildings[15].pk)
    world.sign_in(client, "center")
    found = read(client, "tickets", bbox=EVERYTHING, zoom=18).json()
    assert sorted(row["properties"]["count"] for row in found["features"]) == [1, 3]
    assert found["total"] == 4
    assert far.number in numbers(read(client, "tickets", bbox=EVERYTHING, zoom=18))
    assert len(read(client, "tickets", bbox=EVERYTHING, zoom=0).json()["features"]) == 1


def test_a_ticket_without_a_point_stands_at_its_building_and_closed_ones_nowhere(world: World, client: Client) -> None:
    one = report(world)
    assert (one.lng, one.lat) == (None, None)
    world.sign_in(client, "worker")
    (heap,) = read(client, "tickets", bbox=EVERYTHING, zoom=18).json()["features"]
    assert heap["geometry"]["coordinates"] == pytest.approx([world.building.lng, world.building.lat], abs=1e-6)
    west = f"{world.building.lng - 0.002},33,{world.building.lng - 0.001},36"
    assert read(client, "tickets", bbox=west, zoom=18).json()["total"] == 0


def test_many_tickets_cost_two_statements_and_are_counted_not_named(
    world: World, client: Client, monkeypatch: Any
) -> None:
    world.sign_in(client, "center")
    for _each in range(3):
        report(world)

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert read(client, "tickets", bbox=EVERYTHING, zoom=10).status_code == 200
        return len(caught)

    few = statements()
    for row in world.buildings:
        report(world, building_id=row.pk)
    assert statements() == few
    monkeypatch.setattr(ticket_map, "FEW", 5)
    found = read(client, "tickets", bbox=EVERYTHING, zoom=10).json()
    assert (found["total"], found["is_named"]) == (Ticket.objects.filter(closed_at=None).count(), False)
    assert numbers(read(client, "tickets", bbox=EVERYTHING, zoom=10)) == set()


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "3,2,1,4", "nan,1,2,3", "0,-91,1,0"])
def test_bounds_that_are_none_are_refused_at_the_field(world: World, client: Client, bbox: str) -> None:
    world.sign_in(client, "worker")
    refused = read(client, "places", bbox=bbox)
    assert refused.status_code == 400
    assert "bbox" in refused.json()["errors"]


def test_another_district_has_no_such_area(world: World, client: Client) -> None:
    other = make_district("t2", 2)
    world.sign_in(client, "dispatcher")
    assert read(client, "areas", within=other.grid.pk).status_code == 404
