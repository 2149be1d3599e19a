"""地图: grids, compounds and open tickets of one's place, and beside it the list that says the same."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from grids.reference import AreaRef, territory
from grids.views.maps import datum, map_context, map_page
from grids.visits.presentation.hubs import hubs_on_map
from requests_intake import presentation
from requests_intake.queries import QUEUES, TicketFilter, tickets_of
from requests_intake.ticket_map import QUEUES_SHOWN, counts_in, root_of, without_place
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, inbox_url, page_frame

LISTED = 15
"""Tickets beside the map, the most pressing; the inbox has all."""


@staff_required(kinds=DESK_KINDS | {"district_official"})
@map_page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """``area``: how deep one has gone, within one's own place; ``queue``: open, over or soon."""
    actor, places = actor_of_page(request), territory()
    root = root_of(actor)
    wanted = request.GET.get("area", "")
    area = places.areas.get(int(wanted)) if wanted.isascii() and wanted.isdigit() else _first(root)
    if area is None or (not area.is_within(root)):
        raise Http404
    queue = request.GET.get("queue", "")
    queue = queue if queue in QUEUES_SHOWN else "open"
    here = reverse("desk:map")
    rows = counts_in(actor, area, queue)
    hubs = hubs_on_map(actor, area, datum())
    tickets = list(tickets_of(actor, TicketFilter(queue=queue, area_id=area.id))[: LISTED + 1])

    def address(area_id: int, queue: str = queue) -> str:
        return f"{here}?{urlencode({'area': area_id} | ({'queue': queue} if queue != 'open' else {}))}"

    context = {
        **page_frame(request),
        "area": area,
        "trail": [{"name": row.name, "url": address(row.id)} for row in _above(area, root)],
        "segments": [
            {"label": str(QUEUES[name].label), "url": address(area.id, name), "current": name == queue, "count": None}
            for name in QUEUES_SHOWN
        ],
        "rows": [{"count": row, "url": address(row.area.id)} for row in rows],
        "tickets": [presentation.list_row(row) for row in tickets[:LISTED]],
        "hubs": hubs,
        "has_more": len(tickets) > LISTED,
        "inbox": inbox_url(TicketFilter(queue=queue, area_id=area.id)) if actor.role_kinds & DESK_KINDS else "",
        "unplaced": without_place(actor, area, queue),
        "map": map_context(
            area.id, tickets=reverse("api:map-tickets"), queue=queue, go=here, ticket=reverse("desk:inbox"),
            label=_("{area}的网格和诉求").format(area=area.name), is_leaf=area.level == "grid", hubs=hubs,
        ),
    }  # fmt: skip
    return render(request, "desk/map.html", context)


def _first(root: AreaRef) -> AreaRef:
    """Where the map opens: an area with one part alone would only show that part's border."""
    below = territory().children(root.id)
    return _first(below[0]) if len(below) == 1 and below[0].level != "grid" else root


def _above(area: AreaRef, root: AreaRef) -> list[AreaRef]:
    """From the root down to the area's parent."""
    places, found = territory(), []
    while area.id != root.id and area.parent_id is not None:
        area = places.areas[area.parent_id]
        found.append(area)
    return found[::-1]
