"""专项摸排 through the API: the same actions, the same refusals, no words about people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.kernel import clock
from grids.canvasses.actions.canvasses import FieldDetails
from grids.canvasses.models import Canvass, CanvassAnswer
from tests.canvasses.helpers import WANTED, answer, fields, running
from tests.visits.helpers import homes
from tests.world import World

pytestmark = pytest.mark.django_db
HERE = "/api/v1/canvasses/"


def post(client: Client, path: str, said: dict | None = None):
    return client.post(path, said or {}, content_type="application/json")


def test_one_is_set_up_asked_and_erased(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    today = clock.today()
    world.sign_in(client, "secretary")
    said = {
        "area": world.community.pk, "title": "冬季疫苗", "purpose": "算清楚要多少支", "begins_on": f"{today}",
        "ends_on": f"{today + timedelta(days=9)}", "keep_days": 30, "quota": 5,
    }  # fmt: skip
    pk = post(client, HERE, said).json()["id"]
    assert post(client, f"{HERE}{pk}/change/", {**said, "title": "改名", "area": 1}).status_code == 400
    field = post(client, f"{HERE}{pk}/fields/", {"label": "要不要打", "kind": "yes_no"}).json()["id"]
    time = {"starts_at": f"{today + timedelta(days=1)}T09:00:00+08:00", "place": "站", "capacity": 1}
    slot = post(client, f"{HERE}{pk}/slots/", time).json()["id"]
    assert post(client, f"{HERE}{pk}/start/").status_code == 200
    world.sign_in(client, "worker")
    (row,) = client.get(f"{HERE}{pk}/households/").json()["results"]
    assert (row["household"], row["met"]) == (one.pk, "")
    body = {"values": [{"field": field, "option": 1}], "seats": 1, "slot": slot}
    path = f"{HERE}{pk}/households/{one.pk}/"
    assert post(client, path, body).status_code == 200
    late = post(client, path, {"met": "away"})
    assert (late.status_code, late.json()["code"]) == (409, "answered_meanwhile")
    found = client.get(f"{HERE}{pk}/").json()
    assert found["questions"][0]["options"] == [
        {"option": 1, "word": "是", "count": 1}, {"option": 0, "word": "否", "count": 0}
    ]  # fmt: skip
    assert found["slots"][0]["taken"] == 1
    assert post(client, f"/api/v1/canvass-answers/{CanvassAnswer.objects.get().pk}/withdraw/").status_code == 200
    assert post(client, f"{HERE}{pk}/erase/").status_code == 403
    world.sign_in(client, "secretary")
    assert post(client, f"{HERE}{pk}/erase/").status_code == 200
    assert Canvass.objects.get().erased_at is not None


def test_words_are_in_no_answer(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    row = running(world, WANTED, FieldDetails("要帮什么忙", "words", is_required=False))
    answer(row, one, world.worker, True, "腿脚不便")
    world.sign_in(client, "worker")
    for path in ("", f"{row.pk}/", f"{row.pk}/households/"):
        assert "腿脚" not in client.get(f"{HERE}{path}").content.decode()


def test_a_wrong_answer_is_said_at_its_question(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    row = running(world)
    world.sign_in(client, "worker")
    refused = post(client, f"{HERE}{row.pk}/households/{one.pk}/", {"values": []})
    assert refused.status_code == 422
    assert f"field_{fields(row)[0].pk}" in refused.json()["errors"]
