"""Whatever goes wrong, a program gets a problem (RFC 9457) and never a page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Client
from tests.cases import report
from tests.world import World

pytestmark = pytest.mark.django_db


def assert_problem(response: Any, status: int) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert set(response.json()) >= {"type", "title", "status", "code", "detail"}


def test_an_address_that_is_none(world: World, api: Client, client: Any) -> None:
    assert_problem(api("worker").get("/api/v1/nothing/"), 404)
    assert_problem(client.post("/api/v1/tickets"), 404)
    assert_problem(client.get("/api/v2/"), 404)


def test_a_district_that_is_none(world: World, client: Any) -> None:
    assert_problem(client.get("/d/nowhere/api/v1/tickets/"), 404)


def test_a_method_that_is_none(world: World, api: Client) -> None:
    response = api("worker").delete(f"/api/v1/tickets/{report(world).number}/")
    assert_problem(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ('"x"', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ("content=x", "application/x-www-form-urlencoded", 415),
        ("<a/>", "application/xml", 415),
        ("--x", "multipart/form-data", 400),
    ],
)
def test_a_body_that_cannot_be_read(world: World, api: Client, body: Any, kind: str, status: int) -> None:
    assert_problem(api("worker").post("/api/v1/tickets/", body, content_type=kind), status)


def test_a_format_we_do_not_speak(world: World, api: Client) -> None:
    assert_problem(api("worker").get("/api/v1/tickets/", HTTP_ACCEPT="text/csv"), 406)


def test_a_fault_of_ours_is_a_problem_too_and_changes_nothing(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests_intake.api import moves

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken")

    ticket = report(world)
    monkeypatch.setattr(moves.handle, "sign_order", broken)
    worker = api("worker")
    worker.raise_request_exception = False
    assert_problem(worker.post(f"/api/v1/tickets/{ticket.number}/sign/"), 500)
