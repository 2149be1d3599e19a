"""Every move through its endpoint: done by who may, 403 for who may not, 409 in the wrong state, 404 outside."""

from __future__ import annotations

from typing import Any

import pytest

from requests_intake import workflow
from requests_intake.actions.rate import rate_ticket
from requests_intake.models import Ticket
from tests.api.conftest import Client
from tests.cases import report, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db

MOVES: dict[str, tuple[str, str, Any, str]] = {
    # endpoint: state before, who, body (a function of the world), state after
    "accept": ("submitted", "center", lambda w: {"note": "收下"}, "accepted"),
    "reject": ("submitted", "center", lambda w: {"reason": "outside", "note": "不归本区管，请找邻区。"}, "rejected"),
    "dispatch": ("accepted", "center", lambda w: {"organization": w.water.pk}, "handling"),
    "sign": ("dispatched", "worker", lambda w: {}, "handling"),
    "contact": ("signed", "worker", lambda w: {"note": "打过电话"}, "handling"),
    "assign": ("dispatched", "leader", lambda w: {"assignee": w.members["worker"].pk}, "handling"),
    "escalate": ("dispatched", "worker", lambda w: {"note": "要换线路"}, "handling"),
    "resolve": ("signed", "worker", lambda w: {"reply": "灯换好了"}, "resolved"),
    "solve-on-site": ("dispatched", "worker", lambda w: {"reply": "当场拧紧了灯泡"}, "resolved"),
    "verify": ("resolved", "staff", lambda w: {"note": "看过了"}, "visiting"),
    "rework": ("resolved", "staff", lambda w: {"note": "还是不亮"}, "handling"),
    "return-visit": ("visiting", "visitor", lambda w: {"answer": "satisfied"}, "closed"),
    "close": ("visiting", "dispatcher", lambda w: {"reason": "reviewed", "note": "已复核"}, "closed"),
    "reopen": ("closed", "dispatcher", lambda w: {"note": "又坏了"}, "handling"),
    "relocate": ("submitted", "center", lambda w: {"building": w.building.pk}, "submitted"),
    "classify": ("dispatched", "staff", lambda w: {"category": "0101"}, "handling"),
    "archive": ("closed", "dispatcher", lambda w: {}, "archived"),
    "merge": ("dispatched", "staff", lambda w: {"into": report(w).number}, "merged"),
    "unmerge": ("merged", "staff", lambda w: {"note": "是两件事"}, "handling"),
    "split": ("dispatched", "staff", lambda w: {"parts": [{"content": "楼下垃圾没人清"}]}, "handling"),
    "order-again": ("review", "secretary", lambda w: {"note": "换整条线路"}, "handling"),
    "review-up": ("review", "secretary", lambda w: {"note": "要街道协调电力"}, "handling"),
    "ask-unreasonable": ("review", "secretary", lambda w: {"note": "要求赔偿，无依据"}, "visiting"),
    "judge-unreasonable": ("claimed", "center", lambda w: {"granted": True, "note": "没有政策依据"}, "closed"),
}


def path(ticket: Ticket, move: str) -> str:
    return f"/api/v1/tickets/{ticket.number}/{move}/"


def body_of(world: World, move: str) -> dict[str, Any]:
    body = MOVES[move][2](world)
    if move == "classify":
        from requests_intake.reference import rules

        body["category"] = next(ref.code for ref in rules().categories.values() if ref.parent_id)
    return body


def test_every_move_of_staff_has_an_endpoint() -> None:
    of_staff = {
        name
        for name, allowed in workflow.ALLOWED.items()
        if any(relation in (workflow.HANDLES, workflow.COVERS) for _kind, relation in allowed)
    }
    assert {name.replace("-", "_") for name in MOVES} == of_staff


@pytest.mark.parametrize("move", MOVES)
def test_the_right_person_makes_the_move(world: World, api: Client, move: str) -> None:
    before, who, _body, after = MOVES[move]
    ticket = ticket_in(world, before)
    response = api(who).post(path(ticket, move), body_of(world, move))
    assert response.status_code == 200, response.json()
    ticket.refresh_from_db()
    assert (response.json()["number"], response.json()["state"], ticket.state) == (ticket.number, after, after)


@pytest.mark.parametrize("move", MOVES)
def test_a_reader_without_the_right_gets_403(world: World, api: Client, move: str) -> None:
    ticket = ticket_in(world, MOVES[move][0])
    response = api("official").post(path(ticket, move), body_of(world, move))
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("move", MOVES)
def test_another_street_gets_404(world: World, api: Client, move: str) -> None:
    ticket = ticket_in(world, MOVES[move][0])
    response = api("other_dispatcher").post(path(ticket, move), body_of(world, move))
    assert (response.status_code, response.json()["code"]) == (404, "no_ticket")


@pytest.mark.parametrize("move", MOVES)
def test_in_an_archived_ticket_nothing_moves(world: World, api: Client, move: str) -> None:
    who = {"relocate": "dispatcher", "accept": "dispatcher", "dispatch": "dispatcher", "reject": "dispatcher"}
    ticket = ticket_in(world, "archived")
    response = api(who.get(move, MOVES[move][1])).post(path(ticket, move), body_of(world, move))
    assert (response.status_code, response.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("move", MOVES)
def test_an_unknown_field_is_refused(world: World, api: Client, move: str) -> None:
    ticket = ticket_in(world, MOVES[move][0])
    response = api(MOVES[move][1]).post(path(ticket, move), {**body_of(world, move), "state": "closed"})
    assert response.status_code == 400
    assert response.json()["errors"] == {"state": ["没有这个字段。"]}


def test_resolving_without_a_word_is_refused(world: World, api: Client) -> None:
    response = api("worker").post(path(ticket_in(world, "signed"), "resolve"), {"reply": "  "})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["reply"])


def test_dispatching_to_an_organization_of_nowhere_is_422(world: World, api: Client) -> None:
    response = api("center").post(path(ticket_in(world, "accepted"), "dispatch"), {"organization": 999_999})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["organization"])


def test_a_refused_move_leaves_nothing_behind(world: World, api: Client) -> None:
    ticket = ticket_in(world, "dispatched")
    before = ticket.transitions.count()
    assert api("worker").post(path(ticket, "resolve"), {"reply": "好了"}).status_code == 409
    assert ticket.transitions.count() == before


def test_a_ticket_nobody_was_satisfied_with_is_closed_by_the_street(world: World, api: Client) -> None:
    from governance.kernel.actors import Actor

    ticket = ticket_in(world, "visiting")
    again = rate_ticket(ticket, face="unsolved", actor=Actor.requester(ticket.pk))
    assert again.state == "handling"
    response = api("dispatcher").post(path(ticket, "close"), {"reason": "reviewed", "note": "复核"})
    assert response.status_code == 409


def test_a_department_sees_a_ticket_only_once_it_has_the_order(world: World, api: Client) -> None:
    ticket = report(world)
    handler = api("handler")
    assert handler.get(f"/api/v1/tickets/{ticket.number}/").status_code == 404
    assert api("dispatcher").post(path(ticket, "dispatch"), {"organization": world.water.pk}).status_code == 200
    assert handler.get(f"/api/v1/tickets/{ticket.number}/").status_code == 200
    assert handler.post(path(ticket, "sign")).status_code == 200
