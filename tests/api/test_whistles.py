"""Whistles and evaluations through the API: the same actions, rights and sentences as the pages."""

from __future__ import annotations

from typing import Any

import pytest

from requests_intake.models import EvaluationEntry, Whistle
from tests.api.conftest import Client
from tests.cases import report
from tests.whistles import blown, handled, target
from tests.world import World, make_district

pytestmark = pytest.mark.django_db


def body(world: World, **changes: Any) -> dict[str, Any]:
    words = {"kind": "daily", "summary": "水管漏了", "place": "文化路", "organizations": [world.water.pk]}
    return {**words, **changes}


def test_from_blowing_to_closing(world: World, api: Client) -> None:
    street, water = api("dispatcher"), api("handler")
    made = street.post("/api/v1/whistles/", body(world))
    assert made.status_code == 201
    number, part = made.data["number"], made.data["targets"][0]["id"]
    at = f"/api/v1/whistles/{number}/targets/{part}"
    assert water.post(f"{at}/accept/", {}).data["state"] == "accepted"
    assert water.post(f"{at}/arrive/", {"place": "东门"}).data["state"] == "arrived"
    assert water.post(f"{at}/handle/", {"note": "换了阀门"}).data["state"] == "handled"
    early = street.post(f"/api/v1/whistles/{number}/close/", {})
    assert (early.status_code, early.data["code"]) == (409, "wrong_state")
    scores = {"speed": 5, "result": 4, "attitude": 3}
    assert street.post(f"{at}/evaluate/", scores).data["state"] == "evaluated"
    assert water.post(f"{at}/evaluate-caller/", scores).status_code == 200
    assert street.post(f"/api/v1/whistles/{number}/close/", {}).data["state"] == "closed"
    assert EvaluationEntry.objects.count() == 2


def test_a_repeated_request_happens_once(world: World, api: Client) -> None:
    street = api("dispatcher")
    for _twice in range(2):
        assert street.post("/api/v1/whistles/", body(world), HTTP_IDEMPOTENCY_KEY="once").status_code == 201
    assert Whistle.objects.count() == 1


def test_a_community_asks_and_the_street_agrees(world: World, api: Client) -> None:
    number = api("secretary").post("/api/v1/whistles/", body(world)).data["number"]
    assert api("dispatcher").post(f"/api/v1/whistles/{number}/approve/", {}).data["state"] == "approved"
    assert api("secretary").post(f"/api/v1/whistles/{number}/blow/", {}).status_code == 403
    assert api("dispatcher").post(f"/api/v1/whistles/{number}/blow/", {}).data["state"] == "blown"


def test_a_refusal_and_its_decision(world: World, api: Client) -> None:
    whistle = blown(world)
    at = f"/api/v1/whistles/{whistle.number}/targets/{target(whistle, world.water).pk}"
    words = {"reason": "not_ours", "clause": "第 1 条", "suggested": world.urban.pk, "note": "不归我们"}
    assert api("handler").post(f"{at}/refuse/", {**words, "reason": "tired"}).status_code == 400
    assert api("handler").post(f"{at}/refuse/", words).status_code == 200
    assert api("dispatcher").post(f"{at}/release/", {"note": "x"}).status_code == 403
    assert api("center").post(f"{at}/release/", {"note": "确实不归它"}).status_code == 200
    assert target(whistle, world.water).state == "released"


def test_outside_is_404_and_a_ticket_nobody_may_link_is_said(world: World, api: Client) -> None:
    number = blown(world).number
    for person in ("urban_handler", "other_dispatcher", "secretary"):
        expected = 200 if person == "urban_handler" else 404
        assert api(person).get(f"/api/v1/whistles/{number}/").status_code == expected
    ticket = report(world)
    ticket.is_restricted = True
    ticket.save(update_fields=["is_restricted"])
    found = api("dispatcher").post("/api/v1/whistles/", body(world, tickets=[ticket.number]))
    assert found.status_code == 422
    assert "tickets" in found.data["errors"]


def test_another_district_finds_nothing(world: World, api: Client) -> None:
    number = blown(world).number
    other = make_district("t2", 2)
    from governance.accounts.tokens import create_token
    from governance.kernel.tenancy.context import district_transaction

    with district_transaction(other.district):
        token = create_token(other.members["dispatcher"], name="test")
    client = api("dispatcher")
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get(f"/api/v1/whistles/{number}/").status_code == 404


def test_the_list_is_filtered_and_its_statements_do_not_grow(world: World, api: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, found = api("dispatcher"), []
    for many in (1, 6):
        for _each in range(many):
            blown(world)
        client.get("/api/v1/whistles/?view=running")  # reference data are read once
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/api/v1/whistles/?view=running").status_code == 200
        found.append(len(queries))
    assert found[0] == found[1]
    assert client.get("/api/v1/whistles/?view=ended").data["count"] == 0
    assert client.get("/api/v1/whistles/?view=nonsense").status_code == 400


def test_what_waits_to_be_rated_and_what_was_received(world: World, api: Client) -> None:
    part = target(handled(world), world.water)
    (matter,) = api("dispatcher").get("/api/v1/evaluations/").data
    assert (matter["subject"], matter["id"], matter["other"]) == ("whistle", part.pk, world.water.pk)
    assert api("handler").get("/api/v1/evaluations/received/").data == []
    assert api("official").get("/api/v1/evaluations/received/").status_code == 403
