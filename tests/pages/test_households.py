"""The register's pages on phone and desk: the matrix, a household, tags, places and things, base figures."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.models import AuditEvent
from governance.privacy.models import Disclosure
from grids.households.actions.figures import Declared, declare_figure
from grids.households.actions.tags import tag_household
from grids.households.models import BaseFigure, GridElement, Household, HouseholdTag, Person, ServiceRole
from tests.households.homes import PHONE, home, many, tag, with_rooms

SURFACES = ("/m/households/", "/desk/households/")


@pytest.fixture
def rooms(world):
    return with_rooms(world.building, units=3, floors=11, doors=2)


def cells(page: str) -> list[str]:
    return re.findall(r'<a class="mc[^"]*" href="([^"]*)"', page)


def test_a_building_of_three_entrances_eleven_floors_and_two_doors_shows_66_cells(world, rooms, client):
    row = home(world.building, rooms[0], world.worker)
    world.sign_in(client, "staff")
    page = client.get(f"/desk/households/buildings/{world.building.pk}/").content.decode()
    assert len(cells(page)) == 66
    assert page.count('<table class="mx">') == 3
    assert page.count('<th scope="row">') == 33
    assert f"/desk/households/{row.pk}/" in cells(page)
    assert PHONE not in page
    assert "张小三" not in page


def test_the_phone_shows_one_entrance_at_a_time(world, rooms, client):
    world.sign_in(client, "worker")
    address = f"/m/households/buildings/{world.building.pk}/"
    for unit in (1, 3):
        page = client.get(f"{address}?unit={unit}").content.decode()
        assert len(cells(page)) == 22
        assert f"{unit}单元</caption>" in page
    assert len(cells(client.get(f"{address}?unit=nonsense").content.decode())) == 22


def test_one_tap_on_a_cell_opens_its_household_and_an_empty_one_registers(world, rooms, client):
    row = home(world.building, rooms[-2], world.worker)
    world.sign_in(client, "worker")
    page = client.get(f"/m/households/buildings/{world.building.pk}/?unit=3").content.decode()
    found = cells(page)
    opened = client.get(next(url for url in found if url.endswith(f"/{row.pk}/"))).content.decode()
    assert "张*三" in opened
    assert "139****1234" in opened
    assert PHONE not in opened
    assert "张小三" not in opened
    empty = client.get(next(url for url in found if "new/?room=" in url).replace("&amp;", "&"))
    assert empty.status_code == 200


def test_the_matrix_needs_as_many_statements_for_many_flats_as_for_few(world, client):
    few, lot = with_rooms(world.buildings[0], 1, 2, 2), with_rooms(world.buildings[1], 4, 20, 4)
    many(world.buildings[0], few[:1], world.worker)
    word = tag(world.admin)
    for row in many(world.buildings[1], lot, world.worker)[:30]:
        tag_household(row, word, reason="社区核实", actor=world.worker)
    world.sign_in(client, "worker")
    counts = []
    for building in world.buildings[:2]:
        client.get(f"/m/households/buildings/{building.pk}/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/m/households/buildings/{building.pk}/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_colour_never_speaks_alone_and_a_restricted_tag_is_neutral(world, rooms, client):
    word = tag(world.admin)
    secret = tag(
        world.admin, name="常看望", mark="望", colour="plum", is_sensitive=True, readers=["community_secretary"]
    )
    tag_household(home(world.building, rooms[0], world.worker), word, reason="本人愿意", actor=world.worker)
    hidden = home(world.building, rooms[1], world.worker)
    tag_household(hidden, secret, reason="独居，本人同意", actor=world.secretary)
    address = f"/desk/households/buildings/{world.building.pk}/"
    world.sign_in(client, "worker")
    page = client.get(address).content.decode()
    assert '<i class="hc-rose">党</i>' in page
    assert re.search(r'<span class="sr">1单元101，自住，1户2人，党员户<', page)
    assert "hc-neutral" in page
    for said in ("常看望", "望</i>", "hc-plum", "独居"):
        assert said not in page
    world.sign_in(client, "secretary")
    assert '<i class="hc-plum">望</i>' in client.get(address).content.decode()
    by_use = client.get(f"{address}?by=use").content.decode()
    assert by_use.count('<i class="hc-use-owner">自</i>') == 66


def test_the_attempt_to_open_a_restricted_tag_is_refused_and_written_down(world, rooms, client):
    secret = tag(world.admin, name="常看望", mark="望", is_sensitive=True, readers=["community_secretary"])
    tagging = tag_household(
        home(world.building, rooms[0], world.worker), secret, reason="独居，本人同意", actor=world.secretary
    )
    world.sign_in(client, "worker")
    said = {"reason": "home_visit", "idempotency_key": "k1"}
    refused = client.post(f"/m/households/taggings/{tagging.pk}/open/", said)
    assert refused.status_code == 403
    assert "独居" not in refused.content.decode()
    assert AuditEvent.objects.filter(action="reveal_tag", succeeded=False).count() == 1
    again = client.post(f"/m/households/taggings/{tagging.pk}/open/", said)
    assert again.status_code == 403, "a refused form sent again is refused again"
    world.sign_in(client, "secretary")
    opened = client.post(f"/desk/households/taggings/{tagging.pk}/open/", said)
    assert "独居，本人同意" in opened.content.decode()


@pytest.mark.parametrize("surface", SURFACES)
def test_a_number_is_shown_once_after_a_reason_and_kept_by_nobody(world, rooms, client, surface):
    row = home(world.building, rooms[0], world.worker)
    world.sign_in(client, "worker")
    address = f"{surface}{row.pk}/open/phone/"
    assert PHONE not in client.get(address).content.decode()
    asked = client.post(address, {"reason": "other", "words": "", "idempotency_key": "k1"})
    assert asked.status_code == 422
    assert "请写明为什么要看" in asked.content.decode()
    said = {"reason": "home_visit", "idempotency_key": "k2"}
    for _tapped_twice in range(2):
        shown = client.post(address, said)
        assert PHONE in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert Disclosure.objects.filter(object_kind="household", field="phone").count() == 1
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        again = client.post(address, said)
    assert (again.status_code, PHONE in again.content.decode()) == (422, False)
    assert "刚才已经看过了" in again.content.decode()
    assert client.get(f"{surface}{row.pk}/open/birth/").status_code == 404


@pytest.mark.parametrize("surface", SURFACES)
def test_a_household_is_registered_changed_moved_and_ended_by_its_forms(world, rooms, client, surface):
    world.sign_in(client, "worker")
    new = f"{surface}buildings/{world.building.pk}/new/"
    wrong = client.post(
        new,
        {"idempotency_key": "a", "room": rooms[0].pk, "kind": "family", "people_count": "多", "contact_name": "王五"},
    )
    assert wrong.status_code == 422
    assert 'value="王五"' in wrong.content.decode()
    said = {"idempotency_key": "a", "room": rooms[0].pk, "kind": "family", "people_count": 3, "contact_name": "王五"}
    for _twice in range(2):
        client.post(new, said)
    row = Household.objects.get()
    assert (row.people_count, row.contact_name, row.room) == (3, "王五", rooms[0])
    one = f"{surface}{row.pk}/"
    client.post(f"{one}edit/", {"idempotency_key": "b", "kind": "shared", "people_count": 4})
    row.refresh_from_db()
    assert (row.kind, row.contact_name) == ("shared", "王五")  # nobody saw the name, nobody changed it
    client.post(f"{one}edit/", {"idempotency_key": "b2", "kind": "shared", "people_count": 4, "forget": "on"})
    row.refresh_from_db()
    assert row.contact_name == ""
    assert client.get(f"{one}move/").status_code == 200
    move = {"idempotency_key": "c", "room": rooms[5].pk, "on": date.today().isoformat()}
    client.post(f"{one}move/?building={world.building.pk}", move)
    row.refresh_from_db()
    assert row.room == rooms[5]
    assert "以前住" in client.get(one).content.decode()
    client.post(f"{one}end/", {"idempotency_key": "d", "reason": "moved_out", "on": date.today().isoformat()})
    row.refresh_from_db()
    assert row.ended_on is not None
    assert "已迁出" in client.get(one).content.decode()


@pytest.mark.parametrize("surface", SURFACES)
def test_people_are_written_corrected_and_ended_by_their_forms(world, rooms, client, surface):
    row = home(world.building, rooms[0], world.worker)
    world.sign_in(client, "worker")
    client.post(
        f"{surface}{row.pk}/people/", {"idempotency_key": "a", "name": "赵六", "relation": "parent", "birth_year": 1940}
    )
    person = Person.objects.get(household=row, relation="parent")
    masked = client.post(f"{surface}people/{person.pk}/", {"idempotency_key": "b", "name": "赵*", "relation": "parent"})
    assert masked.status_code == 422
    client.post(f"{surface}people/{person.pk}/", {"idempotency_key": "b", "relation": "relative", "birth_year": 1941})
    person.refresh_from_db()
    assert (person.name, person.relation, person.birth_year) == ("赵六", "relative", 1941)
    client.post(
        f"{surface}people/{person.pk}/end/", {"idempotency_key": "c", "reason": "left", "on": date.today().isoformat()}
    )
    person.refresh_from_db()
    assert person.ended_on is not None
    assert "赵*" in client.get(f"{surface}{row.pk}/").content.decode()


def test_households_are_found_by_building_room_number_and_tag(world, rooms, client):
    first = home(world.building, rooms[0], world.worker, code="7788")
    home(world.building, rooms[1], world.worker, contact_phone="")
    word = tag(world.admin)
    tag_household(first, word, reason="本人愿意", actor=world.worker)
    world.sign_in(client, "worker")
    name = world.building.name

    def found(query: str) -> int:
        return client.get(f"/m/households/?{query}").context["page"].paginator.count

    assert found(f"q={name}") == 2
    assert found(f"q={name} 101") == found(f"q={name}101") == found("q=1单元101") == found("q=7788") == 1
    assert found("q=909") == found("q=没有的楼") == 0
    assert found(f"tag={word.pk}") == 1
    world.sign_in(client, "other_worker")
    assert found(f"q={name}") == 0


def test_lists_need_as_many_statements_for_many_rows_as_for_few(world, rooms, client):
    declare_figure(world.community.pk, Declared(date(2020, 1, 1), "统计年报", 66), actor=world.secretary)
    addresses = (f"/desk/households/?q={world.building.name}", "/desk/households/", "/m/households/")
    pages = (*addresses, f"/desk/households/figures/{world.community.pk}/")
    world.sign_in(client, "secretary")
    counts: list[list[int]] = []
    for first, last in ((0, 2), (2, 40)):
        word = HouseholdTag.objects.first() or tag(world.admin)
        for row in many(world.building, rooms[first:last], world.worker):
            tag_household(row, word, reason="社区核实", actor=world.worker)
        found = []
        for address in pages:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        counts.append(found)
    assert counts[0] == counts[1]


def test_the_community_goes_down_by_grid_and_building(world, client):
    world.sign_in(client, "secretary")
    every = client.get("/desk/households/").context
    assert [each["label"] for each in every["grids"]] == ["全部", world.grid.name, world.grid2.name]
    assert every["page"].paginator.count == 4
    assert client.get(f"/desk/households/?grid={world.grid2.pk}").context["page"].paginator.count == 2


def test_buildings_stand_in_the_order_of_their_numbers(world, client):
    for number, building in zip(("10", "2"), world.buildings[:2], strict=True):
        building.number, building.name = number, f"春晓花园{number}号楼"
        building.save()
    world.sign_in(client, "worker")
    names = [row["name"] for row in client.get("/m/households/").context["buildings"]]
    assert names == ["春晓花园2号楼", "春晓花园10号楼"]


def test_a_phone_number_finds_the_household_and_stands_in_no_address(world, rooms, client):
    home(world.building, rooms[0], world.worker)
    for name, number in (("worker", 1), ("other_worker", 0)):
        world.sign_in(client, name)
        page = client.post("/m/households/find/", {"phone": "139 0000 1234"})
        assert len(page.context["rows"]) == number
        assert PHONE not in page.content.decode().replace('value="139 0000 1234"', "")
    assert client.get(f"/m/households/?q={PHONE}").context["page"].paginator.count == 0


@pytest.mark.parametrize("surface", SURFACES)
def test_a_place_and_a_thing_are_registered_and_taken_out(world, client, surface):
    world.sign_in(client, "worker")
    client.post(f"{surface}elements/place/new/", {"idempotency_key": "a", "kind": "school", "name": "春晓小学"})
    client.post(
        f"{surface}elements/thing/new/", {"idempotency_key": "b", "kind": "manhole", "name": "门口井盖", "code": "JG-1"}
    )
    assert "春晓小学" in client.get(f"{surface}places/").content.decode()
    assert "JG-1" in client.get(f"{surface}things/?q=JG-1").content.decode()
    row = GridElement.objects.get(code="JG-1")
    client.post(f"{surface}elements/{row.pk}/end/", {"idempotency_key": "c"})
    assert "JG-1" not in client.get(f"{surface}things/").content.decode()
    assert client.get(f"{surface}organizations/").status_code == 200


def test_my_grid_has_six_tabs_and_each_opens(world, client):
    world.sign_in(client, "worker")
    tabs = client.get("/m/households/").context["grid_tabs"]
    assert [tab["label"] for tab in tabs] == ["人", "地", "物", "事", "组织", "力量"]
    for tab in tabs:
        assert client.get(tab["url"]).status_code == 200


def test_the_secretary_sees_the_gap_by_building_and_declares_a_new_figure(world, rooms, client):
    many(world.building, rooms[:17], world.worker)
    declare_figure(world.community.pk, Declared(date(2020, 1, 1), "统计年报", 66), actor=world.secretary)
    world.sign_in(client, "secretary")
    address = f"/desk/households/figures/{world.community.pk}/"
    assert client.get("/desk/households/figures/").headers["Location"] == address
    page = client.get(address).content.decode()
    assert "−49" in page
    assert world.building.name in page
    said = {"idempotency_key": "a", "on": "2021-01-01", "source": "移交清册", "households": 17}
    client.post(address, said)
    assert BaseFigure.objects.count() == 2
    assert "对上了" in client.get(address).content.decode()
    world.sign_in(client, "street_leader")
    assert "登记新的基数" not in client.get(address).content.decode()
    assert client.post(address, {**said, "idempotency_key": "z"}).status_code == 403
    world.sign_in(client, "other_dispatcher")
    assert client.get(address).status_code == 404


def test_the_administrator_sets_tags_and_roles_and_reads_why_a_word_is_refused(world, client):
    world.sign_in(client, "admin")
    said = {"idempotency_key": "a", "name": "黑户", "mark": "黑", "colour": "rose", "meaning": "没有户口"}
    refused = client.post("/manage/household-tags/new/", said)
    assert refused.status_code == 422
    assert "“黑户”不能用" in refused.content.decode()
    assert 'value="没有户口"' in refused.content.decode()
    client.post("/manage/household-tags/new/", {**said, "name": "需协助", "mark": "助", "idempotency_key": "b"})
    row = HouseholdTag.objects.get()
    assert "需协助" in client.get("/manage/household-tags/").content.decode()
    changed = {**said, "name": "需协助登记", "mark": "助", "idempotency_key": "c"}
    client.post(f"/manage/household-tags/{row.pk}/", changed)
    row.refresh_from_db()
    assert row.name == "需协助登记"
    client.post(f"/manage/household-tags/{row.pk}/retire/", {"idempotency_key": "d"})
    row.refresh_from_db()
    assert row.ended_on is not None
    page = client.get("/manage/household-tags/roles/")
    assert "宣传员" in page.content.decode()
    assert not ServiceRole.objects.exists()  # a suggestion counts when it is saved
    client.post("/manage/household-tags/roles/", {"idempotency_key": "e", "name_0": "宣传员", "duty_0": "讲政策"})
    assert ServiceRole.objects.get().duty == "讲政策"


def test_other_districts_and_other_posts_stay_outside(world, rooms, client):
    row = home(world.building, rooms[0], world.worker)
    for name, status in (("other_worker", 404), ("official", 403), ("handler", 403), ("admin", 403)):
        world.sign_in(client, name)
        assert client.get(f"/desk/households/{row.pk}/").status_code == status
        assert client.get(f"/m/households/buildings/{world.building.pk}/").status_code == status


def test_the_levels_above_find_the_figures_among_their_ledgers(world, client):
    for name in ("street_leader", "dispatcher", "official", "secretary"):
        world.sign_in(client, name)
        assert "户数对照" in client.get("/desk/ledgers/").content.decode(), name
    world.sign_in(client, "handler")
    assert "户数对照" not in client.get("/desk/ledgers/").content.decode()
