"""Visits on pages of the register and of the apps above: their templates name these tags."""

from __future__ import annotations

from typing import Any

from django import template

from grids.households.models import Household
from grids.households.policies import HouseholdPolicy
from grids.visits.care import care_of, overdue
from grids.visits.contacts import members_for
from grids.visits.due import to_visit
from grids.visits.models import CareObject, Visit
from grids.visits.presentation.visits import visit_lines, waiting_lines
from grids.visits.views.surface import DESK, PHONE

register = template.Library()
SHOWN = 3


@register.inclusion_tag("visits/_of_household.html", takes_context=True)
def visits_of_household(context: dict[str, Any], home: Household) -> dict[str, Any]:
    """The newest visits of a household, care and contacts, on the surface one is at; four statements."""
    surface = PHONE if context["surface"].templates == "worker" else DESK
    rows = Visit.objects.filter(household=home, withdrawn_at=None).order_by("-at", "-pk")[:SHOWN]
    return {
        "visits": visit_lines(rows, context["request"].actor),
        "log_url": surface.url("log", home.pk) if home.ended_on is None else "",
        "all_url": surface.url("household", home.pk),
        "cares": [
            {
                "url": surface.url("care_of", care.pk),
                "words": f"{care.get_category_display()}·{care.get_level_display()}",
            }
            for care in CareObject.objects.filter(household=home, ended_on=None).order_by("pk")
        ],
        "members": [link.member.public_name for link in members_for(home.pk)],
        "care_url": surface.url("care_new", home.pk),
        "hub_url": surface.url("hub_new", home.pk),
    }


@register.inclusion_tag("visits/_next.html", takes_context=True)
def visits_to_make(context: dict[str, Any]) -> dict[str, Any]:
    """The first households the signed-in worker is to visit, and how many wait too long for a contact (red)."""
    actor = context["request"].actor
    rows = list(to_visit(HouseholdPolicy.visible(actor))[:SHOWN])
    return {
        "rows": waiting_lines(rows, actor),
        "all_url": PHONE.url("index"),
        "late": overdue(care_of(actor)).count(),
        "late_url": f"{PHONE.url('care')}?show=over",
    }
