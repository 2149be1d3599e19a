"""Asking the district's routing rules about a matter that comes in, and keeping what could not be carried out."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import clock
from grids.reference import territory
from requests_intake import routing
from requests_intake.models import RoutingFailure, Ticket
from requests_intake.mover import Mover
from requests_intake.reference import CategoryRef
from requests_intake.routing_rules import raised
from requests_intake.rulings import Matter, Ruling, rule_on, rule_set

logger = logging.getLogger(__name__)
NOTICE_KIND = "routing_failure"


def apply_rules(ticket: Ticket, category: CategoryRef | None, mover: Mover) -> Ruling:
    """Ask the rules in force about a ticket not yet written: its urgency may rise, it may become restricted.

    Whom it goes to is in the answer and is used where the ticket is dispatched. No statement once the rules are cached.
    """
    matter = Matter(
        category=category,
        request_type=ticket.request_type,
        urgency=ticket.urgency,
        text=f"{ticket.title}\n{ticket.content}",
        place=routing.Place(ticket.grid_id, ticket.community_id, ticket.street_id),
        compound_id=ticket.compound_id,
        channel=ticket.channel,
        at=mover.at,
        is_anonymous=ticket.is_anonymous,
        is_proactive=ticket.is_proactive,
    )
    ruling = rule_on(matter, rule_set(mover.at))
    result = ruling.decision.result
    ticket.urgency = raised(ticket.urgency, result.raise_to)
    ticket.is_restricted = ticket.is_restricted or result.is_restricted
    return ruling


def keep_failure(ticket: Ticket, ruling: Ruling, mover: Mover) -> RoutingFailure | None:
    """Write down that a rule could not be carried out, and tell the district's administrators (once a rule and day).

    In a savepoint of its own: the matter is taken in even where this cannot be written, and the log then says so.
    """
    if not ruling.code:
        return None
    rule = ruling.rule
    try:
        with transaction.atomic():
            row = RoutingFailure.objects.create(
                ticket=ticket,
                version=ruling.version,
                rule_key=rule.key if rule else "",
                rule_title=rule.name if rule else "",
                code=ruling.code,
                detail=ruling.detail,
                at=mover.at,
            )
            if mover.tell:
                _tell(row)
            return row
    except DatabaseError:
        logger.exception("routing failure of ticket %s could not be kept", ticket.number)
        return None


def _tell(row: RoutingFailure) -> None:
    places = territory()
    administrators = [holder for holder in places.serving(places.center().id) if holder.kind == "district_admin"]
    what = str(RoutingFailure.Code(row.code).label)
    name = _("“{name}”").format(name=row.rule_title) if row.rule_title else ""
    tell(
        [
            Notice(
                membership_id=holder.membership_id,
                source=f"routing-failure:{row.rule_key or row.code}:{clock.today()}",
                kind=NOTICE_KIND,
                text=_("派单规则{name}没有执行成：{what}，先派给了社区").format(name=name, what=what)[:200],
                brief=_("派单规则没有执行成")[:80],
                path="/manage/routing/failures/",
                created_at=clock.now(),
            )
            for holder in administrators
        ]
    )
