"""Whatever stands in an address or a body: no way out to elsewhere, no fault, no order or field nobody offered."""

from __future__ import annotations

import ast
import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django import forms
from django.test import Client
from django.urls import clear_script_prefix, reverse

from governance.kernel.api.writes import StrictSerializer
from governance.kernel.models import District
from governance.kernel.tenancy.context import no_district
from requests_intake.models import Ticket
from tests.about import ABOUT
from tests.api.conftest import Client as ApiFactory
from tests.api.conftest import api  # noqa: F401 the fixture
from tests.cases import CONTENT, SECRET
from tests.security.source import called, modules, parameters
from tests.security.walk import Pages, cast, pages  # noqa: F401 the fixtures
from tests.world import World, make_district

pytestmark = pytest.mark.django_db

ELSEWHERE = (
    "https://evil.example/x", "//evil.example/x", "/\\evil.example", "\\\\evil.example", "http:///evil.example",
    "\thttps://evil.example", "javascript:alert(1)//evil.example", "https:evil.example",
)  # fmt: skip
NUL = "\x00"  # PostgreSQL takes it in no text
NASTY = (
    "99999999999999999999999999",
    "' OR 1=1; DROP TABLE kernel_district; --",
    "-requester__phone",
    "é" * 3_000,
    "../../../../etc/passwd%00",
    "{{ settings.SECRET_KEY }}<script>alert(1)</script>",
    "2026-13-45",
)
NOT_TO_BE_GIVEN = (
    "id", "pk", "district", "district_id", "state", "number", "created_at", "submitted_at", "roles", "is_staff",
    "is_superuser", "membership", "level", "actor", "promised_at", "password_hash",
)  # fmt: skip


def leads_away(answer: Any) -> bool:
    """Whether a browser would leave us: by redirect, link, form, refresh or htmx."""
    location = answer.headers.get("Location") or answer.headers.get("HX-Redirect") or ""
    if location and urlsplit(location).netloc not in ("", "testserver"):
        return True
    if location.startswith(("//", "/\\", "\\", "javascript:")):
        return True
    if answer.streaming or "text/html" not in answer.headers.get("Content-Type", ""):
        return False
    return bool(re.search(r'(href|action|src|content)="[^"?#]{0,12}evil\.example', answer.content.decode()))


def test_every_module_that_reads_a_way_back_checks_it() -> None:
    readers = []
    for name, tree in modules():
        text = ast.unparse(tree)
        if re.search(r"\.(GET|POST)(\.get\(|\[)'next'", text):
            readers.append(name)
            assert "url_has_allowed_host_and_scheme" in text, name
        if re.search(r"HTTP_REFERER|headers(\.get\(|\[)'[Rr]eferer'", text):
            raise AssertionError(f"{name} goes where the browser says it came from")
    assert len(readers) >= 3, "the search finds nothing any more"


def test_no_address_of_ours_leads_elsewhere(pages: Pages) -> None:  # noqa: F811
    wrong = []
    for number, (name, client, path) in enumerate([*pages.of("GET"), *pages.of("POST", (200, 302, 422))]):
        target = ELSEWHERE[number % len(ELSEWHERE)]
        answers = [client.get(path, {"next": target, "back": target, "url": target})]
        if name.partition(":")[0] in ("desk", "worker", "board", "accounts", "ui-mode", "resident"):
            answers.append(client.get(path, {"next": ELSEWHERE[(number + 1) % len(ELSEWHERE)]}))
        wrong += [name for answer in answers if leads_away(answer)]
    assert wrong == []


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_signing_in(world: World, client: Client, target: str) -> None:
    with no_district():
        body = {"handle": world.users["worker"].handle, "password": world.password, "next": target}
        answer = client.post(f"/sign-in/?next={target}", body)
        assert answer.status_code == 302
        assert not leads_away(answer)
        for path in ("/ui/mode/", "/sign-in/", "/d/t1/choose-district/"):
            assert not leads_away(client.get(path, {"next": target}))


def test_no_parameter_of_any_page_makes_a_fault(pages: Pages) -> None:  # noqa: F811
    names = parameters("GET")
    assert {"page", "q"} <= names, "the search finds nothing any more"
    broken = []
    for number, (name, client, path) in enumerate(pages.of("GET")):
        # NUL everywhere; of the others each page gets two, and every value some twenty pages of every kind.
        for value in (NUL, NASTY[number % len(NASTY)], NASTY[(number + 3) % len(NASTY)]):
            query = dict.fromkeys(names - {"format"}, value) | {"sort": value, "order": value, "ordering": value}
            answer = client.get(path, query)
            if answer.status_code >= 500:
                broken.append(f"{name} {value[:20]!r}")
            elif "text/html" in answer["Content-Type"] and "<script>alert(1)" in answer.content.decode():
                broken.append(f"{name} shows what it was given as markup")
    assert broken == []


def test_no_field_of_any_form_makes_a_fault(pages: Pages) -> None:  # noqa: F811
    names = parameters("POST") | {"content", "number", "secret", "name", "phone", "title", "code", "note", "reason"}
    broken = []
    for name, client, path in pages.of("POST", (200, 302, 422)):
        for value in (NUL, NASTY[0]):
            answer = client.post(path, dict.fromkeys(names, value))
            if answer.status_code >= 500:
                broken.append(f"{name} {value!r}")
    assert broken == []


def test_a_number_beyond_every_number_is_not_found(pages: Pages) -> None:  # noqa: F811
    for name in sorted(ABOUT):
        if name.startswith("setup:"):
            continue
        known = pages.values["objects"][ABOUT[name]]
        if not any(isinstance(value, int) for value in known):
            continue
        clear_script_prefix()
        path = reverse(name, args=[10**30 if isinstance(value, int) else value for value in known])
        answers = [pages.clients["admin"].get(f"/d/t1{path}"), pages.clients["staff"].get(f"/d/t1{path}")]
        # A resident's own page asks first who one is.
        assert all(
            answer.status_code in (403, 404, 405) or answer.headers.get("Location", "").split("?")[0] == "/d/t1/login/"
            for answer in answers
        ), (name, answers)


@pytest.mark.parametrize("query", [
    "ordering=-requester", "order_by=id", "requester__phone_hash=x", "district=2", "fields=requester",
    "state__contains=s", "submitted_at__gt=2020-01-01", "id__in=1,2", "page=1 OR 1=1",
])  # fmt: skip
def test_lists_of_the_api_know_no_order_and_no_filter_but_their_own(world: World, api: ApiFactory, query: str) -> None:  # noqa: F811
    with no_district():
        for path in ("tickets", "areas", "organizations", "buildings"):
            assert api("dispatcher").get(f"/api/v1/{path}/?{query}").status_code == 400, path


def subclasses(kind: type) -> set[type]:
    return {each for child in kind.__subclasses__() for each in (child, *subclasses(child))}


# What a list is narrowed to, how a mediation ended, and how closely somebody is cared for.
ASKED_FOR = {
    ("ApplicationQuery", "state"),
    ("EndInput", "state"),
    ("CareInput", "level"),
    ("NewCareInput", "level"),
    ("RoundQuery", "state"),
    ("LawQuery", "state"),
    ("ForceQuery", "level"),
}


def test_no_endpoint_takes_what_is_not_the_callers_to_give(world: World) -> None:
    inputs = [each for each in subclasses(StrictSerializer) if not each.__module__.startswith("tests")]
    assert len(inputs) > 10
    for serializer in inputs:
        given = {(serializer.__name__, name) for name in serializer().fields if name in NOT_TO_BE_GIVEN}
        assert given <= ASKED_FOR, serializer
        for name in NOT_TO_BE_GIVEN:
            found = serializer(data={name: "1"})
            assert not found.is_valid()
            assert name in found.errors, f"{serializer.__name__} lets {name} pass"


def test_every_endpoint_that_writes_reads_its_body_strictly() -> None:
    from django.urls import get_resolver

    from governance.kernel.api.writes import WriteView

    def views(patterns: Any) -> Any:
        for each in patterns:
            yield from views(each.url_patterns) if hasattr(each, "url_patterns") else [each.callback]

    writers = [view.cls for view in views(get_resolver().url_patterns) if hasattr(getattr(view, "cls", None), "post")]
    assert len(writers) > 15
    for view in writers:
        assert issubclass(view, WriteView), view
        assert issubclass(view.input_class, StrictSerializer), view


# A form's field of that name, and why it is the person's to say.
SAID_BY_PEOPLE = {
    ("TrackForm", "number"), ("BuildingForm", "number"), ("AreaForm", "level"), ("OrganizationForm", "level"),
    ("FindForm", "state"), ("FindForm", "level"),
    ("CareForm", "level"),  # how closely somebody is cared for
    ("EndForm", "state"),  # one of the three ways in which a mediation ends without an agreement
    ("MemberForm", "membership"),  # who else sits on a committee
    ("HoldForm", "number"), ("RestoreForm", "number"), ("LookForm", "number"),
    ("DistrictForm", "id"),  # in the platform's own administration
}  # fmt: skip


def test_no_form_takes_what_is_not_the_persons_to_give() -> None:
    from django.urls import get_resolver

    _ = get_resolver().url_patterns  # imports every view, and with it every form
    found = [each for each in subclasses(forms.BaseForm) if each.__module__.split(".")[0] not in ("django", "tests")]
    ours = [each for each in found if each.__module__.split(".")[0] in
            ("governance", "grids", "requests_intake", "services", "analytics")]  # fmt: skip
    assert len(ours) > 20
    for form in ours:
        given = {name for name in getattr(form, "base_fields", {}) if name in NOT_TO_BE_GIVEN}
        wrong = {name for name in given if not any((each.__name__, name) in SAID_BY_PEOPLE for each in form.__mro__)}
        assert not wrong, (form, wrong)
        assert getattr(getattr(form, "_meta", None), "fields", None) != "__all__", form


def test_a_report_keeps_nothing_of_what_it_was_not_asked(world: World, client: Client) -> None:
    district = District.objects.create(id=2, code="t2", name="另一个区", area_code="990002")
    body = {
        "content": CONTENT, "phone": "13800001234", "building": world.building.pk, "district": district.pk,
        "district_id": district.pk, "id": 999_999, "pk": 999_999, "number": "200101-000018", "state": "closed",
        "level": "district", "submitted_at": "2020-01-01", "channel": "hotline", "is_staff": "1",
        "roles": "district_admin",
        "membership": world.members["worker"].pk, "accepted_at": "2020-01-01", "urgency": "critical",
    }  # fmt: skip
    from uuid import uuid4

    with no_district():
        assert client.post("/d/t1/report/", {**body, "idempotency_key": uuid4()}).status_code == 302
    ticket = Ticket.objects.get()
    assert ticket.district_id == world.district.pk
    assert ticket.pk != 999_999
    assert ticket.number != "200101-000018"
    assert ticket.channel == "web"
    assert ticket.state != "closed"
    assert ticket.submitted_at.year > 2020
    assert client.session.get("_auth_user_id") is None


def test_who_asks_and_where_comes_from_the_credentials_alone(world: World, api: ApiFactory) -> None:  # noqa: F811
    foreign = make_district("t2", 2)
    claims = {
        "HTTP_X_DISTRICT": "t2", "HTTP_X_USER": foreign.users["admin"].handle, "HTTP_X_FORWARDED_USER": "platform",
        "HTTP_X_TENANT_ID": "2", "HTTP_REMOTE_USER": foreign.users["admin"].handle,
    }  # fmt: skip
    with no_district():
        worker = api("worker")
        me = worker.get("/api/v1/me/", **claims).json()
        assert (me["handle"], me["district"]["code"]) == (world.users["worker"].handle, "t1")
        assert worker.get("/d/t2/api/v1/me/", **claims).status_code == 401, "a token opens no other district"
        for claim in ("district", "district_id", "actor", "membership", "principal", "RequestInfo"):
            answer = worker.post("/api/v1/tickets/", {"content": CONTENT, claim: foreign.members["admin"].pk}, **claims)
            assert answer.status_code == 400, claim
            assert worker.get("/api/v1/me/", {claim: 2}).json()["membership"] == world.members["worker"].pk


def test_a_fault_writes_nobodys_number_into_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    from uuid import uuid4

    from requests_intake.views import resident_report

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(resident_report, "submit_ticket", broken)
    client = Client(raise_request_exception=False)
    body = {"content": "老王家漏水", "phone": "13812345678", "name": "王秀英", "building": world.building.pk}
    with caplog.at_level("DEBUG"), no_district():
        answer = client.post("/d/t1/report/", {**body, "idempotency_key": uuid4()})
    assert answer.status_code == 500
    lines = caplog.text + "".join(str(record.__dict__) for record in caplog.records) + "".join(capfd.readouterr())
    assert "the disk is full" in lines, "the fault itself is told"
    for value in ("13812345678", "王秀英", "老王家漏水"):
        assert value not in lines
        assert value not in answer.content.decode()


def test_numbers_photos_and_invitations_cannot_be_counted_through(pages: Pages) -> None:  # noqa: F811
    """What is not there and what is not yours get the same status, and pages that differ in nothing but the address."""
    from governance.kernel import clock
    from governance.kernel.tenancy.context import district_scope
    from grids.actions.staff import invite_staff

    stranger, sibling = pages.clients["anonymous"], pages.clients["sibling"]
    photo = pages.values["photo"]
    pairs = [
        (stranger, f"/d/t1/photo/{photo}/", "/d/t1/photo/999999/"),
        (sibling, f"/d/t1/photo/{photo}/", "/d/t1/photo/999999/"),
        (stranger, f"/d/t1/t/{pages.ticket.number}/", "/d/t1/t/260101-000019/"),
        (sibling, pages.path("desk:ticket"), pages.path("desk:ticket").replace(pages.ticket.number, "260101-000019")),
        (sibling, f"/api/v1/tickets/{pages.ticket.number}/", "/api/v1/tickets/260101-000019/"),
    ]
    for client, theirs, nobodys in pairs:
        one, other = client.get(theirs), client.get(nobodys)
        assert one.status_code == other.status_code == 404, theirs
        assert shape(one, theirs, pages.ticket.number) == shape(other, nobodys, "260101-000019"), theirs
    with district_scope(pages.world.district):
        tokens = [
            invite_staff(handle=f"t1-n{n}", name="新来的", since=clock.today(), actor=pages.world.admin)[1]
            for n in "12"
        ]
    assert all(len(token) >= 32 for token in tokens)
    assert len({token[:6] for token in tokens}) == 2, "they do not count up"


def shape(answer: Any, path: str, number: str) -> str:
    """The content without what stood in the address and what changes with every page."""
    text = answer.content.decode().replace(path, "PATH").replace(quote(path, safe=""), "PATH").replace(number, "NUMBER")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|[0-9a-f]{8}-[0-9a-f-]{27}', "", text)


def test_a_wrong_and_an_unknown_number_are_the_same_to_a_program(pages: Pages) -> None:  # noqa: F811
    client = pages.clients["anonymous"]
    answers = [
        client.post(f"/d/t1/api/v1/public/tickets/{number}/", {"secret": secret}, content_type="application/json")
        for number, secret in ((pages.ticket.number, "0000"), ("260101-000019", SECRET), ("260101-00001", SECRET))
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_no_module_answers_with_markup_it_did_not_escape() -> None:
    known = {"governance.kernel.templatetags.ui", "governance.accounts.templatetags.offices"}
    users = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if called(node).rsplit(".", 1)[-1] in ("mark_safe", "SafeString")
    }
    assert users <= known, users - known
