"""The pages of people's data: who may enter, what they show and hide, and that a form keeps what was said."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import clear_script_prefix, reverse

from governance.accounts.actions.offices import give_feedback
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope
from governance.privacy.actions.person_requests import make_request, refuse_request
from governance.privacy.actions.retention import place_hold
from governance.privacy.certificates import certify
from governance.privacy.holders import KINDS
from governance.privacy.models import (
    Certificate,
    Disclosure,
    DisclosureAllowance,
    LegalHold,
    PersonRequest,
    RetentionRule,
)
from requests_intake.actions.handle import sign_order
from requests_intake.actions.reveal import reveal_phone
from requests_intake.models import Requester, Ticket
from tests.cases import report
from tests.privacy.cases import NAME, PHONE, WORDS, traced
from tests.world import World, make_district


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def security(world: World, client: Client) -> Client:
    return world.sign_in(client, "security")


def _ask(world: World, wish: str = "erase", **changes: Any) -> PersonRequest:
    said = {
        "wish": wish,
        "phone": PHONE,
        "name": NAME,
        "words": "请办",
        "proof": "identity_card",
        "actor": world.security,
    }
    return make_request(**{**said, **changes})


def _post(client: Client, address: str, /, *args: Any, **data: Any) -> Any:
    return client.post(reverse(address, args=args), {"idempotency_key": str(uuid4()), **data})


# ---------------------------------------------------------------- requests
def test_a_request_is_recorded_and_shown_masked(world: World, security: Client) -> None:
    answer = _post(security, "manage:person_request_new", wish="export", proof="identity_card", phone=PHONE, name=NAME)
    assert answer.status_code == 302
    row = PersonRequest.objects.get()
    page = security.get(reverse("manage:person_request", args=[row.pk])).content.decode()
    assert "139****4321" in page
    assert PHONE not in page
    assert str(row.number) in security.get(reverse("manage:person_requests")).content.decode()


def test_a_wrong_form_keeps_what_was_said_and_says_what_is_wrong(world: World, security: Client) -> None:
    answer = _post(
        security, "manage:person_request_new", wish="erase", proof="identity_card", phone="138****1234", words="搬走了"
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "带星号的" in page
    assert "搬走了" in page
    assert not PersonRequest.objects.exists()


def test_the_same_form_sent_twice_makes_one_request(world: World, security: Client) -> None:
    said = {"idempotency_key": str(uuid4()), "wish": "erase", "proof": "identity_card", "phone": PHONE}
    for _i in range(2):
        security.post(reverse("manage:person_request_new"), said)
    assert PersonRequest.objects.count() == 1


def test_a_second_request_for_the_same_is_refused_while_the_first_is_open(world: World, security: Client) -> None:
    _ask(world)
    page = _post(security, "manage:person_request_new", wish="erase", proof="identity_card", phone=PHONE)
    assert "已经有一份同样的申请" in page.content.decode()


def test_showing_the_number_wants_a_reason_and_shows_it_once(world: World, security: Client) -> None:
    row = _ask(world)
    refused = _post(security, "manage:person_request_phone", row.pk)
    assert refused.status_code == 422
    assert PHONE not in refused.content.decode()
    said = {"idempotency_key": str(uuid4()), "reason": "answer"}
    url = reverse("manage:person_request_phone", args=[row.pk])
    shown = security.post(url, said)
    assert PHONE in shown.content.decode()
    assert shown["Cache-Control"].count("no-store") == 1
    assert PHONE not in security.post(url, said).content.decode(), "the same form again shows nothing"
    assert Disclosure.objects.get().object_kind == "person_request"


def test_the_copy_is_downloaded_by_a_post_alone(world: World, security: Client) -> None:
    row = _ask(world, "export")
    url = reverse("manage:person_request_copy", args=[row.pk])
    assert security.get(url).status_code == 405
    answer = security.post(url)
    assert answer["Content-Disposition"] == f'attachment; filename="person-request-{row.number}.zip"'
    assert "no-store" in answer["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist()[:2] == ["index.html", "data.json"]


def test_the_erasure_says_what_goes_and_what_stays_and_wants_a_confirmation(world: World, security: Client) -> None:
    traced(world)
    report(world, phone=PHONE)
    row = _ask(world)
    url = reverse("manage:person_request_erase", args=[row.pk])
    page = security.get(url).content.decode()
    assert "将删除 1 项" in page
    assert "还在办理" in page
    refused = _post(security, "manage:person_request_erase", row.pk)
    assert "不能恢复" in refused.content.decode()
    assert Requester.objects.count() == 2
    assert _post(security, "manage:person_request_erase", row.pk, confirmed="on").status_code == 302
    assert Requester.objects.count() == 1
    page = security.get(reverse("manage:person_request", args=[row.pk])).content.decode()
    assert "证明第 1 号" in page


def test_a_correction_and_a_refusal_by_page(world: World, security: Client) -> None:
    traced(world)
    row = _ask(world, "correct")
    bad = _post(security, "manage:person_request_correct", row.pk, new_phone="137****1111", answer="改了")
    assert bad.status_code == 422
    assert _post(security, "manage:person_request_correct", row.pk, new_name="欧阳", answer="改了").status_code == 302
    assert Requester.objects.get().name == "欧阳"
    other = _ask(world)
    assert _post(security, "manage:person_request_refuse", other.pk, answer="不是本人").status_code == 302
    assert PersonRequest.objects.get(pk=other.pk).state == "refused"


def test_a_request_past_fifteen_working_days_is_said_where_it_waits(world: World, security: Client) -> None:
    _ask(world)
    with time_machine.travel(clock.now() + timedelta(days=40), tick=False):
        world.sign_in(security, "security")
        assert "1 份已过 15 个工作日" in security.get(reverse("manage:people_data")).content.decode()
        assert "已过期限" in security.get(reverse("manage:person_requests")).content.decode()


def test_a_freed_ticket_still_opens_on_every_surface_without_a_word_of_the_person(
    world: World, security: Client
) -> None:
    ticket = traced(world)
    page = _resident(world, ticket, PHONE[-4:])
    _post(security, "manage:person_request_erase", _ask(world).pk, confirmed="on")
    center = world.sign_in(Client(), "center")
    clear_script_prefix()
    for client, path in (
        (center, reverse("desk:ticket", args=[ticket.number])),
        (center, f"/api/v1/tickets/{ticket.number}/"),
        (world.sign_in(Client(), "worker"), reverse("worker:ticket", args=[ticket.number])),
        (page, _path(world, "resident:ticket", ticket.number)),
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.content.decode()
        assert not [word for word in WORDS if word in text], path
        assert "已按规定清除" in text, path


# ---------------------------------------------------------------- terms, holds, certificates
def test_terms_show_a_dry_run_and_change_by_versions(world: World, security: Client) -> None:
    page = security.get(reverse("manage:terms")).content.decode()
    assert all(str(kind.label) in page for kind in KINDS.values())
    assert _post(security, "manage:term", "ticket", months=12, note="x").status_code == 422
    assert _post(security, "manage:term", "ticket", months=48, note="少留一年").status_code == 302
    assert RetentionRule.objects.get().months == 48
    assert "少留一年" in security.get(reverse("manage:term", args=["ticket"])).content.decode()
    assert security.get(reverse("manage:term", args=["nothing"])).status_code == 404


def test_a_hold_is_placed_by_number_and_lifted_with_a_reason(world: World, security: Client) -> None:
    ticket = report(world)
    assert "没有这个编号" in _post(security, "manage:hold_new", number="1-1", reason="诉讼").content.decode()
    assert _post(security, "manage:hold_new", number=ticket.number, reason="诉讼").status_code == 302
    hold = LegalHold.objects.get()
    assert (hold.object_id, hold.label) == (ticket.pk, ticket.number)
    assert ticket.number in security.get(reverse("manage:holds")).content.decode()
    assert _post(security, "manage:hold_lift", hold.pk).status_code == 422
    assert _post(security, "manage:hold_lift", hold.pk, reason="结案").status_code == 302


def test_a_ticket_of_another_district_cannot_be_held(world: World, security: Client) -> None:
    other = make_district("two", 2)
    with district_scope(other.district):
        ticket = report(other)
        Ticket.objects.filter(pk=ticket.pk).update(number="990101-00001")
    assert "没有这个编号" in _post(security, "manage:hold_new", number="990101-00001", reason="诉讼").content.decode()


def test_certificates_are_listed_and_a_forged_one_is_said(world: World, security: Client) -> None:
    certify("retention", kind="ticket", objects=3, removed=KINDS["notice"].scrub([])[1], months=60)
    page = security.get(reverse("manage:certificates")).content.decode()
    assert "没有被改过" in page
    one = Certificate.objects.get()
    assert one.digest in security.get(reverse("manage:certificate", args=[one.pk])).content.decode()
    Certificate.objects.create(number=2, act="retention", kind="ticket", objects_count=1, at=one.at, digest="0" * 64)
    assert "第 2 号和前一号对不上" in security.get(reverse("manage:certificates")).content.decode()


# ---------------------------------------------------------------- openings
def test_the_auditor_sees_who_opened_what_and_the_other_two_do_not(world: World, client: Client) -> None:
    ticket = sign_order(report(world), actor=world.worker)
    reveal_phone(ticket, reason="other", words="问门牌号", actor=world.worker)
    page = world.sign_in(client, "auditor").get(reverse("manage:disclosures"))
    text = page.content.decode()
    assert all(words in text for words in (ticket.number, "周网格员", "问门牌号"))
    assert PHONE not in text
    other = reverse("manage:disclosures") + f"?who={world.members['staff'].pk}"
    assert ticket.number not in client.get(other).content.decode()
    for name in ("admin", "security"):
        assert world.sign_in(Client(), name).get(reverse("manage:disclosures")).status_code == 403


def test_the_security_administrator_widens_a_cap_by_page(world: World, security: Client) -> None:
    ticket = sign_order(report(world), actor=world.worker)
    reveal_phone(ticket, reason="contact", actor=world.worker)
    assert "周网格员" in security.get(reverse("manage:allowances")).content.decode()
    pk = world.members["worker"].pk
    assert _post(security, "manage:allowance_new", pk, cap=20, reason="x").status_code == 422
    assert _post(security, "manage:allowance_new", pk, cap=40, reason="台风").status_code == 302
    assert DisclosureAllowance.objects.get().cap == 40


def test_at_the_cap_the_desk_says_so_in_the_form(world: World, client: Client, settings: Any) -> None:
    settings.REVEAL_DAILY_CAP = 1
    ticket = sign_order(report(world), actor=world.worker)
    url = reverse("desk:reveal", args=[ticket.number])
    page = world.sign_in(client, "leader")
    assert "13800001234" in page.post(url, {"reason": "contact"}).content.decode()
    refused = page.post(url, {"reason": "other", "words": "再问一次门牌"})
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "今天已经查看了 1 次" in text
    assert "再问一次门牌" in text
    assert "13800001234" not in text


def test_leaders_see_who_opened_the_number_of_their_ticket(world: World, client: Client) -> None:
    ticket = sign_order(report(world), actor=world.worker)
    reveal_phone(ticket, reason="contact", actor=world.worker)
    url = reverse("desk:opened", args=[ticket.number])
    assert "周网格员" in world.sign_in(client, "secretary").get(url).content.decode()
    assert world.sign_in(Client(), "worker").get(url).status_code == 403
    assert world.sign_in(Client(), "other_secretary").get(url).status_code == 404


def test_a_contact_left_with_feedback_is_masked_until_opened(world: World, client: Client) -> None:
    row, _code = give_feedback(kind="complaint", content="字小", contact=PHONE, actor=Actor.public())
    page = world.sign_in(client, "admin")
    text = page.get(reverse("manage:feedback_item", args=[row.pk])).content.decode()
    assert "139****4321" in text
    assert PHONE not in text
    shown = _post(page, "manage:feedback_contact", row.pk, reason="answer")
    assert PHONE in shown.content.decode()
    assert AuditEvent.objects.filter(action="reveal_contact", object_id=row.pk).exists()


# ---------------------------------------------------------------- residents
def _resident(world: World, ticket: Ticket, secret: str) -> Client:
    page = Client()
    page.post(f"/d/{world.district.code}/track/", {"number": ticket.number, "secret": secret})
    return page


def _path(world: World, name: str, *args: Any) -> str:
    clear_script_prefix()  # the last request left its own
    return f"/d/{world.district.code}{reverse(name, args=args)}"


def test_a_resident_sees_which_office_opened_their_number_and_nobodys_name(world: World) -> None:
    ticket = sign_order(report(world), actor=world.worker)
    page = _resident(world, ticket, "1234")
    url = _path(world, "resident:opened", ticket.number)
    assert "没有人看过" in page.get(url).content.decode()
    reveal_phone(ticket, reason="other", words="内部的话", actor=world.worker)
    text = page.get(url).content.decode()
    assert f"{world.grid_team.name}·网格员" in text
    assert "周网格员" not in text
    assert "内部的话" not in text
    assert Client().get(url).status_code == 404


def test_a_resident_asks_with_a_ticket_as_the_proof(world: World) -> None:
    ticket = report(world, phone=PHONE, name=NAME)
    page = _resident(world, ticket, PHONE[-4:])
    url = _path(world, "resident:my_data")
    assert ticket.number in page.get(url).content.decode()
    said = {"idempotency_key": str(uuid4()), "ticket": ticket.number, "wish": "erase", "words": "搬走了"}
    assert page.post(url, said).status_code == 302
    row = PersonRequest.objects.get()
    assert (row.phone, row.name, row.proof, row.proved_ticket) == (PHONE, NAME, "ticket", ticket.pk)
    text = page.get(url).content.decode()
    assert re.search(r"待办理·最迟 \d+月\d+日办完", text)
    assert PHONE not in text
    refuse_request(row, answer="来电核对不是本人", actor=world.security)
    assert "来电核对不是本人" in page.get(url).content.decode()


def test_without_a_proof_nobody_can_ask_and_the_way_is_said(world: World) -> None:
    ticket = traced(world)
    url = _path(world, "resident:my_data")
    assert "去查我的诉求" in Client().get(url).content.decode()
    said = {"idempotency_key": str(uuid4()), "ticket": ticket.number, "wish": "erase"}
    assert Client().post(url, said).status_code == 422
    assert not PersonRequest.objects.exists()


def test_one_resident_cannot_ask_on_the_ticket_of_another(world: World) -> None:
    own, other = report(world), traced(world)
    page = _resident(world, own, "1234")
    said = {"idempotency_key": str(uuid4()), "ticket": other.number, "wish": "export"}
    assert page.post(_path(world, "resident:my_data"), said).status_code == 422
    assert not PersonRequest.objects.exists()


def test_the_privacy_notice_leads_there(world: World) -> None:
    page = Client().get(_path(world, "resident:privacy")).content.decode()
    assert _path(world, "resident:my_data") in page


# ---------------------------------------------------------------- isolation
def test_the_security_administrator_of_another_district_finds_nothing(world: World) -> None:
    request = _ask(world)
    hold = place_hold("ticket", 1, label="1", reason="某某案", actor=world.security)
    proof = certify("retention", kind="ticket", objects=3, removed=KINDS["notice"].scrub([])[1])
    other = make_district("two", 2)
    page = other.sign_in(Client(), "security")
    for name, pk in (
        ("manage:person_request", request.pk),
        ("manage:person_request_erase", request.pk),
        ("manage:person_request_phone", request.pk),
        ("manage:hold_lift", hold.pk),
        ("manage:certificate", proof.pk),
        ("manage:allowance_new", world.members["worker"].pk),
    ):
        assert page.get(reverse(name, args=[pk])).status_code == 404, name
    assert page.post(reverse("manage:person_request_copy", args=[request.pk])).status_code == 404
    for name in ("manage:person_requests", "manage:holds", "manage:certificates", "manage:allowances"):
        text = page.get(reverse(name)).content.decode()
        assert "某某案" not in text
        assert NAME not in text
