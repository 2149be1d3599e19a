"""A canvass as a spreadsheet: the list that is taken along, and what comes back filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import clock
from grids.canvasses.models import CanvassAnswer, CanvassField, CanvassValue
from grids.canvasses.questions import MOST_NUMBER, WORDS, option_words, options_of
from grids.households.models import Household
from grids.households.presentation.places import place_words
from grids.importing.sheets import Column, Sheet
from grids.reference import territory

WRITTEN = "（已写，不导出）"
"""Stands in a list instead of words about people; an import leaves it as it is."""


def columns(fields: Sequence[CanvassField], *, has_places: bool) -> list[str]:
    """The titles: number and place of a household, how it went, one a question, then places."""
    rows = [_("户编号"), _("网格"), _("住处"), _("问到没有"), *(field.label for field in fields)]
    return [*rows, _("名额"), _("时间")] if has_places else rows


def sheet_of(fields: Sequence[CanvassField], *, has_places: bool) -> Sheet:
    """How such a file is read. A question's answer is its word, 是 or 否, a number, a day or words."""
    met = {str(label): value for value, label in CanvassAnswer.Met.choices}
    found = [
        Column("household", _("户编号"), kind="int", most=2**62, required=True),
        Column("grid", _("网格")),
        Column("place", _("住处"), longest=200),
        Column("met", _("问到没有"), kind="choice", choices=met),
        *(_column(field) for field in fields),
    ]
    if has_places:
        found += [Column("seats", _("名额"), kind="int", most=100), Column("slot", _("时间"), longest=80)]
    return Sheet("canvass", _("摸排名单"), tuple(found), ())


def _column(field: CanvassField) -> Column:
    key, kind = f"field_{field.pk}", CanvassField.Kind
    if field.kind in (kind.YES_NO, kind.CHOICE):
        return Column(key, field.label, kind="choice", choices={word: option for option, word in options_of(field)})
    if field.kind == kind.NUMBER:
        return Column(key, field.label, kind="int", most=MOST_NUMBER)
    return Column(key, field.label, kind="date") if field.kind == kind.DAY else Column(key, field.label, longest=WORDS)


def slot_words(slot: Any) -> str:
    """11-20 09:00 社区卫生服务站."""
    return f"{clock.local(slot.starts_at):%m-%d %H:%M} {slot.place}"


def lines(
    homes: Iterable[Household], answers: dict[int, CanvassAnswer], values: dict[int, dict[int, CanvassValue]],
    fields: Sequence[CanvassField], *, has_places: bool,
) -> Iterable[list[Any]]:  # fmt: skip
    """One a household; ``answers`` by household with their slot, ``values`` by answer and question."""
    places = territory()
    for home in homes:
        answer = answers.get(home.pk)
        said = values.get(answer.pk, {}) if answer else {}
        row = [home.pk, places.area_name(home.building.grid_id), place_words(home)]
        row += [answer.get_met_display() if answer else "", *(_cell(field, said.get(field.pk)) for field in fields)]
        if has_places:
            row += [answer.seats or "" if answer else "", slot_words(answer.slot) if answer and answer.slot else ""]
        yield row


def _cell(field: CanvassField, value: CanvassValue | None) -> Any:
    if value is None:
        return ""
    if value.option is not None:
        return option_words(field, value.option)
    if value.number is not None:
        return value.number
    if value.day is not None:
        return f"{value.day:%Y-%m-%d}"
    return WRITTEN
