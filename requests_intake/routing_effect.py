"""What other routing rules, or another time-limit policy with them, would have meant lately; and one matter tried out.

Reads only: nothing is saved by looking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from grids.queries import Located, locate
from grids.reference import territory
from requests_intake import classification, routing, sla
from requests_intake.actions.submit import Report, classify_report, urgency_of_report
from requests_intake.models import RequestType, Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.policy_effect import LOOKED_BACK, MOST, limit_of
from requests_intake.reference import CategoryRef, rules
from requests_intake.routing_rules import Rule, Trial, explain, raised
from requests_intake.rulings import Matter, RuleSet, Ruling, rule_on, rule_set, usual_organization

_EXAMPLES = 8
_COLUMNS = (
    "number", "category_id", "request_type", "urgency", "title", "content", "grid_id", "community_id", "street_id",
    "compound_id", "channel", "submitted_at", "accepted_at", "is_anonymous", "is_proactive",
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A ticket that would have gone elsewhere or been promised another time. ``may_open``: for who looks."""

    number: str
    category: str
    rule: str
    before: str
    after: str
    due_before: datetime
    due_after: datetime
    may_open: bool = False


@dataclass
class RoutingEffect:
    """Of ``counted`` tickets so many would have begun elsewhere, or been promised a later or an earlier time.

    ``organizations``: (name, before, after) of each whose number differs, the largest difference first.
    """

    counted: int = 0
    moved: int = 0
    longer: int = 0
    shorter: int = 0
    restricted: int = 0
    failing: int = 0
    is_cut: bool = False
    organizations: list[tuple[str, int, int]] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        return not (self.moved or self.longer or self.shorter or self.restricted)


def lately() -> Iterator[tuple[Matter, dict[str, Any]]]:
    """The newest matters of the last 90 days that found a place and are not restricted; one statement, one too many."""
    rows = (
        Ticket.objects.filter(submitted_at__gte=clock.now() - LOOKED_BACK, is_restricted=False)
        .exclude(located_by="none")
        .order_by("-submitted_at", "-pk")
        .values(*_COLUMNS)[: MOST + 1]
    )
    known = rules().categories
    for row in rows:
        yield (
            Matter(
                category=known.get(row["category_id"]),
                request_type=row["request_type"],
                urgency=row["urgency"],
                text=f"{row['title']}\n{row['content']}",
                place=routing.Place(row["grid_id"], row["community_id"], row["street_id"]),
                compound_id=row["compound_id"],
                channel=row["channel"],
                at=row["submitted_at"],
                is_anonymous=row["is_anonymous"],
                is_proactive=row["is_proactive"],
            ),
            row,
        )


def effect_of_rules(
    old: tuple[Rule, ...],
    new: tuple[Rule, ...],
    *,
    actor: Actor,
    old_policy: sla.Policy | None = None,
    new_policy: sla.Policy | None = None,
) -> RoutingEffect:
    """Compare where both sets would have sent the matters of the last 90 days, and what both policies would promise.

    Both sides are computed, so that what people did afterwards does not count. The rules see each matter as it is known
    today (its category may have been corrected since; an urgency raised then stays raised). At most three statements.
    """
    _version, in_force = rules().policy()
    before_policy = old_policy or in_force
    after_policy = new_policy or before_policy
    calendar, names = work_calendar(), territory().organization_name
    sets = RuleSet(0, clock.now(), old), RuleSet(0, clock.now(), new)
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    found = RoutingEffect()
    examples: list[Example] = []
    for matter, row in lately():
        if found.counted == MOST:
            found.is_cut = True
            break
        found.counted += 1
        was, would_be = (rule_on(matter, one) for one in sets)
        offices = [names((ruling.organization or usual_organization(matter)).id) for ruling in (was, would_be)]
        becomes_restricted = would_be.decision.result.is_restricted and not was.decision.result.is_restricted
        start = row["accepted_at"] or matter.at
        limits = [
            limit_of(policy, matter.request_type, raised(matter.urgency, ruling.decision.result.raise_to),
                     matter.category, start)
            for policy, ruling in ((before_policy, was), (after_policy, would_be))
        ]  # fmt: skip
        for counter, office in zip(counts, offices, strict=True):
            counter[office] += 1
        found.restricted += becomes_restricted
        found.failing += bool(would_be.code)
        is_moved = offices[0] != offices[1]
        found.moved += is_moved
        dues = [start, start] if limits[0] == limits[1] else [sla.due_at(start, limit, calendar) for limit in limits]
        found.longer += dues[1] > dues[0]
        found.shorter += dues[1] < dues[0]
        if (is_moved or dues[0] != dues[1]) and len(examples) < _EXAMPLES:
            dues = [sla.due_at(start, limit, calendar) for limit in limits]
            examples.append(Example(
                row["number"], matter.category.name if matter.category else "",
                would_be.rule.name if would_be.rule else "", offices[0], offices[1], dues[0], dues[1],
            ))  # fmt: skip
    found.organizations = _differences(*counts)
    found.examples = _openable(examples, actor)
    return found


def _differences(before: Counter[str], after: Counter[str]) -> list[tuple[str, int, int]]:
    rows = [(name, before[name], after[name]) for name in before | after if before[name] != after[name]]
    return sorted(rows, key=lambda row: (-abs(row[2] - row[1]), row[0]))


def _openable(examples: list[Example], actor: Actor) -> list[Example]:
    """A link only for whom the ticket's page opens."""
    if not examples:
        return []
    numbers = [row.number for row in examples]
    seen = set(TicketPolicy.visible(actor).filter(number__in=numbers).values_list("number", flat=True))
    return [replace(row, may_open=row.number in seen) for row in examples]


# ---------------------------------------------------------------- one matter, tried out
@dataclass(frozen=True)
class Simulation:
    """What would become of a matter if it came in at ``at``. ``waits``: it would stay at the district's desk."""

    at: datetime
    place: Located
    category: CategoryRef | None
    request_type: str
    urgency: str  # before a rule
    raised_to: str  # after it
    ruling: Ruling
    trials: tuple[Trial, ...]
    organization: routing.OrganizationRef
    waits: str  # "" | no_place | restricted
    promise: sla.Limit
    promise_due: datetime
    sign: sla.Limit
    sign_due: datetime
    resolve: sla.Limit
    resolve_due: datetime


def simulate(
    report: Report, *, at: datetime | None = None, rule_set_: RuleSet | None = None, policy: sla.Policy | None = None
) -> Simulation:
    """Everything ``submit_ticket`` would decide about a report, with nothing written.

    ``rule_set_`` and ``policy`` stand instead of those in force at that moment.
    """
    moment = at or clock.now()
    limits_of = policy or rules().policy(moment)[1]
    place = locate(
        building_id=report.building_id, address=report.address, point=report.point, community_id=report.community_id
    )
    category, _confidence = classify_report(report)
    request_type = report.request_type or classification.suggest_type(report.content)
    urgency = urgency_of_report(report, category, moment)
    matter = Matter(
        category, request_type, urgency, f"{report.title}\n{report.content}",
        routing.Place(place.grid_id, place.community_id, place.street_id), place.compound_id, report.channel, moment,
        report.is_anonymous, report.is_proactive,
    )  # fmt: skip
    asked = rule_set_ or rule_set(moment)
    ruling = rule_on(matter, asked)
    result = ruling.decision.result
    level_of = raised(urgency, result.raise_to)
    is_restricted = (
        request_type == RequestType.REPORT or bool(category and category.pure.is_restricted) or result.is_restricted
    )
    waits = "restricted" if is_restricted else "no_place" if place.located_by == "none" else ""
    center = next(row for row in rules().organizations if row.id == territory().center().id)
    office = center if waits else ruling.organization or usual_organization(matter)
    calendar = work_calendar()
    promise = limit_of(limits_of, request_type, level_of, category, moment)
    klass = limits_of.resolve_class(
        request_type=request_type, urgency=level_of, category_code=category.code if category else "",
        grid_size=bool(category and category.pure.limit_class == "minor"), on=clock.local(moment).date(),
    )  # fmt: skip
    levels = sla.level_limits(limits_of, level=office.level, klass=klass)
    promise_due = sla.due_at(moment, promise, calendar)
    resolve_due = sla.due_at(moment, levels.resolve, calendar)
    return Simulation(
        at=moment, place=place, category=category, request_type=request_type, urgency=urgency, raised_to=level_of,
        ruling=ruling, trials=explain(asked.rules or (), matter.facts()), organization=office, waits=waits,
        promise=promise, promise_due=promise_due, sign=levels.sign,
        sign_due=sla.due_at(moment, levels.sign, calendar), resolve=levels.resolve,
        resolve_due=sla.cap_to_promise(resolve_due, promise_due, moment, calendar).due,
    )  # fmt: skip
