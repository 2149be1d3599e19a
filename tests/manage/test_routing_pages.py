"""The pages of routing rules: looked at before they are saved, refused at their field, tried out without a trace."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.kernel import reference
from grids.models import Organization
from requests_intake.actions.routing_rules import set_routing_rules
from requests_intake.models import RoutingFailure, RoutingRuleSet, Ticket, TicketTransition
from requests_intake.rulings import rule_set
from tests.cases import CONTENT, report
from tests.world import World

pytestmark = pytest.mark.django_db
NEW = "/manage/routing/new/"


@pytest.fixture
def admin(world: World) -> Client:
    return world.sign_in(Client(), "admin")


def rule(key: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": f"规则{key}",
        "when": {"any_words": ["楼道灯"]},
        "then": {"start_level": "street"},
        **changes,
    }


def put(world: World, *rows: dict[str, Any]) -> None:
    last = RoutingRuleSet.objects.count()
    set_routing_rules({"version": 1, "rules": list(rows)}, based_on=last, actor=world.admin)


def said_on(client: Client, path: str, **changes: Any) -> dict[str, Any]:
    """What the form of a page says as it stands, with these changes."""
    page = client.get(path)
    form = page.context["form"]
    said = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    more = {name: page.context[name] for name in ("based_on", "key") if name in page.context}
    return {**said, **more, "idempotency_key": str(uuid4()), **changes}


def look_and_save(client: Client, path: str, **changes: Any) -> Any:
    said = said_on(client, path, **changes)
    page = client.post(path, said)
    assert page.status_code == 200, page.context["form"].errors
    return client.post(path, {**said, "seen": page.context["seen"]})


def keys() -> list[str]:
    return [row.name for row in rule_set().rules or ()]


LIGHTS = {"name": "照明归街道", "any_words": "路灯、楼道灯", "target": "start_level", "start_level": "street"}


def test_a_rule_is_shown_with_its_effect_before_it_is_saved_and_then_holds(world: World, admin: Client) -> None:
    old = report(world)
    said = said_on(admin, NEW, **LIGHTS)
    page = admin.post(NEW, said)
    assert page.status_code == 200
    assert not RoutingRuleSet.objects.exists(), "looking saves nothing"
    assert (page.context["effect"].counted, page.context["effect"].moved) == (1, 1)
    text = page.content.decode()
    assert "先派给别的单位 1 件" in text
    assert old.number in text
    assert world.street_office.name in text
    for _twice in range(2):  # the same form sent twice makes one version
        assert admin.post(NEW, {**said, "seen": page.context["seen"]}).status_code == 302
    assert RoutingRuleSet.objects.count() == 1
    world.district.refresh_from_db()
    assert report(world).level == "street"
    assert "照明归街道" in admin.get("/manage/routing/").content.decode()
    old.refresh_from_db()
    assert old.level == "grid"


def test_what_was_changed_after_looking_is_looked_at_again(world: World, admin: Client) -> None:
    said = said_on(admin, NEW, **LIGHTS)
    seen = admin.post(NEW, said).context["seen"]
    page = admin.post(NEW, {**said, "start_level": "district", "seen": seen})
    assert page.status_code == 200
    assert not RoutingRuleSet.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": ""}, "name", "必填"),
        ({"any_words": "灯"}, "any_words", "一个字会认错太多"),
        ({"any_words": "停水", "no_words": "停水"}, "no_words", "永远不成立"),
        ({"target": "organization", "organization": ""}, "organization", "请在这里选一个"),
        ({"target": ""}, "target", "什么也不做"),
        ({"is_restricted": "on"}, "is_restricted", "规则不能替他派"),
        ({"compounds": "没有的小区"}, "compounds", "没有这个小区：没有的小区"),
        ({"hours": "span", "hours_from": "25:00", "hours_to": "06:00"}, "hours_from", "时间写成"),
        ({"season_from": "02-30", "season_to": "03-01"}, "season_from", "日期写成"),
        ({"season_from": "11-15"}, "season_to", "日期写成"),
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "valid_until", "早于开始日期"),
        ({"categories": ["9999"]}, "categories", "9999"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field_and_nothing_typed_is_lost(
    admin: Client, world: World, changes: dict[str, Any], field: str, sentence: str
) -> None:
    page = admin.post(NEW, said_on(admin, NEW, **{**LIGHTS, **changes}))
    assert page.status_code == 422
    assert any(sentence in said for said in page.context["form"].errors[field]), page.context["form"].errors
    assert "effect" not in page.context
    if "any_words" not in changes:
        assert "路灯、楼道灯" in page.content.decode()
    assert not RoutingRuleSet.objects.exists()


def test_an_edited_rule_keeps_its_key_and_everything_it_said(world: World, admin: Client) -> None:
    when = {
        "categories": ["02"], "request_types": ["help"], "urgencies": ["normal"], "any_words": ["楼道灯"],
        "no_words": ["演练"], "areas": [world.grid.code], "compounds": [world.compound.pk], "channels": ["web"],
        "hours": {"from": "22:00", "to": "06:00"}, "season": {"from": "11-15", "to": "03-15"}, "is_anonymous": False,
        "is_proactive": False,
    }  # fmt: skip
    whole = rule("r1", when=when, then={"organization": world.water.pk, "raise_to": "urgent"}, valid_from="2026-01-01")
    put(world, whole)
    stored = RoutingRuleSet.objects.get().document["rules"][0]
    page = look_and_save(admin, "/manage/routing/rules/r1/", name="新名字")
    assert page.status_code == 302
    assert RoutingRuleSet.objects.get(version=2).document["rules"] == [{**stored, "name": "新名字"}]


def test_rules_are_moved_switched_copied_and_removed_each_as_a_version(world: World, admin: Client) -> None:
    put(world, rule("r1"), rule("r2", then={"start_level": "district"}))

    def change(key: str, verb: str) -> None:
        path = f"/manage/routing/rules/{key}/{verb}/"
        assert admin.post(path, said_on(admin, path)).status_code == 302
        world.district.refresh_from_db()

    report(world)
    page = admin.get("/manage/routing/rules/r2/up/")
    assert (page.context["effect"].moved, page.context["effect"].counted) == (1, 1)
    change("r2", "up")
    assert keys() == ["规则r2", "规则r1"]
    assert report(world).level == "district"
    change("r2", "off")
    assert report(world).level == "street"
    change("r2", "on")
    change("r2", "down")
    assert keys() == ["规则r1", "规则r2"]
    change("r1", "remove")
    assert keys() == ["规则r2"]
    assert look_and_save(admin, f"{NEW}?copy=r2").status_code == 302
    world.district.refresh_from_db()
    assert keys() == ["规则r2", "规则r2（副本）"]
    assert RoutingRuleSet.objects.count() == 7
    assert (
        admin.post("/manage/routing/versions/1/restore/", {"idempotency_key": "k", "based_on": "7"}).status_code == 302
    )
    world.district.refresh_from_db()
    assert keys() == ["规则r1", "规则r2"]
    assert admin.get("/manage/routing/rules/r9/").status_code == 404
    assert admin.get("/manage/routing/rules/r1/explode/").status_code == 404


def test_a_form_opened_before_another_version_came_is_refused(world: World, admin: Client) -> None:
    put(world, rule("r1"))
    path = "/manage/routing/rules/r1/off/"
    said = said_on(admin, path)
    put(world, rule("r1"), rule("r2", when={"channels": ["web"]}))
    page = admin.post(path, said)
    assert page.status_code == 422
    assert "别人存了第 2 版" in page.content.decode()
    assert RoutingRuleSet.objects.count() == 2


def test_a_rule_never_reached_is_warned_of_and_may_be_saved(world: World, admin: Client) -> None:
    put(world, rule("r1", when={}))
    said = said_on(admin, NEW, **LIGHTS)
    page = admin.post(NEW, said)
    assert "前面的“规则r1”已经把这些都接走了" in page.content.decode()
    assert admin.post(NEW, {**said, "seen": page.context["seen"]}).status_code == 302
    assert "轮不到" in admin.get("/manage/routing/").content.decode()


def test_examples_are_links_only_for_who_may_open_the_ticket(world: World, admin: Client) -> None:
    ticket = report(world)
    page = admin.post(NEW, said_on(admin, NEW, **LIGHTS)).content.decode()
    assert ticket.number in page
    assert f"/desk/t/{ticket.number}/" not in page


def test_restricted_matters_are_in_no_preview(world: World, admin: Client) -> None:
    ticket = report(world)
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    page = admin.post(NEW, said_on(admin, NEW, **LIGHTS))
    assert page.context["effect"].counted == 0
    assert ticket.number not in page.content.decode()


# ---------------------------------------------------------------- the simulator
def test_the_simulator_says_what_would_happen_and_it_does(world: World, admin: Client) -> None:
    put(
        world,
        rule("r0", name="夜里的", when={"any_words": ["施工"]}),
        rule("r1", name="照明", then={"department_kind": "water", "raise_to": "urgent"}),
    )
    before = Ticket.objects.count(), TicketTransition.objects.count()
    body = {"content": CONTENT, "community": world.community.pk, "channel": "web"}
    page = admin.post("/manage/routing/simulate/", body)
    assert page.status_code == 200
    assert (Ticket.objects.count(), TicketTransition.objects.count()) == before
    found, text = page.context["found"], page.content.decode()
    assert (found["rule"].key, found["organization"]) == ("r1", world.water.name)
    assert "出现词语：楼道灯" in text
    assert [(trial["name"], trial["fires"]) for trial in found["trials"]] == [("夜里的", False), ("照明", True)]
    assert "出现词语：一个也没有" in text
    real = report(world, building_id=None, community_id=world.community.pk)
    assert (real.organization_id, real.urgency) == (world.water.pk, "urgent")
    promise = {row["name"]: row["due"] for row in found["clocks"]}["答应居民"]
    assert abs((real.promise_due_at - promise).total_seconds()) < 5
    order = {row["name"]: row["due"] for row in found["clocks"]}["办结"]
    assert abs((real.order_due_at - order).total_seconds()) < 5


def test_the_simulator_follows_the_time_it_is_asked_for(world: World, admin: Client) -> None:
    put(world, rule("r1", when={"season": {"from": "11-15", "to": "03-15"}, "hours": "off"}))

    def fires(at: str) -> bool:
        page = admin.post(
            "/manage/routing/simulate/",
            {"content": CONTENT, "community": world.community.pk, "channel": "web", "at": at},
        )
        return page.context["found"]["rule"] is not None

    future = date.today().year + 1
    assert fires(f"{future}-01-10T23:00")
    assert not fires(f"{future}-07-10T23:00")
    assert not fires(f"{future}-01-11T10:00")  # a working Monday


@pytest.mark.parametrize("body", [{"content": ""}, {"content": CONTENT, "at": "0001-01-01T00:00"}])
def test_the_simulator_refuses_what_it_cannot_read(admin: Client, body: dict[str, str]) -> None:
    assert admin.post("/manage/routing/simulate/", {"channel": "web", **body}).status_code == 422


def test_without_rules_or_place_the_simulator_says_so(world: World, admin: Client) -> None:
    page = admin.post("/manage/routing/simulate/", {"content": CONTENT, "channel": "web"})
    assert page.context["found"]["waits"]
    assert "没有一条规则符合" in page.content.decode()


# ---------------------------------------------------------------- what failed
def test_what_failed_is_listed_and_settled(world: World, admin: Client) -> None:
    put(world, rule("r1", then={"organization": world.urban.pk}))
    Organization.objects.filter(pk=world.urban.pk).update(ended_on=date(2026, 1, 1))
    reference.bump_reference()
    numbers = [report(world).number for _n in range(2)]
    assert "有 2 件规则没有执行成" in admin.get("/manage/routing/").content.decode()
    text = admin.get("/manage/routing/failures/").content.decode()
    assert all(number in text for number in numbers)
    assert "规则里的单位已经撤销" in text
    row = RoutingFailure.objects.order_by("pk")[0]
    said = {"idempotency_key": "a", "whole": "1"}
    assert admin.post(f"/manage/routing/failures/{row.pk}/", said).status_code == 302
    assert "没有要看的" in admin.get("/manage/routing/failures/").content.decode()
    assert numbers[0] in admin.get("/manage/routing/failures/?all=1").content.decode()
    again = admin.post(f"/manage/routing/failures/{row.pk}/", {"idempotency_key": "b"}, follow=True)
    assert "已经处理过了" in again.content.decode()
