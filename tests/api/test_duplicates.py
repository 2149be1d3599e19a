"""Merging, taking out again, splitting and suggestions through the API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from governance.kernel.actors import Actor
from requests_intake.actions.handle import sign_order
from requests_intake.actions.merge import merge_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket, TicketSplit
from requests_intake.reference import rules
from tests.api.conftest import Client
from tests.cases import report
from tests.world import World

pytestmark = pytest.mark.django_db


def code() -> str:
    return next(ref.code for ref in rules().categories.values() if ref.parent_id and not ref.pure.is_restricted)


def two(world: World) -> tuple[Ticket, Ticket]:
    urgent: dict[str, Any] = {"category_code": code(), "urgency": "urgent"}
    return report(world, **urgent), report(world, phone="13900005678", **urgent)


def test_suggestions_say_why_and_name_nobody(world: World, api: Client) -> None:
    first, second = two(world)
    answer = api("staff").get(f"/api/v1/tickets/{second.number}/duplicates/")
    (row,) = answer.json()
    assert (row["number"], row["likeness"], row["is_open"]) == (first.number, 1.0, True)
    assert row["reason"].startswith("同一栋楼、同类、今天")
    assert set(row) == {"number", "title", "reason", "likeness", "is_open"}
    assert api("other_dispatcher").get(f"/api/v1/tickets/{second.number}/duplicates/").status_code == 404


def test_a_refusal_to_merge_stands_beside_its_field(world: World, api: Client) -> None:
    first, _second = two(world)
    answer = api("staff").post(f"/api/v1/tickets/{first.number}/merge/", {"into": first.number})
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["into"])
    answer = api("staff").post(f"/api/v1/tickets/{first.number}/merge/", {"into": "260101-00000"})
    assert answer.status_code == 404


def test_splitting_with_a_key_happens_once(world: World, api: Client) -> None:
    first, _second = two(world)
    body = {"parts": [{"content": "楼下垃圾没人清"}, {"content": "电动车堵门", "building": world.building.pk}]}
    path = f"/api/v1/tickets/{first.number}/split/"
    answers = [api("staff").post(path, body, headers={"Idempotency-Key": "one"}).json() for _time in range(2)]
    assert answers[0] == answers[1]
    assert len(answers[0]["parts"]) == TicketSplit.objects.count() == 2
    # Without a place of its own a part lies where the original does.
    assert set(Ticket.objects.values_list("building_id", flat=True)) == {world.building.pk}
    assert api("staff").post(path, {"parts": []}).status_code == 400


def test_a_follower_is_rated_by_its_own_requester(world: World, public: APIClient) -> None:
    first, second = two(world)
    merge_ticket(second, into=first, actor=world.staff)
    path = f"/api/v1/public/tickets/{second.number}/rate/"
    assert public.post(path, {"secret": "5678", "face": "satisfied"}).status_code == 409
    resolve_ticket(sign_order(first, actor=world.worker), actor=world.worker, reply="灯换好了")
    verify_ticket(Ticket.objects.get(pk=first.pk), passed=True, actor=world.staff)
    answer = public.post(path, {"secret": "5678", "face": "satisfied"})
    assert (answer.status_code, answer.json()["state"]) == (200, "merged")
    assert Ticket.objects.get(pk=second.pk).final_satisfaction == "satisfied"
    assert Actor.requester(second.pk).ticket_id == second.pk
    progress = public.post(f"/api/v1/public/tickets/{second.number}/", {"secret": "5678"}).content.decode()
    assert first.number not in progress
