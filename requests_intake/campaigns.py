"""Reading campaigns: which run, how many tickets each has in which state, and the rows of a report.

Counts and lists begin at ``TicketPolicy.visible``: everybody counts what they may see, and a list has as many rows as
its states add up to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.reference import per_district
from grids.reference import territory
from requests_intake.models import BatchReport, Campaign, Ticket, TicketCampaign
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.workflow import TicketState


@dataclass(frozen=True, slots=True)
class CampaignRef:
    id: int
    name: str
    since: date
    until: date | None


@per_district
def _active() -> tuple[CampaignRef, ...]:
    rows = Campaign.objects.filter(is_active=True).order_by("name").values_list("id", "name", "since", "until")
    return tuple(CampaignRef(*row) for row in rows)


def campaign_choices() -> list[tuple[int, str]]:
    """Campaigns that run today, for a form; no statement."""
    today = clock.today()
    return [(row.id, row.name) for row in _active() if row.since <= today and (row.until is None or today <= row.until)]


def visible_counts(actor: Actor) -> dict[int, int]:
    """Campaign id → how many of its tickets the actor may see; one statement."""
    labels = TicketCampaign.objects.filter(ticket__in=TicketPolicy.visible(actor).values("pk"))
    return dict(labels.order_by().values_list("campaign_id").annotate(number=Count("pk")))


def tickets_in(actor: Actor, campaign: Campaign, found: TicketFilter, *, state: str = "") -> QuerySet[Ticket]:
    """Visible tickets with the label, newest first; ``state`` narrows to one."""
    rows = tickets_of(actor, found).filter(campaigns__campaign=campaign)
    return rows.filter(state=state) if state else rows


def state_counts(actor: Actor, campaign: Campaign, found: TicketFilter) -> list[tuple[str, str, int]]:
    """State, its word and how many rows of ``tickets_in`` are in it; together as many as the list has."""
    rows = tickets_in(actor, campaign, found).order_by().values_list("state").annotate(number=Count("pk"))
    numbers = dict(rows)
    return [(state.value, state.label, numbers[state.value]) for state in TicketState if numbers.get(state.value)]


def reports_of(actor: Actor, campaign: Campaign) -> QuerySet[BatchReport]:
    """The campaign's reports, newest first; who may read one says the action."""
    return campaign.reports.order_by("-reported_at", "-pk")


def reports_to(organization_ids: Sequence[int]) -> QuerySet[BatchReport]:
    """What was reported to these organizations, newest first."""
    rows = BatchReport.objects.filter(organization__in=organization_ids).select_related("campaign")
    return rows.order_by("-reported_at", "-pk")


def report_rows(report: BatchReport, actor: Actor) -> list[Ticket]:
    """The tickets of a report as they stand now, each with ``state_then``, in the order they were chosen.

    Who received it reads the rows without being given the tickets; who sent it, those they may see. None sees a ticket
    that has become restricted since.
    """
    is_receiver = any(role.organization_id == report.organization_id for role in actor.roles)
    tickets = Ticket.objects.all() if is_receiver else TicketPolicy.visible(actor)
    rows = tickets.filter(batch_rows__report=report, is_restricted=False)
    return list(
        rows.annotate(state_then=F("batch_rows__state_then"), place=F("batch_rows__pk"))
        .select_related("building", "compound")
        .order_by("place")
    )


def labels_of(ticket: Ticket) -> list[dict[str, Any]]:
    """The campaigns of a ticket: id and name; one statement."""
    rows = TicketCampaign.objects.filter(ticket=ticket).order_by("pk").values("campaign_id", "campaign__name")
    return [{"id": row["campaign_id"], "name": row["campaign__name"]} for row in rows]


def owner_name(campaign: Campaign) -> str:
    return territory().organization_name(campaign.owner_id) or territory().center().name
