"""The time limits of a district: parsed, validated, and asked (SLA D.2, D.3, D.10, D.12).

A policy is data a district may edit; ``data/default_policy.json`` is what ships (默认值,可调整). How the class of a
ticket is found stands in ``resolve_class``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from json import loads
from pathlib import Path
from typing import Any

from governance.kernel.calendar import YearSpan

from .discipline import SHIPPED, Discipline
from .policy_reading import Node, PolicyError
from .stages import Thresholds
from .units import Limit, Unit

__all__ = ["CategoryRule", "ClassLimits", "Figures", "Klass", "LevelLimits", "Policy", "PolicyError", "Verification"]

_DEFAULT_FILE = Path(__file__).resolve().parent.parent / "data" / "default_policy.json"


class Klass(StrEnum):
    """Rows of the default table (SLA D.2)."""

    CRITICAL = "critical"
    URGENT = "urgent"
    NORMAL = "normal"
    MINOR = "minor"  # 琐事: grid-size, done within a day
    COMPLEX = "complex"
    CONSULT = "consult"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    REPORT = "report"
    DISPUTE = "dispute"


_KLASSES = frozenset(klass.value for klass in Klass)
_HURRY = {Klass.CRITICAL: 2, Klass.URGENT: 1}
_BY_TYPE = frozenset({Klass.CONSULT, Klass.REPORT, Klass.DISPUTE})
_NEVER_HURRIED = frozenset({Klass.PRAISE, Klass.SUGGESTION})
_CATEGORY_DECIDES = frozenset({Klass.NORMAL, Klass.MINOR, Klass.COMPLEX, Klass.REPORT})
_URGENCIES = frozenset({"critical", "urgent", "normal", "complex"})


@dataclass(frozen=True)
class ClassLimits:
    """One row of SLA D.2. ``None`` where the table asks for nothing.

    ``on_site``: first person at the place; ``control``: danger under control; ``decide``: window for giving the order
    back (D.7: critical has none, it is handled first); ``plan``: plan to the resident; ``resolve_at_most``: the outer
    bound where the table names two.
    """

    sign: Limit
    resolve: Limit
    contact: Limit | None = None
    on_site: Limit | None = None
    control: Limit | None = None
    decide: Limit | None = None
    plan: Limit | None = None
    resolve_at_most: Limit | None = None


@dataclass(frozen=True)
class LevelLimits:
    """What one work order at one level gets (SLA D.3 where it applies, else D.2)."""

    sign: Limit
    contact: Limit | None
    on_site: Limit | None
    decide: Limit | None
    resolve: Limit


@dataclass(frozen=True)
class CategoryRule:
    """A category's own rule (SLA D.2): at least this class, in a season if one is named; its own resolve limit; how
    many of a hundred are looked at on site, where that is more than the sample."""

    klass: Klass | None = None
    season: str | None = None
    resolve: Limit | None = None
    verify_percent: int = 0


@dataclass(frozen=True)
class Verification:
    """Which resolved work orders somebody looks at on site (SLA D.10), and by when.

    ``organizations``: percentages of single organizations, by id, which raise the sample.
    """

    always_urgency: frozenset[str]
    always_safety: bool
    sample_percent: int
    within: Limit
    organizations: Mapping[int, int]

    def rule(
        self, *, urgency: str, safety: bool, organization_id: int = 0, category_percent: int = 0
    ) -> tuple[str, int]:
        """Which rule holds, and how many of a hundred such orders are verified by it: ``urgency`` and ``safety`` 100,
        else the highest of ``sample``, ``category`` and ``organization``."""
        if urgency in self.always_urgency:
            return "urgency", 100
        if safety and self.always_safety:
            return "safety", 100
        found = [
            ("sample", self.sample_percent),
            ("category", category_percent),
            ("organization", self.organizations.get(organization_id, 0)),
        ]
        return max(found, key=lambda each: each[1])

    def percent(self, *, urgency: str, safety: bool) -> int:
        """How many of a hundred such orders are verified, whoever handled them and whatever they are about."""
        return self.rule(urgency=urgency, safety=safety)[1]


@dataclass(frozen=True)
class ReturnVisit:
    """Asking the resident afterwards (SLA D.10): how soon, attempts on how many days, at most how many in vain a day,
    request types without it."""

    within: Limit
    attempts: int
    on_days: int
    not_for: frozenset[str]
    a_day: int


@dataclass(frozen=True)
class Figures:
    """How answers count in the rates, in percent of a full one: 还行 (kpi E.3), 部分解决 (kpi E.2)."""

    so_so_percent: int
    partly_percent: int


@dataclass(frozen=True)
class Policy:
    """Every limit of one district. Build it with ``from_json`` or ``default``."""

    classes: Mapping[Klass, ClassLimits]
    levels: Mapping[str, LevelLimits]
    level_classes: frozenset[Klass]
    categories: Mapping[str, CategoryRule]
    seasons: Mapping[str, YearSpan]
    complex_multiplier: int
    thresholds: Thresholds
    verification: Verification
    return_visit: ReturnVisit
    rework_at_least: Limit
    reopen_within: Limit
    figures: Figures
    discipline: Discipline = SHIPPED

    @classmethod
    def default(cls) -> "Policy":
        """The shipped policy; read once."""
        return _default()

    @classmethod
    def from_json(cls, data: object) -> "Policy":
        """Read a policy from plain JSON data. Raises ``PolicyError``, which says where and what."""
        node = Node(data, "")
        node.only(
            *("version", "label", "classes", "categories", "seasons", "levels", "level_classes", "complex_multiplier"),
            *("thresholds", "verify", "return_visit", "rework", "reopen_within", "figures", "discipline"),
        )
        if node.integer("version", at_least=1) != 1:
            raise PolicyError("version", "unknown_version", "this programme reads version 1")
        seasons = {name: _season(child) for name, child in node.child("seasons").items()}
        classes = {Klass(child.name_in(_KLASSES)): _class_limits(child) for _, child in node.child("classes").items()}
        for klass in Klass:
            if klass not in classes:
                raise PolicyError(f"classes.{klass}", "missing", "every class needs its limits")
        return cls(
            classes=classes,
            levels={name: _level_limits(child) for name, child in node.child("levels").items()},
            level_classes=frozenset(map(Klass, node.strings("level_classes", known=_KLASSES))),
            categories={code: _category(child, seasons) for code, child in node.child("categories").items()},
            seasons=seasons,
            complex_multiplier=node.integer("complex_multiplier", at_least=1),
            thresholds=_thresholds(node.child("thresholds")),
            verification=_verification(node.child("verify")),
            return_visit=_return_visit(node.child("return_visit")),
            rework_at_least=node.child("rework").only("at_least").limit("at_least"),
            reopen_within=node.limit("reopen_within"),
            figures=_figures(node.child_or_empty("figures")),
            discipline=Discipline.read(node.child("discipline")) if node.has("discipline") else SHIPPED,
        )

    def effective_urgency(self, urgency: str, category_code: str, on: date) -> str:
        """The urgency with the category's own rule applied: never lowered, raised where the rule asks (D.2 overrides).

        In the heating season 供暖不热 is urgent, whatever was chosen. Raises ``ValueError`` for an unknown urgency.
        """
        if urgency not in _URGENCIES:
            raise ValueError(f"unknown urgency {urgency!r}")
        rule = self.categories.get(category_code)
        if rule is None or rule.klass is None or (rule.season and not self.seasons[rule.season].covers(on)):
            return urgency
        asked, given = _HURRY.get(rule.klass, 0), _HURRY.get(Klass(urgency), 0)
        return rule.klass.value if asked > given else urgency

    def resolve_class(self, *, request_type: str, urgency: str, category_code: str, grid_size: bool, on: date) -> Klass:
        """Which row of SLA D.2 a ticket falls under. The first that applies:

        1. praise and suggestion by their type: thanks for a stopped gas leak is not an emergency;
        2. critical, by its urgency or its category: danger outranks the form it is told in;
        3. consult, report and dispute by their type;
        4. urgent, by its urgency or its category;
        5. complex, when the ticket is marked so; minor, when it is of grid size (琐事); else normal.
        """
        by_type = Klass(request_type) if request_type in _KLASSES else None
        by_urgency = Klass(self.effective_urgency(urgency, category_code, on))
        if by_type in _NEVER_HURRIED:
            return by_type
        if by_urgency is Klass.CRITICAL:
            return by_urgency
        if by_type in _BY_TYPE:
            return by_type
        if by_urgency is Klass.NORMAL and grid_size:
            return Klass.MINOR
        return by_urgency

    def category_limit(self, klass: Klass, category_code: str) -> Limit | None:
        """The category's own resolve limit where it beats the class: not for emergencies, nor for mere words."""
        rule = self.categories.get(category_code)
        return rule.resolve if rule and klass in _CATEGORY_DECIDES else None


def default_document() -> dict[str, Any]:
    """The shipped document, fresh each time."""
    found: dict[str, Any] = loads(_DEFAULT_FILE.read_text(encoding="utf-8"))
    return found


@cache
def _default() -> Policy:
    return Policy.from_json(default_document())


def promise_limit(
    policy: Policy, *, request_type: str, urgency: str, category_code: str, grid_size: bool, on: date
) -> Limit:
    """The limit promised to the resident at acceptance (SLA D.1, D.2): the category's own, else that of the class."""
    klass = policy.resolve_class(
        request_type=request_type, urgency=urgency, category_code=category_code, grid_size=grid_size, on=on
    )
    return policy.category_limit(klass, category_code) or policy.classes[klass].resolve


def level_limits(policy: Policy, *, level: str, klass: Klass) -> LevelLimits:
    """The limits of a work order at a level.

    SLA D.3 overrides D.2 where the level is known (D.12), for the classes it was drawn up for: normal, minor, and
    complex with its resolve limit multiplied (D.3). The other classes keep their own row at every level, as an
    emergency is signed in ten minutes wherever it lies. Not yet cut to the promise: see ``cap_to_promise``.
    Raises ``KeyError`` for a level the policy does not know.
    """
    at_level, of_class = policy.levels[level], policy.classes[klass]
    if klass not in policy.level_classes:
        decide = of_class.decide if klass in _HURRY else at_level.decide
        return LevelLimits(of_class.sign, of_class.contact, of_class.on_site, decide, of_class.resolve)
    factor = policy.complex_multiplier if klass is Klass.COMPLEX else 1
    resolve = at_level.resolve.times(factor)
    return LevelLimits(at_level.sign, of_class.contact, of_class.on_site, at_level.decide, resolve)


def _class_limits(node: Node) -> ClassLimits:
    optional = ("contact", "on_site", "control", "decide", "plan", "resolve_at_most")
    node.only("sign", "resolve", *optional)
    return ClassLimits(node.limit("sign"), node.limit("resolve"), *(node.limit_or_none(name) for name in optional))


def _level_limits(node: Node) -> LevelLimits:
    node.only("sign", "decide", "resolve")
    return LevelLimits(node.limit("sign"), None, None, node.limit("decide"), node.limit("resolve"))


def _season(node: Node) -> YearSpan:
    node.only("from", "to")
    return YearSpan(node.month_day("from"), node.month_day("to"))


def _category(node: Node, seasons: Mapping[str, YearSpan]) -> CategoryRule:
    node.only("class", "season", "resolve", "verify_percent")
    klass = node.string_or_none("class", known=(Klass.CRITICAL, Klass.URGENT))
    season = node.string_or_none("season", known=seasons)
    percent = node.integer_or("verify_percent", 0, at_least=0, at_most=100)
    return CategoryRule(Klass(klass) if klass else None, season, node.limit_or_none("resolve"), percent)


def _thresholds(node: Node) -> Thresholds:
    percents = ("half_percent", "soon_percent", "duty_percent", "sign_escalate_percent")
    node.only(*percents, "supervise_after", "circular_after")
    half = node.integer("half_percent", at_least=1, at_most=98)
    return Thresholds(
        half=half / 100,
        soon=node.integer("soon_percent", at_least=half + 1, at_most=99) / 100,
        duty=node.integer("duty_percent", at_least=101) / 100,
        sign_escalate=node.integer("sign_escalate_percent", at_least=101) / 100,
        supervise_after=node.limit("supervise_after"),
        circular_after=node.limit("circular_after"),
    )


# What a version 1 did not yet know has its default here: a stored document stays readable as it is.
_CHECK_WITHIN = Limit(2, Unit.WORK_DAY)
_VISITS_A_DAY = 2
_SO_SO, _PARTLY = 80, 50


def _verification(node: Node) -> Verification:
    node.only("always_urgency", "always_safety", "sample_percent", "within", "organizations")
    return Verification(
        frozenset(node.strings("always_urgency", known=_URGENCIES)),
        node.boolean("always_safety"),
        node.integer("sample_percent", at_least=0, at_most=100),
        node.limit_or_none("within") or _CHECK_WITHIN,
        node.child_or_empty("organizations").integers_by_id(at_least=0, at_most=100),
    )


def _return_visit(node: Node) -> ReturnVisit:
    node.only("within", "attempts", "on_days", "not_for", "a_day")
    attempts = node.integer("attempts", at_least=1)
    on_days = node.integer("on_days", at_least=1, at_most=attempts)
    a_day = node.integer_or("a_day", _VISITS_A_DAY, at_least=1, at_most=10)
    return ReturnVisit(node.limit("within"), attempts, on_days, frozenset(node.strings("not_for")), a_day)


def _figures(node: Node) -> Figures:
    node.only("so_so_percent", "partly_percent")
    return Figures(
        node.integer_or("so_so_percent", _SO_SO, at_least=0, at_most=100),
        node.integer_or("partly_percent", _PARTLY, at_least=0, at_most=100),
    )
