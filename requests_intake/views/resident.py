"""The resident's first page, and the list of districts before it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.models import User
from governance.accounts.residents import resident_of
from governance.kernel.models import District
from requests_intake.forms.places import building_name
from requests_intake.forms.report import new_key
from requests_intake.models import Ticket
from requests_intake.neighbour_cards import worker_of
from requests_intake.views import resident_words
from requests_intake.views.resident_home import home_building
from requests_intake.views.resident_session import followed, own_tickets
from requests_intake.workflow import TicketState

MOST = 6  # of somebody's matters on the first page


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Home of the district the address names; without one, the districts to choose from."""
    if getattr(request, "district", None) is None:
        doors = _doors()
        if not doors and not User.objects.exists():
            return redirect("setup:first")
        return render(request, "resident/districts.html", {"districts": doors})
    context: dict[str, Any] = {"district": request.district, "card": None, "asked": None}  # type: ignore[attr-defined]
    context["resident"] = resident = resident_of(request)
    context["home"] = home = building_name(home_building(request))
    mine = _proved(request) if resident is None else list(own_tickets(request).order_by("-submitted_at", "-pk")[:MOST])
    asked = next((row for row in mine if row.state == TicketState.VISITING), None)
    last = next((row for row in mine if row is not asked), None)
    if resident is not None:
        context["rows"] = [resident_words.line(row) for row in mine if row not in (asked, last)]
    # Whom one calls: for the building the device remembers, else for the place of one's own newest matter.
    grid_id = home.grid_id if home else next((row.grid_id for row in mine if row.grid_id), None)
    context["worker"] = worker_of(grid_id) if grid_id else None
    if last is not None:
        context["card"] = resident_words.card(last, reverse("resident:ticket", args=[last.number]))
    if asked is not None:
        context |= {"asked": asked, "hidden": {"idempotency_key": new_key()}}
    return render(request, "resident/home.html", context)


def _proved(request: HttpRequest) -> list[Ticket]:
    """The tickets proved in this browser, the one last proved first."""
    ids = list(followed(request).values())
    tickets = {row.pk: row for row in Ticket.objects.filter(pk__in=ids)} if ids else {}
    return [tickets[pk] for pk in reversed(ids) if pk in tickets]


def _doors() -> list[dict[str, str]]:
    return [
        {"name": row.name, "url": f"/d/{row.code}/", "note": row.host or f"/d/{row.code}/"}
        for row in District.objects.filter(is_active=True)
    ]
