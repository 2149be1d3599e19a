"""A page of a desk's list by where it begins, not by its number.

A place is a row's own sort key: an address that carries one means the same rows tomorrow, whatever was closed above
them, and the page after it costs as much as the first. Two statements a page: the ids along an index, then the whole
rows of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan  # type: ignore[import-untyped]

from governance.kernel.actors import Actor
from requests_intake.models import Ticket
from requests_intake.queries import PAGE_SIZE, QUEUES, TicketFilter, order_of, tickets_of, with_facts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = int((datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(microseconds=1))


@dataclass(frozen=True)
class Place:
    """Where a row stands in its list: rank, moment, id (``queries.tickets_of``). Finished ones all have rank 0."""

    rank: int
    at: datetime
    pk: int

    def __str__(self) -> str:
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{self.rank}.{micros}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What an address says; None for anything that is no place."""
        parts = text.split(".") if text.isascii() else []
        if len(parts) != 3 or not all(part.isdigit() and len(part) < 19 for part in parts):
            return None
        rank, micros, pk = (int(part) for part in parts)
        if rank > 9 or micros > _LATEST:
            return None
        return cls(rank, _EPOCH + timedelta(microseconds=micros), pk)

    @classmethod
    def of(cls, ticket: Ticket, found: TicketFilter) -> Self:
        """Of a row that came from ``tickets_of``."""
        return cls.of_key([getattr(ticket, column) for column in order_of(found)])

    @classmethod
    def of_key(cls, key: Sequence[Any]) -> Self:
        return cls(*key) if len(key) == 3 else cls(0, *key)


@dataclass(frozen=True)
class Page:
    """``rows`` of one page; ``before`` and ``after`` lead to its neighbours, None where there is none."""

    rows: list[Ticket]
    before: Place | None
    after: Place | None


def page_of(
    actor: Actor, found: TicketFilter, *, after: Place | None = None, before: Place | None = None, size: int = PAGE_SIZE
) -> Page:
    """The rows following ``after``, or preceding ``before``; the first ones without either, or where fewer precede."""
    ordered = tickets_of(actor, found).select_related(None)
    if before is not None and after is None:
        keys = _keys(beyond(ordered.reverse(), found, before, backwards=True), found, size)
        if len(keys) > size:
            shown = keys[:size][::-1]
            return Page(_rows(shown), Place.of_key(shown[0]), Place.of_key(shown[-1]))
        # Nothing is left above them: that is the first page, and it is shown full.
    elif after is not None:
        keys = _keys(beyond(ordered, found, after), found, size)
        if keys:
            shown = keys[:size]
            return Page(_rows(shown), Place.of_key(shown[0]), Place.of_key(shown[-1]) if len(keys) > size else None)
        # What followed has been closed meanwhile: the last page that has something.
        return page_of(actor, found, before=Place(after.rank, after.at, after.pk + 1), size=size)
    keys = _keys(ordered, found, size)
    return Page(_rows(keys[:size]), None, Place.of_key(keys[size - 1]) if len(keys) > size else None)


def _keys(rows: QuerySet[Ticket], found: TicketFilter, size: int) -> list[Sequence[Any]]:
    # One more than shown tells whether there is a next page, without counting.
    return list(rows.values_list(*order_of(found))[: size + 1])


def _rows(keys: Sequence[Sequence[Any]]) -> list[Ticket]:
    ids = [key[-1] for key in keys]
    rows = {row.pk: row for row in with_facts(Ticket.objects.filter(pk__in=ids))}
    return [rows[pk] for pk in ids if pk in rows]


def beyond(rows: QuerySet[Ticket], found: TicketFilter, place: Place, *, backwards: bool = False) -> QuerySet[Ticket]:
    """Rows of a list that follow a place, or precede it. A comparison of rows is one range of the index; ORs would read
    everything up to it."""
    columns = order_of(found)
    values: tuple[Any, ...] = (place.rank, place.at, place.pk)
    compare = TupleGreaterThan if QUEUES[found.queue].is_open is not backwards else TupleLessThan
    return rows.filter(compare(Tuple(*columns), values[-len(columns) :]))
