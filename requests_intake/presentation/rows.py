"""One ticket in a list: its lamp, what is left of its time, where it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from grids.reference import territory
from requests_intake import sla
from requests_intake.models import Ticket, Urgency
from requests_intake.queries import HELD, RUNNING, with_facts
from requests_intake.reference import rules
from requests_intake.workflow import FINISHED, OrderState, TicketState

_FACTS = ("lead_state", "lead_unit", "promise_unit", "desk_unit", "due_at")
_CALENDAR_UNITS = {Urgency.CRITICAL.value: sla.Unit.CAL_MINUTE, Urgency.URGENT.value: sla.Unit.CAL_HOUR}


def fact(ticket: Ticket, name: str) -> Any:
    """A fact of ``queries.with_facts``; read in one statement for a ticket that came without them."""
    # One that came without them may have been moved since it was read, and its columns for lists with it.
    if "desk_unit" not in ticket.__dict__:
        found = with_facts(Ticket.objects.filter(pk=ticket.pk)).values(*_FACTS).get()
        ticket.__dict__.update(found)
    return ticket.__dict__[name]


def due_of(ticket: Ticket) -> datetime | None:
    """The deadline that counts now (``Ticket.due_at``); None where none is running."""
    if ticket.state not in RUNNING:
        return None
    due: datetime | None = fact(ticket, "due_at")
    return due


def lamp_state(ticket: Ticket) -> str:
    """new 待签收 · doing 在办 · soon 临期 · over 超期 · check 待核查 · done 办结 · hold 暂停.

    Overdue is judged by the deadline itself, not by whether a sweep has come by (SLA D.9); 临期 is what the clock's
    own stage has set (SLA D.4).
    """
    if ticket.state in FINISHED or ticket.state == TicketState.VISITING.value:
        return "done"
    if ticket.state == TicketState.RESOLVED.value:
        return "check"
    lead = fact(ticket, "lead_state")
    if lead in HELD:
        return "hold"
    due = due_of(ticket)
    if due is not None and due < clock.now():
        return "over"
    if ticket.lamp == "soon":
        return "soon"
    return "doing" if ticket.state == TicketState.HANDLING.value and lead != OrderState.DISPATCHED.value else "new"


def remaining(ticket: Ticket) -> dict[str, str]:
    """``text`` as a person would say it (剩 1 天 5 小时), with the lamp's ``state``. Working time for working units."""
    state = lamp_state(ticket)
    if state == "hold":
        return {"text": _("暂停计时"), "state": state}
    due = due_of(ticket)
    if due is None:
        return {"text": ticket.get_state_display(), "state": state}
    left = sla.remaining(clock.now(), due, _unit(ticket), work_calendar())
    return {"text": sla.phrase(left), "state": state}


def _unit(ticket: Ticket) -> sla.Unit:
    if ticket.state == TicketState.SUBMITTED.value:
        stored = fact(ticket, "desk_unit")
    else:
        by_promise = fact(ticket, "due_at") == ticket.promise_due_at
        stored = (by_promise and fact(ticket, "promise_unit")) or fact(ticket, "lead_unit")
    return sla.Unit(stored) if stored else _CALENDAR_UNITS.get(ticket.urgency, sla.Unit.WORK_HOUR)


def place_text(ticket: Ticket) -> str:
    """翠竹社区·建业里 3 号楼: the community, and the building, compound or address as deep as it is known."""
    found = territory()
    area = found.area_name(ticket.community_id) or found.area_name(ticket.street_id)
    if ticket.building_id is not None and ticket.building is not None:
        spot = ticket.building.name
    elif ticket.address_text:
        spot = ticket.address_text
    elif ticket.compound_id is not None and ticket.compound is not None:
        spot = ticket.compound.name
    else:
        spot = found.area_name(ticket.grid_id)
    return "·".join(part for part in (area, spot) if part) or _("地点待核实")


def list_row(ticket: Ticket, *, url: str = "", current: bool = False, can: str = "") -> dict[str, Any]:
    """A row for ``components/ticket_row.html``; ``url`` is the full desk page unless given."""
    left = remaining(ticket)
    category = rules().category_name(ticket.category_id)
    return {
        "id": ticket.pk,
        "number": ticket.number,
        "url": url or reverse("desk:ticket", args=[ticket.number]),
        "title": ticket.title,
        "state": left["state"],
        "left": left["text"],
        "urgency": ticket.get_urgency_display(),
        "urgent": ticket.urgency in (Urgency.CRITICAL, Urgency.URGENT),
        "place": "·".join(part for part in (place_text(ticket), category) if part),
        "side": "",
        "flag": _("限制知悉") if ticket.is_restricted else _("待定结论") if ticket.needs_review else "",
        "current": current,
        "can": can,
    }


def resident_steps(ticket: Ticket) -> str:
    """Where the requester's matter stands, as ``components/steps.html`` names it: received 收到, doing 在办, checking
    查看, rating 您评价, finished."""
    if ticket.state in (TicketState.SUBMITTED.value, TicketState.ACCEPTED.value):
        return "received"
    return {"handling": "doing", "resolved": "checking", "visiting": "rating"}.get(ticket.state, "finished")
