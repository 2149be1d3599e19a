"""The pages of mediation clinics: the register and the roster at the desk, the rooms and bookings for residents."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from governance.accounts.actions import residents
from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from requests_intake.actions.clinics import cancel_clinic
from requests_intake.models import ClinicBooking, ClinicDay, ClinicDuty, CommitteeMember, MediationCommittee
from tests.api.conftest import Client as ApiFactory
from tests.api.conftest import api  # noqa: F401 the fixture
from tests.clinics import PHONE, WORDS, booked, clinic_of, committee_of, member_of
from tests.mediators import a_mediator
from tests.world import World

pytestmark = pytest.mark.django_db
OTHER = "13912345678"


def a_day() -> date:
    """The second working day from now: neither today, whose slots pass by, nor a holiday."""
    return work_calendar().add_working_days(clock.today(), 2)


def key() -> dict[str, str]:
    return {"idempotency_key": str(uuid4())}


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


def signed_in(sent: list[str], phone: str = PHONE) -> Client:
    client = Client()
    assert client.post("/d/t1/login/", {"phone": phone}).status_code == 302
    assert client.post("/d/t1/login/code/", {"code": sent[-1]}).status_code == 302
    return client


# ---------------------------------------------------------------- residents
def test_a_resident_books_sees_and_cancels(world: World, sent: list[str]) -> None:
    """S0-21: book a clinic slot → resident. Room, slot, name, done."""
    clinic = clinic_of(world, a_day())
    client = signed_in(sent)
    home = client.get("/d/t1/").content.decode()
    assert "/d/t1/mediation/" in home
    assert f"/d/t1/mediation/{clinic.pk}/" in client.get("/d/t1/mediation/").content.decode()
    slots = client.get(f"/d/t1/mediation/{clinic.pk}/").content.decode()
    assert f"/d/t1/mediation/{clinic.pk}/2/" in slots
    form = {"name": "李小明", "words": WORDS, **key()}
    for _tapped_twice in range(2):
        done = client.post(f"/d/t1/mediation/{clinic.pk}/2/", form)
        assert done.headers["Location"] == "/d/t1/mediation/mine/"
    booking = ClinicBooking.objects.get()
    assert (booking.slot, booking.person_name, booking.phone, booking.words) == (2, "李小明", PHONE, WORDS)
    assert booking.privacy_version is not None
    mine = client.get("/d/t1/mediation/mine/").content.decode()
    assert "2号" in mine
    assert "约好了" in mine
    assert f"/d/t1/mediation/{clinic.pk}/2/" not in client.get(f"/d/t1/mediation/{clinic.pk}/").content.decode()
    asks = client.get(f"/d/t1/mediation/mine/{booking.pk}/cancel/")
    assert "不去了" in asks.content.decode()
    assert client.post(f"/d/t1/mediation/mine/{booking.pk}/cancel/", key()).status_code == 302
    assert "已取消" in client.get("/d/t1/mediation/mine/").content.decode()
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def test_a_taken_slot_is_refused_and_nothing_typed_is_lost(world: World, sent: list[str]) -> None:
    clinic = clinic_of(world, a_day())
    booked(clinic, 1, OTHER)
    client = signed_in(sent)
    page = client.post(f"/d/t1/mediation/{clinic.pk}/1/", {"name": "李小明", "words": WORDS, **key()})
    assert page.status_code == 409
    assert "刚被别人约走了" in page.content.decode()
    assert WORDS in page.content.decode()
    empty = client.post(f"/d/t1/mediation/{clinic.pk}/2/", {"words": WORDS, **key()})
    assert empty.status_code == 422
    assert "请写怎么称呼" in empty.content.decode()


def test_only_who_is_signed_in_books_and_only_ones_own_is_cancelled(world: World, sent: list[str]) -> None:
    clinic = clinic_of(world, a_day())
    for path in (f"mediation/{clinic.pk}/1/", "mediation/mine/"):
        back = f"/d/t1/{path}".replace("/", "%2F")
        assert Client().get(f"/d/t1/{path}").headers["Location"] == f"/d/t1/login/?next={back}"
    other = booked(clinic, 1, OTHER)
    client = signed_in(sent)
    assert client.get(f"/d/t1/mediation/mine/{other.pk}/cancel/").status_code == 404
    assert client.post(f"/d/t1/mediation/mine/{other.pk}/cancel/", key()).status_code == 404
    assert client.get(f"/d/t1/mediation/{clinic.pk}/99/").status_code == 404
    assert client.get("/d/t1/mediation/999999/").status_code == 404


def test_signing_in_leads_back_to_the_slot_that_was_chosen(world: World, sent: list[str]) -> None:
    clinic = clinic_of(world, a_day())
    client = Client()
    slot = f"/d/t1/mediation/{clinic.pk}/2/"
    assert f'href="{slot}"' in client.get(f"/d/t1/mediation/{clinic.pk}/").content.decode()
    login = client.get(slot).headers["Location"]
    asked = client.post(login, {"phone": PHONE})
    assert asked.headers["Location"] == "/d/t1/login/code/"
    # Another number is asked for on the way: the slot is not forgotten.
    assert login in client.get("/d/t1/login/code/").content.decode()
    assert client.post("/d/t1/login/code/", {"code": sent[-1]}).headers["Location"] == slot
    assert client.get(slot).status_code == 200
    assert client.get(login).headers["Location"] == slot


@pytest.mark.parametrize("target", [
    "https://example.org/d/t1/", "//example.org/d/t1/", "/desk/", "/d/t2/mine/", "javascript:alert(1)",
    "/d/t1/" + "x" * 400,
])  # fmt: skip
def test_signing_in_leads_nowhere_else(world: World, sent: list[str], target: str) -> None:
    client = Client()
    client.post(f"/d/t1/login/?{urlencode({'next': target})}", {"phone": PHONE})
    assert client.post("/d/t1/login/code/", {"code": sent[-1]}).headers["Location"] == "/d/t1/"


def test_the_rooms_show_no_person(world: World) -> None:
    clinic = clinic_of(world, a_day())
    member_of(world, clinic.committee, "", name="孙建国")
    booked(clinic)
    for path in ("mediation/", f"mediation/?community={world.community.pk}", f"mediation/{clinic.pk}/"):
        page = Client().get(f"/d/t1/{path}").content.decode()
        assert "春晓社区人民调解委员会" in page
        for secret in ("孙建国", "王书记", "郑社工", "李小明", PHONE, WORDS):
            assert secret not in page
    assert "0374-3351234" in Client().get("/d/t1/mediation/").content.decode()
    assert (
        "春晓社区人民调解"
        not in Client().get(f"/d/t1/mediation/?community={world.other_community.pk}").content.decode()
    )


def test_a_day_called_off_says_why_to_who_had_booked(world: World, sent: list[str]) -> None:
    client = signed_in(sent)
    clinic = clinic_of(world, a_day())
    client.post(f"/d/t1/mediation/{clinic.pk}/1/", {"name": "李小明", **key()})
    cancel_clinic(clinic, reason="调解员外出培训", actor=world.secretary)
    assert "调解员外出培训" in client.get("/d/t1/mediation/mine/").content.decode()
    assert "这天取消了" in client.get(f"/d/t1/mediation/{clinic.pk}/").content.decode()


# ---------------------------------------------------------------- the desk
def test_a_street_enters_a_committee_its_people_and_its_days(world: World) -> None:
    street = world.sign_in(Client(), "dispatcher")
    said = {"name": "春晓调委会", "kind": "people", "place": "二楼", "since": "2020-01-01",
            "community": world.community.pk}  # fmt: skip
    assert street.post("/desk/committees/new/", {**said, "name": "", **key()}).status_code == 422
    made = {**said, **key()}
    for _again in range(2):
        assert street.post("/desk/committees/new/", made).status_code == 302
    row = MediationCommittee.objects.get()
    assert row.street_id == world.street.pk
    page = f"/desk/committees/{row.pk}/"
    person = {"membership": world.members["secretary"].pk, "profession": "community", "since": "2020-01-01"}
    assert street.post(f"{page}member/", {**person, "is_keeper": "on", **key()}).headers["Location"] == page
    elder = {"name": "孙建国", "profession": "elder", "since": "2020-01-01", **key()}
    assert street.post(f"{page}member/", elder).status_code == 302
    member = CommitteeMember.objects.get(membership=world.members["secretary"])
    plan = {"mode": "clinic", "day": a_day().isoformat(), "opens_at": "09:00", "closes_at": "11:00",
            "slot_minutes": "30", "members": [member.pk], "weeks": "1"}  # fmt: skip
    assert street.post(f"{page}plan/", {**plan, "members": [], **key()}).status_code == 422
    assert street.post(f"{page}plan/", {**plan, **key()}).headers["Location"] == page
    assert ClinicDay.objects.get().slots == 4
    assert "孙建国" in street.get(page).content.decode()
    assert "孙建国" not in world.sign_in(Client(), "center").get(page).content.decode()
    ends = f"/desk/committees/members/{member.pk}/end/"
    assert "王书记" in street.get(ends).content.decode()
    assert street.post(ends, key()).headers["Location"] == page
    assert "王书记" not in street.get(page).content.decode()
    changed = street.post(f"{page}edit/", {**said, "place": "三楼", **key()})
    assert changed.headers["Location"] == page
    other = world.sign_in(Client(), "other_dispatcher")
    for path in (f"{page}edit/", f"{page}member/", ends, f"{page}plan/"):
        assert other.get(path).status_code == 403, path


def test_a_list_is_read_in_and_says_what_is_wrong_with_which_row(world: World) -> None:
    street = world.sign_in(Client(), "dispatcher")
    header = "名称,类型,街道,社区,行业,地点,办公电话,开门时间,起始日期,结束日期\n"
    lines = [
        "春晓调委会,人民调解,,春晓社区,,二楼,12345,周一至周五,2020-01-01,",
        "物业调委会,行政调解,东湖街道,,物业,街道办,,,2021/3/1,",
        "错的,调解,东湖街道,,,街道办,,,2021-03-01,",
        "没街道,人民调解,南街道,,,街道办,,,2021-03-01,",
        "没日子,人民调解,东湖街道,,,街道办,,,三月,",
        "别人的,人民调解,西山街道,,,街道办,,,2021-03-01,",
        ",人民调解,东湖街道,,,街道办,,,2021-03-01,",
    ]

    def send(text: str, name: str = "list.csv") -> Any:
        return street.post(
            "/desk/committees/import/", {"file": SimpleUploadedFile(name, text.encode()), **key()}
        )  # fmt: skip

    page = send(header + "\n".join(lines))
    assert page.status_code == 200
    report = page.context["report"]
    assert (report["added"], report["changed"], [row["number"] for row in report["bad"]]) == (2, 0, [4, 5, 6, 7, 8])
    assert "没有这个街道：南街道" in page.content.decode()
    assert MediationCommittee.objects.get(name="春晓调委会").community_id == world.community.pk
    assert MediationCommittee.objects.get(name="物业调委会").since == date(2021, 3, 1)
    again = send(header + lines[0].replace("二楼", "三楼")).context["report"]
    assert (again["added"], again["changed"]) == (0, 1)
    assert "表头缺少" in send("名称,地点\na,b").content.decode()
    assert send("", "list.csv").status_code == 422
    assert send("not a workbook", "list.xlsx").status_code == 422
    book = load_workbook(BytesIO(street.get("/desk/committees/import/?empty").content))
    assert [cell.value for cell in book.active[1]][:2] == ["名称", "类型"]


def test_the_list_of_committees_is_searched(world: World) -> None:
    committee_of(world)
    desk = world.sign_in(Client(), "center")
    for query, number in (("q=春晓", 1), ("q=没有", 0), (f"street={world.other_street.pk}", 0), ("kind=people", 1),
                          ("kind=judicial", 0), ("street=x", 1)):  # fmt: skip
        assert len(desk.get(f"/desk/committees/?{query}").context["rows"]) == number, query


def test_staff_book_by_phone_and_see_no_more_than_a_free_or_taken_slot(world: World) -> None:
    clinic = clinic_of(world, a_day())
    desk = world.sign_in(Client(), "center")
    said = {"name": "李小明", "phone": PHONE, "words": WORDS}
    form = f"/desk/clinics/{clinic.pk}/book/1/"
    refused = desk.post(form, {**said, **key()})
    assert refused.status_code == 422
    assert "要先问过本人" in refused.content.decode()
    assert desk.post(form, {**said, "has_consented": "on", **key()}).status_code == 302
    for name in ("center", "dispatcher", "official", "worker"):
        page = world.sign_in(Client(), name).get(f"/desk/clinics/{clinic.pk}/").content.decode()
        assert "有人约了" in page, name
        for secret in ("李小明", PHONE, WORDS):
            assert secret not in page
    booking = ClinicBooking.objects.get()
    assert desk.get(f"/desk/clinics/bookings/{booking.pk}/").status_code == 403
    assert world.sign_in(Client(), "official").post(form, {**said, "has_consented": "on", **key()}).status_code == 403


def test_those_inside_read_call_and_say_who_came(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = clinic_of(world, a_day())
    booking = booked(clinic)
    inside = world.sign_in(Client(), "staff")
    day, page = f"/desk/clinics/{clinic.pk}/", f"/desk/clinics/bookings/{booking.pk}/"
    assert "李小明" in inside.get(day).content.decode()
    shown = inside.get(page).content.decode()
    assert WORDS in shown
    assert PHONE not in shown
    assert PHONE in inside.post(f"{page}phone/", key()).content.decode()
    assert inside.post(f"{page}arrived/", key()).status_code == 409
    ClinicBooking.objects.update(day=clock.today())
    said = key()
    for _again in range(2):
        assert inside.post(f"{page}arrived/", said).headers["Location"] == day
    booking.refresh_from_db()
    assert booking.state == "arrived"
    assert inside.post(f"{page}odd/", key()).status_code == 404


def test_a_mediator_on_duty_makes_a_case_on_the_page(world: World, api: ApiFactory) -> None:  # noqa: F811
    clinic = clinic_of(world, a_day())
    first, second = booked(clinic, 1), booked(clinic, 2, OTHER)
    a_mediator(world)
    ClinicDuty.objects.create(clinic=clinic, member=member_of(world, clinic.committee, "mediator"))
    ClinicBooking.objects.update(day=clock.today())
    page = f"/desk/clinics/bookings/{first.pk}/"
    assert f"{page}case/" not in world.sign_in(Client(), "staff").get(page).content.decode()
    assert world.sign_in(Client(), "staff").get(f"{page}case/").status_code == 403
    desk = world.sign_in(Client(), "mediator")
    assert f"{page}case/" in desk.get(page).content.decode()
    assert WORDS in desk.get(f"{page}case/").content.decode()
    said = {"dispute": "neighbour", "facts": WORDS, "name": "石先生"}
    assert desk.post(f"{page}case/", {**said, "name": "", **key()}).status_code == 422
    done = desk.post(f"{page}case/", {**said, **key()})
    first.refresh_from_db()
    assert first.case is not None
    assert done.headers["Location"] == f"/desk/mediation/{first.case.number}/"
    assert first.case.number in desk.get(page).content.decode()
    assert first.case.number not in world.sign_in(Client(), "staff").get(page).content.decode()
    made = api("mediator").post(f"/api/v1/clinics/bookings/{second.pk}/case/", said)
    assert made.status_code == 201, made.content
    assert api("staff").post(f"/api/v1/clinics/bookings/{second.pk}/case/", said).status_code == 403


def test_a_day_is_called_off_from_its_page(world: World) -> None:
    clinic = clinic_of(world, a_day())
    booked(clinic)
    keeper = world.sign_in(Client(), "secretary")
    path = f"/desk/clinics/{clinic.pk}/cancel/"
    assert "约好的 1 人" in keeper.get(path).content.decode()
    assert keeper.post(path, {"reason": "", **key()}).status_code == 422
    assert keeper.post(path, {"reason": "外出培训", **key()}).status_code == 302
    page = keeper.get(f"/desk/clinics/{clinic.pk}/").content.decode()
    assert "外出培训" in page
    assert "李小明" in page
    assert "李小明" not in world.sign_in(Client(), "center").get(f"/desk/clinics/{clinic.pk}/").content.decode()


def test_the_roster_begins_with_ones_own_days(world: World) -> None:
    clinic_of(world, a_day())
    clinic_of(world, a_day() + timedelta(days=7))
    assert [line["free"] for line in world.sign_in(Client(), "staff").get("/desk/clinics/").context["lines"]] == [6, 6]
    stranger = world.sign_in(Client(), "other_secretary")
    page = stranger.get("/desk/clinics/")
    assert (page.context["view"], len(page.context["lines"])) == ("all", 2)
    assert stranger.get("/desk/clinics/?view=own").context["lines"] == []
    assert "调解坐诊" in world.sign_in(Client(), "staff").get("/desk/ledgers/").content.decode()


# ---------------------------------------------------------------- programs
def test_programs_do_the_same(world: World, api: ApiFactory) -> None:  # noqa: F811
    street = api("dispatcher")
    said = {"name": "春晓调委会", "kind": "people", "place": "二楼", "since": "2020-01-01",
            "community_id": world.community.pk}  # fmt: skip
    made = street.post("/api/v1/committees/", said)
    assert made.status_code == 201, made.content
    base = f"/api/v1/committees/{made.json()['id']}"
    assert street.post(f"{base}/change/", {**said, "place": "三楼"}).json()["place"] == "三楼"
    assert api("staff").post(f"{base}/change/", said).status_code == 403
    person = {"membership_id": world.members["secretary"].pk, "profession": "community", "since": "2020-01-01"}
    member = street.post(f"{base}/members/", person)
    assert member.status_code == 201, member.content
    plan = {"day": a_day().isoformat(), "opens_at": "09:00", "closes_at": "11:00", "slot_minutes": 30,
            "members": [member.json()["id"]]}  # fmt: skip
    days = api("secretary").post(f"{base}/clinics/", plan)
    assert days.status_code == 201, days.content
    clinic = days.json()["clinics"][0]["id"]
    assert street.get("/api/v1/clinics/").json()[0]["free"] == [1, 2, 3, 4]
    booking = {"slot": 1, "name": "李小明", "phone": PHONE, "words": WORDS, "has_consented": True}
    done = api("staff").post(f"/api/v1/clinics/{clinic}/bookings/", booking)
    assert done.status_code == 201, done.content
    assert "李小明" not in str(done.json())
    again = api("staff").post(f"/api/v1/clinics/{clinic}/bookings/", {**booking, "phone": OTHER})
    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")
    path = f"/api/v1/clinics/bookings/{done.json()['id']}"
    assert api("secretary").get(f"{path}/").json()["words"] == WORDS
    assert api("staff").get(f"{path}/").status_code == 403
    assert api("secretary").post(f"{path}/arrived/", {}).json()["code"] == "too_early"
    assert api("secretary").post(f"{path}/missed/", {}).json()["code"] == "too_early"
    assert api("secretary").post(f"{path}/cancel/", {}).json()["state"] == "cancelled"
    off = api("secretary").post(f"/api/v1/clinics/{clinic}/cancel/", {"reason": "开会"})
    assert off.json()["cancel_reason"] == "开会"
    assert street.post(f"/api/v1/committees/members/{member.json()['id']}/end/", {}).status_code == 200
    assert [row["name"] for row in street.get("/api/v1/committees/").json()] == ["春晓调委会"]
