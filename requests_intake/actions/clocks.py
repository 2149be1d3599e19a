"""Holding clocks, letting them run on, and moving their deadlines: each with its line in the ledger (SLA D.5, D.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from governance.kernel.calendar_store import work_calendar
from requests_intake import sla
from requests_intake.models import Application, Clock, ClockEntry
from requests_intake.mover import Mover
from requests_intake.reference import rules
from requests_intake.sla import Stage


def hold(mover: Mover, clocks: Iterable[Clock], application: Application) -> None:
    """Hold running clocks for a pause or a suspension: nothing fires until they are released (SLA D.5, D.8)."""
    for row in clocks:
        if row.stopped_at is None and row.paused_at is None:
            row.paused_at, row.next_fire_at = mover.at, None
            mover.enter(row, ClockEntry.Kind.PAUSE, application=application)
            mover.touch(None, None, row)


def release(
    mover: Mover, row: Clock, application: Application, *, moves: bool, promise: datetime | None = None
) -> sla.Capped:
    """Let a held clock run on.

    ``moves``: its deadline goes later by exactly the time it was held, measured as its limit is; and no later than
    ``promise`` where one is given (SLA D.1, D.5, D.12).
    """
    calendar, unit = work_calendar(), sla.Unit(row.limit_unit)
    held_from = row.paused_at
    assert held_from is not None
    facts: dict[str, Any] = {"held_from": held_from.isoformat(), "unit": unit.value, "moves": moves}
    found = sla.Capped(row.due_at, was_cut=False, beyond_promise=False)
    if moves:
        own = sla.shift_by_pause(row.due_at, held_from, mover.at, unit, calendar)
        found = sla.Capped(own, was_cut=False, beyond_promise=False)
        if promise is not None:
            found = sla.cap_to_promise(own, promise, mover.at, calendar)
            if found.was_cut:
                facts["promise"] = promise.isoformat()
        facts["calendar"] = sla.excerpt(calendar, held_from, mover.at, row.due_at, own)
        _reschedule(row, found.due, lambda moment: sla.shift_by_pause(moment, held_from, mover.at, unit, calendar))
    row.paused_at = None
    _run_on(mover, row, ClockEntry.Kind.RESUME, facts, application)
    return found


def extend(mover: Mover, row: Clock, limit: sla.Limit, application: Application) -> None:
    """Move a running clock's deadline by an approved extension (SLA D.6)."""
    calendar = work_calendar()
    before = row.due_at
    due = sla.extended(before, limit, calendar)
    unit = sla.Unit(row.limit_unit)

    def same_share(moment: datetime) -> datetime:
        share = sla.elapsed_fraction(moment, row.started_at, before, unit, calendar)
        return sla.fraction_at(row.started_at, due, share, unit, calendar)

    _reschedule(row, due, same_share)
    _warn_again(row)
    facts = {"limit": [limit.value, limit.unit.value], "calendar": sla.excerpt(calendar, before, due)}
    _run_on(mover, row, ClockEntry.Kind.EXTENSION, facts, application)


def _run_on(mover: Mover, row: Clock, kind: str, facts: dict[str, Any], application: Application) -> None:
    planned = row.planned(row.stage_index)
    row.next_fire_at = planned[1] if planned else None
    mover.enter(row, kind, facts, application)
    mover.touch(None, None, row)


def _reschedule(row: Clock, due: datetime, shift: Callable[[datetime], datetime]) -> None:
    """Another deadline: what has not fired yet is planned anew. What hangs on the deadline alone follows it."""
    calendar, thresholds = work_calendar(), rules().policy()[1].thresholds
    from_due = {
        Stage.NOTICE: lambda: sla.next_morning(due, calendar),
        Stage.SUPERVISE: lambda: sla.due_at(due, thresholds.supervise_after, calendar),
        Stage.CIRCULAR: lambda: sla.due_at(due, thresholds.circular_after, calendar),
    }
    fresh = []
    for code, instant in row.schedule[row.stage_index :]:
        before = datetime.fromisoformat(instant)
        if before == row.due_at:
            moved = due
        elif code in from_due:
            moved = from_due[Stage(code)]()
        elif before < row.due_at:
            moved = min(shift(before), due)
        else:
            moved = max(shift(before), due)
        fresh.append((code, moved))
    _plan(row, fresh)
    row.due_at = due


def _warn_again(row: Clock) -> None:
    """A limit that was nearly used up and is extended now warns once more, at the same share of what was added."""
    fired = [(code, instant) for code, instant in row.schedule[: row.stage_index] if code in sla.WARNINGS]
    planned = [(code, datetime.fromisoformat(instant)) for code, instant in row.schedule[row.stage_index :]]
    if not fired or len(fired) >= len(sla.WARNINGS) or any(code in sla.WARNINGS for code, _at in planned):
        return
    share = rules().policy()[1].thresholds.soon
    last = datetime.fromisoformat(fired[-1][1])
    again = sla.fraction_at(last, row.due_at, share, sla.Unit(row.limit_unit), work_calendar())
    _plan(row, [*planned, (sla.WARNINGS[len(fired)], again)])


def _plan(row: Clock, stages: list[tuple[str, datetime]]) -> None:
    stages.sort(key=lambda stage: stage[1])
    row.schedule = [*row.schedule[: row.stage_index], *([code, moment.isoformat()] for code, moment in stages)]
