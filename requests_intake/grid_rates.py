"""How much stays in the grid, and how much nobody had to say first (kpi E.7, E.11), of what an actor may see.

As in ``outcomes``: numerator, denominator and the ids behind both; pages count by place and open the rows of each.
Not valid, and in none: rejected, merged, withdrawn, praise, and what the district found unreasonable.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When

from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.actions.review import CLOSED_BECAUSE
from requests_intake.models import Channel, RequestType, Satisfaction, Ticket, WorkOrder
from requests_intake.outcomes import Rate
from requests_intake.policies import TicketPolicy
from requests_intake.workflow import TicketState

FOUND_BY_US = (Channel.PATROL.value,)
"""Channels of what staff find themselves: patrols, visits and tasks of 主动治理 all record by this one."""


UNHANDLED = (TicketState.REJECTED.value, TicketState.MERGED.value, TicketState.WITHDRAWN.value)
Column = Literal["street_id", "community_id", "grid_id"]


def began_low(actor: Actor, first: date, last: date) -> QuerySet[Ticket]:
    """What E.7 is a share of: closed from ``first`` to ``last`` after somebody had handled it, and begun with the grid
    or the community. ``STAYED`` says which of them count."""
    begin, end = _span(first, last)
    first_order = WorkOrder.objects.filter(ticket=OuterRef("pk"), role=WorkOrder.Role.LEAD).order_by("pk")
    rows = _valid(actor).filter(
        closed_at__gte=begin, closed_at__lt=end, resolved_at__isnull=False,
        state__in=[TicketState.CLOSED.value, TicketState.ARCHIVED.value],
    )  # fmt: skip
    return rows.annotate(began=Subquery(first_order.values("level")[:1])).filter(began__in=["grid", "community"])


def came_in(actor: Actor, first: date, last: date) -> QuerySet[Ticket]:
    """What E.11 is a share of: all that came in from ``first`` to ``last``. ``FOUND`` says which of them count."""
    begin, end = _span(first, last)
    return _valid(actor).filter(submitted_at__gte=begin, submitted_at__lt=end).exclude(state__in=UNHANDLED)


STAYED = Q(resolved_level="grid") & ~Q(final_satisfaction=Satisfaction.UNSOLVED.value)
FOUND = Q(is_proactive=True, channel__in=FOUND_BY_US)


def absorption_rate(actor: Actor, first: date, last: date, *, grid_ids: list[int] | None = None) -> Rate:
    """E.7 网格内解决率: solved in the grid and not said to be unsolved, of ``began_low``."""
    return _rate(began_low(actor, first, last), STAYED, grid_ids)


def proactive_rate(actor: Actor, first: date, last: date, *, grid_ids: list[int] | None = None) -> Rate:
    """E.11 主动发现率: found by patrol, visit or task, of ``came_in``."""
    return _rate(came_in(actor, first, last), FOUND, grid_ids)


def shares(rows: QuerySet[Ticket], counted: Q, column: Column) -> dict[int | None, Rate]:
    """Numerator and denominator by place, without the ids. One statement."""
    found = rows.order_by().values(column).annotate(top=Count("pk", filter=counted), whole=Count("pk"))
    return {row[column]: Rate(row["top"], row["whole"]) for row in found}


def _rate(rows: QuerySet[Ticket], counted: Q, grid_ids: list[int] | None) -> Rate:
    if grid_ids is not None:
        rows = rows.filter(grid_id__in=grid_ids)
    is_counted = Case(When(counted, then=Value(True)), default=Value(False))
    found = list(rows.order_by("pk").values_list("pk", is_counted))
    top = [pk for pk, counts in found if counts]
    return Rate(len(top), len(found), top, [pk for pk, _counts in found])


def _valid(actor: Actor) -> QuerySet[Ticket]:
    return TicketPolicy.visible(actor).exclude(request_type=RequestType.PRAISE).exclude(close_reason=CLOSED_BECAUSE)


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    days = (first, last + timedelta(days=1))
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=clock.SHANGHAI) for day in days)
    return begin, end
