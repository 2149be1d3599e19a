"""Borders one by one: looked at first, judged, and a wrong one leaves the old."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import current_district
from grids.actions.borders import border_stamp, judge_border, remove_border, save_border
from grids.geometry import read_border
from grids.locate import locate
from grids.models import AreaBorder
from tests.world import SIDE, World


@pytest.fixture
def admin(world: World) -> Client:
    return world.sign_in(Client(), "admin")


def square(world: World, *, grid: int = 0, wide: float = 1.0, high: float = 1.0) -> dict[str, Any]:
    """The border of a grid of the world by number, so many times as wide and as high, from its south-west corner."""
    lng, lat = world.point_in(world.grids[grid])
    west, south = lng - SIDE / 2, lat - SIDE / 2
    east, north = west + wide * SIDE, south + high * SIDE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]}


def kept(world: World) -> Any:
    return AreaBorder.objects.get(area=world.grid).geometry


def test_a_border_beyond_the_parent_or_over_a_neighbour_is_refused_and_the_old_one_stays(world: World) -> None:
    before = kept(world)
    for geometry, words in (
        (square(world, wide=1.5), "在上级区域 春晓社区 之外"),
        (square(world, high=1.5), "和“春晓社区第二网格”重叠"),
    ):
        with pytest.raises(Invalid) as refused:
            save_border(world.grid, geometry=geometry, actor=world.admin)
        assert words in refused.value.message
    assert kept(world) == before


def test_a_smaller_border_is_saved_with_a_warning_of_the_gap_and_holds_at_once(world: World) -> None:
    geometry = square(world, wide=0.5)
    judged = judge_border(world.grid, geometry)
    assert judged.problems == ()
    assert "25% 的面积不在任何下级边界内" in judged.warnings[0]
    east = (world.point_in(world.grid)[0] + SIDE * 0.45, world.point_in(world.grid)[1])
    assert locate(point=east).located_by == "border"
    save_border(world.grid, geometry=geometry, actor=world.admin)
    assert locate(point=east).located_by != "border"
    assert AuditEvent.objects.get(action="border.replace").object_id == world.grid.pk


def test_a_border_its_children_stick_out_of_is_told(world: World) -> None:
    geometry = AreaBorder.objects.get(area=world.grid).geometry
    assert "这些下级区域会超出新边界：春晓社区第二网格" in " ".join(judge_border(world.community, geometry).warnings)


def test_one_in_pieces_needs_a_reason(world: World) -> None:
    whole = square(world, wide=0.3)["coordinates"]
    lng, lat = world.point_in(world.grid)
    part = [[lng, lat], [lng + 0.001, lat], [lng + 0.001, lat + 0.001], [lng, lat]]
    pieces = {"type": "MultiPolygon", "coordinates": [whole, [part]]}
    with pytest.raises(Invalid) as refused:
        save_border(world.grid, geometry=pieces, actor=world.admin)
    assert list(refused.value.fields) == ["split_reason"]
    assert save_border(world.grid, geometry=pieces, split_reason="隔着河", actor=world.admin).split_reason == "隔着河"
    assert save_border(world.grid, geometry=square(world), split_reason="隔着河", actor=world.admin).split_reason == ""


def test_a_border_changed_meanwhile_is_not_overwritten_unseen(world: World) -> None:
    seen = border_stamp(world.grid)
    save_border(world.grid, geometry=square(world, wide=0.5), stamp=seen, actor=world.admin)
    with pytest.raises(DomainError) as refused:
        save_border(world.grid, geometry=square(world), stamp=seen, actor=world.admin)
    assert refused.value.code == "changed_meanwhile"
    with pytest.raises(DomainError):
        remove_border(world.grid, stamp=seen, actor=world.admin)
    remove_border(world.grid, stamp=refused.value.data["stamp"], actor=world.admin)
    assert not AreaBorder.objects.filter(area=world.grid).exists()
    with pytest.raises(DomainError):
        remove_border(world.grid, actor=world.admin)
    with pytest.raises(NotAllowed):
        save_border(world.grid, geometry=square(world), actor=world.center)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "不是 GeoJSON"),
        ('{"type": "Point", "coordinates": [113, 34]}', "应当是 Polygon 或 MultiPolygon"),
        ('{"type": "Polygon", "coordinates": [[[500000, 34], [500001, 34], [500001, 35], [500000, 34]]]}', "WGS-84"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}', "自相交"),
        ('{"type": "Polygon", "coordinates": "x"}', "读不出来"),
        ('{"type": "FeatureCollection", "features": []}', "有 0 个要素"),
        ("[" * 100_000, "不是 GeoJSON"),
    ],
)
def test_what_is_no_border_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_border(text, "990001")


def test_a_collection_gives_the_feature_of_the_areas_code(world: World) -> None:
    mine, other = square(world), square(world, grid=1)
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
        for code, geometry in ((world.grid2.code, other), (world.grid.code, mine))
    ]
    collection = {"type": "FeatureCollection", "features": features}
    assert read_border(json.dumps(collection), world.grid.code) == mine
    assert read_border(json.dumps({**collection, "features": features[:1]}), "x") == other
    with pytest.raises(ValueError, match="有 2 个要素"):
        read_border(json.dumps(collection), "x")


def test_a_file_is_shown_before_it_is_saved(world: World, admin: Client) -> None:
    path, before = f"/manage/areas/{world.grid.pk}/border/", kept(world)
    stamp = admin.get(path).context["form"]["stamp"].value()
    file = SimpleUploadedFile("border.geojson", json.dumps(square(world, wide=0.5)).encode())
    page = admin.post(path, {"file": file, "stamp": stamp, "step": "save", "idempotency_key": str(uuid4())})
    assert page.status_code == 200
    assert kept(world) == before  # a file is always looked at first
    assert {shape["kind"] for shape in page.context["map"]["shapes"]} == {"up", "sib", "old", "new"}
    assert page.context["may_save"] is True
    form = page.context["form"]
    said = {name: form[name].value() or "" for name in ("text", "stamp", "idempotency_key", "split_reason")}
    assert admin.post(path, {**said, "step": "save"}).status_code == 302
    current_district().refresh_from_db()
    assert kept(world) == square(world, wide=0.5)
    assert admin.post(f"{path}remove/", {"idempotency_key": str(uuid4())}).status_code == 302
    assert not AreaBorder.objects.filter(area=world.grid).exists()


def test_a_wrong_border_is_shown_with_its_problem_and_cannot_be_saved(world: World, admin: Client) -> None:
    path, before = f"/manage/areas/{world.grid.pk}/border/", kept(world)
    text = json.dumps(square(world, high=1.5))
    for step in ("look", "save"):
        page = admin.post(path, {"text": text, "step": step, "idempotency_key": str(uuid4())})
        assert page.status_code == 422
        assert "重叠" in page.content.decode()
        assert page.context["form"]["text"].value() == text
        assert page.context["may_save"] is False
    assert kept(world) == before
    page = admin.post(path, {"text": "{}", "step": "look", "idempotency_key": str(uuid4())})
    assert page.status_code == 422
    assert "应当是 Polygon" in page.content.decode()


def test_the_area_page_draws_it_among_its_siblings(world: World, admin: Client) -> None:
    shapes = admin.get(f"/manage/areas/{world.grid.pk}/").context["map"]["shapes"]
    assert [(shape["kind"], shape["id"]) for shape in shapes] == [
        ("up", world.community.pk), ("sib", world.grid2.pk), ("own", world.grid.pk),
    ]  # fmt: skip
    assert shapes[2]["name"] == "第一网格"
    top = admin.get(f"/manage/areas/{world.district_area.pk}/").context["map"]["shapes"]
    assert [shape["kind"] for shape in top] == ["down", "down", "own"]
