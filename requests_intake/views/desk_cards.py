"""Printing 邻里连心卡 (S1-14): A6, for the stairwell; a compound at a time, each card with the code of its building."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from requests_intake.forms.places import BuildingName
from requests_intake.neighbour_cards import buildings_of, card_of
from requests_intake.presentation.slip import code_to_scan, public_address
from requests_intake.views.desk_parts import actor_of_page, safe_next

KINDS = frozenset({
    "grid_worker", "grid_leader", "community_staff", "community_secretary", "street_dispatcher", "street_leader",
})  # fmt: skip
AT_ONCE = 60
"""Cards on one page; a larger compound is printed in parts."""


@never_cache
@staff_required(kinds=KINDS)
@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """The cards of a compound of one's own place (``place``), or of one building (``building``)."""
    own = buildings_of(actor_of_page(request))
    groups: dict[str, list[BuildingName]] = {}
    for row in own:
        groups.setdefault(f"{row.community}·{row.compound or _('其他楼栋')}", []).append(row)
    chosen = request.GET.get("place", "")
    wanted = request.GET.get("building", "")
    rows = (
        [row for row in own if str(row.id) == wanted] if wanted else groups.get(chosen, next(iter(groups.values()), []))
    )
    part = request.GET.get("part", "1")
    first = (int(part) - 1 if part.isascii() and part.isdigit() and 0 < int(part) < 1000 else 0) * AT_ONCE
    shown = rows[first : first + AT_ONCE]
    context = {
        "places": list(groups),
        "chosen": chosen or next(iter(groups), ""),
        "cards": [
            {"card": card, "qr": code_to_scan(public_address(request, "resident:card", args=[row.id]))}
            for row in shown
            if (card := card_of(row.id)) is not None
        ],
        "parts": [str(number + 1) for number in range(-(-len(rows) // AT_ONCE))] if len(rows) > AT_ONCE else [],
        "part": part,
        "back": safe_next(request, reverse("desk:inbox")),
    }
    return render(request, "desk/cards.html", context)
