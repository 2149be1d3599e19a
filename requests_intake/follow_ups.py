"""Reading what is to be looked at, asked after and reviewed: lists, the next call, what the facts rule out.

Each list is what the actor may see *and* has the move for; the number of statements does not depend on its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import workflow
from requests_intake.actions.follow_up import handled_it
from requests_intake.actions.letters import CONSENT_ASKED, CONSENT_GIVEN, consent_of
from requests_intake.mediation import open_case_of
from requests_intake.models import FollowUp, ReturnVisit, Ticket, UnreasonableClaim
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules
from requests_intake.workflow import TicketState

PER_PAGE = 30
_COLUMNS = {"street": "street_id", "community": "community_id", "grid": "grid_id"}
CHECK_VIEWS = {"": _("全部"), "mine": _("轮到我们"), "over": _("过期"), "raised": _("下级没查")}
VISIT_VIEWS = {
    "": _("该打的"),
    "over": _("过期"),
    "again": _("没打通过"),
    "rest": _("今天不再打"),
    "none": _("没留电话"),
}
DRAW_READERS = frozenset(
    {"supervisor", "street_dispatcher", "street_leader", "district_dispatcher", "district_official"}
)
REVIEW_VIEWS = {"": _("待复核"), "claims": _("待认定不合理")}


def beside_the_point(actor: Actor, ticket: Ticket) -> frozenset[str]:
    """Moves that right and state would allow and that the facts rule out: a look at one's own work, a finding nobody
    has asked for. One statement at most."""
    if ticket.is_letter:
        said = consent_of(ticket) if ticket.state == TicketState.SUBMITTED.value else ""
        # Turned over only with its author's yes, which is asked for once at a time and not again after it was given.
        hidden = {"convert_letter"} if said != CONSENT_GIVEN else {"ask_consent"}
        return frozenset(hidden | ({"ask_consent"} if said == CONSENT_ASKED else set()))
    if ticket.state == TicketState.RESOLVED.value and handled_it(ticket, actor):
        return frozenset({"verify", "rework"})
    if ticket.state == TicketState.VISITING.value and ticket.needs_review:
        waits = UnreasonableClaim.objects.filter(ticket=ticket, decided_at=None).exists()
        asked = {"close", "order_again", "review_up", "ask_unreasonable"}
        return frozenset(asked if waits else {"judge_unreasonable"})
    if ticket.state == TicketState.HANDLING.value and open_case_of(ticket) is not None:
        return frozenset({"mediate"})
    return frozenset()


@dataclass(frozen=True)
class FollowUpFilter:
    """``view``: one of the list's own views; ``attempts``: at least so many in vain."""

    view: str = ""
    area_id: int | None = None
    organization_id: int | None = None
    attempts: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any], views: Mapping[str, Any]) -> FollowUpFilter:
        """Read an address; what cannot be read is passed over."""
        view = str(query.get("view", ""))
        return cls(
            view=view if view in views else "",
            area_id=_number(query.get("area")),
            organization_id=_number(query.get("organization")),
            attempts=_number(query.get("attempts")),
        )

    def as_query(self) -> dict[str, str]:
        pairs = {
            "view": self.view, "area": self.area_id, "organization": self.organization_id, "attempts": self.attempts,
        }  # fmt: skip
        return {name: str(value) for name, value in pairs.items() if value not in (None, "")}


def _number(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def kinds_of(*moves: str) -> frozenset[str]:
    """Kinds of post that make one of the moves at the desk."""
    allowed = frozenset().union(*(workflow.ALLOWED[move] for move in moves))
    return frozenset(kind for kind, relation in allowed if relation == workflow.COVERS) - {"grid_worker"}


def within_reach(actor: Actor, *moves: str) -> QuerySet[Ticket]:
    """Visible tickets for whose place one of the actor's posts has one of the moves."""
    allowed = frozenset().union(*(workflow.ALLOWED[move] for move in moves))
    found = Q(pk__in=[])
    for role in actor.roles:
        if (role.kind, workflow.COVERS) not in allowed or role.area_id is None:
            continue
        if role.level == "district":
            found |= Q(pk__isnull=False)
        elif role.level in _COLUMNS:
            found |= Q(**{_COLUMNS[role.level]: role.area_id})
    return TicketPolicy.visible(actor).filter(found)


def with_task(tickets: QuerySet[Ticket]) -> Any:
    """Add the open task (at most one: a unique index): ``task_due``, ``task_level``, ``task_by`` (who reported it
    done), ``task_raised``, ``task_start``, ``task_claimed_by``, ``task_claimed_until``."""
    return tickets.annotate(
        task=FilteredRelation("follow_ups", condition=Q(follow_ups__ended_at=None)),
        task_due=F("task__due_at"),
        task_level=F("task__level"),
        task_by=F("task__handled_by_id"),
        task_raised=F("task__raised_at"),
        task_start=F("task__started_at"),
        task_claimed_by=F("task__claimed_by_id"),
        task_claimed_until=F("task__claimed_until"),
    ).select_related("building", "compound", "requester")


def _narrowed(tickets: QuerySet[Ticket], wanted: FollowUpFilter) -> QuerySet[Ticket]:
    if wanted.area_id is not None:
        area = territory().areas.get(wanted.area_id)
        if area is None:
            return tickets.none()
        if area.level != "district":
            tickets = tickets.filter(**{f"{area.level}_id": area.id})
    if wanted.organization_id is not None:
        tickets = tickets.filter(organization_id=wanted.organization_id)
    return tickets


def checks_of(actor: Actor, wanted: FollowUpFilter | None = None) -> Any:
    """待核查: what the actor may look at and has not handled themselves, the longest due first."""
    found, now = wanted or FollowUpFilter(), clock.now()
    rows = with_task(_narrowed(within_reach(actor, "verify"), found)).filter(state=TicketState.RESOLVED.value)
    rows = rows.exclude(task_by=actor.membership_id, task_by__isnull=False)
    if found.view == "mine":
        rows = rows.filter(task_level__in={role.level for role in actor.roles})
    elif found.view == "over":
        rows = rows.filter(task_due__lt=now)
    elif found.view == "raised":
        rows = rows.filter(task_raised__isnull=False)
    return rows.order_by(F("task_due").asc(nulls_last=True), "pk")


def visits_of(actor: Actor, wanted: FollowUpFilter | None = None) -> Any:
    """回访名单: whom the actor may ask, the longest due first. ``tries``: attempts in vain since the matter came to be
    asked after; ``tries_today`` of them today. Without another view only who can be called now."""
    found, now = wanted or FollowUpFilter(), clock.now()
    today = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    _version, policy = rules().policy()
    most = policy.return_visit.a_day
    reached = _narrowed(within_reach(actor, "return_visit"), found)
    rows = with_task(reached.filter(state=TicketState.VISITING.value, needs_review=False))
    rows = rows.annotate(tries=_tries(OuterRef("task__started_at")), tries_today=_tries(today))
    callable_ = Q(requester__isnull=False) & ~Q(requester__phone_hash="")
    conditions = {
        "": callable_ & Q(tries_today__lt=most),
        "over": callable_ & Q(task_due__lt=now),
        "again": callable_ & Q(tries__gt=0),
        "rest": callable_ & Q(tries_today__gte=most),
        "none": ~callable_,
    }
    rows = rows.filter(conditions[found.view])
    if found.attempts is not None:
        rows = rows.filter(tries__gte=found.attempts)
    return rows.order_by(F("task_due").asc(nulls_last=True), "pk")


def _tries(since: Any) -> Any:
    visits = ReturnVisit.objects.filter(
        ticket=OuterRef("pk"), answer=ReturnVisit.Answer.UNREACHABLE, at__gte=since
    ).order_by()
    counted = visits.values("ticket").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def next_visit(actor: Actor, wanted: FollowUpFilter | None = None, *, but: int | None = None) -> Ticket | None:
    """The longest due of whom nobody else is calling; ``but``: not this one."""
    rows = visits_of(actor, wanted).filter(_free(actor, clock.now()), task_due__isnull=False)
    found: Ticket | None = (rows.exclude(pk=but) if but else rows).first()
    return found


def _free(actor: Actor, now: datetime) -> Q:
    return Q(task_claimed_until=None) | Q(task_claimed_until__lte=now) | Q(task_claimed_by=actor.membership_id)


def reviews_of(actor: Actor, wanted: FollowUpFilter | None = None) -> QuerySet[Ticket]:
    """待复核: handled twice and still not solved; ``claims``: what the district is asked to find unreasonable."""
    found = wanted or FollowUpFilter()
    rows = _narrowed(within_reach(actor, "order_again", "judge_unreasonable"), found)
    rows = rows.filter(state=TicketState.VISITING.value, needs_review=True)
    asked = UnreasonableClaim.objects.filter(decided_at=None).values("ticket_id")
    rows = rows.filter(pk__in=asked) if found.view == "claims" else rows.exclude(pk__in=asked)
    return rows.select_related("building", "compound").order_by("resolved_at", "pk")


def open_tasks(tickets: Iterable[Ticket]) -> dict[int, FollowUp]:
    """The open task of each ticket that has one, by ticket id. One statement."""
    return {row.ticket_id: row for row in FollowUp.objects.filter(ticket__in=tickets, ended_at=None)}
