"""Why a clock ends when it does: its ledger computed again line by line, and compared with what is stored.

Read by the page, the API and ``manage.py explain_clock``; computed by ``sla.ledger``, which knows no database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from requests_intake import sla
from requests_intake.models import Clock, ClockEntry, ClockKind, Ticket


@dataclass(frozen=True)
class Story:
    """A clock and the steps of its ledger, each with the entry as stored."""

    clock: Clock
    lines: tuple[tuple[ClockEntry, sla.Step], ...]

    @property
    def computed(self) -> datetime | None:
        """The deadline the ledger comes to; None where it has no line."""
        return self.lines[-1][1].due if self.lines else None

    @property
    def agrees(self) -> bool:
        """Whether every stored deadline, the clock's own included, is the computed one."""
        return self.computed == self.clock.due_at and all(step.agrees for _entry, step in self.lines)


def stories_of(clocks: Iterable[Clock]) -> list[Story]:
    """The ledgers of some clocks in one statement, in the order of the clocks."""
    rows = list(clocks)
    entries: dict[int, list[ClockEntry]] = defaultdict(list)
    for entry in ClockEntry.objects.filter(clock_id__in=[row.pk for row in rows]).order_by("clock_id", "pk"):
        entries[entry.clock_id].append(entry)
    return [Story(row, _lines(entries[row.pk])) for row in rows]


def _lines(entries: list[ClockEntry]) -> tuple[tuple[ClockEntry, sla.Step], ...]:
    steps = sla.replayed(sla.Entry(row.kind, row.at, row.due_at, row.facts) for row in entries)
    return tuple(zip(entries, steps, strict=True))


def stories_of_ticket(ticket: Ticket) -> list[Story]:
    """Every clock a ticket has had, the promise first, then order by order. Three statements."""
    clocks = Clock.objects.filter(ticket=ticket).select_related("work_order")
    order = list(ClockKind.values)
    return stories_of(
        sorted(
            clocks,
            key=lambda row: (row.kind != ClockKind.PROMISE, row.work_order_id or 0, order.index(row.kind), row.pk),
        )
    )


@dataclass(frozen=True)
class Difference:
    """A deadline that is not what its ledger comes to. ``computed`` is None where there is no ledger."""

    clock_id: int
    ticket_id: int
    kind: str
    stored: datetime
    computed: datetime | None


def differences(*, only_open: bool = True, batch: int = 2_000) -> list[Difference]:
    """Clocks of the district in scope whose stored deadline, or one of whose ledger's, is not the computed one.

    An order's and a ticket's own copies of the deadline are compared as well. Reads in batches by id.
    """
    found = []
    for rows in _batches(only_open, batch):
        for story in stories_of(rows):
            row = story.clock
            if not story.agrees or not _copies_agree(row):
                found.append(Difference(row.pk, row.ticket_id, row.kind, row.due_at, story.computed))
    return found


def _batches(only_open: bool, batch: int) -> Iterator[list[Clock]]:
    last = 0
    while True:
        clocks = Clock.objects.filter(pk__gt=last).select_related("ticket", "work_order").order_by("pk")
        rows = list((clocks.filter(stopped_at=None) if only_open else clocks)[:batch])
        if not rows:
            return
        yield rows
        last = rows[-1].pk


def _copies_agree(row: Clock) -> bool:
    if row.kind == ClockKind.PROMISE:
        return row.ticket.promise_due_at == row.due_at
    if row.kind == ClockKind.RESOLVE:
        return row.work_order is not None and row.work_order.due_at == row.due_at
    return True
