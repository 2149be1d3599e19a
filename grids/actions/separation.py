"""The three administrators are three people: whoever sets up does not guard, and neither reads the audit (B.8)."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel.errors import DomainError
from grids.models import SEPARATED, Absence, PostAssignment, PostKind


def require_one_administration(membership: Membership, *, kind: str, since: date, until: date | None) -> None:
    """Refuse the post where the person, or a deputy of theirs, would be a second of the three on any of the days.

    Raises ``DomainError`` ``two_administrations``; serialised by the rows of the people concerned.
    """
    if kind not in SEPARATED:
        return
    deputies = _overlapping(Absence.objects.filter(membership=membership, deputy__isnull=False), since, until)
    people = [membership.pk, *deputies.values_list("deputy_id", flat=True)]
    _lock(people)
    for person in people:
        _refuse(_administrations(person, since, until) - {kind}, kind)


def require_deputy_of_one_administration(
    membership: Membership, deputy: Membership, *, since: date, until: date
) -> None:
    """The same for somebody who stands in: their own post of the three, or one they stand in for already."""
    _lock([membership.pk, deputy.pk])
    for kind in _own(membership.pk, since, until):
        _refuse(_administrations(deputy.pk, since, until) - {kind}, kind)


def _refuse(others: set[str], kind: str) -> None:
    if others:
        names = {"held": PostKind(min(others)).label, "wanted": PostKind(kind).label}
        raise DomainError(
            "two_administrations",
            _("区管理员、安全管理员、审计员要由三个人分别担任：此人这段时间是{held}，不能再当{wanted}。").format(
                **names
            ),
        )


def _administrations(membership_id: int, since: date, until: date | None) -> set[str]:
    """Which of the three a person is on any of the days, in their own right or as a deputy."""
    found = _own(membership_id, since, until)
    for row in _overlapping(Absence.objects.filter(deputy_id=membership_id), since, until):
        last = row.until if until is None else min(row.until, until)
        found |= _own(row.membership_id, max(row.since, since), last)
    return found


def _own(membership_id: int, since: date, until: date | None) -> set[str]:
    rows = PostAssignment.objects.filter(Q(until=None) | Q(until__gte=since), membership_id=membership_id)
    if until is not None:
        rows = rows.filter(since__lte=until)
    return set(rows.filter(post__kind__in=SEPARATED, post__ended_on=None).values_list("post__kind", flat=True))


def _overlapping(absences: QuerySet[Absence], since: date, until: date | None) -> QuerySet[Absence]:
    rows = absences.filter(is_cancelled=False, until__gte=since)
    return rows if until is None else rows.filter(since__lte=until)


def _lock(people: list[int]) -> None:
    list(Membership.objects.select_for_update().filter(pk__in=people).order_by("pk"))
