"""Looks, visits and draws for programs; claiming a call."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from requests_intake.models import FollowUp, SampleDraw
from tests.api.conftest import Client
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_lists_say_what_waits_by_when_and_for_whom(world: World, api: Client) -> None:
    look, visit = ticket_in(world, "resolved"), ticket_in(world, "visiting")
    checks = api("leader").get("/api/v1/checks/").json()
    assert [(row["number"], row["level"]) for row in checks["results"]] == [(look.number, "grid")]
    visits = api("visitor").get("/api/v1/visits/").json()
    assert (visits["count"], visits["results"][0]["number"], visits["results"][0]["attempts"]) == (1, visit.number, 0)
    assert api("other_dispatcher").get("/api/v1/checks/").json()["count"] == 0
    assert api("visitor").get(f"/api/v1/visits/?area={world.other_street.pk}").json()["count"] == 0


@pytest.mark.parametrize(("path", "who"), [("visits", "handler"), ("checks", "visitor"), ("draws", "worker")])
def test_who_has_no_part_in_it_is_refused_with_a_sentence(world: World, api: Client, path: str, who: str) -> None:
    response = api(who).get(f"/api/v1/{path}/")
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")
    assert response.json()["detail"]


def test_one_claims_and_the_other_is_told_who_is_calling(world: World, api: Client) -> None:
    ticket = ticket_in(world, "visiting")
    claimed = api("visitor").post(f"/api/v1/tickets/{ticket.number}/claim-visit/", {})
    assert claimed.status_code == 200
    assert claimed.json()["claimed_until"]
    second = api("staff").post(f"/api/v1/tickets/{ticket.number}/claim-visit/", {})
    assert (second.status_code, second.json()["code"]) == (409, "being_called")
    assert "韩回访正在打" in second.json()["detail"]
    api("visitor").post(f"/api/v1/tickets/{ticket.number}/release-visit/", {})
    assert FollowUp.objects.get(ticket=ticket, ended_at=None).claimed_by_id is None


def test_the_seed_is_given_when_its_month_is_over(world: World, api: Client) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "resolved", urgency="normal")
        draw = SampleDraw.objects.get(ticket=ticket)
        assert draw.seed is not None
        during = api("supervisor").get("/api/v1/draws/?month=2026-11").json()
        assert (during["commitment"], during["seed"], during["count"]) == (draw.seed.commitment, "", 1)
        assert during["results"][0]["value"] == draw.value
        moment.shift(timedelta(days=10))
        assert api("supervisor").get("/api/v1/draws/?month=2026-11").json()["seed"] == draw.seed.seed
    wrong = api("supervisor").get("/api/v1/draws/?month=2026-13")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["month"])
