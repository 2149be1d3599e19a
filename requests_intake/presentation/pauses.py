"""When a ticket's clocks stood still, from their ledger: the hatched stretches of the clock bars (SLA D.5, D.8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel.calendar_store import work_calendar
from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake import sla
from requests_intake.models import Application, Clock, ClockEntry, Ticket
from requests_intake.sla.discipline import REASONS

_KINDS = (ClockEntry.Kind.PAUSE, ClockEntry.Kind.RESUME, ClockEntry.Kind.STOP, ClockEntry.Kind.TRANSFER)


@dataclass(frozen=True)
class Pause:
    """``end`` is None while the clock stands. ``moves``: the deadline went later by it; a suspension moves none of the
    resident's (D.12)."""

    start: datetime
    end: datetime | None
    moves: bool
    application: Application | None


@dataclass(frozen=True)
class Stretch:
    """A pause on the bar: where it begins and how wide it is, both as shares of the whole bar up to the deadline."""

    pause: Pause
    start: float
    width: float


def pauses_of(ticket: Ticket) -> dict[int, list[Pause]]:
    """The pauses of every clock of a ticket, by the clock's id, the oldest first. One statement."""
    found: dict[int, list[Pause]] = defaultdict(list)
    began: dict[int, ClockEntry] = {}
    rows = ClockEntry.objects.filter(ticket=ticket, kind__in=_KINDS).select_related("application")
    for row in rows.order_by("pk"):
        if row.kind == ClockEntry.Kind.PAUSE:
            began[row.clock_id] = row
        elif (start := began.pop(row.clock_id, None)) is not None:
            moves = bool(row.facts.get("moves"))
            found[row.clock_id].append(Pause(start.at, row.at, moves, start.application))
    for clock_id, start in began.items():
        found[clock_id].append(Pause(start.at, None, False, start.application))
    return found


def stretches_of(row: Clock, pauses: Iterable[Pause], now: datetime) -> list[Stretch]:
    """Where the pauses of a clock stand on its bar. One that still lasts ends at the deadline at the latest: it will
    move it."""
    calendar, unit = work_calendar(), sla.Unit(row.limit_unit)

    def share(moment: datetime) -> float:
        return sla.elapsed_fraction(moment, row.started_at, row.due_at, unit, calendar)

    found = []
    for pause in pauses:
        start, end = share(pause.start), share(pause.end or now)
        found.append(Stretch(pause, start, max(0.0, (end if pause.end else min(end, 1.0)) - start)))
    return found


def own_share(share: float, stretches: Sequence[Stretch]) -> float:
    """How much of its own time a clock has used, the pauses that moved its deadline left out (SLA D.9)."""
    paused = _paused(stretches)
    return (share - paused) / (1 - paused) if paused < 1 else share


def place_of(own: float, stretches: Sequence[Stretch]) -> float:
    """Where on the bar a share of the clock's own time lies: later by the pauses before it."""
    place = own * (1 - _paused(stretches))
    for stretch in stretches:
        if stretch.pause.moves and place >= stretch.start:
            place += stretch.width
    return place


def _paused(stretches: Sequence[Stretch]) -> float:
    return sum(stretch.width for stretch in stretches if stretch.pause.moves)


def granted_by(pauses: Iterable[Pause]) -> Mapping[int, str]:
    """Names of who granted the pauses that still last; no statement where none does."""
    asked = [pause.application for pause in pauses if pause.end is None and pause.application is not None]
    return staff_names({row.decided_by_id for row in asked if row.decided_by_id}) if asked else {}


def drawn(stretches: Iterable[Stretch], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """For ``components/clock_bar.html``."""
    return [
        {
            "percent": stretch.start * 100,
            "width": stretch.width * 100,
            "running": stretch.pause.end is None,
            "words": _words(stretch.pause, names),
        }
        for stretch in stretches
    ]


def say_once(bars: Iterable[dict[str, Any]]) -> None:
    """A pause that held both clocks is drawn on both bars and put in words below the first."""
    said: set[str] = set()
    for bar in bars:
        for pause in bar["pauses"]:
            pause["words"] = "" if pause["words"] in said else pause["words"]
        said |= {pause["words"] for pause in bar["pauses"]}


def _words(pause: Pause, names: Mapping[int, str]) -> str:
    row = pause.application
    reason = REASONS[row.kind].get(row.reason, "") if row else ""
    why = f"：{reason}" if reason else ""
    kind = _("挂账") if row and row.kind == Application.Kind.SUSPENSION else _("暂停")
    if pause.end is not None:
        moved = _("期限顺延") if pause.moves else _("期限不变")
        return _("{kind}过 {start} 至 {end}{why}（{moved}）").format(
            kind=kind, start=local_time(pause.start), end=local_time(pause.end), why=why, moved=moved
        )  # fmt: skip
    said = _("从 {start} 起{kind}{why}").format(start=local_time(pause.start), kind=kind, why=why)
    if row is None:
        return said
    who = names.get(row.decided_by_id or 0, "")
    office = territory().organization_name(row.decider_id)
    said += _("，{who}同意").format(who=f"{office} {who}".strip())
    if row.until:
        words = _("，目标 {until}") if row.kind == Application.Kind.SUSPENSION else _("，预计 {until} 恢复")
        said += words.format(until=local_time(row.until))
    return said
