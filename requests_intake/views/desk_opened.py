"""Who opened the number of a ticket's requester, for those who answer for the ticket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.privacy.queries import described, openings_of
from requests_intake.actions.anonymize import OBJECT_KIND
from requests_intake.policies import find_visible
from requests_intake.views.desk_parts import actor_of_page, page_frame, safe_next

# Leaders answer for what their people look at; the supervisor and the centre for everybody.
READERS = frozenset(
    {
        "grid_leader", "community_secretary", "street_leader", "department_leader", "district_dispatcher",
        "supervisor",
    }
)  # fmt: skip
SHOWN = 200


@never_cache
@staff_required(kinds=READERS)
@require_safe
def opened(request: HttpRequest, number: str) -> HttpResponse:
    ticket = find_visible(actor_of_page(request), number)
    context = {
        **page_frame(request),
        "ticket": ticket,
        "rows": described(list(openings_of(OBJECT_KIND, ticket.pk)[:SHOWN])),
        "back": safe_next(request, reverse("desk:ticket", args=[ticket.number])),
    }
    return render(request, "desk/opened.html", context)
