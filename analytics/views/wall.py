"""大屏: the official's numbers for a wall of 1920×1080, without a bar to scroll; the page fetches itself anew."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analytics.board import board
from analytics.views.board import KINDS, figure_of, line_rows, ticket_row, voice_of
from analytics.views.trend import map_of
from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.queries import QUEUES, TicketFilter, tickets_of

_SHOWN, _STREETS = 5, 6
"""What fits: rows of each list, streets of the table; the map has all of them."""
_TODAY = ("new_today", "closed_today")


@staff_required(kinds=KINDS)
@never_cache
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = board(actor)
    states, here = found.states, request.get_full_path()
    now = clock.local(clock.now())

    def rows(wanted: TicketFilter) -> list[dict[str, Any]]:
        return [ticket_row(ticket, here) for ticket in tickets_of(actor, wanted)[:_SHOWN]]

    key = [
        {**figure_of(states["open"]), "label": QUEUES["open"].label, "state": ""},
        {**figure_of(states["over"]), "label": QUEUES["over"].label, "state": "over"},
        {**figure_of(states["soon"]), "label": QUEUES["soon"].label, "state": "soon"},
        {**figure_of(found.critical), "label": _("特急"), "state": ""},
        *({**figure_of(found.outcomes[name]), "label": QUEUES[name].label, "state": ""} for name in _TODAY),
    ]
    context = {
        "as_of": now,
        "key": key,
        "over": {**figure_of(states["over"]), "rows": rows(TicketFilter(queue="over"))},
        "critical": {**figure_of(found.critical), "rows": rows(TicketFilter(urgency="critical"))},
        "streets": line_rows(found.streets[:_STREETS]),
        "levels": line_rows(found.levels),
        "voice": voice_of(found),
        "map": map_of(found.streets),
        "wall": True,
    }
    return render(request, "board/wall.html", context)
