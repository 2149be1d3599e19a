"""Pauses on the clock bars: where they stand, what is said of them, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.kernel import clock
from requests_intake import presentation
from requests_intake.actions.applications import ask_pause
from requests_intake.actions.decisions import grant_pause
from requests_intake.actions.holding import resume_order, unsuspend_ticket
from requests_intake.models import Clock, ClockEntry, Ticket
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def now() -> Iterator[Any]:
    with time_machine.travel(at(9, 9), tick=False) as traveller:  # a Monday
        yield traveller


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def held(world: World, now: Any, reason: str = "force_majeure") -> Ticket:
    """Taken on Monday, held from Tuesday ten o'clock, expected until Thursday."""
    ticket = ticket_in(world, "taken")
    now.move_to(at(10, 10))
    row = ask_pause(again(ticket), reason=reason, until=at(12, 10), note="等雨停", told="雨停再修", actor=world.handler)
    grant_pause(row, actor=world.center)
    return again(ticket)


def test_a_held_clock_stands_still_and_says_since_when_and_who_agreed(world: World, now: Any) -> None:
    ticket = held(world, now)
    at_once = presentation.clock_bars(ticket)
    now.move_to(at(11, 15))
    later = presentation.clock_bars(again(ticket))
    assert [bar["percent"] for bar in later] == [bar["percent"] for bar in at_once]
    for bar in later:
        assert bar["state"] == "hold"
        assert bar["held"]
        (pause,) = bar["pauses"]
        assert pause["running"]
        assert pause["percent"] == bar["percent"]
    for words in ("起暂停", "不可抗力", "同意", "恢复"):
        assert words in later[0]["pauses"][0]["words"]
    assert later[1]["pauses"][0]["words"] == ""  # said once
    assert later[0]["pauses"][0]["width"] > at_once[0]["pauses"][0]["width"]


def test_yellow_stands_on_the_bar_where_the_clock_will_fire_it(world: World, now: Any) -> None:
    ticket = held(world, now)
    now.move_to(at(11, 15))
    resume_order(ticket, actor=world.handler)
    order = presentation.clock_bars(again(ticket))[1]
    row = Clock.objects.get(ticket=ticket, kind="resolve", stopped_at=None)
    planned = {code: datetime.fromisoformat(moment) for code, moment in row.schedule}
    tick = next(tick for tick in order["ticks"] if "转黄" in tick["label"])
    assert tick["at"].endswith(f"{clock.local(planned['soon']):%H:%M}")
    assert tick["percent"] > 80  # the pause lies before it
    (pause,) = order["pauses"]
    assert not pause["running"]
    assert "期限顺延" in presentation.clock_bars(again(ticket))[0]["pauses"][0]["words"]
    assert order["used"] < order["percent"]
    assert order["state"] == "doing"


def test_a_statutory_procedure_holds_the_order_and_not_the_promise(world: World, now: Any) -> None:
    promise, order = presentation.clock_bars(held(world, now, "procedure"))
    assert promise["pauses"] == []
    assert promise["state"] == "doing"
    assert order["state"] == "hold"


def test_what_was_suspended_moved_no_promise(world: World, now: Any) -> None:
    ticket = ticket_in(world, "suspended")
    now.move_to(at(10, 10))
    unsuspend_ticket(ticket, note="款到了", actor=world.center)
    promise = presentation.clock_bars(again(ticket))[0]
    assert "挂账过" in promise["pauses"][0]["words"]
    assert "期限不变" in promise["pauses"][0]["words"]
    assert promise["used"] == promise["percent"]


def test_more_pauses_take_no_more_statements(world: World, now: Any) -> None:
    ticket = held(world, now)
    resume_order(ticket, actor=world.handler)

    def statements() -> int:
        fresh = again(ticket)
        with CaptureQueriesContext(connection) as found:
            presentation.clock_bars(fresh)
        return len(found)

    before, drawn = statements(), len(presentation.clock_bars(again(ticket))[0]["pauses"])
    row = Clock.objects.get(ticket=ticket, kind="promise")
    for day in (11, 12):
        for kind, moment in (("pause", at(day, 10)), ("resume", at(day, 11))):
            ClockEntry.objects.create(
                clock=row, ticket=ticket, kind=kind, at=moment, recorded_at=moment, due_at=row.due_at
            )  # fmt: skip
    assert len(presentation.clock_bars(again(ticket))[0]["pauses"]) == drawn + 2
    assert statements() == before


@pytest.mark.parametrize(("name", "address"), [("center", "desk:ticket"), ("worker", "worker:ticket")])
def test_desk_and_phone_read_the_pause_aloud(world: World, client: Client, now: Any, name: str, address: str) -> None:
    ticket = held(world, now)
    now.move_to(at(10, 10) + timedelta(hours=1))
    page = world.sign_in(client, name).get(reverse(address, args=[ticket.number])).content.decode()
    assert 'class="pz now' in page
    assert "停过 1 段" in page
    assert "暂停中" in page
    assert "从 今天 10:00 起暂停" in page
