"""A ticket that was raised at a visit keeps the link to it (S1-09c)."""

from __future__ import annotations

from collections.abc import Iterable

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.visits.models import Visit
from grids.visits.policies import find_visit
from requests_intake.actions.context import savepoint
from requests_intake.models import Ticket, VisitTicket
from requests_intake.policies import TicketPolicy


@savepoint
def link_visit(visit: Visit, ticket: Ticket, *, actor: Actor) -> VisitTicket:
    """``ticket`` came of ``visit``, which the actor may read. Raises ``NotAllowed``, ``NotFound``."""
    row = find_visit(actor, visit.pk)
    return VisitTicket.objects.create(visit=row, ticket=ticket, made_at=clock.now())


def tickets_of_visits(actor: Actor, visit_ids: Iterable[int]) -> list[Ticket]:
    """What came of these visits, as far as the actor may see it; the newest first. One statement."""
    ids = VisitTicket.objects.filter(visit_id__in=list(visit_ids)).values("ticket_id")
    return list(TicketPolicy.visible(actor).filter(pk__in=ids).order_by("-submitted_at", "-pk"))
