"""Reading accounts: which districts a user serves, and who a membership is."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, Q, QuerySet

from governance.accounts.models import Membership, Notice, Staff
from governance.kernel.actors import Actor


def districts_of_user(user_id: int) -> list[int]:
    """Ids of the districts a user belongs to, across districts: asked of one narrow database function at sign-in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gov_districts_of_user(%s)", [user_id])
        return sorted(row[0] for row in cursor.fetchall())


def active_membership(user_id: int) -> Membership | None:
    """The user's membership of staff in the district in scope; a resident's is none (``accounts.residents``)."""
    return Membership.objects.filter(user_id=user_id, is_active=True, kind=Membership.Kind.STAFF).first()


def staff_names(membership_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of members of staff by membership id."""
    wanted = {pk for pk in membership_ids if pk is not None}
    if not wanted:
        return {}
    return {row.membership_id: row.name for row in Staff.objects.filter(membership_id__in=wanted)}


INBOX = ("unread", "all", "critical")
"""What somebody may look at in their inbox."""


def inbox(actor: Actor, show: str) -> QuerySet[Notice]:
    """The actor's own notices, newest first; ``show`` is one of ``INBOX``."""
    own = Notice.objects.filter(membership_id=actor.membership_id).order_by("-created_at", "-pk")
    if show == "critical":
        return own.filter(is_critical=True)
    return own.filter(read_at=None) if show == "unread" else own


def inbox_counts(actor: Actor) -> dict[str, int]:
    """How many lie under each of ``INBOX``, in one statement."""
    return inbox(actor, "all").aggregate(
        unread=Count("pk", filter=Q(read_at=None)), all=Count("pk"), critical=Count("pk", filter=Q(is_critical=True))
    )
