"""Patrols on the phone and at the desk: taps, late posts, plans, figures."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.kernel import features
from governance.kernel.features import Feature
from grids.patrols.actions.patrols import close_unfinished
from grids.patrols.models import Patrol, PatrolPlan, PatrolPointCheck
from grids.patrols.points import PATROL_POINTS
from requests_intake.models import Ticket
from tests.patrols.rounds import at, begun, both_shifts, moment, walked
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(world: World, client: Client) -> Client:
    return world.sign_in(client, "worker")


def form_of(page: str, word: str) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of the form whose button says the word."""
    for form in re.findall(r"<form.*?</form>", page, re.S):
        if word in form and "data-after" not in form:
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
            found = re.search(r'action="([^"]+)"', form)
            assert found is not None
            return found[1], fields
    raise AssertionError(f"no button says {word}")


def tap(client: Client, page: str, word: str, **more: str) -> Any:
    address, fields = form_of(page, word)
    return client.post(address, {**fields, **more}, follow=True)


# ---------------------------------------------------------------- the phone
def test_a_patrol_is_begun_with_one_tap_and_ended_with_one(world: World, phone: Client) -> None:
    both_shifts(world)
    page = tap(phone, phone.get("/m/").content.decode(), "开始上午巡查").content.decode()
    row = Patrol.objects.get()
    assert (row.state, row.shift, row.walker_id) == ("running", "am", world.worker.membership_id)
    assert "正在上午巡查" in page
    assert "撤回" in page
    page = tap(phone, page, "结束巡查").content.decode()
    row.refresh_from_db()
    assert (row.state, row.result) == ("finished", "normal")
    assert "巡完了：正常" in page
    assert "下午巡查 14:00 起，今天 1/2" in page


def test_the_same_tap_sent_twice_is_one_patrol(world: World, phone: Client) -> None:
    both_shifts(world)
    page = phone.get("/m/").content.decode()
    for _time in range(2):
        tap(phone, page, "开始上午巡查")
    assert Patrol.objects.count() == 1
    page = phone.get("/m/").content.decode()
    for _time in range(2):
        assert tap(phone, page, "结束巡查").status_code == 200


def test_start_and_end_arrive_together_hours_later_with_the_phones_times(world: World, phone: Client) -> None:
    """A phone without a network makes the id itself; nothing on the server stands between the two posts."""
    with at("2026-11-18 08:00"):
        both_shifts(world)
    name = uuid4()
    with at("2026-11-18 16:00"):
        world.sign_in(phone, "worker")
        said = {"idempotency_key": "a", "grid": str(world.grid.pk), "at": "2026-11-18T00:45:00.000Z"}
        assert phone.post(f"/m/patrols/{name}/start/", said).status_code == 302
        said = {"idempotency_key": "b", "at": "2026-11-18T03:10:00.000Z"}
        assert phone.post(f"/m/patrols/{name}/finish/", said).status_code == 302
    row = Patrol.objects.get(client_id=name)
    assert (row.started_at, row.ended_at) == (moment("2026-11-18 08:45"), moment("2026-11-18 11:10"))
    assert (row.shift, row.state) == ("am", "finished")


@pytest.mark.parametrize("said", ["now", "2026-13-40T99:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_is_none_is_the_moment_it_arrives(world: World, phone: Client, said: str) -> None:
    values = {"idempotency_key": "a", "grid": str(world.grid.pk), "at": said}
    with at("2026-11-18 10:00"):
        phone.post(f"/m/patrols/{uuid4()}/start/", values)
    assert Patrol.objects.get().started_at == moment("2026-11-18 10:00")


def test_a_find_reported_while_one_walks_is_linked_and_shown(world: World, phone: Client) -> None:
    row = begun(world)
    said = {"idempotency_key": "a", "place": f"grid-{world.grid.pk}", "category": "0105", "content": "路边有垃圾"}
    assert phone.post("/m/report/", said).status_code == 302
    assert Ticket.objects.get().patrol_id == row.pk
    assert "报了 1 件" in phone.get("/m/").content.decode()
    page = phone.get(f"/m/patrols/{row.client_id}/").content.decode()
    assert Ticket.objects.get().title in page


def test_a_patrol_is_ended_with_a_result_and_words(world: World, phone: Client) -> None:
    row = begun(world)
    address = f"/m/patrols/{row.client_id}/finish/"
    refused = phone.post(address, {"idempotency_key": "a", "result": "great", "note": "消防栓漆掉了"})
    assert refused.status_code == 422
    assert "消防栓漆掉了" in refused.content.decode()
    phone.post(address, {"idempotency_key": "a", "result": "findings", "note": "消防栓漆掉了"})
    row.refresh_from_db()
    assert (row.result, row.note) == ("findings", "消防栓漆掉了")
    assert "消防栓漆掉了" in phone.get(f"/m/patrols/{row.client_id}/").content.decode()


def test_what_nobody_ended_says_so_on_the_next_day(world: World, phone: Client) -> None:
    with at("2026-11-17 14:30"):
        both_shifts(world)
        begun(world)
    with at("2026-11-18 02:30"):
        close_unfinished()
    page = phone.get("/m/").content.decode()
    assert "11月17日的下午巡查没有按结束，记为“未结束”" in page
    assert "未结束" in phone.get("/m/patrols/").content.decode()


def test_a_joint_patrol_is_begun_with_numbers_by_role(world: World, phone: Client) -> None:
    said = {"idempotency_key": "a", "grid": str(world.grid.pk), "client_id": str(uuid4())}
    assert phone.post("/m/patrols/joint/", said).status_code == 422
    assert phone.post("/m/patrols/joint/", {**said, "crew_police": "999"}).status_code == 422
    assert phone.post("/m/patrols/joint/", {**said, "crew_police": "1", "crew_property": "2"}).status_code == 302
    page = phone.get("/m/").content.decode()
    assert "正在联防巡查" in page
    assert "民警 1 人、物业 2 人" in page


def test_a_tap_by_mistake_is_taken_back_and_an_end_too(world: World, phone: Client) -> None:
    both_shifts(world)
    page = tap(phone, phone.get("/m/").content.decode(), "开始上午巡查").content.decode()
    page = tap(phone, page, "结束巡查").content.decode()
    page = tap(phone, page, "接着巡").content.decode()
    row = Patrol.objects.get()
    assert row.state == "running"
    phone.post(f"/m/patrols/{row.client_id}/withdraw/", {"idempotency_key": "z"})
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert "开始上午巡查" in phone.get("/m/").content.decode()


def test_points_are_tapped_only_where_the_district_has_a_ground(
    world: World, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "is_on", lambda code: code == PATROL_POINTS)
    assert isinstance(features.feature(PATROL_POINTS), Feature)
    from grids.patrols.actions.plans import PlanSaid, set_plan
    from tests.patrols.rounds import AM

    plan = set_plan([world.grid.pk], "safety", PlanSaid({"am": AM}, points=["配电房"]), actor=world.secretary)[0]
    row = begun(world)
    assert row.plan_id == plan.pk
    page = phone.get(f"/m/patrols/{row.client_id}/").content.decode()
    shown = tap(phone, page, "到点").content.decode()
    assert re.search(r"\d\d:\d\d 到点", shown)
    assert PatrolPointCheck.objects.get().patrol_id == row.pk
    monkeypatch.setattr(features, "is_on", lambda code: False)
    assert "配电房" not in phone.get(f"/m/patrols/{row.client_id}/").content.decode()


def test_an_end_may_wait_behind_a_beginning_that_waits(world: World, phone: Client) -> None:
    """The first page, kept on a phone without a network, holds both forms of the same patrol."""
    both_shifts(world)
    page = phone.get("/m/").content.decode()
    start, _fields = form_of(page, "开始上午巡查")
    waiting = re.search(r'<form hidden method="post" action="([^"]+)" data-after="([^"]+)"', page)
    assert waiting is not None
    assert waiting[2] == start
    assert waiting[1] == start.replace("/start/", "/finish/")


def test_my_month_counts_what_is_there_and_opens_its_rows(world: World, phone: Client) -> None:
    walked(world)
    begun(world)
    said = {"idempotency_key": "a", "place": f"grid-{world.grid.pk}", "category": "0105", "content": "路边有垃圾"}
    phone.post("/m/report/", said)
    parts = {part["label"]: part for part in phone.get("/m/patrols/month/").context["parts"]}
    assert parts["信息收集"]["number"] == 2  # a finished patrol and a find, no visit
    for part in parts.values():
        assert part["number"] == sum(line["number"] for line in part["lines"])
        for line in part["lines"]:
            assert phone.get(line["url"]).context["page"].paginator.count == line["number"]
    assert phone.get("/m/patrols/month/nothing/").status_code == 404
    assert phone.get("/m/patrols/month/?month=2026-10").context["parts"][0]["number"] == 0


# ---------------------------------------------------------------- the desk
@pytest.fixture
def desk(world: World) -> Client:
    return world.sign_in(Client(), "secretary")


def test_the_desk_shows_shifts_done_of_planned_and_opens_to_the_patrol(world: World, desk: Client) -> None:
    with at("2026-11-17 08:00"):
        both_shifts(world)
    with at("2026-11-17 09:00"):
        row = walked(world)
    with at("2026-11-18 08:00"):
        page = desk.get("/desk/patrols/")
        first = page.context["rows"][0]
        assert (first["name"], first["due"], first["done"], first["rate"]) == (world.grid.name, 2, 1, "50%")
        assert desk.get("/desk/patrols/?behind=1").context["page"].paginator.count == 1
        assert desk.get("/desk/patrols/?q=没有").context["page"].paginator.count == 0
        assert desk.get("/desk/patrols/?month=2026-10").context["total"]["due"] == 0
        shown = desk.get(first["url"])
        states = [(each["day"], each["shift"], each["state"]) for each in shown.context["rows"]]
    assert states == [
        (date(2026, 11, 18), "上午", "还没到时间"), (date(2026, 11, 18), "下午", "还没到时间"),
        (date(2026, 11, 17), "上午", "巡完"), (date(2026, 11, 17), "下午", "没有巡"),
    ]  # fmt: skip
    assert "周网格员" in desk.get(f"/desk/patrols/{row.client_id}/").content.decode()


def test_the_street_reads_and_only_the_secretary_plans(world: World, desk: Client) -> None:
    address = f"/desk/patrols/grids/{world.grid.pk}/plans/routine/"
    shown = desk.get(address)
    assert shown.status_code == 200
    said = {
        "idempotency_key": "a", "weekdays": ["1", "2", "3"], "has_am": "on", "am_from": "08:30", "am_to": "11:30",
        "has_pm": "on", "pm_from": "", "pm_to": "17:00", "everywhere": "on",
    }  # fmt: skip
    refused = desk.post(address, said)
    assert refused.status_code == 422
    assert 'value="17:00"' in refused.content.decode()
    refused = desk.post(address, {**said, "pm_from": "11:00"})
    assert "重叠" in refused.content.decode()
    desk.post(address, {**said, "pm_from": "14:00"})
    rows = PatrolPlan.objects.order_by("grid_id")
    assert [row.grid_id for row in rows] == [world.grid.pk, world.grid2.pk]
    assert rows[0].weekdays == [1, 2, 3]
    desk.post(f"{address}end/", {"idempotency_key": "b"})
    assert not PatrolPlan.objects.filter(grid_id=world.grid.pk, ended_on=None).exists()
    street = world.sign_in(Client(), "dispatcher")
    assert street.get("/desk/patrols/").status_code == 200
    assert street.get(address).status_code == 403
    assert street.get(f"/desk/patrols/grids/{world.other_grid.pk}/").status_code == 404
    assert street.get(f"/desk/patrols/grids/{world.grid.pk}/plans/nothing/").status_code == 404


def test_the_desk_needs_as_many_statements_for_many_patrols_as_for_few(world: World, desk: Client) -> None:
    both_shifts(world)
    counts = []
    for number in (1, 8):
        for _each in range(number):
            walked(world)
            begun(world, crew={"police": 1})
            Patrol.objects.filter(state="running").update(state="unfinished")
        found = []
        for address in ("/desk/patrols/", f"/desk/patrols/grids/{world.grid.pk}/"):
            desk.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert desk.get(address).status_code == 200
            found.append(len(captured))
        counts.append(found)
    assert counts[0] == counts[1]
