"""Whom a message goes to, by kind and id. Addresses are read when something is sent and kept nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from governance.accounts.models import NotificationPreference, Robot, Staff
from governance.accounts.queries import staff_names

MEMBER, ROBOT = "member", "robot"


@dataclass(frozen=True)
class Recipient:
    kind: str
    id: int


def _nothing(ids: Sequence[int]) -> Mapping[int, str]:
    return {}


@dataclass(frozen=True)
class RecipientKind:
    """``names``: what the list of undelivered messages calls them; ``phones`` and ``emails`` by id."""

    code: str
    label: Any
    names: Callable[[Sequence[int]], Mapping[int, str]] = _nothing
    phones: Callable[[Sequence[int]], Mapping[int, str]] = _nothing
    emails: Callable[[Sequence[int]], Mapping[int, str]] = _nothing


_KINDS: dict[str, RecipientKind] = {}


def register_recipients(kind: RecipientKind) -> str:
    """Called once when an app is loaded; gives the code back."""
    _KINDS[kind.code] = kind
    return kind.code


def kind_of(recipient: Recipient) -> RecipientKind:
    return _KINDS[recipient.kind]


def kinds() -> tuple[RecipientKind, ...]:
    return tuple(_KINDS.values())


def names_of(recipients: Sequence[Recipient]) -> dict[Recipient, str]:
    """Names for a list, one statement a kind."""
    found: dict[Recipient, str] = {}
    for kind in kinds():
        ids = sorted({each.id for each in recipients if each.kind == kind.code})
        names = kind.names(ids) if ids else {}
        found |= {Recipient(kind.code, pk): names.get(pk) or str(kind.label) for pk in ids}
    return found


def still_wants(recipient: Recipient, channel_code: str) -> bool:
    """Whether a member of staff is to be reached that way, or a robot is to speak; always so for anybody else."""
    if recipient.kind == ROBOT:
        return Robot.objects.filter(pk=recipient.id, is_active=True).exists()
    if recipient.kind != MEMBER:
        return True
    wish = {"sms": "by_sms", "email": "by_email"}[channel_code]
    return NotificationPreference.objects.filter(membership_id=recipient.id, **{wish: True}).exists()


def _phones_of_staff(ids: Sequence[int]) -> dict[int, str]:
    wanting = NotificationPreference.objects.filter(membership_id__in=ids, by_sms=True).values("membership_id")
    rows = Staff.objects.filter(membership_id__in=wanting, membership__is_active=True)
    return {row.membership_id: row.phone for row in rows}


def _emails_of_staff(ids: Sequence[int]) -> dict[int, str]:
    rows = NotificationPreference.objects.filter(membership_id__in=ids, by_email=True, membership__is_active=True)
    return {row.membership_id: row.email for row in rows}


def _titles_of_robots(ids: Sequence[int]) -> dict[int, str]:
    return dict(Robot.objects.filter(pk__in=ids).values_list("pk", "title"))


register_recipients(
    RecipientKind(MEMBER, gettext_lazy("工作人员"), staff_names, _phones_of_staff, _emails_of_staff),
)
register_recipients(RecipientKind(ROBOT, gettext_lazy("群机器人"), _titles_of_robots))
