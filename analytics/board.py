"""The leader's page: what is open now, by state, level and street, live from the open tickets.

Every number carries the filter that gives its rows; nothing is counted in two ways.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from grids.models import Level
from grids.reference import territory
from requests_intake.queries import LAMP_QUEUES, QUEUES, TicketFilter, group_counts, outcome_counts

_QUEUES = ("open", *LAMP_QUEUES)
_CRITICAL = "critical"


@dataclass(frozen=True)
class Figure:
    """A number and the filter whose rows it counts."""

    value: int
    filter: TicketFilter


@dataclass(frozen=True)
class Line:
    """A level or a street: how much is open, and what of it is pressing."""

    label: str
    open: Figure
    over: Figure
    soon: Figure
    critical: Figure

    @property
    def over_percent(self) -> str:
        return percent(self.over.value, self.open.value)


@dataclass(frozen=True)
class Board:
    states: dict[str, Figure]
    critical: Figure
    levels: list[Line]
    streets: list[Line]
    outcomes: dict[str, Figure]
    first_satisfied: int

    @property
    def rated(self) -> int:
        return sum(self.outcomes[name].value for name in ("satisfied", "so_so", "unsolved"))


def percent(part: int, whole: int) -> str:
    """``12.5%``, and ``—`` where there is nothing to be a part of (kpi: common rules)."""
    return f"{part * 100 / whole:.1f}%" if whole else "—"


def board(actor: Actor) -> Board:
    """Everything the page shows, in two statements."""
    rows = group_counts(actor, "level", "street_id", queues=_QUEUES, urgency=_CRITICAL)
    total = _sum(rows, lambda row: None)[None]
    by_level, by_street = _sum(rows, lambda row: row["level"]), _sum(rows, lambda row: row["street_id"])
    found = territory()
    # A street without a single open ticket is worth seeing too.
    streets = [_line(area.name, by_street[area.id], area_id=area.id) for area in found.at_level("street")]
    if None in by_street:
        streets.append(_line(_("地点待核实"), by_street[None], area_id=0))
    levels = [_line(str(level.label), by_level[level.value], level=level.value) for level in Level if level in by_level]
    outcomes = outcome_counts(actor)
    return Board(
        states={name: Figure(total[name], TicketFilter(queue=name)) for name in _QUEUES},
        critical=Figure(total["urgent_number"], TicketFilter(urgency=_CRITICAL)),
        levels=levels,
        streets=sorted(streets, key=lambda line: (-line.over.value, -line.open.value)),
        outcomes={
            "new_today": Figure(outcomes["new_today"], TicketFilter(queue="new_today")),
            "closed_today": Figure(outcomes["closed_today"], TicketFilter(queue="closed_today")),
            "closed": Figure(outcomes["closed"], TicketFilter(queue="closed_month")),
            **{
                name: Figure(
                    outcomes[name], TicketFilter(queue="closed_month", face="none" if name == "unrated" else name)
                )
                for name in ("satisfied", "so_so", "unsolved", "unrated")
            },
        },
        first_satisfied=outcomes["first_satisfied"],
    )


def _sum(rows: list[dict[str, Any]], key: Any) -> dict[Any, dict[str, int]]:
    found: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys((*_QUEUES, "urgent_number"), 0))
    for row in rows:
        line = found[key(row)]
        for name in line:
            line[name] += row[name]
    return found


def _line(label: str, numbers: dict[str, int], **where: Any) -> Line:
    return Line(
        label=label,
        open=Figure(numbers["open"], TicketFilter(**where)),
        over=Figure(numbers["over"], TicketFilter(queue="over", **where)),
        soon=Figure(numbers["soon"], TicketFilter(queue="soon", **where)),
        critical=Figure(numbers["urgent_number"], TicketFilter(urgency=_CRITICAL, **where)),
    )


def words_of(found: TicketFilter) -> str:
    """What a list shows, in words: 超期·东湖街道·街道级."""
    parts = [str(QUEUES[found.queue].label)]
    if found.area_id == 0:
        parts.append(_("地点待核实"))
    elif found.area_id is not None:
        parts.append(territory().area_name(found.area_id))
    if found.level in Level.values:
        parts.append(_("在{level}").format(level=Level(found.level).label))
    if found.urgency:
        parts.append({"critical": _("特急"), "urgent": _("紧急")}.get(found.urgency, found.urgency))
    if found.face:
        faces = {"satisfied": _("满意"), "so_so": _("还行"), "unsolved": _("没解决"), "none": _("没有评价")}
        parts.append(faces.get(found.face, found.face))
    return "·".join(part for part in parts if part)
