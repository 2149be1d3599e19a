"""What is open about a ticket beside its state, and which moves that leaves somebody: the buttons of its page.

An application waits for one organization's answer, a supervision order for another's; a co-handler signs its own order,
not the lead's. Read once for a page, whatever it then shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed
from requests_intake import workflow
from requests_intake.actions.orders import lead_order, open_co_orders
from requests_intake.models import FIELD_MOVES, Application, Clock, Supervision, Ticket, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.pool import is_pool_of
from requests_intake.whose import refusal

GRANTS = {
    "grant_return": Application.Kind.RETURN,
    "grant_extension": Application.Kind.EXTENSION,
    "grant_pause": Application.Kind.PAUSE,
    "grant_suspension": Application.Kind.SUSPENSION,
}
"""Moves that agree to an application, and the kind of application they agree to."""

_OF_HELPERS = frozenset(
    name
    for name, allowed in workflow.ALLOWED.items()
    if any(relation == workflow.ASSISTS for _kind, relation in allowed)
)
_DECIDES = frozenset(
    name
    for name, allowed in workflow.ALLOWED.items()
    if any(relation == workflow.DECIDES for _kind, relation in allowed)
)
_CIRCULAR = ("publish_circular", "drop_circular", "withdraw_circular")


@dataclass
class Standing:
    """``applications``: those that wait for an answer. ``waiting``: supervision orders without one. ``drafts``: lines
    of the list of what is to be published; ``published``: those that were. ``owed``: kinds of clocks of the matter
    itself that run beside the promise (``FIELD_MOVES``)."""

    ticket: Ticket
    lead: WorkOrder | None
    co_orders: list[WorkOrder] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    waiting: list[Supervision] = field(default_factory=list)
    drafts: list[Supervision] = field(default_factory=list)
    published: list[Supervision] = field(default_factory=list)
    owed: frozenset[str] = frozenset()

    def order_for(self, move: str, actor: Actor) -> WorkOrder | None:
        """The order a move is about: a co-handler's own for what co-handlers do, the lead's for everything else."""
        if move not in _OF_HELPERS:
            return self.lead
        own = {role.organization_id for role in actor.roles}
        if self.ticket.organization_id in own:
            return self.lead
        return next((order for order in self.co_orders if order.organization_id in own), self.lead)

    def answerable(self, move: str, actor: Actor) -> list[Application]:
        """The applications an actor may make this answer to; nobody answers their own."""
        return [
            row
            for row in self.applications
            if (move not in GRANTS or row.kind == GRANTS[move])
            and row.asked_by_id != actor.membership_id
            and TicketPolicy.allows(actor, move, self.ticket, decider_id=row.decider_id)
        ]

    def moves(self, actor: Actor) -> list[workflow.Move]:
        """Moves by right, by state, and by what is open. In a pool 接单 stands for 签收: the first who taps has it."""
        if not TicketPolicy.knows(actor, self.ticket):
            return []
        found = []
        for move in workflow.MOVES.values():
            if move.name not in workflow.ALLOWED or (not self.ticket.needs_review and move.name in workflow.OF_REVIEW):
                continue
            order = self.order_for(move.name, actor)
            if not workflow.permits(move, self.ticket.state, order.state if order else None):
                continue
            if move.name in _DECIDES:
                if self.answerable(move.name, actor):
                    found.append(move)
            elif move.name == "give_back" and not self._may_give_back(actor):
                continue
            elif self._is_about_something(move.name) and TicketPolicy.allows(actor, move.name, self.ticket):
                found.append(move)
        claims = any(move.name == "claim" for move in found)
        return [move for move in found if move.name != "sign" or not claims]

    def _may_give_back(self, actor: Actor) -> bool:
        """Only who has it, and only where somebody else could take it on."""
        return self.lead is not None and self.lead.assignee_id == actor.membership_id and is_pool(self.ticket)

    def _is_about_something(self, move: str) -> bool:
        asked = {row.kind for row in self.applications}
        conditions: dict[str, Callable[[], bool]] = {
            "take_back": lambda: bool(asked),
            "cancel_handler": lambda: any(order.state in workflow.ORDER_OPEN for order in self.co_orders),
            "answer_supervision": lambda: bool(self.waiting),
            "publish_circular": lambda: bool(self.drafts),
            "drop_circular": lambda: bool(self.drafts),
            "withdraw_circular": lambda: bool(self.published),
            # A matter lies at one desk; what is asked already is not asked twice.
            **{f"ask_{kind}": lambda kind=kind: kind not in asked for kind in Application.Kind.values},  # type: ignore[misc]
            **{name: lambda kind=kind: kind in self.owed for name, kind in FIELD_MOVES.items()},  # type: ignore[misc]
            "claim": lambda: self.lead is not None and self.lead.signed_at is None and is_pool(self.ticket),
        }
        condition = conditions.get(move)
        return condition is None or condition()

    def require(self, move: str, actor: Actor) -> None:
        """Raise ``NotAllowed`` or, where the state is not that, ``DomainError`` with a sentence why."""
        if move in _DECIDES:
            self._require_answer(move, actor)
        else:
            TicketPolicy.require(actor, move, self.ticket)

    def require_state(self, move: str, actor: Actor) -> None:
        """Say at once that a move has become impossible, before anybody fills in its form."""
        order = self.order_for(move, actor)
        if not workflow.permits(workflow.MOVES[move], self.ticket.state, order.state if order else None):
            words = {"move": workflow.MOVES[move].label, "state": self.ticket.get_state_display()}
            raise DomainError("wrong_state", _("现在不能“{move}”：这件诉求已经是“{state}”。").format(**words))
        if move in (*_CIRCULAR, "take_back", *FIELD_MOVES) and not self._is_about_something(move):
            raise DomainError("nothing_open", _("已经没有等着办的了，请刷新再看。"))

    def _require_answer(self, move: str, actor: Actor) -> None:
        if self.answerable(move, actor):
            return
        kinds = {kind for kind, relation in workflow.ALLOWED[move] if relation == workflow.DECIDES}
        if not actor.role_kinds & kinds:
            raise refusal(move)
        about = [row for row in self.applications if move not in GRANTS or row.kind == GRANTS[move]]
        if not about:
            if self.ticket.state != workflow.TicketState.HANDLING.value:
                self.require_state(move, actor)
            raise DomainError("nothing_open", _("没有等着答复的申请，可能已经答复过了。"))
        if any(row.asked_by_id == actor.membership_id for row in about):
            raise NotAllowed("own_application", _("自己提的申请，要由别人答复。"))
        TicketPolicy.require(actor, move, self.ticket, decider_id=about[0].decider_id)


def is_pool(ticket: Ticket) -> bool:
    """Whether more than one person could take the order on (S3-27)."""
    return is_pool_of(ticket.organization_id)


def standing_of(ticket: Ticket) -> Standing:
    """Five statements at most."""
    is_handled = ticket.state == workflow.TicketState.HANDLING.value
    supervisions = Supervision.objects.filter(ticket=ticket).order_by("pk")
    if is_handled:
        rows = list(supervisions.filter(state__in=("issued", "overdue", "draft", "published")))
    else:
        rows = list(supervisions.filter(state__in=("draft", "published")))
    return Standing(
        ticket=ticket,
        lead=lead_order(ticket),
        co_orders=open_co_orders(ticket) if ticket.co_handlers else [],
        applications=list(
            Application.objects.filter(ticket=ticket, state=Application.State.ASKED).order_by("pk")
        ) if is_handled else [],
        waiting=[
            row for row in rows
            if row.kind == Supervision.Kind.ORDER and row.organization_id == ticket.organization_id
        ],
        drafts=[row for row in rows if row.state == Supervision.State.DRAFT],
        published=[row for row in rows if row.state == Supervision.State.PUBLISHED],
        owed=frozenset(
            Clock.objects.filter(ticket=ticket, work_order=None, kind__in=FIELD_MOVES.values(), stopped_at=None)
            .values_list("kind", flat=True)
        ) if is_handled else frozenset(),
    )  # fmt: skip
