"""When something is due, how much of its time is used, and how to say what is left.

Pure arithmetic on a ``WorkCalendar``. All results are UTC moments; days are judged in Asia/Shanghai (SLA D.9).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import nextafter

from governance.kernel.calendar import SHANGHAI, WorkCalendar, from_micros, local_date, to_micros

from .units import Limit, Unit

_SECOND = 1_000_000
_ALMOST_ONE = nextafter(1.0, 0.0)
_CALENDAR_DAY = 86_400


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """The moment a limit that began at ``start`` ends (SLA D.1); always after ``start``.

    Calendar minutes and hours run day and night. Working hours begin at the next opening when ``start`` lies outside
    working time. Working days: the day of ``start`` is not counted, the end is the close of work of the N-th working
    day; 0 of them is 当日 (see ``Limit``). Calendar days are counted in the same way, on every day, and end at the
    ordinary closing time (Civil Code 201 and 203: the first day is not counted, business hours end the last one).
    """
    match limit.unit:
        case Unit.CAL_MINUTE:
            return from_micros(to_micros(start)) + timedelta(minutes=limit.value)
        case Unit.CAL_HOUR:
            return from_micros(to_micros(start)) + timedelta(hours=limit.value)
        case Unit.WORK_HOUR:
            return calendar.add_working_micros(start, limit.value * 3600 * _SECOND)
        case Unit.CAL_DAY:
            last = local_date(start) + timedelta(days=limit.value)
            return _utc(datetime.combine(last, calendar.closing_time_on(last), SHANGHAI))
        case Unit.WORK_DAY:
            day = local_date(start)
            if limit.value:
                return _utc(calendar.closing(calendar.add_working_days(day, limit.value)))
            if not calendar.is_working(day) or start >= calendar.closing(day):
                day = calendar.next_working_day(day)
            return _utc(calendar.closing(day))


def _utc(moment: datetime) -> datetime:
    return from_micros(to_micros(moment))


def working_seconds(start: datetime, end: datetime, calendar: WorkCalendar) -> float:
    """Working time between two moments in seconds, exact to the microsecond; negative when ``end`` is earlier."""
    return calendar.working_micros(start, end) / _SECOND


def add_working_seconds(start: datetime, seconds: float, calendar: WorkCalendar) -> datetime:
    """The earliest moment, not before ``start``, by which so many seconds were worked.

    The inverse of ``working_seconds``. Raises ``ValueError`` for a negative number.
    """
    return calendar.add_working_micros(start, round(seconds * _SECOND))


def shift_by_working(due: datetime, seconds: float, calendar: WorkCalendar) -> datetime:
    """A deadline moved later by exactly that much working time (SLA D.5, D.12)."""
    return add_working_seconds(due, seconds, calendar)


def shift_by_pause(
    due: datetime, paused_at: datetime, resumed_at: datetime, unit: Unit, calendar: WorkCalendar
) -> datetime:
    """A deadline moved later by a pause, measured as the limit is: working time or calendar time (SLA D.5).

    Raises ``ValueError`` when the pause ends before it began.
    """
    if resumed_at < paused_at:
        raise ValueError("a pause cannot end before it began")
    if unit.is_working:
        return calendar.add_working_micros(due, calendar.working_micros(paused_at, resumed_at))
    return _utc(due) + (resumed_at - paused_at)


def fraction_at(start: datetime, due: datetime, fraction: float, unit: Unit, calendar: WorkCalendar) -> datetime:
    """The moment at which ``fraction`` of the allowed time has passed; above 1 it lies after ``due`` (SLA D.4).

    Exactly ``due`` at 1.0. Calendar units in calendar time, working units in working time. Raises ``ValueError`` for
    a negative fraction or a ``due`` before ``start``.
    """
    if fraction < 0 or due < start:
        raise ValueError("a share of the allowed time needs a fraction from 0 up and a due time after the start")
    if fraction == 1:
        return _utc(due)
    if not unit.is_working:
        allowed = to_micros(due) - to_micros(start)
        return from_micros(to_micros(start) + round(allowed * fraction))
    allowed = calendar.working_micros(start, due)
    if fraction < 1:
        return min(calendar.add_working_micros(start, round(allowed * fraction)), _utc(due))
    return calendar.add_working_micros(due, round(allowed * (fraction - 1)))


def elapsed_fraction(now: datetime, start: datetime, due: datetime, unit: Unit, calendar: WorkCalendar) -> float:
    """How much of the allowed time is used: 0 before the start, at least 1 exactly from ``due`` on."""
    if now <= start:
        return 0.0 if now < due else 1.0
    if unit.is_working:
        allowed, used = calendar.working_micros(start, due), calendar.working_micros(start, now)
    else:
        allowed, used = to_micros(due) - to_micros(start), to_micros(now) - to_micros(start)
    share = used / allowed if allowed > 0 else 1.0
    # A deadline outside working time is not reached when the last working minute before it is used up.
    return max(share, 1.0) if now >= due else min(share, _ALMOST_ONE)


@dataclass(frozen=True)
class Remaining:
    """Time left, or time past the deadline when ``overdue``; ``seconds`` is never negative.

    ``day_seconds``: what counts as one day when it is said aloud: 7 h of working time, 24 h of calendar time.
    """

    seconds: float
    overdue: bool
    working: bool
    day_seconds: int


def remaining(now: datetime, due: datetime, unit: Unit, calendar: WorkCalendar) -> Remaining:
    """What is left at ``now``, in working time for working units (SLA D.9: overdue means now > due)."""
    if unit.is_working:
        seconds, day_seconds = working_seconds(now, due, calendar), calendar.day_seconds_on(local_date(now))
    else:
        seconds, day_seconds = (to_micros(due) - to_micros(now)) / _SECOND, _CALENDAR_DAY
    return Remaining(abs(seconds), now > due, unit.is_working, day_seconds)


def phrase(left: Remaining) -> str:
    """As a person would say it: 剩 1 天 5 小时, 剩 2 小时 10 分, 超期 1 小时. The two largest parts, rounded down."""
    days, rest = divmod(int(left.seconds), left.day_seconds)
    hours, rest = divmod(rest, 3600)
    minutes = rest // 60
    parts = [(days, "天"), (hours, "小时")] if days else [(hours, "小时"), (minutes, "分")]
    said = " ".join(f"{count} {word}" for count, word in parts if count)
    if said:
        return f"{'超期' if left.overdue else '剩'} {said}"
    return "刚刚超期" if left.overdue else "剩不到 1 分"


@dataclass(frozen=True)
class Capped:
    """A work order's deadline after it was fitted to the promise.

    ``was_cut``: earlier than its own limit would have it; ``beyond_promise``: made when the promise had passed.
    """

    due: datetime
    was_cut: bool
    beyond_promise: bool


def cap_to_promise(own_due: datetime, promise_due: datetime, now: datetime, calendar: WorkCalendar) -> Capped:
    """Fit a new work order's own deadline to the resident's promise (SLA D.3, D.12).

    The levels' limits may add up to more than the promise; then the last one is cut to it. Once the promise has
    passed, the order gets its own limit or one working day, whichever ends first, and is flagged.
    """
    own, beyond = _utc(own_due), now >= promise_due
    ceiling = due_at(now, Limit(1, Unit.WORK_DAY), calendar) if beyond else _utc(promise_due)
    return Capped(min(own, ceiling), own > ceiling, beyond)
