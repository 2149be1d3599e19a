"""Every address of the platform × everybody who may come: the status each of them gets.

All of them ask at the address of the same district, about the same ticket: reported in the first grid, with the grid's
worker. An address without a row fails, and so does a row without an address. To see the table of what is really
answered, run with ``SHOW_MATRIX=1`` and ``-s``; read it before copying it here.
"""

from __future__ import annotations

import copy
import os
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, clear_script_prefix, get_resolver, reverse

from governance.accounts.models import Membership, Notice, Staff, User
from governance.kernel import clock, reference
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import no_district
from grids.canvasses.models import CanvassAnswer
from grids.households.models import Household, HouseholdTag
from grids.models import Post, PostAssignment
from grids.visits.models import ContactMember, MustVisitRule
from requests_intake.models import Attachment, Ticket
from requests_intake.reference import rules
from tests.about import ABOUT
from tests.addressed import objects_of
from tests.cases import CONTENT, SECRET, report
from tests.matrix import rows
from tests.mediators import body as case_body
from tests.world import SINCE, World, make_district

PEOPLE = (
    "anonymous",  # nobody signed in
    "requester",  # no account, but has proved the ticket in this browser
    "worker",  # holds the ticket
    "sibling",  # grid worker of the other grid of the same community
    "staff",  # community
    "dispatcher",  # street
    "handler",  # a department that never had the ticket
    "official",  # of the district: reads, moves nothing
    "foreign",  # dispatcher of another district
    "admin",  # of the district
    "foreign_admin",  # of another district
    "platform",  # the platform's administrator, who belongs to no district
    "security",  # the district's security administrator
    "auditor",  # of the district
)
ELSEWHERE = ("foreign", "foreign_admin")


def addresses() -> set[str]:
    """Names of all routes; those of the administration as one."""
    found: set[str] = set()

    def walk(patterns: list[Any], namespace: str) -> None:
        for each in patterns:
            if isinstance(each, URLResolver):
                walk(each.url_patterns, namespace + (f"{each.namespace}:" if each.namespace else ""))
            elif isinstance(each, URLPattern):
                found.add("admin:*" if namespace == "admin:" else namespace + (each.name or f"unnamed {each.pattern}"))

    walk(get_resolver().url_patterns, "")
    return found


@pytest.fixture
def cast(world: World) -> World:
    return with_others(world)


def with_others(world: World) -> World:
    """The world, with somebody in the other grid of the first community and the platform's administrator."""
    user = User.objects.create(handle="t1-sibling", password="!")
    member = Membership.objects.create(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now())
    Staff.objects.create(membership=member, name="孙网格员")
    post = Post.objects.get(organization=world.organizations[world.grid2.pk], kind="grid_worker")
    PostAssignment.objects.create(post=post, membership=member, since=SINCE)
    bump_reference()
    world.users["sibling"], world.members["sibling"] = user, member
    world.users["platform"] = User.objects.create_superuser("platform", "a-password-for-tests")
    return world


def client_of(name: str, world: World, foreign: World, ticket: Any) -> Client:
    client = Client(raise_request_exception=False)
    if name == "requester":
        client.post(f"/d/{world.district.code}/track/", {"number": ticket.number, "secret": SECRET})
    elif name == "foreign":
        foreign.sign_in(client, "dispatcher")
    elif name == "foreign_admin":
        foreign.sign_in(client, "admin")
    elif name == "platform":
        client.force_login(world.users["platform"], backend="django.contrib.auth.backends.ModelBackend")
    elif name != "anonymous":
        world.sign_in(client, name)
    return client


def path_of(name: str, values: dict[str, Any]) -> str:
    """The address of a row: of the ticket, of its photo, of the move ``sign``, of the worker's notice."""
    clear_script_prefix()  # the last request left its own
    if name == "admin:*":
        return reverse("admin:index")
    if name in ABOUT:
        return reverse(name, args=values["objects"][ABOUT[name]])
    if name == "api:unknown":
        return "/api/v1/nothing/"
    if name == "help:chapter":
        return reverse(name, args=["resident"])
    pk = values["notice" if name == "worker:open_notice" else "photo"]
    for args in ([], [values["number"]], [values["number"], "sign"], [values["number"], pk], [pk]):
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    raise AssertionError(f"say in path_of how the address {name} is made")


def bodies(world: World) -> dict[str, dict[str, Any]]:
    """The least a POST must say; an empty body for all others (in /manage/ an empty form with its key)."""
    category = next(ref.code for ref in rules().categories.values() if ref.parent_id)
    first = Ticket.objects.filter(campaigns__isnull=False).values_list("number", flat=True).first() or ""
    forms = {name: {"idempotency_key": ""} for name, _method, _statuses in rows() if name.startswith("manage:")}
    return forms | {
        "api:tickets": {"content": CONTENT},
        "api:tickets-bulk": {"rows": [{"content": "x", "grid": world.grid.pk}]},
        "api:saved-views": {"name": "超期", "query": {"queue": "over"}},
        "api:saved-view": {"name": "超期", "query": {"queue": "over"}},
        "api:saved-phrases": {"move": "resolve", "text": "x"},
        "api:saved-phrase": {"move": "resolve", "text": "x"},
        "api:ticket-control-danger": {"note": "x"},
        "api:ticket-report-danger": {"note": "x"},
        "api:ticket-tell-plan": {"note": "x"},
        "api:ticket-reject": {"reason": "outside", "note": "x"},
        "api:ticket-dispatch": {"organization": world.water.pk},
        "api:ticket-assign": {"assignee": world.members["worker"].pk},
        "api:ticket-escalate": {"note": "x"},
        "api:ticket-resolve": {"reply": "x"},
        "api:ticket-solve-on-site": {"reply": "x"},
        "api:ticket-rework": {"note": "x"},
        "api:ticket-return-visit": {"answer": "satisfied"},
        "api:ticket-close": {"reason": "reviewed", "note": "x"},
        "api:ticket-reopen": {"note": "x"},
        # Itself: who may merge hears that this cannot be.
        "api:ticket-merge": {"into": Ticket.objects.order_by("pk").values_list("number", flat=True).first() or ""},
        "api:ticket-unmerge": {"note": "x"},
        "api:ticket-split": {"parts": [{"content": "x"}]},
        "api:ticket-order-again": {"note": "x"},
        "api:ticket-review-up": {"note": "x"},
        "api:ticket-ask-unreasonable": {"note": "x"},
        "api:ticket-judge-unreasonable": {"granted": True, "note": "x"},
        "api:ticket-delegate-down": {"organization": world.committee.pk, "note": "x"},
        "api:ticket-call-helper": {"force": 10**9},
        "api:ticket-add-handler": {"organization": world.urban.pk},
        "api:ticket-cancel-handler": {"organization": world.urban.pk, "note": "x"},
        "api:ticket-ask-return": {"reason": "not_ours", "clause": "x", "suggested": world.urban.pk, "note": "x"},
        "api:ticket-ask-extension": {"reason": "material", "limit": 1, "unit": "cal_hour", "told": "x", "note": "x"},
        "api:ticket-ask-pause": {"reason": "procedure", "until": "2099-01-01T00:00:00Z", "told": "x", "note": "x"},
        "api:ticket-ask-suspension": {
            "reason": "money",
            "until": "2099-01-01T00:00:00Z",
            "responsible": world.members["worker"].pk,
            "told": "x",
            "note": "x",
        },
        "api:circular-withdraw": {"note": "x"},
        "api:ticket-take-back": {"kind": "pause"},
        "api:ticket-refuse": {"kind": "pause", "note": "x"},
        **{
            f"api:ticket-{name}": {"note": "x"}
            for name in (
                "co-resolve",
                "review-suspension",
                "unsuspend",
                "supervise",
                "answer-supervision",
                "publish-circular",
                "drop-circular",
                "withdraw-circular",
            )
        },
        "api:ticket-relocate": {"building": world.building.pk},
        "api:ticket-classify": {"category": category},
        "api:post-coverage": {"kind": "legal_adviser"},
        "api:whistles": {"kind": "daily", "summary": "x", "place": "x", "organizations": [world.water.pk]},
        "api:whistle-call": {"organization": world.urban.pk},
        "api:whistle-refuse": {"reason": "not_ours", "clause": "x", "suggested": world.urban.pk, "note": "x"},
        **{
            f"api:whistle-{name}": {"note": "x"}
            for name in ("cancel", "decline", "must-come", "release", "dismiss", "handle")
        },
        **{
            name: {"speed": 3, "result": 3, "attitude": 3}
            for name in ("api:whistle-evaluate", "api:whistle-evaluate-caller", "api:evaluate-order")
        },
        "api:public-tickets": {"content": CONTENT},
        "api:campaigns": {"name": "防汛", "since": "2026-01-01"},
        "api:campaign-tickets": {"tickets": [first]},
        "api:ticket-mediate": case_body(world),
        "api:mediation-cases": case_body(world),
        "api:ticket-circle": {"member": world.members["supervisor"].pk, "role": "supervisor", "reason": "请他督办"},
        **{f"api:ticket-{name}": {"note": "x"} for name in ("reply-letter", "ask-consent", "end-letter")},
        "api:public-letters": {"content": CONTENT, "community": world.community.pk},
        "api:public-ticket-write": {"secret": SECRET, "note": "x"},
        "api:public-ticket-consent": {"secret": SECRET, "agrees": True},
        "api:circle-answer": {"text": "明天去看"},
        "api:circle-hide": {"reason": "other"},
        "api:circle-ticket": {"content": CONTENT},
        "api:campaign-reports": {"tickets": [first], "organization": world.urban.pk},
        "api:households": {"building": world.building.pk, "place": "东屋", "people_count": 1},
        "api:household-change": {"people_count": 5},
        "api:household-move": {"building": world.building.pk, "place": "东屋", "on": f"{clock.today()}"},
        "api:household-end": {"reason": "moved_out", "on": f"{clock.today()}"},
        "api:household-people": {"name": "李四", "relation": "child"},
        "api:household-taggings": {"tag": _free_tag(), "reason": "社区核实"},
        "api:household-person-change": {"relation": "spouse"},
        "api:household-person-end": {"reason": "left", "on": f"{clock.today()}"},
        "api:household-tags": {"name": "新搬来", "mark": "新", "colour": "green", "meaning": "先认认门"},
        "api:household-tag-change": {"name": "新搬来", "mark": "新", "colour": "green", "meaning": "先认认门"},
        "api:household-visits": {"met": "yes"},
        "api:must-visits": {"rule": _first(MustVisitRule), "grid": world.grid.pk, "place": "门口", "words": "吵起来了"},
        "api:must-visit-arrive": {"words": "劝开了"},
        "api:must-visit-rules": {"kind": "event", "name": "停水停电", "hours": 4},
        "api:household-care": {"category": "alone", "helper": {"kind": "neighbour", "name": "王阿姨"}},
        "api:care-change": {"category": "alone"},
        "api:care-end": {"reason": "better"},
        "api:care-helpers": {"kind": "neighbour", "name": "张阿姨"},
        "api:care-benefits": {"what": "低保", "recheck_on": f"{clock.today()}"},
        "api:care-helper-handover": {"kind": "neighbour", "name": "张阿姨"},
        "api:care-helper-contacts": {"how": "rang"},
        "api:contact-members": {
            "grid": world.grid.pk,
            "full_name": "周大海",
            "public_name": "老周",
            "agrees": True,
        },
        "api:contact-member-change": {"public_name": "小李"},
        "api:contact-member-households": {"households": [_first(Household)]},
        "api:contact-link-words": {"words": "周六有义诊"},
        "api:building-sponsors": {"member": _first(ContactMember)},
        "api:building-sponsor-help": {"on": f"{clock.today()}", "words": "换了楼道灯"},
        "api:household-hub": {"agrees": True},
        **{
            f"api:{name}": {
                "title": "冬季疫苗",
                "purpose": "算清楚要多少支",
                "begins_on": f"{clock.today()}",
                "ends_on": f"{clock.today()}",
                "keep_days": 9,
                **more,
            }
            for name, more in (("canvasses", {"area": world.community.pk}), ("canvass-change", {}))
        },
        "api:canvass-fields": {"label": "几个人打", "kind": "number"},
        "api:canvass-slots": {
            "starts_at": (clock.now() + timedelta(days=1)).isoformat(),
            "place": "社区",
            "capacity": 9,
        },
        "api:canvass-answer": {"met": "away", "seen": _seen_answer()},
        "api:visit-plans": {"grid": world.grid.pk, "month": f"{clock.today():%Y-%m}", "target": 200},
        "api:visit-outcomes": {"outcomes": [{"name": "送政策"}]},
        "api:service-roles": {"entries": [{"name": "宣传员", "duty": "讲政策"}]},
        "api:base-figures": {"community": world.community.pk, "on": "2020-01-01", "source": "年报", "households": 9},
        "api:grid-elements": {"kind": "shop", "name": "小卖部", "grid": world.grid.pk},
        "api:grid-element-change": {"kind": "manhole", "name": "东门井盖"},
        "api:patrols": {"client_id": f"{uuid4()}", "grid": world.grid.pk},
        "api:patrol-point": {"point": 1},
        "api:patrol-plans": {
            "grids": [world.grid.pk],
            "shifts": [{"code": "am", "opens_at": "08:30", "closes_at": "11:30"}],
        },
        "api:patrol-plan-end": {"grid": world.grid.pk, "kind": "routine"},
        "api:public-ticket": {"secret": SECRET},
        "api:public-ticket-rate": {"secret": SECRET, "face": "satisfied"},
        "api:public-ticket-withdraw": {"secret": SECRET},
        "api:public-ticket-reopen": {"secret": SECRET, "note": "x"},
    }


def _first(model: Any) -> int:
    """The one ``tests.addressed`` made."""
    return model.objects.order_by("pk").values_list("pk", flat=True).first() or 0


def _seen_answer() -> str | None:
    """When the answer of ``tests.addressed`` was written down."""
    at = CanvassAnswer.objects.values_list("changed_at", flat=True).first()
    return at.isoformat() if at else None


def _free_tag() -> int:
    """A tag that the household of ``tests.addressed`` does not bear."""
    return HouseholdTag.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_every_row_says_something_of_everybody() -> None:
    assert [name for name, _method, statuses in rows() if len(statuses) != len(PEOPLE)] == []


def answer(client: Client, method: str, path: str, body: dict[str, Any], is_api: bool) -> int:
    return int(ask(client, method, path, body, is_api)[0])


def ask(client: Client, method: str, path: str, body: dict[str, Any], is_api: bool) -> tuple[int, str, bytes]:
    """Status, address of a redirect and content."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        options = {"content_type": "application/json"} if is_api else {}
        if method == "GET":
            response = client.get(path)
        else:
            response = getattr(client, method.lower())(path, body, **options)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        # Whatever it did is undone: everybody finds the same ticket.
        transaction.set_rollback(True)
    if method != "GET":
        reference.forget_everything()  # what was read of it is undone as well
    client.cookies = cookies
    return response.status_code, response.headers.get("Location", ""), content


def test_every_address_has_a_row() -> None:
    named = {name for name, _method, _statuses in rows()}
    assert sorted(addresses() - named) == [], "addresses without a row"
    assert sorted(named - addresses()) == [], "rows without an address"


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_everybody_gets_the_status_of_the_table(cast: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    ticket = report(cast)
    (tmp_path / "a.jpg").write_bytes(b"any bytes")
    photo = Attachment.objects.create(
        ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9, sha256="0" * 64,
        created_at=clock.now(),
    )  # fmt: skip
    notice = Notice.objects.create(
        membership=cast.members["worker"], source="test", kind="dispatch", text="新工单", created_at=clock.now()
    )
    foreign = make_district("t2", 2)
    values = {"number": ticket.number, "photo": photo.pk, "notice": notice.pk, "objects": objects_of(cast)}
    said = bodies(cast)
    wrong = []
    with no_district():
        clients = [client_of(name, cast, foreign, ticket) for name in PEOPLE]
        for name, method, expected in rows():
            path = f"/d/{cast.district.code}{path_of(name, values)}"
            got = [answer(client, method, path, said.get(name, {}), name.startswith("api:")) for client in clients]
            if os.environ.get("SHOW_MATRIX"):
                print(f"{name:34} {method:4}", *got)
            if got != expected:
                wrong.append(f"{name} {method}: {dict(zip(PEOPLE, got, strict=True))} instead of {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_the_administration_sends_everybody_of_the_districts_away(cast: World) -> None:
    foreign = make_district("t2", 2)
    ticket = report(cast)
    names = [
        f"admin:{name}" for name in get_resolver().namespace_dict["admin"][1].reverse_dict if isinstance(name, str)
    ]
    with no_district():
        for person in PEOPLE:
            if person == "platform":
                continue
            client = client_of(person, cast, foreign, ticket)
            for name in names:
                clear_script_prefix()
                try:
                    path = reverse(name)
                except NoReverseMatch:
                    continue
                if name not in ("admin:login", "admin:logout"):
                    assert client.get(path).status_code == 302, (person, name)


@pytest.mark.django_db
def test_an_administrator_finds_nothing_of_another_district_by_its_number(
    cast: World, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    foreign = make_district("t2", 2)
    own, theirs = objects_of(cast), objects_of(foreign)
    with no_district():
        clients = {name: client_of(name, cast, foreign, None) for name in ("admin", "security", "auditor")}
        for name, method, statuses in rows():
            if name not in ABOUT or own[ABOUT[name]] == theirs[ABOUT[name]]:
                continue
            if all(statuses[PEOPLE.index(who)] in (302, 401, 403) for who in clients):
                continue  # no page of an administrator, or a resident's own
            # Whichever of the three may enter; where none may, any of them gets the same.
            entering = (who for who in clients if statuses[PEOPLE.index(who)] not in (401, 403, 404))
            client = clients[next(entering, "admin")]
            clear_script_prefix()
            path = f"/d/{cast.district.code}{reverse(name, args=theirs[ABOUT[name]])}"
            assert answer(client, method, path, {}, is_api=name.startswith("api:")) == 404, (name, method)
