"""The newest announcements on pages of apps below: their templates name these tags, their code knows nothing of it."""

from __future__ import annotations

from typing import Any

from django import template

from services.policies import publishing_organizations
from services.queries import public_announcements, received, unread_count
from services.views.cards import card
from services.views.resident import remembered_place

register = template.Library()
SHOWN = 3


@register.inclusion_tag("resident/_announcements.html", takes_context=True)
def newest_announcements(context: dict[str, Any]) -> dict[str, Any]:
    """The newest of the place this device remembers (of the district where it remembers none)."""
    place = remembered_place(context["request"])
    return {"cards": [card(row) for row in public_announcements(place)[:SHOWN]], "place": place}


@register.inclusion_tag("worker/_announcements.html", takes_context=True)
def announcements_to_me(context: dict[str, Any]) -> dict[str, Any]:
    """How many announcements to the signed-in worker wait to be read; nothing is shown where none does."""
    return {"count": unread_count(context["request"].actor)}


@register.inclusion_tag("worker/_newest.html", takes_context=True)
def newest_to_me(context: dict[str, Any]) -> dict[str, Any]:
    """The newest addressed to the signed-in head of a building or unit, and how many wait to be read."""
    actor = context["request"].actor
    return {"cards": [card(row) for row in received(actor)[:SHOWN]], "count": unread_count(actor)}


@register.simple_tag(takes_context=True)
def may_announce(context: dict[str, Any]) -> bool:
    """Whether the signed-in member may publish; no statement. On a phone the desk's menu would cost one tap more."""
    return bool(publishing_organizations(context["request"].actor))
