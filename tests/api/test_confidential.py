"""Restricted matters through the API: the circle, the openings, letters and their author."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from requests_intake.models import CaseMember, Ticket
from tests.api.conftest import Client
from tests.cases import CONTENT, PHONE, SECRET, report
from tests.requests_intake.test_restricted import officer, tip
from tests.world import World

pytestmark = pytest.mark.django_db

AT = "/api/v1/tickets"


def public(world: World) -> str:
    return f"/d/{world.district.code}/api/v1/public"


def supervisor(world: World, **changes: Any) -> dict[str, Any]:
    said = {"member": world.members["supervisor"].pk, "role": "supervisor", "reason": "请他督办"}
    return {**said, **changes}


# ---------------------------------------------------------------- the circle
def test_the_desk_names_somebody_lists_the_circle_and_takes_them_out(world: World, api: Client) -> None:
    officer(world)
    ticket, desk = tip(world, about_id=world.street_office.pk), api("officer")
    address = f"{AT}/{ticket.number}/circle/"
    assert api("supervisor").get(address).status_code == 404
    for _twice in range(2):
        made = desk.post(address, supervisor(world), HTTP_IDEMPOTENCY_KEY="once")
        assert (made.status_code, made.data["member"]["name"]) == (201, "杨督查")
    found = api("supervisor").get(address).data
    assert found["about"] == {"id": world.street_office.pk, "name": world.street_office.name}
    assert found["by_post"] == [{"key": "保密受理岗", "value": "举报受理员"}]
    assert [(row["role"], row["reason"], row["until"]) for row in found["members"]] == [
        ("supervisor", "请他督办", None)
    ]
    assert (found["may_name"], desk.get(address).data["may_name"]) == (False, True)
    end = f"{address}{CaseMember.objects.get().pk}/end/"
    assert api("supervisor").post(end, {}).status_code == 403
    assert desk.post(end, {}).data["until"] is not None
    assert api("supervisor").get(address).status_code == 404
    assert (desk.post(end, {}).status_code, desk.post(end, {}).data["code"]) == (409, "not_inside")


def test_the_sentences_of_the_page_stand_at_the_fields(world: World, api: Client) -> None:
    officer(world)
    ticket, desk = tip(world, about_id=world.street_office.pk), api("officer")
    address = f"{AT}/{ticket.number}/circle/"
    accused = desk.post(address, supervisor(world, member=world.members["dispatcher"].pk))
    assert accused.status_code == 422
    assert "在被反映的单位任职" in str(accused.data["errors"])
    assert desk.post(address, supervisor(world, member=2**40)).status_code == 422
    assert desk.post(address, supervisor(world, role="friend")).status_code == 400
    assert desk.post(address, supervisor(world, note="x")).status_code == 400
    ordinary = report(world)
    assert desk.get(f"{AT}/{ordinary.number}/circle/").status_code == 404
    assert api("staff").get(f"{AT}/{ordinary.number}/circle/").status_code == 404
    assert api("staff").get(f"{AT}/{ordinary.number}/openings/").status_code == 404


def test_every_opening_is_listed_for_the_circle_alone(world: World, api: Client) -> None:
    officer(world)
    ticket, desk = tip(world), api("officer")
    assert desk.get(f"{AT}/{ticket.number}/").status_code == 200
    found = desk.get(f"{AT}/{ticket.number}/openings/").data
    assert (found["count"], found["results"][0]["by"], found["results"][0]["page"]) == (1, "郎受理", "接口")
    for name in ("supervisor", "dispatcher", "auditor", "official", "admin"):
        assert api(name).get(f"{AT}/{ticket.number}/openings/").status_code == 404


# ---------------------------------------------------------------- whom a report is about
def test_a_report_through_the_api_names_whom_it_is_about_and_never_reaches_them(world: World, api: Client) -> None:
    said = {"content": "街道食堂拿回扣。", "request_type": "report", "about": world.street_office.pk}
    number = Browser().post(f"{public(world)}/tickets/", said, content_type="application/json").json()["number"]
    ticket = Ticket.objects.get(number=number)
    assert (ticket.about_id, ticket.is_restricted) == (world.street_office.pk, True)
    assert api("center").get(f"{AT}/{number}/").data["about"]["id"] == world.street_office.pk
    assert api("dispatcher").get(f"{AT}/{number}/").status_code == 404
    recorded = api("staff").post(f"{AT}/", said)
    assert recorded.status_code == 201
    assert Ticket.objects.get(number=recorded.data["number"]).about_id == world.street_office.pk


def test_only_a_report_names_an_organization_and_only_one_there_is(world: World, api: Client) -> None:
    said = {"content": CONTENT, "about": world.street_office.pk}
    wrong = api("staff").post(f"{AT}/", said)
    assert wrong.status_code == 400
    assert "只有举报才填反映的单位" in str(wrong.data)
    assert api("staff").post(f"{AT}/", {**said, "request_type": "report", "about": 2**40}).status_code == 422
    center = api("staff").post(f"{AT}/", {**said, "request_type": "report", "about": world.center_office.pk})
    assert (center.status_code, "纪检监察" in str(center.data["errors"])) == (422, True)
    assert not Ticket.objects.exists()


# ---------------------------------------------------------------- letters
def written(world: World) -> str:
    said = {"content": "三单元楼道灯坏了一个星期，请书记管管。", "community": world.community.pk, "phone": PHONE}
    answer = Browser().post(f"{public(world)}/letters/", said, content_type="application/json")
    assert answer.status_code == 201
    return str(answer.json()["number"])


def test_letter_and_answers_go_to_and_fro_until_it_becomes_an_ordinary_matter(world: World, api: Client) -> None:
    number, secretary, author = written(world), api("secretary"), Browser()
    at, mine = f"{AT}/{number}", f"{public(world)}/tickets/{number}"

    def post(verb: str, **said: Any) -> int:
        body = {"secret": SECRET, **said}
        return author.post(f"{mine}/{verb}/", body, content_type="application/json").status_code

    rows = secretary.get("/api/v1/letters/").data
    assert (rows["count"], rows["results"][0]["number"], rows["results"][0]["consent"]) == (1, number, "")
    assert rows["results"][0]["due_at"] is not None
    assert secretary.post(f"{at}/reply-letter/", {"note": "今晚去看"}).status_code == 200
    assert secretary.get("/api/v1/letters/").data["results"][0]["due_at"] is None
    assert post("write", note="谢谢书记") == 200
    assert post("consent", agrees=True) == 409  # nobody has asked
    assert secretary.post(f"{at}/convert-letter/", {}).data["code"] == "no_consent"
    assert secretary.post(f"{at}/ask-consent/", {"note": "想请物业来修"}).status_code == 200
    assert secretary.get("/api/v1/letters/").data["results"][0]["consent"] == "asked"
    assert post("consent", agrees=True, secret="0000") == 404
    assert post("consent", agrees=True) == 200
    assert secretary.post(f"{at}/convert-letter/", {}).data["state"] == "handling"
    assert secretary.get("/api/v1/letters/").data["count"] == 0
    assert api("dispatcher").get(f"{at}/").status_code == 200


def test_a_letter_is_ended_with_a_last_word(world: World, api: Client) -> None:
    number, secretary = written(world), api("secretary")
    assert secretary.post(f"{AT}/{number}/end-letter/", {}).status_code == 400
    assert secretary.post(f"{AT}/{number}/end-letter/", {"note": "已经看过了"}).data["state"] == "closed"
    assert secretary.post(f"{AT}/{number}/reply-letter/", {"note": "x"}).status_code == 409


def test_nobody_but_the_secretary_has_letters_or_moves_of_them(world: World, api: Client) -> None:
    number = written(world)
    for name in ("staff", "dispatcher", "center", "supervisor", "official", "admin"):
        assert api(name).get("/api/v1/letters/").status_code == 403
        assert api(name).post(f"{AT}/{number}/reply-letter/", {"note": "x"}).status_code == 404
    assert api("other_secretary").get("/api/v1/letters/").data["count"] == 0
    ordinary = report(world)
    assert api("secretary").post(f"{AT}/{ordinary.number}/reply-letter/", {"note": "x"}).status_code == 403


def test_a_letter_without_a_community_or_a_secretary_is_refused(world: World) -> None:
    said = {"content": "x", "community": world.community2.pk}
    vacant = Browser().post(f"{public(world)}/letters/", said, content_type="application/json")
    assert (vacant.status_code, "没有书记在岗" in vacant.content.decode()) == (422, True)
    nowhere = Browser().post(f"{public(world)}/letters/", {"content": "x"}, content_type="application/json")
    assert nowhere.status_code == 400
    assert not Ticket.objects.exists()
