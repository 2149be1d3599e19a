"""拆分: what was reported as one matter is several; each part goes its own way and has its own number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket, TicketSplit
from requests_intake.reference import rules

MOST = 5
"""Parts that one act may take out of a ticket."""


@dataclass(frozen=True)
class Part:
    """One matter taken out: what it is about, its kind, where. ``category_code`` empty: by its words."""

    content: str
    category_code: str = ""
    building_id: int | None = None
    address: str = ""
    community_id: int | None = None


@savepoint
def split_ticket(
    ticket: Ticket,
    *,
    parts: Sequence[Part],
    actor: Actor,
    note: str = "",
    at: datetime | None = None,
    tell: bool = True,
) -> list[Ticket]:
    """Take one to five parts out of a ticket. Returns the new tickets.

    The original stays the first part under the number its requester knows. A part belongs to the same requester, was
    submitted when the original was, and is promised as if it had been accepted with it: splitting wins nobody time.
    Raises ``Invalid`` with sentences per part (``part_0``, ``part_1`` …).
    """
    _check(parts)
    with making("split", ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        original = handling.ticket
        fresh = [
            submit_ticket(_report(part, original), actor=actor, at=mover.at, tell=tell, part_of=original).ticket
            for part in parts
        ]
        mover.move("split", original, note=note, parts=[part.number for part in fresh])
        TicketSplit.objects.bulk_create(
            TicketSplit(original=original, part=part, split_by_id=actor.membership_id, split_at=mover.at)
            for part in fresh
        )
        return fresh


def _report(part: Part, original: Ticket) -> Report:
    return Report(
        content=part.content.strip(),
        category_code=part.category_code,
        request_type=original.request_type,
        channel=original.channel,
        building_id=part.building_id,
        address=part.address.strip(),
        community_id=part.community_id,
        is_anonymous=original.is_anonymous,
        is_confidential=original.is_confidential,
        is_proactive=original.is_proactive,
    )


def _check(parts: Sequence[Part]) -> None:
    if not parts:
        raise Invalid("no_parts", _("请写出要拆出来的事。"), fields={"part_0": [_("请写出要拆出来的事。")]})
    if len(parts) > MOST:
        raise Invalid("too_many_parts", _("一次最多拆出 {n} 件。").format(n=MOST))
    fields: dict[str, list[str]] = {}
    for place, part in enumerate(parts):
        if not part.content.strip():
            fields[f"part_{place}"] = [_("请写出这一件是什么事。")]
        elif part.category_code and part.category_code not in rules().by_code:
            fields[f"part_{place}"] = [_("没有这个分类。")]
    if fields:
        raise Invalid("invalid_parts", _("有的部分需要修改。"), fields=fields)


def numbers_of(ticket: Ticket) -> list[str]:
    """Numbers of the other tickets of a matter that was split: of its parts, of the original, of the other parts."""
    ties = TicketSplit.objects.filter(
        Q(original=ticket) | Q(part=ticket) | Q(original__parts__part=ticket)
    ).values_list("original__number", "part__number")
    return sorted({number for pair in ties for number in pair} - {ticket.number})
