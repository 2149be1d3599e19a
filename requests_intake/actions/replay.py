"""Replaying history: a matter that another system has answered long ago, sent through the real actions.

The source knows two moments, when it was said and when it was answered. Everything up to the signature is therefore
placed at the first (so that every limit runs from the resident's words, the strictest reading) and everything from the
answer on at the second. Nobody is told, and no clock is left running when the transaction ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.queries import actor_for
from grids.reference import territory
from requests_intake import routing, workflow
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.rate import close_ticket
from requests_intake.actions.resolve import pass_on, resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket
from requests_intake.reference import rules

REPLAY = Actor.system("replay")


@dataclass
class Handlers:
    """Who signs and answers in each organization: whoever is in post there today, for the policy asks for a person."""

    _known: dict[int, Actor | None] = field(default_factory=dict)

    def of(self, organization_id: int) -> Actor | None:
        """Somebody in post there who may resolve; None where there is nobody (缺岗)."""
        if organization_id not in self._known:
            self._known[organization_id] = self._find(organization_id)
        return self._known[organization_id]

    @staticmethod
    def _find(organization_id: int) -> Actor | None:
        for holder in territory().serving(organization_id):
            if (holder.kind, workflow.HANDLES) in workflow.ALLOWED["resolve"]:
                return actor_for(Membership.objects.get(pk=holder.membership_id))
        return None

    def require_center(self) -> None:
        """Raises ``DomainError('nobody_in_post')`` where the centre, which answers when nobody else does, is empty."""
        center = territory().center()
        if self.of(center.id) is None:
            raise DomainError(
                "nobody_in_post",
                _("“{name}”没有人在岗（区调度员）。回放需要一位在岗人员签收和答复，请先任命。").format(
                    name=center.name
                ),
            )


@savepoint
def replay_ticket(
    report: Report, *, reply: str, replied_at: datetime, handlers: Handlers, actor: Actor = REPLAY
) -> Ticket:
    """Submit, accept, dispatch, sign, answer and close one matter with its own times. Returns the closed ticket.

    What the source does not tell is not made up: no visit to the place (verification is waived by the system) and no
    rating (it closes as ``unrated``). Raises ``DomainError`` as the actions do.
    """
    said_at = report.occurred_at
    assert said_at is not None
    ticket = submit_ticket(report, actor=actor, at=said_at, tell=False).ticket
    if ticket.state == workflow.TicketState.SUBMITTED:
        ticket = accept_ticket(ticket, actor=actor, at=said_at, tell=False)
    handler = handlers.of(ticket.organization_id) if ticket.state == workflow.TicketState.HANDLING else None
    if handler is None:
        organization_id, handler = _whom(ticket, handlers)
        ticket = dispatch_ticket(ticket, organization_id=organization_id, actor=actor, at=said_at, tell=False)
    sign_order(ticket, actor=handler, at=said_at, tell=False)
    ticket = resolve_ticket(ticket, actor=handler, reply=reply, at=replied_at, tell=False)
    if ticket.state == workflow.TicketState.RESOLVED:
        ticket = waive_verification(ticket, actor=actor, at=replied_at)
    if ticket.state == workflow.TicketState.VISITING:
        note = _("历史数据回放：来源系统已答复，没有评价记录。")
        ticket = close_ticket(ticket, reason="unrated", actor=actor, note=note, at=replied_at, tell=False)
    return ticket


def _whom(ticket: Ticket, handlers: Handlers) -> tuple[int, Actor]:
    """The first suggested organization with somebody in post, at last the district centre."""
    center_id = territory().center().id
    category = rules().categories.get(ticket.category_id) if ticket.category_id else None
    suggested = [center_id]
    if category is not None:
        found = routing.suggest_departments(category.pure, rules().organizations, ticket.street_id, ticket.community_id)
        suggested = [each.organization.id for each in found] + suggested
    for organization_id in suggested:
        handler = handlers.of(organization_id)
        if handler is not None:
            return organization_id, handler
    handlers.require_center()
    raise AssertionError("the centre is always suggested")


@savepoint
def waive_verification(ticket: Ticket, *, actor: Actor, at: datetime | None = None) -> Ticket:
    """免予核查 for a ticket that was drawn for a look on site: years later there is nothing left to look at."""
    with making("waive_verification", ticket, actor=actor, at=at, tell=False) as (handling, mover):
        handling.ticket.needs_verification = False
        pass_on(mover, handling, waived=True)
        return handling.ticket
