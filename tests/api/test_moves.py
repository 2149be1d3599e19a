"""Every move through its endpoint: done by who may, 403 for who may not, 409 in the wrong state, 404 outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.kernel import clock
from requests_intake import workflow
from requests_intake.actions.rate import rate_ticket
from requests_intake.models import Ticket
from tests.api.conftest import Client
from tests.cases import report, ticket_in
from tests.mediators import body
from tests.posts.cast import force
from tests.world import World

pytestmark = pytest.mark.django_db

OF_STAFF = {workflow.HANDLES, workflow.COVERS, workflow.ASSISTS, workflow.DECIDES}


def soon(reason: str) -> dict[str, str]:
    return {"reason": reason, "until": (clock.now() + timedelta(days=2)).isoformat()}


MOVES: dict[str, tuple[str, str, Any, str]] = {
    # endpoint: state before, who, body (a function of the world), state after
    "accept": ("submitted", "center", lambda w: {"note": "收下"}, "accepted"),
    "reject": ("submitted", "center", lambda w: {"reason": "outside", "note": "不归本区管，请找邻区。"}, "rejected"),
    "dispatch": ("accepted", "center", lambda w: {"organization": w.water.pk}, "handling"),
    "sign": ("dispatched", "worker", lambda w: {}, "handling"),
    "contact": ("signed", "worker", lambda w: {"note": "打过电话"}, "handling"),
    "arrive": ("danger", "handler", lambda w: {"note": "到泵房了"}, "handling"),
    "control-danger": ("danger", "handler", lambda w: {"note": "已关阀"}, "handling"),
    "report-danger": ("danger", "handler", lambda w: {"note": "还在抢修"}, "handling"),
    "tell-plan": ("difficult", "handler", lambda w: {"note": "下周换管"}, "handling"),
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
    "mediate": ("signed", "worker", body, "handling"),
    "order-again": ("review", "secretary", lambda w: {"note": "换整条线路"}, "handling"),
    "review-up": ("review", "secretary", lambda w: {"note": "要街道协调电力"}, "handling"),
    "ask-unreasonable": ("review", "secretary", lambda w: {"note": "要求赔偿，无依据"}, "visiting"),
    "judge-unreasonable": ("claimed", "center", lambda w: {"granted": True, "note": "没有政策依据"}, "closed"),
    "claim": ("sent", "handler", lambda w: {}, "handling"),
    "give-back": ("pooled", "handler", lambda w: {"note": "今天请假"}, "handling"),
    "delegate-down": ("street", "dispatcher", lambda w: {"organization": w.committee.pk, "note": "就地办"}, "handling"),
    "add-handler": ("taken", "handler", lambda w: {"organization": w.urban.pk}, "handling"),
    "cancel-handler": ("helping", "dispatcher", lambda w: {"organization": w.water.pk, "note": "不用了"}, "handling"),
    "co-resolve": ("helped", "handler", lambda w: {"note": "管子换了"}, "handling"),
    "ask-return": (
        "taken",
        "handler",
        lambda w: {"reason": "not_ours", "clause": "条例第三条", "suggested": w.urban.pk, "note": "不归我们"},
        "handling",
    ),
    "ask-extension": (
        "taken",
        "handler",
        lambda w: {"reason": "material", "limit": 1, "told": "再等等", "note": "等配件"},
        "handling",
    ),
    "ask-pause": (
        "taken",
        "handler",
        lambda w: {**soon("force_majeure"), "told": "雨停再修", "note": "暴雨"},
        "handling",
    ),
    "ask-suspension": (
        "suspensible",
        "handler",
        lambda w: {
            **soon("money"),
            "responsible": w.members["handler_leader"].pk,
            "told": "明年办",
            "note": "列入计划",
        },
        "handling",
    ),
    "call-helper": ("taken", "dispatcher", lambda w: {"force": force(w.street, w.dispatcher).pk}, "handling"),
    "take-back": ("asked_extension", "handler", lambda w: {"kind": "extension"}, "handling"),
    "grant-return": ("asked_return", "center", lambda w: {}, "handling"),
    "grant-extension": ("asked_extension", "center", lambda w: {}, "handling"),
    "grant-pause": ("asked_pause", "center", lambda w: {}, "handling"),
    "grant-suspension": ("asked_suspension", "center", lambda w: {}, "handling"),
    "refuse": ("asked_pause", "center", lambda w: {"kind": "pause", "note": "不用停"}, "handling"),
    "resume": ("paused", "handler", lambda w: {}, "handling"),
    "review-suspension": ("suspended", "handler", lambda w: {"note": "资金没有到"}, "handling"),
    "unsuspend": ("suspended", "handler", lambda w: {"note": "资金到了"}, "handling"),
    "urge": ("taken", "dispatcher", lambda w: {"note": "请抓紧"}, "handling"),
    "supervise": ("taken", "street_leader", lambda w: {"note": "限期答复"}, "handling"),
    "answer-supervision": ("supervised", "handler", lambda w: {"note": "明天完工"}, "handling"),
    "publish-circular": ("drafted", "supervisor", lambda w: {"note": "通报"}, "handling"),
    "withdraw-circular": ("published", "supervisor", lambda w: {"note": "发错了"}, "handling"),
    "drop-circular": ("drafted", "supervisor", lambda w: {"note": "已经答复"}, "handling"),
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
        name for name, allowed in workflow.ALLOWED.items() if {relation for _kind, relation in allowed} & OF_STAFF
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
    # Officials may press; who only asks residents may not.
    pressing = ("urge", "supervise", "publish-circular", "drop-circular", "withdraw-circular")
    reader = "visitor" if move in pressing else "official"
    response = api(reader).post(path(ticket, move), body_of(world, move))
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("move", MOVES)
def test_another_street_gets_404(world: World, api: Client, move: str) -> None:
    ticket = ticket_in(world, MOVES[move][0])
    response = api("other_dispatcher").post(path(ticket, move), body_of(world, move))
    assert (response.status_code, response.json()["code"]) == (404, "no_ticket")


@pytest.mark.parametrize("move", MOVES)
def test_in_an_archived_ticket_nothing_moves(world: World, api: Client, move: str) -> None:
    who = {"relocate": "dispatcher", "accept": "dispatcher", "dispatch": "dispatcher", "reject": "dispatcher"}
    who |= {"add-handler": "dispatcher", "review-suspension": "center", "unsuspend": "center"}
    ticket = ticket_in(world, "archived")
    person = who.get(move, "worker" if MOVES[move][1] == "handler" else MOVES[move][1])  # it was the grid's
    response = api(person).post(path(ticket, move), body_of(world, move))
    # Who helps, and who may ask for a suspension, is nobody of the grid's team.
    refused = (
        (403, "not_allowed") if move in ("co-resolve", "ask-suspension", "delegate-down") else (409, "wrong_state")
    )
    if move == "withdraw-circular":
        refused = (409, "nothing_open")  # what was published wrongly is withdrawn even then; here nothing was
    assert (response.status_code, response.json()["code"]) == refused


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
