"""工作站收件 (S3-13): one inbox of all channels for the staff of a community."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from governance.kernel.calendar import SHANGHAI
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.station import StationFilter, stage_counts, station_tickets, untaken
from tests.cases import report, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False):
        yield


def came(world: World, channel: str, content: str = "楼道灯坏了", building: int = 0) -> Any:
    said = Report(content=content, channel=channel, building_id=world.buildings[building].pk)
    return submit_ticket(said, actor=world.staff if building < 8 else world.other_secretary).ticket


def test_all_channels_of_the_community_stand_in_one_list_and_today_is_counted(world: World) -> None:
    with time_machine.travel(FRIDAY - timedelta(days=1), tick=False):
        came(world, "chat")
    for channel in ("hotline", "hotline", "letter_box", "netizen_message"):
        came(world, channel)
    came(world, "hotline", building=8)  # another community
    page = world.sign_in(Client(), "staff").get("/desk/station/")
    assert len(page.context["rows"]) == 5
    assert page.context["today_total"] == 4
    assert {row["label"]: row["count"] for row in page.context["today"]} == {
        "12345 热线": 2, "意见箱": 1, "网民留言": 1,
    }  # fmt: skip
    assert page.context["rows"][-1]["side"].startswith("微信群")


def test_each_is_in_one_stage_and_the_stages_add_up(world: World) -> None:
    for state in ("dispatched", "signed", "resolved", "visiting", "closed", "archived"):
        ticket_in(world, state)
    counts = stage_counts(world.staff, StationFilter())
    assert counts == {"untaken": 1, "handled": 1, "answered": 4, "dropped": 0}
    assert sum(counts.values()) == station_tickets(world.staff, StationFilter()).count()
    for stage, number in counts.items():
        assert station_tickets(world.staff, StationFilter(stage=stage)).count() == number
    assert untaken(world.staff) == 1


def test_filters_by_channel_side_day_and_words(world: World) -> None:
    with time_machine.travel(FRIDAY - timedelta(days=1), tick=False):
        yesterday = came(world, "hotline", "井盖松了")
    today, paper = came(world, "hotline"), came(world, "letter", "来信说垃圾没人收")
    desk = world.sign_in(Client(), "staff")

    def found(query: str) -> set[int]:
        return {row["id"] for row in desk.get(f"/desk/station/?{query}").context["rows"]}

    assert found("channel=hotline") == {yesterday.pk, today.pk}
    assert found("channel=hotline&day=2026-11-20") == {today.pk}
    assert found("group=offline") == {paper.pk}
    assert found("group=online") == {yesterday.pk, today.pk}
    assert found("q=垃圾") == {paper.pk}
    assert found("stage=answered") == set()
    assert found("day=nonsense&stage=none&group=x") == {yesterday.pk, today.pk, paper.pk}


def test_it_is_the_inbox_of_communities_and_of_nobody_else(world: World) -> None:
    report(world)
    for name in ("worker", "dispatcher", "handler", "official", "admin", "center"):
        assert world.sign_in(Client(), name).get("/desk/station/").status_code == 403, name
    assert world.sign_in(Client(), "other_secretary").get("/desk/station/").context["rows"] == []


def test_pages_are_turned_and_the_list_is_among_the_ledgers(world: World) -> None:
    for _n in range(51):
        came(world, "hotline")
    desk = world.sign_in(Client(), "staff")
    assert len(desk.get("/desk/station/?page=2").context["rows"]) == 1
    page = desk.get("/desk/ledgers/").content.decode()
    assert "工作站收件" in page
    assert "/desk/station/" in page
