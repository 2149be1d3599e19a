"""Who is inside a clinic day: its mediators on duty and the committee's keepers (内勤). The one place that says so.

Only they read who has booked and what was written (S0-21, restricted matters). Everybody else at a desk sees slots,
free or taken. Somebody whose time in the committee is over is outside, whatever they did there.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed
from requests_intake.actions.mediation_register import keeps
from requests_intake.mediation import MEDIATOR
from requests_intake.models import ClinicBooking, ClinicDay, CommitteeMember, MediationCommittee


def serving(memberships: Q | None = None) -> QuerySet[CommitteeMember]:
    """Members of committees as of today."""
    today = clock.today()
    rows = CommitteeMember.objects.filter(Q(until=None) | Q(until__gte=today), since__lte=today)
    return rows if memberships is None else rows.filter(memberships)


def own_members(actor: Actor) -> QuerySet[CommitteeMember]:
    """The actor as a member of committees, today."""
    if actor.membership_id is None:
        return CommitteeMember.objects.none()
    return serving(Q(membership_id=actor.membership_id))


def inside(actor: Actor) -> QuerySet[ClinicDay]:
    """The clinic days in whose circle somebody is."""
    own = own_members(actor)
    return ClinicDay.objects.filter(
        Q(committee__in=own.filter(is_keeper=True).values("committee_id"))
        | Q(pk__in=own.filter(duties__isnull=False).values("duties__clinic_id"))
    )


def is_inside(actor: Actor, clinic: ClinicDay) -> bool:
    return inside(actor).filter(pk=clinic.pk).exists()


def require_inside(actor: Actor, clinic: ClinicDay) -> None:
    """Raise ``NotAllowed`` with a sentence that says why."""
    if not actor.is_system and not is_inside(actor, clinic):
        raise NotAllowed("not_on_duty", _("谁约了、约的什么事，只有当天值守的调解员和调委会内勤能看。"))


def require_mediator(actor: Actor) -> None:
    """For making a case: only somebody in post as a mediator has one. Raises ``NotAllowed``."""
    if MEDIATOR not in actor.role_kinds:
        raise NotAllowed("not_mediator", _("只有在岗的调解员能转为调解案件，请值守的调解员来转。"))


def told(clinic: ClinicDay) -> list[int]:
    """Membership ids of those inside, who are told of what happens to bookings."""
    rows = serving(Q(committee=clinic.committee_id, is_keeper=True) | Q(duties__clinic=clinic))
    return sorted({pk for pk in rows.values_list("membership_id", flat=True) if pk is not None})


def plans(actor: Actor, committee: MediationCommittee) -> bool:
    """Whether somebody plans the committee's days: its members with an account, and who keeps the register for it."""
    if actor.is_system or keeps(actor, committee.street_id):
        return True
    return own_members(actor).filter(committee=committee).exists()


def require_planner(actor: Actor, committee: MediationCommittee) -> None:
    if not plans(actor, committee):
        raise NotAllowed("planners_only", _("坐诊日由调委会的人和街道安排，您的岗位不能改。"))


def readable(actor: Actor, bookings: Iterable[ClinicBooking]) -> set[int]:
    """Ids of those of ``bookings`` in whose circle the actor is; one statement."""
    rows = list(bookings)
    days = set(inside(actor).filter(pk__in={row.clinic_id for row in rows}).values_list("pk", flat=True))
    return {row.pk for row in rows if row.clinic_id in days}
