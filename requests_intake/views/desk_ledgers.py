"""台账: every list kept beside the inbox, with what waits in each for who is looking."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from requests_intake.ledgers import ledgers_of
from requests_intake.mediation import MEDIATOR
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame


@staff_required(kinds=DESK_KINDS | {MEDIATOR})
@require_safe
def ledgers(request: HttpRequest) -> HttpResponse:
    actor = actor_of_page(request)
    groups: dict[str, list[dict[str, Any]]] = {}
    for ledger in ledgers_of(actor):
        row = {
            "title": ledger.title,
            "about": ledger.about,
            "url": reverse(ledger.url_name),
            "icon": ledger.icon,
            "waiting": ledger.waiting(actor) if ledger.waiting else None,
        }
        groups.setdefault(str(ledger.group), []).append(row)
    context = {**page_frame(request), "groups": [{"title": title, "rows": rows} for title, rows in groups.items()]}
    return render(request, "desk/ledgers.html", context)
