"""A walk over every page there is: the GET addresses of the table of permissions, each by somebody who may see it.

``stops`` says what is visited, ``Walker`` opens it in a browser, one context a person. What is asked of a page stands
in ``page_checks.js`` and in axe-core; findings are lines ``page at width: what``, so that a failing test is a list to
mend.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Error, Page

from governance.accounts.actions import residents
from governance.accounts.models import Notice, User
from governance.kernel import clock
from governance.kernel.tenancy.context import district_transaction
from grids.actions.heads import invite_head
from requests_intake.models import Attachment
from requests_intake.views import resident_login
from tests.addressed import objects_of
from tests.browser.conftest import DESK, PATIENCE, page_in
from tests.cases import PHONE as NUMBER
from tests.cases import SECRET, report, ticket_in
from tests.test_permission_matrix import PEOPLE, path_of, rows
from tests.world import World

HERE = Path(__file__).parent
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
CHECKS = HERE / "page_checks.js"

# Everything in all modes at both widths: twice as long as what CI runs.
ONLY = os.environ.get("WALK_ONLY", "")  # the addresses that begin with this, while one works on them
THOROUGH = bool(os.environ.get("WALK_THOROUGH"))

SURFACES = {
    "resident": ("resident", "services", "help", "healthz", "ui-gallery", "ui-mode"),
    "worker": ("worker", "services_worker", "households_phone", "talk"),
    "desk": ("desk", "services_desk", "households_desk", "territory_desk", "board"),
    "manage": ("manage", "accounts", "setup"),
}
"""Which walk an address belongs to, by the first part of its name; others by where they lie (``surface_of``)."""

PLACES = {"/m/": "worker", "/desk/": "desk", "/board/": "desk", "/manage/": "manage"}
NO_PAGES = ("api", "admin", "admin-login")
"""For programs, and Django's own for the platform's administrator."""

OTHERS_TOO = {
    "desk:inbox": ("dispatcher", "handler", "staff", "official"),
    "desk:ticket": ("dispatcher", "staff", "official"),
    "resident:home": ("resident",),
    "worker:home": ("sibling",),
    "posts_desk:lines_of": ("secretary",),
    "posts_desk:nomination": ("secretary",),
    "posts_desk:nomination_confirm": ("secretary",),
    "posts_desk:nomination_call_off": ("secretary",),
    "posts_phone:nomination_confirm": ("secretary",),
    "posts_phone:nomination_call_off": ("secretary",),
    "desk:letters": ("secretary",),
    "desk:mediation_act": ("mediator",),
    "desk:mediation_agreement": ("mediator",),
    "desk:mediation_case": ("mediator",),
    "desk:mediation_new": ("mediator",),
    "desk:pool": ("urban_handler",),
    "desk:restricted": ("center",),
    "patrols_desk:plan": ("secretary",),
    "patrols_desk:plan_end": ("secretary",),
    "territory_desk:merge": ("secretary",),
    "territory_desk:split": ("secretary",),
}
"""Pages that look different for different people, or that nobody in the table of permissions may open: those who walk
them besides the first."""

RESIDENTS_OWN = (
    "resident:mine",
    "resident:my_contact",
    "resident:grid_choose",
    "resident:grid",
    "resident:bookings",
    "resident:clinic_book",
    "resident:votes",
)
"""Only a signed-in resident sees these; the table of permissions has none."""

HEADS_OWN = ("worker:building", "worker:building_matters", "worker:building_round", "worker:building_report")
"""Only the head of a building sees these; the table of permissions has none either."""

STATES = ("submitted", "accepted", "dispatched", "signed", "resolved", "visiting", "closed", "review", "asked_return",
          "asked_extension", "asked_pause", "paused", "suspended", "supervised", "drafted", "pooled")  # fmt: skip


@dataclass(frozen=True)
class Stop:
    """One page as one person sees it. ``path`` begins below the district."""

    name: str
    path: str
    person: str


def surface_of(name: str, path: str) -> str:
    """Every page is on some walk: a new app needs no line above, its pages are found by their address."""
    first = name.split(":", maxsplit=1)[0]
    if first in NO_PAGES:
        return ""
    by_name = next((surface for surface, firsts in SURFACES.items() if first in firsts), "")
    by_place = next((surface for start, surface in PLACES.items() if path.startswith(start)), "resident")
    return by_name or by_place


def filled(world: World, media: Path) -> dict[str, Any]:
    """Rows on every page, and what the addresses are about."""
    Image.new("RGB", (8, 8)).save(media / "a.jpg")
    with district_transaction(world.district):
        for state in STATES:
            ticket_in(world, state)
        ticket = report(world)
        notice = Notice.objects.create(
            membership=world.members["worker"], source="test", kind="dispatch", text="新工单", created_at=clock.now()
        )
        photo = Attachment.objects.create(
            ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9,
            sha256="0" * 64, created_at=clock.now(),
        )  # fmt: skip
        objects = objects_of(world)
        head, _token = invite_head(
            world.building, unit=None, since=clock.today(), handle="t1-head", name="赵楼长", actor=world.admin
        )
        world.users["head"], world.members["head"] = User.objects.get(pk=head.user_id), head
    return {"number": ticket.number, "photo": photo.pk, "notice": notice.pk, "objects": objects}


def stops(surface: str, values: dict[str, Any]) -> Iterator[Stop]:
    for name, method, statuses in rows():
        if method != "GET" or not name.startswith(ONLY):
            continue
        people = [PEOPLE[statuses.index(200)]] if 200 in statuses else []
        people += ["resident"] if name in RESIDENTS_OWN else []
        people += ["head"] if name in HEADS_OWN else []
        people += [each for each in OTHERS_TOO.get(name, ()) if each not in people]
        path = path_of(name, values) if people else ""
        if people and surface_of(name, path) == surface:
            yield from (Stop(name, path, person) for person in people)


def client_of(person: str, world: World, number: str) -> Client:
    """Somebody who has signed in, or who has proved a ticket."""
    client = Client()
    prefix = f"/d/{world.district.code}"
    if person == "requester":
        client.post(f"{prefix}/track/", {"number": number, "secret": SECRET})
    elif person == "resident":
        sent: list[str] = []
        with patch.object(resident_login, "request_code", remembering(sent)):
            client.post(f"{prefix}/login/", {"phone": NUMBER})
            client.post(f"{prefix}/login/code/", {"code": sent[-1]})
    elif person == "platform":
        client.force_login(world.users["platform"], backend="django.contrib.auth.backends.ModelBackend")
    elif person != "anonymous":
        world.sign_in(client, person)
    return client


def remembering(sent: list[str]) -> Any:
    """Asks for a code as the page does, and keeps it in ``sent``: only the phone would know it."""

    def ask(**said: Any) -> Any:
        found = residents.request_code(**said)
        sent.append(found.code)
        return found

    return ask


@dataclass
class Walker:
    """Opens pages and collects what is wrong with them."""

    browser: Browser
    server: str
    world: World
    number: str
    findings: list[str] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, person: str) -> Client:
        """The same person without a browser, in the same session."""
        if person not in self.clients:
            self.clients[person] = client_of(person, self.world, self.number)
        return self.clients[person]

    def page_of(self, person: str) -> Page:
        if person not in self.pages:
            context = self.browser.new_context(viewport=DESK, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE)
            cookies = self.client(person).cookies.items()
            context.add_cookies([{"name": name, "value": each.value, "url": self.server} for name, each in cookies])
            self.pages[person] = page_in(context)
        return self.pages[person]

    def has_large_letters(self, stop: Stop) -> bool:
        """Residents and heads of buildings, who are their neighbours, can choose 长辈版."""
        return surface_of(stop.name, stop.path) == "resident" or stop.name in HEADS_OWN

    def open(self, stop: Stop, viewport: dict[str, int], **query: str) -> Page | None:
        """The page, with the checks in it; None where the address is no page (a file, a picture, a part of a page)."""
        page = self.page_of(stop.person)
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        address = f"{self.server}/d/{self.world.district.code}{stop.path}" + (f"?{urlencode(query)}" if query else "")
        try:
            answer = page.goto(address, wait_until="load")
        except Error as error:
            if "Download is starting" in str(error):
                return None
            raise
        assert answer is not None
        if answer.status != 200:
            self.say(stop, "", [f"answers {answer.status}"])
            return None
        if "text/html" not in answer.headers.get("content-type", "") or not page.evaluate("document.doctype"):
            return None
        page.evaluate(CHECKS.read_text())
        return page

    def say(self, stop: Stop, how: str, what: list[str]) -> None:
        self.findings += [f"{stop.name} ({stop.person}) {how}: {each}" for each in what]

    def axe(self, stop: Stop, page: Page, how: str, *, only: tuple[str, ...] = ()) -> None:
        """Serious and critical findings of axe-core, in everything it knows or in some rules alone."""
        if not page.evaluate("typeof window.axe === 'object'"):
            page.evaluate(AXE.read_text())
        options: dict[str, Any] = {"resultTypes": ["violations"], "elementRef": False}
        if only:
            options["runOnly"] = {"type": "rule", "values": list(only)}
        found = page.evaluate("options => window.axe.run(document, options).then(r => r.violations)", options)
        for each in found:
            if each["impact"] in ("serious", "critical"):
                nodes = "; ".join(" ".join(map(str, node["target"])) for node in each["nodes"][:3])
                why = each["nodes"][0]["any"][:1]
                said = f" ({why[0]['message']})" if why and each["id"] == "color-contrast" else ""
                self.say(stop, how, [f"axe {each['id']}, {len(each['nodes'])}×: {nodes}{said}"])

    def tab_through(self, stop: Stop, page: Page, how: str) -> None:
        """Press Tab until everything was reached, and once more. A date has a stop for each of its parts: some more."""
        presses = page.evaluate("window.pageChecks.startTabbing()") + 1
        for _round in range(4):
            for _press in range(presses):
                page.keyboard.press("Tab")
            presses = min(8 * page.evaluate("window.pageChecks.tabsLeft()"), 60)
            if not presses:
                break
        self.say(stop, how, page.evaluate("window.pageChecks.endTabbing()"))

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()
