"""The head of a building walks through it (巡楼) and sees what goes on there, without anybody's words (S1-04a)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from governance.accounts.models import Staff
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid, NotFound
from grids.actions.heads import appoint_head
from grids.patrols.actions.rounds import latest_rounds, record_round
from grids.patrols.models import BuildingRound
from grids.queries import actor_for
from requests_intake.models import Ticket
from tests.cases import report, ticket_in
from tests.services.test_heads import head_of, page_of, staff_client
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
ITEMS = [item.value for item in BuildingRound.Item]
GOOD = dict.fromkeys(ITEMS, "good")
OWN_PHONE = "13900007777"


@pytest.fixture
def b3(world: World) -> Actor:
    """The head of building 3 of the first compound, whose own number is known."""
    member = head_of(world, world.buildings[2])
    Staff.objects.filter(membership_id=member.pk).update(phone=OWN_PHONE)
    world.members["b3"] = member
    return actor_for(member)


@pytest.fixture
def phone(world: World, b3: Actor) -> Client:
    return staff_client(world, world.members["b3"])


def at(world: World, **changes: Any) -> Ticket:
    return report(world, **{"building_id": world.buildings[2].pk, **changes})


# ---------------------------------------------------------------- 巡楼
def test_a_round_says_of_everything_whether_it_was_good(world: World, b3: Actor) -> None:
    building = world.buildings[2]
    with pytest.raises(Invalid) as refused:
        record_round(building.pk, marks={"stairs": "good", "lights": "fine"}, actor=b3)
    assert set(refused.value.fields) == set(ITEMS) - {"stairs"}
    row = record_round(building.pk, marks={**GOOD, "lights": "problem", "piles": "problem"}, actor=b3)
    row = BuildingRound.objects.get(pk=row.pk)
    assert (row.problem_count, row.problems, row.unit) == (2, ["楼道灯", "楼道堆物"], None)
    assert latest_rounds(b3) == {building.pk: row}


def test_nobody_walks_through_a_building_they_do_not_head(world: World, b3: Actor) -> None:
    for building in (world.buildings[0], make_district("t2", 2).building):
        with pytest.raises(NotFound):
            record_round(building.pk, marks=GOOD, actor=b3)
    with pytest.raises(NotFound):
        record_round(world.buildings[2].pk, marks=GOOD, actor=world.worker)


def test_a_phone_says_when_it_was_within_reason(world: World, b3: Actor) -> None:
    now, pk = clock.now(), world.buildings[2].pk
    assert record_round(pk, marks=GOOD, at=now - timedelta(hours=5), actor=b3).at == now - timedelta(hours=5)
    assert record_round(pk, marks=GOOD, at=now - timedelta(days=9), actor=b3).at >= now


def test_a_head_of_a_unit_walks_for_the_unit(world: World) -> None:
    member = head_of(world, world.buildings[2], 2)
    assert record_round(world.buildings[2].pk, marks=GOOD, actor=actor_for(member)).unit == 2


def test_the_form_says_what_is_missing_and_keeps_the_rest(world: World, phone: Client) -> None:
    address = page_of(world, "worker:building_round")
    said = {"place": world.buildings[2].pk, "stairs": "problem", "idempotency_key": "k1"}
    refused = phone.post(address, said)
    page = refused.content.decode()
    assert (refused.status_code, page.count("请选“好”或“有问题”。") >= 5) == (422, True)
    assert 'value="problem" id="id_stairs_1" checked' in page.replace("required ", "")
    assert phone.post(address, {**said, "place": world.buildings[0].pk}).status_code == 422
    assert not BuildingRound.objects.exists()


def test_what_is_wrong_becomes_a_report_of_the_building_with_the_words_there_already(
    world: World, phone: Client
) -> None:
    address = page_of(world, "worker:building_round")
    said = {"place": world.buildings[2].pk, "lights": "problem", "rest": "good", "idempotency_key": "k1"}
    done = phone.post(address, said)
    row = BuildingRound.objects.get()
    assert row.marks == {**GOOD, "lights": "problem"}
    assert done.headers["Location"].endswith(f"/m/building/report/?round={row.pk}")
    assert phone.post(address, said).headers["Location"] == done.headers["Location"], "sent twice it happens once"
    assert BuildingRound.objects.count() == 1
    home = phone.get(page_of(world, "worker:building")).content.decode()
    assert "有问题：楼道灯" in home
    assert f"round={row.pk}" in home
    page = phone.get(done.headers["Location"]).content.decode()
    assert "巡楼时发现：楼道灯有问题。" in page
    sent = phone.post(
        page_of(world, "worker:building_report"),
        {
            "place": world.buildings[2].pk, "content": "巡楼时发现：楼道灯有问题。", "round": row.pk,
            "idempotency_key": "k2",
        },
    )  # fmt: skip
    assert sent.status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.building_id, ticket.recorded_by_id) == (world.buildings[2].pk, None)
    row.refresh_from_db()
    assert row.reported_at is not None
    assert f"round={row.pk}" not in phone.get(page_of(world, "worker:building")).content.decode()


def test_a_round_with_nothing_wrong_ends_at_home(world: World, phone: Client) -> None:
    said = {"place": world.buildings[2].pk, "rest": "good", "idempotency_key": "k1"}
    done = phone.post(page_of(world, "worker:building_round"), said)
    assert done.headers["Location"].endswith("/m/building/")
    assert "都好" in phone.get(done.headers["Location"]).content.decode()


def test_the_round_of_somebody_else_is_not_there(world: World, phone: Client) -> None:
    other = head_of(world, world.buildings[0])
    row = record_round(world.buildings[0].pk, marks={**GOOD, "piles": "problem"}, actor=actor_for(other))
    assert phone.get(f"{page_of(world, 'worker:building_report')}?round={row.pk}").status_code == 404
    said = {"place": world.buildings[2].pk, "content": "灯坏了", "round": row.pk, "idempotency_key": "k"}
    refused = phone.post(page_of(world, "worker:building_report"), said)
    assert (refused.status_code, Ticket.objects.count()) == (404, 0)
    row.refresh_from_db()
    assert row.reported_at is None


def test_the_community_sees_what_was_found_in_which_building_and_not_who_walked(
    world: World, b3: Actor, client: Client
) -> None:
    record_round(world.buildings[2].pk, marks={**GOOD, "piles": "problem"}, actor=b3)
    world.sign_in(client, "staff")
    page = client.get(page_of(world, "patrols_desk:grid", world.buildings[2].grid_id)).content.decode()
    assert "楼栋长巡楼" in page
    assert "有问题：楼道堆物" in page
    assert "还没报" in page
    assert "赵楼长" not in page
    elsewhere = client.get(page_of(world, "patrols_desk:grid", world.grid.pk)).content.decode()
    assert "楼栋长巡楼" not in elsewhere


# ---------------------------------------------------------------- 楼里的事
def matters(world: World, phone: Client) -> str:
    answered = phone.get(page_of(world, "worker:building_matters"))
    assert answered.status_code == 200
    return answered.content.decode()


def test_a_head_sees_only_the_matters_of_the_own_building_and_no_number_or_name(world: World, phone: Client) -> None:
    there = at(world, content="楼道灯坏了，302 王大妈上下楼看不见，电话13811112222。", name="王大妈")
    elsewhere = report(world, content="电梯坏了，困人。", building_id=world.buildings[0].pk)
    page = matters(world, phone)
    assert "公共照明" in page
    assert "1 件" in page
    main = page.split("<main", 1)[-1]
    for secret in ("王大妈", "13811112222", there.number, elsewhere.number, "电梯"):
        assert secret not in main, secret
    # Keys, tokens and moments in the markup may have a few digits by chance; what is read has not.
    for digits in ("138", "302", "1234"):
        assert digits not in strip_tags(main), digits


@pytest.mark.parametrize(
    "hidden",
    [
        {"request_type": "report", "content": "楼道灯坏了，举报物业不修。"},
        {"is_confidential": True},
        {"content": "邻居天天吵架闹离婚，家庭暴力。"},
        {"content": "楼上每天半夜很吵，邻居装修太吵。"},
        {"content": "我想办低保，怎么申请低保？"},
    ],
)
def test_what_is_restricted_confidential_or_of_people_is_never_there(
    world: World, phone: Client, hidden: dict[str, Any]
) -> None:
    at(world, **hidden)
    assert "楼里没有正在办的事" in matters(world, phone)


def test_the_own_matters_stand_in_their_words_and_lead_to_their_progress(world: World, phone: Client) -> None:
    row = at(world, content="我想办低保，怎么申请低保？", phone=OWN_PHONE)
    page = matters(world, phone)
    assert "我报的" in page
    assert row.title in page
    assert f"number={row.number}" in page
    Ticket.objects.filter(pk=row.pk).update(is_restricted=True)
    assert row.title not in matters(world, phone), "never a restricted one"


def test_a_neighbour_s_opinion_is_theirs_and_what_is_long_over_is_gone(world: World, phone: Client) -> None:
    moved = {"building_id": world.buildings[2].pk}
    Ticket.objects.filter(pk=ticket_in(world, "visiting").pk).update(**moved)
    assert "正在核对" in matters(world, phone)
    closed = ticket_in(world, "closed")
    Ticket.objects.filter(pk=closed.pk).update(**moved)
    assert "办完了" in matters(world, phone)
    Ticket.objects.filter(pk=closed.pk).update(closed_at=clock.now() - timedelta(days=91))
    assert "办完了" not in matters(world, phone)


def test_the_pages_take_as_many_statements_for_many_matters_as_for_one(world: World, b3: Actor, phone: Client) -> None:
    appoint_head(world.buildings[3], unit=1, membership=world.members["b3"], since=clock.today(), actor=world.admin)
    at(world)

    def statements(name: str) -> int:
        phone.get(page_of(world, name))
        with CaptureQueriesContext(connection) as captured:
            assert phone.get(page_of(world, name)).status_code == 200
        return len(captured.captured_queries)

    names = ("worker:building", "worker:building_matters", "worker:building_round")
    with_one = [statements(name) for name in names]
    for number in range(4):
        at(world, phone=f"1380000{number}234")
        at(world, phone=OWN_PHONE)
        record_round(world.buildings[2].pk, marks=GOOD, actor=b3)
    assert [statements(name) for name in names] == with_one
