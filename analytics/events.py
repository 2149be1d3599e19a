"""The rows behind a number of the statistics: one for each time it happened, from the same SQL that counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from analytics.facts import MOST_DAYS, Period
from analytics.measures import AXES, FACES, MEASURES, facts_sql
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed
from governance.kernel.tenancy.context import current_district_id
from grids.models import Level
from grids.reference import territory
from requests_intake.channels import channel_name
from requests_intake.models import Ticket
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.reference import rules
from requests_intake.workflow import READERS


def require_whole_district(actor: Actor) -> None:
    """Raise ``NotAllowed`` for whoever does not read the whole district: the facts are the district's."""
    kinds = {role.kind for role in actor.roles if role.level == Level.DISTRICT and role.area_id is not None}
    if not kinds & READERS:
        raise NotAllowed("no_post", _("统计按全区计算，您的岗位看不到全区的诉求。"))


@dataclass(frozen=True)
class EventFilter:
    """Which number: a measure, the days (both included), and perhaps one value along one axis."""

    measure: str
    first: date
    last: date
    axis: str = ""
    value: str = ""

    @classmethod
    def of(cls, period: Period, measure: str) -> EventFilter:
        first, end = period.bounds
        return cls(measure, first, end - timedelta(days=1))

    def at(self, axis: str, value: str) -> EventFilter:
        return replace(self, axis=axis, value=value)

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> EventFilter:
        """Read an address; what cannot be read is what was received in the last thirty days."""
        last = _day(query.get("to")) or clock.today()
        first = _day(query.get("from")) or last - timedelta(days=29)
        measure, axis = str(query.get("measure", "")), str(query.get("by", ""))
        return cls(
            measure=measure if measure in MEASURES else "submitted",
            first=first,
            last=last,
            axis=axis if axis in AXES else "",
            value=str(query.get("value", ""))[:20],
        )

    def as_query(self) -> dict[str, str]:
        pairs = {"measure": self.measure, "from": self.first.isoformat(), "to": self.last.isoformat()}
        return pairs | ({"by": self.axis, "value": self.value} if self.axis else {})


def _day(text: Any) -> date | None:
    try:
        found = date.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


@dataclass(frozen=True)
class Event:
    """Something that happened to a ticket at a moment."""

    ticket: Ticket
    at: datetime


def _sql(wanted: EventFilter) -> str:
    facts = facts_sql("t.at >= %s AND t.at < %s", only=[wanted.measure])
    along = f"AND {AXES[wanted.axis]} = %s" if wanted.axis else ""
    # Restricted matters are in no number that opens its rows (docs/adr).
    return f"FROM ({facts}) f WHERE measure = %s AND NOT is_restricted {along}"


def _parameters(wanted: EventFilter) -> list[Any]:
    first, end = (
        datetime(day.year, day.month, day.day, tzinfo=clock.SHANGHAI)
        for day in (wanted.first, wanted.last + timedelta(days=1))
    )
    along = [wanted.value] if wanted.axis else []
    return [current_district_id(), first, end, wanted.measure, *along]


def count_events(actor: Actor, wanted: EventFilter) -> int:
    """How many rows there are: the number of the statistics."""
    require_whole_district(actor)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_sql(wanted)}", _parameters(wanted))
        return int(cursor.fetchone()[0])


def events(actor: Actor, wanted: EventFilter, *, first: int, limit: int) -> list[Event]:
    """Rows from the ``first``, newest first. Two statements."""
    require_whole_district(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ticket_id, at {_sql(wanted)} ORDER BY at DESC, transition_id DESC LIMIT %s OFFSET %s",
            [*_parameters(wanted), limit, first],
        )
        found = cursor.fetchall()
    ids = {ticket_id for ticket_id, _at in found}
    tickets = {row.pk: row for row in tickets_of(actor, TicketFilter(queue="all")).filter(pk__in=ids)}
    return [Event(tickets[ticket_id], at) for ticket_id, at in found if ticket_id in tickets]


def value_name(axis: str, value: str) -> str:
    """What a value along an axis is called."""
    number = int(value) if value.isascii() and value.isdigit() else 0
    if axis == "street":
        return territory().area_name(number) or _("地点待核实")
    if axis == "category":
        return rules().category_name(number) or _("没有分类")
    if axis == "organization":
        return territory().organization_name(number) or _("没有单位")
    if axis == "channel":
        return channel_name(value)
    return str(dict(Level.choices).get(value, value))


def words_of(wanted: EventFilter) -> str:
    """What a list shows, in words: 结案·东湖街道·11月1日至11月21日."""
    which, _sep, face = wanted.measure.partition("_")
    label = str(MEASURES[wanted.measure].label)
    if face in FACES:
        label = (_("首次评价{face}") if which == "first" else _("最终评价{face}")).format(face=label)
    parts = [label, value_name(wanted.axis, wanted.value) if wanted.axis else "", days(wanted.first, wanted.last)]
    return "·".join(part for part in parts if part)


def days(first: date, last: date) -> str:
    """11月1日至11月21日; with the year where it is not this one."""
    year = clock.today().year
    one, other = ((f"{day.year}年" if day.year != year else "") + f"{day.month}月{day.day}日" for day in (first, last))
    return one if first == last else _("{first}至{last}").format(first=one, last=other)


PERIODS = ("7", "30", "92", "month", "last_month", "year")


def period_of(name: str) -> Period:
    """The period of a name of ``PERIODS``; thirty days for any other."""
    today = clock.today()
    month = today.replace(day=1)
    if name == "year":
        return Period(today.replace(month=1, day=1), today, whole_months=True)
    if name == "month":
        return Period(month, today)
    if name == "last_month":
        last = month - timedelta(days=1)
        return Period(last.replace(day=1), last)
    length = int(name) if name in ("7", str(MOST_DAYS)) else 30
    return Period(today - timedelta(days=length - 1), today)
