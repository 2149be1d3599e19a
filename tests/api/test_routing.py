"""Routing rules through the API: read, set as a whole, tried out with another set or another policy."""

from __future__ import annotations

from typing import Any

import pytest

from requests_intake.models import RoutingRuleSet, Ticket
from requests_intake.sla import Policy
from tests.api.conftest import Client
from tests.cases import CONTENT, report
from tests.world import World

pytestmark = pytest.mark.django_db
RULES, SIMULATE = "/api/v1/routing/rules/", "/api/v1/routing/simulate/"


def document(**changes: Any) -> dict[str, Any]:
    rule = {"key": "r1", "name": "照明归街道", "when": {"any_words": ["楼道灯"]}, "then": {"start_level": "street"}}
    return {"version": 1, "rules": [{**rule, **changes}]}


def shipped(**changes: Any) -> dict[str, Any]:
    from json import loads
    from pathlib import Path

    import requests_intake

    file = Path(requests_intake.__file__).parent / "data" / "default_policy.json"
    found: dict[str, Any] = loads(file.read_text(encoding="utf-8"))
    found["classes"]["minor"] |= changes
    Policy.from_json(found)
    return found


def test_rules_are_read_set_and_hold(world: World, api: Client) -> None:
    admin = api("admin")
    assert admin.get(RULES).json() == {"version": 0, "document": {"version": 1, "rules": []}}
    answer = admin.put(RULES, {"document": document(), "based_on": 0, "note": "试行"})
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["version"], answer.json()["document"]["rules"][0]["key"]) == (1, "r1")
    assert admin.get(RULES).json() == answer.json()
    world.district.refresh_from_db()
    assert report(world).level == "street"


def test_a_repeated_request_makes_one_version(world: World, api: Client) -> None:
    admin, body = api("admin"), {"document": document(), "based_on": 0}
    answers = [admin.put(RULES, body, headers={"Idempotency-Key": "one"}) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert RoutingRuleSet.objects.count() == 1
    assert admin.put(RULES, body).status_code == 409, "based on a version that is not the newest any more"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"when": {"categories": ["9999"]}}, "rules.0.when.categories"),
        ({"then": {"organization": 10**30}}, "rules.0.then.organization"),
        ({"when": {"any_words": []}}, "rules.0.when.any_words"),
        ({"name": "零\u0000"}, "rules.0.name"),
        ({"when": {"any_words": ["\u0007\u0007"]}}, "rules.0.when.any_words"),
        ({"surprise": 1}, "rules.0.surprise"),
    ],
)
def test_a_rule_with_an_error_is_refused_and_says_where(
    world: World, api: Client, changes: dict[str, Any], field: str
) -> None:
    answer = api("admin").put(RULES, {"document": document(**changes), "based_on": 0})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert not RoutingRuleSet.objects.exists()


@pytest.mark.parametrize("body", [[], {}, {"document": [], "based_on": 0}, {"document": {"rules": 3}, "based_on": 0}])
def test_what_is_no_set_of_rules_is_refused(world: World, api: Client, body: Any) -> None:
    assert api("admin").put(RULES, body).status_code in (400, 422)


@pytest.mark.parametrize("who", ["center", "staff", "worker", "official", "security"])
def test_only_the_administrator_reads_sets_and_tries(world: World, api: Client, who: str) -> None:
    client = api(who)
    assert client.get(RULES).status_code == 403
    assert client.put(RULES, {"document": document(), "based_on": 0}).status_code == 403
    assert client.post(SIMULATE, {"matter": {"content": CONTENT}}).status_code == 403


def test_a_matter_is_tried_under_another_set_and_nothing_is_saved(world: World, api: Client) -> None:
    admin, matter = api("admin"), {"content": CONTENT, "building": world.building.pk}
    now = admin.post(SIMULATE, {"matter": matter}).json()
    assert (now["matter"]["rule"], now["matter"]["organization"], now["effect"]) == ("", world.grid_team.pk, None)
    then = admin.post(SIMULATE, {"matter": matter, "document": document()}).json()
    assert (then["matter"]["rule"], then["matter"]["organization"]) == ("r1", world.street_office.pk)
    assert then["matter"]["trials"][0]["matches"] == [{"condition": "any_words", "value": "楼道灯", "holds": True}]
    assert not RoutingRuleSet.objects.exists()
    assert not Ticket.objects.exists()


def test_the_last_90_days_under_other_rules_and_another_policy(world: World, api: Client) -> None:
    admin, old = api("admin"), report(world)
    answer = admin.post(SIMULATE, {"document": document(), "policy": shipped(resolve={"value": 60, "unit": "cal_day"})})
    assert answer.status_code == 200, answer.json()
    effect = answer.json()["effect"]
    assert (effect["counted"], effect["moved"], effect["longer"], effect["shorter"]) == (1, 1, 1, 0)
    assert {(row["name"], row["before"], row["after"]) for row in effect["organizations"]} == {
        (world.grid_team.name, 1, 0), (world.street_office.name, 0, 1),
    }  # fmt: skip
    assert [row["number"] for row in effect["examples"]] == [old.number]
    same = admin.post(SIMULATE, {"document": document(when={"any_words": ["幼儿园"]})}).json()["effect"]
    assert (same["counted"], same["moved"], same["longer"], same["examples"]) == (1, 0, 0, [])
    old.refresh_from_db()
    assert old.level == "grid"


def test_a_policy_with_an_error_is_refused(world: World, api: Client) -> None:
    answer = api("admin").post(SIMULATE, {"policy": {"version": 1}})
    assert answer.status_code == 422
