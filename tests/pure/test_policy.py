"""The default policy and its validation (SLA D.2, D.3, D.10, D.12)."""

import copy
import json
from datetime import date
from pathlib import Path

import pytest

import requests_intake.sla.policy as policy_module
from requests_intake.sla import Klass, LevelLimits, Limit, Policy, PolicyError, level_limits, promise_limit

POLICY = Policy.default()
SUMMER, WINTER = date(2026, 7, 1), date(2026, 12, 1)
DEFAULT = json.loads(
    (Path(policy_module.__file__).parent.parent / "data" / "default_policy.json").read_text(encoding="utf-8")
)


def promised(category="9901", *, type="complaint", urgency="normal", grid_size=False, on=SUMMER) -> str:
    return str(
        promise_limit(POLICY, request_type=type, urgency=urgency, category_code=category, grid_size=grid_size, on=on)
    )


@pytest.mark.parametrize(
    ("case", "limit"),
    [
        ({}, "5 个工作日"),
        ({"type": "help"}, "5 个工作日"),
        ({"grid_size": True}, "1 个工作日"),
        ({"urgency": "critical"}, "24 小时"),
        ({"urgency": "urgent"}, "24 小时"),
        ({"urgency": "urgent", "grid_size": True}, "24 小时"),
        ({"urgency": "complex"}, "15 个工作日"),
        ({"type": "consult"}, "1 个工作日"),
        ({"type": "suggestion"}, "5 个工作日"),
        ({"type": "praise"}, "2 个工作日"),
        ({"type": "report"}, "15 个工作日"),
        ({"type": "dispute"}, "30 天"),
    ],
)
def test_promise_by_class(case, limit):
    assert promised(**case) == limit


@pytest.mark.parametrize(
    ("category", "limit"),
    [
        ("0101", "1 个工作日"),
        ("0102", "5 个工作小时"),
        ("0103", "4 个工作日"),
        ("0112", "15 个工作日"),
        ("0701", "15 个工作日"),
        ("0602", "24 小时"),
        ("0504", "24 小时"),
        ("0402", "24 小时"),
        ("0307", "24 小时"),
        ("1101", "3 个工作日"),
        ("1103", "3 个工作日"),
        ("1601", "10 个工作日"),
    ],
)
def test_a_category_has_its_own_limit(category, limit):
    assert promised(category) == limit


def test_heating_is_urgent_in_its_season_only():
    assert promised("0505", on=WINTER) == "24 小时"
    assert promised("0505", on=SUMMER) == "5 个工作日"
    assert promised("0505", on=date(2027, 3, 15)) == "24 小时"
    assert promised("0505", on=date(2027, 3, 16)) == "5 个工作日"
    assert POLICY.effective_urgency("critical", "0505", WINTER) == "critical"


def test_an_emergency_beats_the_long_limit_of_its_category():
    assert promised("0112", urgency="critical") == "24 小时"


def test_danger_outranks_the_form_it_is_told_in():
    assert promised("0504", type="consult") == "24 小时"
    assert promised("0504", type="praise") == "2 个工作日"
    assert promised("0504", type="suggestion") == "5 个工作日"
    assert promised("0101", type="consult") == "1 个工作日"
    assert promised("0701", type="consult") == "1 个工作日"


def test_an_unknown_urgency_is_refused():
    with pytest.raises(ValueError, match="unknown urgency"):
        promised(urgency="hot")


def _limits(sign, contact, on_site, decide, resolve) -> LevelLimits:
    parsed = [Limit.parse(phrase) if phrase else None for phrase in (sign, contact, on_site, decide, resolve)]
    return LevelLimits(*parsed)


@pytest.mark.parametrize(
    ("level", "klass", "expected"),
    [
        ("grid", "normal", ("2 个工作小时", "7 个工作小时", None, "4 个工作小时", "1 个工作日")),
        ("community", "normal", ("2 个工作小时", "7 个工作小时", None, "1 个工作日", "2 个工作日")),
        ("street", "normal", ("2 个工作小时", "7 个工作小时", None, "1 个工作日", "3 个工作日")),
        ("department", "normal", ("4 个工作小时", "7 个工作小时", None, "1 个工作日", "5 个工作日")),
        ("grid", "complex", ("2 个工作小时", "1 个工作日", None, "4 个工作小时", "3 个工作日")),
        ("street", "complex", ("2 个工作小时", "1 个工作日", None, "1 个工作日", "9 个工作日")),
        ("grid", "minor", ("2 个工作小时", "当日", None, "4 个工作小时", "1 个工作日")),
        ("grid", "critical", ("10 分钟", "10 分钟", "30 分钟", None, "24 小时")),
        ("street", "urgent", ("30 分钟", "1 小时", "2 小时", "1 小时", "24 小时")),
        ("street", "consult", ("2 个工作小时", None, None, "1 个工作日", "1 个工作日")),
        ("department", "report", ("1 个工作日", None, None, "1 个工作日", "15 个工作日")),
        ("community", "dispute", ("1 个工作日", "3 个工作日", None, "1 个工作日", "30 天")),
    ],
)
def test_limits_at_a_level(level, klass, expected):
    assert level_limits(POLICY, level=level, klass=Klass(klass)) == _limits(*expected)


def test_every_level_serves_every_class():
    for level in ("grid", "community", "street", "department", "district"):
        for klass in Klass:
            assert level_limits(POLICY, level=level, klass=klass).sign


def test_the_rest_of_the_critical_row():
    row = POLICY.classes[Klass.CRITICAL]
    assert (str(row.on_site), str(row.control)) == ("30 分钟", "2 小时")
    assert str(POLICY.classes[Klass.COMPLEX].plan) == "5 个工作日"
    assert str(POLICY.classes[Klass.CONSULT].resolve_at_most) == "2 个工作日"


def test_what_is_always_verified():
    assert POLICY.verification.percent(urgency="critical", safety=False) == 100
    assert POLICY.verification.percent(urgency="urgent", safety=False) == 100
    assert POLICY.verification.percent(urgency="normal", safety=True) == 100
    assert POLICY.verification.percent(urgency="normal", safety=False) == 20


def test_closing_rules():
    visit = POLICY.return_visit
    assert (str(visit.within), visit.attempts, visit.on_days) == ("3 个工作日", 3, 2)
    assert visit.not_for == {"praise", "consult"}
    assert str(POLICY.reopen_within) == "15 天"
    assert str(POLICY.rework_at_least) == "2 个工作日"


@pytest.mark.parametrize(
    ("path", "value", "error_path", "code"),
    [
        ("classes.normal.sign", None, "classes.normal.sign", "not_an_object"),
        ("classes.normal.sign.unit", "week", "classes.normal.sign", "unknown_unit"),
        ("classes.normal.sign.value", -1, "classes.normal.sign", "bad_value"),
        ("classes.normal.sing", {}, "classes.normal.sing", "unknown_key"),
        ("classes.other", {}, "classes.other", "unknown_name"),
        ("classes", {}, "classes.critical", "missing"),
        ("levels.grid", 3, "levels.grid", "not_an_object"),
        ("levels.grid", {}, "levels.grid.sign", "missing"),
        ("level_classes", "normal", "level_classes", "not_a_list"),
        ("level_classes", ["normale"], "level_classes", "unknown_name"),
        ("complex_multiplier", 0, "complex_multiplier", "out_of_range"),
        ("complex_multiplier", 1.5, "complex_multiplier", "not_an_integer"),
        ("thresholds.soon_percent", 40, "thresholds.soon_percent", "out_of_range"),
        ("verify.sample_percent", 101, "verify.sample_percent", "out_of_range"),
        ("verify.always_safety", "yes", "verify.always_safety", "not_a_boolean"),
        ("categories.0505.season", "rainy", "categories.0505.season", "unknown_name"),
        ("categories.0505.class", "minor", "categories.0505.class", "unknown_name"),
        ("seasons.heating.from", "2-30", "seasons.heating.from", "bad_day"),
        ("return_visit.on_days", 4, "return_visit.on_days", "out_of_range"),
        ("version", 2, "version", "unknown_version"),
    ],
)
def test_a_wrong_policy_says_where_and_what(path, value, error_path, code):
    data = copy.deepcopy(DEFAULT)
    *parents, last = path.split(".")
    place = data
    for name in parents:
        place = place[name]
    place[last] = value
    with pytest.raises(PolicyError) as raised:
        Policy.from_json(data)
    assert (raised.value.path, raised.value.code) == (error_path, code)
    assert str(raised.value).startswith(error_path)


def test_a_district_may_change_a_limit():
    data = copy.deepcopy(DEFAULT)
    data["classes"]["normal"]["resolve"] = {"value": 7, "unit": "work_day"}
    changed = Policy.from_json(data)
    limit = promise_limit(
        changed, request_type="help", urgency="normal", category_code="9901", grid_size=False, on=SUMMER
    )
    assert str(limit) == "7 个工作日"
    assert promised(type="help") == "5 个工作日"


def test_a_policy_that_is_no_object_is_refused():
    with pytest.raises(PolicyError, match="an object is expected"):
        Policy.from_json([])
