"""A link with which the requester rates by one tap, without signing in (SLA D.10: SMS link).

It is signed, belongs to one round of asking and dies with it: after the answer, after another handling, and when the
time to reopen is over, it opens nothing more. Whoever has the link is taken for the requester: it goes to their own
number, or is printed for them, and each showing to staff is audited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing

from governance.accounts.notifications.links import absolute
from governance.kernel.tenancy.context import current_district_id
from requests_intake.follow_ups import open_tasks
from requests_intake.models import FollowUp, Ticket

_SALT = "requests_intake.rating_link"


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT, sep=".")


def token_of(task: FollowUp) -> str:
    return _signer().sign(f"{current_district_id()}-{task.pk}")


def rating_paths(tickets: Iterable[Ticket]) -> dict[int, str]:
    """Path of the link within the district by ticket id, for those that are being asked after. One statement."""
    tasks = open_tasks(tickets)
    return {pk: f"/r/{token_of(task)}/" for pk, task in tasks.items() if task.kind == FollowUp.Kind.VISIT}


def rating_link(ticket: Ticket) -> str:
    """The whole address; empty where the requester is not being asked. One statement."""
    return absolute(rating_paths([ticket]).get(ticket.pk, ""))


@dataclass(frozen=True)
class Asked:
    """What a link is about. ``is_open``: it may still be answered; else the ticket has moved on."""

    ticket: Ticket
    task: FollowUp

    @property
    def is_open(self) -> bool:
        return self.task.ended_at is None


def asked_by(token: str) -> Asked | None:
    """The round of asking behind a link; None where the link is not ours or of another district."""
    try:
        district, _sep, task = _signer().unsign(token).partition("-")
    except signing.BadSignature:
        return None
    if district != str(current_district_id()):
        return None
    row = FollowUp.objects.filter(pk=int(task), kind=FollowUp.Kind.VISIT).select_related("ticket").first()
    return Asked(row.ticket, row) if row is not None else None
