"""Canvasses on the worker's first page: its template names the tag."""

from __future__ import annotations

from typing import Any

from django import template

from governance.kernel import clock
from grids.canvasses.policies import CanvassPolicy
from grids.canvasses.views.surface import PHONE
from grids.households.policies import kept_grids

register = template.Library()
SHOWN = 3


@register.inclusion_tag("canvasses/_today.html", takes_context=True)
def canvasses_to_ask(context: dict[str, Any]) -> dict[str, Any]:
    """Those that run today in places whose households the signed-in member keeps, the first to end first; one
    statement."""
    actor, today = context["request"].actor, clock.today()
    if not kept_grids(actor):
        return {"rows": []}
    running = CanvassPolicy.visible(actor).filter(
        started_at__isnull=False, ended_at=None, erased_at=None, begins_on__lte=today, ends_on__gte=today
    )
    rows = running.order_by("ends_on", "pk").values_list("pk", "title", "ends_on")[:SHOWN]
    return {
        "rows": [{"url": PHONE.url("list", pk), "title": title, "ends_on": ends_on} for pk, title, ends_on in rows],
        "all_url": PHONE.url("index"),
    }
