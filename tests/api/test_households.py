"""The register for programs: masked, in few statements, and a repeated write happens once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from grids.households.actions.tags import tag_household
from grids.households.models import Household, Person
from tests.households.homes import PHONE, home, many, tag, with_rooms
from tests.world import World

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def rooms(world: World) -> list[Any]:
    return with_rooms(world.building, units=3, floors=11, doors=2)


def post(client: Client, path: str, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(API + path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_program_reads_households_without_a_name_or_number(world: World, rooms: list[Any], client: Client) -> None:
    row = home(world.building, rooms[0], world.worker)
    world.sign_in(client, "worker")
    for path in (f"households/?q={world.building.name}", f"households/{row.pk}/"):
        said = client.get(API + path).content.decode()
        assert PHONE not in said
        assert "张小三" not in said
        assert "张*三" in said
    assert client.get(f"{API}households/?building={world.building.pk}").json()["count"] == 1
    assert client.get(f"{API}households/?q=没有的楼").json() == {"count": 0, "results": []}


def test_the_matrix_of_a_building_holds_every_flat_and_hides_restricted_tags(
    world: World, rooms: list[Any], client: Client
) -> None:
    secret = tag(world.admin, name="常看望", mark="望", is_sensitive=True, readers=["community_secretary"])
    tag_household(home(world.building, rooms[0], world.worker), secret, reason="本人同意", actor=world.secretary)
    world.sign_in(client, "worker")
    found = client.get(f"{API}buildings/{world.building.pk}/matrix/")
    said = found.json()
    cells = [cell for unit in said["units"] for floor in unit["floors"] for cell in floor["rooms"]]
    assert (said["rooms"], len(cells), said["households"]) == (66, 66, 1)
    (worn,) = [each for cell in cells for each in cell["tags"]]
    assert (worn["is_hidden"], worn["colour"]) == (True, "neutral")
    assert "常看望" not in found.content.decode()


def test_a_write_that_arrives_twice_happens_once(world: World, rooms: list[Any], client: Client) -> None:
    world.sign_in(client, "worker")
    body = {"building": world.building.pk, "room": rooms[0].pk, "people_count": 3, "contact_phone": PHONE}
    first, second = (post(client, "households/", body, "k1") for _twice in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    row = Household.objects.get()
    assert post(client, f"households/{row.pk}/people/", {"name": "王五", "relation": "head"}).status_code == 201
    assert Person.objects.get(household=row).name == "王五"
    changed = post(client, f"households/{row.pk}/change/", {"people_count": 5})
    assert changed.status_code == 200
    row.refresh_from_db()
    assert (row.people_count, row.contact_phone) == (5, PHONE)  # left out is not forgotten


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("households/", {"people_count": 1, "place": "东屋", "contact_phone": "139****1234"}, 400, "contact_phone"),
        ("households/", {"people_count": 1}, 422, "room"),
        ("households/", {"people_count": 1, "room": 10**9}, 422, "room"),
        ("households/", {"people_count": 1, "place": "东屋", "colour": "red"}, 400, "colour"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    world: World, client: Client, path: str, body: dict[str, Any], status: int, field: str
) -> None:
    world.sign_in(client, "worker")
    refused = post(client, path, {"building": world.building.pk, **body})
    assert refused.status_code == status
    assert field in refused.content.decode()
    assert not Household.objects.exists()


def test_lists_take_as_many_statements_for_many_as_for_few(world: World, rooms: list[Any], client: Client) -> None:
    word = tag(world.admin)
    world.sign_in(client, "worker")
    counts = []
    for first, last in ((0, 2), (2, 40)):
        for row in many(world.building, rooms[first:last], world.worker):
            tag_household(row, word, reason="社区核实", actor=world.worker)
        client.get(f"{API}households/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{API}households/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
