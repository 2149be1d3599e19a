"""Way up, work calendar and time limits: each changes what the product does, and a wrong one says why it is refused."""

from __future__ import annotations

import copy
import dataclasses
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from governance.kernel.calendar import SHANGHAI
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent, CalendarDay, District
from requests_intake import sla
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.settings import (
    read_days,
    set_calendar_days,
    set_escalation_path,
    set_limit_policy,
)
from requests_intake.models import Clock, LimitPolicy, Ticket
from requests_intake.policy_effect import effect_of
from requests_intake.sla.discipline import SHIPPED
from tests.cases import report
from tests.world import World

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def admin(world: World) -> Client:
    return world.sign_in(Client(), "admin")


def _post(client: Client, path: str, **said: Any) -> Any:
    return client.post(path, {"idempotency_key": str(uuid4()), **said})


def _fresh(world: World) -> None:
    """The scope of the test reads its district again, as the next request does."""
    world.district.refresh_from_db()


def _document() -> dict[str, Any]:
    return copy.deepcopy(LimitPolicy.objects.order_by("-version")[0].document)


def _policy_form(client: Client, **changes: Any) -> dict[str, Any]:
    form = client.get("/manage/limits/").context["form"]
    said = {field.html_name: field.value() for field in form if field.value() is not None}
    return {**said, "note": "试行", **changes}


# -- way up


def test_without_the_community_a_grid_hands_up_to_the_street(world: World, admin: Client) -> None:
    assert _post(admin, "/manage/path/", levels=["grid", "street", "district"]).status_code == 302
    _fresh(world)
    ticket = escalate_ticket(report(world), note="办不了", actor=world.worker)
    assert ticket.level == "street"
    assert District.objects.get(pk=world.district.pk).escalation_path == ["grid", "street", "district"]
    assert AuditEvent.objects.get(action="settings.path").detail["after"] == ["grid", "street", "district"]


@pytest.mark.parametrize("levels", [[], ["grid", "street"], ["nonsense", "district"]])
def test_a_way_that_does_not_end_at_the_district_is_refused(world: World, admin: Client, levels: list[str]) -> None:
    page = _post(admin, "/manage/path/", levels=levels)
    assert page.status_code == 422
    assert page.context["form"].errors
    assert District.objects.get(pk=world.district.pk).escalation_path == ["grid", "community", "street", "district"]


def test_only_the_administrator_changes_the_way(world: World) -> None:
    with pytest.raises(NotAllowed):
        set_escalation_path(["district"], actor=world.center)


# -- work calendar


def test_a_day_off_moves_the_next_promise_and_not_the_last(world: World, admin: Client) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        admin = world.sign_in(Client(), "admin")
        given = report(world).promise_due_at
        assert _post(admin, "/manage/calendar/", lines="2026-11-23,休,庙会\n2026/11/24 休 庙会").status_code == 302
        _fresh(world)
        later = report(world).promise_due_at
        assert given is not None
        assert later is not None
        assert later > given
        assert Ticket.objects.order_by("pk")[0].promise_due_at == given
        row = CalendarDay.objects.get(day=date(2026, 11, 23))
        _post(admin, f"/manage/calendar/{row.pk}/remove/")
    _fresh(world)
    assert work_calendar().is_working(date(2026, 11, 23))
    assert not work_calendar().is_working(date(2026, 11, 24))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("2027-02-30,休,春节", "第 1 行"),
        ("2027-02-08,休,春节\n2027-02-09,放假", "第 2 行"),
        ("2027-02-08,休\n2027-02-08,班", "第 2 行：2027-02-08 重复了"),
        (" \n ", "还没有填"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(world: World, lines: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_days(lines)
    assert said in refused.value.message


def test_a_whole_year_counts_as_published(world: World, admin: Client) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        admin = world.sign_in(Client(), "admin")
        assert not work_calendar().is_published(2028)
        wrong = _post(admin, "/manage/calendar/?year=2028", lines="2027-01-01,休,元旦", whole_year="on")
        assert "不在 2028 年" in wrong.content.decode()
        assert not CalendarDay.objects.exists()
        assert (
            _post(admin, "/manage/calendar/?year=2028", lines="2028-01-03,休,元旦", whole_year="on").status_code == 302
        )
    _fresh(world)
    assert work_calendar().is_published(2028)


def test_clocks_that_reach_an_unpublished_year_are_counted(world: World) -> None:
    with time_machine.travel(datetime(2026, 12, 31, 10, 0, tzinfo=SHANGHAI), tick=False):
        admin = world.sign_in(Client(), "admin")
        assert admin.get("/manage/calendar/").context["beyond"] is None
        report(world)
        page = admin.get("/manage/calendar/")
        assert page.context["beyond"]["year"] == 2027
        assert page.context["beyond"]["count"] >= 1
        set_calendar_days(read_days("2027-01-01,休,元旦"), whole_year=2027, actor=world.admin)
        assert admin.get("/manage/calendar/").context["beyond"] is None


# -- time limits


def test_a_new_version_holds_for_new_promises_only(world: World) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        first = report(world)
        document = _document()
        for klass in document["classes"].values():
            klass["resolve"] = {"value": 60, "unit": "cal_day"}
        document["categories"] = {}
        made = set_limit_policy(document, note="试行", actor=world.admin)
        second = report(world)
    assert made.version == 2
    assert (first.policy_version, second.policy_version) == (1, 2)
    assert second.promise_due_at - FRIDAY > timedelta(days=59)
    assert Ticket.objects.get(pk=first.pk).promise_due_at == first.promise_due_at
    assert AuditEvent.objects.get(action="settings.limits").detail == {"version": 2}


def test_a_version_may_begin_later(world: World) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        document = _document()
        document["complex_multiplier"] = 4
        set_limit_policy(document, valid_from=FRIDAY + timedelta(days=3), actor=world.admin)
        assert report(world).policy_version == 1
        with pytest.raises(Invalid):
            set_limit_policy(
                _document() | {"complex_multiplier": 5}, valid_from=FRIDAY - timedelta(1), actor=world.admin
            )
    with time_machine.travel(FRIDAY + timedelta(days=4), tick=False):
        assert report(world).policy_version == 2


def test_the_same_document_again_makes_no_version(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        set_limit_policy(_document(), actor=world.admin)
    assert refused.value.code == "unchanged"


def test_the_effect_counts_what_would_be_longer_and_shorter(world: World) -> None:
    urgent, normal = report(world, urgency="urgent"), report(world)
    old = sla.Policy.from_json(_document())
    document = _document()
    document["categories"] = {}
    document["classes"]["urgent"]["resolve"] = {"value": 1, "unit": "cal_hour"}
    for name in ("normal", "minor", "complex"):
        document["classes"][name]["resolve"] = {"value": 90, "unit": "cal_day"}
    found = effect_of(old, sla.Policy.from_json(document))
    assert (found.counted, found.longer, found.shorter, found.same) == (2, 1, 1, 0)
    assert {row.number for row in found.examples} == {urgent.number, normal.number}
    assert effect_of(old, old).same == 2


def test_the_page_shows_the_effect_before_it_saves(world: World, admin: Client) -> None:
    ticket = report(world)
    said = _policy_form(admin, **{"classes.minor.resolve": "9 个工作日", "classes.normal.resolve": "9 个工作日"})
    looked = admin.post("/manage/limits/", said)
    assert looked.status_code == 200
    assert looked.context["effect"].counted == 1
    assert LimitPolicy.objects.count() == 1
    saved = admin.post("/manage/limits/", {**said, "seen": looked.context["seen"]})
    assert saved["Location"] == "/manage/limits/"
    newest = LimitPolicy.objects.get(version=2)
    assert newest.document["classes"]["normal"]["resolve"] == {"value": 9, "unit": "work_day"}
    # Seasons and what holds in them are as they were.
    assert newest.document["seasons"] == _document()["seasons"]
    assert newest.document["categories"]["0505"]["season"] == "heating"
    assert Ticket.objects.get(pk=ticket.pk).promise_due_at == ticket.promise_due_at


def test_every_place_of_the_document_is_in_the_form(world: World, admin: Client) -> None:
    """Whatever something runs by can be changed: only version and label are not the district's own."""

    def places(node: Any, start: str = "") -> set[str]:
        if not isinstance(node, dict) or "unit" in node:
            return {start}
        return {found for name, value in node.items() for found in places(value, f"{start}.{name}".lstrip("."))}

    form = admin.get("/manage/limits/").context["form"]
    elsewhere = ("version", "label", "seasons.", "categories.", "return_visit.within")  # the middle two stand in rows
    unused = (".on_site", ".control", ".plan", ".resolve_at_most")  # nothing runs by them yet
    by_level = {f"classes.{klass}.sign" for klass in _document()["level_classes"]}
    wanted = {place for place in places(_document()) if not place.startswith(elsewhere) and not place.endswith(unused)}
    assert wanted - by_level <= set(form.fields)


def test_a_document_older_than_the_discipline_shows_what_the_product_runs_by_and_gets_it(
    world: World, admin: Client
) -> None:
    """The product runs by ``SHIPPED`` where a stored document says nothing: the form says so, and saves it."""
    document = _document()
    del document["discipline"], document["figures"]
    LimitPolicy.objects.update(document=document)
    form = admin.get("/manage/limits/").context["form"]
    for field in dataclasses.fields(SHIPPED):
        assert form[f"discipline.{field.name}"].value() in (str(value := getattr(SHIPPED, field.name)), value)
    said = _policy_form(admin, **{"discipline.urge_again": "1 个工作小时"})
    looked = admin.post("/manage/limits/", said)
    assert not looked.context["form"].errors
    assert admin.post("/manage/limits/", {**said, "seen": looked.context["seen"]}).status_code == 302
    assert set(_document()["discipline"]) == {field.name for field in dataclasses.fields(SHIPPED)}
    policy = sla.Policy.from_json(_document())
    assert policy.discipline == dataclasses.replace(SHIPPED, urge_again=sla.Limit(1, sla.Unit.WORK_HOUR))
    assert policy.figures == sla.Policy.default().figures
    assert sla.Policy.default().discipline == SHIPPED


def test_each_of_the_other_settings_is_saved_where_the_product_reads_it(world: World, admin: Client) -> None:
    said = _policy_form(
        admin,
        **{
            "level_classes": ["normal"], "thresholds.duty_percent": "170", "thresholds.sign_escalate_percent": "300",
            "thresholds.supervise_after": "1 个工作日", "thresholds.circular_after": "3 个工作日",
            "verify.always_urgency": ["critical"], "verify.always_safety": "", "return_visit.attempts": "2",
            "return_visit.on_days": "1", "return_visit.not_for": ["praise"], "season.1.name": "汛期",
            "season.1.from": "6-1", "season.1.to": "09-15", "category.0.class": "urgent", "category.0.season": "汛期",
        },
    )  # fmt: skip
    looked = admin.post("/manage/limits/", said)
    assert not looked.context["form"].errors
    assert admin.post("/manage/limits/", {**said, "seen": looked.context["seen"]}).status_code == 302
    policy = sla.Policy.from_json(_document())
    assert policy.level_classes == {sla.Klass.NORMAL}
    assert (policy.thresholds.duty, policy.thresholds.sign_escalate) == (1.7, 3.0)
    assert str(policy.thresholds.supervise_after) == "1 个工作日"
    assert str(policy.thresholds.circular_after) == "3 个工作日"
    assert policy.verification.percent(urgency="urgent", safety=True) == policy.verification.sample_percent
    assert (policy.return_visit.attempts, policy.return_visit.on_days, policy.return_visit.not_for) == (
        2,
        1,
        {"praise"},
    )
    first = next(iter(policy.categories))
    assert policy.effective_urgency("normal", first, date(2026, 7, 1)) == "urgent"
    assert policy.effective_urgency("normal", first, date(2026, 10, 1)) == "normal"


def test_running_clocks_keep_their_stages_and_new_ones_follow_the_new_shares(world: World) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        old = report(world)
        before = list(Clock.objects.filter(ticket=old).order_by("pk").values_list("kind", "due_at", "schedule"))
        document = _document()
        document["thresholds"] |= {"half_percent": 20, "soon_percent": 30, "sign_escalate_percent": 400}
        set_limit_policy(document, actor=world.admin)
        fresh = report(world)
    assert list(Clock.objects.filter(ticket=old).order_by("pk").values_list("kind", "due_at", "schedule")) == before
    after = list(Clock.objects.filter(ticket=fresh).order_by("pk").values_list("kind", "due_at", "schedule"))
    assert [(kind, due) for kind, due, _stages in after] == [(kind, due) for kind, due, _stages in before]
    stages = {kind: dict(rows) for kind, _due, rows in after}
    assert stages["sign"]["escalate"] > {kind: dict(rows) for kind, _due, rows in before}["sign"]["escalate"]
    assert stages["resolve"]["soon"] < {kind: dict(rows) for kind, _due, rows in before}["resolve"]["soon"]


def test_the_form_left_alone_changes_nothing(world: World, admin: Client) -> None:
    assert admin.post("/manage/limits/", _policy_form(admin)).context["is_changed"] is False


def test_another_form_than_the_one_looked_at_is_shown_again(world: World, admin: Client) -> None:
    said = _policy_form(admin, complex_multiplier="5")
    seen = admin.post("/manage/limits/", said).context["seen"]
    again = admin.post("/manage/limits/", {**said, "complex_multiplier": "6", "seen": seen})
    assert again.status_code == 200
    assert again.context["seen"] != seen
    assert LimitPolicy.objects.count() == 1


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("classes.urgent.sign", "很快"),
        ("classes.normal.resolve", ""),
        ("classes.normal.resolve", "0 个工作小时"),
        ("thresholds.soon_percent", "40"),
        ("verify.sample_percent", "101"),
        ("complex_multiplier", "0"),
        ("category.0.resolve", "明天"),
        ("category.0.season", "heating"),
        ("season.0.from", "02-30"),
        ("thresholds.duty_percent", "100"),
        ("thresholds.sign_escalate_percent", "100"),
        ("thresholds.supervise_after", ""),
        ("thresholds.circular_after", "马上"),
        ("return_visit.on_days", "4"),
        ("return_visit.attempts", "0"),
        ("verify.always_urgency", "whatever"),
        ("level_classes", "critical"),
        ("starts_on", "2020-01-01"),
        ("note", ""),
    ],
)
def test_a_wrong_limit_is_refused_at_its_place(world: World, admin: Client, place: str, value: str) -> None:
    page = admin.post("/manage/limits/", _policy_form(admin, **{place: value}))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [place]
    assert LimitPolicy.objects.count() == 1


def test_a_season_needs_a_name_of_its_own_and_one_that_is_used_cannot_go(world: World, admin: Client) -> None:
    def wrong(**changes: str) -> list[str]:
        said = _policy_form(admin, **{name.replace("__", "."): value for name, value in changes.items()})
        return list(admin.post("/manage/limits/", said).context["form"].errors)

    dates = {"season__1__from": "06-01", "season__1__to": "09-15"}
    assert wrong(**dates) == ["season.1.name"]
    assert wrong(**dates, season__1__name="供暖季") == ["season.1.name"]
    number = list(_document()["categories"]).index("0505")
    gone = {"season__0__name": "", "season__0__from": "", "season__0__to": ""}
    assert wrong(**gone) == [f"category.{number}.season"]


def test_the_action_says_where_a_document_is_wrong(world: World) -> None:
    document = _document()
    document["levels"]["grid"]["sign"] = {"value": 0, "unit": "work_hour"}
    with pytest.raises(Invalid) as refused:
        set_limit_policy(document, actor=world.admin)
    assert list(refused.value.fields) == ["levels.grid.sign"]
