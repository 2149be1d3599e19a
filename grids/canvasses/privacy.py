"""What answers hold of people: copies and erasure on request; the district's own term, which can only be shorter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.privacy.holders import Erased, Holder, Kind, Section, register_holder, register_kind, register_labels
from governance.privacy.holds import held
from governance.privacy.models import Disclosure
from grids.canvasses.actions.erase import CANVASS, due_canvasses, erase_canvasses, forget_answers
from grids.canvasses.actions.reveal import ANSWER
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassValue
from grids.canvasses.questions import option_words
from grids.canvasses.sheet import slot_words
from grids.households.homes import homes_of_phone
from grids.households.presentation.places import place_words


def _answers(phone: str) -> QuerySet[CanvassAnswer]:
    return CanvassAnswer.objects.filter(household_id__in=homes_of_phone(phone)).order_by("at", "pk")


def _export(phone: str) -> list[Section]:
    found = list(_answers(phone).select_related("canvass", "slot", "household__building", "household__room__unit"))
    values = CanvassValue.objects.filter(answer__in=found).select_related("field")
    said = {
        pk: "；".join(f"{value.field.label}：{_said(value)}" for value in rows)
        for pk, rows in groupby(values.order_by("answer_id", "field__position"), key=lambda value: value.answer_id)
    }
    rows = [
        {
            _("摸排"): row.canvass.title,
            _("时间"): f"{clock.local(row.at):%Y-%m-%d %H:%M}",
            _("住处"): place_words(row.household),
            _("问到没有"): row.get_met_display(),
            _("回答"): said.get(row.pk, ""),
            _("名额"): f"{row.seats} {slot_words(row.slot) if row.slot else ''}".strip() if row.seats else "",
            _("最晚留到"): f"{row.canvass.erase_after:%Y-%m-%d}",
        }
        for row in found
    ]
    opened = Disclosure.objects.filter(object_kind=ANSWER, object_id__in=[row.pk for row in found]).order_by("pk")
    looks = [
        {
            _("时间"): f"{clock.local(row.at):%Y-%m-%d %H:%M}",
            _("查看的单位"): row.office,
            _("原因"): row.get_reason_display(),
        }
        for row in opened
    ]
    titles = ((_("专项摸排的回答"), rows), (_("谁查看过摸排时记的话"), looks))
    return [Section(title, lines) for title, lines in titles if lines]


def _said(value: CanvassValue) -> str:
    if value.option is not None:
        return option_words(value.field, value.option)
    if value.number is not None:
        return str(value.number)
    return f"{value.day:%Y-%m-%d}" if value.day else value.words


def _preview(phone: str) -> Erased:
    rows = _answers(phone)
    stays = rows.filter(canvass_id__in=held(CANVASS)).count()
    return Erased(rows.count() - stays, kept=Counter(held=stays))


def _erase(phone: str) -> Erased:
    kept = _preview(phone).kept
    count = forget_answers(homes_of_phone(phone))
    return Erased(count, Counter(canvass_answers=count), kept)


def _find(number: str) -> tuple[int, str] | None:
    if not number.isdigit():
        return None
    row = Canvass.objects.filter(pk=int(number)).select_for_update(of=("self",)).first()
    return None if row is None else (row.pk, row.title)


def _titles(ids: Iterable[int]) -> dict[int, str]:
    return dict(Canvass.objects.filter(pk__in=list(ids)).values_list("pk", "title"))


def _labels(ids: Iterable[int]) -> dict[int, str]:
    return {pk: _("摸排的回答 {number}").format(number=pk) for pk in ids}


register_kind(
    Kind(
        code="canvass",
        label=gettext_lazy("专项摸排的回答"),
        begins=gettext_lazy("结束"),
        what=gettext_lazy(
            "删掉每一户的回答；保留各网格问了多少户、每种回答有多少。每次摸排自己定的日子更早的，按自己定的。"
        ),
        months=3,
        least=1,
        most=3,
        why=gettext_lazy("结束后要照名单把事办完，最多九十天"),
        due=due_canvasses,
        scrub=erase_canvasses,
        object_kind=CANVASS,
        find=_find,
    )
)
register_holder(Holder(export=_export, erase=_erase, preview=_preview))
register_labels(CANVASS, _titles)
register_labels(ANSWER, _labels)
