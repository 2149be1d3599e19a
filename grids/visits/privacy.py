"""What visits hold of people: words, for a term; copies and erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.privacy.holders import Erased, Holder, Kind, Section, register_holder, register_kind, register_labels
from governance.privacy.holds import held
from governance.privacy.models import Disclosure
from grids.households.homes import homes_of_phone
from grids.households.presentation.places import place_words
from grids.visits.actions.erase import due_visits, erase_visits, worded
from grids.visits.actions.reveal import VISIT
from grids.visits.models import Visit


def _visits(phone: str) -> QuerySet[Visit]:
    return Visit.objects.filter(household_id__in=homes_of_phone(phone), withdrawn_at=None).order_by("at", "pk")


def _export(phone: str) -> list[Section]:
    found = list(_visits(phone).select_related("household__building", "household__room__unit", "outcome"))
    rows = [
        {
            _("时间"): f"{clock.local(row.at):%Y-%m-%d %H:%M}",
            _("住处"): place_words(row.household),
            _("见到人没有"): row.get_met_display(),
            _("成果"): row.outcome.name if row.outcome else "",
            _("记的话"): row.findings,
        }
        for row in found
    ]
    sections = [Section(_("走访记录"), rows)] if rows else []
    opened = Disclosure.objects.filter(object_kind=VISIT, object_id__in=[row.pk for row in found]).order_by("pk")
    looks = [
        {
            _("时间"): f"{clock.local(row.at):%Y-%m-%d %H:%M}",
            _("查看的单位"): row.office,
            _("原因"): row.get_reason_display(),
        }
        for row in opened
    ]
    return [*sections, Section(_("谁查看过走访记录"), looks)] if looks else sections


def _preview(phone: str) -> Erased:
    ids = list(worded(_visits(phone)).values_list("pk", flat=True))
    stays = held(VISIT, ids)
    return Erased(len(set(ids) - stays), kept=Counter(held=len(stays)))


def _erase(phone: str) -> Erased:
    kept = _preview(phone).kept
    return Erased(*erase_visits(list(_visits(phone).values_list("pk", flat=True))), kept)


def _find(number: str) -> tuple[int, str] | None:
    if not number.isdigit():
        return None
    row = Visit.objects.filter(pk=int(number)).select_for_update(of=("self",)).first()
    return None if row is None else (row.pk, _label(row.pk))


def _label(pk: int) -> str:
    return _("走访 {number}").format(number=pk)


def _labels(ids: Iterable[int]) -> dict[int, str]:
    return {pk: _label(pk) for pk in ids}


register_kind(
    Kind(
        code="visit",
        label=gettext_lazy("走访时记的话"),
        begins=gettext_lazy("走访"),
        what=gettext_lazy("清除记的话；保留哪天去过、见到人没有、成果是哪一种。"),
        months=24,
        least=6,
        most=60,
        why=gettext_lazy("隔年再访要能接得上，再早的话用不着"),
        due=due_visits,
        scrub=erase_visits,
        object_kind=VISIT,
        find=_find,
    )
)
register_holder(Holder(export=_export, erase=_erase, preview=_preview))
register_labels(VISIT, _labels)
