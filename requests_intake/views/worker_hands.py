"""Several hands on the phone: the pool one takes orders out of, and what the own team helps others with."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake.forms.moves import MoveForm, fresh_key
from requests_intake.models import Ticket
from requests_intake.pool import CLAIMERS, pools_of
from requests_intake.presentation.hands import own_clocks
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.views.worker_frame import KINDS, card, frame

PAGE = 30
SHOWN = 3
"""How many of the pool stand on the first page; the others behind 全部."""
POOL, HELPING = TicketFilter(queue="pool"), TicketFilter(queue="helping")


@staff_required(kinds=CLAIMERS.intersection(KINDS))
@require_safe
def pool(request: HttpRequest) -> HttpResponse:
    """接单池: what several could take on and nobody has, by remaining time; one tap each."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = Paginator(tickets_of(actor, POOL), PAGE).get_page(request.GET.get("page"))
    context = frame(
        request, "home", page=page, cards=pool_cards(page.object_list), is_pool=bool(pools_of(actor)), place="pool"
    )
    return render(request, "worker/pool.html", context)


def pool_cards(tickets: Any) -> list[dict[str, Any]]:
    """Cards with the key of the form that claims, and which grid it lies in. No statement of their own."""
    places = territory()
    return [
        {**found, "key": fresh_key(), "note": "·".join(filter(None, (places.area_name(row.grid_id), found["note"])))}
        for row in tickets
        for found in (card(row),)
    ]


def of_pool(actor: Actor) -> dict[str, Any]:
    """The beginning of the pool for the first page: ``pool`` cards and ``in_pool``, how many there are."""
    if not pools_of(actor):
        return {"pool": [], "in_pool": 0}
    rows = tickets_of(actor, POOL)
    return {"pool": pool_cards(rows[:SHOWN]), "in_pool": rows.count()}


def helping_cards(actor: Actor, at_most: int) -> list[dict[str, Any]]:
    """What the own team helps with, each with the team's own clock; two statements, one where there is nothing."""
    rows: list[Ticket] = list(tickets_of(actor, HELPING)[:at_most])
    own = own_clocks([row.pk for row in rows], actor) if rows else {}
    lead = territory().organization_name
    return [
        {
            **card(row),
            "state": own[row.pk]["state"],
            "left": own[row.pk]["text"],
            "note": _("{lead}主办·{note}").format(lead=lead(row.organization_id), note=card(row)["note"]),
        }
        for row in rows
    ]


def too_late_to_claim(request: HttpRequest, form: MoveForm) -> HttpResponse:
    """Somebody else was faster: one reads who, and is back at the list one came from."""
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.warning(request, str(sentence))
    return redirect("worker:pool" if request.POST.get("from") == "pool" else "worker:home")
