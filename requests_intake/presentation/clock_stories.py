"""The ledger of a ticket's clocks in words: which hours counted, which day was off, who granted which pause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake import sla
from requests_intake.clock_stories import Story, stories_of_ticket
from requests_intake.models import Application, Clock, ClockEntry, ClockKind, Ticket
from requests_intake.sla.discipline import REASONS

Kind = ClockEntry.Kind
_DAYS = {
    "working": gettext_lazy("上班"),
    "makeup": gettext_lazy("调休上班"),
    "weekend": gettext_lazy("周末，不算"),
    "holiday": gettext_lazy("放假，不算"),
    "first": gettext_lazy("起算当天，不算"),
}
_WEEKDAYS = "一二三四五六日"
_CEILINGS = {
    "lead": gettext_lazy("主办工单的期限"),
    "external": gettext_lazy("来件单位定的期限"),
    "order": gettext_lazy("工单自己的期限"),
}


def clock_stories(ticket: Ticket) -> list[dict[str, Any]]:
    """Every clock of a ticket with its lines, for the page and the API; six statements at most."""
    stories = stories_of_ticket(ticket)
    entries = [entry for story in stories for entry, _step in story.lines]
    applications = Application.objects.in_bulk({row.application_id for row in entries if row.application_id})
    people = {row.actor_id for row in entries} | {row.decided_by_id for row in applications.values()}
    names = staff_names(pk for pk in people if pk is not None)
    return [_story(story, applications, names) for story in stories]


def _story(story: Story, applications: dict[int, Application], names: dict[int, str]) -> dict[str, Any]:
    row = story.clock
    return {
        "title": clock_name(row),
        "limit": "" if row.kind in (ClockKind.PAUSE_END, ClockKind.REVIEW) else str(_limit(row)),
        "due": local_time(row.due_at),
        "due_at": row.due_at,
        "state": _state(row),
        "held": row.paused_at is not None and row.stopped_at is None,
        "agrees": story.agrees,
        "computed": local_time(story.computed) if story.computed else "",
        "lines": [_line(row, entry, step, applications, names) for entry, step in story.lines],
    }


def clock_name(row: Clock) -> str:
    """对居民的承诺; 第 2 张工单·办结·市政所."""
    kind = ClockKind(row.kind).label
    if row.work_order is None:
        return str(kind)
    order = row.work_order
    name = territory().organization_name(order.organization_id)
    which = _("第 {number} 张工单").format(number=order.sequence) if order.role == "lead" else _("协办工单")
    return f"{which}·{kind}·{name}"


def _limit(row: Clock) -> sla.Limit:
    return sla.Limit(row.limit_value, sla.Unit(row.limit_unit))


def _state(row: Clock) -> str:
    if row.stopped_at is not None:
        return _("已停，{at}").format(at=local_time(row.stopped_at))
    return _("暂停，从 {at} 起").format(at=local_time(row.paused_at)) if row.paused_at else _("在走")


def _line(
    row: Clock, entry: ClockEntry, step: sla.Step, applications: dict[int, Application], names: dict[int, str]
) -> dict[str, Any]:
    application = applications.get(entry.application_id or 0)
    return {
        "kind": entry.kind,
        "title": Kind(entry.kind).label,
        "at": local_time(entry.at),
        "moment": entry.at,
        "by": names.get(entry.actor_id or 0, ""),
        "words": _words(row, entry, step),
        "granted": _granted(application, names) if application else "",
        "days": _days(row, entry, step),
        "due": local_time(step.due),
        "due_at": step.due,
        "stored": local_time(entry.due_at),
        "agrees": step.agrees,
    }


def _words(row: Clock, entry: ClockEntry, step: sla.Step) -> list[str]:
    facts = entry.facts
    words: list[str] = []
    if entry.kind == Kind.START and facts.get("fixed"):
        words.append(_("到选定的时间为止"))
    elif entry.kind == Kind.START:
        began = local_time(datetime.fromisoformat(facts["from"]))
        words.append(_("从 {at} 起，{limit}").format(at=began, limit=sla.limit_of(facts)))
    elif entry.kind == Kind.TAKEN_OVER:
        words.append(_("启用台账以前就在走，期限照旧"))
    elif entry.kind == Kind.EXTENSION:
        words.append(_("再加 {limit}").format(limit=sla.limit_of(facts)))
    elif entry.kind == Kind.RESUME:
        words += _resumed(entry)
    if step.was_cut:
        words.append(_cut(entry, step))
    return words


def _resumed(entry: ClockEntry) -> list[str]:
    facts = entry.facts
    held_from = datetime.fromisoformat(facts["held_from"])
    if not facts.get("moves"):
        return [_("停了一段，期限不变")]
    unit = sla.Unit(facts["unit"])
    if unit.is_working:
        calendar = sla.calendar_of(facts.get("calendar", {}))
        hours = sla.working_seconds(held_from, entry.at, calendar) / 3600
        said = _("{hours} 个工作小时").format(hours=f"{hours:.1f}".removesuffix(".0"))
    else:
        hours = (entry.at - held_from).total_seconds() / 3600
        said = _("{hours} 小时").format(hours=f"{hours:.1f}".removesuffix(".0"))
    return [_("从 {start} 停到 {end}，共 {said}，期限顺延").format(
        start=local_time(held_from), end=local_time(entry.at), said=said
    )]  # fmt: skip


def _cut(entry: ClockEntry, step: sla.Step) -> str:
    own = local_time(step.own)
    if entry.facts.get("promise"):
        promise = datetime.fromisoformat(entry.facts["promise"])
        if entry.at >= promise:
            return _("本应到 {own}；对居民的承诺已过，最多再给一个工作日").format(own=own)
        return _("本应到 {own}，不能晚于对居民的承诺").format(own=own)
    name = _CEILINGS.get(entry.facts.get("ceiling_of", ""), "")
    return _("本应到 {own}，不能晚于{name}").format(own=own, name=name)


def _granted(application: Application, names: dict[int, str]) -> str:
    reason = REASONS[application.kind].get(application.reason, "")
    who = names.get(application.decided_by_id or 0, "") or territory().organization_name(application.decider_id)
    return _("{kind}：{reason}。{who}同意").format(
        kind=application.get_kind_display(), reason=reason, who=who
    )  # fmt: skip


def _days(row: Clock, entry: ClockEntry, step: sla.Step) -> list[dict[str, Any]]:
    """Which days counted for how much, where the line counts days: the start of a limit in working time."""
    facts = entry.facts
    if entry.kind != Kind.START or "limit" not in facts:
        return []
    calendar, start = sla.calendar_of(facts.get("calendar", {})), datetime.fromisoformat(facts["from"])
    days = sla.days_counted(start, step.own, sla.limit_of(facts).unit, calendar)
    return [
        {
            "day": _("{month}月{day}日 周{weekday}").format(
                month=day.day.month, day=day.day.day, weekday=_WEEKDAYS[day.day.weekday()]
            ),
            "date": day.day,
            "kind": day.kind,
            "word": _DAYS[day.kind],
            "hours": f"{day.seconds / 3600:.1f}".removesuffix(".0") if day.seconds else "",
        }
        for day in days
    ]


def as_text(ticket: Ticket) -> str:
    """All of it as plain lines, for ``manage.py explain_clock``."""
    found = [_("{number}　{title}").format(number=ticket.number, title=clock.local(clock.now()).strftime("%F %T"))]
    for story in clock_stories(ticket):
        mark = "✓" if story["agrees"] else "✗"
        found.append(f"\n{mark} {story['title']}　{story['limit']}　→ {story['due']}（{story['state']}）")
        for line in story["lines"]:
            said = "；".join([*line["words"], *([line["granted"]] if line["granted"] else [])])
            found.append(f"  {line['at']}　{line['title']}　{said}　→ {line['due']}")
            if not line["agrees"]:
                found.append(_("    存的是 {stored}，与重算不同").format(stored=line["stored"]))
            found += [f"    {day['day']}　{day['word']}　{day['hours']}".rstrip() for day in line["days"]]
    return "\n".join(found)
