"""邻里连心卡 (S1-14): the code in the stairwell opens whoever answers today, and nobody's own number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from governance.accounts.models import Staff
from governance.kernel import clock
from governance.kernel.reference import bump_reference
from grids.actions.absences import record_absence
from grids.actions.buildings import end_building, move_buildings
from grids.actions.compounds import update_compound
from grids.actions.heads import appoint_head
from grids.actions.posts import assign_post, end_assignment
from grids.models import Organization, PostAssignment
from requests_intake.neighbour_cards import Contact, called, card_of
from tests.cases import report
from tests.pages.residents import page
from tests.posts.cast import appoint
from tests.world import World, make_district

pytestmark = pytest.mark.django_db

TEAM, COMMITTEE = "0374-3350001", "0374-3350002"


@pytest.fixture(autouse=True)
def published(world: World) -> None:
    """The numbers of the offices, and people with full names and numbers of their own."""
    for office, number in ((world.grid_team, TEAM), (world.committee, COMMITTEE)):
        office.phone = number
        office.save()
    for name, person in (("worker", "周建国"), ("leader", "欧阳明"), ("staff", "郑小红")):
        staff = Staff.objects.get(membership=world.members[name])
        staff.name, staff.phone = person, "13755551234"
        staff.save()
    bump_reference()


def card(world: World, client: Client | None = None, status: int = 200) -> str:
    return page((client or Client()).get(f"/d/t1/card/{world.building.pk}/"), status)


def test_the_card_names_posts_and_published_numbers_and_nobody_in_full(world: World) -> None:
    text = card(world)
    for there in (
        "周网格员",
        f"tel:{TEAM}",
        "欧阳网格长",
        world.committee.name,
        "王书记",
        f"tel:{COMMITTEE}",
        "tel:12345",
    ):
        assert there in text
    for secret in ("周建国", "欧阳明", "13755551234", "137****1234"):
        assert secret not in text
    assert f"/d/t1/report/?building={world.building.pk}" in text
    assert f"/d/t1/grid/{world.grid.pk}/" in text


def test_an_old_card_shows_the_new_worker(world: World) -> None:
    yesterday = clock.today() - timedelta(days=1)
    held = PostAssignment.objects.select_related("post").get(membership=world.members["worker"])
    end_assignment(held, until=yesterday, actor=world.admin)
    text = card(world)
    assert "周网格员" not in text
    assert "网格员暂缺" in text
    assert f"tel:{COMMITTEE}" in text
    assign_post(held.post, membership=world.members["staff"], since=clock.today(), actor=world.admin)
    assert "郑网格员" in card(world)


def test_who_is_away_is_stood_in_for_and_a_building_that_moved_has_the_worker_of_its_new_grid(world: World) -> None:
    today = clock.today()
    record_absence(world.members["worker"], since=today, until=today, deputy=world.members["staff"], actor=world.admin)
    assert "郑网格员" in card(world)
    move_buildings([world.building.pk], grid=world.grid2, actor=world.admin)
    assert world.grid2.name in card(world)
    assert "网格员暂缺" in card(world)


def test_heads_of_the_building_are_named_and_have_no_number(world: World) -> None:
    appoint_head(world.building, unit=None, membership=world.members["handler"], since=clock.today(), actor=world.admin)
    text = card(world)
    assert "褚楼栋长" in text
    assert "褚楼栋长" not in page(Client().get(f"/d/t1/card/{world.buildings[1].pk}/"))


def test_police_and_property_stand_on_the_card_and_change_with_the_people(world: World) -> None:
    """S1-14: grid worker, head of the building, property, police: whoever it is on the day the code is read."""
    assert "民警" not in card(world)
    held = appoint(world, world.community, "community_police", "handler")
    company = Organization.objects.create(
        name="春晓物业", kind="property_company", level="street", area=world.street, phone="0374-3350003"
    )
    bump_reference()
    update_compound(
        world.compound, name=world.compound.name, management="professional", property_company=company, actor=world.admin
    )
    text = card(world)
    for there in ("褚民警", "急事打 110", "春晓物业", "小区的物业", "tel:0374-3350003"):
        assert there in text
    end_assignment(held, until=clock.today() - timedelta(days=1), actor=world.admin)
    assert "褚民警" not in card(world)


def test_on_paper_heads_without_a_number_share_a_line(world: World) -> None:
    appoint_head(world.building, unit=None, membership=world.members["handler"], since=clock.today(), actor=world.admin)
    found = card_of(world.building.pk)
    assert found is not None
    named = replace(found, others=(*found.others, Contact("吕1单元长", "楼里的事可以当面说", "")))
    assert [row.name for row in named.on_paper if not row.tel] == ["褚楼栋长、吕1单元长"]
    assert [row.name for row in named.on_paper if row.tel] == [row.name for row in found.others if row.tel]


def test_a_building_that_is_gone_or_anothers_leads_to_the_search(world: World) -> None:
    other = make_district("t2", 2)
    assert Client().get(f"/d/t1/card/{other.building.pk}/").status_code == 404
    end_building(world.building, actor=world.admin)
    text = card(world, status=404)
    assert "没有这栋楼了" in text
    assert "tel:12345" in text


@pytest.mark.parametrize(
    ("name", "word"), [("周建国", "周网格员"), ("欧阳明", "欧阳网格员"), ("", "网格员"), (" 李 ", "李网格员")]
)
def test_one_is_addressed_by_surname_and_post(name: str, word: str) -> None:
    assert called(name, "网格员") == word


def test_the_device_remembers_the_first_card_and_changes_it_when_told(world: World) -> None:
    client, other = Client(), world.buildings[1]
    assert "找我的网格员" in page(client.get("/d/t1/"))
    card(world, client)
    home = page(client.get("/d/t1/"))
    assert "周网格员" in home
    assert f'href="tel:{TEAM}"' in home
    cookie = client.cookies[f"home-{world.district.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/d/t1/")
    assert int(cookie["max-age"]) == 365 * 24 * 3600
    # A neighbour's card does not change it by itself.
    shown = page(client.get(f"/d/t1/card/{other.pk}/"))
    assert "这是我家" in shown
    assert cookie.value == str(world.building.pk)
    client.post("/d/t1/card/keep/", {"building": other.pk})
    assert client.cookies[f"home-{world.district.pk}"].value == str(other.pk)
    assert f'value="{other.pk}"' in page(client.get("/d/t1/report/"))
    client.post("/d/t1/card/keep/")
    assert "找我的网格员" in page(client.get("/d/t1/"))


@pytest.mark.parametrize("wrong", ["999999", "abc", "²", "9" * 30, ""])
def test_a_cookie_that_names_no_building_is_as_none(world: World, wrong: str) -> None:
    client = Client()
    client.cookies[f"home-{world.district.pk}"] = wrong
    assert "找我的网格员" in page(client.get("/d/t1/"))
    assert client.get("/d/t1/settings/").status_code == 200
    assert client.post("/d/t1/card/keep/", {"building": wrong}).headers["Location"] == "/d/t1/settings/"


def test_who_reported_calls_the_worker_of_that_place(world: World) -> None:
    client = Client()
    ticket = report(world)
    client.post("/d/t1/track/", {"number": ticket.number, "secret": "1234"})
    assert f'href="tel:{TEAM}"' in page(client.get("/d/t1/"))


def test_the_building_is_found_by_words_and_by_community(world: World) -> None:
    found = page(Client().get("/d/t1/card/?q=" + quote("春晓花园 1")))
    assert f"/d/t1/card/{world.building.pk}/" in found
    assert f"/d/t1/card/{world.building.pk}/" in page(Client().get(f"/d/t1/card/?community={world.community.pk}"))
    assert "没有找到" in page(Client().get("/d/t1/card/?q=" + quote("不存在的地方")))
    assert Client().get("/d/t1/card/?community=²").status_code == 200


# ---------------------------------------------------------------- printing
def printed(world: World, name: str, **query: Any) -> Any:
    return world.sign_in(Client(), name).get("/desk/cards/", query).context


def test_one_prints_the_cards_of_ones_own_place(world: World) -> None:
    def buildings(name: str, **query: Any) -> set[int]:
        return {item["card"].building.id for item in printed(world, name, **query)["cards"]}

    own = {row.pk for row in world.buildings if row.grid_id == world.grid.pk}
    community = {row.pk for row in world.buildings if row.grid_id in (world.grid.pk, world.grid2.pk)}
    assert buildings("worker") == own
    assert buildings("staff") == community
    assert len(printed(world, "dispatcher")["places"]) == 2
    assert buildings("staff", building=world.building.pk) == {world.building.pk}
    elsewhere = next(row.pk for row in world.buildings if row.grid_id == world.other_grid.pk)
    assert buildings("staff", building=elsewhere) == set()
    assert world.sign_in(Client(), "handler").get("/desk/cards/").status_code == 403


def test_the_code_on_paper_is_the_public_address_of_the_building(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr("requests_intake.views.desk_cards.code_to_scan", lambda address: made.append(address) or "")
    printed(world, "staff", building=world.building.pk)
    assert made == [f"http://testserver/d/t1/card/{world.building.pk}/"]


def test_a_large_compound_is_printed_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_intake.views.desk_cards.AT_ONCE", 3)
    first, second = printed(world, "staff"), printed(world, "staff", part="2")
    assert (len(first["cards"]), len(second["cards"]), first["parts"]) == (3, 1, ["1", "2"])
    assert len(printed(world, "staff", part="x")["cards"]) == 3
