"""What a running clock does and when: the thresholds of SLA D.4 and D.12 as data.

A clock fires its stages in order; each fires once. What a stage means for the people is in ``Stage``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from governance.kernel.calendar import WorkCalendar, from_micros, local_date, to_micros

from .units import Limit, Unit
from .worktime import due_at, fraction_at

_HURRIED = frozenset({"critical", "urgent"})
REPORT_EVERY = Limit(2, Unit.CAL_HOUR)
"""How often it is reported how a danger stands (SLA D.2)."""
_MOST_REPORTS = 24
_TWO_DAYS, _FIVE_DAYS = Limit(2, Unit.WORK_DAY), Limit(5, Unit.WORK_DAY)


class Stage(StrEnum):
    """Thresholds of a clock. The code is stored with the transition that fired it."""

    HALF = "half"  # 50 %: reminder while unsigned; critical and urgent: call chain by phone (D.4)
    SOON = "soon"  # 80 %: yellow lamp, one automatic urge (D.4)
    SOON_2 = "soon_2"  # the same after an extension (D.6)
    SOON_3 = "soon_3"
    DUE = (
        "due"  # 100 %: red lamp; goes up a level below the top (D.12); critical and urgent: street leader at once (D.4)
    )
    DUTY = "duty"  # 150 % of critical and urgent: the district's duty officer (D.4)
    NOTICE = "notice"  # the next working morning: 催办 notice (D.4)
    SUPERVISE = "supervise"  # 2 working days late at the top level: 督办单 (D.4, D.12)
    CIRCULAR = "circular"  # 5 working days late at the top level: on the draft list of the 通报 (D.4, D.12)
    LATE = "late"  # sign or contact limit missed: late_sign and reassignment to the leader, or late_contact (D.4, D.9)
    REPORT = "report"  # every two hours until the danger is under control (D.2); counted: report_1, report_2 …
    ESCALATE = "escalate"  # 200 % of the sign limit: goes up a level though nobody signed (D.12)


WARNINGS = (Stage.SOON, Stage.SOON_2, Stage.SOON_3)
"""The warning before a deadline, and the same after each of the extensions a work order may get (SLA D.6)."""


@dataclass(frozen=True)
class StageAt:
    """A stage and the UTC moment it fires. ``code``: a ``Stage``; of what repeats, with its number behind."""

    at: datetime
    code: str


@dataclass(frozen=True)
class Thresholds:
    """Where the stages lie (SLA D.4, D.12); editable per district as part of the policy. Shares of the allowed time."""

    half: float = 0.5
    soon: float = 0.8
    duty: float = 1.5
    sign_escalate: float = 2.0
    supervise_after: Limit = _TWO_DAYS
    circular_after: Limit = _FIVE_DAYS


DEFAULT_THRESHOLDS = Thresholds()


def _in_order(moments: Sequence[tuple[Stage, datetime]]) -> tuple[StageAt, ...]:
    """By time; stages of the same moment stay in the order written."""
    return tuple(StageAt(at, code) for code, at in sorted(moments, key=lambda moment: moment[1]))


def next_morning(due: datetime, calendar: WorkCalendar) -> datetime:
    """Opening of the first working day after the day of ``due`` (SLA D.4: the day after expiry)."""
    return from_micros(to_micros(calendar.opening(calendar.next_working_day(local_date(due)))))


def resolve_stages(
    start: datetime,
    due: datetime,
    unit: Unit,
    calendar: WorkCalendar,
    *,
    top_level: bool,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> tuple[StageAt, ...]:
    """Stages of a work order's resolve clock (SLA D.4).

    Below the top level the ticket goes up at ``due`` and this clock ends; so 催办, 督办 and 通报 belong to the top
    level alone (D.12).
    """
    stages = [
        (Stage.HALF, fraction_at(start, due, thresholds.half, unit, calendar)),
        (Stage.SOON, fraction_at(start, due, thresholds.soon, unit, calendar)),
        (Stage.DUE, fraction_at(start, due, 1, unit, calendar)),
    ]
    if top_level:
        stages += [
            (Stage.NOTICE, next_morning(due, calendar)),
            (Stage.SUPERVISE, due_at(due, thresholds.supervise_after, calendar)),
            (Stage.CIRCULAR, due_at(due, thresholds.circular_after, calendar)),
        ]
    return _in_order(stages)


def sign_stages(
    start: datetime,
    due: datetime,
    unit: Unit,
    calendar: WorkCalendar,
    *,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> tuple[StageAt, ...]:
    """Stages of the sign clock: to the organization's leader at 100 % (SLA D.4), up a level at 200 % (SLA D.12)."""
    return _in_order(
        [
            (Stage.LATE, fraction_at(start, due, 1, unit, calendar)),
            (Stage.ESCALATE, fraction_at(start, due, thresholds.sign_escalate, unit, calendar)),
        ]
    )


def contact_stages(start: datetime, due: datetime, unit: Unit, calendar: WorkCalendar) -> tuple[StageAt, ...]:
    """Stages of the clocks of contact, of coming to the place and of the plan: late at 100 % (SLA D.2, D.9)."""
    return _in_order([(Stage.LATE, fraction_at(start, due, 1, unit, calendar))])


def danger_stages(
    start: datetime, due: datetime, until: datetime, unit: Unit, calendar: WorkCalendar
) -> tuple[StageAt, ...]:
    """Stages of the clock of a danger: late at 100 %, then a report every two hours as long as the matter may take
    (``until``), at most two days (SLA D.2)."""
    found = [StageAt(fraction_at(start, due, 1, unit, calendar), Stage.LATE)]
    moment = due_at(due, REPORT_EVERY, calendar)
    while moment <= until and len(found) <= _MOST_REPORTS:
        found.append(StageAt(moment, f"{Stage.REPORT}_{len(found)}"))
        moment = due_at(moment, REPORT_EVERY, calendar)
    return tuple(found)


def promise_stages(
    start: datetime,
    due: datetime,
    unit: Unit,
    calendar: WorkCalendar,
    *,
    urgency: str,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> tuple[StageAt, ...]:
    """Stages of the promise to the resident: at 100 % the honest message goes out, next morning the 催办 (SLA D.4).

    At 150 % of a critical or urgent one the district's duty officer is called. That hangs on the promise: it runs on
    while the matter goes up from level to level and each work order's own clock ends when it is due.
    """
    stages = [
        (Stage.SOON, fraction_at(start, due, thresholds.soon, unit, calendar)),
        (Stage.DUE, fraction_at(start, due, 1, unit, calendar)),
        (Stage.NOTICE, next_morning(due, calendar)),
    ]
    if urgency in _HURRIED:
        stages.append((Stage.DUTY, fraction_at(start, due, thresholds.duty, unit, calendar)))
    return _in_order(stages)


def stage_after(stages: Sequence[StageAt], fired: str | None) -> StageAt | None:
    """The stage that comes after the one fired last; the first one when none was; ``None`` when the clock is through.

    Raises ``ValueError`` when the clock has no such stage.
    """
    if fired is None:
        return stages[0] if stages else None
    codes = [stage.code for stage in stages]
    position = codes.index(fired) + 1
    return stages[position] if position < len(stages) else None
