"""Days away, with a deputy who holds the posts meanwhile."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.actions.separation import require_deputy_of_one_administration
from grids.models import Absence


@transaction.atomic
def record_absence(
    membership: Membership,
    *,
    since: date,
    until: date,
    deputy: Membership | None = None,
    reason: str = "",
    actor: Actor,
) -> Absence:
    """Somebody is away from ``since`` to ``until`` (both inclusive); the deputy gets their roles for those days.

    Raises ``NotAllowed``; ``Invalid`` (days in the wrong order or past, no active member of staff, oneself as deputy);
    ``DomainError`` ``absence_overlaps``, ``deputy_absent``, ``is_deputy`` (who stands in for somebody must stay) or
    ``two_administrations``.
    """
    require_administrator(actor)
    _check(membership, since, until, deputy, actor)
    # Serialises entries about these people, so that two cannot contradict each other.
    people = [membership.pk, *([deputy.pk] if deputy else [])]
    list(Membership.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    days = Absence.objects.filter(is_cancelled=False, since__lte=until, until__gte=since)
    if days.filter(membership=membership).exists():
        raise DomainError("absence_overlaps", _("这几天已经登记过请假。"))
    if days.filter(deputy=membership).exists():
        raise DomainError("is_deputy", _("这几天此人正代理别人的岗位，请先给对方换代理人。"))
    if deputy is not None and days.filter(membership=deputy).exists():
        raise DomainError(
            "deputy_absent", _("代理人这几天也请假。"), fields={"deputy": [_("代理人这几天也请假，请换一位。")]}
        )
    if deputy is not None:
        require_deputy_of_one_administration(membership, deputy, since=since, until=until)
    row = Absence.objects.create(membership=membership, deputy=deputy, since=since, until=until, reason=reason.strip())
    _told("absence.record", row, actor)
    return row


@transaction.atomic
def end_absence(absence: Absence, *, actor: Actor) -> Absence:
    """Back earlier: yesterday becomes the last day away; an absence that has not begun is cancelled.

    Raises ``NotAllowed`` and ``DomainError`` ``absence_over``.
    """
    require_administrator(actor)
    today = clock.today()
    found: Absence = Absence.objects.select_for_update().get(pk=absence.pk)
    if found.is_cancelled or found.until < today:
        raise DomainError("absence_over", _("这次请假已经结束。"))
    if found.since < today:
        found.until = today - timedelta(days=1)
    else:
        found.is_cancelled = True
    found.save(update_fields=["until", "is_cancelled"])
    _told("absence.end", found, actor)
    return found


@transaction.atomic
def withdraw_deputy(membership: Membership, *, after: date, actor: Actor) -> int:
    """The person stands in for nobody any more from the day after; returns how many absences lose their deputy.

    An absence that reaches beyond that day loses its deputy at once: better nobody than somebody who is leaving.
    """
    require_administrator(actor)
    rows = list(Absence.objects.filter(deputy=membership, is_cancelled=False, until__gt=after))
    for row in rows:
        row.deputy = None
        row.save(update_fields=["deputy"])
        _told("absence.no_deputy", row, actor)
    return len(rows)


def _check(membership: Membership, since: date, until: date, deputy: Membership | None, actor: Actor) -> None:
    if until < since:
        raise Invalid("ends_before_start", _("结束日期不能早于开始日期。"), fields={"until": [_("不能早于开始日期。")]})
    if until < clock.today():
        raise Invalid("absence_past", _("结束日期已经过去。"), fields={"until": [_("请填今天或以后的日期。")]})
    for person in filter(None, (membership, deputy)):
        if person.kind != Membership.Kind.STAFF or not person.is_active:
            raise Invalid("not_staff", _("只有在职的工作人员可以请假和代理。"))
    if deputy is not None and deputy.pk == membership.pk:
        raise Invalid("own_deputy", _("不能由本人代理。"), fields={"deputy": [_("请选择另一位同事。")]})
    if deputy is not None and deputy.pk == actor.membership_id:
        raise Invalid("oneself", _("管理员不能让自己代理办事岗位。"), fields={"deputy": [_("请选择别人。")]})


def _told(action: str, row: Absence, actor: Actor) -> None:
    audit.record(
        action, actor=actor, object_kind="absence", object_id=row.pk, membership=row.membership_id,
        deputy=row.deputy_id, since=row.since.isoformat(), until=row.until.isoformat(),
    )  # fmt: skip
    bump_reference()
