"""Who may see which tickets, and who may make which move. One policy answers both."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor, Role
from governance.kernel.errors import DomainError, NotAllowed
from grids.reference import territory
from requests_intake import circle, workflow
from requests_intake.models import Ticket, WorkOrder
from requests_intake.models.ticket import ONLINE_CHANNELS
from requests_intake.whose import refusal

_AREA_COLUMN = {"grid": "grid_id", "community": "community_id", "street": "street_id"}


class TicketPolicy:
    """Rights on tickets, from the posts an actor holds (``workflow.ALLOWED``, ``workflow.READERS``)."""

    @staticmethod
    def visible(actor: Actor) -> QuerySet[Ticket]:
        """The rows an actor may see: the territory of each reading post, the work orders of each organization.

        Restricted tickets are seen only by those in their circle (``circle.inside``). Outside the rows is 404.
        """
        tickets: QuerySet[Ticket] = Ticket.objects.all()
        if actor.is_system:
            return tickets
        if actor.ticket_id is not None:
            return tickets.filter(pk=actor.ticket_id)
        scopes = [scope for role in actor.roles if (scope := _scope(role)) is not None]
        handled = {role.organization_id for role in actor.roles if _handles_work(role)}
        if handled:
            orders = WorkOrder.objects.filter(organization_id__in=handled)
            scopes.append(Q(pk__in=orders.values("ticket_id")))
        found = Q(pk__in=[])
        for scope in scopes:
            found |= scope
        restricted = circle.inside(actor)
        if restricted is None:
            return tickets.filter(found, is_restricted=False) if scopes else tickets.none()
        return tickets.filter(Q(is_restricted=False) & found | restricted)

    @classmethod
    def knows(cls, actor: Actor, ticket: Ticket) -> bool:
        """Whether the actor may know what a ticket says at all: always, unless it is restricted. One statement then."""
        if not ticket.is_restricted or actor.is_system or actor.ticket_id is not None:
            return True
        return cls.visible(actor).filter(pk=ticket.pk).exists()

    @classmethod
    def allows(cls, actor: Actor, move: str, ticket: Ticket, *, decider_id: int | None = None) -> bool:
        """Whether the table gives the actor this move on this ticket (its state is the mover's business).

        ``decider_id``: the organization that answers the application the move is about. Of a restricted ticket moves
        belong only to those in its circle.
        """
        return cls._by_table(actor, move, ticket, decider_id) and cls.knows(actor, ticket)

    @staticmethod
    def _by_table(actor: Actor, move: str, ticket: Ticket, decider_id: int | None = None) -> bool:
        allowed = workflow.ALLOWED[move]
        if actor.is_system:
            return (workflow.SYSTEM, workflow.SYSTEM) in allowed
        if ticket.is_letter and move not in workflow.LETTER_MOVES:
            return False
        if actor.ticket_id is not None:
            stands = {workflow.REQUESTER} | ({workflow.AUTHOR} if ticket.is_letter else set())
            return actor.ticket_id == ticket.pk and any((workflow.REQUESTER, each) in allowed for each in stands)
        if ticket.is_letter:
            return any((role.kind, workflow.ADDRESSED) in allowed and covers(role, ticket) for role in actor.roles)
        if any(
            ((role.kind, workflow.HANDLES) in allowed and role.organization_id == ticket.organization_id)
            or ((role.kind, workflow.COVERS) in allowed and covers(role, ticket))
            or ((role.kind, workflow.DECIDES) in allowed and decider_id is not None and decides(role, decider_id))
            for role in actor.roles
            if role.kind not in workflow.ONLINE_ONLY or ticket.channel in ONLINE_CHANNELS
            if ticket.is_restricted or role.kind != workflow.REPORT_DESK
        ):
            return True
        helping = {role.organization_id for role in actor.roles if (role.kind, workflow.ASSISTS) in allowed}
        return bool(ticket.co_handlers and helping) and bool(helping & assisting_organizations(ticket))

    @classmethod
    def require(cls, actor: Actor, move: str, ticket: Ticket, *, decider_id: int | None = None) -> None:
        """Raise ``NotAllowed`` with a sentence that says why."""
        if not cls.allows(actor, move, ticket, decider_id=decider_id):
            if decider_id is not None:
                label, name = workflow.MOVES[move].label, territory().organization_name(decider_id)
                raise NotAllowed(
                    "not_allowed", _("“{move}”由{name}答复，您的岗位不能。").format(move=label, name=name), move=move
                )
            raise refusal(move, is_letter=ticket.is_letter)

    @classmethod
    def moves(cls, actor: Actor, ticket: Ticket, order: WorkOrder | None) -> list[workflow.Move]:
        """The moves an actor may make now, by right and by state: the buttons of a page."""
        if not cls.knows(actor, ticket):
            return []
        return [
            move
            for move in workflow.MOVES.values()
            if move.name in workflow.ALLOWED
            and (ticket.needs_review or move.name not in workflow.OF_REVIEW)
            and workflow.permits(move, ticket.state, order.state if order else None)
            and cls._by_table(actor, move.name, ticket)
        ]


def covers(role: Role, ticket: Ticket) -> bool:
    """Whether a role's territory contains the ticket."""
    if role.area_id is None:
        return False
    if role.level == "district":
        return True
    column = _AREA_COLUMN.get(role.level)
    return column is not None and getattr(ticket, column) == role.area_id


def decides(role: Role, decider_id: int) -> bool:
    """Whether a role may answer an application put to an organization; the district centre may answer any."""
    return decider_id in {role.organization_id} or (
        role.level == "district" and role.organization_id == territory().center().id
    )


def assisting_organizations(ticket: Ticket) -> set[int]:
    """Organizations with an open co-handling order (协办)."""
    orders = WorkOrder.objects.filter(ticket=ticket, role=WorkOrder.Role.CO_HANDLING, ended_at=None)
    return set(orders.values_list("organization_id", flat=True))


def _handles_work(role: Role) -> bool:
    beside = workflow.ONLINE_ONLY | {workflow.REPORT_DESK}
    return role.organization_id is not None and role.kind in workflow.READERS - beside


def _scope(role: Role) -> Q | None:
    """The rows of a reading post's territory; None where the post has none (departments, building heads …)."""
    if role.kind not in workflow.READERS or role.kind == workflow.REPORT_DESK or role.area_id is None:
        return None
    online = Q(channel__in=ONLINE_CHANNELS) if role.kind in workflow.ONLINE_ONLY else Q()
    if role.level == "district":
        # Q() is "no condition" and would vanish in an OR: say it as a condition.
        return online or Q(pk__isnull=False)
    column = _AREA_COLUMN.get(role.level)
    return None if column is None else Q(**{column: role.area_id}) & online


def require_recorder(actor: Actor) -> None:
    """For recording what somebody else said: posts that handle matters. Raises ``NotAllowed``."""
    if not actor.role_kinds & workflow.RECORDERS:
        raise NotAllowed("not_allowed", _("您目前的岗位不能代为登记。"))


def find_visible(actor: Actor, number: str, *, lock: bool = False) -> Ticket:
    """The ticket of that number if the actor may see it; ``DomainError`` with status 404 otherwise."""
    tickets = TicketPolicy.visible(actor)
    if lock:
        tickets = tickets.select_for_update(of=("self",))
    ticket = tickets.filter(number=number).first()
    if ticket is None:
        raise DomainError("no_ticket", _("没有这个编号的诉求，或者不在您的范围内。"), status=404)
    return ticket
