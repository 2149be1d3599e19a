"""Saved views, and the visits a secretary owes, among the lists on the left of the inbox."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.visits.care import care_of, overdue
from grids.visits.must import open_tasks
from grids.visits.policies import SECRETARY
from requests_intake.desks.models import SavedView
from requests_intake.desks.queries import view_counts
from requests_intake.queries import TicketFilter
from requests_intake.views.desk_parts import inbox_url


def views_group(actor: Actor, found: TicketFilter, views: list[SavedView]) -> dict[str, Any]:
    """For ``components/rail.html``: each view with its number, and the way to keep what one is looking at."""
    counts, here = view_counts(actor, views), found.as_query()
    filters = [(view, TicketFilter.from_query(view.query)) for view in views]
    items: list[dict[str, Any]] = [
        {
            "label": view.name,
            "url": inbox_url(asked),
            "count": counts.get(view.pk),
            "key": f"v-{view.pk}",
            "current": asked.as_query() == here,
            "icon": "users" if view.is_shared else "filter",
        }
        for view, asked in filters
    ]
    if not any(item["current"] for item in items):
        keep = f"{reverse('desk:view_new')}?{urlencode(here)}"
        items.append({"label": _("存下当前条件"), "url": keep, "icon": "plus", "is_dialog": True, "count": None})
    items.append({"label": _("视图和常用语"), "url": reverse("desk:views"), "icon": "list", "count": None})
    return {"title": _("我存的视图"), "items": items}


def visits_group(actor: Actor) -> dict[str, Any]:
    """For ``components/rail.html``: 必到必访 (S2-14) and who waits too long for a contact (S1-20), for the secretary
    whose duty they are. Two statements; nothing and none for everybody else, and no line where nothing waits."""
    group: dict[str, Any] = {"title": _("要上门的"), "items": []}
    if SECRETARY not in actor.role_kinds:
        return group
    must = open_tasks(actor).order_by().aggregate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=clock.now())))
    here, care = reverse("visits_desk:must"), reverse("visits_desk:care")
    if must["n"]:
        item = {"label": _("必到必访"), "url": here, "count": must["n"], "icon": "walk"}
        group["items"].append(item | ({"state": "over"} if must["late"] else {}))
    if waiting := overdue(care_of(actor)).count():
        url = f"{care}?show=over"
        group["items"].append({"label": _("该联系没联系"), "url": url, "count": waiting, "state": "over"})
    return group
