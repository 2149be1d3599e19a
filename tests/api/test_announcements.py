"""公告 for programs: what residents read, narrowed by place, in the district of the address."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.kernel.tenancy.context import no_district
from services.actions.announcements import withdraw_announcement
from services.audience import Audience
from tests.cases import announcement, announcement_draft
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
LIST = "/d/t1/api/v1/public/announcements/"


def get(path: str) -> Any:
    with no_district():
        return Client().get(path)


def titles(query: str) -> list[str]:
    return [row["title"] for row in get(f"{LIST}?{query}").json()["results"]]


@pytest.fixture
def three(world: World) -> World:
    """To the first building, to the whole second community, and to staff alone; and a draft."""
    announcement(world, title="一号楼停水")
    announcement(world, by="center", title="夏荷体检", audience=Audience(areas=frozenset({world.communities[1].pk})))
    workers = Audience(posts=frozenset({("grid_worker", world.community.pk)}))
    announcement(world, title="只给网格员", audience=workers)
    announcement_draft(world, title="没写完")
    return world


def test_what_residents_read_is_listed_newest_first_and_nothing_else(three: World) -> None:
    found = get(LIST).json()
    assert (found["count"], titles("")) == (2, ["夏荷体检", "一号楼停水"])
    row = found["results"][1]
    assert row == get(f"{LIST}{row['number']}/").json()
    assert (row["organization"]["name"], row["to"], row["version"]) == ("春晓社区居委会", "春晓花园1号楼", 1)


def test_places_narrow_the_list(three: World) -> None:
    first, second = three.buildings[0].pk, three.buildings[1].pk
    assert titles(f"building={first}") == ["一号楼停水"]
    assert titles(f"building={second}") == []
    assert titles(f"building={three.buildings[4].pk}") == ["夏荷体检"]
    assert titles(f"area={three.grid.pk}") == ["一号楼停水"]
    assert titles(f"area={three.street.pk}") == ["夏荷体检", "一号楼停水"]
    assert titles(f"area={three.other_street.pk}") == []
    assert titles("area=999999") == titles("building=999999") == []


def test_pages_end(three: World) -> None:
    assert titles("page=1") == ["夏荷体检", "一号楼停水"]
    assert get(f"{LIST}?page=2").json() == {"count": 2, "results": []}


def test_of_a_withdrawn_one_only_that_and_why_is_told(three: World) -> None:
    row = announcement(three, title="发错了的")
    withdraw_announcement(row, reason="发错了范围。", actor=three.secretary)
    assert "发错了的" not in titles("")
    found = get(f"{LIST}{row.number}/").json()
    assert (found["state"], found["title"], found["text"]) == ("withdrawn", "", "")
    assert found["withdrawal"] == "发错了范围。"


def test_what_is_for_staff_is_not_there(three: World) -> None:
    assert get(f"{LIST}3/").status_code == 404
    assert get(f"{LIST}4/").status_code == 404


@pytest.mark.parametrize("query", ["words=x", "page=0", "area=a", "building=0", "area=1&building=1", "past=perhaps"])
def test_a_question_that_is_not_understood_is_refused(three: World, query: str) -> None:
    response = get(f"{LIST}?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_another_district_and_no_district_give_nothing(three: World) -> None:
    make_district("t2", 2)
    assert get("/d/t2/api/v1/public/announcements/").json()["count"] == 0
    assert get("/d/t2/api/v1/public/announcements/1/").status_code == 404
    assert get("/api/v1/public/announcements/").status_code == 404
