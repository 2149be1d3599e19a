"""What lies outside somebody's scope is to them as if it were not there.

Two claims, over every address of ``tests.matrix`` and the whole cast of ``tests.world``:

* an object outside one's scope, named in an address, gets the very answer of one that does not exist;
* whatever happens outside one's scope, every page and list, with its counts, searches, exports and notices, stays the
  same to the letter.

Only what changes by itself (tokens against forgery, keys of forms, nonces) and the address itself, which a page's links
repeat, are taken out before comparing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zipfile import ZipFile

import pytest
import time_machine
from django.test import Client
from django.urls import NoReverseMatch, clear_script_prefix, reverse

from governance.accounts.models import Membership, Notice
from governance.kernel import clock, outbox
from governance.kernel.tenancy.context import district_scope, no_district
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.models import Attachment, Ticket, TicketTransition
from tests.about import ABOUT
from tests.addressed import objects_of
from tests.cases import CONTENT, SECRET, report, ticket_in
from tests.test_permission_matrix import ask, bodies, path_of, rows
from tests.whistles import blown
from tests.world import World, make_district

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

MISSING = 2_000_000_000  # a primary key nothing has
NO_KEY = UUID(int=14)  # a client's key nothing has
NO_NUMBER = "200101-00014"  # a well-formed number of a day without tickets

CAST = (
    "worker", "leader", "staff", "secretary", "dispatcher", "street_leader", "handler", "handler_leader",
    "urban_handler", "center", "visitor", "supervisor", "admin", "security", "auditor", "official",
    "other_worker", "other_secretary", "other_dispatcher",
)  # fmt: skip
# One for each surface and kind of right: those who are sent through every address.
VISITORS = ("worker", "staff", "dispatcher", "handler", "center", "official", "admin", "security", "auditor")
# Who sees a ticket of the first grid, and who one of the other street: by post, written down and not asked for.
WHOLE_DISTRICT = {"center", "visitor", "supervisor", "official"}
SEES_FIRST_GRID = {"worker", "leader", "staff", "secretary", "dispatcher", "street_leader"} | WHOLE_DISTRICT
SEES_OTHER_STREET = {"other_worker", "other_secretary", "other_dispatcher"} | WHOLE_DISTRICT
# Addresses about a whole district's figures change with every ticket of it, as they should.
DISTRICT_FIGURES = ("board:", "manage:", "security:", "audit:")

# Left out of the comparison: the same for everybody at all times, or (a key to be enrolled) new at every look.
_LEFT_OUT = (
    "help:", "admin:", "ui-", "healthz", "api:schema", "api:docs", "manage:import_template", "setup:",
    "accounts:second_factor_setup",
)  # fmt: skip
_CHANGING = re.compile(
    r"""name="(?:csrfmiddlewaretoken|batch|key)"\ value="\w+" | nonce="[^"]+"
      | "X-CSRFToken":\ *"\w+" | csrf\w*&quot;:[^}]+
      | next=[^"&]+ | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}""",
    re.VERBOSE,
)


def values_of(world: World, media: Any) -> dict[str, Any]:
    """What addresses are made of: a ticket of the first grid, its photo, the worker's notice, objects of /manage/."""
    (media / "a.jpg").write_bytes(b"any bytes")
    with district_scope(world.district):
        ticket = report(world)
        return about_a_ticket(ticket, world.members["worker"]) | {"objects": objects_of(world)}


def about_a_ticket(ticket: Ticket, member: Membership) -> dict[str, Any]:
    """Its number, a photo of it, and a notice to somebody who works on it."""
    photo = Attachment.objects.create(
        ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9,
        sha256="0" * 64, created_at=clock.now(),
    )  # fmt: skip
    notice = Notice.objects.create(
        membership=member, source="test", kind="dispatch", text="新工单", created_at=clock.now()
    )
    return {"number": ticket.number, "photo": photo.pk, "notice": notice.pk}


def missing(values: dict[str, Any]) -> dict[str, Any]:
    """The same kinds of things, none of which exists."""
    objects = {
        name: [MISSING if isinstance(part, int) else NO_KEY if isinstance(part, UUID) else part for part in arguments]
        for name, arguments in values["objects"].items()
    }
    return {"number": NO_NUMBER, "photo": MISSING, "notice": MISSING, "objects": objects}


def about_an_object(name: str, values: dict[str, Any]) -> bool:
    """Whether an address names an object that has its own number or key (and not, say, a chapter of the handbook)."""
    if name in ABOUT:
        return any(isinstance(part, int | UUID) for part in values["objects"][ABOUT[name]])
    if name in ("admin:*", "api:unknown", "help:chapter"):
        return False
    clear_script_prefix()
    try:
        reverse(name)
    except NoReverseMatch:
        return True
    return False


def plain(body: bytes, *numbers: object) -> str:
    if body.startswith(b"PK"):  # a workbook: its parts, without the moments at which they were packed
        with ZipFile(BytesIO(body)) as parts:
            body = b"".join(parts.read(name) for name in parts.namelist() if name != "docProps/core.xml")
    text = _CHANGING.sub("", body.decode("utf-8", "replace"))
    for number in sorted({str(number) for number in numbers}, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(number)}(?![\w-])", "#", text)
    return text


def numbers_in(values: dict[str, Any]) -> list[object]:
    flat = [part for arguments in values["objects"].values() for part in arguments if isinstance(part, int)]
    return [values["number"], values["photo"], values["notice"], *flat]


@pytest.fixture
def two(world: World, settings: Any, tmp_path: Any) -> tuple[World, World]:
    settings.MEDIA_ROOT = tmp_path
    return world, make_district("t2", 2)


def pages(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and path of every address that can be read, also searched and filtered."""
    clear_script_prefix()
    names = [name for name, method, _statuses in rows() if method == "GET" and not name.startswith(_LEFT_OUT)]
    found = [(name, path_of(name, values)) for name in names]
    lists = [
        (name, path) for name, path in found if name.startswith(("desk:", "worker:", "api:", "resident:", "board:"))
    ]
    return found + [(f"{name} {query}", f"{path}?{query}") for name, path in lists for query in values["queries"]]


Seen = dict[str, dict[str, tuple[int, str, str]]]  # person → address → status, redirect and content


def crawl(world: World, clients: dict[str, Client], addresses: dict[str, list[tuple[str, str]]]) -> Seen:
    seen: Seen = {}
    for person, client in clients.items():
        seen[person] = {}
        for name, path in addresses[person]:
            status, location, body = ask(client, "GET", f"/d/{world.district.code}{path}", {}, name.startswith("api:"))
            seen[person][name] = (status, location, plain(body))
    return seen


def steady(
    world: World, clients: dict[str, Client], addresses: list[tuple[str, str]]
) -> tuple[Seen, Callable[[], Seen]]:
    """What everybody sees of what is open to them, once a first visit has left behind what it does; and how to ask
    again."""
    first = crawl(world, clients, dict.fromkeys(clients, addresses))
    opened = {person: [(name, path) for name, path in addresses if first[person][name][0] == 200] for person in clients}
    assert all(opened.values())
    return crawl(world, clients, opened), lambda: crawl(world, clients, opened)


def test_what_lies_outside_is_answered_like_what_does_not_exist(two: tuple[World, World], tmp_path: Any) -> None:
    own, foreign = two
    mine = values_of(own, tmp_path)
    # Every district counts its tickets from one each day and its whistles from one: on another day, and after a first
    # whistle, none of their numbers is also one of ours.
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        with district_scope(foreign.district):
            blown(foreign)
        theirs = values_of(foreign, tmp_path)
    assert compared(own, dict.fromkeys(VISITORS, theirs), mine) > 500


def test_what_lies_in_another_street_is_answered_like_what_does_not_exist(
    world: World, settings: Any, tmp_path: Any
) -> None:
    """For each level of the first street a matter of the second, and for those of the second one of the first."""
    settings.MEDIA_ROOT = tmp_path
    mine = values_of(world, tmp_path)
    theirs = mine | about_a_ticket(report(world, building_id=world.buildings[8].pk), world.members["other_worker"])
    here = ("worker", "staff", "dispatcher", "handler", "admin", "security", "auditor")
    there = ("other_worker", "other_secretary", "other_dispatcher")
    # Whoever knows a requester's number opens what they reported, in post or not: so a number that is wrong.
    assert compared(world, dict.fromkeys(here, theirs), mine, secret="0000") > 200
    assert compared(world, dict.fromkeys(there, mine), theirs, secret="0000") > 100


def compared(own: World, outside: dict[str, dict[str, Any]], mine: dict[str, Any], *, secret: str = SECRET) -> int:
    """Ask every address about a thing outside (by person) and about nothing; how many answers were compared."""
    nothing, said = missing(mine), bodies(own)
    said = {name: body | {"secret": secret} if "secret" in body else body for name, body in said.items()}
    asked, wrong = 0, []
    with no_district():
        for person, theirs in outside.items():
            strip = [*numbers_in(theirs), *numbers_in(nothing)]
            client = own.sign_in(Client(raise_request_exception=False), person)
            for name, method, _statuses in rows():
                # Where both count from one, a number says nothing about the other's.
                if not about_an_object(name, mine) or path_of(name, mine) == path_of(name, theirs):
                    continue
                got = []
                for values in (theirs, nothing):
                    path = f"/d/{own.district.code}{path_of(name, values)}"
                    status, location, body = ask(client, method, path, said.get(name, {}), name.startswith("api:"))
                    got.append((status, plain(location.encode(), *strip), plain(body, *strip)))
                asked += 1
                if got[0] != got[1]:
                    wrong.append(f"{person}: {method} {name} {first_difference(*got)}")
    assert not wrong, "\n".join(wrong)
    return asked


def first_difference(one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    for left, right in zip(one, other, strict=True):
        if left != right:
            left, right = str(left), str(right)
            at = next((n for n, pair in enumerate(zip(left, right, strict=False)) if len(set(pair)) > 1), 0)
            return f"{left[max(0, at - 60) : at + 60]!r} … {right[max(0, at - 60) : at + 60]!r}"
    return "the same"


@pytest.mark.parametrize("where", ["first grid", "other street"])
def test_a_ticket_is_there_for_whom_the_table_says_and_for_nobody_else(world: World, where: str) -> None:
    building = world.building if where == "first grid" else world.buildings[8]
    number = report(world, building_id=building.pk).number
    seen, listed = set(), set()
    with no_district():
        for person in CAST:
            client = world.sign_in(Client(), person)
            seen |= {person} if client.get(f"/api/v1/tickets/{number}/").status_code == 200 else set()
            for query in ("", "?q=楼道灯"):
                listed |= {person} if number in client.get(f"/api/v1/tickets/{query}").content.decode() else set()
    assert seen == listed == (SEES_FIRST_GRID if where == "first grid" else SEES_OTHER_STREET)


def test_nothing_that_happens_in_another_district_changes_anything_anybody_sees(
    two: tuple[World, World], tmp_path: Any
) -> None:
    own, foreign = two
    mine, theirs = values_of(own, tmp_path), values_of(foreign, tmp_path)
    category = theirs["objects"]["category"][0]
    filters = {"organization": foreign.water.pk, "area": foreign.grid.pk, "building": foreign.building.pk}
    mine["queries"] = ["q=漏水", urlencode(filters | {"category": category})]
    with no_district():
        clients = {person: own.sign_in(Client(raise_request_exception=False), person) for person in VISITORS}
        clients["anonymous"] = Client(raise_request_exception=False)
        clients["requester"] = Client(raise_request_exception=False)
        clients["requester"].post(f"/d/{own.district.code}/track/", {"number": mine["number"], "secret": SECRET})
        before, again = steady(own, clients, pages(mine))
        with district_scope(foreign.district):
            for state in ("dispatched", "signed", "resolved", "closed"):
                ticket_in(foreign, state)
            report(foreign, content="厨房漏水漏到楼下，请尽快来人。")
            escalate_ticket(Ticket.objects.get(number=theirs["number"]), note="x", actor=foreign.worker)
        assert_same(before, again())


def assert_same(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> None:
    changed = [
        f"{person}: {name} {first_difference(before[person][name], after[person][name])}"
        for person in before
        for name in before[person]
        if before[person][name] != after[person][name]
    ]
    assert not changed, "\n".join(changed)


def test_nothing_that_happens_in_another_street_changes_what_this_street_sees(
    world: World, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    mine = values_of(world, tmp_path)
    mine["queries"] = ["q=楼道灯", "q=漏水", f"organization={world.organizations[world.other_grid.pk].pk}",
                       f"area={world.other_grid.pk}", f"building={world.buildings[8].pk}"]  # fmt: skip
    addresses = [(name, path) for name, path in pages(mine) if not name.startswith(DISTRICT_FIGURES)]
    with no_district():
        outside = [person for person in VISITORS if person not in SEES_OTHER_STREET]
        clients = {person: world.sign_in(Client(raise_request_exception=False), person) for person in outside}
        before, again = steady(world, clients, addresses)
        with district_scope(world.district):
            for _n in range(3):
                report(world, building_id=world.buildings[8].pk, content=f"厨房漏水。{CONTENT}")
        assert_same(before, again())


def test_a_restricted_matter_is_to_everybody_outside_as_if_it_did_not_exist(
    world: World, settings: Any, tmp_path: Any
) -> None:
    """Every address about it, from everybody, answers as about a number that was never given."""
    settings.MEDIA_ROOT = tmp_path
    mine = values_of(world, tmp_path)
    secret = report(world, content="街道食堂拿回扣。", request_type="report")
    theirs = mine | {"number": secret.number}
    # The centre's dispatcher stands in at the confidential desk: everybody else is outside.
    outside = ("worker", "secretary", "street_leader", "handler", "visitor", "supervisor", "official", "admin")
    assert compared(world, dict.fromkeys(outside, theirs), mine, secret="0000") > 200


@pytest.mark.parametrize("kind", ["report", "letter"])
def test_nothing_changes_for_those_outside_when_a_restricted_matter_comes(
    world: World, settings: Any, tmp_path: Any, kind: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    mine = values_of(world, tmp_path)
    mine["queries"] = ["q=食堂"]
    # The auditor reads that somebody did something; the platform's own pages say when a district was last busy.
    addresses = [row for row in pages(mine) if not row[0].startswith(("manage:audit", "setup:"))]
    with no_district():
        outside = ["worker", "staff", "dispatcher", "official", "admin"]
        clients = {person: world.sign_in(Client(raise_request_exception=False), person) for person in outside}
        clients["anonymous"] = Client(raise_request_exception=False)
        with district_scope(world.district):
            outbox.deliver(TicketTransition)  # what happened before is told before the first look
        before, again = steady(world, clients, addresses)
        with district_scope(world.district):
            said = {"content": "街道食堂拿回扣，食堂老板姓赵。", "request_type": "report", "building_id": None}
            if kind == "letter":
                said |= {"channel": "letter_to_secretary", "community_id": world.community.pk}
            else:
                said |= {"building_id": world.building.pk}
            report(world, **said)
            outbox.deliver(TicketTransition)
        assert_same(before, again())
