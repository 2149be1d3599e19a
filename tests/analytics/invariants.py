"""What must hold of any district's tickets, however they came about; and the shares a month of life is judged by."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q

from requests_intake import workflow
from requests_intake.clock_stories import differences
from requests_intake.models import Clock, Rating, Ticket, TicketTransition, Verification, WorkOrder
from requests_intake.numbering import parse_number
from requests_intake.queries import is_over

_SWEPT = timedelta(minutes=5)  # lived weeks end a minute before the present, and a sweep comes every few seconds


def contradictions(now: datetime) -> list[str]:
    """Sentences about what is wrong in the district in scope; empty where all is well."""
    finished = Q(state__in=workflow.FINISHED)
    found = [
        *_told("finished without closed_at, or the other way round", Ticket.objects.filter(finished, closed_at=None)),
        *_told("closed_at on an unfinished ticket", Ticket.objects.filter(~finished, closed_at__isnull=False)),
        *_told("a running clock on a finished ticket", Clock.objects.filter(
            ticket__state__in=workflow.FINISHED, stopped_at=None)),
        *_told("a clock set aside", Clock.objects.filter(set_aside_at__isnull=False)),
        *_told("an open order on a finished ticket", WorkOrder.objects.filter(
            ticket__state__in=workflow.FINISHED, ended_at=None)),
        *_told("an order due after the promise, unflagged", WorkOrder.objects.filter(
            due_at__gt=F("ticket__promise_due_at"), beyond_promise=False, ticket__reopen_count=0,
            ticket__first_satisfaction="")),
        *_told("a transition in the future", TicketTransition.objects.filter(Q(at__gt=now) | Q(recorded_at__gt=now))),
        *_told("an untold transition", TicketTransition.objects.filter(delivered_at=None)),
        *_told("a ticket from the future", Ticket.objects.filter(submitted_at__gt=now)),
        *_told("an overdue clock that has not fired", Clock.objects.filter(
            stopped_at=None, next_fire_at__lt=now - _SWEPT)),
    ]  # fmt: skip
    handling = Ticket.objects.filter(state=workflow.TicketState.HANDLING).annotate(
        leads=Count("work_orders", filter=Q(work_orders__role="lead", work_orders__ended_at=None)),
    )
    found += _told("a handling ticket without exactly one open lead order", handling.exclude(leads=1))
    twice = TicketTransition.objects.filter(clock__isnull=False).values("clock", "stage").annotate(n=Count("id"))
    found += _told("a stage fired twice", twice.filter(n__gt=1))
    found += [f"a deadline its ledger does not come to: {row}" for row in differences(only_open=False)[:3]]
    return found + _chains() + _numbers()


def _told(what: str, rows) -> list[str]:  # type: ignore[no-untyped-def]
    return [f"{what}: {list(rows[:3])}"] if rows.exists() else []


def _chains() -> list[str]:
    """Each ticket's moves lead from state to state, in time, to the state it is in."""
    state: dict[int, str] = defaultdict(str)
    at: dict[int, datetime] = {}
    wrong = []
    for row in TicketTransition.objects.order_by("ticket_id", "id"):
        if row.from_state != state[row.ticket_id]:
            wrong.append(f"ticket {row.ticket_id}: {row.move} from {row.from_state!r}, was {state[row.ticket_id]!r}")
        # A master's step is told to its followers after the commit, with its own moment: one of them may have said
        # something in between. What is shown is in the order of the moments.
        is_told_late = row.move == "follow_step"
        if row.ticket_id in at and row.at < at[row.ticket_id] and not is_told_late:
            wrong.append(f"ticket {row.ticket_id}: {row.move} goes back in time")
        state[row.ticket_id] = row.to_state
        at[row.ticket_id] = max(row.at, at.get(row.ticket_id, row.at))
    for pk, now in Ticket.objects.values_list("id", "state"):
        if state[pk] != now:
            wrong.append(f"ticket {pk} is {now}, its history ends with {state[pk]!r}")
    return wrong


def _numbers() -> list[str]:
    return [number for number in Ticket.objects.values_list("number", flat=True) if str(parse_number(number)) != number]


def shares(now: datetime) -> dict[str, float]:
    """Parts of one: the indicators of kpi.md, near enough to see whether life looks real."""
    tickets = Ticket.objects.all()
    first = Rating.objects.filter(is_first=True)
    rated = first.count()
    satisfied, so_so = (first.filter(face=face).count() for face in ("satisfied", "so_so"))
    due = tickets.filter(promise_due_at__lte=now).exclude(state__in=["rejected", "withdrawn"])
    failed = Verification.objects.filter(passed=False).values("ticket")
    on_time = due.filter(resolved_at__lte=F("promise_due_at")).exclude(pk__in=failed)
    open_tickets = tickets.filter(closed_at=None)
    over = open_tickets.filter(is_over(None, now))  # type: ignore[arg-type]
    orders = WorkOrder.objects.filter(ticket__requester__isnull=False).values("ticket").annotate(
        contact=Max("contacted_at"), done=Max("resolved_at"))  # fmt: skip
    done = orders.filter(done__isnull=False)
    return {
        "contacted": done.filter(contact__isnull=False).count() / max(1, done.count()),
        "resolved": (satisfied + so_so) / max(1, rated),
        "satisfied": (satisfied + 0.8 * so_so) / max(1, rated),
        "on_time": on_time.count() / max(1, due.count()),
        "over": over.count() / max(1, open_tickets.count()),
        "open": open_tickets.count() / max(1, tickets.count()),
        "rated": rated / max(1, tickets.count()),
    }
