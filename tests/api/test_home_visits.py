"""Visits, care and contacts for programs: no words, no names, and a repeated write happens once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from grids.visits.actions.outcomes import USUAL_OUTCOMES, set_outcomes
from grids.visits.models import CareContact, CareLink, CareObject, ContactMember, ContactMessage, Visit
from tests.visits.helpers import homes, visit
from tests.world import World

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def post(client: Client, path: str, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(API + path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_visit_that_arrives_twice_is_one_and_its_words_stay_shut(world: World, client: Client) -> None:
    row = homes(world, 2)[0]
    outcome = set_outcomes(USUAL_OUTCOMES, actor=world.admin)[1]
    world.sign_in(client, "worker")
    body = {"met": "yes", "outcome": outcome.pk, "findings": "儿子在外地", "at": "2026-11-17T08:00:00+08:00"}
    answers = [post(client, f"households/{row.pk}/visits/", body, "v1") for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Visit.objects.get().outcome == outcome
    said = client.get(f"{API}households/{row.pk}/visits/")
    assert said.json()[0]["has_words"] is True
    assert "儿子" not in said.content.decode()
    assert client.get(f"{API}home-visits/waiting/").json()["count"] == 1
    assert client.get(f"{API}visit-plans/").json()[0]["met"] == 1
    assert post(client, f"home-visits/{Visit.objects.get().pk}/withdraw/", {}).status_code == 200
    assert client.get(f"{API}visit-plans/?month=2026-11").json()[0]["met"] == 0


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"met": "maybe"}, 400, "met"),
        ({"met": "yes", "outcome": 10**9}, 422, "outcome"),
        ({"met": "yes", "at": "2099-01-01T00:00:00Z"}, 422, "at"),
        ({"met": "yes", "colour": "red"}, 400, "colour"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    world: World, client: Client, body: dict[str, Any], status: int, field: str
) -> None:
    row = homes(world, 1)[0]
    world.sign_in(client, "worker")
    refused = post(client, f"households/{row.pk}/visits/", body)
    assert refused.status_code == status
    assert field in refused.content.decode()
    assert not Visit.objects.exists()


def test_care_is_begun_contacted_and_handed_over(world: World, client: Client) -> None:
    row = homes(world, 1)[0]
    world.sign_in(client, "worker")
    body = {"category": "alone", "level": "closest", "helper": {"kind": "neighbour", "name": "王阿姨"}}
    assert post(client, f"households/{row.pk}/care/", body).status_code == 201
    listed = client.get(f"{API}care/")
    assert listed.json()[0]["every"] == 7
    assert "王阿姨" not in listed.content.decode()
    link = CareLink.objects.get()
    assert post(client, f"care-helpers/{link.pk}/contacts/", {"how": "rang"}).status_code == 201
    helper = {"kind": "staff", "member": world.worker.membership_id}
    assert post(client, f"care-helpers/{link.pk}/handover/", helper).status_code == 201
    assert CareContact.objects.count() == 1
    assert CareObject.objects.get().ended_on is None


def test_a_member_is_named_linked_and_passed_words(world: World, client: Client) -> None:
    row = homes(world, 1)[0]
    visit(row, world.worker)
    world.sign_in(client, "worker")
    body = {"grid": world.grid.pk, "full_name": "李建国", "public_name": "李师傅", "agrees": True}
    assert post(client, "contact-members/", body).status_code == 201
    member = ContactMember.objects.get()
    assert post(client, f"contact-members/{member.pk}/households/", {"households": [row.pk]}).status_code == 200
    listed = client.get(f"{API}contact-members/")
    assert listed.json() == [{"id": member.pk, "public_name": "李师傅", "grid": world.grid.pk, "households": 1}]
    assert post(client, f"buildings/{world.building.pk}/sponsors/", {"member": member.pk}).status_code == 201
    assert client.get(f"{API}building-sponsors/coverage/").json()["percent"] == 50
    assert not ContactMessage.objects.exists()
