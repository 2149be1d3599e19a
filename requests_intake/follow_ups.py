"""Reading what is to be looked at and asked after: lists, the next call, what may not be done by whom."""

from __future__ import annotations

from django.db.models import F, FilteredRelation, Q, QuerySet

from governance.kernel.actors import Actor
from requests_intake.actions.follow_up import handled_it
from requests_intake.models import FollowUp, Ticket, UnreasonableClaim
from requests_intake.workflow import TicketState

PER_PAGE = 30
CHECK, VISIT = FollowUp.Kind.CHECK, FollowUp.Kind.VISIT
_LEVEL_COLUMNS = {"street": "street_id", "community": "community_id", "grid": "grid_id"}


def beside_the_point(actor: Actor, ticket: Ticket) -> frozenset[str]:
    """Moves that right and state would allow and that the facts rule out: a look at one's own work, a finding nobody
    has asked for. One statement at most."""
    if ticket.state == TicketState.RESOLVED.value and handled_it(ticket, actor):
        return frozenset({"verify", "rework"})
    if ticket.state == TicketState.VISITING.value and ticket.needs_review:
        waits = UnreasonableClaim.objects.filter(ticket=ticket, decided_at=None).exists()
        asked = {"close", "order_again", "review_up", "ask_unreasonable"}
        return frozenset(asked if waits else {"judge_unreasonable"})
    return frozenset()


def with_task(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Add the open task: ``task_due``, ``task_level``, ``task_by`` (who reported it done), ``task_raised``."""
    return tickets.annotate(
        task=FilteredRelation("follow_ups", condition=Q(follow_ups__ended_at=None)),
        task_due=F("task__due_at"),
        task_level=F("task__level"),
        task_by=F("task__handled_by_id"),
        task_raised=F("task__raised_at"),
        task_claimed_by=F("task__claimed_by_id"),
        task_claimed_until=F("task__claimed_until"),
        task_started=F("task__started_at"),
    )
