"""How many of the replayed matters were answered within 5, 10 and 15 working days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.kernel.calendar_store import work_calendar
from requests_intake import sla
from requests_intake.actions.replay import REPLAY
from requests_intake.models import TicketTransition

WORKING_DAYS = (5, 10, 15)
_AT_ONCE = 1_000


@dataclass(frozen=True)
class ReplayFigures:
    """``answered``: replayed tickets; ``met``: number of working days → how many were answered within them."""

    answered: int
    met: Mapping[int, int]


def replay_figures(source: str, refs: Sequence[str]) -> ReplayFigures:
    """Read from the history the replay wrote, for these numbers of the source.

    Within N working days means: not later than the close of work (17:30) of the N-th working day, the day of the
    message not counted (SLA D.1), on the district's own work calendar. The first answer counts, whatever was reopened
    later.
    """
    calendar, answered, met = work_calendar(), 0, dict.fromkeys(WORKING_DAYS, 0)
    for first in range(0, len(refs), _AT_ONCE):
        for said_at, answered_at in _moments(source, refs[first : first + _AT_ONCE]):
            answered += 1
            for days in WORKING_DAYS:
                met[days] += answered_at <= sla.due_at(said_at, sla.Limit(days, sla.Unit.WORK_DAY), calendar)
    return ReplayFigures(answered, met)


def _moments(source: str, refs: Sequence[str]) -> list[tuple[datetime, datetime]]:
    """When each replayed ticket was said and first answered."""
    moves = TicketTransition.objects.filter(
        ticket__source=source, ticket__source_ref__in=refs, move__in=("submit", "resolve")
    ).order_by("-pk")
    said: dict[int, datetime] = {}
    answered: dict[int, datetime] = {}
    for ticket_id, move, at, actor_name in moves.values_list("ticket_id", "move", "at", "actor_name"):
        if move == "resolve":
            answered[ticket_id] = at  # the oldest comes last
        elif actor_name == REPLAY.name:
            said[ticket_id] = at
    return [(said[ticket_id], answered[ticket_id]) for ticket_id in said if ticket_id in answered]
