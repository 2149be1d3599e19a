"""What the apps above make of visits: a ticket, a mediation (S2-06), the resident's contact member (S4-07)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from governance.accounts.actions import residents
from governance.kernel.errors import DomainError, NotFound
from grids.visits.actions.contacts import MemberDetails, link_households, name_member, pass_on
from grids.visits.actions.outcomes import USUAL_OUTCOMES, set_outcomes
from grids.visits.models import ContactMessage, Visit
from requests_intake.actions.mediation import NewCase, Party, mediate_visit
from requests_intake.models import MediationCase, Ticket, VisitTicket
from tests.households.homes import PHONE, home, with_rooms
from tests.mediators import a_mediator
from tests.visits.helpers import homes, visit


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    codes: list[str] = []
    made = residents.request_code

    def remember(**said: Any) -> Any:
        found = made(**said)
        codes.append(found.code)
        return found

    monkeypatch.setattr("requests_intake.views.resident_login.request_code", remember)
    return codes


def signed_in(sent: list[str], phone: str) -> Client:
    client = Client()
    assert client.post("/d/t1/login/", {"phone": phone}).status_code == 302
    assert client.post("/d/t1/login/code/", {"code": sent[-1]}).status_code == 302
    return client


def test_a_visit_raises_a_ticket_with_the_place_filled_in_and_the_link_kept(world: Any, client: Client) -> None:
    row = homes(world, 1)[0]
    world.sign_in(client, "worker")
    client.post(f"/m/visits/to/{row.pk}/", {"met": "yes", "idempotency_key": "k"})
    made = Visit.objects.get()
    assert f"/m/report/?visit={made.pk}" in client.get("/m/visits/").content.decode()
    form = client.get(f"/m/report/?visit={made.pk}").content.decode()
    assert re.search(rf'value="building-{world.building.pk}" selected', form)
    said = {
        "place": f"building-{world.building.pk}", "content": "楼道灯坏了，晚上看不见", "idempotency_key": "r1",
        "for_resident": "on",
    }  # fmt: skip
    assert client.post(f"/m/report/?visit={made.pk}", said).status_code == 302
    ticket = Ticket.objects.get()
    assert VisitTicket.objects.get(visit=made).ticket_id == ticket.pk
    assert ticket.number in client.get(f"/m/visits/of/{row.pk}/").content.decode()
    world.sign_in(client, "other_worker")
    assert client.get(f"/m/report/?visit={made.pk}").status_code == 404


@pytest.fixture
def quarrel(world: Any) -> Visit:
    outcome = set_outcomes(USUAL_OUTCOMES, actor=world.admin)[4]
    return visit(homes(world, 1)[0], world.worker, outcome=outcome, findings="楼上漏水吵起来了")


def test_a_quarrel_met_at_the_door_goes_to_mediators_filled_in(world: Any, client: Client, quarrel: Visit) -> None:
    """S2-06: a visit saved with 化解小纠纷; 转调解 opens a mediation case, prefilled."""
    mediator = a_mediator(world)
    world.sign_in(client, "worker")
    listed = client.get(f"/m/visits/of/{quarrel.household_id}/").content.decode()
    address = f"/desk/home-visits/{quarrel.pk}/mediate/"
    assert address in listed
    form = client.get(address).content.decode()
    assert "楼上漏水吵起来了" in form
    said = {
        "kind": "people", "dispute": "neighbour", "severity": "small", "mode": "outreach", "name_a": "张三",
        "name_b": "李四", "facts": "楼上漏水吵起来了", "mediators": [mediator], "idempotency_key": "m1",
    }  # fmt: skip
    for _twice in range(2):
        assert client.post(address, said).status_code == 302
    assert MediationCase.objects.get().dispute == "neighbour"
    assert client.post(address, {"idempotency_key": "m2"}).status_code == 422


def test_only_a_visit_with_a_quarrel_of_the_own_place_is_handed_over(world: Any, quarrel: Visit) -> None:
    new = NewCase("people", "neighbour", "small", "outreach", "漏水", [Party("张三"), Party("李四")], [])
    with pytest.raises(NotFound):
        mediate_visit(quarrel, new, actor=world.other_worker)
    plain = visit(quarrel.household, world.worker)
    with pytest.raises(DomainError) as refused:
        mediate_visit(plain, new, actor=world.worker)
    assert refused.value.code == "no_dispute"
    assert not MediationCase.objects.exists()


def test_a_resident_reads_the_public_name_and_leaves_a_word(world: Any, sent: list[str]) -> None:
    """S4-07: a resident opens 找党员, sees that member (public name, no ID) and can message."""
    row = home(world.building, with_rooms(world.building)[0], world.worker, contact_phone=PHONE)
    member = name_member(
        world.grid.pk, MemberDetails("李建国", "李师傅", "13700003333", agrees=True), actor=world.worker
    )
    link_households(member, [row], actor=world.worker)
    client = signed_in(sent, PHONE)
    shown = client.get("/d/t1/mine/contact/").content.decode()
    assert "李师傅" in shown
    for hidden in ("李建国", "13700003333", "137****3333"):
        assert hidden not in shown
    link = re.search(r'name="link" value="(\d+)"', shown)
    assert link
    said = {"link": link[1], "words": "想装个扶手", "idempotency_key": "w1"}
    for _twice in range(2):
        assert client.post("/d/t1/mine/contact/", said).status_code == 302
    word = ContactMessage.objects.get()
    pass_on(word, reply="明天去看", actor=world.worker)
    assert "明天去看" in client.get("/d/t1/mine/contact/").content.decode()
    assert client.post("/d/t1/mine/contact/", {**said, "words": "", "idempotency_key": "w2"}).status_code == 422
    assert client.post("/d/t1/mine/contact/", {**said, "link": "999999", "idempotency_key": "w3"}).status_code == 422
    stranger = signed_in(sent, "13811110000")
    assert "还没有联系党员" in stranger.get("/d/t1/mine/contact/").content.decode()
