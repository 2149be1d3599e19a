"""A ticket in the words one would use to the person who reported it. Plain outward, exact inward."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from governance.kernel import clock
from governance.kernel.templatetags.ui import local_day, local_time, spoken_time
from grids.models import Level
from grids.reference import territory
from requests_intake.models import Ticket
from requests_intake.presentation import resident_steps
from requests_intake.workflow import TicketState

S = TicketState

_ENDS = {
    S.SUBMITTED: gettext_noop("收到了，正在安排人"),
    S.ACCEPTED: gettext_noop("已经受理，正在派人"),
    S.RESOLVED: gettext_noop("说是办好了，正在核对"),
    S.VISITING: gettext_noop("办好了，请您评一评"),
    S.CLOSED: gettext_noop("办完了"),
    S.ARCHIVED: gettext_noop("已经归档"),
    S.REJECTED: gettext_noop("没有受理"),
    S.MERGED: gettext_noop("和另一件一起办"),
    S.WITHDRAWN: gettext_noop("您撤回了"),
}
_WHO = {
    "grid": gettext_noop("网格员"),
    "community": gettext_noop("社区"),
    "street": gettext_noop("街道"),
    "district": gettext_noop("区里"),
}


def progress(ticket: Ticket) -> str:
    """Where it stands, without the matter itself: 街道正在办."""
    state = S(ticket.state)
    if ticket.is_letter and state is S.SUBMITTED:
        return _("在书记那里") if ticket.order_due_at is not None else _("书记答复了")
    if state is S.VISITING and ticket.needs_review:
        return _("您说没解决，负责人正在看")
    if state in _ENDS:
        return _(_ENDS[state])
    who = _WHO.get(ticket.level)
    name = _(who) if who else territory().organization_name(ticket.organization_id)
    return _("{who}正在办").format(who=name)


def _said(moment: datetime) -> str:
    """下午五点半 where one would say it so; any other minute in figures."""
    return spoken_time(moment) if clock.local(moment).minute in (0, 15, 30) else local_time(moment)


def promise(ticket: Ticket) -> dict[str, Any] | None:
    """The line under the headline: ``before``, ``when`` and ``after`` of a sentence, and its ``state`` for the colour.

    None where nothing is promised any more. An overdue promise is said as it is.
    """
    state = S(ticket.state)
    if state is S.SUBMITTED and ticket.order_due_at is not None:
        return {
            "before": _("最晚"),
            "when": _said(ticket.order_due_at),
            "after": _("前给您首次答复") if ticket.is_letter else _("前决定由谁来办"),
            "state": "",
        }
    if state in (S.ACCEPTED, S.HANDLING) and ticket.promise_due_at is not None:
        now = clock.now()
        late = ticket.promise_due_at < now
        before = _("答应您") if not late else _("答应您的时间是")
        after = _("前办好") if not late else _("，没赶上，还在办，对不住")
        if late and ticket.order_due_at is not None and ticket.order_due_at > now:
            # SLA D.4: an honest message names the new time.
            after = _("，没赶上，对不住；现在争取 {when} 前办好").format(when=_said(ticket.order_due_at))
        return {
            "before": before,
            "when": _said(ticket.promise_due_at),
            "after": after,
            "state": "over" if late else "",
        }
    if state in (S.RESOLVED, S.VISITING) and ticket.resolved_at is not None:
        return {"before": "", "when": local_day(ticket.resolved_at), "after": _("办好的"), "state": "done"}
    if state in (S.CLOSED, S.ARCHIVED) and ticket.closed_at is not None:
        return {"before": "", "when": local_day(ticket.closed_at), "after": _("办完的"), "state": "done"}
    return None


def latest_time(ticket: Ticket) -> str:
    """The promise in one short sentence: 最晚 11月23日 17:30 前办好."""
    if ticket.state == S.SUBMITTED and ticket.order_due_at is not None:
        words = _("最晚 {when} 前给您首次答复") if ticket.is_letter else _("最晚 {when} 前决定由谁来办")
        return words.format(when=local_time(ticket.order_due_at))
    if ticket.promise_due_at is not None:
        return _("最晚 {when} 前办好").format(when=local_time(ticket.promise_due_at))
    return ""


def card(ticket: Ticket, url: str) -> dict[str, Any]:
    """For ``components/progress_card.html``: what, how far, until when."""
    now = [_("编号 {number}").format(number=ticket.number)]
    sentence = promise(ticket)
    if sentence is not None:
        parts = (sentence["before"], sentence["when"], sentence["after"])
        now.insert(0, " ".join(part for part in parts if part).replace(" ，", "，") + "。")
    return {
        "say": f"{ticket.title}，{progress(ticket)}",
        "now": now,
        "step": resident_steps(ticket),
        "url": url,
    }


def line(ticket: Ticket) -> dict[str, Any]:
    """One row of 我的诉求: ``title``, ``state`` in plain words, ``day``, ``step`` (received, doing …) and ``url``."""
    return {
        "title": ticket.title,
        "state": progress(ticket),
        "day": local_day(ticket.submitted_at),
        "step": resident_steps(ticket),
        "url": reverse("resident:ticket", args=[ticket.number]),
    }


def answering(ticket: Ticket) -> dict[str, str] | None:
    """Who answers now: the organization and its public number, for ``components/contact_card.html``.

    None once nobody is working on it. Never a person.
    """
    if ticket.closed_at is not None:
        return None
    organization = territory().organizations.get(ticket.organization_id)
    if organization is None:
        return None
    if ticket.is_letter:
        return None  # nobody there but the secretary knows of it
    note = _("这件事现在归这里办")
    if organization.level == Level.DISTRICT and ticket.state == S.SUBMITTED:
        note = _("正在决定由谁来办")
    return {"name": organization.name, "note": note, "tel": organization.phone}
