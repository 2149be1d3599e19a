"""How many SQL statements each page, each list of the API and each move takes, against ``query_counts.json``.

A difference fails, better or worse: ``UPDATE_QUERY_COUNTS=1`` rewrites the file, and the difference is reviewed with
the change that made it. BEGIN, COMMIT, savepoints and SET do not count. Reference data is read beforehand, as in a
process that has served a request.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.accounts.models import Notice, User
from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.desk import (
    archive_ticket,
    classify_ticket,
    reject_ticket,
    relocate_ticket,
    withdraw_ticket,
)
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.field_limits import arrive, tell_plan
from requests_intake.actions.handle import assign_order, contact_requester, sign_order
from requests_intake.actions.rate import close_ticket, rate_ticket, record_return_visit, reopen_ticket
from requests_intake.actions.resolve import resolve_ticket, solve_on_site
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Attachment, Ticket
from requests_intake.reference import rules
from tests.addressed import objects_of
from tests.cases import CONTENT, PHONE, SECRET, report, ticket_in
from tests.test_permission_matrix import ELSEWHERE, PEOPLE, path_of, rows
from tests.world import World

BASELINE = Path(__file__).with_name("query_counts.json")
MOST_FOR_INTAKE = 12
MOST_AT_THE_DOOR = MOST_FOR_INTAKE + 3  # the district, and the two statements of a write that may arrive twice
UNCOUNTED = re.compile(r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET)\b", re.IGNORECASE)

pytestmark = pytest.mark.django_db


@contextmanager
def counting() -> Iterator[list[str]]:
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [row["sql"] for row in captured.captured_queries if not UNCOUNTED.match(row["sql"])]


def undone(act: Callable[[], Any]) -> list[str]:
    """The statements of an act, which is then undone."""
    with transaction.atomic():
        with counting() as found:
            act()
        transaction.set_rollback(True)
    return found


def compare(group: str, measured: dict[str, Any]) -> None:
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        baseline[group] = measured
        BASELINE.write_text(json.dumps(baseline, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        return
    expected = baseline.get(group, {})
    different = {
        name: f"{expected.get(name)} → {measured.get(name)}"
        for name in sorted({*expected, *measured})
        if expected.get(name) != measured.get(name)
    }
    assert not different, f"statements of {group} changed (UPDATE_QUERY_COUNTS=1 rewrites the baseline): {different}"


def code() -> str:
    return next(ref.code for ref in rules().categories.values() if ref.parent_id)


def requester(ticket: Ticket) -> Actor:
    return Actor.requester(ticket.pk)


ACTIONS: dict[str, tuple[str, Callable[[World, Ticket], Any]]] = {
    "accept": ("submitted", lambda w, t: accept_ticket(t, actor=w.center)),
    "reject": ("submitted", lambda w, t: reject_ticket(t, reason="outside", note="x", actor=w.center)),
    "relocate": ("submitted", lambda w, t: relocate_ticket(t, building_id=w.building.pk, actor=w.center)),
    "dispatch": ("accepted", lambda w, t: dispatch_ticket(t, organization_id=w.water.pk, actor=w.center)),
    "dispatch on": ("dispatched", lambda w, t: dispatch_ticket(t, organization_id=w.water.pk, actor=w.dispatcher)),
    "sign": ("dispatched", lambda w, t: sign_order(t, actor=w.worker)),
    "assign": ("dispatched", lambda w, t: assign_order(t, membership_id=w.worker.membership_id, actor=w.leader)),
    "classify": ("dispatched", lambda w, t: classify_ticket(t, category_code=code(), actor=w.staff)),
    "escalate": ("dispatched", lambda w, t: escalate_ticket(t, note="x", actor=w.worker)),
    "solve_on_site": ("dispatched", lambda w, t: solve_on_site(t, reply="x", actor=w.worker)),
    "withdraw": ("dispatched", lambda w, t: withdraw_ticket(t, actor=requester(t))),
    "contact": ("signed", lambda w, t: contact_requester(t, note="x", actor=w.worker)),
    "arrive": ("danger", lambda w, t: arrive(t, actor=w.handler)),
    "tell_plan": ("difficult", lambda w, t: tell_plan(t, note="x", actor=w.handler)),
    "resolve": ("signed", lambda w, t: resolve_ticket(t, reply="x", actor=w.worker)),
    "verify": ("resolved", lambda w, t: verify_ticket(t, passed=True, actor=w.staff)),
    "rework": ("resolved", lambda w, t: verify_ticket(t, passed=False, note="x", actor=w.staff)),
    "rate satisfied": ("visiting", lambda w, t: rate_ticket(t, face="satisfied", actor=requester(t))),
    "rate unsolved": ("visiting", lambda w, t: rate_ticket(t, face="unsolved", actor=requester(t))),
    "return_visit": ("visiting", lambda w, t: record_return_visit(t, answer="satisfied", actor=w.visitor)),
    "close": ("visiting", lambda w, t: close_ticket(t, reason="reviewed", note="x", actor=w.dispatcher)),
    "reopen": ("closed", lambda w, t: reopen_ticket(t, note="x", actor=w.dispatcher)),
    "archive": ("closed", lambda w, t: archive_ticket(t, actor=w.dispatcher)),
}


def test_statements_of_each_move(world: World) -> None:
    tickets = {state: ticket_in(world, state) for state in {state for state, _act in ACTIONS.values()}}
    measured = {
        name: len(undone(lambda: act(world, Ticket.objects.get(pk=tickets[state].pk)))) - 1  # noqa: B023
        for name, (state, act) in ACTIONS.items()
    }
    compare("moves", measured)


REPORTS: dict[str, Callable[[World], dict[str, Any]]] = {
    "at a building": lambda w: {"building_id": w.building.pk},
    "by address": lambda w: {"address": f"{w.building.name}二单元"},
    "by point": lambda w: {"point": w.point_in(w.grid)},
    "by community": lambda w: {"community_id": w.community.pk},
}


def test_intake_takes_few_statements(world: World) -> None:
    report(world)
    for changes in REPORTS.values():
        report(world, **{"building_id": None, **changes(world)})  # borders and names are read once
    measured = {}
    for name, changes in REPORTS.items():
        said = Report(content=CONTENT, name="李小明", phone=PHONE, **changes(world))
        found = undone(lambda: submit_ticket(said, actor=Actor.public()))  # noqa: B023
        assert len(found) <= MOST_FOR_INTAKE, (name, found)
        measured[name] = len(found)
    assert submit_ticket(said, actor=Actor.public()).ticket.state == "handling"
    compare("intake", measured)


def test_statements_of_the_public_doors(world: World) -> None:
    """The whole request: district, session of the browser and idempotency included."""
    for _warm in range(2):
        page, program = Client(), Client()
        form = {"content": CONTENT, "building": world.building.pk, "phone": PHONE, "idempotency_key": str(uuid4())}
        with counting() as by_page:
            response = page.post(f"/d/{world.district.code}/report/", form)
        assert response.status_code == 302
        with counting() as by_program:
            response = program.post(
                f"/d/{world.district.code}/api/v1/public/tickets/",
                {"content": CONTENT, "building": world.building.pk, "phone": PHONE},
                content_type="application/json",
                headers={"Idempotency-Key": str(uuid4())},
            )
        assert response.status_code == 201
    assert set(Ticket.objects.values_list("state", flat=True)) == {"handling"}
    # The browser's session remembers whose ticket it is; that is not the intake.
    intake = [sql for sql in by_page if "django_session" not in sql]
    assert len(intake) <= MOST_AT_THE_DOOR, intake
    assert len(by_program) <= MOST_AT_THE_DOOR, by_program
    compare("public doors", {"form": len(by_page), "api": len(by_program)})


@pytest.fixture
def filled(world: World) -> Callable[[int], Ticket]:
    """Fills the first grid up to a number of tickets; gives the first of them."""

    def fill(number: int) -> Ticket:
        for _n in range(number - Ticket.objects.count()):
            report(world)
        return Ticket.objects.order_by("pk")[0]

    return fill


def test_a_sweep_takes_as_many_statements_for_fifty_tickets_as_for_five(world: World, filled: Any) -> None:
    measured = {}
    for number in (5, 50):
        filled(number)
        with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
            measured[f"{number} tickets"] = len(undone(sweep))
    assert measured["5 tickets"] == measured["50 tickets"]
    compare("sweep", measured)


LISTS = ["tickets/", "tickets/?q=楼道灯", "tickets/?page_size=50", "areas/", "organizations/", "buildings/?q=花园",
         "categories/", "me/"]  # fmt: skip


def test_statements_of_the_api_do_not_grow_with_rows(world: World, filled: Any) -> None:
    center = world.sign_in(Client(), "center")
    measured: dict[str, dict[str, int]] = {}
    for number in (5, 50):
        ticket = filled(number)
        for name, path in [*((name, name) for name in LISTS), ("tickets/<number>/", f"tickets/{ticket.number}/")]:
            with time_machine.travel(clock.now(), tick=False):
                center.get(f"/api/v1/{path}")
                with counting() as found:
                    response = center.get(f"/api/v1/{path}")
            assert response.status_code == 200
            measured.setdefault(name, {})[f"{number} rows"] = len(found)
    assert {name: counts for name, counts in measured.items() if len(set(counts.values())) != 1} == {}
    compare("api", {name: counts["50 rows"] for name, counts in measured.items()})


def clients(world: World, ticket: Ticket) -> dict[str, Client]:
    found = {}
    for name in PEOPLE:
        if name in ELSEWHERE:
            continue
        found[name] = Client()
        if name == "requester":
            found[name].post(f"/d/{world.district.code}/track/", {"number": ticket.number, "secret": SECRET})
        elif name == "platform":
            user = User.objects.create_superuser("platform", "a-password-for-tests")
            found[name].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        elif name not in ("anonymous", "sibling"):
            world.sign_in(found[name], name)
    return found


def test_statements_of_pages_do_not_grow_with_rows(world: World, filled: Any, settings: Any, tmp_path: Path) -> None:
    """Every page of the table of permissions, by the first person who may see it."""
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "a.jpg").write_bytes(b"any bytes")
    ticket = filled(5)
    photo = Attachment.objects.create(
        ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9, sha256="0" * 64,
        created_at=clock.now(),
    )  # fmt: skip
    notice = Notice.objects.create(
        membership=world.members["worker"], source="test", kind="dispatch", text="新工单", created_at=clock.now()
    )
    values = {"number": ticket.number, "photo": photo.pk, "notice": notice.pk, "objects": objects_of(world)}
    measured: dict[str, dict[str, int]] = {}
    people = clients(world, ticket)
    for number in (5, 50):
        filled(number)
        for name, method, statuses in rows():
            if method != "GET" or 200 not in statuses or name.startswith(("api:", "admin:")):
                continue
            client, path = people[PEOPLE[statuses.index(200)]], f"/d/{world.district.code}{path_of(name, values)}"
            # At one moment: a session notes once a minute that it is in use, and a minute may end between the two.
            with time_machine.travel(clock.now(), tick=False):
                client.get(path)
                with counting() as found:
                    response = client.get(path)
            assert response.status_code == 200, name
            measured.setdefault(name, {})[f"{number} rows"] = len(found)
    grown = {name: counts for name, counts in measured.items() if len(set(counts.values())) != 1}
    assert grown == {}
    compare("pages", {name: counts["50 rows"] for name, counts in measured.items()})
