"""Facts are written with the moves they count, in the same transaction: one INSERT for the whole batch."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from analytics.measures import COUNTED_MOVES, facts_sql
from governance.kernel import outbox
from governance.kernel.tenancy.context import current_district_id
from requests_intake.models import TicketTransition

_COLUMNS = "district_id, day, street, category, channel, level, organization, is_restricted, measure, number"
_NEW = f"INSERT INTO analytics_factdelta ({_COLUMNS}) SELECT {_COLUMNS} FROM ({facts_sql('t.id = ANY(%s)')}) f"
_MOVED = f"""
INSERT INTO analytics_factdelta ({_COLUMNS})
SELECT f.district_id, f.day, x.street, x.category, f.channel, f.level, f.organization, x.is_restricted, f.measure,
    x.number
FROM ({facts_sql("t.ticket_id = ANY(%s) AND t.id <> ALL(%s)")}) f
JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[]) AS old(ticket_id, street, category, is_restricted)
    ON old.ticket_id = f.ticket_id
CROSS JOIN LATERAL (VALUES (f.street, f.category, f.is_restricted, 1),
    (old.street, old.category, old.is_restricted, -1)) AS x(street, category, is_restricted, number)"""


def _is_counted(row: TicketTransition) -> bool:
    return row.move in COUNTED_MOVES and (row.move != "stage" or row.stage == "due")


@outbox.in_transaction(TicketTransition)
def count_moves(transitions: Sequence[TicketTransition]) -> None:
    """Append the deltas of a batch of moves; where a ticket's place or category was corrected, what was counted of it
    before moves with it, so that a number and the list behind it stay the same."""
    district_id = current_district_id()
    ids = [row.pk for row in transitions]
    with connection.cursor() as cursor:
        if counted := [row.pk for row in transitions if _is_counted(row)]:
            cursor.execute(_NEW, [district_id, counted])
        if moved := _corrected(transitions):
            tickets, streets, categories, restricted = (list(column) for column in zip(*moved, strict=True))
            cursor.execute(_MOVED, [district_id, tickets, ids, tickets, streets, categories, restricted])


def _corrected(transitions: Sequence[TicketTransition]) -> list[tuple[int, int, int, bool]]:
    """Tickets whose dimensions were changed by a batch: id, and street, category and restriction as they were."""
    found: dict[int, tuple[int, int, int, bool]] = {}
    for row in transitions:
        if row.move not in ("relocate", "classify", "convert_letter") or row.ticket_id in found:
            continue
        ticket, was = row.ticket, row.payload
        before = (
            was.get("from_street", ticket.street_id) or 0,
            was.get("from_category", ticket.category_id) or 0,
            was.get("from_restricted", ticket.is_restricted),
        )
        if before != (ticket.street_id or 0, ticket.category_id or 0, ticket.is_restricted):
            found[row.ticket_id] = (row.ticket_id, *before)
    return list(found.values())
