"""Finding members of staff. Names are encrypted, so that searching by name reads them all."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from governance.accounts.models import Membership, Staff
from governance.kernel.errors import Invalid

_STAFF = Membership.Kind.STAFF


def find_member(text: str, field: str = "member") -> Membership:
    """The active member of staff with this handle, or else this whole name.

    Raises ``Invalid`` with the sentence at ``field``: nobody, or several of that name (their handles are told).
    """
    members = Membership.objects.select_related("user").filter(kind=_STAFF, is_active=True)
    text = text.strip()
    found = members.filter(user__handle=text.lower()).first()
    if found is not None:
        return found
    namesakes = list(members.filter(pk__in=members_named(text, exactly=True)).order_by("pk"))
    if len(namesakes) == 1:
        return namesakes[0]
    if namesakes:
        handles = "、".join(row.user.handle for row in namesakes)
        words = _("有 {count} 人同名，请填账号：{handles}").format(count=len(namesakes), handles=handles)
    else:
        words = _("没有找到在职的这个人。")
    raise Invalid("no_such_member", words, fields={field: [words]})


def members_named(text: str, *, exactly: bool = False) -> list[int]:
    """Ids of memberships whose staff name is, or contains, ``text``."""
    rows: Iterable[Staff] = Staff.objects.only("membership_id", "name", "district_id")
    return [row.membership_id for row in rows if (row.name == text if exactly else text in row.name)]


def search_members(text: str) -> list[int]:
    """Ids of memberships by the beginning of the handle or part of the name.

    Not by phone: what is searched for stands in the address, and so in logs.
    """
    by_handle = Membership.objects.filter(kind=_STAFF, user__handle__startswith=text.lower())
    return [*by_handle.values_list("pk", flat=True), *members_named(text)]
