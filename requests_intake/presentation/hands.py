"""Several hands in words and lamps: what a co-handler's own clock says, and who is at a matter now (协办, ADR 36)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake import sla
from requests_intake.models import Application, Ticket, WorkOrder
from requests_intake.presentation.clocks import lead_orders
from requests_intake.presentation.history import moves_of, words_of
from requests_intake.queries import HELD, own_co_orders
from requests_intake.standing import Standing
from requests_intake.workflow import ORDER_ENDED, ORDER_OPEN, OrderState

_END = 116  # percent; the bar's overdue zone ends here
_PILLS = {
    OrderState.DISPATCHED: "new", OrderState.SIGNED: "doing", OrderState.IN_PROGRESS: "doing",
    OrderState.PAUSED: "hold", OrderState.SUSPENDED: "hold", OrderState.RESOLVED: "done", OrderState.VERIFIED: "done",
}  # fmt: skip
_BUTTONS = ("add_handler", "cancel_handler", "co_resolve")


def own_clocks(ticket_ids: list[int], actor: Actor) -> dict[int, dict[str, str]]:
    """Ticket → ``text`` and ``state`` of what is left of the actor's own co-handling order, the most pressing where
    there are two. One statement."""
    orders = own_co_orders(actor).filter(ticket_id__in=ticket_ids).order_by("-due_at")
    return {order.ticket_id: order_left(order) for order in orders}


def order_left(order: WorkOrder) -> dict[str, str]:
    """What is left of an order's own limit, as a person would say it, with the lamp's ``state``."""
    bar = _bar(order)
    is_new = bar["state"] == "doing" and order.state == OrderState.DISPATCHED
    return {"text": bar["phrase"], "state": "new" if is_new else bar["state"]}


def _bar(order: WorkOrder) -> dict[str, Any]:
    """An order's own limit for ``components/clock_bar.html``, without its scale."""
    unit, calendar = sla.Unit(order.limit_unit), work_calendar()
    ended = order.resolved_at or order.ended_at
    at = ended or clock.now()
    used = sla.elapsed_fraction(at, order.dispatched_at, order.due_at, unit, calendar)
    late, phrase = at > order.due_at, sla.phrase(sla.remaining(at, order.due_at, unit, calendar))
    if order.state in HELD:
        state, phrase = "hold", _("暂停计时")
    elif ended is not None:
        state, phrase = ("over", phrase) if late else ("done", _("按时"))
    else:
        state = "over" if late else "soon" if used >= sla.DEFAULT_THRESHOLDS.soon else "doing"
    return {
        "name": _("到期 {due}").format(due=local_time(order.due_at)), "state": state, "phrase": phrase,
        "percent": max(0, min(used * 100, _END)), "ticks": [], "pauses": [], "note": "", "wide": False,
    }  # fmt: skip


def who_is_at_it(ticket: Ticket, standing: Standing, lawful: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """谁在办: the lead and everybody who helps or has helped, for ``components/hands.html``; None where one alone is.

    ``lawful``: the reader's moves by name, with label and url. Two statements, none for a matter nobody helps with.
    """
    moves = moves_of(ticket)
    if not any(row.move == "add_handler" for row in moves):
        return None
    helping = WorkOrder.objects.filter(ticket=ticket, role=WorkOrder.Role.CO_HANDLING).order_by("sequence")
    orders = [*lead_orders(ticket)[-1:], *helping]
    names, words = staff_names(order.assignee_id for order in orders), words_of(ticket)
    last: dict[int, dict[str, str]] = {}
    for row in moves:
        if row.work_order_id and row.pk in words:
            last.setdefault(row.work_order_id, {"text": words[row.pk], "at": local_time(row.at)})
    return {
        "rows": [_hand(order, names, last, standing) for order in orders],
        "buttons": [lawful[name] for name in _BUTTONS if name in lawful],
    }


def _hand(
    order: WorkOrder, names: Mapping[int, str], last: Mapping[int, dict[str, str]], standing: Standing
) -> dict[str, Any]:
    state, ended = OrderState(order.state), order.state in ORDER_ENDED
    nobody = "" if ended or territory().handler(order.organization_id) else _("缺岗")
    return {
        "role": order.get_role_display(),
        "is_lead": order.role == WorkOrder.Role.LEAD,
        "organization": territory().organization_name(order.organization_id),
        "person": names.get(order.assignee_id or 0, nobody),
        "state": state.label,
        "kind": _PILLS.get(state, "line"),
        "since": local_time(order.dispatched_at),
        "clock": None if state in (OrderState.CANCELLED, OrderState.HANDED_OVER) else _bar(order),
        "last": last.get(order.pk),
        "open": _open(order, standing),
    }


def _open(order: WorkOrder, standing: Standing) -> list[str]:
    """What is still to come at an order."""
    found = []
    if order.state == OrderState.DISPATCHED:
        found.append(_("还没有签收"))
    if order.role == WorkOrder.Role.LEAD:
        waits = [co for co in standing.co_orders if co.state in ORDER_OPEN]
        if waits and order.state in ORDER_OPEN:
            found.append(_("等 {count} 个协办单位办结才能办结").format(count=len(waits)))
        found += [
            _("等答复：{kind}").format(kind=Application.Kind(row.kind).label)
            for row in standing.applications
            if row.work_order_id == order.pk
        ]
        if standing.waiting:
            found.append(_("督办等着回复"))
    return found
