"""What the circles of the grids hold of people: their term, copies, corrections and erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.crypto import keyed_hash, keyed_hashes
from governance.privacy.holders import Erased, Holder, Kind, Removed, Section, register_holder, register_kind
from grids.reference import territory
from requests_intake.actions.grid_messages import erase_messages
from requests_intake.models import GridMessage


def _of(phone: str) -> QuerySet[GridMessage]:
    return GridMessage.objects.filter(poster_hash__in=keyed_hashes(phone))


def _due(before: datetime) -> list[int]:
    rows = GridMessage.objects.filter(created_at__lt=before, erased_at=None).order_by("created_at")
    return list(rows.values_list("pk", flat=True))


def _scrub(ids: Sequence[int]) -> tuple[int, Removed]:
    number = erase_messages(ids)
    return number, Counter(grid_messages=number)


def _export(phone: str) -> list[Section]:
    rows = [
        {
            _("时间"): f"{clock.local(row.created_at):%Y-%m-%d %H:%M}",
            _("网格"): territory().area_name(row.grid_id),
            _("称呼"): row.poster_name,
            _("内容"): row.text,
        }
        for row in _of(phone).order_by("created_at")
    ]
    return [Section(_("网格圈"), rows)] if rows else []


def _preview(phone: str) -> Erased:
    return Erased(_of(phone).filter(erased_at=None).count())


def _erase(phone: str) -> Erased:
    result = Erased()
    objects, removed = _scrub(list(_of(phone).values_list("pk", flat=True)))
    result += Erased(objects, removed)
    return result


def _correct(phone: str, name: str, new_phone: str) -> int:
    changed = 0
    for row in _of(phone).select_for_update(of=("self",)).order_by("pk"):
        row.poster_name = name or row.poster_name
        if new_phone:
            row.poster_phone, row.poster_hash = new_phone, keyed_hash(new_phone)
        row.save(update_fields=["poster_name", "poster_phone", "poster_hash"])
        changed += 1
    return changed


register_kind(
    Kind(
        "grid_message", gettext_lazy("网格圈"), gettext_lazy("发出"),
        gettext_lazy("清除说的话、称呼和号码；转成的工单另有期限。"),
        12, 6, 60, gettext_lazy("邻里说的话过了时不必留着"), _due, _scrub,
    )
)  # fmt: skip
register_holder(Holder(export=_export, erase=_erase, preview=_preview, correct=_correct))
