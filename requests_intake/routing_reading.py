"""Reading a set of routing rules from JSON, and judging it against what the district has.

Pure. ``read_rules`` refuses what is no rule at all and says where (``rules.2.when.season.from``); ``problems`` finds
what is well formed and cannot work: a category or organization nobody knows, a contradiction, a rule that an earlier
one always beats (a warning: it does no harm).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from governance.kernel.calendar import YearSpan

from .routing_rules import RAISED, URGENCY_RANK, Conditions, Daypart, DaySpan, Result, Rule
from .sla.policy_reading import Node, PolicyError

MOST_RULES, MOST_WORDS, NAME_LENGTH, KEY_LENGTH = 200, 50, 40, 12
SHORTEST_WORD, LONGEST_WORD = 2, 20
REQUEST_TYPES = ("consult", "help", "complaint", "report", "suggestion", "praise")
START_LEVELS = ("grid", "community", "street", "district")
WHEN = (
    "categories", "request_types", "urgencies", "any_words", "no_words", "areas", "compounds", "channels", "hours",
    "season", "is_anonymous", "is_proactive",
)  # fmt: skip
THEN = ("start_level", "organization", "department_kind", "raise_to", "is_restricted")
TARGETS = THEN[:3]
_LEAP = [date(2024, 1, 1) + timedelta(days=number) for number in range(366)]
_MINUTES = [time(minute // 60, minute % 60) for minute in range(1440)]


class RuleError(PolicyError):
    """A document that is no set of rules: ``path`` says where, ``code`` is stable."""


@dataclass(frozen=True)
class Vocabulary:
    """What the district has. ``categories``: code → code of its parent (empty for the first level). ``areas``: code →
    the codes of everything it lies in, itself included."""

    categories: Mapping[str, str]
    areas: Mapping[str, frozenset[str]]
    compounds: Collection[int]
    organizations: Collection[int]
    department_kinds: Collection[str]
    channels: Collection[str]


@dataclass(frozen=True)
class Problem:
    """What is wrong with one rule, and where in it (``when.categories``). ``detail``: the value that is wrong."""

    key: str
    path: str
    code: str
    detail: str = ""
    is_warning: bool = False


# ---------------------------------------------------------------- reading
def read_rules(document: object) -> tuple[Rule, ...]:
    """The rules of a document, in order. Raises ``RuleError``, which says where and what."""
    try:
        return _read(document)
    except RuleError:
        raise
    except PolicyError as error:
        raise RuleError(error.path, error.code, str(error)) from error


def _read(document: object) -> tuple[Rule, ...]:
    node = Node(document, "").only("version", "rules")
    if node.integer("version", at_least=1) != 1:
        raise RuleError("version", "unknown_version", "this programme reads version 1")
    rows = document["rules"] if isinstance(document, Mapping) and "rules" in document else None
    if not isinstance(rows, list):
        raise RuleError("rules", "not_a_list", "a list of rules is expected")
    if len(rows) > MOST_RULES:
        raise RuleError("rules", "too_many", f"at most {MOST_RULES} rules")
    found: list[Rule] = []
    for number, row in enumerate(rows):
        rule = _rule(row, f"rules.{number}")
        if any(other.key == rule.key for other in found):
            raise RuleError(f"rules.{number}.key", "twice", f"{rule.key} stands twice")
        if any(other.name == rule.name for other in found):
            raise RuleError(f"rules.{number}.name", "twice", f"{rule.name} stands twice")
        found.append(rule)
    return tuple(found)


def _rule(data: object, path: str) -> Rule:
    node = Node(data, path).only("key", "name", "when", "then", "is_active", "valid_from", "valid_until")
    assert isinstance(data, Mapping)
    first, last = _day(data, path, "valid_from"), _day(data, path, "valid_until")
    if first is not None and last is not None and last < first:
        raise RuleError(f"{path}.valid_until", "before_start", "ends before it begins")
    key = _text(data, path, "key", KEY_LENGTH)
    if not (key.isascii() and key.isalnum()):
        raise RuleError(f"{path}.key", "bad_key", "letters and digits only")
    return Rule(
        key=key,
        name=_text(data, path, "name", NAME_LENGTH),
        when=_when(data.get("when", {}), f"{path}.when"),
        then=_then(data.get("then", {}), f"{path}.then"),
        is_active=node.boolean("is_active") if "is_active" in data else True,
        valid_from=first,
        valid_until=last,
    )


def _when(data: object, path: str) -> Conditions:
    node = Node(data, path).only(*WHEN)
    assert isinstance(data, Mapping)

    def words(name: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        if name not in data:
            return ()
        found = node.strings(name, known=known)
        if not found:
            raise RuleError(f"{path}.{name}", "empty", "a condition without values never holds")
        return tuple(dict.fromkeys(found))

    return Conditions(
        categories=words("categories"),
        request_types=words("request_types", REQUEST_TYPES),
        urgencies=words("urgencies", URGENCY_RANK),
        any_words=_words(words("any_words"), f"{path}.any_words"),
        no_words=_words(words("no_words"), f"{path}.no_words"),
        areas=words("areas"),
        compounds=_ids(data, path, "compounds"),
        channels=words("channels"),
        hours=_hours(data["hours"], f"{path}.hours") if "hours" in data else None,
        season=_season(node.child("season")) if "season" in data else None,
        is_anonymous=node.boolean("is_anonymous") if "is_anonymous" in data else None,
        is_proactive=node.boolean("is_proactive") if "is_proactive" in data else None,
    )


def _words(found: tuple[str, ...], path: str) -> tuple[str, ...]:
    if len(found) > MOST_WORDS:
        raise RuleError(path, "too_many", f"at most {MOST_WORDS} words")
    for word in found:
        if not SHORTEST_WORD <= len(word.strip()) == len(word) <= LONGEST_WORD or not word.isprintable():
            raise RuleError(path, "bad_word", f"{word!r} is not of {SHORTEST_WORD} to {LONGEST_WORD} characters")
    return found


def _ids(data: Mapping[str, Any], path: str, name: str) -> tuple[int, ...]:
    value = data.get(name, None)
    if value is None:
        return ()
    if not isinstance(value, list) or any(isinstance(each, bool) or not isinstance(each, int) for each in value):
        raise RuleError(f"{path}.{name}", "not_a_list", "a list of ids is expected")
    if not value:
        raise RuleError(f"{path}.{name}", "empty", "a condition without values never holds")
    return tuple(dict.fromkeys(value))


def _hours(value: object, path: str) -> Daypart | DaySpan:
    if isinstance(value, str):
        if value not in tuple(Daypart):
            raise RuleError(path, "unknown_name", f"{value!r} is neither working nor off")
        return Daypart(value)
    node = Node(value, path).only("from", "to")
    assert isinstance(value, Mapping)
    ends = []
    for name in ("from", "to"):
        try:
            ends.append(time.fromisoformat(str(value.get(name, ""))))
        except ValueError:
            raise RuleError(f"{path}.{name}", "bad_time", "a time like 22:00 is expected") from None
    if any(end.tzinfo is not None or end.second or end.microsecond for end in ends):
        raise RuleError(f"{path}.from", "bad_time", "a time like 22:00 is expected")
    if ends[0] == ends[1]:
        raise RuleError(f"{path}.to", "same_time", "begins and ends at the same time")
    assert node is not None
    return DaySpan(*ends)


def _season(node: Node) -> YearSpan:
    node.only("from", "to")
    return YearSpan(node.month_day("from"), node.month_day("to"))


def _then(data: object, path: str) -> Result:
    node = Node(data, path).only(*THEN)
    assert isinstance(data, Mapping)
    named = [name for name in TARGETS if data.get(name)]
    if len(named) > 1:
        raise RuleError(f"{path}.{named[1]}", "two_targets", "a matter goes to one place")
    found = Result(
        start_level=node.string_or_none("start_level", known=START_LEVELS) or "",
        organization_id=node.integer("organization", at_least=1) if data.get("organization") is not None else None,
        department_kind=_text(data, path, "department_kind", 30) if data.get("department_kind") else "",
        raise_to=node.string_or_none("raise_to", known=RAISED) or "",
        is_restricted=node.boolean("is_restricted") if "is_restricted" in data else False,
    )
    if not (found.has_target or found.raise_to or found.is_restricted):
        raise RuleError(f"{path}.start_level", "no_result", "a rule that does nothing")
    return found


def _text(data: Mapping[str, Any], path: str, name: str, at_most: int) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise RuleError(f"{path}.{name}", "missing", "a text is needed")
    if len(value) > at_most:
        raise RuleError(f"{path}.{name}", "too_long", f"at most {at_most} characters")
    return value.strip()


def _day(data: Mapping[str, Any], path: str, name: str) -> date | None:
    value = data.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise RuleError(f"{path}.{name}", "bad_day", f"{value!r} is not a day like 2026-11-01") from None


def as_json(rule: Rule) -> dict[str, Any]:
    """The rule as a document holds it; ``_rule`` reads it back unchanged."""
    when: dict[str, Any] = {name: list(getattr(rule.when, name)) for name in WHEN[:8] if getattr(rule.when, name)}
    hours, season = rule.when.hours, rule.when.season
    if isinstance(hours, DaySpan):
        when["hours"] = {"from": f"{hours.start:%H:%M}", "to": f"{hours.end:%H:%M}"}
    elif hours is not None:
        when["hours"] = hours.value
    if season is not None:
        when["season"] = {"from": "{:02}-{:02}".format(*season.first), "to": "{:02}-{:02}".format(*season.last)}
    when |= {name: value for name in WHEN[10:] if (value := getattr(rule.when, name)) is not None}
    result = rule.then
    then: dict[str, Any] = {
        "start_level": result.start_level,
        "organization": result.organization_id,
        "department_kind": result.department_kind,
        "raise_to": result.raise_to,
        "is_restricted": result.is_restricted,
    }
    days = {"valid_from": rule.valid_from, "valid_until": rule.valid_until}
    return {
        "key": rule.key,
        "name": rule.name,
        "when": when,
        "then": {name: value for name, value in then.items() if value},
        "is_active": rule.is_active,
        **{name: day.isoformat() for name, day in days.items() if day is not None},
    }


def document_of(rules: Iterable[Rule]) -> dict[str, Any]:
    """The document of a set, as it is stored."""
    return {"version": 1, "rules": [as_json(rule) for rule in rules]}


# ---------------------------------------------------------------- judging
def problems(rules: Sequence[Rule], known: Vocabulary) -> list[Problem]:
    """What keeps the active rules from working, in their order; warnings among them."""
    found: list[Problem] = []
    for number, rule in enumerate(rules):
        if not rule.is_active:
            continue
        found += _Judged(rule, known).problems()
        cover = next((one for one in rules[:number] if one.is_active and covers(one, rule, known)), None)
        if cover is not None:
            found.append(Problem(rule.key, "when", "never_reached", cover.name, is_warning=True))
    return found


@dataclass
class _Judged:
    rule: Rule
    known: Vocabulary
    found: list[Problem] = field(default_factory=list)

    def problems(self) -> list[Problem]:
        when, then, known = self.rule.when, self.rule.then, self.known
        for name, values, there in (
            ("when.categories", when.categories, known.categories),
            ("when.areas", when.areas, known.areas),
            ("when.compounds", when.compounds, known.compounds),
            ("when.channels", when.channels, known.channels),
            ("then.organization", (then.organization_id,) if then.organization_id else (), known.organizations),
            ("then.department_kind", (then.department_kind,) if then.department_kind else (), known.department_kinds),
        ):
            unknown = [str(value) for value in values if value not in there]
            if unknown:
                self._add(name, "unknown", "、".join(unknown))
        if when.any_words and all(any(no.lower() in word.lower() for no in when.no_words) for word in when.any_words):
            self._add("when.no_words", "words_exclude_each_other", "、".join(when.no_words))
        self._contradictions()
        return self.found

    def _contradictions(self) -> None:
        when, then = self.rule.when, self.rule.then
        if then.is_restricted and then.has_target:
            self._add("then.is_restricted", "restricted_is_not_sent")
        if then.has_target and when.request_types == ("report",):
            self._add("when.request_types", "restricted_is_not_sent")
        if then.raise_to and when.urgencies:
            rank = URGENCY_RANK[then.raise_to]
            if all(URGENCY_RANK[urgency] >= rank for urgency in when.urgencies):
                self._add("then.raise_to", "raises_nothing")

    def _add(self, path: str, code: str, detail: str = "") -> None:
        self.found.append(Problem(self.rule.key, path, code, detail))


def covers(one: Rule, other: Rule, known: Vocabulary) -> bool:
    """Whether ``one`` certainly matches all that ``other`` matches, so that ``other`` behind it is never reached.

    Careful: False where that cannot be told.
    """
    a, b = one.when, other.when
    begins = one.valid_from is None or (other.valid_from is not None and one.valid_from <= other.valid_from)
    ends = one.valid_until is None or (other.valid_until is not None and other.valid_until <= one.valid_until)
    return (
        begins
        and ends
        and _within(a.categories, b.categories, lambda code: {code, known.categories.get(code, "")} & set(a.categories))
        and _within(a.request_types, b.request_types, lambda value: value in a.request_types)
        and _within(a.urgencies, b.urgencies, lambda value: value in a.urgencies)
        and _within(a.channels, b.channels, lambda value: value in a.channels)
        and _within(a.any_words, b.any_words, lambda word: any(each.lower() in word.lower() for each in a.any_words))
        and all(any(no.lower() in word.lower() for no in b.no_words) for word in a.no_words)
        and _places_within(a, b, known)
        and _hours_within(a.hours, b.hours)
        and (
            a.season is None or (b.season is not None and all(a.season.covers(d) for d in _LEAP if b.season.covers(d)))
        )
        and (a.is_anonymous is None or a.is_anonymous is b.is_anonymous)
        and (a.is_proactive is None or a.is_proactive is b.is_proactive)
    )


def _within(wide: Collection[str], narrow: Collection[str], is_in: Any) -> bool:
    return not wide or (bool(narrow) and all(is_in(value) for value in narrow))


def _places_within(a: Conditions, b: Conditions, known: Vocabulary) -> bool:
    if not (a.areas or a.compounds):
        return True
    if not (b.areas or b.compounds) or not set(b.compounds) <= set(a.compounds):
        return False
    return all(known.areas.get(code, frozenset({code})) & set(a.areas) for code in b.areas)


def _season_within(wide: YearSpan | None, narrow: YearSpan | None) -> bool:
    if wide is None or narrow is None:
        return wide is None
    return all(wide.covers(day) for day in _LEAP if narrow.covers(day))


def _hours_within(wide: Daypart | DaySpan | None, narrow: Daypart | DaySpan | None) -> bool:
    if wide is None or wide == narrow:
        return True
    if isinstance(wide, DaySpan) and isinstance(narrow, DaySpan):
        return all(wide.covers(minute) for minute in _MINUTES if narrow.covers(minute))
    return False
