"""Open tickets on a map: gathered into heaps by the database, so that fifty thousand of them stay a screenful.

A ticket stands where it was reported, else at its building. One that has neither stands on no map: it is in the list
beside it, which counts by area and leaves nothing out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Floor

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.maps import Bounds, collection, feature, point
from grids.reference import AreaRef, areas_of, territory
from requests_intake.models import Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.presentation.rows import lamp_state
from requests_intake.queries import QUEUES, is_over, with_facts
from requests_intake.workflow import READERS

QUEUES_SHOWN = ("open", "over", "soon")
FEW = 400
"""Up to so many tickets of a screen are told one by one; of more only how many there are where."""
PER_HEAP = 30
"""Tickets named in one heap; it says how many more there are."""
_HEAP_PIXELS = 56
_COLUMNS = {"district": "street_id", "street": "community_id", "community": "grid_id"}


def root_of(actor: Actor) -> AreaRef:
    """The widest area of the actor's reading posts: the map opens there and goes no further out."""
    places, areas = territory(), areas_of(actor, READERS)
    # Two posts in different places have no frame of their own but the district.
    tops = [area for area in areas if not any(area.is_within(other) for other in areas if other.id != area.id)]
    return tops[0] if len(tops) == 1 else places.areas[places.district_area_id]


def standing(tickets: QuerySet[Ticket]) -> QuerySet[Any]:
    """Adds ``x`` and ``y``, where each stands; null where nobody knows."""
    return tickets.annotate(x=Coalesce("lng", "building__lng"), y=Coalesce("lat", "building__lat"))


def open_of(actor: Actor, queue: str) -> QuerySet[Ticket]:
    return TicketPolicy.visible(actor).filter(QUEUES[queue].where(actor, clock.now()), closed_at=None)


@dataclass(frozen=True)
class AreaCount:
    """Open and overdue tickets in an area."""

    area: AreaRef
    open: int
    over: int


def counts_in(actor: Actor, area: AreaRef, queue: str = "open") -> list[AreaCount]:
    """One row for each area directly below, also for those with nothing; one statement. A grid has none below."""
    column = _COLUMNS.get(area.level)
    if column is None:
        return []
    now = clock.now()
    rows = in_area(open_of(actor, queue), area).order_by().values_list(column)
    numbers = rows.annotate(number=Count("pk"), over=Count("pk", filter=is_over(actor, now)))
    found = {pk: (number, over) for pk, number, over in numbers}
    return [AreaCount(below, *found.get(below.id, (0, 0))) for below in territory().children(area.id)]


def in_area(tickets: QuerySet[Ticket], area: AreaRef) -> QuerySet[Ticket]:
    return tickets if area.level == "district" else tickets.filter(**{f"{area.level}_id": area.id})


def heaps(actor: Actor, bounds: Bounds, zoom: int, *, queue: str = "open", datum: str = "wgs84") -> dict[str, Any]:
    """Visible open tickets within the bounds, those closer than a finger's breadth as one. Two statements at most."""
    wide = 360.0 / (256 * 2**zoom) * _HEAP_PIXELS
    high = wide * cos(radians((bounds.south + bounds.north) / 2))
    here = standing(open_of(actor, queue)).filter(
        x__gte=bounds.west, x__lte=bounds.east, y__gte=bounds.south, y__lte=bounds.north
    )
    cells = here.order_by().annotate(
        column=Floor(F("x") / Value(wide, output_field=FloatField())),
        row=Floor(F("y") / Value(high, output_field=FloatField())),
    )
    found = list(
        cells.values("column", "row").annotate(
            number=Count("pk"), over=Count("pk", filter=is_over(actor, clock.now())),
            soon=Count("pk", filter=Q(lamp="soon")), lng=Avg("x"), lat=Avg("y"), first=Min("pk"),
        ).order_by("column", "row")
    )  # fmt: skip
    total = sum(cell["number"] for cell in found)
    named: dict[tuple[float, float], list[dict[str, Any]]] = defaultdict(list)
    if 0 < total <= FEW:
        rows: QuerySet[Any] = with_facts(cells)
        for ticket in rows.order_by("list_rank", "list_at", "pk"):
            told = {"number": ticket.number, "title": ticket.title, "state": lamp_state(ticket)}
            named[ticket.column, ticket.row].append(told)
    features = [
        feature(
            point(cell["lng"], cell["lat"], datum), id=f"{cell['first']}-{cell['number']}", count=cell["number"],
            over=cell["over"], soon=cell["soon"], tickets=named[cell["column"], cell["row"]][:PER_HEAP],
        )
        for cell in found
    ]  # fmt: skip
    return collection(features, total=total, is_named=total <= FEW)


def without_place(actor: Actor, area: AreaRef, queue: str = "open") -> int:
    """How many of the area's tickets stand on no map."""
    return standing(in_area(open_of(actor, queue), area)).filter(Q(x=None) | Q(y=None)).count()
