"""Reading accounts: which districts a user serves, and who a membership is."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

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


def unread_notices(actor: Actor, *, limit: int = 50) -> list[Notice]:
    return list(Notice.objects.filter(membership_id=actor.membership_id, read_at=None).order_by("-created_at")[:limit])
