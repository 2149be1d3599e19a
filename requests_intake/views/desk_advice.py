"""Whom a desk could send a ticket to, with reasons that can be checked against records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from governance.kernel import clock
from grids.reference import territory
from requests_intake.classification import LIKELY
from requests_intake.forms.choices import suggestions
from requests_intake.models import Ticket, WorkOrder
from requests_intake.reference import rules
from requests_intake.routing import DepartmentSuggestion, Reason

_DAYS = 90
_ALTERNATIVES = 3


def suggestion(ticket: Ticket) -> dict[str, Any] | None:
    """For ``components/suggestion.html``; None where nothing can be suggested. One statement."""
    found = suggestions(ticket)[: _ALTERNATIVES + 1]
    if not found:
        return None
    best, *others = found
    records = _records(ticket, best.organization.id)
    names = territory().organization_name
    return {
        "value": best.organization.id,
        "name": names(best.organization.id),
        "sure": Reason.MAIN_KIND in best.reasons and (ticket.category_confidence or 1) >= LIKELY,
        "reasons": [_because(ticket, best), *records][:3],
        "alternatives": [
            {"value": row.organization.id, "name": names(row.organization.id), "note": _short(row)} for row in others
        ],
    }


def _because(ticket: Ticket, found: DepartmentSuggestion) -> str:
    category = rules().category_name(ticket.category_id)
    if Reason.MAIN_KIND in found.reasons:
        return _("“{category}”归这类单位主办，{reach}").format(category=category, reach=_reach(ticket, found))
    if Reason.OTHER_KIND in found.reasons:
        return _("“{category}”也可由这类单位承办，{reach}").format(category=category, reach=_reach(ticket, found))
    return _("没有对口的部门时由它协调，{reach}").format(reach=_reach(ticket, found))


def _reach(ticket: Ticket, found: DepartmentSuggestion) -> str:
    names = territory().area_name
    if Reason.OWN_COMMUNITY in found.reasons:
        return _("服务{area}").format(area=names(ticket.community_id))
    return _("服务{area}").format(area=names(ticket.street_id)) if Reason.OWN_STREET in found.reasons else _("服务全区")


def _short(found: DepartmentSuggestion) -> str:
    if Reason.MAIN_KIND in found.reasons:
        return _("对口")
    return _("也可承办") if Reason.OTHER_KIND in found.reasons else _("协调")


def _records(ticket: Ticket, organization_id: int) -> list[str]:
    """What the organization did with such matters lately, and what it has at hand."""
    since = clock.now() - timedelta(days=_DAYS)
    same = Q(ticket__category_id=ticket.category_id, dispatched_at__gte=since)
    orders = WorkOrder.objects.filter(organization_id=organization_id).filter(Q(ended_at=None) | same)
    found = orders.aggregate(
        open=Count("pk", filter=Q(ended_at=None, resolved_at=None)),
        same=Count("pk", filter=same),
        done=Count("pk", filter=same & Q(resolved_at__isnull=False)),
    )
    lines = []
    if found["same"]:
        lines.append(_("近 {days} 天同类 {same} 件派给它，办结 {done} 件").format(days=_DAYS, **found))
    lines.append(_("手上在办 {open} 件").format(**found))
    return lines
