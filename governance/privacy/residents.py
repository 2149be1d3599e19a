"""What residents' sign-in holds of people: the number, the name last used, the browsers signed in on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.models import Membership, Resident, ResidentSession, User
from governance.kernel import clock
from governance.kernel.crypto import keyed_hashes
from governance.privacy.holders import Erased, Holder, Kind, Removed, Section, register_holder, register_kind


def _of(phone: str) -> list[Resident]:
    return list(Resident.objects.filter(phone_hash__in=keyed_hashes(phone)).select_related("membership"))


def _due(before: datetime) -> list[int]:
    rows = Resident.objects.filter(signed_in_at__lt=before, membership__is_active=True).order_by("signed_in_at")
    return list(rows.values_list("pk", flat=True))


def remove_residents(ids: Sequence[int]) -> tuple[int, Removed]:
    """The account goes entirely, with its sessions; a closed one stays closed: number and reason are still needed.

    What was reported with the number is another kind of data with a term of its own.
    """
    rows = Resident.objects.filter(pk__in=ids, membership__is_active=True).select_for_update(of=("self",))
    found = list(rows.select_related("membership").order_by("pk"))
    members = [row.membership for row in found]
    ResidentSession.objects.filter(resident__in=found).delete()
    Resident.objects.filter(pk__in=[row.pk for row in found]).delete()
    Membership.objects.filter(pk__in=[member.pk for member in members]).delete()
    User.objects.filter(pk__in=[member.user_id for member in members]).delete()
    return len(found), Counter(residents=len(found))


def _export(phone: str) -> list[Section]:
    rows = [
        {
            _("称呼"): row.name,
            _("手机号"): row.phone,
            _("第一次登录"): f"{clock.local(row.membership.joined_at):%Y-%m-%d %H:%M}",
            _("最近登录"): f"{clock.local(row.signed_in_at):%Y-%m-%d %H:%M}",
            _("登录着的手机或电脑"): str(
                ResidentSession.objects.filter(resident=row, expires_at__gt=clock.now()).count()
            ),
        }
        for row in _of(phone)
    ]
    return [Section(_("手机号登录"), rows)] if rows else []


def _preview(phone: str) -> Erased:
    active = [row.membership.is_active for row in _of(phone)]
    return Erased(active.count(True), kept=Counter(closed=active.count(False)))


def _erase(phone: str) -> Erased:
    result = Erased(kept=_preview(phone).kept)
    objects, removed = remove_residents([row.pk for row in _of(phone)])
    result += Erased(objects, removed)
    return result


def _correct(phone: str, name: str, new_phone: str) -> int:
    """A new number signs in as a new account; the old one must not open what it no longer owns."""
    changed = 0
    for row in _of(phone):
        if new_phone:
            remove_residents([row.pk])
        elif name:
            row.name = name
            row.save(update_fields=["name"])
        changed += 1
    return changed


register_kind(
    Kind(
        "resident", gettext_lazy("居民登录"), gettext_lazy("最近一次登录"),
        gettext_lazy("删除登录账号、号码和称呼；再用验证码登录就重新建。报过的事另有期限。"),
        24, 6, 60, gettext_lazy("久不使用就不必留着"), _due, remove_residents,
    )
)  # fmt: skip
register_holder(Holder(export=_export, erase=_erase, preview=_preview, correct=_correct))
