"""连续登记 for programs (S2-05): good rows are recorded, bad ones come back with why, a repetition records nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from governance.kernel.models import AuditEvent, IdempotencyRecord
from requests_intake.models import Ticket
from tests.api.conftest import Client
from tests.cases import PHONE
from tests.world import World

pytestmark = pytest.mark.django_db
BULK = "/api/v1/tickets/bulk/"
KEY = {"HTTP_IDEMPOTENCY_KEY": "0b5c1e3e-6a0e-4a52-8f3e-000000000002"}


def row(world: World, content: str, **more: Any) -> dict[str, Any]:
    return {"content": content, "building": world.building.pk, **more}


def test_five_notes_in_one_request_are_five_matters(world: World, api: Client) -> None:
    """S2-05. G the secretary adds 5 notes; T 5 requests, each with channel=晨步."""
    words = ["楼道灯坏了", "井盖松了", "垃圾没人收", "车棚漏雨", "健身器材坏了"]
    who = {"name": "李小明", "phone": PHONE, "has_consented": True}
    body = {"rows": [row(world, text, **(who if n == 0 else {})) for n, text in enumerate(words)]}
    answer = api("secretary").post(BULK, body)
    assert answer.status_code == 200, answer.json()
    told = answer.json()
    tickets = list(Ticket.objects.order_by("pk"))
    assert [(ticket.content, ticket.channel) for ticket in tickets] == [(text, "morning_walk") for text in words]
    assert [each["number"] for each in told["recorded"]] == [ticket.number for ticket in tickets]
    assert [bool(each["follow_code"]) for each in told["recorded"]] == [False, True, True, True, True]
    assert told["refused"] == []
    assert AuditEvent.objects.filter(action="consent_on_behalf").count() == 1


def test_a_bad_row_says_why_and_stops_nobody(world: World, api: Client) -> None:
    rows = [
        row(world, "楼道灯坏了"),
        row(world, "没问过他", phone="13900000000"),
        row(world, ""),
        {"content": "井盖松了"},
        row(world, "别处的事") | {"building": world.buildings[8].pk},
        {"content": "小区里的事", "compound": world.compound.pk},
        row(world, "电话是遮住的", phone="139****0000", has_consented=True),
        row(world, "长" * 501),
        row(world, "多了一项", colour="red"),
    ]
    told = api("secretary").post(BULK, {"rows": rows, "channel": "door"}).json()
    assert [each["row"] for each in told["recorded"]] == [0, 5]
    assert set(Ticket.objects.values_list("channel", flat=True)) == {"door"}
    refused = {each["row"]: each["errors"] for each in told["refused"]}
    assert sorted(refused) == [1, 2, 3, 4, 6, 7, 8]
    assert "要先问过本人" in refused[1]["has_consented"][0]
    assert refused[2] == {"content": ["请写是什么事。"]}
    assert refused[3] == {"place": ["请选在哪儿。"]}
    assert "不在您的范围内" in refused[4]["place"][0]
    assert [list(refused[n]) for n in (6, 7, 8)] == [["phone"], ["content"], ["colour"]]


def test_a_repetition_records_nothing_and_gets_the_same_codes(world: World, api: Client) -> None:
    secretary, body = api("secretary"), {"rows": [row(world, "楼道灯坏了"), row(world, "")]}
    first, second = (secretary.post(BULK, body, **KEY) for _again in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Ticket.objects.count() == 1
    code = first.json()["recorded"][0]["follow_code"]
    assert all(code not in str(record.result) for record in IdempotencyRecord.objects.all())


def test_a_row_with_a_key_of_its_own_is_recorded_once_in_whatever_request(world: World, api: Client) -> None:
    secretary, good = api("secretary"), row(world, "楼道灯坏了", key="note-1")
    first = secretary.post(BULK, {"rows": [good, row(world, "", key="note-2")]}).json()
    again = secretary.post(BULK, {"rows": [good, row(world, "井盖松了", key="note-2")]}).json()
    assert first["recorded"][0] == again["recorded"][0]
    assert [each["row"] for each in again["recorded"]] == [0, 1]
    assert Ticket.objects.count() == 2


def test_where_no_row_is_good_the_key_stays_free(world: World, api: Client) -> None:
    worker = api("worker")
    refused = worker.post(BULK, {"rows": [{"content": "隔壁网格", "grid": world.grid2.pk}]}, **KEY)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_good_row")
    assert list(refused.json()["errors"]) == ["rows.0.place"]
    good = worker.post(BULK, {"rows": [{"content": "自己网格", "grid": world.grid.pk}]}, **KEY)
    assert good.status_code == 200
    assert Ticket.objects.get().grid_id == world.grid.pk


def test_who_has_no_place_of_their_own_is_told_why(world: World, api: Client) -> None:
    for who in ("dispatcher", "handler", "official", "visitor"):
        answer = api(who).post(BULK, {"rows": [row(world, "楼道灯坏了")]})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), who
    assert api("secretary").post(BULK, {"rows": [row(world, "x")] * 21}).status_code == 400
    assert api("secretary").post(BULK, {"rows": []}).status_code == 400
    assert not Ticket.objects.exists()


def test_whatever_is_in_a_row_is_refused_with_a_sentence(world: World, api: Client) -> None:
    rows = [row(world, "楼道灯坏了"), {"\ud800": 1}, {"content": {"a": [1]}}, {"content": "\ud800", "grid": 2**70}, {}]
    # As a program may write it: escaped, so that half a character arrives.
    answer = api("secretary").post(BULK, json.dumps({"rows": rows}), content_type="application/json", **KEY)
    assert answer.status_code == 200
    assert [each["row"] for each in answer.json()["refused"]] == [1, 2, 3, 4]
    for broken in ([1], [None], ["x"], {}, "x"):
        assert api("secretary").post(BULK, {"rows": broken}).status_code == 400
