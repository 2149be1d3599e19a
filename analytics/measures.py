"""What is counted, and how a transition becomes facts. The only place that says so.

The deltas written with a move, the rebuild and the rows behind a number all read the same SQL: they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

FACES = ("satisfied", "so_so", "unsolved")
_FACE_WORDS = {"satisfied": _("满意"), "so_so": _("还行"), "unsolved": _("没解决")}


@dataclass(frozen=True)
class Measure:
    """``moves``: the moves that may count; ``sql``: what else must hold of the transition ``t``."""

    name: str
    label: Any
    moves: tuple[str, ...]
    sql: str = "true"


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("submitted", _("收到"), ("submit",)),
        Measure("accepted", _("受理"), ("accept",)),
        Measure("dispatched", _("派单"), ("dispatch",)),
        Measure("escalated", _("上报"), ("escalate",)),
        Measure("escalated_by_clock", _("到时上报"), ("escalate",), "(t.payload->>'by_clock')::boolean"),
        Measure("resolved", _("办结"), ("resolve", "solve_on_site")),
        Measure("reworked", _("返工"), ("rework",)),
        Measure("closed", _("结案"), ("close",)),
        # What the requester thought when it was closed (kpi E.3 counts by closing); who said nothing is in neither.
        *(
            Measure(f"{which}_{face}", word, ("close",), f"t.payload->>'{which}' = '{face}'")
            for which in ("first", "final")
            for face, word in _FACE_WORDS.items()
        ),
        Measure("overdue", _("超期"), ("stage",), "t.stage = 'due' AND t.payload->>'kind' = 'promise'"),
        Measure("reopened", _("重开"), ("reopen",)),
        Measure("withdrawn", _("撤回"), ("withdraw",)),
        Measure("rejected", _("不予受理"), ("reject",)),
    )
}
AXES: Mapping[str, str] = {
    "street": "street::text",
    "category": "category::text",
    "channel": "channel",
    "level": "level",
    "organization": "organization::text",
}
"""Axes of the marginals, each with the expression that gives its value from a fact."""

COUNTED_MOVES = frozenset(move for measure in MEASURES.values() for move in measure.moves)


def _condition(measure: Measure) -> str:
    moves = ", ".join(f"'{move}'" for move in measure.moves)
    return f"t.move IN ({moves}) AND {measure.sql}"


_CASES = ", ".join(f"CASE WHEN {_condition(measure)} THEN '{name}' END" for name, measure in MEASURES.items())


def facts_sql(where: str = "true", *, only: Sequence[str] = ()) -> str:
    """SELECT of facts from the transitions ``t`` (of tickets ``k``) that satisfy ``where``; its first parameter is the
    district. ``only`` narrows it to transitions that may carry these measures."""
    moves = sorted({move for name in only for move in MEASURES[name].moves} if only else COUNTED_MOVES)
    listed = ", ".join(f"'{move}'" for move in moves)
    return f"""
SELECT t.id AS transition_id, t.ticket_id, t.at, t.district_id, (t.at AT TIME ZONE 'Asia/Shanghai')::date AS day,
    coalesce(k.street_id, 0) AS street, coalesce(k.category_id, 0) AS category, k.channel,
    coalesce(t.payload->>'from_level', t.payload->>'level', '') AS level,
    coalesce((t.payload->>'organization')::bigint, 0) AS organization, k.is_restricted, m.measure, 1 AS number
FROM requests_intake_tickettransition t
JOIN requests_intake_ticket k ON k.district_id = t.district_id AND k.id = t.ticket_id
CROSS JOIN LATERAL unnest(array_remove(ARRAY[{_CASES}], NULL)) AS m(measure)
WHERE t.district_id = %s AND t.move IN ({listed}) AND {where}"""


AXES_SQL = "CROSS JOIN LATERAL (VALUES {}) AS a(axis, value)".format(
    ", ".join(f"('{axis}', {expression})" for axis, expression in AXES.items())
)
"""Joined to facts it gives each fact once along every axis."""
