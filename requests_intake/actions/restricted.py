"""Restricted matters (限制知悉): who is named into the circle, and who opened the file."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.accounts.models import Membership, Notice
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.search import index_objects
from grids.models import Level
from grids.reference import territory
from requests_intake import circle
from requests_intake.actions.context import savepoint
from requests_intake.models import CaseMember, Ticket, TicketTransition
from requests_intake.policies import TicketPolicy
from requests_intake.subscribers import SEARCH_KIND, search_text

OPENED = "open_file"
REASON_LENGTH = 200


# ---------------------------------------------------------------- who opened it
def record_opening(object_kind: str, object_id: int, *, actor: Actor, page: str) -> None:
    """Write down, in the audit trail, that somebody opened a file; ``page`` is the name of the address, no words.

    A requester who reads their own matter is not written down.
    """
    if actor.is_staff:
        audit.record(OPENED, actor=actor, object_kind=object_kind, object_id=object_id, page=page)


def opened_ticket(ticket: Ticket, *, actor: Actor, page: str) -> None:
    """``record_opening`` of a ticket where it is restricted; of others reading is not recorded."""
    if ticket.is_restricted:
        record_opening("ticket", ticket.pk, actor=actor, page=page)


def openings(object_kind: str, object_id: int) -> QuerySet[AuditEvent]:
    """Every opening of a file, the newest first."""
    rows = AuditEvent.objects.filter(object_kind=object_kind, object_id=object_id, action=OPENED)
    return rows.order_by("-at", "-pk")


# ---------------------------------------------------------------- the circle
def may_name(actor: Actor, ticket: Ticket) -> bool:
    """Who keeps the confidential desk says who else may know, of the tickets in its circle."""
    kinds = circle.desk_kinds()
    keeps = any(
        role.kind in kinds and role.level == Level.DISTRICT and role.area_id is not None for role in actor.roles
    )
    return ticket.is_restricted and keeps and TicketPolicy.knows(actor, ticket)


def _require(actor: Actor, ticket: Ticket) -> Ticket:
    found = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if not may_name(actor, found):
        raise NotAllowed("not_desk", _("只有举报受理员（缺岗时由区调度员代）能改知悉范围。"))
    return found


@savepoint
def add_case_member(ticket: Ticket, *, membership_id: int, role: str, reason: str, actor: Actor) -> CaseMember:
    """Name somebody into the circle. They are told the number and no more.

    Raises ``Invalid`` for whoever is out of post, belongs to the organization it is about, or is inside already.
    """
    found = _require(actor, ticket)
    reason, fields = reason.strip(), {}
    posts = territory().held_by(membership_id)
    if not posts or not Membership.objects.filter(pk=membership_id, kind=Membership.Kind.STAFF).exists():
        fields["member"] = [_("请选择在岗的工作人员。")]
    elif found.about_id is not None and any(row.organization_id == found.about_id for row in posts):
        fields["member"] = [_("这个人在被反映的单位任职，不能知悉这件事。")]
    if role not in CaseMember.Role.values:
        fields["role"] = [_("请选择身份。")]
    if not 2 <= len(reason) <= REASON_LENGTH:
        fields["reason"] = [_("请写明为什么要让他知道，最多 {limit} 字。").format(limit=REASON_LENGTH)]
    if fields:
        raise Invalid("invalid_member", _("有些内容需要修改。"), fields=fields)
    if CaseMember.objects.filter(ticket=found, membership_id=membership_id, until=None).exists():
        raise Invalid("inside_already", _("已经在知悉范围里。"), fields={"member": [_("已经在知悉范围里。")]})
    row = CaseMember.objects.create(
        ticket=found,
        membership_id=membership_id,
        role=role,
        reason=reason,
        added_by_id=actor.membership_id,
        since=clock.now(),
    )
    audit.record("circle.add", actor=actor, object_kind="ticket", object_id=found.pk, member=membership_id, role=role)
    Notice.objects.create(
        membership_id=membership_id,
        source=f"case-member:{row.pk}",
        kind="case_member",
        text=_("请您参与一件限制知悉的事项：{number}").format(number=found.number),
        path=f"/desk/t/{found.number}/",
        created_at=clock.now(),
    )
    return row


@savepoint
def end_case_member(ticket: Ticket, member_id: int, *, actor: Actor) -> CaseMember:
    """Somebody is outside again from now on. Raises ``DomainError`` where they are not inside."""
    found = _require(actor, ticket)
    row = CaseMember.objects.select_for_update().filter(ticket=found, pk=member_id, until=None).first()
    if row is None:
        raise DomainError("not_inside", _("这个人已经不在知悉范围里。"))
    row.until = max(clock.now(), row.since)
    row.save(update_fields=["until"])
    audit.record("circle.end", actor=actor, object_kind="ticket", object_id=found.pk, member=row.membership_id)
    return row


def hide_words(tickets: Sequence[Ticket]) -> None:
    """What was told or can be found of tickets that have become restricted goes: notices and search words."""
    moves = TicketTransition.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).values_list("pk", flat=True)
    paths = [f"/{surface}/t/{ticket.number}/" for ticket in tickets for surface in ("m", "desk")]
    told = Q(source__in=[f"ticket-transition:{pk}" for pk in moves]) | Q(path__in=paths)
    Notice.objects.filter(told).delete()
    index_objects(SEARCH_KIND, [(ticket.pk, search_text(ticket)) for ticket in tickets])
