"""Patrols for programs: each verb, once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from grids.patrols.models import Patrol, PatrolPlan
from tests.patrols.rounds import both_shifts
from tests.world import World

pytestmark = pytest.mark.django_db


def call(client: Client, path: str, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def test_a_patrol_from_begin_to_end(world: World, client: Client) -> None:
    both_shifts(world)
    world.sign_in(client, "worker")
    said = {"client_id": str(uuid4()), "grid": world.grid.pk, "crew": [{"role": "police", "people": 1}]}
    made = call(client, "patrols/", said, "k1")
    assert made.status_code == 201, made.json()
    assert call(client, "patrols/", said, "k1").json() == made.json()
    assert (made.json()["shift"], made.json()["crew"]) == ("am", [{"role": "police", "people": 1}])
    address = f"patrols/{said['client_id']}/"
    assert call(client, f"{address}point/", {"point": 9}).status_code == 404
    done = call(client, f"{address}finish/", {"result": "normal", "note": "好"})
    assert (done.status_code, done.json()["state"]) == (200, "finished")
    assert call(client, f"{address}finish/", {}).status_code == 409
    assert call(client, f"{address}resume/", {}).json()["state"] == "running"
    assert call(client, f"{address}withdraw/", {}).json()["state"] == "withdrawn"
    assert Patrol.objects.count() == 1
    assert call(client, "patrols/", {**said, "grid": "x"}).status_code == 400


def test_reading_patrols_and_figures(world: World, client: Client) -> None:
    both_shifts(world)
    world.sign_in(client, "worker")
    call(client, "patrols/", {"client_id": str(uuid4()), "grid": world.grid.pk})
    world.sign_in(client, "secretary")
    assert len(client.get("/api/v1/patrols/").json()["results"]) == 1
    rows = {row["grid"]["id"]: row for row in client.get("/api/v1/patrol-figures/").json()}
    assert rows[world.grid.pk]["planned"] == 2
    assert client.get("/api/v1/patrol-figures/?month=soon").status_code == 400
    world.sign_in(client, "other_secretary")
    assert client.get("/api/v1/patrols/").json()["results"] == []


def test_plans_are_set_and_ended(world: World, client: Client) -> None:
    world.sign_in(client, "secretary")
    shifts = [{"code": "pm", "opens_at": "14:00", "closes_at": "17:00"}]
    made = call(client, "patrol-plans/", {"grids": [world.grid.pk], "shifts": shifts})
    assert made.status_code == 201, made.json()
    assert made.json()[0]["shifts"] == [{"code": "pm", "opens_at": "14:00:00", "closes_at": "17:00:00"}]
    assert len(client.get("/api/v1/patrol-plans/").json()) == 1
    assert call(client, "patrol-plans/", {"grids": [world.grid.pk], "shifts": []}).status_code in (400, 422)
    assert call(client, "patrol-plans/end/", {"grid": world.grid.pk, "kind": "routine"}).status_code == 200
    assert not PatrolPlan.objects.filter(ended_on=None).exists()
    assert call(client, "patrol-plans/end/", {"grid": world.grid.pk, "kind": "routine"}).status_code == 409
