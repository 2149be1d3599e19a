"""Starting and ending work orders with their clocks: what dispatch, escalation, rework and reopening share."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.tenancy.context import current_district
from grids.reference import territory
from requests_intake import routing, sla, workflow
from requests_intake.models import Clock, ClockKind, Ticket, WorkOrder
from requests_intake.mover import Mover
from requests_intake.reference import rules


@dataclass
class Handling:
    """A locked ticket with its lead work order and clocks: what a move works on."""

    ticket: Ticket
    order: WorkOrder | None
    clocks: list[Clock]
    co_orders: list[WorkOrder] = field(default_factory=list)  # of co-handlers, those not ended

    def of_order(self, *kinds: str) -> list[Clock]:
        """Clocks of the lead work order (of these kinds, or all)."""
        return self.of(self.order, *kinds)

    def of(self, order: WorkOrder | None, *kinds: str) -> list[Clock]:
        """Clocks of one work order (of these kinds, or all)."""
        if order is None:
            return []
        return [row for row in self.clocks if row.work_order_id == order.pk and (not kinds or row.kind in kinds)]

    def order_of(self, actor: Actor) -> WorkOrder | None:
        """The order an actor works on: the lead's, or else the one their own organization helps with."""
        own = {role.organization_id for role in actor.roles}
        if self.ticket.organization_id in own:
            return self.order
        return next((order for order in self.co_orders if order.organization_id in own), self.order)

    def of_ticket(self) -> list[Clock]:
        """The promise and what is owed besides it; before acceptance, the desk's clock."""
        return [row for row in self.clocks if row.work_order_id is None]


def lead_order(ticket: Ticket) -> WorkOrder | None:
    """The open lead work order, else the newest one."""
    return WorkOrder.objects.filter(ticket=ticket, role=WorkOrder.Role.LEAD).order_by("-sequence").first()


def load_handling(ticket: Ticket) -> Handling:
    """Orders and clocks of a ticket that the caller has locked."""
    order = lead_order(ticket)
    clocks = list(Clock.objects.filter(ticket=ticket))
    return Handling(ticket, order, clocks, open_co_orders(ticket) if ticket.co_handlers else [])


def open_co_orders(ticket: Ticket) -> list[WorkOrder]:
    """Orders of co-handlers (协办) that have not ended, the oldest first."""
    found = WorkOrder.objects.filter(ticket=ticket, role=WorkOrder.Role.CO_HANDLING, ended_at=None)
    return list(found.order_by("sequence"))


def klass_of(ticket: Ticket, policy: sla.Policy) -> sla.Klass:
    """The row of the limit table a ticket falls under (SLA D.2)."""
    category = rules().categories.get(ticket.category_id) if ticket.category_id else None
    on = clock_date(ticket.accepted_at or ticket.submitted_at)
    return policy.resolve_class(
        request_type=ticket.request_type,
        urgency=ticket.urgency,
        category_code=category.code if category else "",
        grid_size=bool(category and category.pure.limit_class == "minor"),
        on=on,
    )


def clock_date(moment: datetime):  # type: ignore[no-untyped-def]
    from governance.kernel.clock import local

    return local(moment).date()


def next_level(level: str) -> str | None:
    """The level above along the district's own path; None at the top."""
    return routing.next_level(current_district().escalation_path, level)


def organization_at(ticket: Ticket, level: str) -> routing.OrganizationRef:
    """Who answers for the ticket's place at a level, else the next above, at last the district centre.

    Never the organization a report is about.
    """
    place = routing.Place(ticket.grid_id, ticket.community_id, ticket.street_id)
    others = [row for row in rules().organizations if row.id != ticket.about_id]
    return routing.choose_organization(level, place, others)


def start_order(
    mover: Mover,
    ticket: Ticket,
    organization: routing.OrganizationRef,
    *,
    sequence: int,
    limit: sla.Limit | None = None,
) -> WorkOrder:
    """Open a new lead work order with its sign, contact and resolve clocks (SLA D.1, D.3, D.12).

    ``limit`` replaces the level's own resolve limit and is not cut to the promise (re-handling, SLA D.10). The
    ticket's ``organization``, ``level`` and ``order_due_at`` follow the lead order.
    """
    calendar = work_calendar()
    _version, policy = rules().policy(mover.at)
    limits = sla.level_limits(policy, level=organization.level, klass=klass_of(ticket, policy))
    resolve = limit or limits.resolve
    due = sla.due_at(mover.at, resolve, calendar)
    capped = sla.Capped(due, was_cut=False, beyond_promise=False)
    if limit is None and ticket.promise_due_at is not None:
        capped = sla.cap_to_promise(due, ticket.promise_due_at, mover.at, calendar)
    holder = territory().handler(organization.id)
    order = WorkOrder(
        ticket=ticket,
        sequence=sequence,
        state=workflow.OrderState.DISPATCHED.value,
        organization_id=organization.id,
        level=organization.level,
        assignee_id=holder.membership_id if holder else None,
        dispatched_at=mover.at,
        limit_value=resolve.value,
        limit_unit=resolve.unit.value,
        due_at=capped.due,
        was_cut=capped.was_cut,
        beyond_promise=capped.beyond_promise,
    )
    sign_due = sla.due_at(mover.at, limits.sign, calendar)
    clocks = [
        make_clock(
            ticket, order, ClockKind.SIGN, mover.at, limits.sign, sign_due,
            sla.sign_stages(mover.at, sign_due, limits.sign.unit, calendar, thresholds=policy.thresholds),
        ),
        make_clock(
            ticket, order, ClockKind.RESOLVE, mover.at, resolve, capped.due,
            sla.resolve_stages(
                mover.at, capped.due, resolve.unit, calendar, thresholds=policy.thresholds,
                top_level=next_level(organization.level) is None,
            ),
            promise=ticket.promise_due_at if limit is None else None,
        ),
    ]  # fmt: skip
    if limits.contact is not None and ticket.requester_id is not None:
        contact_due = sla.due_at(mover.at, limits.contact, calendar)
        stages = sla.contact_stages(mover.at, contact_due, limits.contact.unit, calendar)
        clocks.append(make_clock(ticket, order, ClockKind.CONTACT, mover.at, limits.contact, contact_due, stages))
    mover.add_order(order, clocks)
    if sequence == 1:
        start_field_clocks(mover, ticket)
    ticket.organization_id = organization.id
    ticket.level = organization.level
    if routing.LEVELS.index(organization.level) > routing.LEVELS.index(ticket.max_level):
        ticket.max_level = organization.level
    ticket.order_due_at = capped.due
    promise_over = ticket.promise_due_at is not None and ticket.promise_due_at <= mover.at
    ticket.lamp = "over" if promise_over else ""
    mover.touch(ticket)
    return order


def field_limits(ticket: Ticket, moment: datetime) -> dict[str, sla.Limit]:
    """到场, 控制险情, 告知方案: what a matter of its class owes besides its promise (SLA D.2), by kind of clock."""
    _version, policy = rules().policy(moment)
    row = policy.classes[klass_of(ticket, policy)]
    asked = {ClockKind.ON_SITE: row.on_site, ClockKind.CONTROL: row.control, ClockKind.PLAN: row.plan}
    return {kind.value: limit for kind, limit in asked.items() if limit is not None}


def start_field_clocks(mover: Mover, ticket: Ticket, *, known: Collection[str] = ()) -> None:
    """Once for the whole matter, when it is first given to somebody: handing it on resets none of them.

    ``known``: kinds that it has, running or not.
    """
    calendar, limits = work_calendar(), field_limits(ticket, mover.at)
    for kind, limit in limits.items():
        if kind in known:
            continue
        due = sla.due_at(mover.at, limit, calendar)
        stages = sla.contact_stages(mover.at, due, limit.unit, calendar)
        if kind == ClockKind.CONTROL:
            until = max(ticket.promise_due_at or due, due)
            stages = sla.danger_stages(mover.at, due, until, limit.unit, calendar)
        mover.add_clock(make_clock(ticket, None, kind, mover.at, limit, due, stages))


FIRST_CO_ORDER = 101
"""Orders of co-handlers are counted apart, so that the leads stay 1, 2, 3 … along the way of the ticket."""


def start_co_order(
    mover: Mover, ticket: Ticket, lead: WorkOrder, organization: routing.OrganizationRef, *, number: int
) -> WorkOrder:
    """Open a co-handling order (协办) with clocks of its own, due no later than the lead's (D.1)."""
    calendar = work_calendar()
    _version, policy = rules().policy(mover.at)
    limits = sla.level_limits(policy, level=organization.level, klass=klass_of(ticket, policy))
    own = sla.due_at(mover.at, limits.resolve, calendar)
    due = min(own, lead.due_at) if lead.due_at > mover.at else own
    holder = territory().handler(organization.id)
    order = WorkOrder(
        ticket=ticket,
        sequence=number,
        role=WorkOrder.Role.CO_HANDLING,
        state=workflow.OrderState.DISPATCHED.value,
        organization_id=organization.id,
        level=organization.level,
        assignee_id=holder.membership_id if holder else None,
        dispatched_at=mover.at,
        limit_value=limits.resolve.value,
        limit_unit=limits.resolve.unit.value,
        due_at=due,
        was_cut=due < own,
        # A lead that is late may have passed the promise: who helps is then asked for after it as well (D.12).
        beyond_promise=ticket.promise_due_at is not None and due > ticket.promise_due_at,
    )
    sign_due = sla.due_at(mover.at, limits.sign, calendar)
    signs = sla.contact_stages(mover.at, sign_due, limits.sign.unit, calendar)
    stages = sla.resolve_stages(
        mover.at, due, limits.resolve.unit, calendar, top_level=False, thresholds=policy.thresholds
    )
    mover.add_order(
        order,
        [
            make_clock(ticket, order, ClockKind.SIGN, mover.at, limits.sign, sign_due, signs),
            make_clock(
                ticket, order, ClockKind.RESOLVE, mover.at, limits.resolve, due, stages, ceiling=("lead", lead.due_at)
            ),
        ],
    )
    ticket.co_handlers += 1
    mover.touch(ticket)
    return order


def end_co_orders(mover: Mover, handling: Handling, state: workflow.OrderState) -> None:
    """With the ticket, or with the lead's verified work, those of the co-handlers end as well."""
    for order in handling.co_orders:
        order.state, order.ended_at = state.value, mover.at
        mover.touch(None, order)
        mover.stop(handling.of(order))
    if handling.co_orders:
        handling.ticket.co_handlers = 0
        mover.touch(handling.ticket)
    handling.co_orders = []


def make_clock(
    ticket: Ticket,
    order: WorkOrder | None,
    kind: str,
    started_at: datetime,
    limit: sla.Limit,
    due: datetime,
    stages: Iterable[sla.StageAt],
    *,
    promise: datetime | None = None,
    ceiling: tuple[str, datetime] | None = None,
) -> Clock:
    """A running clock with the schedule of its stages fixed, and what its deadline comes from for the ledger.

    ``promise``: the promise the limit was cut to; ``ceiling``: another deadline it may not pass, with its name
    (``lead`` for a co-handler, ``external`` for a limit another system has set).
    """
    schedule = [[str(stage.code), stage.at.isoformat()] for stage in stages]
    row = Clock(
        ticket=ticket,
        work_order=order,
        kind=kind,
        started_at=started_at,
        limit_value=limit.value,
        limit_unit=limit.unit.value,
        due_at=due,
        schedule=schedule,
        next_fire_at=datetime.fromisoformat(schedule[0][1]) if schedule else None,
    )
    calendar = work_calendar()
    facts: dict[str, Any] = {"from": started_at.isoformat(), "limit": [limit.value, limit.unit.value]}
    own = sla.due_at(started_at, limit, calendar)
    if own != due and promise is not None:
        facts["promise"] = promise.isoformat()
    elif own != due and ceiling is not None:
        facts["ceiling_of"], facts["ceiling"] = ceiling[0], ceiling[1].isoformat()
    facts["calendar"] = sla.excerpt(calendar, started_at, own, due)
    row.start_facts = facts  # type: ignore[attr-defined]
    return row


def start_promise(mover: Mover, ticket: Ticket, *, since: datetime | None = None) -> None:
    """Give the resident the promise, once: it is stored and never recomputed from a later policy (SLA D.1).

    It is counted from ``since`` where the matter was promised before as part of another.
    """
    calendar, start = work_calendar(), since or mover.at
    version, policy = rules().policy(start)
    category = rules().categories.get(ticket.category_id) if ticket.category_id else None
    limit = sla.promise_limit(
        policy,
        request_type=ticket.request_type,
        urgency=ticket.urgency,
        category_code=category.code if category else "",
        grid_size=bool(category and category.pure.limit_class == "minor"),
        on=clock_date(start),
    )
    due = sla.due_at(start, limit, calendar)
    ticket.limit_from = "policy"
    if ticket.external_due_at is not None and ticket.external_due_at < due:
        # The sender's limit is stricter than ours (S3-13b). One that has passed already leaves nothing to wait for.
        ticket.limit_from, due = "external", max(ticket.external_due_at, start)
    ticket.policy_version, ticket.promise_due_at = version, due
    stages = sla.promise_stages(start, due, limit.unit, calendar, urgency=ticket.urgency, thresholds=policy.thresholds)
    row = make_clock(ticket, None, ClockKind.PROMISE, start, limit, due, stages, ceiling=(ticket.limit_from, due))
    mover.add_clock(row)
    mover.touch(ticket)


def hand_up(mover: Mover, handling: Handling, *, by_clock: bool, note: str = "") -> WorkOrder:
    """Take the lead order one level up: end it, start one above. The caller has made sure there is a level above."""
    ticket, order = handling.ticket, handling.order
    assert order is not None
    above = next_level(order.level)
    assert above is not None
    organization = organization_at(ticket, above)
    from_organization, from_level = order.organization_id, order.level
    order.handed_over_reason = "escalated"
    mover.stop(handling.of_order(), handed_over=True)
    fresh = start_order(mover, ticket, organization, sequence=order.sequence + 1)
    mover.move(
        "escalate", ticket, order, note=note,
        from_level=from_level, to_level=organization.level, from_organization=from_organization, by_clock=by_clock,
    )  # fmt: skip
    return fresh
