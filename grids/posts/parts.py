"""How a grid that is too large might be split: the secretary is offered a proposal, nothing is changed (S0-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grids.models import Building


@dataclass(frozen=True)
class Part:
    households: int
    buildings: Sequence[str]


def halves(grid_id: int) -> list[Part]:
    """Two parts of neighbouring buildings, as even as can be; empty where there are fewer than two. One statement.

    Buildings are taken in the order in which they stand from west to east, so that neither part is scattered; those
    without a position come last, in the order of their names.
    """
    rows = list(
        Building.objects.filter(grid_id=grid_id, ended_on=None).values_list("lng", "lat", "name", "household_count")
    )
    if len(rows) < 2:
        return []
    rows.sort(key=lambda row: (row[0] is None, row[0] or 0.0, row[1] or 0.0, row[2]))
    total, best, sum_, cut = sum(row[3] for row in rows), None, 0, 1
    for number, row in enumerate(rows[:-1], start=1):
        sum_ += row[3]
        distance = abs(total - 2 * sum_)
        if best is None or distance < best:
            best, cut = distance, number
    return [Part(sum(row[3] for row in part), [row[2] for row in part]) for part in (rows[:cut], rows[cut:])]
