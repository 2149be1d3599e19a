"""Pages of posts and forces: coverage at the desk, forces on phone and desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.privacy.models import Disclosure
from grids.models import Area, Building, Post, PostAssignment
from grids.posts.actions.forces import end_force
from grids.posts.actions.lines import set_business_lines
from grids.posts.law import checklist
from grids.posts.models import BusinessLine, Force, LawBuilding, LineAssignment, NominationRound
from grids.posts.policies import read_places
from tests.households.homes import many, with_rooms
from tests.posts.cast import PHONE, appoint, force

SURFACES = ("/m/posts/", "/desk/posts/")


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def ticked(text):
    """Boxes of the form that are ticked; the frame has one of its own, for the keys."""
    return text.split("</main>")[0].count(" checked")


def test_the_secretary_filters_grids_by_vacancy_and_by_too_many_households(world, client):
    Area.objects.filter(pk=world.grid.pk).update(household_count=641)
    Area.objects.filter(pk=world.grid2.pk).update(household_count=400)
    appoint(world, world.grid, "party_instructor", "supervisor")
    world.sign_in(client, "secretary")
    vacant = page(client, "/desk/posts/grids/?show=vacant")
    assert "春晓社区第二网格</a>" in vacant
    assert "春晓社区第一网格</a>" not in vacant
    assert "缺岗" in vacant
    large = page(client, "/desk/posts/grids/?show=large")
    assert "春晓社区第一网格</a>" in large
    assert "春晓社区第二网格</a>" not in large
    assert "多 141 户" in large


def test_the_secretary_of_a_grid_that_is_too_large_is_offered_a_split(world, client):
    Area.objects.filter(pk=world.grid.pk).update(household_count=641)
    Building.objects.filter(grid=world.grid).update(household_count=300)
    world.sign_in(client, "secretary")
    text = page(client, f"/desk/posts/grids/{world.grid.pk}/")
    assert "可以拆成两个网格" in text
    assert text.count("约 300 户") == 2
    assert "春晓花园1号楼" in text
    assert f"/desk/territory/grids/{world.grid.pk}/split/" in text
    assert "可以拆成两个网格" not in page(client, f"/desk/posts/grids/{world.grid2.pk}/")
    page(client, f"/desk/posts/grids/{world.other_grid.pk}/", 404)


def test_the_official_reads_how_many_communities_have_an_adviser_and_which_lack_one(world, client):
    appoint(world, world.communities[0], "legal_adviser", "visitor")
    appoint(world, world.communities[2], "legal_adviser", "supervisor")
    world.sign_in(client, "official")
    text = page(client, "/desk/posts/coverage/")
    assert "2/4" in text
    assert "缺：夏荷社区、冬青社区" in text
    assert "0/1" in text
    assert ">春晓社区<" in text
    only = page(client, "/desk/posts/coverage/?show=vacant")
    assert ">春晓社区<" in only  # its police officer is missing


def test_a_street_reads_its_own_communities_and_no_adviser_of_the_district(world, client):
    world.sign_in(client, "dispatcher")
    text = page(client, "/desk/posts/coverage/")
    assert "秋月社区" not in text
    assert "司法总顾问</p>" not in text


def test_the_administrator_opens_the_missing_seats_with_one_press(world, client):
    world.sign_in(client, "admin")
    assert "设齐这种岗位" in page(client, "/manage/coverage/")
    said = {"kind": "community_police", "idempotency_key": "k1"}
    for _twice in range(2):
        assert client.post("/manage/coverage/", said).status_code == 302
    assert Post.objects.filter(kind="community_police").count() == 4
    refused = client.post("/manage/coverage/", {"kind": "grid_worker", "idempotency_key": "k2"})
    assert refused.status_code == 422


@pytest.mark.parametrize("base", SURFACES)
def test_a_force_is_registered_found_by_skill_corrected_and_ended(world, client, base):
    world.sign_in(client, "worker")
    said = {
        "kind": "volunteer", "name": "孙师傅", "role": "水电志愿者", "headcount": "1", "skills": "电工、水暖",
        "phone": PHONE, "idempotency_key": "k1",
    }  # fmt: skip
    for _twice in range(2):
        assert client.post(f"{base}forces/new/", said).status_code == 302
    row = Force.objects.get()
    assert (row.area_id, row.is_public) == (world.grid.pk, False)
    text = page(client, f"{base}forces/?skill=电工")
    assert "孙师傅" in text
    assert PHONE not in text
    assert "137****5678" in text
    assert "没有找到" in page(client, f"{base}forces/?q=木工")
    edited = {**said, "phone": "", "role": "维修", "idempotency_key": "k2"}
    assert client.post(f"{base}forces/{row.pk}/", edited).status_code == 302
    row.refresh_from_db()
    assert (row.role, row.phone) == ("维修", PHONE)
    forgotten = {**edited, "forget": "on", "idempotency_key": "k3"}
    assert client.post(f"{base}forces/{row.pk}/", forgotten).status_code == 302
    row.refresh_from_db()
    assert row.phone == ""
    assert client.post(f"{base}forces/{row.pk}/end/", {"idempotency_key": "k4"}).status_code == 302
    assert "清单还是空的" in page(client, f"{base}forces/")


def test_what_was_typed_stays_after_a_refusal(world, client):
    world.sign_in(client, "staff")
    said = {"kind": "police", "name": "王警官", "role": "社区民警", "headcount": "1", "place": str(world.grid.pk),
            "publishes_phone": "on", "idempotency_key": "k"}  # fmt: skip
    answer = client.post("/desk/posts/forces/new/", said)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "先要本人同意公开姓名和身份" in text
    assert 'value="王警官"' in text
    unknown = client.post("/desk/posts/forces/new/", {**said, "publishes_phone": "", "account": "nobody"})
    assert "没有找到在职的这个人" in unknown.content.decode()


def test_a_number_is_shown_on_its_own_page_after_a_reason(world, client):
    row = force(world.grid, world.worker)
    world.sign_in(client, "dispatcher")
    address = f"/desk/posts/forces/{row.pk}/phone/"
    assert PHONE not in page(client, address)
    assert client.post(address, {"reason": "other", "idempotency_key": "k1"}).status_code == 422
    said = {"reason": "emergency", "idempotency_key": "k2"}
    for _tapped_twice in range(2):
        assert PHONE in client.post(address, said).content.decode()
    assert Disclosure.objects.count() == 1
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        again = client.post(address, said)
    assert (again.status_code, PHONE in again.content.decode()) == (422, False)
    assert "刚才已经看过了" in again.content.decode()


def test_a_force_of_another_street_is_not_there_and_an_ended_one_cannot_be_changed(world, client):
    far = force(world.other_street, world.other_dispatcher)
    row = force(world.grid, world.worker)
    end_force(row, actor=world.worker)
    world.sign_in(client, "worker")
    page(client, f"/m/posts/forces/{far.pk}/", 404)
    page(client, f"/m/posts/forces/{far.pk}/phone/", 404)
    assert client.post(f"/m/posts/forces/{row.pk}/end/", {"idempotency_key": "k"}).status_code == 422


def test_the_list_takes_no_more_statements_for_more_forces(world, client):
    world.sign_in(client, "staff")
    force(world.grid, world.worker, skills=["电工"])
    page(client, "/desk/posts/forces/")

    def count():
        with CaptureQueriesContext(connection) as found:
            page(client, "/desk/posts/forces/")
        return len(found)

    few = count()
    for n in range(12):
        force(world.grid, world.worker, name=f"第{n}队", skills=["电工", "急救"])
    assert count() == few


def test_an_adviser_lands_on_the_forces_of_the_own_community(world, client):
    appoint(world, world.community, "community_police", "visitor")
    assert {area.level for area in read_places(world.actor("visitor"))} == {"street", "community", "grid"}
    world.sign_in(client, "visitor")
    page(client, "/desk/posts/forces/")


@pytest.fixture
def lines(world):
    return {row.name: row for row in set_business_lines(["民政", "社保"], actor=world.admin)}


def test_the_secretary_hears_which_line_has_no_owner_and_keeps_what_was_ticked(world, client, lines):
    world.sign_in(client, "secretary")
    address = f"/desk/posts/lines/{world.community.pk}/"
    assert client.get("/desk/posts/lines/").headers["Location"] == address
    said = {f"line_{lines['民政'].pk}": [str(world.members["staff"].pk)], "idempotency_key": "k1"}
    refused = client.post(address, said)
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "社保 无负责人" in text
    assert ticked(text) == 1
    saved = client.post(address, {**said, "shared": [str(lines["社保"].pk)], "idempotency_key": "k2"})
    assert saved.status_code == 302
    assert LineAssignment.objects.count() == 2
    assert ticked(page(client, address)) == 2


def test_the_levels_above_read_which_lines_nobody_has_and_tick_nothing(world, client, lines):
    world.sign_in(client, "official")
    assert "民政、社保" in page(client, "/desk/posts/lines/")
    text = page(client, f"/desk/posts/lines/{world.community.pk}/")
    assert "无负责人" in text
    assert "保存条线" not in text


def test_the_administrator_is_offered_lines_and_saves_the_own_ones(world, client):
    world.sign_in(client, "admin")
    assert "民政" in page(client, "/manage/business-lines/")
    assert not BusinessLine.objects.exists()
    twice = client.post("/manage/business-lines/", {"names": "党建\n党建", "idempotency_key": "k1"})
    assert "有两条同名" in twice.content.decode()
    assert client.post("/manage/business-lines/", {"names": "党建\r\n应急", "idempotency_key": "k2"}).status_code == 302
    assert [row.name for row in BusinessLine.objects.order_by("position")] == ["党建", "应急"]


@pytest.mark.parametrize("base", SURFACES)
def test_a_round_is_opened_voted_at_the_door_and_confirmed_by_the_secretary(world, client, base):
    rooms = with_rooms(world.building, units=1, floors=2, doors=1)
    homes = many(world.building, rooms, world.worker)
    world.sign_in(client, "worker")
    said = {
        "building": str(world.building.pk), "nominees": "王楼长，退休教师，13811110000\n李热心，，t1-visitor",
        "confirm_by": str(clock.today() + timedelta(days=3)), "idempotency_key": "k1",
    }  # fmt: skip
    for _twice in range(2):
        assert client.post(f"{base}nominations/new/", said).status_code == 302
    row = NominationRound.objects.get()
    wang, li = row.candidates.order_by("pk")
    assert (wang.phone, li.membership_id) == ("13811110000", world.members["visitor"].pk)
    text = page(client, f"{base}nominations/{row.pk}/")
    assert "13811110000" not in text
    assert "2 户里 0 户表了态" in text
    for number, home in enumerate(homes):
        address = f"{base}nominations/{row.pk}/vote/{home.pk}/"
        assert client.post(address, {"candidate": wang.pk, "idempotency_key": f"v{number}"}).status_code == 302
    assert "2 户支持" in page(client, f"{base}nominations/{row.pk}/")
    confirm = f"/desk/posts/nominations/{row.pk}/confirm/{wang.pk}/"
    assert confirm not in page(client, f"/desk/posts/nominations/{row.pk}/")
    assert client.post(confirm, {"idempotency_key": "c0"}).status_code == 403
    world.sign_in(client, "secretary")
    assert confirm in page(client, f"/desk/posts/nominations/{row.pk}/")
    answer = client.post(confirm, {"idempotency_key": "c1"})
    assert "/invitation/" in answer.content.decode()
    assert PostAssignment.objects.filter(post__building=world.building, post__kind="building_head").count() == 1
    assert "当选" in page(client, f"/desk/posts/nominations/{row.pk}/")


def test_a_line_without_a_name_or_an_unknown_account_is_said_at_the_candidates(world, client):
    world.sign_in(client, "staff")
    said = {"building": str(world.building.pk), "confirm_by": str(clock.today()), "idempotency_key": "k"}
    for words, sentence in (("，退休", "请写 1 到"), ("王，教师，nobody", "没有找到在职的这个人")):
        answer = client.post("/desk/posts/nominations/new/", {**said, "nominees": words})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()


def test_a_building_with_eight_of_eight_is_a_law_building_and_one_that_fails_is_to_be_mended(world, client):
    world.sign_in(client, "secretary")
    address = f"/desk/posts/law/{world.building.pk}/"
    items = list(checklist())
    assert client.post(address, {"passed": items, "idempotency_key": "k1"}).status_code == 302
    assert LawBuilding.objects.get().state == "held"
    assert ticked(page(client, address)) == 8
    assert client.post(address, {"passed": items[1:], "idempotency_key": "k2"}).status_code == 302
    assert "待整改" in page(client, "/desk/posts/law/?state=to_mend")
    assert world.building.name in page(client, "/desk/posts/law/?state=to_mend")
    assert "没有这样的楼栋" in page(client, "/desk/posts/law/?state=held")
