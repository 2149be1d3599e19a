"""The two clocks of a ticket, and the levels it went through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from governance.kernel.templatetags.ui import local_day
from governance.kernel.tenancy.context import current_district
from grids.models import Level
from grids.reference import territory
from requests_intake import routing, sla
from requests_intake.models import Clock, ClockKind, Ticket, TicketTransition, WorkOrder
from requests_intake.presentation import pauses
from requests_intake.workflow import FINISHED, TicketState

_END = 116  # percent; the bar's overdue zone ends here


def clock_bars(ticket: Ticket, *, wide: bool = False) -> list[dict[str, Any]]:
    """The promise to the resident, and the lead work order's own limit, for ``components/clock_bar.html``.

    Before acceptance the desk's clock stands alone. At most three statements, one more while a clock is held.
    """
    lead = lead_orders(ticket)[-1:]
    rows = {(row.kind, row.work_order_id): row for row in Clock.objects.filter(ticket=ticket)}
    promise = rows.get((ClockKind.PROMISE.value, None))
    desk = rows.get((ClockKind.SIGN.value, None))
    found = pauses.pauses_of(ticket)
    standing = _Pauses(found, pauses.granted_by(pause for each in found.values() for pause in each))
    bars = []
    if promise is not None:
        limit = sla.Limit(promise.limit_value, sla.Unit(promise.limit_unit))
        again = promise.stopped_at is not None and ticket.state == TicketState.HANDLING.value
        words = _("{limit}，首次办结时停下") if again else _("{limit}，不重置")
        bars.append(_bar(promise, _("对居民的承诺"), words.format(limit=limit), _("受理"), standing))
    elif ticket.is_letter and (ClockKind.CONTACT.value, None) in rows:
        answer = rows[ClockKind.CONTACT.value, None]
        bars.append(_bar(answer, _("首次答复"), _("一个工作日"), _("收到"), standing))
    elif desk is not None:
        bars.append(_bar(desk, _("受理时限"), _("从收到起算"), _("收到"), standing))
    for order in lead:
        running = rows.get((ClockKind.RESOLVE.value, order.pk))
        if running is not None:
            name = _("{level}工单").format(level=Level(order.level).label)
            note = _("第 {number} 张").format(number=order.sequence)
            if order.beyond_promise:
                note += _("，承诺已过，另计")
            elif order.was_cut:
                note += _("，已截短到承诺时间")
            bars.append(_bar(running, name, note, _("派单"), standing))
    for kind in (ClockKind.ON_SITE, ClockKind.CONTROL, ClockKind.PLAN):
        owed = rows.get((kind.value, None))
        if owed is not None and owed.stopped_at is None:
            limit = sla.Limit(owed.limit_value, sla.Unit(owed.limit_unit))
            bars.append(_bar(owed, str(kind.label), _("{limit}，移交不重置").format(limit=limit), _("派单"), standing))
    pauses.say_once(bars)
    return [{**bar, "wide": wide} for bar in bars]


@dataclass(frozen=True)
class _Pauses:
    """Of every clock of the ticket, by the clock's id; and who granted those that last."""

    of_clock: Mapping[int, list[pauses.Pause]]
    names: Mapping[int, str]


def _bar(row: Clock, name: str, note: str, begin: str, standing: _Pauses) -> dict[str, Any]:
    calendar, unit = work_calendar(), sla.Unit(row.limit_unit)
    stretches = pauses.stretches_of(row, standing.of_clock.get(row.pk, ()), clock.now())
    # A held clock stands where it was when it was held.
    at = row.stopped_at or row.paused_at or clock.now()
    place = sla.elapsed_fraction(at, row.started_at, row.due_at, unit, calendar)
    used = pauses.own_share(place, stretches)
    phrase = sla.phrase(sla.remaining(at, row.due_at, unit, calendar))
    late = at > row.due_at
    if row.stopped_at is not None:
        state = "over" if late else "done"
        phrase = phrase if late else _("按时·余 {left}").format(left=phrase.removeprefix("剩").strip())
    elif row.paused_at is not None:
        state = "hold"
    else:
        state = "over" if late else "soon" if used >= sla.DEFAULT_THRESHOLDS.soon else "doing"
    years = calendar.unpublished_years_between(clock.local(row.started_at).date(), clock.local(row.due_at).date())
    if years and unit.is_working:
        note += _("。{year} 年放假安排未公布，暂按法定假日推算").format(year=years[-1])
    return {
        "name": name,
        "note": note,
        "state": state,
        "phrase": phrase,
        "held": state == "hold",
        "percent": min(place * 100, _END),
        "used": min(used * 100, _END),
        "ticks": _ticks(row, unit, begin, stretches),
        "pauses": pauses.drawn(stretches, standing.names),
    }


def _short_time(moment: datetime) -> str:
    """``今天 17:30``, ``19日 12:00``, and with its month where it is another one: four of them stand under a bar."""
    at, today = clock.local(moment), clock.today()
    if at.date() == today:
        return _("今天 {time}").format(time=f"{at:%H:%M}")
    if (at.year, at.month) == (today.year, today.month):
        return _("{day}日 {time}").format(day=at.day, time=f"{at:%H:%M}")
    return _("{month}月{day}日").format(month=at.month, day=at.day)


def _ticks(row: Clock, unit: sla.Unit, begin: str, stretches: Sequence[pauses.Stretch]) -> list[dict[str, Any]]:
    half, soon = pauses.place_of(0.5, stretches), pauses.place_of(sla.DEFAULT_THRESHOLDS.soon, stretches)

    def moment(share: float) -> str:
        return _short_time(sla.fraction_at(row.started_at, row.due_at, share, unit, work_calendar()))

    return [
        {"percent": 0, "label": begin, "at": _short_time(row.started_at), "kind": "from"},
        {"percent": round(half * 100), "label": "50%", "at": moment(half), "kind": "mid"},
        {"percent": round(soon * 100), "label": _("80% 转黄"), "at": moment(soon), "kind": "mid"},
        {"percent": 100, "label": _("到期"), "at": _short_time(row.due_at), "kind": "stop"},
    ]


def lead_orders(ticket: Ticket) -> list[WorkOrder]:
    """Lead work orders, the oldest first; read once per ticket object."""
    found: list[WorkOrder] | None = ticket.__dict__.get("_lead_orders")
    if found is None:
        found = list(WorkOrder.objects.filter(ticket=ticket, role=WorkOrder.Role.LEAD).order_by("sequence"))
        ticket.__dict__["_lead_orders"] = found
    return found


def ladder(ticket: Ticket) -> list[dict[str, Any]]:
    """The levels of the district's own path the ticket went through, and those ahead, for ``components/ladder.html``.

    At most three statements.
    """
    orders = lead_orders(ticket)
    names = staff_names(order.assignee_id for order in orders)
    reasons = _reasons(ticket)
    stretches = [(level, list(rows)) for level, rows in groupby(orders, key=lambda order: order.level)]
    rungs = []
    for number, (level, rows) in enumerate(stretches):
        following = stretches[number + 1][1][0] if number + 1 < len(stretches) else None
        rungs.append(
            {
                "name": Level(level).label,
                "current": following is None and ticket.state not in FINISHED,
                "ahead": False,
                "lines": _lines(rows, names),
                "use": _use(rows),
                "mark": "",
                "reason": reasons.get(following.dispatched_at, _("派单")) if following else "",
            }
        )
    top = max((routing.LEVELS.index(level) for level, _rows in stretches), default=-1)
    ahead = [level for level in current_district().escalation_path if routing.LEVELS.index(level) > top]
    rungs += [
        {"name": Level(level).label, "current": False, "ahead": True, "lines": [], "use": "", "mark": "", "reason": ""}
        for level in (ahead if ticket.state not in FINISHED else ())
    ]
    return rungs


def _reasons(ticket: Ticket) -> dict[datetime, str]:
    """Why the next order began, by its moment."""
    moves = TicketTransition.objects.filter(ticket=ticket, move__in=("escalate", "dispatch", "reopen", "rehandle"))
    words = {"dispatch": _("派单"), "reopen": _("重开"), "rehandle": _("重新办理")}
    up = {True: _("超时上报"), False: _("上报")}
    return {row.at: words.get(row.move) or up[bool(row.payload.get("by_clock"))] for row in moves}


def _lines(rows: list[WorkOrder], names: dict[int, str]) -> list[str]:
    last = rows[-1]
    who = [territory().organization_name(last.organization_id)]
    if last.assignee_id in names:
        who.append(names[last.assignee_id])
    elif last.ended_at is None and territory().handler(last.organization_id) is None:
        who.append(_("缺岗"))
    end = last.ended_at or last.resolved_at
    span = f"{local_day(rows[0].dispatched_at)} → {local_day(end) if end else _('现在')}"
    return [" ".join(who), span]


def _use(rows: list[WorkOrder]) -> str:
    last = rows[-1]
    limit = sla.Limit(last.limit_value, sla.Unit(last.limit_unit))
    end = last.resolved_at or last.ended_at or clock.now()
    calendar = work_calendar()
    if limit.unit.is_working:
        a_day = calendar.day_seconds_on(clock.local(end).date())
        days = sla.working_seconds(last.dispatched_at, end, calendar) / a_day
        return _("限 {limit}·用 {days} 天").format(limit=limit, days=round(max(days, 0), 1))
    hours = (end - last.dispatched_at).total_seconds() / 3600
    return _("限 {limit}·用 {hours} 小时").format(limit=limit, hours=round(hours, 1))
