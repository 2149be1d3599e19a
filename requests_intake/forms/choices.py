"""Choices of forms: organizations, categories and communities of the district, from the cached reference data."""

from __future__ import annotations

from django.utils.translation import gettext as _

from grids.models import Level
from grids.reference import OrganizationRef, territory
from requests_intake import routing
from requests_intake.models import Ticket
from requests_intake.reference import rules

Choices = list[tuple[object, object]]


def suggestions(ticket: Ticket) -> list[routing.DepartmentSuggestion]:
    """Whom the ticket could be sent to, best first, without who holds it now (``routing.suggest_departments``)."""
    category = rules().categories.get(ticket.category_id) if ticket.category_id else None
    if category is None:
        return []
    found = routing.suggest_departments(category.pure, rules().organizations, ticket.street_id, ticket.community_id)
    return [row for row in found if row.organization.id not in (held_by(ticket), ticket.about_id)]


def held_by(ticket: Ticket) -> int | None:
    """The organization that has the ticket's order now; None before the first dispatch."""
    return ticket.organization_id if ticket.state == "handling" else None


def organizations(ticket: Ticket) -> Choices:
    """All organizations in groups: the teams stationed with the ticket's street, which it sends itself (S4-04),
    suggested ones, those of the ticket's own place, then the rest by level."""
    found = territory()
    suggested = [row.organization.id for row in suggestions(ticket)]
    place = (ticket.grid_id, ticket.community_id, ticket.street_id, found.district_area_id)
    chain = [found.own[area_id] for area_id in place if area_id is not None and area_id in found.own]
    stationed = [row.id for row in found.organizations.values() if _is_stationed(row, ticket)]
    groups: dict[str, list[int]] = {_("派驻队伍，街道直接调派"): stationed, _("建议"): suggested, _("本地"): chain}
    for row in found.organizations.values():
        groups.setdefault(str(Level(row.level).label), []).append(row.id)
    seen = {held_by(ticket), ticket.about_id}
    choices: Choices = [("", _("请选择"))]
    for label, ids in groups.items():
        members = [(pk, found.organization_name(pk)) for pk in ids if pk not in seen]
        seen |= set(ids)
        if members:
            choices.append((label, members))
    return choices


def _is_stationed(row: OrganizationRef, ticket: Ticket) -> bool:
    return row.stationed_street_id is not None and row.stationed_street_id == ticket.street_id


def categories() -> Choices:
    """Second-level categories grouped under their first level; the value is the code."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for ref in rules().categories.values():
        if ref.parent_id is not None:
            groups.setdefault(ref.pure.parent_name, []).append((ref.code, ref.name))
    return [("", _("请选择")), *groups.items()]


def communities() -> Choices:
    """Communities grouped by street."""
    found = territory()
    groups: dict[str, list[tuple[int, str]]] = {}
    for area in found.at_level("community"):
        groups.setdefault(found.area_name(area.street_id), []).append((area.id, area.name))
    return list(groups.items())
