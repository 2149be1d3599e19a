"""调解 through the API: the list, one case, each verb, and the figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.kernel import clock
from governance.kernel.models import AuditEvent
from requests_intake.models import MediationCase, MediationParty
from tests.api.conftest import Client
from tests.mediators import a_case, a_mediator, a_session, body, settled
from tests.world import World

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/mediation/"


@pytest.fixture
def cast(world: World) -> World:
    a_mediator(world)
    a_mediator(world, "of_street", world.street_office)
    return world


def today(days: int = 0) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def test_a_mediator_registers_lists_and_reads_and_the_opening_is_written_down(cast: World, api: Client) -> None:
    made = api("mediator").post(ROOT, body(cast))
    assert made.status_code == 201, made.json()
    number = made.json()["number"]
    assert "石大民" not in str(made.json())
    listed = api("mediator").get(ROOT, {"show": "open"}).json()["results"]
    assert [row["number"] for row in listed] == [number]
    assert "石大民" not in str(listed)
    found = api("mediator").get(f"{ROOT}{number}/").json()
    assert [row["name"] for row in found["parties"]] == ["石大民", "贾小红"]
    event = AuditEvent.objects.get(action="open_file", object_kind="mediation")
    assert event.detail["page"] == "api:mediation-case"
    assert api("secretary").get(f"{ROOT}{number}/").status_code == 404
    assert api("secretary").get(ROOT).json()["results"] == []
    assert api("secretary").post(ROOT, body(cast)).json()["code"] == "not_mediator"


VERBS: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    # verb: how the case stands, body, states after
    "session": (
        "new",
        lambda w: {"held_at": clock.now().isoformat(), "mode": "clinic", "present": "双方", "minutes": "谈了"},
        ("mediating",),
    ),
    "settle": ("met", lambda w: {"text": "赔五千", "performance_due": today(10)}, ("settled",)),
    "decline": ("new", lambda w: {"outcome": "不愿意"}, ("declined",)),
    "end": ("met", lambda w: {"state": "failed", "outcome": "谈不拢"}, ("failed",)),
    "extend": (
        "new",
        lambda w: {"until": today(40), "agreed": list(MediationParty.objects.values_list("pk", flat=True))},
        ("registered",),
    ),
    "raise": ("new", lambda w: {"severity": "big", "mediators": [w.members["of_street"].pk]}, ("registered",)),
    "follow-up": ("settled", lambda w: {"performed": False, "finding": "没给"}, ("settled",)),
    "visit": (
        "settled",
        lambda w: {
            "party": MediationParty.objects.all()[0].pk, "channel": "phone", "was_reached": True,
            "satisfaction": "satisfied",
        },
        ("settled",),
    ),
    "name": ("new", lambda w: {"member": w.members["staff"].pk, "role": "named"}, ("registered",)),
    "leave": ("named", lambda w: {"member": w.members["of_street"].pk}, ("registered",)),
}  # fmt: skip


def standing(cast: World, how: str) -> MediationCase:
    if how == "settled":
        return settled(cast)
    case = a_case(cast, mediators=[cast.members["of_street"].pk] if how == "named" else [])
    if how == "met":
        a_session(cast, case)
    return case


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_done_by_a_mediator_of_the_case_and_is_404_to_others(cast: World, api: Client, verb: str) -> None:
    how, make, after = VERBS[verb]
    case = standing(cast, how)
    path = f"{ROOT}{case.number}/{verb}/"
    assert api("center").post(path, make(cast)).status_code == 404
    answer = api("mediator").post(path, make(cast))
    assert answer.status_code == 200, answer.json()
    assert answer.json()["state"] in after
    assert "石大民" not in str(answer.json())


def test_a_referral_and_its_receipt(cast: World, api: Client) -> None:
    case = a_case(cast)
    a_session(cast, case)
    end = {"state": "referred", "outcome": "要打官司"}
    refused = api("mediator").post(f"{ROOT}{case.number}/end/", end)
    assert (refused.status_code, sorted(refused.json()["errors"])) == (
        422, ["referral_kind", "referred_on", "referred_to"],
    )  # fmt: skip
    where = {"referral_kind": "judicial", "referred_to": "区法院", "referred_on": today()}
    assert api("mediator").post(f"{ROOT}{case.number}/end/", {**end, **where}).status_code == 200
    receipt = {"receipt_number": "1号", "receipt_by": "王法官", "receipt_on": today()}
    assert api("mediator").post(f"{ROOT}{case.number}/receipt/", receipt).status_code == 200
    assert api("mediator").post(f"{ROOT}{case.number}/receipt/", receipt).status_code == 409


def test_figures_through_the_api_are_guarded_as_on_the_page(cast: World, api: Client) -> None:
    settled(cast)
    found = api("supervisor").get(f"{ROOT}figures/").json()
    assert (found["whole"]["settled"], found["whole"]["rate"]) == ("少于 5", "—")
    assert api("secretary").get(f"{ROOT}figures/").status_code == 403
    assert api("supervisor").get(f"{ROOT}figures/", {"period": "x"}).status_code == 400
