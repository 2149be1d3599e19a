"""事: the matters of the own grids, beside their people, places, things and organizations."""

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
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.views.worker_frame import card, inner, own_grids, worker_required

PAGE = 30


@worker_required
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Open ones, or those that are over (``show=finished``)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    show = "finished" if request.GET.get("show") == "finished" else "open"
    rows = tickets_of(actor, TicketFilter(queue=show)).filter(grid_id__in=[area.id for area in own_grids(actor)])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    address = reverse("worker:grid_events")
    labels = {"open": _("没办完"), "finished": _("已办完")}
    context = inner(
        _("我的网格"), reverse("worker:home"), **tabs_of(request, PHONE, "events"), page=page,
        cards=[card(row) for row in page.object_list],
        segments=[
            {"label": label, "url": f"{address}?show={name}", "current": name == show, "count": None}
            for name, label in labels.items()
        ],
    )  # fmt: skip
    return render(request, "worker/grid_events.html", context)
