"""A mediator's pages: the list, registering, a case from the first session to the return visit, paper and figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from governance.accounts.views.sign_in import home_for
from governance.kernel import clock
from governance.kernel.reference import bump_reference
from governance.privacy.models import Disclosure
from grids.models import PostAssignment
from requests_intake.actions.handle import sign_order
from requests_intake.ledgers import ledgers_of
from requests_intake.models import MediationCase, MediationParty, Ticket
from tests.cases import report
from tests.mediators import a_case, a_mediator, case_fields, settled
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(world: World) -> World:
    a_mediator(world)
    a_mediator(world, "second")
    a_mediator(world, "of_street", world.street_office)
    return world


class Desk:
    """A mediator's browser."""

    def __init__(self, world: World, person: str = "mediator") -> None:
        self.client = world.sign_in(Client(), person)
        self._keys = 0

    def text(self, name: str, *args: Any, status: int = 200, **query: str) -> str:
        answer = self.client.get(reverse(f"desk:{name}", args=args), query)
        assert answer.status_code == status
        return str(answer.content.decode())

    def send(self, name: str, *args: Any, key: str = "", **said: Any) -> Any:
        self._keys += 1
        said["idempotency_key"] = key or str(self._keys)
        return self.client.post(reverse(f"desk:{name}", args=args), said)


def test_a_mediator_lands_on_the_cases_and_an_empty_list_says_what_to_do(cast: World) -> None:
    assert home_for(cast.mediator).endswith("desk/mediation/")
    text = Desk(cast).text("mediation")
    assert "您还没有调解" in text
    assert reverse("desk:mediation_new") in text
    named = Desk(cast, "staff").text("mediation")
    assert "没有请您参与的调解" in named
    assert reverse("desk:mediation_new") not in named


def test_a_case_is_registered_and_nothing_typed_is_lost(cast: World) -> None:
    desk = Desk(cast)
    said = case_fields(cast, mediators=[])
    wrong = desk.send("mediation_new", **{**said, "name_b": "", "others": "第三人 13600001111"})
    assert wrong.status_code == 422
    for kept in ("楼上漏水，石姓住户不认。", "第三人 13600001111", "石大民"):
        assert kept in wrong.content.decode()
    done = desk.send("mediation_new", key="one", **{**said, "others": "第三人 13600001111"})
    case = MediationCase.objects.get()
    assert done["Location"].endswith(f"/desk/mediation/{case.number}/")
    assert desk.send("mediation_new", key="one", **{**said, "others": "第三人 13600001111"}).status_code == 302
    assert MediationCase.objects.count() == 1
    assert [row.phone for row in MediationParty.objects.order_by("pk")] == ["13711112222", "", "13600001111"]


def test_a_case_is_kept_in_the_browser_from_the_first_session_to_an_agreement_not_kept(cast: World) -> None:
    desk, case = Desk(cast), a_case(cast)
    now = clock.local(clock.now())
    met = {"held_on": f"{now:%Y-%m-%d}", "held_time": f"{now:%H:%M}", "mode": "clinic", "present": "双方"}
    assert desk.send("mediation_act", case.number, "session", **met, minutes="").status_code == 422
    assert desk.send("mediation_act", case.number, "session", **met, minutes="谈了一次").status_code == 302
    until = f"{clock.local(case.due_at) + timedelta(days=9):%Y-%m-%d}"
    parties = list(MediationParty.objects.values_list("pk", flat=True))
    refused = desk.send("mediation_act", case.number, "extend", until=until, agreed=parties[:1])
    assert "方当事人都同意" in refused.content.decode()
    assert desk.send("mediation_act", case.number, "extend", until=until, agreed=parties).status_code == 302
    day = f"{now:%Y-%m-%d}"
    assert desk.send("mediation_act", case.number, "settle", text="赔五千", performance_due=day).status_code == 302
    assert "赔五千" in desk.text("mediation_agreement", case.number)
    assert "石大民" in desk.text("mediation_agreement", case.number)
    look = {"performed": "no", "finding": "没给"}
    assert desk.send("mediation_act", case.number, "follow-up", **look).status_code == 302
    text = desk.text("mediation_case", case.number)
    for words in ("谈了一次", "履行异常", "没给", "2 方都同意"):
        assert words in text, words
    assert "履行异常" in desk.text("mediation", show="abnormal")
    gone = desk.send("mediation_act", case.number, "end", state="failed", outcome="x")
    assert "已经结束" in gone.content.decode()
    visit = {"party": parties[0], "channel": "phone", "was_reached": "yes", "satisfaction": "mostly"}
    assert desk.send("mediation_act", case.number, "visit", **visit).status_code == 302
    assert "基本满意" in desk.text("mediation_case", case.number)


def test_a_number_is_masked_until_it_is_asked_for_and_each_showing_is_written_down(cast: World) -> None:
    case = a_case(cast)
    party = next(row for row in MediationParty.objects.filter(case=case).order_by("pk") if row.phone)
    desk = Desk(cast)
    text = desk.text("mediation_case", case.number)
    assert party.phone not in text
    assert f"{party.phone[:3]}****{party.phone[-4:]}" in text
    at = reverse("desk:mediation_phone", args=[case.number, party.pk])
    shown = desk.client.post(at, {"idempotency_key": "f6a0d1c2-7a55-4d0e-9d9b-2a1f8a0c7e11"})
    assert party.phone in shown.content.decode()
    row = Disclosure.objects.get(object_kind="mediation_party", object_id=party.pk)
    assert row.field == "phone"
    other = Desk(cast, "staff").client.post(at, {"idempotency_key": "0c4f7d7e-9d5e-4f51-8a43-0d3c2f0a6b22"})
    assert other.status_code == 404
    assert Disclosure.objects.filter(object_kind="mediation_party").count() == 1


def test_who_was_named_reads_and_has_no_button(cast: World) -> None:
    case = a_case(cast)
    desk = Desk(cast)
    named = desk.send("mediation_act", case.number, "name", member=cast.members["staff"].pk, role="named")
    assert named.status_code == 302
    staff = Desk(cast, "staff")
    text = staff.text("mediation_case", case.number)
    assert "石大民" in text
    assert reverse("desk:mediation_act", args=[case.number, "session"]) not in text
    assert "只能看" in staff.text("mediation_act", case.number, "session", status=403)
    left = desk.send("mediation_act", case.number, "leave", member=cast.members["staff"].pk)
    assert left.status_code == 302
    staff.text("mediation_case", case.number, status=404)


def test_the_list_is_narrowed_by_what_waits_by_number_and_by_a_whole_phone_number(cast: World) -> None:
    with time_machine.travel(clock.now() - timedelta(days=40), tick=False):
        old, done = a_case(cast, parties=[*_others()]), settled(cast)
    fresh = a_case(cast, parties=[*_others()], kind="judicial")
    desk = Desk(cast)

    def shown(**query: str) -> set[str]:
        text = desk.text("mediation", **query)
        return {case.number for case in (old, done, fresh) if case.number in text}

    assert shown() == {old.number, done.number, fresh.number}
    assert shown(show="late") == {old.number}
    assert shown(show="follow_up") == shown(show="ended") == {done.number}
    assert shown(kind="judicial") == {fresh.number}
    assert shown(q=old.number[-6:]) >= {old.number}
    assert shown(q="137 1111 2222") == {done.number}
    assert shown(q="1371111") == set()
    assert "换一个筛选看看" in desk.text("mediation", q="nothing")
    assert shown(show="x", kind="y") == {old.number, done.number, fresh.number}


def _others() -> Any:
    from requests_intake.actions.mediation import Party

    return Party("秦一", "13600002222"), Party("尤二")


def test_a_long_list_has_pages(cast: World) -> None:
    for _n in range(31):
        a_case(cast)
    text = Desk(cast).text("mediation", show="open")
    assert "show=open&amp;page=2" in text
    assert text.count('data-label="接下来"') == 30


def test_what_a_colleague_left_is_taken_over_unseen(cast: World) -> None:
    case = a_case(cast)
    PostAssignment.objects.filter(membership=cast.members["mediator"]).update(until=clock.today() - timedelta(days=1))
    bump_reference()
    desk = Desk(cast, "second")
    text = desk.text("mediation")
    assert case.number in text
    assert "石大民" not in text
    desk.text("mediation_case", case.number, status=404)
    assert case.number in desk.text("mediation_take", case.number)
    for _n in range(2):
        assert desk.send("mediation_take", case.number).status_code == 302
    assert "石大民" in desk.text("mediation_case", case.number)


def test_the_desk_turns_a_ticket_into_a_case_and_its_page_says_so(cast: World) -> None:
    ticket = sign_order(report(cast), actor=cast.worker)
    leader = Desk(cast, "leader")
    address = reverse("desk:move", args=[ticket.number, "mediate"])
    assert address in leader.text("ticket", ticket.number)
    form = leader.client.get(address).content.decode()
    assert ticket.content in form
    done = leader.client.post(address, {"idempotency_key": "a", **case_fields(cast)})
    assert done.status_code == 302
    case = MediationCase.objects.get()
    text = leader.text("ticket", ticket.number)
    assert address not in text
    assert (case.number in text, "石大民" in text) == (True, False)
    assert Ticket.objects.get(pk=ticket.pk).state == "handling"


def test_a_grid_worker_turns_a_ticket_into_a_case_on_the_phone(cast: World, client: Client) -> None:
    ticket = sign_order(report(cast), actor=cast.worker)
    page = cast.sign_in(client, "worker")
    address = reverse("worker:move", args=[ticket.number, "mediate"])
    assert address in page.get(reverse("worker:ticket", args=[ticket.number])).content.decode()
    assert page.post(address, {"idempotency_key": "a", **case_fields(cast)}).status_code == 302
    assert MediationCase.objects.get().ticket_id == ticket.pk
    assert address not in page.get(reverse("worker:ticket", args=[ticket.number])).content.decode()


def test_figures_are_read_by_who_answers_for_a_place_and_name_nobody(cast: World) -> None:
    for _n in range(5):
        settled(cast)
    for person in ("dispatcher", "supervisor", "official", "center", "mediator"):
        text = Desk(cast, person).text("mediation_figures")
        assert "100.0%" in text, person
        assert "石大民" not in text
    for person in ("secretary", "worker", "admin", "handler"):
        Desk(cast, person).text("mediation_figures", status=403)
    text = Desk(cast, "official").text("mediation_figures", period="last_year")
    assert "这段时间没有结束的调解" in text
    street = Desk(cast, "official").text("mediation_figures", street=str(cast.street.pk))
    assert cast.community.name in street
    assert cast.street.name in street
    assert "100.0%" in Desk(cast, "official").text("mediation_figures", street="x", period="y")


def test_the_ledgers_lead_there(cast: World) -> None:
    codes = {person: {row.code for row in ledgers_of(cast.actor(person))} for person in ("mediator", "supervisor")}
    assert {"mediation", "mediation_figures"} <= codes["mediator"]
    assert "mediation_figures" in codes["supervisor"]
    assert "mediation" not in codes["supervisor"]
