"""Finds, mediations and co-ordination in a worker's month (S3-23), counted from what was done anyway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.kernel.actors import Actor
from grids.duties import Duty, Line, register
from requests_intake import workflow
from requests_intake.mediation import visible
from requests_intake.models import Channel, MediationCase, MediationMember, Ticket, TicketTransition
from requests_intake.policies import TicketPolicy

COORDINATING = ("escalate", "dispatch", "delegate_down", "add_handler", "co_resolve", "mediate")
"""Moves by which somebody brings others to a matter, or helps them with theirs."""


def _finds(actor: Actor, begin: datetime, end: datetime) -> QuerySet[Ticket]:
    rows = TicketPolicy.visible(actor).filter(
        recorded_by_id=actor.membership_id or 0, is_proactive=True, channel=Channel.PATROL
    )
    return rows.filter(submitted_at__gte=begin, submitted_at__lt=end).order_by("-submitted_at", "-pk")


def _find_lines(rows: Sequence[Ticket]) -> list[Line]:
    return [
        Line(row.title, row.get_state_display(), row.submitted_at, reverse("worker:ticket", args=[row.number]))
        for row in rows
    ]


def _mediations(actor: Actor, begin: datetime, end: datetime) -> QuerySet[MediationCase]:
    """Cases begun in that time which the actor mediates, or brought to mediators."""
    mine = MediationMember.objects.filter(membership_id=actor.membership_id or 0, role=MediationMember.Role.MEDIATOR)
    seen = visible(actor).filter(pk__in=mine.values("case_id"))
    rows = MediationCase.objects.filter(Q(pk__in=seen.values("pk")) | Q(opened_by_id=actor.membership_id or 0))
    return rows.filter(opened_at__gte=begin, opened_at__lt=end).order_by("-opened_at", "-pk")


def _mediation_lines(rows: Sequence[MediationCase]) -> list[Line]:
    """Number and state only: what a case is about is known inside it."""
    return [Line(row.number, row.get_state_display(), row.opened_at) for row in rows]


def _coordinations(actor: Actor, begin: datetime, end: datetime) -> QuerySet[TicketTransition]:
    rows = TicketTransition.objects.filter(
        actor_id=actor.membership_id or 0, move__in=COORDINATING, ticket__in=TicketPolicy.visible(actor)
    )
    return rows.filter(at__gte=begin, at__lt=end).select_related("ticket").order_by("-at", "-pk")


def _coordination_lines(rows: Sequence[TicketTransition]) -> list[Line]:
    return [
        Line(
            row.ticket.title, str(workflow.MOVES[row.move].label), row.at,
            reverse("worker:ticket", args=[row.ticket.number]),
        )
        for row in rows
    ]  # fmt: skip


register(Duty("finds", "collect", _("巡查发现"), _finds, _find_lines))
register(Duty("mediations", "mediate", _("调解"), _mediations, _mediation_lines))
register(Duty("coordinations", "coordinate", _("上报、派办和协办"), _coordinations, _coordination_lines))
