"""What pages say of a ticket."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel.actors import Actor
from requests_intake import presentation, queries
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.rate import rate_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket
from tests.world import World


def report(world: World, content: str = "楼下路灯不亮，晚上看不见路", **more: Any) -> Ticket:
    values: dict[str, Any] = {
        "content": content,
        "building_id": world.building.pk,
        "name": "李阿姨",
        "phone": "18612345521",
    }
    return submit_ticket(Report(**{**values, **more}), actor=Actor.public()).ticket


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_a_list_costs_the_same_with_five_and_fifty_rows(world: World) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            for ticket in queries.tickets_of(world.dispatcher)[:60]:
                presentation.list_row(ticket, url="/")
        return len(found)

    for _n in range(5):
        report(world)
    statements()
    few = statements()
    for _n in range(45):
        report(world)
    assert statements() == few


def test_every_open_ticket_is_in_exactly_one_lamp_queue(world: World) -> None:
    first, second, third, _fourth = (report(world) for _n in range(4))
    sign_order(second, actor=world.worker)
    sign_order(third, actor=world.worker)
    resolve_ticket(third, actor=world.worker, reply="换了灯泡")
    report(world, content="不知道在哪里的事", building_id=None)
    counts = queries.queue_counts(world.center)
    assert counts["open"] == sum(counts[name] for name in queries.LAMP_QUEUES) == 5
    assert counts["doing"] == 1
    assert counts["unaccepted"] == 1
    for name in queries.QUEUES:
        if queries.QUEUES[name].is_open:
            rows = list(queries.tickets_of(world.center, queries.TicketFilter(queue=name)))
            assert len(rows) == counts[name] == queries.count_of(world.center, queries.TicketFilter(queue=name))
            lamp = queries.QUEUES[name].lamp
            assert {presentation.lamp_state(row) for row in rows} <= ({lamp} if lamp else set(presentation_states()))
    assert presentation.lamp_state(again(first)) == "new"


def presentation_states() -> list[str]:
    return ["new", "doing", "soon", "over", "check", "done", "hold"]


def test_the_resident_reads_plain_words_and_no_internal_note(world: World) -> None:
    ticket = report(world)
    sign_order(ticket, actor=world.worker)
    escalate_ticket(ticket, actor=world.worker, note="内部的话")
    inward = presentation.timeline(again(ticket), outward=False)
    outward = presentation.timeline(again(ticket), outward=True)
    assert inward[0]["title"] == "网格上报社区"
    assert inward[0]["say"] == "内部的话"
    assert "周网格员" in inward[0]["by"]
    assert outward[0]["title"] == "网格交给社区"
    assert not any(step["say"] or step["by"] for step in outward)


def test_clocks_and_ladder_follow_the_order(world: World) -> None:
    ticket = report(world)
    escalate_ticket(ticket, actor=world.worker, note="要社区出面")
    promise, order = presentation.clock_bars(again(ticket), wide=True)
    assert promise["name"] == "对居民的承诺"
    assert order["name"] == "社区工单"
    assert [tick["percent"] for tick in promise["ticks"]] == [0, 50, 80, 100]
    rungs = presentation.ladder(again(ticket))
    assert [rung["name"] for rung in rungs] == ["网格", "社区", "街道", "区"]
    assert [rung["current"] for rung in rungs] == [False, True, False, False]
    assert rungs[0]["reason"] == "上报"
    assert rungs[2]["ahead"]


def test_the_requester_is_masked_and_a_confidential_one_is_hidden_from_the_handler(world: World) -> None:
    plain = presentation.requester_card(again(report(world)), world.worker)
    assert (plain["name"], plain["phone"], plain["can_reveal"]) == ("李阿姨", "186****5521", True)
    assert presentation.requester_card(again(report(world, name="张三丰")), world.worker)["name"] == "张**"
    secret = again(report(world, is_confidential=True))
    assert presentation.requester_card(secret, world.worker)["phone"] == ""
    assert presentation.requester_card(secret, world.center)["phone"] == "186****5521"
    unknown = presentation.requester_card(again(report(world, is_anonymous=True)), world.worker)
    assert unknown["phone"] == ""
    assert not unknown["can_reveal"]


@pytest.mark.parametrize("face", ["satisfied", "so_so"])
def test_the_four_steps(world: World, face: str) -> None:
    ticket = report(world)
    assert presentation.resident_steps(ticket) == "doing"
    sign_order(ticket, actor=world.worker)
    resolve_ticket(ticket, actor=world.worker, reply="换了灯泡")
    ticket = again(ticket)
    if ticket.state == "resolved":
        assert presentation.resident_steps(ticket) == "checking"
        verify_ticket(ticket, passed=True, actor=world.leader)
        ticket = again(ticket)
    assert presentation.resident_steps(ticket) == "rating"
    rate_ticket(ticket, face=face, actor=Actor.requester(ticket.pk))
    assert presentation.resident_steps(again(ticket)) == "finished"
