"""A district's own routing rules: which rule holds for a matter, why, and why those before it do not.

Pure. Rules are asked in their order and the first that matches holds; where none does, the category's start level and
the district's way up decide as they do without any rule. Reading and judging a set stands in ``routing_reading``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from governance.kernel.calendar import YearSpan

URGENCY_RANK = {"normal": 0, "complex": 0, "urgent": 1, "critical": 2}
RAISED = ("urgent", "critical")


class Daypart(StrEnum):
    """When a matter comes in, by the district's work calendar."""

    WORKING = "working"
    OFF = "off"


@dataclass(frozen=True)
class DaySpan:
    """A part of every day, the start included and the end not; may run over midnight (22:00 to 06:00)."""

    start: time
    end: time

    def covers(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True)
class Facts:
    """What is known of a matter when it comes in.

    ``category`` and ``parent_category`` are codes, empty where nothing is suggested. ``areas``: codes of every area the
    place lies in, the district's included; empty where no place is known. ``urgency``: before any rule raises it.
    """

    category: str = ""
    parent_category: str = ""
    request_type: str = ""
    urgency: str = "normal"
    text: str = ""
    areas: frozenset[str] = frozenset()
    compound_id: int | None = None
    channel: str = ""
    day: date = date(2000, 1, 1)
    moment: time = time(0)
    is_working: bool = True
    is_anonymous: bool = False
    is_proactive: bool = False


@dataclass(frozen=True)
class Conditions:
    """All that are named must hold; within one, any of the values. A place is one of the areas or compounds."""

    categories: tuple[str, ...] = ()  # codes of the first or second level
    request_types: tuple[str, ...] = ()
    urgencies: tuple[str, ...] = ()
    any_words: tuple[str, ...] = ()
    no_words: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    compounds: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()
    hours: Daypart | DaySpan | None = None
    season: YearSpan | None = None
    is_anonymous: bool | None = None
    is_proactive: bool | None = None


@dataclass(frozen=True)
class Result:
    """What a rule does: at most one of the three targets, a raised urgency, or the matter kept to its desk.

    ``start_level``: handled from there, along the district's way up. ``organization_id``: by this one.
    ``department_kind``: by the nearest of its kind. ``raise_to`` never lowers.
    """

    start_level: str = ""
    organization_id: int | None = None
    department_kind: str = ""
    raise_to: str = ""
    is_restricted: bool = False

    @property
    def has_target(self) -> bool:
        return bool(self.start_level or self.organization_id or self.department_kind)


@dataclass(frozen=True)
class Rule:
    """``key`` stays when the rule is moved or changed; ``valid_from`` and ``valid_until`` are days, both included."""

    key: str
    name: str
    when: Conditions = field(default_factory=Conditions)
    then: Result = field(default_factory=Result)
    is_active: bool = True
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is asked at all on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return self.is_active and begun and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True)
class Match:
    """One condition and what of the matter it was judged by: the matched words, the category's code and so on."""

    condition: str
    value: str
    holds: bool


@dataclass(frozen=True)
class Decision:
    """The rule that holds (None: today's behaviour without rules), and why."""

    rule: Rule | None = None
    why: tuple[Match, ...] = ()

    @property
    def result(self) -> Result:
        return self.rule.then if self.rule else Result()


@dataclass(frozen=True)
class Trial:
    """A rule as it was asked: ``is_out``, switched off or not valid on the day; else which conditions hold."""

    rule: Rule
    is_out: bool
    matches: tuple[Match, ...]

    @property
    def fires(self) -> bool:
        return not self.is_out and all(match.holds for match in self.matches)


def decide(rules: Iterable[Rule], facts: Facts) -> Decision:
    """The first rule in order whose conditions all hold."""
    for rule in rules:
        if rule.holds_on(facts.day):
            matches = judge(rule.when, facts)
            if all(match.holds for match in matches):
                return Decision(rule, matches)
    return Decision()


def explain(rules: Iterable[Rule], facts: Facts) -> tuple[Trial, ...]:
    """Every rule up to and including the one that holds, each with its conditions judged."""
    found = []
    for rule in rules:
        trial = Trial(rule, not rule.holds_on(facts.day), judge(rule.when, facts))
        found.append(trial)
        if trial.fires:
            break
    return tuple(found)


def judge(when: Conditions, facts: Facts) -> tuple[Match, ...]:
    """Each condition that is named, in a fixed order. A rule that names none matches everything."""
    text = facts.text.lower()
    found: list[Match] = []

    def add(condition: str, value: str, holds: bool) -> None:
        found.append(Match(condition, value, holds))

    if when.categories:
        hit = [code for code in (facts.category, facts.parent_category) if code and code in when.categories]
        add("categories", hit[0] if hit else facts.category, bool(hit))
    for name, wanted, is_there in (
        ("request_types", when.request_types, facts.request_type),
        ("urgencies", when.urgencies, facts.urgency),
        ("channels", when.channels, facts.channel),
    ):
        if wanted:
            add(name, is_there, is_there in wanted)
    if when.any_words:
        said = [word for word in when.any_words if word.lower() in text]
        add("any_words", "、".join(said), bool(said))
    if when.no_words:
        said = [word for word in when.no_words if word.lower() in text]
        add("no_words", "、".join(said), not said)
    if when.areas or when.compounds:
        places = [code for code in when.areas if code in facts.areas]
        in_compound = facts.compound_id is not None and facts.compound_id in when.compounds
        value = places[0] if places else f"#{facts.compound_id}" if in_compound else ""
        add("places", value, bool(places) or in_compound)
    if when.hours is not None:
        add("hours", f"{facts.moment:%H:%M}", _at(when.hours, facts))
    if when.season is not None:
        add("season", f"{facts.day:%m-%d}", when.season.covers(facts.day))
    for name, asked, fact in (
        ("is_anonymous", when.is_anonymous, facts.is_anonymous),
        ("is_proactive", when.is_proactive, facts.is_proactive),
    ):
        if asked is not None:
            add(name, "yes" if fact else "no", fact is asked)
    return tuple(found)


def _at(hours: Daypart | DaySpan, facts: Facts) -> bool:
    if isinstance(hours, DaySpan):
        return hours.covers(facts.moment)
    return facts.is_working is (hours is Daypart.WORKING)


def raised(urgency: str, raise_to: str) -> str:
    """The urgency after a rule has spoken: the more pressing of the two."""
    return raise_to if raise_to and URGENCY_RANK[raise_to] > URGENCY_RANK[urgency] else urgency
