"""An area ends only when nothing is open there: what of that only the tickets know."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.actions import areas
from grids.models import Area, Organization
from requests_intake import workflow
from requests_intake.actions.context import savepoint
from requests_intake.models import Ticket, WorkOrder


def open_tickets(area: Area) -> QuerySet[Ticket]:
    """Tickets that lie in the area and are not finished, or are in the hands of its own organization; oldest first."""
    own = Organization.objects.filter(area=area, kind__in=areas.OWN_KINDS.values(), ended_on=None).values("pk")
    orders = WorkOrder.objects.filter(organization__in=own, ended_at=None).values("ticket")
    here = Q(**{f"{area.level}_id": area.pk}) & ~Q(state__in=workflow.FINISHED)
    return Ticket.objects.filter(here | Q(pk__in=orders)).order_by("pk")


def shown_tickets(area: Area) -> QuerySet[Ticket]:
    """Those of the open tickets an administrator may know of: a restricted one is neither listed nor counted."""
    return open_tickets(area).filter(is_restricted=False)


@savepoint
def end_area(area: Area, *, on: date, actor: Actor) -> Area:
    """End a street, community or grid with no ticket open there; ``on`` is the first day without it.

    Raises ``DomainError`` ``open_tickets`` with the count of those that are not restricted, ``not_yet`` without a count
    if restricted ones alone are open, and what ``grids.actions.areas.end_area`` raises.
    """
    require_administrator(actor)
    found = Area.objects.select_for_update().get(pk=area.pk)
    if found.level in areas.OWN_KINDS:
        count = shown_tickets(found).count()
        if count:
            words = _("这里还有 {count} 件没办完的诉求，全部办结后才能停用。").format(count=count)
            raise DomainError("open_tickets", words, count=count)
        if open_tickets(found).exists():
            raise DomainError("not_yet", _("这里暂时还不能停用，请过些时候再试。"))
    return areas.end_area(found, on=on, actor=actor)
