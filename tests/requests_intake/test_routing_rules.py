"""A district's routing rules in force: every way in is routed by them, and what fails is seen and stops nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client

from governance.accounts.models import Notice
from governance.kernel import clock, reference
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from grids.models import Organization
from requests_intake import rulings
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.import_tickets import IMPORTER, import_tickets
from requests_intake.actions.routing_rules import (
    current_rules,
    resolve_failure,
    restore_routing_rules,
    set_routing_rules,
)
from requests_intake.importing.error_file import ErrorFile
from requests_intake.models import RoutingFailure, RoutingRuleSet, Ticket, TicketTransition, WorkOrder
from requests_intake.reference import rules
from tests.cases import CONTENT, report
from tests.importing.files import HOTLINE, write_csv
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
LIGHT = {"when": {"any_words": ["路灯", "楼道灯"]}}


def rule(key: str = "r1", *, name: str = "", **changes: Any) -> dict[str, Any]:
    return {"key": key, "name": name or f"规则{key}", "then": {"start_level": "street"}, **changes}


def put(world: World, *rows: dict[str, Any], based_on: int | None = None) -> RoutingRuleSet:
    last = RoutingRuleSet.objects.order_by("-version").values_list("version", flat=True).first() or 0
    document = {"version": 1, "rules": list(rows)}
    return set_routing_rules(document, based_on=last if based_on is None else based_on, actor=world.admin)


def dispatch_of(ticket: Ticket) -> TicketTransition:
    return TicketTransition.objects.get(ticket=ticket, move="dispatch")


# ---------------------------------------------------------------- without a rule nothing changes
def test_without_rules_and_with_rules_that_do_not_match_a_matter_goes_the_usual_way(world: World) -> None:
    plain = report(world)
    put(world, rule(when={"any_words": ["幼儿园"]}), rule("r2", when={"channels": ["hotline"]}))
    beside = report(world)
    put(world)
    empty = report(world)
    columns = ("organization_id", "level", "urgency", "is_restricted", "state", "category_id")
    assert len({tuple(getattr(ticket, name) for name in columns) for ticket in (plain, beside, empty)}) == 1
    assert (plain.organization_id, plain.level) == (world.grid_team.pk, "grid")
    assert [dispatch_of(ticket).payload.get("rule") for ticket in (plain, beside, empty)] == [None, None, None]


# ---------------------------------------------------------------- every way in
def by_page(world: World, tmp_path: Path) -> Ticket:
    client = Client()
    form = client.get("/d/t1/report/").context["form"]
    said = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    said |= {"content": CONTENT, "building": world.building.pk, "phone": "13800001234", "consent": "on"}
    page = client.post("/d/t1/report/", {**said, "idempotency_key": str(uuid4())})
    assert page.status_code == 302, page.content.decode()
    return Ticket.objects.get()


def by_api(world: World, tmp_path: Path) -> Ticket:
    client = Client()
    body = {"content": CONTENT, "building": world.building.pk, "phone": "13800001234"}
    answer = client.post("/d/t1/api/v1/public/tickets/", body, content_type="application/json")
    assert answer.status_code == 201, answer.json()
    return Ticket.objects.get()


def by_file(world: World, tmp_path: Path) -> Ticket:
    file = tmp_path / "rows.csv"
    address = world.building.address or world.compound.name
    row = ["A-1", "2026-11-01 09:00:00", "李小明", "13800001234", "求助", "楼道灯坏了", CONTENT, address, "一般", "否"]
    write_csv(file, HOTLINE, [row])
    with ErrorFile(tmp_path / "errors.csv", keep_empty=True) as errors:
        result = import_tickets(file, actor=IMPORTER, errors=errors)
    assert result.created == 1, (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")
    return Ticket.objects.get()


@pytest.mark.parametrize("way_in", [by_page, by_api, by_file])
def test_every_way_in_is_routed_by_the_rule(
    world: World, tmp_path: Path, way_in: Callable[[World, Path], Ticket]
) -> None:
    made = put(world, rule(name="照明归街道", **LIGHT))
    ticket = way_in(world, tmp_path)
    assert (ticket.organization_id, ticket.level) == (world.street_office.pk, "street")
    assert WorkOrder.objects.get(ticket=ticket).organization_id == world.street_office.pk
    kept = dispatch_of(ticket).payload["rule"]
    assert kept == {"version": made.version, "key": "r1", "name": "照明归街道", "why": [["any_words", "楼道灯"]]}


# ---------------------------------------------------------------- what a rule does
@pytest.mark.parametrize(
    ("then", "office"),
    [
        (lambda w: {"organization": w.urban.pk}, lambda w: w.urban),
        (lambda w: {"department_kind": "water"}, lambda w: w.water),
        (lambda w: {"start_level": "community"}, lambda w: w.committee),
        (lambda w: {"start_level": "district"}, lambda w: w.center_office),
    ],
    ids=["organization", "kind", "community", "district"],
)
def test_a_rule_titles_who_gets_it(world: World, then: Any, office: Any) -> None:
    put(world, rule(then=then(world)))
    assert report(world).organization_id == office(world).pk


def test_the_nearest_department_of_a_kind_gets_it(world: World) -> None:
    near = Organization.objects.create(
        name="一街道水务站", kind="department", level="department", area=world.street, department_kind="water"
    )
    reference.bump_reference()
    put(world, rule(then={"department_kind": "water"}))
    assert report(world).organization_id == near.pk
    assert report(world, building_id=world.buildings[8].pk).organization_id == world.water.pk


def test_a_raised_urgency_counts_for_the_promise_and_is_never_lowered(world: World) -> None:
    # A Wednesday morning: on the eve of a working day a day of the clock may be longer than one of work.
    with time_machine.travel(datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        usual = report(world)
        put(world, rule(then={"raise_to": "urgent"}))
        raised, critical = report(world), report(world, urgency="critical")
    assert (raised.urgency, critical.urgency) == ("urgent", "critical")
    assert raised.organization_id == usual.organization_id
    assert raised.promise_due_at is not None
    assert usual.promise_due_at is not None
    assert raised.promise_due_at - raised.submitted_at < usual.promise_due_at - usual.submitted_at


def test_a_restricted_matter_waits_at_the_desk_with_the_rule_on_record(world: World) -> None:
    put(world, rule(then={"is_restricted": True}))
    ticket = report(world)
    assert (ticket.is_restricted, ticket.state) == (True, "submitted")
    assert TicketTransition.objects.get(ticket=ticket, move="submit").payload["rule"]["key"] == "r1"


def test_a_matter_without_a_place_waits_at_the_desk_whatever_a_rule_says(world: World) -> None:
    put(world, rule(then={"organization": world.urban.pk}))
    ticket = report(world, building_id=None)
    assert (ticket.state, ticket.organization_id) == ("submitted", world.center_office.pk)
    accepted = accept_ticket(ticket, actor=world.center)
    assert accepted.state == "accepted"


def test_who_has_already_fixed_it_keeps_it(world: World) -> None:
    put(world, rule())
    assert report(world, start_level="grid").level == "grid"


def test_what_is_dispatched_stays_where_it_is_when_rules_change(world: World) -> None:
    ticket = report(world)
    put(world, rule())
    ticket.refresh_from_db()
    assert ticket.organization_id == world.grid_team.pk


def test_the_place_and_the_time_of_day_are_asked(world: World) -> None:
    put(world, rule(when={"areas": [world.community2.code]}), rule("r2", when={"compounds": [world.compound.pk]}))
    assert dispatch_of(report(world)).payload["rule"]["key"] == "r2"
    assert dispatch_of(report(world, building_id=world.buildings[4].pk)).payload["rule"]["key"] == "r1"


# ---------------------------------------------------------------- versions
def test_every_change_is_a_new_version_and_a_rollback_too(world: World) -> None:
    put(world, rule())
    put(world, rule(then={"organization": world.urban.pk}))
    assert report(world).organization_id == world.urban.pk
    assert restore_routing_rules(1, based_on=2, actor=world.admin).version == 3
    assert report(world).organization_id == world.street_office.pk
    assert restore_routing_rules(0, based_on=3, actor=world.admin).document == {"version": 1, "rules": []}
    assert report(world).organization_id == world.grid_team.pk
    assert [row.version for row in rulings.rule_sets()] == [4, 3, 2, 1]
    assert AuditEvent.objects.filter(action="settings.routing").count() == 4


def test_two_administrators_do_not_overwrite_each_other(world: World) -> None:
    put(world, rule())
    with pytest.raises(DomainError) as refused:
        put(world, rule("r2"), based_on=0)
    assert (refused.value.code, refused.value.status) == ("conflict", 409)
    assert RoutingRuleSet.objects.count() == 1


def test_a_stored_version_cannot_be_changed(world: World) -> None:
    made = put(world, rule())
    with pytest.raises(DatabaseError, match="permission denied"):
        RoutingRuleSet.objects.filter(pk=made.pk).update(note="anders")


@pytest.mark.parametrize("who", ["center", "street_leader", "worker", "official", "security"])
def test_only_the_administrator_sets_rules(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        set_routing_rules({"version": 1, "rules": [rule()]}, based_on=0, actor=world.actor(who))
    assert not RoutingRuleSet.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"when": {"categories": ["9999"]}}, "when.categories", "没有这个分类（或者已停用）：9999。"),
        ({"then": {"organization": 999_999}}, "then.organization", "已经撤销"),
        ({"when": {"any_words": []}}, "when.any_words", "一个也没有选"),
        ({"when": {"any_words": ["停水"], "no_words": ["停水"]}}, "when.no_words", "永远不成立"),
        ({"then": {}}, "then.start_level", "什么也不做"),
    ],
)
def test_a_rule_with_an_error_is_refused_with_a_sentence_at_its_field(
    world: World, changes: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        put(world, rule("r0", name="好的", when={"channels": ["web"]}), rule(**changes))
    assert list(refused.value.fields) == [f"rules.1.{field}"]
    assert sentence in refused.value.fields[f"rules.1.{field}"][0]
    assert not RoutingRuleSet.objects.exists()


def test_a_rule_whose_organization_was_closed_since_does_not_block_mending_another(world: World) -> None:
    put(world, rule(then={"organization": world.urban.pk}, when={"any_words": ["停车"]}))
    Organization.objects.filter(pk=world.urban.pk).update(ended_on=date(2026, 1, 1))
    reference.bump_reference()
    kept = current_rules().rules
    assert kept is not None
    stored = RoutingRuleSet.objects.get().document["rules"]
    put(world, *stored, rule("r2", **LIGHT))
    with pytest.raises(Invalid):  # but the broken one itself cannot be changed without mending it
        put(world, {**stored[0], "name": "停车另名"}, rule("r2", **LIGHT))


# ---------------------------------------------------------------- what fails
def closed(world: World) -> None:
    Organization.objects.filter(pk=world.urban.pk).update(ended_on=date(2026, 1, 1))
    reference.bump_reference()


def test_a_rule_that_fails_sends_the_matter_to_the_community_and_says_so(world: World) -> None:
    put(world, rule(name="城管办", then={"organization": world.urban.pk, "raise_to": "urgent"}))
    closed(world)
    ticket = report(world)
    assert (ticket.organization_id, ticket.state, ticket.urgency) == (world.committee.pk, "handling", "urgent")
    row = RoutingFailure.objects.get()
    assert (row.ticket_id, row.rule_key, row.code, row.detail, row.resolved_at) == (
        ticket.pk, "r1", "organization_gone", str(world.urban.pk), None
    )  # fmt: skip
    assert dispatch_of(ticket).payload["rule"]["failed"] == "organization_gone"
    notice = Notice.objects.get(kind="routing_failure")
    assert notice.membership_id == world.members["admin"].pk
    assert "“城管办”没有执行成" in notice.text
    report(world)
    assert RoutingFailure.objects.count() == 2
    assert Notice.objects.filter(kind="routing_failure").count() == 1  # one a rule and day


def test_no_department_of_that_kind_for_the_place_is_a_failure(world: World) -> None:
    put(world, rule(then={"department_kind": "urban_management"}))
    closed(world)
    assert report(world).organization_id == world.committee.pk
    assert RoutingFailure.objects.get().code == "no_department"


def test_an_error_in_a_rule_never_keeps_a_matter_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put(world, rule())

    def broken(*args: Any) -> None:
        raise ZeroDivisionError("13800001234 must not be kept")

    monkeypatch.setattr(rulings, "decide", broken)
    ticket = report(world)
    assert ticket.organization_id == world.committee.pk
    row = RoutingFailure.objects.get()
    assert (row.code, row.detail, row.rule_key) == ("error", "ZeroDivisionError", "")


def test_a_version_nobody_can_read_is_a_failure_and_no_silence(world: World) -> None:
    RoutingRuleSet.objects.create(version=1, document={"version": 9}, valid_from=clock.now())
    reference.bump_reference()
    assert report(world).organization_id == world.committee.pk
    assert RoutingFailure.objects.get().code == "unreadable"
    put(world, rule())  # and it can be followed by one that is right
    assert report(world).organization_id == world.street_office.pk


def test_a_failure_that_cannot_be_kept_still_takes_the_matter_in(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(world, rule(then={"organization": world.urban.pk}))
    closed(world)

    def refuse(**values: Any) -> None:
        Ticket.objects.raw("SELECT * FROM no_such_table")[0]

    monkeypatch.setattr(RoutingFailure.objects, "create", refuse)
    ticket = report(world)
    assert Ticket.objects.get(pk=ticket.pk).organization_id == world.committee.pk
    assert "could not be kept" in caplog.text


def test_a_failure_is_settled_once_alone_or_with_all_of_its_rule(world: World) -> None:
    put(world, rule(then={"organization": world.urban.pk}))
    closed(world)
    for _number in range(3):
        report(world)
    first = RoutingFailure.objects.order_by("pk")[0]
    with pytest.raises(NotAllowed):
        resolve_failure(first.pk, actor=world.center)
    assert resolve_failure(first.pk, actor=world.admin) == 1
    with pytest.raises(DomainError) as refused:
        resolve_failure(first.pk, actor=world.admin)
    assert refused.value.code == "resolved_already"
    second = RoutingFailure.objects.filter(resolved_at=None).order_by("pk")[0]
    assert resolve_failure(second.pk, whole_rule=True, actor=world.admin) == 2
    assert not RoutingFailure.objects.filter(resolved_at=None).exists()


def test_the_ticket_says_by_which_rule_it_was_sent_and_why(world: World) -> None:
    put(world, rule(name="照明归街道", when={**LIGHT["when"], "categories": ["02"]}))
    ticket = report(world)
    line = f"按规则“照明归街道”派给{world.street_office.name}，因为事项："
    page = world.sign_in(Client(), "dispatcher").get(f"/d/t1/desk/t/{ticket.number}/").content.decode()
    assert line in page
    assert "出现词语：楼道灯" in page
    put(world, rule(name="城管办", then={"organization": world.urban.pk}))
    closed(world)
    failed = report(world)
    page = world.sign_in(Client(), "staff").get(f"/d/t1/desk/t/{failed.number}/").content.decode()
    assert "规则“城管办”没有执行成（规则里的单位已经撤销），先派给社区" in page
    outward = Client()
    outward.post("/d/t1/track/", {"number": ticket.number, "secret": "1234"})
    assert "按规则" not in outward.get(f"/d/t1/t/{ticket.number}/").content.decode()


def test_rules_of_another_district_are_none_of_ours(world: World) -> None:
    other = make_district("t2", 2)
    with district_transaction(other.district):
        put(other, rule())
    assert rulings.rule_sets() == ()
    assert report(world).level == "grid"
    assert rules().by_code
