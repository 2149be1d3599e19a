"""The circle of a restricted ticket (知悉范围): the one place that says who is inside.

Inside of a letter is the secretary of the community it was written to, and nobody else. Inside of every other one are
the organization that holds its order now and those that help it (not those that held it before), the district's
confidential desk, and people named one by one. Whoever holds a post in the organization it is about is
outside, whatever else they are. Lists, search, exports, the API, photos and notices all ask here, through
``policies.TicketPolicy``; docs/adr tells why.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from governance.kernel.actors import Actor, Role
from grids.models import Level
from grids.reference import Holder, territory
from requests_intake import workflow
from requests_intake.models import CaseMember, Channel, Ticket, WorkOrder

HANDLERS = workflow.RECORDERS - workflow.ONLINE_ONLY
"""Kinds of post that are inside while their organization has an order of it."""
ADDRESSEE = "community_secretary"
"""To whom letters are written (书记直通车, S2-12)."""
STANDS_IN = "district_dispatcher"
"""Keeps the confidential desk where nobody holds its post (缺岗)."""


def desk_kinds() -> frozenset[str]:
    """Kinds of post that keep the confidential desk today."""
    places = territory()
    held = any(row.kind == workflow.REPORT_DESK for row in places.serving(places.center().id))
    return frozenset({workflow.REPORT_DESK}) if held else frozenset({workflow.REPORT_DESK, STANDS_IN})


def desk() -> tuple[Holder, ...]:
    """Who keeps it."""
    kinds, places = desk_kinds(), territory()
    return tuple(row for row in places.serving(places.center().id) if row.kind in kinds)


def _keeps_desk(role: Role) -> bool:
    return role.level == Level.DISTRICT and role.area_id is not None and role.kind in desk_kinds()


def handling(actor: Actor) -> set[int]:
    """Organizations below the district whose orders the actor handles: at the centre only the desk is inside."""
    return {
        role.organization_id
        for role in actor.roles
        if role.organization_id is not None and role.kind in HANDLERS and role.level != Level.DISTRICT
    }


def inside(actor: Actor) -> Q | None:
    """The restricted tickets in whose circle somebody is, as a condition on tickets; None where there can be none."""
    if actor.membership_id is None:
        return None
    named = CaseMember.objects.filter(membership_id=actor.membership_id, until=None)
    found = Q(pk__in=named.values("ticket_id"))
    own = handling(actor)
    if own:
        orders = WorkOrder.objects.filter(organization_id__in=own, ended_at=None)
        found |= Q(organization_id__in=own) | Q(pk__in=orders.values("ticket_id"))
    if any(_keeps_desk(role) for role in actor.roles):
        found = Q(pk__isnull=False)
    # A letter is for the secretary alone, whoever works in the same office.
    letters = Q(channel=Channel.TO_SECRETARY)
    found &= ~letters
    addressed = {role.area_id for role in actor.roles if role.kind == ADDRESSEE and role.level == Level.COMMUNITY}
    if addressed:
        found |= letters & Q(community_id__in=addressed)
    belongs = {role.organization_id for role in actor.roles if role.organization_id is not None}
    # Of a report about nobody the column is empty, and NOT IN would be unknown.
    return Q(is_restricted=True) & found & (Q(about=None) | ~Q(about_id__in=belongs))


def told(ticket: Ticket, holders: Iterable[Holder], *, also_desk: bool = False) -> list[Holder]:
    """Those of ``holders`` who are inside, and the desk where it is asked for. Others are told nothing."""
    if not ticket.is_restricted:
        return list(holders)
    places, kinds = territory(), desk_kinds()
    center = places.center().id
    holding = {ticket.organization_id, *helping(ticket)} - {center}
    named = set(CaseMember.objects.filter(ticket=ticket, until=None).values_list("membership_id", flat=True))
    about = {row.membership_id for row in places.serving(ticket.about_id)} if ticket.about_id is not None else set()
    if ticket.is_letter:
        own = places.own.get(ticket.community_id or 0)
        return [row for row in (places.serving(own) if own else ()) if row.kind == ADDRESSEE]
    candidates = [*holders, *(desk() if also_desk else ())]
    return [
        row
        for row in candidates
        if row.membership_id not in about
        and (
            row.membership_id in named
            or (row.organization_id in holding and row.kind in HANDLERS)
            or (row.organization_id == center and row.kind in kinds)
        )
    ]


def helping(ticket: Ticket) -> list[int]:
    """Organizations with an order of it that has not ended, the lead one among them."""
    return list(WorkOrder.objects.filter(ticket=ticket, ended_at=None).values_list("organization_id", flat=True))
