"""What of tickets goes along when grids are split or merged (``grids.territory.following``, ADR 51).

What is finished stays where it was counted. What is open lies in the new grid from then on; an order in the hands of a
team that lost the place is handed to the team that has it now: a new order, cut to the promise like any other. What has
been reported done and waits to be looked at stops a merge: its looks belong to a round that has begun.
"""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.models import Area
from grids.reference import territory
from grids.territory.following import Moved, follow
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.models import GridMessage, Ticket, WorkOrder
from requests_intake.workflow import FINISHED, ORDER_OPEN, TicketState

_SYSTEM = Actor.system("grid-change")


def tickets_follow(moved: Moved) -> int:
    """Open tickets of the buildings that moved, and all of a grid that ends."""
    here = Q(building_id__in=moved.to)
    if moved.heir is not None:
        here |= Q(grid_id=moved.grid.pk)
    rows = list(
        Ticket.objects.select_for_update(of=("self",))
        .filter(here, grid_id=moved.grid.pk).exclude(state__in=FINISHED).order_by("pk")
    )  # fmt: skip
    _refuse_half_done(moved, rows)
    groups: dict[int, list[int]] = defaultdict(list)
    grids: dict[int, Area] = {}
    for row in rows:
        new = moved.to.get(row.building_id or 0) or moved.heir
        assert new is not None
        grids[new.pk] = new
        groups[new.pk].append(row.pk)
    for pk, tickets in groups.items():
        Ticket.objects.filter(pk__in=tickets).update(grid_id=pk)
        Ticket.objects.filter(pk__in=tickets, area_id=moved.grid.pk).update(area_id=pk)
    places = territory()
    team = places.own.get(moved.grid.pk)
    for row in rows:
        if row.organization_id == team and row.state == TicketState.HANDLING.value:
            new = moved.to.get(row.building_id or 0) or moved.heir
            assert new is not None
            _hand_over(Ticket.objects.get(pk=row.pk), places.own[new.pk], moved.grid.name, new.name)
    return len(rows)


def _hand_over(ticket: Ticket, team: int, old: str, new: str) -> None:
    note = _("网格调整：{old}的这一片归{new}").format(old=old, new=new)
    dispatch_ticket(ticket, organization_id=team, actor=_SYSTEM, note=note)


def _refuse_half_done(moved: Moved, rows: list[Ticket]) -> None:
    """Only a merge: the team ends, and what it has reported done or helps with would have nobody."""
    if moved.heir is None:
        return
    team = territory().own.get(moved.grid.pk)
    lead = Q(role=WorkOrder.Role.LEAD, ticket__state=TicketState.RESOLVED.value)
    halted = Q(role=WorkOrder.Role.LEAD) & ~Q(state__in=[state.value for state in ORDER_OPEN])
    helping = Q(role=WorkOrder.Role.CO_HANDLING)
    left = WorkOrder.objects.filter(lead | halted | helping, organization_id=team, ended_at=None).distinct()
    if left.exists():
        shown = left.filter(ticket__is_restricted=False).count()
        words = _("这里暂时还不能并，请过些时候再试。")
        if shown:
            words = _("原网格还有 {count} 张工单在等核查、暂停或协办，先办完再批准。").format(count=shown)
        raise DomainError("orders_half_done", words, count=shown)


def messages_follow(moved: Moved) -> int:
    """The circle of a grid that ends is read on in its heir's; after a split it stays where the grid stays."""
    if moved.heir is None:
        return 0
    return GridMessage.objects.filter(grid=moved.grid).update(grid=moved.heir)


follow("tickets", tickets_follow)
follow("messages", messages_follow)
