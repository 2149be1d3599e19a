"""What somebody may ask for about their own data: a copy, a correction, an erasure that reaches everything."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest

from governance.accounts.actions.offices import give_feedback
from governance.accounts.models import PlatformFeedback, Staff
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.crypto import keyed_hash
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope
from governance.privacy.actions.person_requests import (
    correct_person,
    erase_person,
    erasure_preview,
    give_copy,
    make_request,
    refuse_request,
)
from governance.privacy.actions.retention import place_hold
from governance.privacy.models import Certificate, PersonRequest
from requests_intake.actions.follow import prove_follower
from requests_intake.models import Requester, Ticket
from tests.cases import report
from tests.privacy.cases import NAME, PHONE, WORDS, traced
from tests.privacy.scan import stored_files, tables_with
from tests.world import World, make_district


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def _ask(world: World, wish: str, **changes: Any) -> PersonRequest:
    said = {"wish": wish, "phone": PHONE, "name": "", "words": "", "proof": "identity_card", "actor": world.security}
    return make_request(**{**said, **changes})


# ---------------------------------------------------------------- asking
def test_a_request_has_fifteen_working_days(world: World) -> None:
    row = _ask(world, "export")
    assert row.due_on == work_calendar().add_working_days(clock.today(), 15)
    assert isinstance(row.due_on, date)
    assert (row.number, _ask(world, "erase").number) == (1, 2)
    assert PHONE not in str(AuditEvent.objects.filter(action="person_request").values())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"wish": "sell"}, "wish"),
        ({"phone": "138****1234"}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"name": "张*三"}, "name"),
        ({"proof": "none"}, "proof"),
        ({"proof": "ticket"}, "proof"),
        ({"wish": "correct"}, "words"),
        ({"words": "长" * 1001}, "words"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(world: World, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _ask(world, changes.pop("wish", "export"), **changes)
    assert list(refused.value.fields) == [field]
    assert not PersonRequest.objects.exists()


@pytest.mark.parametrize("name", ["admin", "auditor", "center", "staff", "official"])
def test_only_the_security_administrator_records_and_does_it(world: World, name: str) -> None:
    actor, request = getattr(world, name), _ask(world, "erase")
    for act in (
        lambda: _ask(world, "export", actor=actor),
        lambda: give_copy(request, actor=actor),
        lambda: correct_person(request, name="张三", new_phone="", answer="改了", actor=actor),
        lambda: erase_person(request, confirmed=True, actor=actor),
        lambda: refuse_request(request, answer="不是本人", actor=actor),
    ):
        with pytest.raises(NotAllowed):
            act()


# ---------------------------------------------------------------- a copy
def test_the_copy_holds_everything_on_the_number_to_read_and_for_machines(world: World) -> None:
    ticket = traced(world)
    report(world, phone="13600000000", name="别人", content="别人的事")
    give_feedback(
        kind="complaint", content="字太小", contact=f"{PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}", actor=Actor.public()
    )
    copy = zipfile.ZipFile(io.BytesIO(give_copy(_ask(world, "export"), actor=world.security)))
    names = set(copy.namelist())
    assert {"index.html", "data.json", f"photos/{ticket.number}-1.jpg", f"photos/{ticket.number}-2.jpg"} == names
    page, data = copy.read("index.html").decode(), json.loads(copy.read("data.json"))
    assert [section["title"] for section in data["sections"]] == [
        "对平台的意见",
        "个人信息申请",
        f"诉求 {ticket.number}",
    ]
    for words in (NAME, PHONE, "鹦鹉叫得厉害", "门禁后面", "楼下老陈答应晚上盖布", "字太小", "网格员"):
        assert words in page, words
        assert words in str(data), words
    assert "别人" not in page
    assert "和欧阳翠花说了" not in page, "an internal note is not theirs"


def test_words_of_residents_do_not_become_markup_in_the_copy(world: World) -> None:
    report(world, phone=PHONE, content="<script>alert(1)</script>灯坏了")
    copy = zipfile.ZipFile(io.BytesIO(give_copy(_ask(world, "export"), actor=world.security)))
    assert "<script>" not in copy.read("index.html").decode()


def test_the_first_copy_closes_the_request_with_a_certificate_and_nothing_is_left_on_disk(world: World) -> None:
    request = _ask(world, "export")
    give_copy(request, actor=world.security)
    give_copy(request, actor=world.security)
    row = PersonRequest.objects.get()
    assert (row.state, row.certificate and row.certificate.act) == ("done", "export")
    assert Certificate.objects.count() == 1
    assert AuditEvent.objects.filter(action="export_person").count() == 2
    assert stored_files() == []


# ---------------------------------------------------------------- a correction
def test_a_correction_changes_every_row_of_the_person_and_its_hashes(world: World) -> None:
    ticket = traced(world)
    request = _ask(world, "correct", words="号码换了")
    assert (
        correct_person(request, name="欧阳翠华", new_phone="13700001111", answer="都改好了", actor=world.security) == 1
    )
    person = Requester.objects.get()
    assert (person.name, person.phone, person.phone_hash) == ("欧阳翠华", "13700001111", keyed_hash("13700001111"))
    assert prove_follower(ticket.number, "1111").ticket_id == ticket.pk
    assert PersonRequest.objects.get().state == "done"


def test_a_correction_with_a_masked_number_is_refused(world: World) -> None:
    traced(world)
    with pytest.raises(Invalid) as refused:
        correct_person(
            _ask(world, "correct", words="错了"),
            name="张*三",
            new_phone="137****1111",
            answer="x",
            actor=world.security,
        )
    assert set(refused.value.fields) == {"new_name", "new_phone"}
    assert Requester.objects.get().phone == PHONE


# ---------------------------------------------------------------- an erasure
def test_an_erasure_leaves_nothing_of_the_person_anywhere(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    traced(world)
    report(world, phone="13600000000", name="别人", content="别人的灯")
    give_feedback(kind="complaint", content=f"我是{NAME}", contact=PHONE, actor=Actor.public())
    _ask(world, "correct", words=f"{NAME}写错了", name=NAME)
    refuse_request(PersonRequest.objects.get(), answer="没有错", actor=world.security)
    assert len(tables_with(*WORDS)) >= 8
    request = _ask(world, "erase", name=NAME)
    with django_capture_on_commit_callbacks(execute=True):
        certificate = erase_person(request, confirmed=True, actor=world.security)
    assert tables_with(*WORDS, keyed_hash(PHONE)) == set()
    assert stored_files() == []
    assert (certificate.act, certificate.kept, certificate.person_request) == ("erasure", {}, request.number)
    assert certificate.removed["answers"] >= 1, "the API's stored answer repeats the ticket"
    assert certificate.removed["person_requests"] == 1
    assert Requester.objects.get().phone == "13600000000"
    assert Ticket.objects.filter(content="别人的灯").exists()


def test_an_open_or_held_matter_stays_and_is_said(world: World) -> None:
    closed, held_one, open_one = traced(world), traced(world), report(world, phone=PHONE)
    place_hold("ticket", held_one.pk, label=held_one.number, reason="诉讼", actor=world.security)
    plan = erasure_preview(PHONE)
    assert (plan.objects, plan.kept) == (1, {"open": 1, "held": 1})
    certificate = erase_person(_ask(world, "erase"), confirmed=True, actor=world.security)
    assert certificate.kept == {"open": 1, "held": 1}
    still = set(Ticket.objects.filter(requester__phone_hash=keyed_hash(PHONE)).values_list("pk", flat=True))
    assert still == {held_one.pk, open_one.pk}
    assert Ticket.objects.get(pk=closed.pk).requester_id is None


def test_a_colleague_stays_registered(world: World) -> None:
    Staff.objects.filter(membership=world.members["worker"]).update(phone=PHONE, phone_hash=keyed_hash(PHONE))
    assert erase_person(_ask(world, "erase"), confirmed=True, actor=world.security).kept == {"staff": 1}
    assert Staff.objects.get(membership=world.members["worker"]).phone == PHONE


def test_without_the_confirmation_nothing_is_erased(world: World) -> None:
    traced(world)
    with pytest.raises(Invalid, match="不能恢复"):
        erase_person(_ask(world, "erase"), confirmed=False, actor=world.security)
    assert Requester.objects.get().phone == PHONE


def test_a_request_is_ended_once(world: World) -> None:
    request = _ask(world, "erase")
    erase_person(request, confirmed=True, actor=world.security)
    for again in (
        lambda: erase_person(request, confirmed=True, actor=world.security),
        lambda: refuse_request(request, answer="x", actor=world.security),
        lambda: give_copy(request, actor=world.security),
    ):
        with pytest.raises(DomainError):
            again()


def test_a_refusal_says_why(world: World) -> None:
    request = _ask(world, "erase")
    with pytest.raises(Invalid):
        refuse_request(request, answer=" ", actor=world.security)
    assert refuse_request(request, answer="不是本人", actor=world.security).answer == "不是本人"


def test_another_district_keeps_what_it_holds_of_the_same_person(db: None) -> None:
    one, other = make_district("one", 1), make_district("two", 2)
    for world in (one, other):
        with district_scope(world.district):
            traced(world)
    with district_scope(one.district):
        copy = give_copy(_ask(one, "export"), actor=one.security)
        erase_person(_ask(one, "erase"), confirmed=True, actor=one.security)
        assert not Requester.objects.exists()
    with district_scope(other.district):
        ticket = Ticket.objects.get()
        assert ticket.requester is not None
        assert ticket.requester.phone == PHONE
        assert not PersonRequest.objects.exists()
        assert not Certificate.objects.exists()
        assert PlatformFeedback.objects.count() == 0
    assert zipfile.ZipFile(io.BytesIO(copy)).read("data.json").decode().count("诉求 ") == 1
