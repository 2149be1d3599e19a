"""A request that arrives twice happens once (``Idempotency-Key``)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from governance.kernel.models import IdempotencyRecord
from governance.kernel.tenancy.context import district_transaction
from requests_intake.models import Ticket
from tests.api.conftest import Client, PathClient
from tests.cases import CONTENT, report, ticket_in
from tests.world import World

LIST = "/api/v1/tickets/"
KEY = {"HTTP_IDEMPOTENCY_KEY": "0b5c1e3e-6a0e-4a52-8f3e-000000000001"}


@pytest.mark.django_db
def test_a_repetition_gets_the_same_answer(world: World, api: Client) -> None:
    worker = api("worker")
    first = worker.post(LIST, {"content": CONTENT}, **KEY)
    second = worker.post(LIST, {"content": CONTENT}, **KEY)
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_the_follow_code_is_repeated_but_not_kept_readable(world: World, public: Any) -> None:
    first = public.post("/api/v1/public/tickets/", {"content": CONTENT}, **KEY).json()
    again = public.post("/api/v1/public/tickets/", {"content": CONTENT}, **KEY).json()
    assert again["follow_code"] == first["follow_code"] != ""
    assert first["follow_code"] not in str(IdempotencyRecord.objects.get().result)


@pytest.mark.django_db
def test_the_key_of_another_body_or_another_address_is_422(world: World, api: Client) -> None:
    ticket, worker = report(world), api("worker")
    assert worker.post(LIST, {"content": CONTENT}, **KEY).status_code == 201
    other_body = worker.post(LIST, {"content": "别的事"}, **KEY)
    other_address = worker.post(f"{LIST}{ticket.number}/sign/", {}, **KEY)
    assert [(r.status_code, r.json()["code"]) for r in (other_body, other_address)] == [
        (422, "idempotency_mismatch")
    ] * 2


@pytest.mark.django_db
def test_two_people_may_use_the_same_key(world: World, api: Client) -> None:
    assert api("worker").post(LIST, {"content": CONTENT}, **KEY).status_code == 201
    assert "Idempotent-Replayed" not in api("staff").post(LIST, {"content": CONTENT}, **KEY)
    assert Ticket.objects.count() == 2


@pytest.mark.django_db
def test_a_refused_request_leaves_its_key_free(world: World, api: Client) -> None:
    ticket, worker = ticket_in(world, "dispatched"), api("worker")
    path = f"{LIST}{ticket.number}/contact/"
    assert worker.post(path, {}, **KEY).status_code == 409
    assert worker.post(f"{LIST}{ticket.number}/sign/").status_code == 200
    assert worker.post(path, {}, **KEY).status_code == 200


@pytest.mark.django_db
def test_a_move_is_repeated_although_the_state_has_changed(world: World, api: Client) -> None:
    ticket, worker = ticket_in(world, "dispatched"), api("worker")
    path = f"{LIST}{ticket.number}/escalate/"
    first = worker.post(path, {"note": "要换线路"}, **KEY)
    assert first.json()["level"] == "community"
    second = worker.post(path, {"note": "要换线路"}, **KEY)
    assert (second.status_code, second.json()) == (200, first.json())
    assert ticket.transitions.filter(move="escalate").count() == 1


@pytest.mark.django_db
def test_the_requesters_proof_is_asked_again_and_not_kept(world: World, public: Any) -> None:
    ticket = ticket_in(world, "visiting")
    path = f"/api/v1/public/tickets/{ticket.number}/rate/"
    assert public.post(path, {"secret": "1234", "face": "satisfied"}, **KEY).status_code == 200
    assert public.post(path, {"secret": "0000", "face": "satisfied"}, **KEY).status_code == 404
    assert public.post(path, {"secret": "1234", "face": "satisfied"}, **KEY)["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["两", "a b", "x" * 81])
def test_a_key_that_is_none_is_refused(world: World, api: Client, key: str) -> None:
    response = api("worker").post(LIST, {"content": CONTENT}, headers={"Idempotency-Key": key})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["Idempotency-Key"])


@pytest.mark.django_db(transaction=True)
def test_duplicates_at_the_same_moment_make_one_ticket(world: World) -> None:
    gate = threading.Barrier(2, timeout=60)
    answers: list[Any] = []

    def send() -> None:
        client = PathClient()
        client.prefix = f"/d/{world.district.code}"
        try:
            gate.wait()
            answers.append(client.post("/api/v1/public/tickets/", {"content": CONTENT}, **KEY))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert sorted("Idempotent-Replayed" in answer for answer in answers) == [False, True]
    with district_transaction(world.district):
        assert Ticket.objects.count() == 1
