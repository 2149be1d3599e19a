"""网格调整 on the page: looked at first, nothing typed is lost, sent once."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from grids.coordinates import geometry_from_wgs
from grids.models import Area, AreaBorder
from grids.territory.models import GridChange
from tests.world import World

pytestmark = pytest.mark.django_db


def said(world: World, step: str, **more: Any) -> dict[str, Any]:
    return {
        "idempotency_key": str(uuid4()), "step": step, "name_1": "春晓社区第一网格", "name_2": "春晓社区第三网格",
        f"building_{world.buildings[0].pk}": "1", f"building_{world.buildings[1].pk}": "2",
        "reason": "户数太多", **more,
    }  # fmt: skip


def test_a_split_is_looked_at_sent_once_and_approved(world: World, client: Client) -> None:
    address = f"/desk/territory/grids/{world.grid.pk}/split/"
    world.sign_in(client, "secretary")
    looked = client.post(address, said(world, "look"))
    assert looked.status_code == 200
    assert [row["name"] for row in looked.context["pieces"]] == ["春晓社区第一网格", "春晓社区第三网格"]
    assert sum(each["properties"]["kind"] == "piece" for each in looked.context["shapes"]["features"]) == 2
    assert not GridChange.objects.exists()
    body = said(world, "send")
    assert client.post(address, body).status_code == 302
    assert client.post(address, body).status_code == 302
    change = GridChange.objects.get()
    page = world.sign_in(Client(), "dispatcher").get(f"/desk/territory/{change.pk}/")
    assert "同意，今天生效" in page.content.decode()
    street = world.sign_in(Client(), "dispatcher")
    decided = street.post(
        f"/desk/territory/{change.pk}/decide/", {"verb": "approve", "idempotency_key": str(uuid4())}, follow=True
    )
    assert "已生效" in decided.content.decode()
    assert Area.objects.filter(parent=world.community, ended_on=None).count() == 3


def test_a_building_left_out_is_named_and_what_was_typed_stays(world: World, client: Client) -> None:
    world.sign_in(client, "secretary")
    body = said(world, "look", reason="因为跑不过来")
    del body[f"building_{world.buildings[1].pk}"]
    found = client.post(f"/desk/territory/grids/{world.grid.pk}/split/", body)
    assert found.status_code == 422
    text = found.content.decode()
    assert f"这些楼栋还没有分到哪一片：{world.buildings[1].name}" in text
    assert "因为跑不过来" in text
    assert "春晓社区第三网格" in text


def test_a_merge_is_taken_back_on_the_page_and_a_refusal_without_reason_is_not_taken(
    world: World, client: Client
) -> None:
    world.sign_in(client, "secretary")
    address = f"/desk/territory/grids/{world.grid.pk}/merge/"
    missing = client.post(address, {"idempotency_key": str(uuid4()), "step": "look", "reason": "x"})
    assert missing.status_code == 422
    assert "请选并入哪个网格" in missing.content.decode()
    body = {"idempotency_key": str(uuid4()), "step": "send", "target": world.grid2.pk, "reason": "户数太少"}
    client.post(address, body)
    change = GridChange.objects.get()
    street = world.sign_in(Client(), "dispatcher")
    refused = street.post(f"/desk/territory/{change.pk}/decide/", {"verb": "refuse", "idempotency_key": str(uuid4())})
    assert refused.status_code == 422
    assert "请写明为什么不同意" in refused.content.decode()
    client.post(f"/desk/territory/{change.pk}/withdraw/", {"idempotency_key": str(uuid4())})
    assert GridChange.objects.get().state == "withdrawn"


def test_a_change_elsewhere_does_not_exist_for_others(world: World, client: Client) -> None:
    world.sign_in(client, "secretary")
    client.post(
        f"/desk/territory/grids/{world.grid.pk}/merge/",
        {"idempotency_key": str(uuid4()), "step": "send", "target": world.grid2.pk, "reason": "户数太少"},
    )
    change = GridChange.objects.get()
    for who, status in (("other_secretary", 404), ("other_dispatcher", 404), ("worker", 403), ("official", 200)):
        assert world.sign_in(Client(), who).get(f"/desk/territory/{change.pk}/").status_code == status, who


def test_borders_of_a_community_are_judged_and_saved_from_a_map_of_another_datum(world: World, client: Client) -> None:
    world.sign_in(client, "admin")
    address = f"/manage/areas/{world.community.pk}/borders/"
    page = client.get(address)
    text = json.loads(page.context["form"]["borders"].value())
    line = text["features"][0]["geometry"]["coordinates"][0]
    north = max(point[1] for point in line)
    for row in text["features"]:
        for ring in row["geometry"]["coordinates"]:
            for point in ring:
                point[1] = point[1] + 0.0005 if point[1] == north else point[1]
    for row in text["features"]:
        row["geometry"] = geometry_from_wgs(row["geometry"], "gcj02")
    body = {
        "idempotency_key": str(uuid4()), "datum": "gcj02", "stamp": page.context["form"]["stamp"].value(),
        "borders": json.dumps(text),
    }  # fmt: skip
    looked = client.post(address, {**body, "step": "look"})
    assert looked.status_code == 200
    assert "没有重叠，没有漏掉的地方" in looked.content.decode()
    before = AreaBorder.objects.get(area=world.grid).geometry
    assert client.post(address, {**body, "step": "save"}).status_code == 302
    after = AreaBorder.objects.get(area=world.grid).geometry
    assert after != before
    top = max(point[1] for point in after["coordinates"][0])
    assert top == pytest.approx(north + 0.0005, abs=2e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "文字读不出来"),
        ("{}", "请用 FeatureCollection"),
        ('{"features": [{"properties": {}, "geometry": null}]}', "网格编号 id"),
        ('{"features": [{"properties": {"id": 1}, "geometry": {"type": "Point"}}]}', "边界应当是"),
        ("[" * 5000, "文字读不出来"),
    ],
)
def test_what_is_no_set_of_borders_is_said_at_the_field(world: World, client: Client, text: str, words: str) -> None:
    world.sign_in(client, "admin")
    body = {"idempotency_key": str(uuid4()), "datum": "wgs84", "borders": text, "step": "look"}
    found = client.post(f"/manage/areas/{world.community.pk}/borders/", body)
    assert found.status_code == 422
    assert words in found.content.decode()
