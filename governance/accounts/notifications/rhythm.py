"""When something is sent: quiet hours, digests, and how long to wait after a failure. Pure.

SLA D.4: reminders are digests for each person, three pushes a day at most, critical matters apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from governance.kernel.calendar import SHANGHAI, WorkCalendar

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""After the first failure, the second, …; after the last one there is no further try."""


def is_quiet(moment: datetime) -> bool:
    """Between 21:00 and 08:00 in Shanghai."""
    clock = moment.astimezone(SHANGHAI).time()
    return clock >= QUIET_FROM or clock < QUIET_UNTIL


def after_quiet(moment: datetime) -> datetime:
    """The moment itself, or 08:00 where it lies in the quiet hours."""
    if not is_quiet(moment):
        return moment
    local = moment.astimezone(SHANGHAI)
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_UNTIL, SHANGHAI)


def next_digest(after: datetime, times: Sequence[time], calendar: WorkCalendar) -> datetime:
    """The first digest after a moment, on a working day."""
    local = after.astimezone(SHANGHAI)
    day = local.date()
    if calendar.is_working(day):
        later = [each for each in times if each > local.time()]
        if later:
            return datetime.combine(day, min(later), SHANGHAI)
    return datetime.combine(calendar.next_working_day(day), min(times), SHANGHAI)


def first_digest_of_a_later_day(moment: datetime, times: Sequence[time], calendar: WorkCalendar) -> datetime:
    day = calendar.next_working_day(moment.astimezone(SHANGHAI).date())
    return datetime.combine(day, min(times), SHANGHAI)


def next_try(attempts: int, now: datetime, *, at_once: bool) -> datetime | None:
    """When to try again after so many failures; None: not any more."""
    if attempts > len(BACK_OFF):
        return None
    moment = now + BACK_OFF[attempts - 1]
    return moment if at_once else after_quiet(moment)
