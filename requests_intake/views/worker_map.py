"""我的网格 on a map: borders, buildings and open matters, with the same as a list below."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.kernel.actors import Actor
from grids.households.views.grid import tabs_of
from grids.households.views.surface import PHONE
from grids.models import Building
from grids.reference import territory
from grids.views.maps import datum, map_context, map_page
from grids.visits.presentation.hubs import hubs_on_map
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.views.worker_frame import card, inner, own_grids, worker_required

MOST = 20
BUILDINGS = 40


@worker_required
@map_page
@require_safe
def own_map(request: HttpRequest) -> HttpResponse:
    """``grid``: one of the own grids, the first unless said."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    grids = own_grids(actor)
    grid = next((row for row in grids if str(row.id) == request.GET.get("grid", "")), grids[0] if grids else None)
    rows = tickets_of(actor, TicketFilter(queue="open")).filter(grid_id=grid.id if grid else None)
    tickets = list(rows[: MOST + 1])
    buildings = Building.objects.filter(grid_id=grid.id if grid else None, ended_on=None).order_by("name", "pk")
    here = reverse("worker:map")
    hubs = hubs_on_map(actor, grid, datum())
    context = inner(
        _("网格地图"), reverse("worker:home"), **tabs_of(request, PHONE, "map"), grid=grid,
        grids=[
            {"label": row.name, "url": f"{here}?grid={row.id}", "current": row == grid, "count": None} for row in grids
        ] if len(grids) > 1 else [],
        cards=[card(row) for row in tickets[:MOST]], has_more=len(tickets) > MOST,
        hubs=hubs,
        page=Paginator(buildings.select_related("compound"), BUILDINGS).get_page(request.GET.get("page")),
        map=map_context(
            grid.id if grid else territory().district_area_id, tickets=reverse("api:map-tickets"), queue="open",
            ticket=reverse("worker:tickets"), label=_("网格边界、楼栋和诉求"), is_leaf=True, locate=True,
            hubs=hubs,
        ),
    )  # fmt: skip
    return render(request, "worker/map.html", context)
