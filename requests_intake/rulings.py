"""What the district's routing rules say of one matter: the facts they ask, the rule that holds, whom it names.

Reads the cached reference data alone. A rule that cannot be carried out names the community's desk and says what
failed; it never keeps a matter from being taken in.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from governance.kernel.reference import per_district
from governance.kernel.tenancy.context import current_district
from grids.models import Compound
from grids.reference import territory
from requests_intake import routing
from requests_intake.models import Channel, RoutingFailure, RoutingRuleSet
from requests_intake.reference import CategoryRef, rules
from requests_intake.routing_reading import PolicyError, Vocabulary, read_rules
from requests_intake.routing_rules import Decision, Facts, Result, Rule, decide

logger = logging.getLogger(__name__)
Code = RoutingFailure.Code


@dataclass(frozen=True)
class RuleSet:
    """A stored version; ``rules`` is None where this programme cannot read it."""

    version: int
    valid_from: datetime
    rules: tuple[Rule, ...] | None


@per_district
def rule_sets() -> tuple[RuleSet, ...]:
    """Every version, newest first."""
    rows = RoutingRuleSet.objects.order_by("-version").values_list("version", "valid_from", "document")
    return tuple(RuleSet(version, valid_from, _readable(document)) for version, valid_from, document in rows)


def _readable(document: object) -> tuple[Rule, ...] | None:
    try:
        return read_rules(document)
    except PolicyError:
        logger.exception("a stored set of routing rules cannot be read")
        return None


def rule_set(at: datetime | None = None) -> RuleSet:
    """The newest version valid at a moment (now by default); version 0 without rules where there is none."""
    moment = at or clock.now()
    return next((row for row in rule_sets() if row.valid_from <= moment), RuleSet(0, moment, ()))


@per_district
def vocabulary() -> Vocabulary:
    """What rules may name in the district in scope."""
    places, known = territory(), rules()
    codes = {area.id: area.code for area in places.areas.values()}
    district = codes[places.district_area_id]
    return Vocabulary(
        categories={
            ref.code: parent.code if (parent := known.categories.get(ref.parent_id or 0)) else ""
            for ref in known.categories.values()
        },
        areas={
            area.code: frozenset(
                {
                    district,
                    area.code,
                    *(codes[pk] for pk in (area.street_id, area.community_id, area.grid_id) if pk in codes),
                }
            )
            for area in places.areas.values()
        },
        compounds=frozenset(Compound.objects.filter(ended_on=None).values_list("pk", flat=True)),
        organizations=frozenset(places.organizations),
        department_kinds=frozenset(row.trade for row in known.organizations if row.trade),
        channels=frozenset(Channel.values),
    )


@dataclass(frozen=True)
class Matter:
    """What came in, with its place as ids: a ticket on its way in, one of the past, or one only tried out."""

    category: CategoryRef | None
    request_type: str
    urgency: str
    text: str
    place: routing.Place
    compound_id: int | None
    channel: str
    at: datetime
    is_anonymous: bool = False
    is_proactive: bool = False

    def facts(self) -> Facts:
        places, local = territory(), clock.local(self.at)
        ids = (self.place.grid_id, self.place.community_id, self.place.street_id)
        areas = {found.code for pk in ids if (found := places.areas.get(pk or 0))}
        if areas:
            areas.add(places.areas[places.district_area_id].code)
        parent = rules().categories.get(self.category.parent_id or 0) if self.category else None
        intervals = work_calendar().working_intervals(local.date())
        return Facts(
            category=self.category.code if self.category else "",
            parent_category=parent.code if parent else "",
            request_type=self.request_type,
            urgency=self.urgency,
            text=self.text,
            areas=frozenset(areas),
            compound_id=self.compound_id,
            channel=self.channel,
            day=local.date(),
            moment=local.time().replace(tzinfo=None),
            is_working=any(start <= self.at < end for start, end in intervals),
            is_anonymous=self.is_anonymous,
            is_proactive=self.is_proactive,
        )


@dataclass(frozen=True)
class Ruling:
    """What was decided. ``organization`` is None where the usual way decides; ``code`` and ``detail`` say what failed,
    and then it is the community's desk."""

    version: int = 0
    decision: Decision = field(default_factory=Decision)
    organization: routing.OrganizationRef | None = None
    code: str = ""
    detail: str = ""

    @property
    def rule(self) -> Rule | None:
        return self.decision.rule

    def payload(self) -> dict[str, Any]:
        """What the transition keeps: which rule of which version, and what each condition was judged by."""
        if self.rule is None and not self.code:
            return {}
        found: dict[str, Any] = {"version": self.version}
        if self.rule is not None:
            why = [[match.condition, match.value] for match in self.decision.why]
            found |= {"key": self.rule.key, "name": self.rule.name, "why": why}
        return {"rule": {**found, "failed": self.code} if self.code else found}


class RuleFailed(Exception):
    """The rule names what is not there (any more)."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def rule_on(matter: Matter, found: RuleSet) -> Ruling:
    """Ask a version about a matter. Never raises for what is wrong with the rules: see ``Ruling.code``."""
    if found.rules == ():
        return Ruling(found.version)
    decision = Decision()
    try:
        if found.rules is None:
            raise RuleFailed(Code.UNREADABLE, str(found.version))
        decision = decide(found.rules, matter.facts())
        return Ruling(found.version, decision, _target(decision.result, matter))
    except RuleFailed as failed:
        code, detail = failed.code, failed.detail
    except Exception as error:
        logger.exception("routing rule %s failed", decision.rule.key if decision.rule else "?")
        code, detail = Code.ERROR.value, type(error).__name__
    desk = routing.choose_organization("community", matter.place, rules().organizations)
    return Ruling(found.version, decision, desk, code, detail[:60])


def _target(result: Result, matter: Matter) -> routing.OrganizationRef | None:
    if result.start_level:
        return usual_organization(matter, result.start_level)
    if result.organization_id is not None:
        named = next((row for row in rules().organizations if row.id == result.organization_id), None)
        if named is None:
            raise RuleFailed(Code.ORGANIZATION_GONE, str(result.organization_id))
        return named
    if result.department_kind:
        nearest = _nearest(rules().organizations, result.department_kind, matter.place)
        if nearest is None:
            raise RuleFailed(Code.NO_DEPARTMENT, result.department_kind)
        return nearest
    return None


def _nearest(
    organizations: Sequence[routing.OrganizationRef], kind: str, place: routing.Place
) -> routing.OrganizationRef | None:
    """The one of that kind for the community of the place, else for its street, else for the whole district."""
    of_kind = [row for row in organizations if row.trade == kind]
    for area_id in (place.community_id, place.street_id, None):
        for row in of_kind:
            if row.area_id == area_id:
                return row
    return None


def usual_organization(matter: Matter, start_level: str = "") -> routing.OrganizationRef:
    """Who gets it by the category's start level (or this one) and the district's way up, without any rule."""
    place = matter.place
    known = {level for level in ("grid", "community", "street") if place.area_at(level) is not None}
    lowest = start_level or (matter.category.pure.start_level if matter.category else "grid")
    level = routing.first_level(current_district().escalation_path, known, lowest)
    return routing.choose_organization(level, place, rules().organizations)
