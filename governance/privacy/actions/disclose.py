"""Opening a masked value: the one way, for every value. With a reason, written down, counted and capped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.accounts.policies import require_security_admin
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.tenancy.context import current_district_id
from governance.privacy.models import Disclosure, DisclosureAllowance
from grids.reference import territory

WORDS_LENGTH, GRANT_REASON_LENGTH, HIGHEST_CAP = 200, 200, 500


def disclose(
    *, object_kind: str, object_id: int, field: str, reason: str, words: str, actor: Actor, value: Callable[[], str]
) -> str:
    """``value()`` in clear, after it is written down who is shown it and why. The caller has checked the right.

    Raises ``Invalid`` without a reason (``other`` wants words) and ``DomainError('reveal_cap')`` when the day's cap is
    reached. Audit and count never hold the value itself.
    """
    words = words.strip()
    _check_reason(reason, words)
    if actor.membership_id is None:
        raise NotAllowed("staff_only", _("只有工作人员可以查看。"))
    today = clock.today()
    cap = cap_of(actor.membership_id, today)
    if not _count_one(actor.membership_id, today, cap):
        audit.record(
            f"reveal_{field}", actor=actor, object_kind=object_kind, object_id=object_id, succeeded=False, cap=cap
        )
        raise DomainError("reveal_cap", cap_reached(cap))
    Disclosure.objects.create(
        membership_id=actor.membership_id,
        office=_office(actor.membership_id),
        at=clock.now(),
        object_kind=object_kind,
        object_id=object_id,
        field=field,
        reason=reason,
        words=words,
    )
    audit.record(f"reveal_{field}", actor=actor, object_kind=object_kind, object_id=object_id, reason=reason)
    return value()


def cap_reached(cap: int) -> str:
    return _("您今天已经查看了 {cap} 次完整号码，到了上限。确有需要，请安全管理员放宽当天的上限。").format(cap=cap)


def cap_of(membership_id: int, day: date) -> int:
    """How many values somebody may be shown on a day: the installation's number, or the last one granted."""
    granted = DisclosureAllowance.objects.filter(membership_id=membership_id, day=day).aggregate(cap=Max("cap"))["cap"]
    return max(granted or 0, settings.REVEAL_DAILY_CAP)


def _check_reason(reason: str, words: str) -> None:
    if reason not in Disclosure.Reason.values:
        raise Invalid("no_reason", _("请选择查看的原因。"), fields={"reason": [_("请选择原因。")]})
    if reason == Disclosure.Reason.OTHER and len(words) < 4:
        said = _("选“其他原因”时，请写明为什么要看。")
        raise Invalid("no_reason", said, fields={"words": [said]})
    if len(words) > WORDS_LENGTH:
        said = _("最多 {limit} 字。").format(limit=WORDS_LENGTH)
        raise Invalid("no_reason", said, fields={"words": [said]})


def _count_one(membership_id: int, day: date, cap: int) -> bool:
    """Count one more, unless the cap is reached. One statement: of two at the same moment the second waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO privacy_disclosurecount (district_id, membership_id, day, number) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (district_id, membership_id, day) DO UPDATE SET number = privacy_disclosurecount.number + 1 "
            "WHERE privacy_disclosurecount.number < %s RETURNING number",
            [current_district_id(), membership_id, day, cap],
        )
        return cursor.fetchone() is not None


def _office(membership_id: int) -> str:
    places = territory()
    for holder in places.held_by(membership_id):
        return f"{places.organization_name(holder.organization_id)}·{holder.post_name}"[:130]
    return ""


def grant_allowance(membership: Membership, *, cap: int, reason: str, actor: Actor) -> DisclosureAllowance:
    """Let one person be shown more values today. Raises ``NotAllowed`` and ``Invalid``."""
    require_security_admin(actor)
    reason, lowest = reason.strip(), settings.REVEAL_DAILY_CAP
    fields: dict[str, list[str]] = {}
    if not lowest < cap <= HIGHEST_CAP:
        fields["cap"] = [_("请填 {low} 到 {high} 之间的数。").format(low=lowest + 1, high=HIGHEST_CAP)]
    if not reason:
        fields["reason"] = [_("请写明为什么放宽。")]
    elif len(reason) > GRANT_REASON_LENGTH:
        fields["reason"] = [_("最多 {limit} 字。").format(limit=GRANT_REASON_LENGTH)]
    if membership.pk == actor.membership_id:
        fields["member"] = [_("不能给自己放宽。")]
    if fields:
        raise Invalid("invalid_allowance", _("有些内容需要修改。"), fields=fields)
    row = DisclosureAllowance.objects.create(
        membership=membership,
        day=clock.today(),
        cap=cap,
        reason=reason,
        granted_by_id=actor.membership_id,
        granted_at=clock.now(),
    )
    audit.record("grant_reveal_cap", actor=actor, object_kind="membership", object_id=membership.pk, cap=cap)
    return row
