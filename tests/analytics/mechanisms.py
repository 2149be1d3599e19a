"""How often each mechanism of ticket discipline was used in the district in scope, and how often it must at least."""

from __future__ import annotations

from datetime import date

from requests_intake.evaluations import LEAST, LEAST_RATERS
from requests_intake.models import (
    Application,
    BatchReport,
    CaseMember,
    Channel,
    EvaluationEntry,
    FollowUp,
    GridMessage,
    ProactiveTask,
    RequestType,
    SampleDraw,
    Supervision,
    Ticket,
    TicketCampaign,
    TicketMerge,
    TicketRepeat,
    TicketSplit,
    TicketTransition,
    UnreasonableClaim,
    Whistle,
    WhistleTicket,
    WhistleTransition,
    WorkOrder,
)
from requests_intake.whistle_queries import stationed_teams

A = Application.State


def _applications(kind: str, **where: object) -> int:
    return Application.objects.filter(kind=kind, **where).count()


def _moves(move: str, **where: object) -> int:
    return TicketTransition.objects.filter(move=move, **where).count()


def too_few() -> list[str]:
    """A line for each mechanism with fewer rows than it must have; empty where all is lived."""
    return [f"{name}: {found} of {least}" for name, (found, least) in counted().items() if found < least]


def counted() -> dict[str, tuple[int, int]]:
    """Mechanism → rows found, rows wanted."""
    co_orders = WorkOrder.objects.filter(role=WorkOrder.Role.CO_HANDLING)
    masters = Ticket.objects.filter(follower_count__gte=10)
    orders = Supervision.objects.filter(kind=Supervision.Kind.ORDER)
    circulars = Supervision.objects.filter(kind=Supervision.Kind.CIRCULAR)
    tasks = ProactiveTask.objects
    return {
        "reports": (Ticket.objects.filter(is_restricted=True, request_type=RequestType.REPORT).count(), 2),
        "named into a circle": (CaseMember.objects.filter(until=None).count(), 1),
        "letters": (Ticket.objects.filter(channel=Channel.TO_SECRETARY).count(), 3),
        "letters turned over": (_moves("convert_letter"), 1),
        "letters with consent asked": (_moves("ask_consent"), 2),
        "returns granted": (_applications("return", state=A.GRANTED), 2),
        "returns refused": (_applications("return", state=A.REFUSED), 1),
        "returns arbitrated": (_moves("arbitrate"), 1),
        "returns lapsed or arbitrated": (_applications("return", is_arbitration=True), 1),
        "returns waiting": (_applications("return", state=A.ASKED), 2),
        "extensions granted": (_applications("extension", state=A.GRANTED), 3),
        "extensions refused": (_applications("extension", state=A.REFUSED), 1),
        "extensions lapsed": (_applications("extension", state=A.LAPSED), 1),
        "extensions waiting": (_applications("extension", state=A.ASKED), 2),
        "pauses ended": (_applications("pause", state=A.GRANTED, ended_at__isnull=False), 2),
        "pauses running": (_applications("pause", state=A.GRANTED, ended_at=None), 1),
        "pauses waiting": (_applications("pause", state=A.ASKED), 2),
        "suspensions running": (_applications("suspension", state=A.GRANTED, ended_at=None), 2),
        "suspensions lifted": (_moves("unsuspend"), 1),
        "suspensions reviewed": (_moves("review_suspension"), 1),
        "suspensions refused": (_applications("suspension", state=A.REFUSED), 1),
        "co-handlers open": (co_orders.filter(ended_at=None, resolved_at=None).count(), 3),
        "co-handlers done": (co_orders.filter(resolved_at__isnull=False).count(), 2),
        "co-handlers let go": (_moves("cancel_handler"), 1),
        "claims from the pool": (_moves("claim"), 5),
        "given down": (_moves("delegate_down"), 2),
        "transferred": (WorkOrder.objects.filter(handed_over_reason="transferred").count(), 2),
        "sent to a stationed team": (_moves("dispatch", payload__to_organization__in=stationed_teams()), 1),
        "urged": (_moves("urge"), 6),
        "supervised and answered": (orders.filter(state="answered").count(), 2),
        "supervised and late": (orders.filter(state="overdue").count(), 2),
        "supervised and waiting": (orders.filter(state="issued").count(), 2),
        "circulars published": (circulars.filter(state="published").count(), 1),
        "circulars dropped": (circulars.filter(state="dropped").count(), 1),
        "circulars drafted": (circulars.filter(state="draft").count(), 1),
        "masters with many followers": (masters.count(), 1),
        "merged": (TicketMerge.objects.count(), 12),
        "merges undone": (_moves("unmerge"), 1),
        "followers who said something": (_moves("rate_merged"), 4),
        "split": (TicketSplit.objects.count(), 2),
        "repeats": (TicketRepeat.objects.count(), 3),
        "labelled": (TicketCampaign.objects.count(), 10),
        "batches reported": (BatchReport.objects.count(), 2),
        "messages in a circle": (GridMessage.objects.count(), 12),
        "messages turned into tickets": (GridMessage.objects.filter(ticket__isnull=False).count(), 2),
        "messages waiting": (GridMessage.objects.filter(parent=None, answers=None, hidden_at=None).count(), 1),
        "messages hidden": (GridMessage.objects.filter(hidden_at__isnull=False).count(), 1),
        "from the morning walk": (Ticket.objects.filter(channel="morning_walk").count(), 4),
        "on paper": (Ticket.objects.filter(attachments__purpose="paper").count(), 3),
        "from other systems": (Ticket.objects.exclude(external_number="").count(), 3),
        "whistles of an emergency": (Whistle.objects.filter(kind="emergency").count(), 1),
        "whistles about a matter": (WhistleTicket.objects.count(), 2),
        "whistles accepted": (WhistleTransition.objects.filter(move="accept").count(), 3),
        "whistles refused": (WhistleTransition.objects.filter(move="refuse").count(), 3),
        "whistles arbitrated": (WhistleTransition.objects.filter(move__in=("must_come", "release")).count(), 2),
        "evaluations": (EvaluationEntry.objects.count(), 15),
        "draws": (SampleDraw.objects.count(), 30),
        "calls made": (_moves("return_visit"), 5),
        "calls to make": (FollowUp.objects.filter(kind="visit", ended_at=None).count(), 3),
        "looks to make": (FollowUp.objects.filter(kind="check", ended_at=None).count(), 1),
        "reviews": (_moves("order_again") + _moves("review_up"), 1),
        "unreasonable judged": (UnreasonableClaim.objects.filter(decided_at__isnull=False).count(), 1),
        "reviews waiting": (Ticket.objects.filter(needs_review=True, closed_at=None).count(), 1),
        "proactive waiting": (tasks.filter(state="open").count(), 1),
        "proactive done": (tasks.filter(state="done").count(), 2),
        "proactive dropped": (tasks.filter(state="dropped").count(), 1),
        "proactive of hot spots": (tasks.filter(source="hotspot").count(), 1),
        "proactive of repeats": (tasks.filter(source="repeat").count(), 1),
        "proactive of the season": (tasks.filter(source="season").count(), 1),
        "proactive turned into tickets": (tasks.filter(opened_ticket__isnull=False).count(), 1),
        "suspensions waiting": (_applications("suspension", state=A.ASKED), 1),
    }


def rated_enough(organization_id: int, before: date) -> bool:
    """Whether an organization has, in a month before this one, entries above the guard of small numbers."""
    rows = EvaluationEntry.objects.filter(ratee=organization_id, rater_kind="caller", month__lt=before)
    return rows.count() >= LEAST and rows.values("rater").distinct().count() >= LEAST_RATERS
