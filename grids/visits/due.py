"""本月该走访: whom to visit next, and why (S1-09c).

The order: in December whoever was not met all year; then key households whose interval has run out, and those whose
agreed day has come; then the oldest unvisited. One statement, so that it can be paged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from grids.households.models import Household
from grids.households.tagging import worn
from grids.visits.models import REACHED, Visit
from grids.visits.months import begin_of, bounds, first_of
from grids.visits.plans import counting, reached

YEAR_MARKED_FROM, YEAR_FIRST_FROM = 10, 12
"""Months from which a household not met this year bears 年度未访, and from which it comes before all others."""
LISTS = {
    "month": gettext_lazy("本月该走访"),
    "key": gettext_lazy("重点户"),
    "year": gettext_lazy("今年没走访"),
    "tried": gettext_lazy("上次没见着"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a household is on the list; ``kind``: year, key, agreed, tried, never or last."""

    kind: str
    words: str


def with_standing(rows: QuerySet[Household]) -> QuerySet[Any]:
    """Each with ``met_at`` and ``tried_at`` (last reached, last visit), ``last_met`` (how that one went), ``next_on``
    (the day the last visit agreed on) and ``every`` (days of its narrowest tag)."""
    visits = counting().filter(household=OuterRef("pk")).order_by("-at", "-pk")
    tags = worn().filter(household=OuterRef("pk"), tag__visit_every__gte=1).order_by().values("household")
    return rows.annotate(
        met_at=Subquery(visits.filter(met__in=REACHED).values("at")[:1]),
        tried_at=Subquery(visits.values("at")[:1]),
        last_met=Subquery(visits.values("met")[:1]),
        next_on=Subquery(visits.values("next_visit_on")[:1]),
        every=Subquery(tags.annotate(n=Min("tag__visit_every")).values("n")[:1], output_field=IntegerField()),
    )


def to_visit(rows: QuerySet[Household], which: str = "month", now: datetime | None = None) -> QuerySet[Any]:
    """The households of ``rows`` that wait for a visit, the most pressing first. ``which``: see ``LISTS``."""
    now = now or clock.now()
    today = clock.local(now).date()
    standing: QuerySet[Any] = with_standing(rows.filter(ended_on=None)).annotate(
        key_is_due=Case(
            When(every=None, then=Value(False)),
            When(met_at=None, then=Value(True)),
            When(met_at__lt=Value(now) - _days(F("every")), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
        is_agreed=Q(next_on__lte=today),
        is_missed=~Exists(reached().filter(household=OuterRef("pk"), at__gte=begin_of(today.replace(month=1, day=1)))),
    )
    since = bounds(first_of(today))[0]
    if which == "key":
        standing = standing.filter(every__isnull=False)
    elif which == "year":
        standing = standing.filter(is_missed=True)
    elif which == "tried":
        standing = standing.filter(last_met__in=[Visit.Met.NO, Visit.Met.REFUSED])
    else:
        standing = standing.filter(Q(key_is_due=True) | Q(is_agreed=True) | Q(met_at=None) | Q(met_at__lt=since))
    first = When(is_missed=True, then=Value(0)) if today.month >= YEAR_FIRST_FROM else None
    tiers = [first] if first else []
    urgent = When(Q(key_is_due=True) | Q(is_agreed=True), then=Value(1))
    standing = standing.annotate(tier=Case(*tiers, urgent, default=Value(2), output_field=IntegerField()))
    return standing.select_related("building", "room__unit").order_by(
        "tier", F("met_at").asc(nulls_first=True), "building_id", "room__unit__number", "room__floor",
        "room__number", "pk",
    )  # fmt: skip


def _days(number: Any) -> ExpressionWrapper:
    return ExpressionWrapper(number * Value(timedelta(days=1)), output_field=DateTimeField())


def reasons(row: Any, today: date | None = None) -> list[Reason]:
    """At most three, in the order that matters; ``row`` comes from ``to_visit``. No statement."""
    today = today or clock.today()
    found = []
    if row.is_missed and today.month >= YEAR_MARKED_FROM:
        found.append(Reason("year", _("年度未访")))
    if row.every is not None:
        late = (today - clock.local(row.met_at).date()).days - row.every if row.met_at else None
        words = _("重点，{n} 天一访").format(n=row.every)
        if late is not None and late > 0:
            words = _("重点，过了 {n} 天").format(n=late)
        found.append(Reason("key", words))
    if row.is_agreed:
        found.append(Reason("agreed", _("约好 {day} 去").format(day=_short(row.next_on))))
    if row.last_met in (Visit.Met.NO, Visit.Met.REFUSED):
        said = _("{day} 没人在家") if row.last_met == Visit.Met.NO else _("{day} 不愿见")
        found.append(Reason("tried", said.format(day=_short(clock.local(row.tried_at).date()))))
    return found[:3]


def last_words(row: Any, today: date | None = None) -> str:
    """上次 8月3日，107 天前; 还没有走访过."""
    if row.met_at is None:
        return _("还没有走访过")
    day = clock.local(row.met_at).date()
    days = ((today or clock.today()) - day).days
    if days == 0:
        return _("今天刚去过")
    return _("上次 {day}，{n} 天前").format(day=_short(day), n=days)


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日" if day.year == clock.today().year else f"{day:%Y-%m-%d}"
