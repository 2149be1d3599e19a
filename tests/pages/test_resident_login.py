"""Residents sign in with their phone: the pages, what they open, and what they never open."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as installed
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.accounts.actions import residents
from governance.accounts.models import Membership, Resident, ResidentSession, SmsCode
from governance.kernel import clock
from governance.kernel.tenancy.context import district_scope, no_district
from requests_intake.models import Attachment, Requester, Ticket
from tests.addressed import objects_of
from tests.cases import PHONE, report, ticket_in
from tests.pages.residents import key, page
from tests.test_permission_matrix import ask, bodies, client_of, path_of, rows
from tests.world import World, make_district

pytestmark = pytest.mark.django_db

OTHER = "13912345678"
KEPT_DAYS = 90


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes that were sent, in order."""
    codes: list[str] = []
    made = residents.request_code

    def remember(**said: Any) -> Any:
        found = made(**said)
        codes.append(found.code)
        return found

    monkeypatch.setattr("requests_intake.views.resident_login.request_code", remember)
    return codes


def at(path: str, district: str = "t1") -> str:
    return f"/d/{district}/{path}"


def sign_in(
    sent: list[str], phone: str = PHONE, client: Client | None = None, district: str = "t1", **more: str
) -> Client:
    client = client or Client()
    assert client.post(at("login/", district), {"phone": phone}).status_code == 302
    answer = client.post(at("login/code/", district), {"code": sent[-1], **more})
    assert answer.status_code == 302, answer.content.decode()
    return client


def cookie(client: Client, world: World) -> Any:
    return client.cookies[f"resident-{world.district.pk}"]


# ---------------------------------------------------------------- the way in
def test_number_then_code_then_ones_own_matters(world: World, sent: list[str]) -> None:
    ticket = report(world)
    client = Client()
    answer = client.post(at("login/"), {"phone": "138 0000 1234"})
    assert answer.headers["Location"] == at("login/code/")
    asked = page(client.get(at("login/code/")))
    assert "138****1234" in asked
    assert PHONE not in asked
    assert 'autocomplete="one-time-code"' in asked
    assert 'inputmode="numeric"' in asked
    answer = client.post(at("login/code/"), {"code": sent[-1]})
    assert answer.headers["Location"] == at("")
    home = page(client.get(at("")))
    assert "我的诉求" in home
    assert ticket.title in home
    assert PHONE not in home
    assert page(client.get(at(f"t/{ticket.number}/")))


@pytest.mark.parametrize("phone", [PHONE, OTHER, "13712345678"])
def test_every_number_gets_the_same_answer(world: World, sent: list[str], phone: str) -> None:
    """A known, a closed and an unknown one."""
    sign_in(sent, PHONE)
    sign_in(sent, OTHER)
    hashed = residents.keyed_hash(OTHER)
    Membership.objects.filter(pk=Resident.objects.get(phone_hash=hashed).membership_id).update(is_active=False)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        client = Client()
        answer = client.post(at("login/"), {"phone": phone})
        assert (answer.status_code, answer.headers["Location"], answer.content) == (302, at("login/code/"), b"")
        said = page(client.get(at("login/code/")))
    changing = r'name="csrfmiddlewaretoken" value="\w+"|\d{3}\*{4}\d{4}'
    expected = Client()
    with time_machine.travel(clock.now() + timedelta(minutes=4), tick=False):
        expected.post(at("login/"), {"phone": "13612345678"})
        assert re.sub(changing, "", said) == re.sub(changing, "", page(expected.get(at("login/code/"))))


def test_a_wrong_code_is_said_and_nobody_is_signed_in(world: World, sent: list[str]) -> None:
    client = Client()
    client.post(at("login/"), {"phone": PHONE})
    wrong = f"{(int(sent[-1]) + 1) % 10**6:06d}"
    assert "验证码不对" in page(client.post(at("login/code/"), {"code": wrong}), 422)
    assert SmsCode.objects.get().tries == 1, "a refusal commits"
    assert not ResidentSession.objects.exists()
    assert f"resident-{world.district.pk}" not in client.cookies


def test_a_code_is_confirmed_only_where_it_was_asked_for(world: World, sent: list[str]) -> None:
    Client().post(at("login/"), {"phone": PHONE})
    stranger = Client()
    assert stranger.post(at("login/code/"), {"code": sent[-1]}).headers["Location"] == at("login/")
    assert not ResidentSession.objects.exists()


def test_a_double_tap_is_no_error(world: World, sent: list[str]) -> None:
    client = Client()
    for _n in range(2):
        assert client.post(at("login/"), {"phone": PHONE}).status_code == 302
    assert len(sent) == 1
    assert SmsCode.objects.count() == 1


def test_too_soon_is_said_with_when_to_come_again_and_the_number_kept(world: World, sent: list[str]) -> None:
    Client().post(at("login/"), {"phone": PHONE})
    answer = Client().post(at("login/"), {"phone": PHONE})
    assert "请等一分钟" in page(answer, 429)
    assert f'value="{PHONE}"' in answer.content.decode()
    assert 0 < int(answer.headers["Retry-After"]) <= 61


def test_another_code_written_or_read_out(world: World, sent: list[str]) -> None:
    start = clock.local(clock.now()).replace(hour=12)
    with time_machine.travel(start, tick=False) as traveller:
        client = Client()
        client.post(at("login/"), {"phone": PHONE})
        assert "打电话念给我听" in page(client.get(at("login/code/")))
        assert "请等一分钟" in page(client.post(at("login/again/")), 429)
        traveller.move_to(start + timedelta(minutes=2))
        assert client.post(at("login/again/"), {"voice": "1"}).status_code == 302
        assert SmsCode.objects.order_by("id").last().is_voice
        assert "验证码不对" in page(client.post(at("login/code/"), {"code": sent[0]}), 422) or sent[0] == sent[1]
        client.post(at("login/code/"), {"code": sent[1]})
    assert ResidentSession.objects.count() == 1


@pytest.mark.parametrize("phone", ["", "12345", "0371-66668888", "138****1234"])
def test_what_is_no_mobile_number_is_said_and_kept(world: World, phone: str) -> None:
    answer = Client().post(at("login/"), {"phone": phone})
    assert page(answer, 422).count('class="err"') == 1
    if phone:
        assert f'value="{phone}"' in answer.content.decode()


def test_no_clock_and_no_puzzle_on_the_way(world: World, sent: list[str]) -> None:
    client = Client()
    client.post(at("login/"), {"phone": PHONE})
    said = page(client.get(at("login/"))) + page(client.get(at("login/code/")))
    assert not re.search(r"倒计时|\d+ ?秒|分钟|captcha|<canvas", said.replace("最多一小时", ""))


def test_neither_number_nor_code_in_the_log(world: World, sent: list[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client()
    client.post(at("login/"), {"phone": PHONE})
    client.post(at("login/code/"), {"code": "000000"})
    client.post(at("login/code/"), {"code": sent[-1]})
    assert PHONE not in caplog.text
    assert sent[-1] not in caplog.text


# ---------------------------------------------------------------- a demo, and no gateway at all
def test_only_a_demo_shows_the_code_and_says_so(world: World, sent: list[str], settings: Any) -> None:
    client = Client()
    client.post(at("login/"), {"phone": PHONE})
    assert sent[-1] not in page(client.get(at("login/code/")))
    settings.DEMO = True
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        client.post(at("login/"), {"phone": PHONE})
        shown = page(client.get(at("login/code/")))
    assert sent[-1] in shown
    assert "没有真的发短信" in shown


def test_a_real_gateway_never_shows_the_code_even_in_a_demo(world: World, sent: list[str], settings: Any) -> None:
    settings.DEMO, settings.SMS_GATEWAY = True, "http"
    settings.SMS_HTTP = {**installed.SMS_HTTP, "VOICE_BODY": {}}
    client = Client()
    client.post(at("login/"), {"phone": PHONE})
    shown = page(client.get(at("login/code/")))
    assert sent[-1] not in shown
    assert "没有真的" not in shown
    assert "打电话念给我听" not in shown, "this gateway does not ring"


def test_without_a_gateway_there_is_no_sign_in_and_no_word_of_it(world: World, sent: list[str], settings: Any) -> None:
    client = sign_in(sent)
    settings.SMS_GATEWAY = ""
    for path in ("login/", "login/code/", "mine/"):
        assert Client().get(at(path)).status_code == 404
    for path in ("login/", "login/code/", "login/again/", "login/out/"):
        assert Client().post(at(path), {"phone": PHONE}).status_code == 404
    for path in ("", "track/", "report/"):
        assert "用手机号登录" not in page(Client().get(at(path)))
    assert "我的诉求" not in page(client.get(at(""))), "sessions of before open nothing"


# ---------------------------------------------------------------- the session
def test_the_cookie_is_kept_ninety_days_on_ones_own_phone(world: World, sent: list[str]) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        client = sign_in(sent)
        kept = cookie(client, world)
        assert kept["max-age"] == KEPT_DAYS * 86_400
        assert kept["httponly"]
        assert kept["samesite"] == "Lax"
        traveller.move_to(start + timedelta(days=KEPT_DAYS, seconds=-1))
        assert "退出登录" in page(client.get(at("")))
        traveller.move_to(start + timedelta(days=KEPT_DAYS))
        assert "退出登录" not in page(client.get(at("")))


def test_on_a_borrowed_phone_it_ends_with_the_browser_and_after_an_hour(world: World, sent: list[str]) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        client = sign_in(sent, borrowed="on")
        assert not cookie(client, world)["max-age"]
        assert not cookie(client, world)["expires"]
        traveller.move_to(start + timedelta(minutes=59))
        assert "退出登录" in page(client.get(at("")))
        traveller.move_to(start + timedelta(minutes=60))
        assert "退出登录" not in page(client.get(at("")))


def test_only_the_hash_of_the_token_is_stored(world: World, sent: list[str]) -> None:
    token = cookie(sign_in(sent), world).value
    assert len(token) >= 43
    assert ResidentSession.objects.get().token_hash != token


def test_signing_out_ends_the_session_and_empties_the_browser(world: World, sent: list[str]) -> None:
    ticket = report(world)
    client = sign_in(sent)
    client.post(at("track/"), {"number": ticket.number, "secret": PHONE[-4:]})
    stolen = cookie(client, world).value
    assert client.post(at("login/out/")).status_code == 302
    assert not ResidentSession.objects.exists()
    assert client.get(at(f"t/{ticket.number}/")).status_code == 404, "what was proved in this browser went as well"
    client.cookies[f"resident-{world.district.pk}"] = stolen
    assert client.get(at(f"t/{ticket.number}/")).status_code == 404


def test_a_closed_membership_ends_every_session_at_once(world: World, sent: list[str]) -> None:
    ticket = report(world)
    client = sign_in(sent)
    Membership.objects.filter(pk=Resident.objects.get().membership_id).update(is_active=False)
    assert client.get(at(f"t/{ticket.number}/")).status_code == 404
    assert "退出登录" not in page(client.get(at("")))


def test_a_session_of_one_district_is_nobody_in_another(world: World, sent: list[str]) -> None:
    elsewhere = make_district("t2", 2)
    with district_scope(elsewhere.district):
        theirs = report(elsewhere)
    here = sign_in(sent)
    with no_district():
        here.cookies[f"resident-{elsewhere.district.pk}"] = cookie(here, world).value
        assert "退出登录" not in page(here.get(at("", "t2")))
        assert here.get(at(f"t/{theirs.number}/", "t2")).status_code == 404
        both = sign_in(sent, client=here, district="t2")
        assert theirs.title in page(both.get(at("", "t2")))
        assert "退出登录" in page(both.get(at(""))), "one phone, two districts, two members, both signed in"
    with district_scope(elsewhere.district):
        assert Resident.objects.count() == 1
    assert Resident.objects.count() == 1


# ---------------------------------------------------------------- what it opens
def test_all_tickets_of_the_number_are_mine_and_nobody_elses(world: World, sent: list[str]) -> None:
    old = report(world, content="三年前的路灯")
    on_behalf = report(world, content="电话里说的水管", channel="web", is_confidential=True)
    strangers = report(world, content="别人家的事", phone=OTHER)
    nobodys = report(world, content="匿名的事", phone="", is_anonymous=True)
    client = sign_in(sent)
    listed = page(client.get(at("mine/")))
    assert old.title in listed
    assert on_behalf.title in listed
    assert strangers.title not in listed
    assert nobodys.title not in listed
    for ticket, status in ((old, 200), (on_behalf, 200), (strangers, 404), (nobodys, 404)):
        assert client.get(at(f"t/{ticket.number}/")).status_code == status
        assert client.get(at(f"t/{ticket.number}/withdraw/")).status_code == status
    assert client.post(at(f"t/{strangers.number}/withdraw/"), key()).status_code == 404


def test_home_shows_the_newest_and_a_way_to_all(world: World, sent: list[str]) -> None:
    tickets = [report(world, content=f"第{n:02d}件") for n in range(24)]
    client = sign_in(sent)
    home = page(client.get(at("")))
    assert [ticket.title for ticket in tickets if ticket.title in home] == [f"第{n:02d}件" for n in range(18, 24)]
    first, second = page(client.get(at("mine/"))), page(client.get(at("mine/?page=2")))
    assert tickets[-1].title in first
    assert tickets[0].title not in first
    assert tickets[0].title in second


def test_rating_and_withdrawing_without_number_and_tail(world: World, sent: list[str]) -> None:
    waiting, fresh = ticket_in(world, "visiting"), report(world)
    client = sign_in(sent)
    assert "您满意吗" in page(client.get(at("")))
    assert client.post(at(f"t/{waiting.number}/rate/"), {**key(), "face": "satisfied"}).status_code == 302
    assert client.post(at(f"t/{fresh.number}/withdraw/"), {**key(), "note": ""}).status_code == 302
    states = dict(Ticket.objects.values_list("pk", "state"))
    assert (states[waiting.pk], states[fresh.pk]) == ("closed", "withdrawn")
    assert client.post(at(f"t/{waiting.number}/reopen/"), {**key(), "note": "又坏了"}).status_code == 302
    assert Ticket.objects.get(pk=waiting.pk).state == "handling"


def test_photos_of_ones_own_matters_only(world: World, sent: list[str], settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "a.jpg").write_bytes(b"any bytes")
    photos = [
        Attachment.objects.create(
            ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9,
            sha256="0" * 64, created_at=clock.now(),
        )
        for ticket in (report(world), report(world, phone=OTHER))
    ]  # fmt: skip
    client = sign_in(sent)
    assert [client.get(at(f"photo/{photo.pk}/")).status_code for photo in photos] == [200, 404]


# ---------------------------------------------------------------- reporting
def send(client: Client, world: World, **said: str) -> Requester | None:
    answer = client.post(at("report/"), {**key(), "content": "门口的灯坏了", "building": world.building.pk, **said})
    assert answer.status_code == 302, answer.content.decode()
    return Ticket.objects.select_related("requester").order_by("id").last().requester


def test_the_form_knows_the_number_and_shows_it_masked(world: World, sent: list[str]) -> None:
    client = sign_in(sent)
    form = page(client.get(at("report/")))
    assert 'value="138****1234"' in form
    assert PHONE not in form
    person = send(client, world, phone="138****1234", name="李小明")
    assert person is not None
    assert (person.phone, person.name) == (PHONE, "李小明")
    again = page(client.get(at("report/")))
    assert 'value="李**"' in again
    assert "李小明" not in again
    person = send(client, world, phone="138****1234", name="李**")
    assert person is not None
    assert (person.phone, person.name) == (PHONE, "李小明")
    resident = Resident.objects.get()
    assert (resident.phone, resident.name) == (PHONE, "李小明"), "what is masked never overwrites"


def test_another_number_may_be_left_and_a_strangers_mask_is_refused(world: World, sent: list[str]) -> None:
    client = sign_in(sent)
    person = send(client, world, phone=OTHER)
    assert person is not None
    assert person.phone == OTHER
    assert Resident.objects.get().phone == PHONE
    said = {**key(), "content": "灯坏了", "phone": "139****5678"}
    answer = client.post(at("report/"), said)
    assert "带星号的" in page(answer, 422)
    assert "带星号的" in page(Client().post(at("report/"), {**said, "phone": "138****1234"}), 422), "nobody signed in"


def test_a_form_that_comes_back_still_shows_the_mask(world: World, sent: list[str]) -> None:
    client = sign_in(sent)
    answer = client.post(at("report/"), {**key(), "content": "", "phone": "138****1234"})
    said = page(answer, 422)
    assert 'value="138****1234"' in said
    assert PHONE not in said
    assert "带星号的" not in said
    looked = page(client.post(at("report/"), {"look": "1", "phone": "138****1234", "content": "灯"}))
    assert 'value="138****1234"' in looked
    assert PHONE not in looked


def test_anonymous_stays_anonymous_for_who_is_signed_in(world: World, sent: list[str]) -> None:
    client = sign_in(sent)
    assert send(client, world, phone="138****1234", name="李小明", is_anonymous="on") is None
    assert Resident.objects.get().name == ""


# ---------------------------------------------------------------- what it never opens
# What signing in is for: one's own reports, and the message circle of a grid (others are sent to sign in first).
RESIDENTS_OWN = {
    "resident:login", "resident:logout", "resident:mine", "resident:home",
    "resident:grid_choose", "resident:grid", "resident:grid_post", "resident:grid_flag",
    "resident:my_contact", "resident:bookings", "resident:booking_cancel", "resident:clinic_book", "resident:settings",
    "resident:votes", "resident:vote",
}  # fmt: skip


def test_a_resident_is_to_every_address_of_staff_what_nobody_is(world: World, sent: list[str], settings: Any) -> None:
    """Every row of the table of permissions: beyond the residents' own pages a resident gets what anonymous gets."""
    foreign = make_district("t2", 2)
    ticket = report(world)
    values = {"number": ticket.number, "photo": 1, "notice": 1, "objects": objects_of(world)}
    said, different = bodies(world), []
    resident = sign_in(sent, OTHER)
    with no_district():
        anonymous = client_of("anonymous", world, foreign, ticket)
        for name, method, _statuses in rows():
            if name in RESIDENTS_OWN:
                continue
            path = at(path_of(name, values)[1:])
            body = said.get(name, {})
            answers = [ask(client, method, path, body, name.startswith("api:"))[:2] for client in (anonymous, resident)]
            if answers[0] != answers[1]:
                different.append((name, method, answers))
    assert different == []


def test_staff_and_resident_in_one_browser_do_not_know_each_other(world: World, sent: list[str]) -> None:
    ticket = report(world)
    client = world.sign_in(Client(), "worker")
    sign_in(sent, client=client)
    assert client.get(at("m/")).status_code == 200, "signing in as a resident signs no colleague out"
    assert ticket.title in page(client.get(at("mine/")))
    # The desk is the worker's: a ticket of the own number in another grid is no more visible there.
    client.post(at("sign-out/"))
    assert client.get(at("m/")).status_code == 302
    assert ticket.title in page(client.get(at("mine/"))), "signing out as a colleague leaves the resident"
    world.sign_in(client, "worker")
    client.post(at("login/out/"))
    assert client.get(at("m/")).status_code == 200, "and the other way round"
    assert client.get(at("mine/")).status_code == 302


def test_a_residents_user_cannot_sign_in_as_staff(world: World, sent: list[str]) -> None:
    sign_in(sent)
    user = Resident.objects.select_related("membership__user").get().membership.user
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["district_id"] = world.district.pk
    session.save()
    # Not even a session that says so makes a resident's membership a colleague's.
    for path in ("desk/", "m/", "board/", "manage/", "home/"):
        assert client.get(at(path)).status_code == 404, path


# ---------------------------------------------------------------- cost
def test_ones_own_matters_cost_the_same_for_many_as_for_few(world: World, sent: list[str]) -> None:
    client, counts = Client(), []
    for number in (3, 15):
        for _n in range(number):
            report(world)
        if not counts:
            sign_in(sent, client=client)
        client.get(at("mine/")), client.get(at(""))
        with CaptureQueriesContext(connection) as captured:
            client.get(at("mine/")), client.get(at(""))
        counts.append(len(captured))
    assert counts[0] == counts[1]
