"""Tickets on pages of visits, which lie below and know nothing of them."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from requests_intake.actions.visit_tickets import tickets_of_visits

register = template.Library()


@register.simple_tag(takes_context=True)
def raised_at(context: dict[str, Any], visits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What came of the visits shown, with its address on the surface one is at; one statement."""
    name = "worker:ticket" if context["surface"].templates == "worker" else "desk:ticket"
    rows = tickets_of_visits(context["request"].actor, [visit["pk"] for visit in visits])
    return [{"number": row.number, "title": row.title, "url": reverse(name, args=[row.number])} for row in rows]
