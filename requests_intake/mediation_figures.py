"""Mediation in numbers (kpi E.12, S3-05): of a district, its streets and their communities, and of no single case.

What was fewer than five is not shown, and where one line of several is hidden for that, the next smallest is hidden
with it: else it could be worked out from the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.models import Level
from grids.reference import territory
from requests_intake.mediation import MEDIATOR
from requests_intake.models import MediationCase, MediationKind, MediationVisit
from requests_intake.reference import rules
from requests_intake.restricted_register import LEAST, guarded

FIGURE_READERS = frozenset(
    {"street_leader", "street_dispatcher", "district_official", "supervisor", "district_dispatcher", MEDIATOR}
)
"""Who reads how many there are, of their own territory; a mediator of the justice bureau (司法局) of the district."""
JUSTICE = "judicial"
State, Satisfaction = MediationCase.State, MediationVisit.Satisfaction
_ENDED = ("settled", "failed", "referred", "withdrawn", "declined")


# ---------------------------------------------------------------- who reads whose
@dataclass(frozen=True)
class Scope:
    """``areas``: ids of the streets and communities whose figures somebody reads; None: the whole district."""

    areas: frozenset[int] | None

    def covers(self, area_id: int) -> bool:
        area = territory().areas.get(area_id)
        return self.areas is None or (area is not None and bool(self.areas & {area.id, area.street_id}))


def scope_of(actor: Actor) -> Scope | None:
    """What an actor reads; None for whoever reads none."""
    places, areas = territory(), set()
    for role in actor.roles:
        if role.kind not in FIGURE_READERS or role.area_id is None:
            continue
        office = places.organizations.get(role.organization_id or 0)
        if role.level == Level.DISTRICT or (office is not None and office.department_kind == JUSTICE):
            return Scope(None)
        if role.level in (Level.STREET, Level.COMMUNITY):
            areas.add(role.area_id)
    return Scope(frozenset(areas)) if areas else None


# ---------------------------------------------------------------- periods
PERIODS: Mapping[str, Any] = {
    "year": gettext_lazy("今年"),
    "quarter": gettext_lazy("本季度"),
    "month": gettext_lazy("本月"),
    "last_month": gettext_lazy("上月"),
    "last_year": gettext_lazy("去年"),
}


def bounds(period: str) -> tuple[datetime, datetime]:
    """First moment inside and first moment after."""
    now = clock.local(clock.now())
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year = month.replace(month=1)
    following = {
        "month": (month, _next_month(month)),
        "last_month": ((month - timedelta(days=1)).replace(day=1), month),
        "last_year": (year.replace(year=year.year - 1), year),
    }
    if period == "quarter":
        first = month.replace(month=(month.month - 1) // 3 * 3 + 1)
        return first, _next_month(_next_month(_next_month(first)))
    return following.get(period, (year, year.replace(year=year.year + 1)))


def _next_month(first: datetime) -> datetime:
    return (first + timedelta(days=32)).replace(day=1)


# ---------------------------------------------------------------- counting
@dataclass
class Tally:
    """What is counted of one line, by when cases ended. Units: cases; ``rated`` and ``content`` in parties asked,
    基本满意 as much of one as the district's policy says (kpi E.3)."""

    states: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_ENDED, 0))
    referred_untried: int = 0
    due_visits: int = 0
    visited: int = 0
    rated: int = 0
    content: float = 0.0

    @property
    def tried(self) -> int:
        """Settled, failed, or referred after an attempt (kpi E.12)."""
        return self.states["settled"] + self.states["failed"] + self.states["referred"] - self.referred_untried


def rate_percent(part: float, whole: int) -> str:
    """A rate as it may be shown; ``—`` where fewer than five are behind it: of a few one could tell which."""
    return f"{part * 100 / whole:.1f}%" if whole >= LEAST else "—"


def tallies(scope: Scope, period: str, line_of: Callable[[int, str, str], Any]) -> dict[Any, Tally]:
    """Lines by ``line_of(area, kind, dispute)``, whatever it names; None leaves a case out. Two statements."""
    rows, parties = _ended(scope, period)
    found: dict[Any, Tally] = {}
    for area, kind, dispute, state, untried, due, visited, number in rows:
        line = line_of(area, kind, dispute)
        if line is None:
            continue
        tally = found.setdefault(line, Tally())
        tally.states[state] += number
        tally.referred_untried += number if state == State.REFERRED and untried else 0
        tally.due_visits += number if due else 0
        tally.visited += number if due and visited else 0
    _version, policy = rules().policy()
    worth = {Satisfaction.SATISFIED.value: 1.0, Satisfaction.MOSTLY.value: policy.figures.so_so_percent / 100}
    for area, kind, dispute, said, number in parties:
        line = line_of(area, kind, dispute)
        if line is not None:
            tally = found.setdefault(line, Tally())
            tally.rated += number
            tally.content += worth.get(said, 0.0) * number
    return found


def _ended(scope: Scope, period: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    first, after = bounds(period)
    cases: QuerySet[MediationCase] = MediationCase.objects.filter(ended_at__gte=first, ended_at__lt=after)
    if scope.areas is not None:
        offices = [pk for pk, row in territory().organizations.items() if scope.covers(row.area_id)]
        cases = cases.filter(organization_id__in=offices)
    by = ("organization__area_id", "kind", "dispute")
    facts = {
        "untried": Q(first_session_at__isnull=True), "due": Q(visit_due_at__isnull=False),
        "visited": Q(visited_at__isnull=False),
    }  # fmt: skip
    rows = cases.annotate(**facts).values_list(*by, "state", *facts).annotate(number=Count("pk"))
    # Of each party what it said last; who was not reached or did not say is in neither number (kpi E.3).
    asked = MediationVisit.objects.filter(party_id=OuterRef("party_id")).exclude(satisfaction="").order_by("-at", "-pk")
    said = MediationVisit.objects.filter(case__in=cases.values("pk"), pk=Subquery(asked.values("pk")[:1]))
    parties = said.values_list(*[f"case__{name}" for name in by], "satisfaction").annotate(number=Count("pk"))
    return list(rows.order_by()), list(parties.order_by())


# ---------------------------------------------------------------- showing
@dataclass(frozen=True)
class Line:
    """Numbers as they may be shown. ``street``: the street whose communities the line opens into."""

    label: str
    settled: str
    failed: str
    referred: str
    rate: str
    withdrawn: str
    declined: str
    visit_rate: str
    satisfaction: str
    street: int | None = None


def guard_column(values: Sequence[int], *, summed: bool) -> list[str]:
    """Numbers of sibling lines as they may be shown. ``summed``: their sum stands above them."""
    shown = [guarded(value) for value in values]
    hidden = [n for n, value in enumerate(values) if value < LEAST]
    if summed and len(hidden) == 1 and len(values) > 1:
        second = min((n for n in range(len(values)) if n not in hidden), key=lambda n: values[n])
        shown[second] = "—"
    return shown


def lines(rows: Sequence[tuple[str, Tally, int | None]], *, summed: bool) -> list[Line]:
    """Lines of one table below their sum; a rate whose numbers are hidden is hidden with them."""
    columns = {name: guard_column([tally.states[name] for _l, tally, _s in rows], summed=summed) for name in _ENDED}
    tried = guard_column([tally.tried for _l, tally, _s in rows], summed=summed)
    return [
        Line(
            label=label,
            settled=columns["settled"][n],
            failed=columns["failed"][n],
            referred=columns["referred"][n],
            withdrawn=columns["withdrawn"][n],
            declined=columns["declined"][n],
            rate=rate_percent(tally.states["settled"], tally.tried) if tried[n] == str(tally.tried) else "—",
            visit_rate=rate_percent(tally.visited, tally.due_visits),
            satisfaction=rate_percent(tally.content, tally.rated),
            street=street,
        )
        for n, (label, tally, street) in enumerate(rows)
    ]


@dataclass(frozen=True)
class Report:
    whole: Line
    kinds: list[Line]
    disputes: list[Line]
    places: list[Line]
    street: int | None

    @property
    def says_something(self) -> bool:
        """Whether any number of it may be shown."""
        rows = (self.whole, *self.kinds, *self.places)
        return any(text.isdigit() for row in rows for text in (row.settled, row.failed, row.referred, row.withdrawn))


def report(scope: Scope, *, period: str, street: int | None = None) -> Report:
    """The figures of a period: the sum, by kind, by dispute, and by place. With ``street`` those of that street, by
    community. Two statements. A street outside the scope has no figures."""
    places = territory()
    if scope.areas is not None:
        streets = {places.areas[pk].street_id for pk in scope.areas if pk in places.areas}
        street = street if street in streets else next(iter(streets), None) if len(streets) == 1 else None

    def line_of(area_id: int, kind: str, dispute: str) -> tuple[int | None, str, str] | None:
        area = places.areas.get(area_id)
        own_street = area.street_id if area else None
        if street is None:
            return own_street, kind, dispute
        return (area.community_id if area else None, kind, dispute) if own_street == street else None

    found = tallies(scope, period, line_of)
    kinds = [(str(kind.label), _sum(found, 1, kind.value), None) for kind in MediationKind]
    disputes = [(str(row.label), _sum(found, 2, row.value), None) for row in MediationCase.Dispute]
    by_place = [(_place(pk, street), _sum(found, 0, pk), pk if street is None else None) for pk in _order(found, 0)]
    whole = lines([(_("合计"), _sum(found, None, None), None)], summed=False)[0]
    return Report(
        whole=whole,
        kinds=lines(kinds, summed=True),
        disputes=lines([row for row in disputes if any(row[1].states.values())], summed=True),
        places=lines(by_place, summed=True),
        street=street,
    )


def _sum(found: Mapping[tuple[Any, ...], Tally], place: int | None, value: Any) -> Tally:
    whole = Tally()
    for key, tally in found.items():
        if place is None or key[place] == value:
            for state in _ENDED:
                whole.states[state] += tally.states[state]
            whole.referred_untried += tally.referred_untried
            whole.due_visits += tally.due_visits
            whole.visited += tally.visited
            whole.rated += tally.rated
            whole.content += tally.content
    return whole


def _order(found: Iterable[tuple[Any, ...]], place: int) -> list[Any]:
    places = territory()
    return sorted({key[place] for key in found}, key=lambda pk: (pk is None, places.area_name(pk)))


def _place(area_id: int | None, street: int | None) -> str:
    if area_id is not None:
        return territory().area_name(area_id)
    return _("街道本级") if street is not None else _("区里和部门")
