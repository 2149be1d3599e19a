"""Routing rules as pure data: order, determinism, and what is refused or warned of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.kernel.calendar import YearSpan
from requests_intake.routing_reading import (
    RuleError,
    Vocabulary,
    as_json,
    covers,
    document_of,
    problems,
    read_rules,
)
from requests_intake.routing_rules import (
    URGENCY_RANK,
    Conditions,
    Daypart,
    DaySpan,
    Decision,
    Facts,
    Result,
    Rule,
    decide,
    explain,
    raised,
)

KNOWN = Vocabulary(
    categories={"02": "", "0201": "02", "0202": "02", "03": "", "0301": "03"},
    areas={"1": frozenset("1"), "11": frozenset({"1", "11"}), "111": frozenset({"1", "11", "111"})},
    compounds=frozenset({7, 8}),
    organizations=frozenset({1, 2, 3}),
    department_kinds=frozenset({"water", "urban_management"}),
    channels=frozenset({"web", "hotline"}),
)
WORDS = ["施工", "夜间施工", "噪音", "路灯", "演练"]


def some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


times = st.sampled_from([time(0), time(6), time(9), time(12, 30), time(22)])
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
spans = st.tuples(times, times).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: DaySpan(*ends))
seasons = st.tuples(days, days).map(lambda ends: YearSpan(*((day.month, day.day) for day in ends)))
conditions = st.builds(
    Conditions,
    categories=some(["02", "0201", "0202", "0301"]),
    request_types=some(["help", "complaint"]),
    urgencies=some(["normal", "urgent"]),
    any_words=some(WORDS),
    no_words=some(WORDS),
    areas=some(["1", "11", "111"]),
    compounds=some([7, 8]),
    channels=some(["web", "hotline"]),
    hours=st.one_of(st.none(), st.sampled_from(Daypart), spans),
    season=st.one_of(st.none(), seasons),
    is_anonymous=st.sampled_from([None, True, False]),
    is_proactive=st.sampled_from([None, None, True]),
)
results = st.one_of(
    st.builds(Result, start_level=st.sampled_from(["community", "street"]), raise_to=st.sampled_from(["", "urgent"])),
    st.builds(Result, organization_id=st.sampled_from([1, 2])),
    st.builds(Result, department_kind=st.just("water")),
    st.builds(Result, is_restricted=st.just(True)),
)
loose = st.one_of(st.just(Conditions()), conditions)
some_rules = st.lists(st.tuples(loose, results, st.booleans(), st.one_of(st.none(), days)), max_size=6).map(
    lambda rows: tuple(
        Rule(f"r{n}", f"规则{n}", when, then, is_active, valid_from=first)
        for n, (when, then, is_active, first) in enumerate(rows)
    )
)
facts = st.builds(
    Facts,
    category=st.sampled_from(["", "0201", "0202", "0301"]),
    request_type=st.sampled_from(["help", "complaint", "praise"]),
    urgency=st.sampled_from(sorted(URGENCY_RANK)),
    text=st.lists(st.sampled_from([*WORDS, "楼下", "半夜"]), max_size=4).map("，".join),
    areas=st.sampled_from([frozenset(), frozenset({"1", "11"}), frozenset({"1", "11", "111"})]),
    compound_id=st.sampled_from([None, 7, 9]),
    channel=st.sampled_from(["web", "hotline"]),
    day=days,
    moment=st.times(),
    is_working=st.booleans(),
    is_anonymous=st.booleans(),
    is_proactive=st.booleans(),
).map(lambda found: replace(found, parent_category=found.category[:2]))


@given(some_rules, facts)
def test_the_first_rule_that_matches_holds_and_is_the_last_one_explained(rules, found):
    decision, trials = decide(rules, found), explain(rules, found)
    firing = [rule for rule in rules if decide([rule], found).rule is not None]
    assert decision.rule == (firing[0] if firing else None)
    assert [trial.rule for trial in trials if trial.fires] == firing[:1]
    assert len(trials) == (rules.index(firing[0]) + 1 if firing else len(rules))
    for trial in trials:
        assert trial.fires or trial.is_out or any(not match.holds for match in trial.matches)


@given(some_rules, facts)
def test_the_same_matter_is_always_decided_the_same(rules, found):
    assert decide(rules, found) == decide(list(rules), replace(found))


@given(some_rules, facts)
def test_what_stands_behind_the_rule_that_holds_changes_nothing(rules, found):
    holds = decide(rules, found).rule
    if holds is not None:
        assert decide(rules[: rules.index(holds) + 1], found).rule == holds


@given(some_rules, facts)
def test_rules_switched_off_are_as_none_and_none_leaves_everything_as_it_is(rules, found):
    off = tuple(replace(rule, is_active=False) for rule in rules)
    assert decide(off, found) == decide((), found) == Decision()
    assert decide((), found).result == Result()
    assert raised(found.urgency, Result().raise_to) == found.urgency


@given(some_rules)
def test_a_set_is_read_back_as_it_was_written(rules):
    assert read_rules(document_of(rules)) == rules


@given(some_rules, facts)
def test_a_rule_that_is_said_to_be_covered_never_matches_alone(rules, found):
    for number, rule in enumerate(rules):
        for earlier in rules[:number]:
            if earlier.is_active and covers(earlier, rule, KNOWN) and decide([rule], found).rule is not None:
                # Areas come with all they lie in, as the product hands them over.
                assert decide([earlier], found).rule is not None, (earlier, rule)


@given(st.sampled_from(sorted(URGENCY_RANK)), st.sampled_from(["", "urgent", "critical"]))
def test_a_rule_never_lowers_the_urgency(urgency, raise_to):
    assert URGENCY_RANK[raised(urgency, raise_to)] >= URGENCY_RANK[urgency]


NIGHT = {"key": "r1", "name": "夜间施工", "when": {"any_words": ["施工"]}, "then": {"start_level": "street"}}


def doc(*changes: dict[str, Any]) -> dict[str, Any]:
    rows = [{**NIGHT, "key": f"r{number}", "name": f"规则{number}", **change} for number, change in enumerate(changes)]
    return {"version": 1, "rules": rows}


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ([], "", "not_an_object"),
        ({"version": 1}, "rules", "not_a_list"),
        ({"version": 2, "rules": []}, "version", "unknown_version"),
        ({"version": 1, "rules": [], "more": 1}, "more", "unknown_key"),
        ({"version": 1, "rules": [3]}, "rules.0", "not_an_object"),
        (doc({}, {"key": "r0"}), "rules.1.key", "twice"),
        (doc({}, {"name": "规则0"}), "rules.1.name", "twice"),
        (doc({"name": "  "}), "rules.0.name", "missing"),
        (doc({"name": "长" * 41}), "rules.0.name", "too_long"),
        (doc({"key": "a b"}), "rules.0.key", "bad_key"),
        (doc({"then": {}}), "rules.0.then.start_level", "no_result"),
        (doc({"then": {"start_level": "street", "organization": 3}}), "rules.0.then.organization", "two_targets"),
        (doc({"then": {"start_level": "department"}}), "rules.0.then.start_level", "unknown_name"),
        (doc({"then": {"raise_to": "normal"}}), "rules.0.then.raise_to", "unknown_name"),
        (doc({"when": {"any_words": []}}), "rules.0.when.any_words", "empty"),
        (doc({"when": {"any_words": ["灯"]}}), "rules.0.when.any_words", "bad_word"),
        (doc({"when": {"any_words": [" 路灯"]}}), "rules.0.when.any_words", "bad_word"),
        (doc({"when": {"no_words": ["词" + str(n) for n in range(60)]}}), "rules.0.when.no_words", "too_many"),
        (doc({"when": {"compounds": ["7"]}}), "rules.0.when.compounds", "not_a_list"),
        (doc({"when": {"compounds": []}}), "rules.0.when.compounds", "empty"),
        (doc({"when": {"hours": "noon"}}), "rules.0.when.hours", "unknown_name"),
        (doc({"when": {"hours": {"from": "25:00", "to": "06:00"}}}), "rules.0.when.hours.from", "bad_time"),
        (doc({"when": {"hours": {"from": "06:00", "to": "06:00"}}}), "rules.0.when.hours.to", "same_time"),
        (doc({"when": {"season": {"from": "02-30", "to": "03-01"}}}), "rules.0.when.season.from", "bad_day"),
        (doc({"when": {"word": ["施工"]}}), "rules.0.when.word", "unknown_key"),
        (doc({"valid_from": "2026-11-02", "valid_until": "2026-11-01"}), "rules.0.valid_until", "before_start"),
        (doc({"valid_from": "soon"}), "rules.0.valid_from", "bad_day"),
    ],
)
def test_what_is_no_rule_is_refused_and_says_where(document, path, code):
    with pytest.raises(RuleError) as refused:
        read_rules(document)
    assert (refused.value.path, refused.value.code) == (path, code)


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"when": {"categories": ["0201", "9999"]}}, "when.categories", "unknown"),
        ({"when": {"areas": ["999"]}}, "when.areas", "unknown"),
        ({"when": {"compounds": [99]}}, "when.compounds", "unknown"),
        ({"when": {"channels": ["pigeon"]}}, "when.channels", "unknown"),
        ({"then": {"organization": 99}}, "then.organization", "unknown"),
        ({"then": {"department_kind": "magic"}}, "then.department_kind", "unknown"),
        ({"when": {"any_words": ["夜间施工"], "no_words": ["施工"]}}, "when.no_words", "words_exclude_each_other"),
        ({"then": {"start_level": "street", "is_restricted": True}}, "then.is_restricted", "restricted_is_not_sent"),
        ({"when": {"request_types": ["report"]}}, "when.request_types", "restricted_is_not_sent"),
        ({"when": {"urgencies": ["critical"]}, "then": {"raise_to": "urgent"}}, "then.raise_to", "raises_nothing"),
    ],
)
def test_a_rule_that_cannot_work_is_a_problem_unless_it_is_off(change, path, code):
    found = problems(read_rules(doc(change)), KNOWN)
    assert [(row.path, row.code, row.is_warning) for row in found] == [(path, code, False)]
    assert problems(read_rules(doc({**change, "is_active": False})), KNOWN) == []


def test_a_rule_behind_one_that_covers_it_is_warned_of():
    wide, narrow = {"when": {"categories": ["02"]}}, {"when": {"categories": ["0201"], "areas": ["11"]}}
    found = problems(read_rules(doc(wide, narrow)), KNOWN)
    assert [(row.key, row.code, row.detail, row.is_warning) for row in found] == [
        ("r1", "never_reached", "规则0", True)
    ]
    assert problems(read_rules(doc(narrow, wide)), KNOWN) == []


def test_a_rule_says_by_which_words_it_was_matched():
    rule = read_rules(doc({"when": {"any_words": ["施工", "装修"], "hours": {"from": "22:00", "to": "06:00"}}}))
    night = Facts(text="半夜还在施工", moment=time(23, 30))
    assert [(m.condition, m.value) for m in decide(rule, night).why] == [("any_words", "施工"), ("hours", "23:30")]
    by_day = explain(rule, replace(night, moment=time(14)))[0]
    assert [(m.condition, m.holds) for m in by_day.matches] == [("any_words", True), ("hours", False)]


def test_a_rule_is_asked_only_on_its_days():
    rule = read_rules(doc({"valid_from": "2026-11-01", "valid_until": "2026-11-30"}))
    for day, holds in ((date(2026, 10, 31), False), (date(2026, 11, 1), True), (date(2026, 11, 30), True),
                       (date(2026, 12, 1), False)):  # fmt: skip
        assert (decide(rule, Facts(text="施工", day=day)).rule is not None) is holds
    assert as_json(rule[0])["valid_until"] == "2026-11-30"


WHOLE = Facts(
    category="0201", parent_category="02", request_type="help", urgency="normal", text="半夜施工", compound_id=7,
    areas=frozenset({"1", "11"}), channel="web", day=date(2026, 11, 20), moment=time(23), is_working=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("holds", "fails"),
    [
        ({"categories": ["02"]}, {"categories": ["0202"]}),
        ({"request_types": ["help"]}, {"request_types": ["praise"]}),
        ({"urgencies": ["normal"]}, {"urgencies": ["urgent"]}),
        ({"any_words": ["施工"]}, {"any_words": ["路灯"]}),
        ({"no_words": ["路灯"]}, {"no_words": ["施工"]}),
        ({"areas": ["11"]}, {"areas": ["111"]}),
        ({"areas": ["111"], "compounds": [7]}, {"compounds": [8]}),
        ({"channels": ["web"]}, {"channels": ["hotline"]}),
        ({"hours": "off"}, {"hours": "working"}),
        ({"hours": {"from": "22:00", "to": "06:00"}}, {"hours": {"from": "06:00", "to": "23:00"}}),
        ({"season": {"from": "11-15", "to": "03-15"}}, {"season": {"from": "03-16", "to": "11-14"}}),
        ({"is_anonymous": False}, {"is_anonymous": True}),
        ({"is_proactive": False}, {"is_proactive": True}),
    ],
)
def test_each_condition_holds_and_fails_by_itself(holds, fails):
    assert decide(read_rules(doc({"when": holds})), WHOLE).rule is not None
    assert decide(read_rules(doc({"when": fails})), WHOLE).rule is None
    assert decide(read_rules(doc({"when": {**holds, "channels": ["pigeon"]}})), WHOLE).rule is None, "all must hold"


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({"areas": ["111"]}, {"areas": ["11"]}),
        ({"compounds": [7]}, {"compounds": [8]}),
        ({"areas": ["11"]}, {"compounds": [7]}),
        ({"hours": "off"}, {"hours": {"from": "22:00", "to": "06:00"}}),
        ({"hours": {"from": "22:00", "to": "05:00"}}, {"hours": {"from": "22:00", "to": "06:00"}}),
        ({"season": {"from": "11-15", "to": "03-14"}}, {"season": {"from": "11-15", "to": "03-15"}}),
        ({"any_words": ["夜间施工"]}, {"any_words": ["施工"]}),
        ({"no_words": ["施工"]}, {"no_words": ["夜间施工"]}),
        ({"categories": ["0201"]}, {"categories": ["02"]}),
        ({"is_anonymous": True}, {}),
    ],
)
def test_what_a_rule_does_not_take_wholly_is_no_cover(wide, narrow):
    assert not covers(*read_rules(doc({"when": wide}, {"when": narrow})), KNOWN)
    assert covers(*read_rules(doc({"when": wide}, {"when": wide})), KNOWN)
