"""Every form of a page that changes something carries a key: sent twice it acts once (``kernel.idempotency``)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import Resolver404, resolve
from django.urls.base import clear_script_prefix

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.models import AuditEvent, IdempotencyRecord
from governance.kernel.tenancy.context import no_district
from governance.privacy.models import Disclosure
from requests_intake.actions.visits import claim_visit
from requests_intake.models import Ticket
from tests.addressed import objects_of
from tests.cases import SECRET, report, ticket_in
from tests.test_permission_matrix import PEOPLE, path_of, rows
from tests.world import World

pytestmark = pytest.mark.django_db

WITHOUT = {
    # Nothing is kept of them but the session itself.
    "accounts:sign_in", "accounts:sign_in_code", "accounts:sign_out", "accounts:choose_district", "resident:login",
    "resident:login_code", "resident:logout", "services:place", "resident:card_keep",
    # They look something up.
    "resident:track", "resident:feedback_answer", "households_desk:find", "households_phone:find",
    # Each press asks for another code, and how many is throttled.
    "resident:login_again", "accounts:second_factor_setup", "accounts:second_factor",
    # Each answer is a file, and each file that leaves is written down.
    "manage:audit_export", "manage:person_request_copy",
    # They only ask; what they ask carries the key.
    "manage:routing_simulate", "desk:campaign_report", "desk:merge_many", "desk:urge_many", "desk:split",
    # The platform's own: no district in whose table the key could stand. The database refuses the second one.
    "setup:invite", "setup:district_new", "setup:district", "accounts:accept_invitation", "accounts:change_password",
    # A key of its own for every row of the sheet, or for every button of the list.
    "desk:bulk", "worker:bulk", "desk:inbox",
}  # fmt: skip
READERS = ("worker", "staff", "center", "visitor", "admin", "security")


class Forms(HTMLParser):
    """The forms of a page: method, address, and the values of their fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str]]] = []
        self.open: list[tuple[str, str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open.append((given.get("method", "get").lower(), given.get("action", ""), {}))
        elif self.open and tag in ("input", "textarea", "select", "button") and "name" in given:
            self.open[-1][2][given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.open:
            self.found.append(self.open.pop())


def name_of(path: str, district: str) -> str:
    """The name of the address a form is sent to."""
    clear_script_prefix()
    try:
        return resolve(path.split("?")[0].removeprefix(f"/d/{district}")).view_name
    except Resolver404:
        return path


def test_every_form_a_page_shows_carries_its_key(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    visiting = ticket_in(world, "visiting")
    claim_visit(visiting, actor=world.visitor)
    letter = report(world, channel="letter_to_secretary", community_id=world.community.pk)
    notice = Notice.objects.create(
        membership=world.members["worker"], source="test", kind="dispatch", text="新工单", created_at=clock.now()
    )
    objects = objects_of(world)
    shown, bare = set(), {}
    home = f"/d/{world.district.code}"
    with no_district():
        people = {name: world.sign_in(Client(raise_request_exception=False), name) for name in READERS}
        people["secretary"] = world.sign_in(Client(), "secretary")
        people["anonymous"] = Client(raise_request_exception=False)
        people["requester"] = Client(raise_request_exception=False)
        people["requester"].post(f"{home}/track/", {"number": visiting.number, "secret": SECRET})
        for person, client in people.items():
            number = letter.number if person == "secretary" else visiting.number
            values = {"number": number, "photo": 0, "notice": notice.pk, "objects": objects}
            for name, method, statuses in rows():
                if method != "GET" or name.startswith(("api:", "admin:")):
                    continue
                if person in PEOPLE and statuses[PEOPLE.index(person)] not in (200, 404):
                    continue  # 404: another ticket may be there
                page = client.get(f"{home}{path_of(name, values)}")
                if page.status_code != 200 or "text/html" not in page.headers.get("Content-Type", ""):
                    continue
                for way, action, fields in Forms(page.content.decode()).found:
                    to = name_of(action or page.request["PATH_INFO"], world.district.code)
                    if way == "post":
                        shown.add(to)
                        if to not in WITHOUT and not fields.get("idempotency_key"):
                            bare[to] = f"{person}: {name}"
    assert bare == {}
    assert {"desk:move", "desk:visit_claim", "desk:visit_link", "desk:reveal", "resident:rate"} & shown
    assert len(shown) > 60


KEYED = re.compile(r"form_key|idempotency_key|hidden\.items|form_fields\.html|hidden_fields|row\.key")
OWN = {
    "second_factor_setup.html": "accounts:second_factor_setup",
    "simulate.html": "manage:routing_simulate",
    "inbox.html": "desk:inbox",
    "_found.html": "households_desk:find",
}
"""Forms that are sent to the page they stand on."""


def test_no_template_has_a_form_without_a_key() -> None:
    """Also those that no page of the test above happens to show."""
    bare = []
    for path in sorted(Path(configured.BASE_DIR, "templates").rglob("*.html")):
        for form in re.finditer(r'<form[^>]*method="post".*?</form>', path.read_text(encoding="utf-8"), re.S):
            sent = re.match(r'<form[^>]*action="{% url "([\w:]+)"', form[0])
            to = sent[1] if sent else OWN.get(path.name, "")
            if not KEYED.search(form[0]) and to not in WITHOUT and "shell.logout_url" not in form[0]:
                bare.append(f"{path.name}: {form[0][:120]}")
    assert bare == []


# ---------------------------------------------------------------- what a key does
def test_a_number_tapped_twice_is_written_down_once_and_an_old_page_shows_it_no_more(
    world: World, client: Client
) -> None:
    ticket = report(world)
    page = world.sign_in(client, "staff")
    address, said = f"/desk/t/{ticket.number}/reveal/", {"reason": "contact", "idempotency_key": "k1"}
    reason = Disclosure.Reason.values[0]
    said["reason"] = reason
    assert "13800001234" in page.post(address, said).content.decode()
    assert "13800001234" in page.post(address, said).content.decode()
    assert Disclosure.objects.count() == 1
    row = IdempotencyRecord.objects.get(key="k1")
    row.result = {"at": "2020-01-01T00:00:00+00:00"}
    row.save()
    answer = page.post(address, said, follow=True)
    assert "13800001234" not in answer.content.decode()
    assert "刚才已经看过" in answer.content.decode()
    assert Disclosure.objects.count() == 1
    assert "13800001234" in page.post(address, {"reason": reason, "idempotency_key": "k2"}).content.decode()
    assert Disclosure.objects.count() == 2


def test_a_link_taken_out_twice_with_one_form_is_audited_once(world: World, client: Client) -> None:
    ticket = ticket_in(world, "visiting")
    page = world.sign_in(client, "visitor")
    for _n in range(2):
        assert page.post(f"/desk/visits/{ticket.number}/link/", {"idempotency_key": "k1"}).status_code == 200
    assert AuditEvent.objects.filter(action="rating_link").count() == 1


def test_a_claim_sent_again_after_it_was_let_go_claims_nothing(world: World, client: Client) -> None:
    ticket = ticket_in(world, "visiting")
    page = world.sign_in(client, "visitor")
    claim, let_go = (f"/desk/visits/{ticket.number}/{verb}/" for verb in ("claim", "release"))
    first = page.post(claim, {"idempotency_key": "k1"})
    page.post(let_go, {"idempotency_key": "k2"})
    again = page.post(claim, {"idempotency_key": "k1"})
    assert (first.status_code, again.status_code, again["Location"]) == (302, 302, first["Location"])
    assert Ticket.objects.get(pk=ticket.pk).follow_ups.filter(claimed_by__isnull=False).count() == 0
