"""The numbers around the inbox, for a page that is already open: asked again and again, mostly answered by 304."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from requests_intake.desks.queries import view_counts, views_of
from requests_intake.queries import QUEUES, TicketFilter, channel_counts, totals_of
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, around, column_below, first_queue


def counted(request: HttpRequest) -> dict[str, int]:
    """Numbers by the names the page marks them with (``data-count``); three or four statements."""
    actor = actor_of_page(request)
    found, groups = TicketFilter.from_query(request.GET, queue=first_queue(actor)), around(actor)
    numbers = {f"q-{name}": sum(row[name] for row in groups) for name, queue in QUEUES.items() if queue.is_open}
    numbers |= {f"a-{area}": number for area, number in totals_of(groups, column_below(actor)).items()}
    numbers |= {f"v-{pk}": number for pk, number in view_counts(actor, views_of(actor)).items()}
    if QUEUES[found.queue].is_open and found.as_query().keys() == {"queue"}:
        channels: dict[Any, int] = totals_of(groups, "channel", found.queue)
    else:
        channels = channel_counts(actor, found)
    return numbers | {f"c-{code}": number for code, number in channels.items()} | {"total": sum(channels.values())}


@staff_required(kinds=DESK_KINDS)
@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """Takes the address of a list; ``counts`` of it and of what stands around it."""
    body = {"counts": counted(request)}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
    response = JsonResponse(body)
    # The numbers are the person's own: no shared cache may hold them.
    patch_cache_control(response, private=True, no_cache=True)
    response["ETag"] = f'"{digest}"'
    return get_conditional_response(request, etag=f'"{digest}"', response=response) or response
