"""Lists of applications and of pressure from above for programs; an issue published and withdrawn."""

from __future__ import annotations

from uuid import uuid4

import pytest

from governance.kernel import clock
from requests_intake.actions.press import decide_circular, urge_ticket
from requests_intake.models import Circular, Supervision
from tests.api.conftest import Client
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db
APPLICATIONS, SUPERVISIONS, CIRCULARS = "/api/v1/applications/", "/api/v1/supervisions/", "/api/v1/circulars/"


def test_applications_are_seen_as_their_tickets_are(world: World, api: Client) -> None:
    ticket = ticket_in(world, "asked_extension")
    for name in ("center", "handler", "secretary"):
        found = api(name).get(APPLICATIONS).json()
        assert [(row["number"], row["kind"], row["state"]) for row in found["results"]] == [
            (ticket.number, "extension", "asked")
        ]
    assert api("other_dispatcher").get(APPLICATIONS).json()["count"] == 0
    assert api("urban_handler").get(APPLICATIONS).json()["count"] == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=pause", 1), ("kind=return", 1), ("kind=suspension", 0), ("state=granted", 1), ("state=asked", 1),
        ("decider=CENTER", 2), ("decider=WATER", 0), ("organization=WATER", 2), ("organization=CENTER", 0),
        ("kind=pause&state=asked", 0),
    ],
)  # fmt: skip
def test_applications_are_narrowed(world: World, api: Client, query: str, count: int) -> None:
    ticket_in(world, "paused")
    ticket_in(world, "asked_return")
    asked = query.replace("CENTER", str(world.center_office.pk)).replace("WATER", str(world.water.pk))
    assert api("center").get(f"{APPLICATIONS}?{asked}").json()["count"] == count


@pytest.mark.parametrize("query", ["kind=holiday", "state=x", "decider=-1", "page=0", "unknown=1"])
def test_what_nobody_offered_is_refused(world: World, api: Client, query: str) -> None:
    assert api("center").get(f"{APPLICATIONS}?{query}").status_code in (400, 422)


@pytest.mark.parametrize("path", [APPLICATIONS, SUPERVISIONS])
def test_whose_post_has_no_such_page_has_no_such_list(world: World, api: Client, path: str) -> None:
    answer = api("worker").get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_each_kind_of_pressure_has_its_rows(world: World, api: Client) -> None:
    ordered, published = ticket_in(world, "supervised"), ticket_in(world, "published")
    urge_ticket(ordered, actor=world.center, note="请抓紧")
    client = api("center")
    by_kind = {
        kind: client.get(f"{SUPERVISIONS}?kind={kind}").json()["results"]
        for kind in ("urge", "supervision", "circular")
    }
    assert [(row["number"], row["state"]) for row in by_kind["urge"]] == [(ordered.number, "open")]
    assert {row["number"] for row in by_kind["supervision"]} == {ordered.number, published.number}
    assert [(row["number"], row["state"]) for row in by_kind["circular"]] == [(published.number, "published")]
    assert by_kind["circular"][0]["circular"] == Circular.objects.get().pk
    waiting = client.get(f"{SUPERVISIONS}?answered=false").json()["results"]
    assert {row["state"] for row in waiting} == {"issued", "overdue"}
    assert client.get(f"{SUPERVISIONS}?organization={world.urban.pk}").json()["count"] == 0
    assert api("other_dispatcher").get(f"{SUPERVISIONS}?kind=urge").json()["count"] == 0


def test_a_draft_is_nothing_yet_for_whom_it_names(world: World, api: Client) -> None:
    ticket = ticket_in(world, "drafted")
    assert api("handler").get(f"{SUPERVISIONS}?kind=circular").json()["count"] == 0
    found = api("supervisor").get(f"{SUPERVISIONS}?kind=circular").json()["results"]
    assert [(row["number"], row["state"]) for row in found] == [(ticket.number, "draft")]


def test_an_issue_is_published_once_and_names_what_it_skipped(world: World, api: Client) -> None:
    tickets = [ticket_in(world, "drafted") for _time in range(2)]
    rows = [Supervision.objects.get(ticket=ticket, kind="circular") for ticket in tickets]
    decide_circular(rows[0], publish=False, note="已经答复", actor=world.center)
    body = {"lines": [{"draft": row.pk, "note": "超期未办结"} for row in rows]}
    client, key = api("supervisor"), str(uuid4())
    first = client.post(CIRCULARS, body, headers={"Idempotency-Key": key})
    again = client.post(CIRCULARS, body, headers={"Idempotency-Key": key})
    assert first.status_code == 201, first.json()
    assert again.json() == first.json()
    assert first.json()["published"] == [tickets[1].number]
    assert [(row["number"], row["code"]) for row in first.json()["skipped"]] == [(tickets[0].number, "decided")]
    assert Circular.objects.get().year == clock.today().year
    assert api("dispatcher").post(CIRCULARS, body).status_code == 403


def test_an_issue_is_withdrawn_by_who_publishes(world: World, api: Client) -> None:
    ticket_in(world, "published")
    path = f"{CIRCULARS}{Circular.objects.get().pk}/withdraw/"
    assert api("dispatcher").post(path, {"note": "发错了"}).status_code == 403
    assert api("other_dispatcher").post(path, {"note": "发错了"}).status_code == 404
    assert api("official").post(path, {}).status_code == 400
    assert api("official").post(path, {"note": "发错了"}).status_code == 200
    assert Supervision.objects.get(kind="circular").state == "withdrawn"
