"""What each task may cost in taps (people.md): the whole table, and the hand that is counted.

A photo counts as one tap (the shutter) where the budget names it, and stands beside them where it is the proof of a
look. At a desk the keyboard is at hand: choices made with it are typing.

``TASKS`` is the whole table. A task whose feature exists has a test in this folder, bound to it by ``costs``; every
other one stands in ``WITHOUT_A_FEATURE`` with what is missing. Building that feature means taking its line away and
writing its test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from governance.kernel.models import ClockShift
from governance.kernel.tenancy.context import district_scope, district_transaction
from requests_intake.actions.sweep import sweep
from requests_intake.models import Ticket
from tests.browser.conftest import DESK
from tests.browser.test_main_job import photo
from tests.cases import ticket_in
from tests.world import World

TASKS = {
    "official: read today's card": 0,
    "official: open a red item to its timeline": 2,
    "official: issue a supervision with a sentence": 3,
    "official: compare the streets, last month": 2,
    "official: export the monthly report": 3,
    "dispatcher: dispatch with the suggested unit": 2,
    "dispatcher: accept the suggestion on the open order": 1,
    "dispatcher: dispatch by hand to another unit": 2,
    "dispatcher: merge duplicates": 3,
    "dispatcher: decide a return": 2,
    "dispatcher: decide an extension": 2,
    "dispatcher: blow a whistle": 4,
    "dispatcher: urge all yellow orders of one unit": 3,
    "secretary: sign a to-do": 2,
    "secretary: approve what a worker asks": 2,
    "secretary: answer a to-do": 2,
    "secretary: assign to a grid worker": 2,
    "secretary: publish a notice to chosen buildings": 4,
    "secretary: start a consultation from a request": 3,
    "secretary: record a meeting and its action items": 5,
    "leader: see the grid today": 0,
    "leader: reassign a worker's order": 3,
    "leader: check unvisited and key households": 2,
    "leader: hold and close the monthly meeting": 4,
    "leader: confirm a verification": 2,
    "worker: report a find with a photo": 4,
    "worker: fix on the spot and close": 4,
    "worker: start a patrol": 1,
    "worker: finish a patrol": 1,
    "worker: log a visit": 3,
    "worker: verify a resolved order": 3,
    "handler: sign": 1,
    "handler: log a contact": 2,
    "handler: reply and resolve with evidence": 3,
    "handler: ask for a return": 3,
    "handler: ask for an extension": 3,
    "handler: confirm report-in on site": 2,
    "party member: claim a wish": 2,
    "party member: sign up for an activity": 2,
    "party member: confirm service hours": 2,
    "party member: first report-in": 5,
    "party member: message a linked household through the worker": 3,
    "building head: see my tasks": 1,
    "building head: accept a task": 1,
    "building head: done, with or without a photo": 2,
    "building head: report a problem in my building": 3,
    "building head: see my hours": 1,
    "resident: call my grid worker": 1,
    "resident: report by voice or photo": 3,
    "resident: see how far it is": 1,
    "resident: order a meal again": 2,
    "resident: rate after finishing": 1,
    "return visitor: call and take down the answer": 4,
}

WITHOUT_A_FEATURE = {
    "official: export the monthly report": "there is no monthly report as a document",
    "secretary: start a consultation from a request": "there are no consultations",
    "secretary: record a meeting and its action items": "there are no meetings",
    "leader: hold and close the monthly meeting": "there are no meetings",
    "party member: claim a wish": "there are no wishes",
    "party member: sign up for an activity": "there are no activities",
    "party member: confirm service hours": "there are no service hours",
    "party member: first report-in": "party members do not report in",
    "party member: message a linked household through the worker": "no account: a worker writes it (替他带话)",
    "building head: see my tasks": "heads of buildings get no tasks",
    "building head: accept a task": "heads of buildings get no tasks",
    "building head: done, with or without a photo": "heads of buildings get no tasks",
    "building head: see my hours": "there are no service hours",
    "resident: order a meal again": "there are no meals",
}

TESTED: dict[str, str] = {}


def costs(*tasks: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Binds a test to the tasks it clicks through: it may use no more taps than the smallest of their budgets."""

    def bind(test: Callable[..., None]) -> Callable[..., None]:
        for task in tasks:
            TESTED[task] = test.__name__
        test.tasks = tasks  # type: ignore[attr-defined]
        return test

    return bind


@dataclass
class Hand:
    """A person at a device. ``taps`` counts what the browser itself saw pressed; a photo taken counts as one."""

    page: Page
    server: str
    taps: int = 0

    def tap(self, target: Locator) -> None:
        target.click()

    def take_photo(self, target: Locator) -> None:
        target.set_input_files([photo()])  # type: ignore[list-item]
        self.taps += 1

    def write(self, form: Locator) -> None:
        """Fills a form by the keyboard alone, as at a desk: words, numbers, the first choice of each question."""
        for field in form.locator("textarea, input[type=text]:not([role=combobox]), input[type=number]").all():
            field.fill("1" if field.get_attribute("type") == "number" else "见说明")
        for group in {field.get_attribute("name") for field in form.locator("input[type=radio]").all()}:
            form.locator(f"input[name={group}]").first.press("Space")
        for field in form.locator("select").all():
            field.select_option(index=1, force=True)

    def is_done(self) -> None:
        """The dialog is gone, and the page it left for complains of nothing."""
        expect(self.page.locator("dialog[open]")).to_have_count(0)
        self.page.wait_for_load_state()
        assert self.page.locator(".err, .form-err").all_inner_texts() == []

    def is_told(self) -> None:
        """The page that came back says that it was done."""
        expect(self.page.locator("[data-toast=ok]").first).to_be_visible()

    def waits_for(self, arrived: Callable[[], bool], world: World) -> None:
        """What was tapped on the phone has reached the server: it goes through the phone's own queue."""
        for _try in range(100):
            with district_transaction(world.district):
                if arrived():
                    return
            self.page.wait_for_timeout(100)
        raise AssertionError("it never arrived")

    def goes_to(self, path: str) -> None:
        """Where the task begins."""
        self.page.goto(f"{self.server}{path}")
        self.taps = 0

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name).locator("visible=true").first

    def open(self, move: str) -> None:
        """The form of a move of the open matter. It may stand behind 更多; at a desk some have a key that opens it."""
        link = self.page.locator("a[data-dialog]", has_text=move).first
        more = self.page.locator("summary", has_text="更多")
        # The matter may only just have been opened: where its moves stand can be told once they are shown.
        link.wait_for(state="attached")
        # A dialog opens once the scripts have come.
        self.page.wait_for_load_state()
        link.or_(more).locator("visible=true").first.wait_for()
        key = link.get_attribute("data-key")
        if link.is_visible():
            self.tap(link)
        elif key and self.page.viewport_size == DESK:
            self.page.keyboard.press(key)
        else:
            self.tap(more)
            self.tap(link)
        self.page.locator("dialog[open]").wait_for()

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name).locator("visible=true").first


Hands = Callable[..., Hand]


def made(world: World, state: str, **changes: Any) -> Ticket:
    with district_transaction(world.district):
        return ticket_in(world, state, **changes)


def again(world: World, ticket: Ticket) -> Ticket:
    with district_transaction(world.district):
        return Ticket.objects.select_related("organization").get(pk=ticket.pk)


def late(world: World) -> Ticket:
    """A matter nobody took up for a month: red on every page."""
    ticket = made(world, "sent")
    ClockShift.objects.update_or_create(id=1, defaults={"seconds": 30 * 24 * 3600})
    with district_scope(world.district):
        sweep()
    return ticket


def lamp(world: World, state: str) -> None:
    with district_transaction(world.district):
        Ticket.objects.update(lamp=state)
