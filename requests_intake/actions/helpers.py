"""请人帮忙: a force of the place's own lists is called to a matter (S3-28). Who leads goes on answering for it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.posts.models import Force
from grids.posts.policies import line_of
from grids.posts.queries import running
from grids.reference import AreaRef, territory
from requests_intake.actions.context import making, savepoint
from requests_intake.models import Ticket


def place_of(ticket: Ticket) -> AreaRef | None:
    """Where helpers are looked for: the grid of a matter, else the community or street it is known to be in."""
    pk = ticket.grid_id or ticket.community_id or ticket.street_id
    return territory().areas.get(pk) if pk else None


@savepoint
def call_helper(ticket: Ticket, *, force_id: int, actor: Actor, note: str = "") -> Ticket:
    """Ask a force of the matter's grid, community or street to help. It is no work order and has no clock.

    The transition holds the force's id alone, never a name. Raises ``Invalid`` at ``force`` for one that is not in
    these lists, ``DomainError`` ``restricted``: what only a few may know is told to no helper.
    """
    with making("call_helper", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        if found.is_restricted:
            raise DomainError("restricted", _("限制知悉的事不能请清单里的人帮忙。"))
        place = place_of(found)
        areas = [area.id for area in line_of(place)] if place is not None else []
        force = running(Force.objects.filter(pk=force_id, area_id__in=areas)).first()
        if force is None:
            words = _("请从本网格、社区和街道的清单里选。")
            raise Invalid("no_force", words, fields={"force": [words]})
        mover.move("call_helper", found, handling.order, note=note, force=force.pk)
        return found
