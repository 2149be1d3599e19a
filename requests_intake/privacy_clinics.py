"""What clinic bookings and the committee register hold of people: terms, copies, corrections, erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.crypto import keyed_hash
from governance.privacy.holders import (
    Erased,
    Holder,
    Kind,
    Removed,
    Section,
    register_holder,
    register_kind,
    register_labels,
)
from requests_intake.actions.clinic_bookings import OBJECT_KIND, bookings_of_phone, erase_bookings
from requests_intake.models import ClinicBooking, CommitteeMember


def _due(before: datetime) -> list[int]:
    rows = ClinicBooking.objects.filter(day__lt=clock.local(before).date(), erased_at=None).order_by("day", "pk")
    return list(rows.values_list("pk", flat=True))


def _export(phone: str) -> list[Section]:
    rows = [
        {
            _("时间"): f"{clock.local(row.clinic.begins(row.slot)):%Y-%m-%d %H:%M}",
            _("地点"): row.clinic.place,
            _("几号"): str(row.slot),
            _("状态"): row.get_state_display(),
            _("称呼"): row.person_name,
            _("手机号"): row.phone,
            _("内容"): row.words,
        }
        for row in bookings_of_phone(phone).select_related("clinic").order_by("day", "slot")
    ]
    return [Section(_("调解坐诊预约"), rows)] if rows else []


def _preview(phone: str) -> Erased:
    rows = bookings_of_phone(phone).filter(erased_at=None)
    coming = rows.filter(state=ClinicBooking.State.BOOKED, day__gte=clock.today()).count()
    return Erased(rows.count() - coming, Counter(), Counter(open=coming))


def _erase(phone: str) -> Erased:
    """What is over is freed; who is still to come keeps the slot until then or until they cancel."""
    kept = _preview(phone).kept
    rows = bookings_of_phone(phone).exclude(state=ClinicBooking.State.BOOKED, day__gte=clock.today())
    objects, removed = erase_bookings(list(rows.values_list("pk", flat=True)))
    return Erased(objects, removed, kept)


def _correct(phone: str, name: str, new_phone: str) -> int:
    changed = 0
    for row in bookings_of_phone(phone).select_for_update(of=("self",)).order_by("pk"):
        row.person_name = name or row.person_name
        if new_phone:
            row.phone, row.phone_hash = new_phone, keyed_hash(new_phone)
        row.save(update_fields=["person_name", "phone", "phone_hash"])
        changed += 1
    return changed


def _labels(ids: Iterable[int]) -> dict[int, str]:
    rows = ClinicBooking.objects.filter(pk__in=list(ids)).values_list("pk", "day", "slot")
    return {pk: _("坐诊预约 {day} {slot}号").format(day=day, slot=slot) for pk, day, slot in rows}


def _due_members(before: datetime) -> list[int]:
    rows = CommitteeMember.objects.filter(until__lt=clock.local(before).date(), membership=None, erased_at=None)
    return list(rows.order_by("until", "pk").values_list("pk", flat=True))


def _scrub_members(ids: Sequence[int]) -> tuple[int, Removed]:
    rows = CommitteeMember.objects.filter(pk__in=ids, erased_at=None, membership=None)
    number = rows.update(name="", erased_at=clock.now())
    return number, Counter(committee_members=number)


register_kind(
    Kind(
        "clinic_booking", gettext_lazy("调解坐诊预约"), gettext_lazy("约的那天"),
        gettext_lazy("清除称呼、号码和写的话；哪天几号、来没来留着。转成的案件另有期限。"),
        6, 3, 24, gettext_lazy("预约只为那天见面，过后不必留着"), _due, erase_bookings,
    )
)  # fmt: skip
register_kind(
    Kind(
        "committee_member", gettext_lazy("没有账号的调解员"), gettext_lazy("离开调委会"),
        gettext_lazy("清除姓名；身份和起止日期留着。"),
        36, 12, 120, gettext_lazy("经手的调解可能还要查是谁主持的"), _due_members, _scrub_members,
    )
)  # fmt: skip
register_holder(Holder(export=_export, erase=_erase, preview=_preview, correct=_correct))
register_labels(OBJECT_KIND, _labels)
