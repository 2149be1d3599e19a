"""What a ticket's page says of the others it is tied to: suspected duplicates, master, followers, parts, repeats."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.templatetags.ui import local_day, local_time
from requests_intake import duplicates, repeats
from requests_intake.models import Ticket
from requests_intake.workflow import TicketState

_SHOWN = 8
"""Followers named on a page; the others are counted."""


def kin(ticket: Ticket, actor: Actor, *, may_merge: bool, back: str) -> dict[str, Any]:
    """For ``desk/_kin.html``. Three statements for most tickets. Names and phones of others stand nowhere."""
    ties = duplicates.ties_of(ticket, actor)
    found = duplicates.suggestions(duplicates.probe_of(ticket), actor) if may_merge else []
    earlier = repeats.earlier_of(ticket, actor)
    promised = ticket.promise_due_at
    is_earlier = ties.earliest_promise is not None and (promised is None or ties.earliest_promise < promised)
    return {
        "suggestions": [_suggestion(each, ticket, back) for each in found],
        "is_merged": ticket.state == TicketState.MERGED.value,
        "master": _line(ties.master) if ties.master else None,
        "followers": [_line(row) for row in ties.followers[:_SHOWN]],
        "more": len(ties.followers[_SHOWN:]) + ties.followers_unseen,
        "count": len(ties.followers) + ties.followers_unseen,
        "earliest": local_time(ties.earliest_promise) if is_earlier and ticket.closed_at is None else "",
        "original": _line(ties.original) if ties.original else None,
        "parts": [_line(row) for row in ties.parts],
        "times": len(earlier) + 1 if earlier else 0,
        "earlier": [_line(row) for row in earlier[:_SHOWN]],
    }


def _line(ticket: Ticket) -> dict[str, str]:
    return {
        "number": ticket.number,
        "title": ticket.title,
        "url": reverse("desk:ticket", args=[ticket.number]),
        "state": ticket.get_state_display(),
        "day": local_day(ticket.submitted_at),
        "promise": _("承诺 {when}").format(when=local_time(ticket.promise_due_at)) if ticket.promise_due_at else "",
    }


def _suggestion(found: duplicates.Duplicate, ticket: Ticket, back: str) -> dict[str, Any]:
    pair = [("ticket", ticket.pk), ("ticket", found.ticket.pk), ("next", back)]
    merge_url = f"{reverse('desk:merge_many')}?{urlencode(pair)}"
    return {**_line(found.ticket), "reason": found.reason, "merge_url": merge_url if found.is_open else ""}


def hint(found: list[duplicates.Duplicate]) -> list[dict[str, str]]:
    """For the hint beside the form of 代为登记."""
    return [{**_line(each.ticket), "reason": each.reason} for each in found]
