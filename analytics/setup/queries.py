"""What the platform's administrator learns of the districts: how far they are, and no matter of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from analytics.manage.checklist import Item, checklist
from governance.accounts.models import Invitation, Membership
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.models import AuditEvent, District
from governance.kernel.tenancy.context import district_transaction
from grids.models import PostAssignment, PostKind
from requests_intake.models import TicketTransition


@dataclass(frozen=True)
class Progress:
    """One district: the checklist's lines that are open, active members of staff, and when anything last happened."""

    district: District
    open: list[Item]
    staff: int
    last_active: datetime | None

    @property
    def is_ready(self) -> bool:
        """Whether residents can rely on it: next year's holidays come out late every year and the size of a grid is a
        warning; both hold nobody up."""
        return all(item.url_name in ("manage:calendar", "manage:bands") for item in self.open)


@dataclass(frozen=True)
class Administrator:
    """``invited_until``: end of an invitation that waits to be used."""

    id: int
    name: str
    handle: str
    has_password: bool
    invited_until: datetime | None


def progress(district: District) -> Progress:
    """How far a district is; opens its scope."""
    with district_transaction(district):
        staff = Membership.objects.filter(kind=Membership.Kind.STAFF, is_active=True).count()
        last = [
            # What the platform's own people and tasks do there is not the district at work.
            AuditEvent.objects.filter(actor__startswith="member:").order_by("-at").values_list("at", flat=True)[:1],
            TicketTransition.objects.order_by("-id").values_list("recorded_at", flat=True)[:1],
        ]
        moments = [moment for rows in last for moment in rows]
        return Progress(district, [item for item in checklist() if not item.done], staff, max(moments, default=None))


def administrators() -> QuerySet[Membership]:
    """Who administers the district in scope today."""
    today = clock.today()
    held = PostAssignment.objects.filter(
        Q(until=None) | Q(until__gte=today), post__kind=PostKind.DISTRICT_ADMIN, since__lte=today
    )
    return Membership.objects.select_related("user").filter(pk__in=held.values("membership_id"), is_active=True)


def administrators_of(district: District) -> list[Administrator]:
    """The same for a page, with the state of their access; opens the district's scope."""
    with district_transaction(district):
        members = list(administrators().order_by("pk"))
        names = staff_names([member.pk for member in members])
        waiting = dict(
            Invitation.objects.filter(
                membership__in=members, used_at=None, cancelled_at=None, expires_at__gt=clock.now()
            ).values_list("membership_id", "expires_at")
        )
        return [
            Administrator(
                member.pk,
                names.get(member.pk, member.user.handle),
                member.user.handle,
                member.user.has_usable_password(),
                waiting.get(member.pk),
            )
            for member in members
        ]
