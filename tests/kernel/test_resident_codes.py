"""Residents' sign-in codes (standards B.8): what they are, what they tell nobody, how they reach a phone."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from governance.accounts import tasks
from governance.accounts.actions import residents
from governance.accounts.actions.forget_codes import forget_old_codes
from governance.accounts.actions.residents import Sent, confirm_code, open_session, request_code
from governance.accounts.models import Membership, Resident, ResidentSession, SmsCode, User
from governance.accounts.sms import GatewayError, gateway
from governance.accounts.sms.http import HttpGateway
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope, district_transaction
from governance.settings import sms
from tests.world import World, make_district

PHONE = "13812345678"
ANYBODY = Actor.public()


def ask(phone: str = PHONE, address: str = "203.0.113.7", **more: Any) -> Sent:
    return request_code(phone=phone, address=address, actor=ANYBODY, **more)


def confirm(sent: Sent, code: str | None = None, phone: str = PHONE) -> Resident:
    return confirm_code(sent.code_id, phone=phone, code=sent.code if code is None else code, actor=ANYBODY)


def refused(sent: Sent, code: str | None = None, phone: str = PHONE) -> str:
    with pytest.raises(DomainError) as found:
        confirm(sent, code, phone)
    return found.value.code


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


# ---------------------------------------------------------------- the code
@pytest.mark.django_db
def test_a_code_has_six_digits_and_is_kept_only_as_a_hash(world: World) -> None:
    sent = ask()
    assert len(sent.code) == 6
    assert sent.code.isdigit()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_smscode t")
        (row,) = cursor.fetchone()
    assert PHONE not in row
    assert sent.code not in json.loads(row).values()
    assert [len(json.loads(row)[name]) for name in ("phone_hash", "address_hash", "code_hash")] == [64, 64, 64]
    assert "203.0.113.7" not in row


@pytest.mark.django_db
def test_the_right_code_makes_one_member_for_the_number_and_only_once(world: World) -> None:
    first = confirm(ask())
    assert first.membership.kind == Membership.Kind.RESIDENT
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        again = confirm(ask("+86 138 1234 5678"))
    assert again.pk == first.pk
    assert Resident.objects.count() == 1
    user = User.objects.get(pk=first.membership.user_id)
    assert not user.has_usable_password()
    assert PHONE not in user.handle


@pytest.mark.django_db
def test_a_code_serves_once(world: World) -> None:
    sent = ask()
    confirm(sent)
    assert refused(sent) == "code_refused"


@pytest.mark.django_db
def test_a_code_lives_five_minutes(world: World) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        sent = ask()
        traveller.move_to(start + timedelta(minutes=5))
        assert refused(sent) == "code_refused"
        traveller.move_to(start + timedelta(minutes=4, seconds=59))
        confirm(sent)


@pytest.mark.django_db
def test_after_five_wrong_tries_the_right_code_is_refused_as_well(world: World) -> None:
    sent = ask()
    assert [refused(sent, other(sent.code)) for _n in range(5)] == ["code_refused"] * 5
    assert refused(sent) == "code_refused"
    assert SmsCode.objects.get().tries == 5
    assert not Resident.objects.exists()


@pytest.mark.django_db
def test_four_wrong_tries_leave_the_right_one(world: World) -> None:
    sent = ask()
    for _n in range(4):
        refused(sent, other(sent.code))
    confirm(sent)


@pytest.mark.django_db
def test_a_code_is_of_one_number(world: World) -> None:
    sent = ask()
    assert refused(sent, phone="13912345678") == "code_refused"


@pytest.mark.django_db
def test_a_landline_gets_no_message(world: World) -> None:
    for phone in ("0371-66668888", "12345", "138123456789", "23812345678"):
        with pytest.raises(Invalid):
            ask(phone)
    assert not SmsCode.objects.exists()


# ---------------------------------------------------------------- limits
def limited(code: str, **more: Any) -> None:
    with pytest.raises(DomainError) as found:
        ask(**more)
    assert (found.value.code, found.value.status) == (code, 429)
    assert found.value.data["seconds"] > 0


@pytest.mark.django_db
def test_a_second_code_is_sent_after_a_minute(world: World) -> None:
    start = clock.local(clock.now()).replace(hour=12)
    with time_machine.travel(start, tick=False) as traveller:
        ask()
        traveller.move_to(start + timedelta(seconds=59))
        limited("too_soon")
        traveller.move_to(start + timedelta(seconds=60))
        ask()


@pytest.mark.django_db
def test_five_codes_a_day_and_number(world: World) -> None:
    start = clock.local(clock.now()).replace(hour=12)
    with time_machine.travel(start, tick=False) as traveller:
        for n in range(5):
            traveller.move_to(start + timedelta(minutes=10 * n))
            ask(address=f"203.0.113.{n}")
        traveller.move_to(start + timedelta(hours=2))
        limited("enough_today")
        ask("13912345678")
        traveller.move_to(start + timedelta(hours=12, minutes=1))
        ask()


@pytest.mark.django_db
def test_twenty_codes_a_day_and_address_whatever_the_numbers(world: World, settings: Any) -> None:
    for n in range(settings.SMS_DAILY_PER_ADDRESS):
        ask(f"138000010{n:02d}")
    limited("enough_here", phone="13900000000")
    ask("13900000000", address="203.0.113.8")


@pytest.mark.django_db
def test_the_addresses_of_one_network_count_as_one(world: World, settings: Any) -> None:
    settings.SMS_DAILY_PER_ADDRESS = 1
    ask(address="2001:db8:1:2::1")
    limited("enough_here", phone="13900000000", address="2001:db8:1:2:ffff::9")
    ask("13900000000", address="2001:db8:1:3::1")


# ---------------------------------------------------------------- nobody learns who is known
@pytest.mark.django_db
def test_asking_for_a_code_reads_nothing_of_members(world: World) -> None:
    """Known, unknown and closed numbers cannot be told apart: the same statements, none about people."""
    known, closed = (confirm(ask(phone), phone=phone) for phone in ("13800000001", "13800000002"))
    Membership.objects.filter(pk=closed.membership_id).update(is_active=False)
    told = []
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        for phone in ("13800000001", "13800000002", "13800000003"):
            with CaptureQueriesContext(connection) as captured:
                ask(phone)
            told.append([re.sub(r"'[^']*'|\s*-?\d+", "?", row["sql"]) for row in captured.captured_queries])
    assert told[0] == told[1] == told[2]
    assert not any(name in sql for sql in told[0] for name in ("membership", "accounts_resident", "requester", "staff"))
    assert known.pk != closed.pk


@pytest.mark.django_db
def test_a_closed_account_is_told_only_to_who_holds_the_phone(world: World) -> None:
    member = confirm(ask()).membership
    Membership.objects.filter(pk=member.pk).update(is_active=False)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        sent = ask()
        assert refused(sent, other(sent.code)) == "code_refused"
        assert refused(sent) == "closed"
        assert refused(sent) == "code_refused"


@pytest.mark.django_db
def test_the_audit_knows_of_codes_and_sign_ins_and_holds_no_number(world: World) -> None:
    sent = ask()
    refused(sent, other(sent.code))
    confirm(sent)
    rows = list(AuditEvent.objects.order_by("id").values_list("action", "succeeded"))
    assert rows == [("resident_code.send", True), ("sign_in", False), ("sign_in", True)]
    said = json.dumps(list(AuditEvent.objects.values("detail", "actor")))
    assert PHONE not in said
    assert sent.code not in said


# ---------------------------------------------------------------- at the same moment
@pytest.fixture
def together() -> Callable[..., list[Any]]:
    """Runs functions in threads of their own, which start at the same moment; gives results or errors."""

    def run(*acts: Callable[[], Any]) -> list[Any]:
        barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

        def one(n: int, act: Callable[[], Any]) -> None:
            try:
                barrier.wait(5)
                results[n] = act()
            except Exception as error:  # noqa: BLE001  (handed to the test)
                results[n] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=(n, act)) for n, act in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return results

    return run


@pytest.fixture
def unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residents, "hand_over", lambda *args, **more: None)


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmations_at_the_same_moment_one_is_refused(world: World, unsent: None, together: Any) -> None:
    with district_transaction(world.district):
        sent = ask()

    def act() -> Any:
        with district_transaction(world.district):
            return confirm(sent)

    results = together(*[act] * 4)
    assert [type(result) for result in results].count(Resident) == 1
    assert [getattr(result, "code", "") for result in results].count("code_refused") == 3


@pytest.mark.django_db(transaction=True)
def test_wrong_tries_at_the_same_moment_are_all_counted(world: World, unsent: None, together: Any) -> None:
    with district_transaction(world.district):
        sent = ask()

    def act() -> Any:
        with district_transaction(world.district):
            try:
                return confirm(sent, other(sent.code))
            except Invalid as error:
                return error  # as a page does: the refusal is answered, and the transaction commits

    together(*[act] * 4)
    with district_transaction(world.district):
        assert SmsCode.objects.get().tries == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("spread", "reason"), [("addresses", "too_soon"), ("numbers", "enough_here")])
def test_asking_at_the_same_moment_sends_one_code(
    world: World, unsent: None, together: Any, settings: Any, spread: str, reason: str
) -> None:
    """One number from many addresses, and one address for many numbers."""
    settings.SMS_DAILY_PER_ADDRESS = 1

    def act(n: int) -> Callable[[], Any]:
        said = {"address": f"203.0.113.{n}"} if spread == "addresses" else {"phone": f"1380000000{n}"}

        def one() -> Any:
            with district_transaction(world.district):
                return ask(**said)

        return one

    results = together(*[act(n) for n in range(4)])
    assert [type(result) for result in results].count(Sent) == 1
    assert [getattr(result, "code", "") for result in results if isinstance(result, DomainError)] == [reason] * 3


@pytest.mark.django_db(transaction=True)
def test_two_codes_of_one_number_at_the_same_moment_make_one_member(world: World, unsent: None, together: Any) -> None:
    with district_transaction(world.district):
        first = ask()
        with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
            second = ask()

    def act(sent: Sent) -> Callable[[], Any]:
        def one() -> Any:
            with district_transaction(world.district):
                return confirm(sent)

        return one

    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        results = together(act(first), act(second))
    assert [type(result) for result in results] == [Resident, Resident], results
    assert results[0].pk == results[1].pk


# ---------------------------------------------------------------- districts
@pytest.mark.django_db
def test_one_phone_in_two_districts_is_two_members(world: World) -> None:
    elsewhere = make_district("t2", 2)
    sent = ask()
    with district_scope(elsewhere.district), transaction.atomic():
        assert refused(sent) == "code_refused"  # a code of one district is none in the other
        there = confirm(ask())
    here = confirm(sent)
    assert here.membership_id != there.membership_id
    assert here.membership.user_id != there.membership.user_id
    assert Resident.objects.count() == 1


# ---------------------------------------------------------------- forgetting
@pytest.mark.django_db
def test_codes_go_after_two_days_and_sessions_when_they_end(world: World) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        resident = confirm(ask())
        open_session(resident, borrowed=True, actor=ANYBODY)
        open_session(resident, borrowed=False, actor=ANYBODY)
        traveller.move_to(start + timedelta(hours=47))
        assert forget_old_codes() == 1
        assert SmsCode.objects.count() == 1
        assert ResidentSession.objects.count() == 1
        traveller.move_to(start + timedelta(hours=49))
        assert forget_old_codes() == 1
        traveller.move_to(start + timedelta(days=90))
        assert forget_old_codes() == 1
    assert not SmsCode.objects.exists()
    assert not ResidentSession.objects.exists()
    assert Resident.objects.exists()


def test_forgetting_is_on_the_nightly_list(settings: Any) -> None:
    assert "governance.accounts.tasks.forget_codes" in settings.NIGHTLY_DISTRICT_TASKS


# ---------------------------------------------------------------- sending
class Answering(BaseHTTPRequestHandler):
    """A message centre that remembers what it was sent and answers what the test says."""

    status: ClassVar[int] = 200
    answer: ClassVar[bytes] = b'{"result": {"code": "OK"}}'
    location: ClassVar[str] = ""
    got: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        type(self).got.append({"path": self.path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
        self.send_response(self.status)
        if self.location:
            self.send_header("Location", self.location)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def centre(settings: Any) -> Iterator[type[Answering]]:
    handler = type("Centre", (Answering,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.SMS_GATEWAY = "http"
    settings.SMS_HTTP = {
        "URL": f"http://127.0.0.1:{server.server_port}/send",
        "METHOD": "POST",
        "HEADERS": {"Authorization": "Bearer a-secret"},
        "BODY": {"to": ["86{phone}"], "text": "验证码 {code}，{minutes} 分钟内有效", "channel": 3},
        "VOICE_BODY": {"call": "{phone}", "say": "{code}"},
        "SUCCESS": {"result.code": "OK"},
        "TIMEOUT": 1,
    }
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def send(**more: Any) -> None:
    way = gateway()
    assert way is not None
    way.send_code(PHONE, "012345", minutes=5, **more)


def test_the_http_gateway_sends_what_the_template_says(centre: type[Answering]) -> None:
    send()
    (sent,) = centre.got
    assert sent["body"] == {"to": ["8613812345678"], "text": "验证码 012345，5 分钟内有效", "channel": 3}
    assert sent["headers"]["Authorization"] == "Bearer a-secret"
    assert sent["path"] == "/send"


def test_the_http_gateway_rings_with_its_own_template(centre: type[Answering]) -> None:
    send(voice=True)
    assert centre.got[0]["body"] == {"call": PHONE, "say": "012345"}


@pytest.mark.parametrize(
    ("status", "answer", "may_retry"),
    [
        (200, b'{"result": {"code": "LIMITED"}}', False),
        (200, b"<html>", False),
        (200, b'{"result": []}', False),
        (403, b"", False),
        (429, b"", True),
        (503, b"", True),
    ],
)
def test_what_the_gateway_did_not_take_is_an_error_without_number_or_code(
    centre: type[Answering], status: int, answer: bytes, may_retry: bool
) -> None:
    centre.status, centre.answer = status, answer
    with pytest.raises(GatewayError) as error:
        send()
    assert error.value.may_retry is may_retry
    assert PHONE not in str(error.value)
    assert "012345" not in str(error.value)
    assert "secret" not in str(error.value)


def test_a_redirect_is_not_followed_with_the_secret(centre: type[Answering]) -> None:
    centre.status, centre.location = 302, "/elsewhere"
    with pytest.raises(GatewayError):
        send()
    assert [row["path"] for row in centre.got] == ["/send"]


def test_a_gateway_that_is_away_may_be_tried_again() -> None:
    said = {"URL": "http://127.0.0.1:9/", "METHOD": "POST", "HEADERS": {}, "BODY": {}, "VOICE_BODY": {}, "SUCCESS": {}}
    with pytest.raises(GatewayError) as error:
        HttpGateway(said | {"TIMEOUT": 1}).send_code(PHONE, "012345", minutes=5)
    assert error.value.may_retry


@pytest.mark.django_db
def test_the_message_is_sent_after_the_commit_and_travels_encrypted(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, *args, **options: queued.append((task.name, args)) or True)
    with django_capture_on_commit_callbacks(execute=True):
        sent = ask()
        assert queued == []
    ((name, args),) = queued
    assert name == "accounts.send_code"
    assert args[0] == sent.code_id
    assert PHONE not in str(args)
    assert sent.code not in str(args)


@pytest.mark.django_db
def test_without_a_broker_the_message_is_sent_at_once(
    world: World, centre: type[Answering], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(tasks, "enqueue", lambda *args, **options: False)
    with django_capture_on_commit_callbacks(execute=True):
        sent = ask()
    assert centre.got[0]["body"]["text"] == f"验证码 {sent.code}，5 分钟内有效"


@pytest.mark.django_db
def test_the_task_tries_again_and_then_gives_up_without_a_word_of_number_or_code(
    world: World, centre: type[Answering], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    centre.status = 503
    sent = ask()
    sealed = tasks.encrypt(json.dumps([PHONE, sent.code]))
    result = tasks.send_code.apply(
        args=[sent.code_id, sealed, False], headers={"district_id": world.district.pk}, throw=False
    )
    assert len(centre.got) == 1 + tasks.RETRIES
    assert result.get() is False
    assert PHONE not in caplog.text
    assert sent.code not in caplog.text
    assert "was not sent" in caplog.text


@pytest.mark.django_db
def test_a_late_task_sends_no_code_that_is_used_or_over(world: World, centre: type[Answering]) -> None:
    sent = ask()
    sealed = tasks.encrypt(json.dumps([PHONE, sent.code]))
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        assert tasks.deliver(sent.code_id, sealed, False) is False
    confirm(sent)
    assert tasks.deliver(sent.code_id, sealed, False) is False
    assert centre.got == []


# ---------------------------------------------------------------- settings
_HTTP = {"URL": "https://sms.example/send", "METHOD": "POST", "BODY": {"a": "{phone}", "b": "{code}"}}


@pytest.mark.parametrize(
    ("name", "changes", "production", "is_refused"),
    [
        ("", {}, True, False),
        ("console", {}, False, False),
        ("console", {}, True, True),
        ("http", {}, True, False),
        ("http", {"URL": ""}, False, True),
        ("http", {"URL": "http://sms.example/"}, True, True),
        ("http", {"URL": "http://127.0.0.1:8800/"}, True, False),
        ("http", {"URL": "file:///etc/passwd"}, True, True),
        ("http", {"METHOD": "GET"}, True, True),
        ("http", {"BODY": {"a": "{phone}"}}, True, True),
    ],
)
def test_which_ways_of_sending_are_refused(name: str, changes: Any, production: bool, is_refused: bool) -> None:
    assert bool(sms.problems(name, {**_HTTP, **changes}, production=production)) is is_refused
