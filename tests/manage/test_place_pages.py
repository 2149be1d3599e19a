"""The administrator's pages for areas, compounds and buildings."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from grids.models import Area, Building, Compound
from grids.reference import territory
from tests.cases import report
from tests.world import World, make_district


@pytest.fixture
def admin(world: World) -> Client:
    return world.sign_in(Client(), "admin")


def post(client: Client, path: str, **said: object) -> Any:
    """Send a form; the test's own scope then learns that reference data has changed."""
    response = client.post(f"/manage/{path}", {"idempotency_key": str(uuid4()), **said})
    current_district().refresh_from_db()
    return response


def hidden(client: Client, path: str) -> dict[str, str]:
    """What a browser would send of the form on a page as it stands."""
    form, said = client.get(f"/manage/{path}").context["form"], {}
    for name, field in form.fields.items():
        if name == "idempotency_key":
            continue
        value = form[name].value()
        first = field.choices[0][0] if getattr(field, "choices", None) else ""
        said[name] = first if value is None else value
    return said


def test_the_tree_opens_one_branch_and_finds_by_name_or_code(world: World, admin: Client) -> None:
    page = admin.get("/manage/areas/")
    assert [row["branch"].area.id for row in page.context["rows"]] == [area.pk for area in world.streets]
    page = admin.get(f"/manage/areas/?open={world.community.pk}")
    names = [row["branch"].area.name for row in page.context["rows"]]
    assert names == ["东湖街道", "春晓社区", "春晓社区第一网格", "春晓社区第二网格", "夏荷社区", "西山街道"]
    rows = {row["branch"].area.id: row["branch"] for row in page.context["rows"]}
    assert (rows[world.street.pk].buildings, rows[world.grid.pk].buildings) == (8, 2)
    assert rows[world.grid.pk].holder == "周网格员"
    assert rows[world.grid2.pk].holder == ""
    found = admin.get("/manage/areas/?q=秋月 二").context["rows"]
    assert [row["branch"].area.name for row in found] == ["秋月社区第二网格"]
    assert (
        admin.get(f"/manage/areas/?q={world.grid.code}").context["rows"][0]["url"] == f"/manage/areas/{world.grid.pk}/"
    )
    assert admin.get("/manage/areas/?q=没有这里").context["rows"] == []
    lacking = admin.get("/manage/areas/?lack=holder").context["rows"]
    assert world.grid2.pk in [row["branch"].area.id for row in lacking]


def test_a_district_with_600_grids_costs_no_more_statements(world: World, admin: Client) -> None:
    path = f"/manage/areas/?open={world.community.pk}"
    admin.get(path)
    with CaptureQueriesContext(connection) as few:
        admin.get(path)
    rows = [
        Area(
            level="grid", code=f"{world.community2.code}{n:03d}", name=f"第{n}号网格", parent=world.community2,
            path=f"{world.community2.path}.{n:03d}", street_id=world.street.pk, community_id=world.community2.pk,
            valid_from=clock.today(),
        )
        for n in range(100, 700)
    ]  # fmt: skip
    Area.objects.bulk_create(rows)
    bump_reference()
    admin.get(path)
    with CaptureQueriesContext(connection) as many:
        page = admin.get(path)
    assert len(many) == len(few)
    assert len(page.context["rows"]) == 6
    assert len(admin.get("/manage/areas/?q=号网格").context["rows"]) == 50


def test_a_grid_is_founded_renamed_and_ended_in_the_browser(world: World, admin: Client) -> None:
    form = hidden(admin, f"areas/{world.community.pk}/new/")
    assert form["code"] == f"{world.community.code}003"
    wrong = post(admin, f"areas/{world.community.pk}/new/", **{**form, "name": "春晓社区第一网格"})
    assert wrong.status_code == 422
    assert "同一个上级下面已有这个名称" in wrong.content.decode()
    assert wrong.context["form"]["name"].value() == "春晓社区第一网格"
    key = str(uuid4())
    for _twice in range(2):
        said = {**form, "name": "春晓社区第三网格", "idempotency_key": key}
        assert admin.post(f"/manage/areas/{world.community.pk}/new/", said).status_code == 302
    grid = Area.objects.get(name="春晓社区第三网格")
    current_district().refresh_from_db()
    seen = hidden(admin, f"areas/{grid.pk}/edit/")
    assert post(admin, f"areas/{grid.pk}/edit/", **{**seen, "name": "丙网格"}).status_code == 302
    late = post(admin, f"areas/{grid.pk}/edit/", **{**seen, "name": "丁网格"})
    assert late.status_code == 422
    assert "名称现在是“丙网格”" in late.content.decode()
    again = {name: late.context["form"][name].value() for name in late.context["form"].fields}
    assert again["name"] == "丁网格"
    assert post(admin, f"areas/{grid.pk}/edit/", **again).status_code == 302
    assert post(admin, f"areas/{grid.pk}/end/", on=clock.today().isoformat()).status_code == 302
    assert grid.pk not in territory().areas
    assert admin.get(f"/manage/areas/{grid.pk}/").status_code == 200
    assert admin.get(f"/manage/areas/{grid.pk}/edit/").status_code == 404


def test_the_page_of_ending_lists_what_is_in_the_way_without_what_tickets_are_about(
    world: World, admin: Client
) -> None:
    ticket = report(world)
    page = admin.get(f"/manage/areas/{world.grid.pk}/end/")
    words = page.content.decode()
    assert "2 栋楼在这里" in words
    assert "2 人在岗" in words
    assert ticket.number in words
    assert ticket.content not in words
    assert f"/manage/buildings/?in=g{world.grid.pk}" in words
    assert post(admin, f"areas/{world.grid.pk}/end/", on=clock.today().isoformat()).status_code == 422
    assert world.grid.pk in territory().areas
    assert admin.get(f"/manage/areas/{world.district_area.pk}/end/").status_code == 404


def test_buildings_are_registered_moved_and_ended_in_the_browser(world: World, admin: Client) -> None:
    form = hidden(admin, f"buildings/new/?grid={world.grid.pk}")
    assert form["grid"] == str(world.grid.pk)
    wrong = post(admin, "buildings/new/", **{**form, "number": "9", "compound": world.compounds[2].pk})
    assert wrong.status_code == 422
    assert "不在网格所在的社区" in wrong.content.decode()
    assert wrong.context["form"]["number"].value() == "9"
    right = {**form, "number": "9", "compound": world.compound.pk}
    assert post(admin, "buildings/new/", **right).status_code == 302
    row = Building.objects.get(name="春晓花园9号楼")
    move = f"buildings/move/?b={row.pk}&b={world.building.pk}"
    assert len(admin.get(f"/manage/{move}").context["rows"]) == 2
    assert post(admin, move, grid=world.grid2.pk, compound="keep").status_code == 302
    assert set(Building.objects.filter(grid=world.grid2).values_list("pk", flat=True)) >= {row.pk, world.building.pk}
    assert post(admin, "buildings/move/", grid=world.grid.pk, compound="keep").status_code == 422
    assert post(admin, f"buildings/{row.pk}/rooms/", units=1, floors=3, doors=2).status_code == 302
    page = admin.get(f"/manage/buildings/{row.pk}/")
    assert page.context["rooms"] == 6
    assert [line["floor"] for line in page.context["floors"]] == [3, 2, 1]
    assert post(admin, f"buildings/{row.pk}/end/").status_code == 302
    assert row.name not in admin.get("/manage/buildings/").content.decode()


def test_buildings_are_found_by_words_place_and_compound(world: World, admin: Client) -> None:
    def names(query: str) -> list[str]:
        return [row["building"].name for row in admin.get(f"/manage/buildings/?{query}").context["rows"]]

    assert names("q=秋月 3号") == ["秋月花园3号楼"]
    assert names(f"in=g{world.grid.pk}") == ["春晓花园1号楼", "春晓花园2号楼"]
    assert len(names(f"in=c{world.community.pk}")) == 4
    assert len(names(f"compound={world.compound.pk}")) == 4
    assert len(names("in=x9&compound=y")) == 16


def test_compounds_are_listed_with_their_grids_and_changed_in_the_browser(world: World, admin: Client) -> None:
    rows = admin.get(f"/manage/compounds/?community={world.community.pk}").context["rows"]
    assert [(row["buildings"], len(row["grids"])) for row in rows] == [(4, 2)]
    form = hidden(admin, f"compounds/new/?community={world.community.pk}")
    assert post(admin, "compounds/new/", **{**form, "name": "梧桐里"}).status_code == 302
    row = Compound.objects.get(name="梧桐里")
    seen = hidden(admin, f"compounds/{row.pk}/edit/")
    assert post(admin, f"compounds/{row.pk}/edit/", **{**seen, "name": "春晓花园"}).status_code == 422
    assert post(admin, f"compounds/{row.pk}/edit/", **{**seen, "kind": "老旧小区"}).status_code == 302
    assert post(admin, f"compounds/{world.compound.pk}/end/").status_code == 422
    assert post(admin, f"compounds/{row.pk}/end/").status_code == 302
    assert admin.get(f"/manage/compounds/{row.pk}/edit/").status_code == 404


def test_another_district_finds_none_of_it_and_others_are_refused(world: World, admin: Client) -> None:
    foreign = make_district("t2", 2)
    for path in (
        f"areas/{foreign.grid.pk}/", f"areas/{foreign.grid.pk}/edit/", f"areas/{foreign.grid.pk}/end/",
        f"areas/{foreign.grid.pk}/border/", f"areas/{foreign.community.pk}/new/", f"buildings/{foreign.building.pk}/",
        f"buildings/{foreign.building.pk}/edit/", f"compounds/{foreign.compound.pk}/edit/",
    ):  # fmt: skip
        assert admin.get(f"/manage/{path}").status_code == 404, path
    said = json.dumps([row["rows"] for row in [admin.get(f"/manage/buildings/move/?b={foreign.building.pk}").context]])
    assert said == "[[]]"
    worker = world.sign_in(Client(), "worker")
    assert worker.get("/manage/areas/").status_code == 403
    assert worker.post(f"/manage/buildings/{world.building.pk}/end/").status_code == 403
