"""Reading tickets: lists, filters, queues and their counts.

Everything starts at ``TicketPolicy.visible(actor)``. A queue is one condition, used both for its number and for the
rows behind it, so that the two cannot disagree. The number of statements does not depend on the number of rows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hashes
from governance.kernel.search import search_ids
from grids.reference import territory
from requests_intake.models import Clock, ClockKind, Ticket, WorkOrder
from requests_intake.models.ticket import HELD, RUNNING
from requests_intake.numbering import NumberError, parse_number
from requests_intake.policies import TicketPolicy
from requests_intake.pool import pools_of
from requests_intake.workflow import ORDER_OPEN, OrderState, TicketState

PAGE_SIZE = 50


def with_facts(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Add what a row shows beyond its own columns: the units its limits are counted in, and the place."""
    running = Clock.objects.filter(ticket=OuterRef("pk"), work_order=None, kind=ClockKind.SIGN)
    # A ticket has at most one open lead order and one promise (unique indexes): these joins never double a row.
    is_lead = Q(work_orders__role="lead", work_orders__ended_at=None)
    runs = Q(clocks__kind=ClockKind.PROMISE, clocks__work_order=None, clocks__stopped_at=None)
    return tickets.annotate(
        lead=FilteredRelation("work_orders", condition=is_lead),
        promise=FilteredRelation("clocks", condition=runs),
        lead_unit=F("lead__limit_unit"),
        promise_unit=F("promise__limit_unit"),
        desk_unit=Subquery(running.values("limit_unit")[:1]),
    ).select_related("building", "compound")


@dataclass(frozen=True)
class Queue:
    """A named list of tickets. ``where`` makes its condition for an actor at a moment; ``lamp`` names its colour."""

    name: str
    label: Any
    where: Callable[[Actor, datetime], Q]
    lamp: str = ""
    icon: str = ""
    is_open: bool = True


def own_organizations(actor: Actor) -> list[int]:
    """Organizations whose work orders the actor handles."""
    return sorted({role.organization_id for role in actor.roles if role.organization_id is not None})


def _state(*states: TicketState) -> Q:
    return Q(state__in=[state.value for state in states])


_RUNS = Q(state__in=RUNNING)
_HELD = Q(lead_state__in=HELD)
_UNSEEN = Q(state__in=[TicketState.SUBMITTED.value, TicketState.ACCEPTED.value]) | Q(
    lead_state=OrderState.DISPATCHED.value
)


# Rank 0 of a list is exactly what runs now against a deadline; said this way, the index of the list finds it.
def is_over(actor: Actor, now: datetime) -> Q:
    return Q(list_rank=0, list_at__lt=now)


def _in_time(now: datetime) -> Q:
    return Q(list_rank=0, list_at__gte=now)


def _soon(actor: Actor, now: datetime) -> Q:
    return _in_time(now) & Q(lamp="soon")


def _calm(now: datetime) -> Q:
    return _in_time(now) & ~Q(lamp="soon")


def _mine(actor: Actor, *states: OrderState) -> Q:
    handled = Q(organization_id__in=own_organizations(actor))
    return _state(TicketState.HANDLING) & handled & Q(lead_state__in=[state.value for state in states])


def _to_sign(actor: Actor) -> Q:
    """What waits in a pool is claimed, not signed."""
    return _mine(actor, OrderState.DISPATCHED) & ~Q(organization_id__in=pools_of(actor))


def _in_pool(actor: Actor) -> Q:
    """What several of an organization may take on and nobody has (S3-27)."""
    waits = Q(organization_id__in=pools_of(actor), lead_state=OrderState.DISPATCHED.value)
    return _state(TicketState.HANDLING) & waits


def own_co_orders(actor: Actor) -> QuerySet[WorkOrder]:
    """Co-handling orders (协办) of the actor's organizations on which something is still to be done."""
    return WorkOrder.objects.filter(
        role=WorkOrder.Role.CO_HANDLING, organization_id__in=own_organizations(actor), ended_at=None,
        state__in=[state.value for state in ORDER_OPEN],
    )  # fmt: skip


def _helped(actor: Actor) -> Q:
    return Q(co_handlers__gt=0, pk__in=own_co_orders(actor).values("ticket_id"))


def _today(now: datetime) -> datetime:
    return clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _closed_this_month(actor: Actor, now: datetime) -> Q:
    # Archived tickets were closed too; rejected and withdrawn ones were never handled to an end.
    states = _state(TicketState.CLOSED, TicketState.ARCHIVED)
    return states & Q(resolved_at__isnull=False, closed_at__gte=_today(now).replace(day=1))


QUEUES: Mapping[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue("open", _("全部在办"), lambda actor, now: Q(closed_at=None), icon="list"),
        Queue("unaccepted", _("待受理"), lambda actor, now: _state(TicketState.SUBMITTED), icon="inbox"),
        Queue("undispatched", _("待派单"), lambda actor, now: _state(TicketState.ACCEPTED), icon="send"),
        Queue("to_sign", _("待签收"), lambda actor, now: _to_sign(actor), icon="bell"),
        Queue(
            "at_hand",
            _("本单位在办"),
            lambda actor, now: _mine(actor, OrderState.SIGNED, OrderState.IN_PROGRESS),
            icon="user",
        ),
        Queue("pool", _("接单池"), lambda actor, now: _in_pool(actor), icon="hand"),
        Queue("helping", _("本单位协办"), lambda actor, now: _helped(actor), icon="users"),
        Queue("to_visit", _("待回访"), lambda actor, now: _state(TicketState.VISITING), icon="phone"),
        Queue(
            "review", _("待定结论"), lambda actor, now: _state(TicketState.VISITING) & Q(needs_review=True), icon="eye"
        ),
        Queue("over", _("超期"), is_over, lamp="over"),
        Queue("soon", _("临期"), _soon, lamp="soon"),
        Queue("new", _("未签收"), lambda actor, now: _calm(now) & _UNSEEN, lamp="new"),
        Queue("doing", _("在办"), lambda actor, now: _calm(now) & ~_UNSEEN, lamp="doing"),
        Queue("check", _("待核查"), lambda actor, now: _state(TicketState.RESOLVED), lamp="check"),
        Queue("rating", _("待评价"), lambda actor, now: _state(TicketState.VISITING), lamp="done"),
        Queue("hold", _("暂停"), lambda actor, now: _RUNS & _HELD, lamp="hold"),
        Queue(
            "new_today", _("今天收到"), lambda actor, now: Q(submitted_at__gte=_today(now)), icon="plus", is_open=False
        ),
        Queue(
            "closed_today", _("今天结束"), lambda actor, now: Q(closed_at__gte=_today(now)), icon="check", is_open=False
        ),
        Queue("closed_month", _("本月结案"), _closed_this_month, icon="cal", is_open=False),
        Queue("finished", _("已结束"), lambda actor, now: Q(closed_at__isnull=False), icon="check", is_open=False),
        Queue("all", _("全部诉求"), lambda actor, now: Q(), icon="list", is_open=False),
    )
}
LAMP_QUEUES = ("over", "soon", "new", "doing", "check", "rating", "hold")
"""Together exactly the open tickets: each open ticket is in one of them."""


@dataclass(frozen=True)
class TicketFilter:
    """What a list is narrowed to. Ids and codes that do not exist simply find nothing.

    ``area_id`` 0 is "no street known yet"; ``face`` the final answer of the requester, ``none`` where there is none.
    """

    queue: str = "open"
    area_id: int | None = None
    level: str = ""
    category_id: int | None = None
    urgency: str = ""
    channel: str = ""
    organization_id: int | None = None
    face: str = ""
    text: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, Any], *, queue: str = "open") -> TicketFilter:
        """Read a page's address; what cannot be read is passed over. Words are looked for among all tickets."""
        text = str(query.get("q", "")).strip()[:80]
        wanted = str(query.get("queue", "")) or ("all" if text else queue)
        return cls(
            queue=wanted if wanted in QUEUES else queue,
            area_id=_number(query.get("area")),
            level=str(query.get("level", ""))[:10],
            category_id=_number(query.get("category")),
            urgency=str(query.get("urgency", ""))[:10],
            channel=str(query.get("channel", ""))[:20],
            organization_id=_number(query.get("organization")),
            face=str(query.get("face", ""))[:10],
            text=text,
        )

    def as_query(self) -> dict[str, str]:
        """The same as parameters of an address, empty ones left out."""
        pairs = {
            "queue": self.queue, "area": self.area_id, "level": self.level, "category": self.category_id,
            "urgency": self.urgency, "channel": self.channel, "organization": self.organization_id, "face": self.face,
            "q": self.text,
        }  # fmt: skip
        return {name: str(value) for name, value in pairs.items() if value not in (None, "")}


def _number(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def order_of(found: TicketFilter) -> tuple[str, ...]:
    """The columns an open list rises by, a finished one falls by; together they name one row."""
    if found.queue == "helping":
        return ("own_due_at", "id")
    return ("list_rank", "list_at", "id") if QUEUES[found.queue].is_open else ("submitted_at", "id")


def tickets_of(actor: Actor, found: TicketFilter | None = None) -> QuerySet[Ticket]:
    """The actor's visible tickets of a filter, with their facts, the most pressing first.

    Open ones by what is left of their time, overdue first and paused last; finished ones the newest first.
    """
    wanted = found or TicketFilter()
    rows = with_facts(_narrow(TicketPolicy.visible(actor), actor, wanted))
    rows = rows.filter(QUEUES[wanted.queue].where(actor, clock.now()))
    if not QUEUES[wanted.queue].is_open:
        return rows.order_by("-submitted_at", "-pk")
    if wanted.queue == "helping":
        # A co-handler has a clock of its own, and nothing of the lead's is its business.
        own = own_co_orders(actor).filter(ticket=OuterRef("pk")).order_by("due_at").values("due_at")[:1]
        rows = rows.annotate(own_due_at=Subquery(own))
    return rows.order_by(*order_of(wanted))


def _found(actor: Actor, found: TicketFilter) -> QuerySet[Ticket]:
    rows = _narrow(TicketPolicy.visible(actor), actor, found)
    return rows.filter(QUEUES[found.queue].where(actor, clock.now()))


def count_of(actor: Actor, found: TicketFilter) -> int:
    """How many rows ``tickets_of`` has."""
    return _found(actor, found).count()


def channel_counts(actor: Actor, found: TicketFilter) -> dict[str, int]:
    """Rows of ``tickets_of`` per channel; together as many as it has. One statement."""
    rows = _found(actor, found).order_by().values_list("channel").annotate(number=Count("pk"))
    return dict(rows)


def queue_counts(actor: Actor, *, area_id: int | None = None) -> dict[str, int]:
    """Open tickets per open queue, in one statement over the open partial index."""
    now = clock.now()
    rows = _in_area(TicketPolicy.visible(actor), area_id).filter(closed_at=None)
    counts = {queue.name: Count("pk", filter=queue.where(actor, now)) for queue in QUEUES.values() if queue.is_open}
    # "open" has no further condition here; a filter that is always true keeps the statement uniform.
    return dict(rows.aggregate(**counts))


def open_groups(actor: Actor, column: str) -> list[dict[str, Any]]:
    """Open tickets per value of a column and ``channel``, with one number per open queue; their sums are
    ``queue_counts``. Whatever stands around a list is counted in this one reading of the open tickets."""
    return group_counts(actor, column, "channel", queues=[queue.name for queue in QUEUES.values() if queue.is_open])


def totals_of(groups: Iterable[Mapping[str, Any]], key: str, number: str = "open") -> dict[Any, int]:
    """Groups of ``open_groups`` added up per value of ``key``; values with nothing are left out."""
    found: dict[Any, int] = {}
    for group in groups:
        if group[number]:
            found[group[key]] = found.get(group[key], 0) + group[number]
    return found


def counts_by(actor: Actor, column: str, *, queue: str = "open") -> dict[Any, int]:
    """Tickets of a queue per value of a column (``street_id``, ``community_id``, ``grid_id``, ``level``,
    ``organization_id`` …), one statement."""
    rows = TicketPolicy.visible(actor).filter(QUEUES[queue].where(actor, clock.now()))
    if QUEUES[queue].is_open:
        rows = rows.filter(closed_at=None)
    return dict(rows.order_by().values_list(column).annotate(number=Count("pk")))


def group_counts(actor: Actor, *columns: str, queues: Sequence[str], urgency: str = "") -> list[dict[str, Any]]:
    """Open tickets per combination of columns, with one number per queue; ``urgency`` adds ``urgent_number``.

    One statement over the open partial index.
    """
    now = clock.now()
    numbers = {name: Count("pk", filter=QUEUES[name].where(actor, now)) for name in queues}
    if urgency:
        numbers["urgent_number"] = Count("pk", filter=Q(urgency=urgency))
    rows = TicketPolicy.visible(actor).filter(closed_at=None).order_by()
    return list(rows.values(*columns).annotate(**numbers))


def outcome_counts(actor: Actor) -> dict[str, int]:
    """Received and finished today; closed this month with the final answers: ``closed``, ``satisfied``, ``so_so``,
    ``unsolved``, ``unrated``. One statement."""
    now = clock.now()
    today, month = _today(now), _closed_this_month(actor, now)
    answers = {"satisfied": "satisfied", "so_so": "so_so", "unsolved": "unsolved", "unrated": ""}
    # Only what was received today or closed this month matters: the rest need not be read.
    rows = TicketPolicy.visible(actor).filter(Q(submitted_at__gte=today) | Q(closed_at__gte=today.replace(day=1)))
    return dict(
        rows.aggregate(
            new_today=Count("pk", filter=Q(submitted_at__gte=today)),
            closed_today=Count("pk", filter=Q(closed_at__gte=today)),
            closed=Count("pk", filter=month),
            first_satisfied=Count("pk", filter=month & Q(first_satisfaction="satisfied")),
            **{name: Count("pk", filter=month & Q(final_satisfaction=face)) for name, face in answers.items()},
        )
    )


def _narrow(tickets: QuerySet[Ticket], actor: Actor, found: TicketFilter) -> QuerySet[Ticket]:
    tickets = tickets.filter(narrowing(found))
    return tickets.filter(closed_at=None) if QUEUES[found.queue].is_open else tickets


def narrowing(found: TicketFilter) -> Q:
    """What a filter asks beyond its queue, as one condition."""
    exact = {
        "level": found.level,
        "category_id": found.category_id,
        "urgency": found.urgency,
        "channel": found.channel,
        "organization_id": found.organization_id,
    }
    asked = _area(found.area_id) & Q(**{name: value for name, value in exact.items() if value})
    if found.face:
        asked &= Q(final_satisfaction="" if found.face == "none" else found.face)
    return asked & _words(found.text) if found.text else asked


def _in_area(tickets: QuerySet[Ticket], area_id: int | None) -> QuerySet[Ticket]:
    return tickets.filter(_area(area_id))


def _area(area_id: int | None) -> Q:
    if area_id is None:
        return Q()
    if area_id == 0:
        return Q(street_id=None)
    area = territory().areas.get(area_id)
    if area is None:
        return Q(pk__in=[])
    return Q() if area.level == "district" else Q(**{f"{area.level}_id": area_id})


def _words(text: str) -> Q:
    """By number (ours or the sender's), words of title, content and address, or the last four digits of the phone."""
    found = Q(pk__in=search_ids("ticket", text)) | Q(external_number=text)
    with contextlib.suppress(NumberError):
        found |= Q(number=str(parse_number(text)))
    if len(text) == 4 and text.isascii() and text.isdigit():
        found |= Q(requester__tail_hash__in=keyed_hashes(f"tail:{text}"))
    return found
