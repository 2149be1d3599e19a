"""What was found on a patrol, for pages of an app below; and who was at a matter together, by role (S3-32)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from grids.joint import seats_of
from grids.patrols.models import PatrolCrew
from grids.patrols.queries import crew_words
from grids.reference import territory
from requests_intake.models import Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.presentation import remaining

register = template.Library()
AT_MOST = 50


@register.simple_tag(takes_context=True)
def finds_of(context: Mapping[str, Any], patrol_id: int, surface: str) -> list[dict[str, Any]]:
    """Matters recorded during a patrol which the reader may see, the first found first. One statement.

    ``surface``: whose page of a matter they lead to, ``worker`` or ``desk``.
    """
    actor = context["request"].actor
    rows = TicketPolicy.visible(actor).filter(patrol_id=patrol_id).order_by("pk")[:AT_MOST]
    found = [(row, remaining(row)) for row in rows]
    return [
        {
            "url": reverse(f"{surface}:ticket", args=[row.number]),
            "number": row.number,
            "title": row.title,
            "state": left["state"],
            "left": left["text"],
            "note": row.number,
        }
        for row, left in found
    ]


@register.simple_tag
def crews_of(ticket: Ticket) -> list[dict[str, str]]:
    """For ``components/crews.html``: one statement for what was found on a patrol, else none."""
    found = []
    if ticket.patrol_id is not None:
        words = crew_words(PatrolCrew.objects.filter(patrol_id=ticket.patrol_id).order_by("pk"))
        if words:
            found.append({"title": _("联防巡查发现"), "text": words})
    seats = seats_of(ticket.organization_id)
    if seats:
        text = "、".join(f"{seat.role}（{'、'.join(seat.homes)}）" if seat.homes else seat.role for seat in seats)
        found.append({"title": territory().organization_name(ticket.organization_id), "text": text})
    return found
