"""What is printed: the slip with number and code to scan, and the blank form for letter boxes and notice boards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.kernel import clock
from grids.reference import territory
from requests_intake.actions.submit import CONTENT_LENGTH
from requests_intake.channels import entry_channels
from requests_intake.models import Channel
from requests_intake.policies import find_visible
from requests_intake.presentation.slip import code_to_scan, public_address, track_address
from requests_intake.views.desk_parts import actor_of_page, own_area, safe_next
from requests_intake.views.intake_codes import fresh_code
from requests_intake.workflow import RECORDERS

PAPERS = ("a5", "80")
_ON_PAPER = (Channel.LETTER_BOX, Channel.NOTICE_BOARD, Channel.COUNTER, Channel.DOOR, Channel.MORNING_WALK)
_LINES = 9


@never_cache
@staff_required
@require_safe
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """回执: for whoever may see the ticket. No word of the matter and nobody's name stands on it: it lies about."""
    ticket = find_visible(actor_of_page(request), number)
    wanted = request.GET.get("paper", "")
    paper = wanted if wanted in PAPERS else "a5"
    places = territory()
    context = {
        "ticket": ticket,
        "paper": paper,
        "papers": [
            {"label": label, "url": f"?paper={code}", "current": code == paper, "count": None}
            for code, label in (("a5", _("A5 纸")), ("80", _("80 毫米小票")))
        ],
        "place": places.area_name(ticket.community_id) or places.area_name(ticket.street_id),
        "qr": code_to_scan(track_address(request, ticket.number)),
        "address": public_address(request, "resident:track"),
        "code": fresh_code(request, ticket.number),
        "has_phone": bool(ticket.requester_id and ticket.requester and ticket.requester.tail_hash),
        "hotline": request.district.hotline,  # type: ignore[attr-defined]
        "back": safe_next(request, reverse("desk:ticket", args=[ticket.number])),
    }
    return render(request, "desk/slip.html", context)


@staff_required(kinds=RECORDERS)
@require_safe
def blank(request: HttpRequest) -> HttpResponse:
    """登记纸: what people write on and put into the box; entered later under 意见箱, 留言板 and so on."""
    actor = actor_of_page(request)
    area = own_area(actor)
    context = {
        "place": territory().area_name(area) if area is not None else request.district.name,  # type: ignore[attr-defined]
        "channels": [name for _code, name in entry_channels(actor, among=_ON_PAPER)],
        "lines": range(_LINES),
        "qr": code_to_scan(public_address(request, "resident:report")),
        "track": public_address(request, "resident:track"),
        "hotline": request.district.hotline,  # type: ignore[attr-defined]
        "year": clock.today().year,
        "most": CONTENT_LENGTH,
        "back": safe_next(request, reverse("desk:new")),
    }
    return render(request, "desk/paper.html", context)
