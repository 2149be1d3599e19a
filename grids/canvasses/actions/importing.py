"""Results come back in a spreadsheet: every good row is taken, a bad one says why and stops none of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.canvasses.actions.answers import AnswerDetails, gives_places, record_answer
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassField, CanvassSlot, CanvassValue
from grids.canvasses.policies import find_canvass, kept_grids_of
from grids.canvasses.questions import key_of
from grids.canvasses.sheet import WRITTEN, sheet_of, slot_words
from grids.households.models import Household
from grids.households.policies import require_keeper
from grids.importing.reading import Row, read_sheet

MOST_ROWS = 2_000
SHOWN = 200


@dataclass
class Imported:
    """How many rows were taken, how many said nothing new, and the bad ones: number as in the sheet, place, why."""

    taken: int = 0
    same: int = 0
    bad: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Known:
    """What is there before, read once for the whole file."""

    fields: list[CanvassField]
    homes: dict[int, Household]
    answers: dict[int, CanvassAnswer]
    values: dict[int, dict[int, Any]]
    slots: dict[str, int]


def import_answers(canvass: Canvass, name: str, content: bytes, *, actor: Actor) -> Imported:
    """Take the results of households the actor keeps, each row in a savepoint of its own.

    An empty cell changes nothing; a row without 问到没有 and without an answer is left out. Raises ``Invalid`` where
    the file cannot be read at all, ``NotAllowed``, ``NotFound``.
    """
    require_keeper(actor)
    row = find_canvass(actor, canvass.pk)
    fields = list(CanvassField.objects.filter(canvass=row).order_by("position"))
    sheet = sheet_of(fields, has_places=gives_places(row))
    found, notes = read_sheet(sheet, name, content, most=MOST_ROWS)
    known = _known(row, fields, found, actor)
    done, seen = Imported(notes=notes), set[int]()
    for each in found:
        place = str(each.values.get("place", ""))[:60]
        try:
            pk = _household(each, known, seen)
            details = _details(each, known, pk)
            if details is None:
                done.same += 1
                continue
            with transaction.atomic():
                record_answer(row, known.homes[pk], details, actor=actor, is_imported=True)
            done.taken += 1
        except DomainError as error:
            done.bad.append((each.number, place, _why(error, fields)))
    audit.record(
        "canvass.import", actor=actor, object_kind="canvass", object_id=row.pk, count=done.taken, failed=len(done.bad)
    )
    return done


def _known(row: Canvass, fields: list[CanvassField], found: list[Row], actor: Actor) -> _Known:
    wanted = [each.values["household"] for each in found if "household" in each.values]
    grids = [grid.id for grid in kept_grids_of(actor, row)]
    homes = Household.objects.filter(pk__in=wanted, building__grid_id__in=grids)
    answers = {each.household_id: each for each in CanvassAnswer.objects.filter(canvass=row, household_id__in=wanted)}
    values: dict[int, dict[int, Any]] = {}
    for value in CanvassValue.objects.filter(answer__in=[each.pk for each in answers.values()]):
        values.setdefault(value.answer_id, {})[value.field_id] = _plain(value)
    slots = {slot_words(slot): slot.pk for slot in CanvassSlot.objects.filter(canvass=row)}
    return _Known(fields, {home.pk: home for home in homes}, answers, values, slots)


def _plain(value: CanvassValue) -> Any:
    return next((each for each in (value.option, value.number, value.day) if each is not None), value.words)


def _household(each: Row, known: _Known, seen: set[int]) -> int:
    if each.problems:
        raise DomainError("bad_row", "；".join(each.problems))
    pk = int(each.values["household"])
    if pk not in known.homes:
        raise DomainError("no_household", _("户编号 {n} 不是您辖区里的户。编号在导出的名单里，请不要改。").format(n=pk))
    if pk in seen:
        raise DomainError("twice", _("这一户在表里出现了两次，只收第一行。"))
    seen.add(pk)
    return pk


def _details(each: Row, known: _Known, pk: int) -> AnswerDetails | None:
    """What the row says, over what was known; None where it says nothing new."""
    answer = known.answers.get(pk)
    before = known.values.get(answer.pk, {}) if answer else {}
    said = {
        one.pk: each.values[key_of(one)]
        for one in known.fields
        if key_of(one) in each.values and each.values[key_of(one)] != WRITTEN
    }
    met = each.values.get("met") or (answer.met if answer and not said else "")
    met = met or (CanvassAnswer.Met.ANSWERED if said else "")
    if not met:
        return None
    is_answered = met == CanvassAnswer.Met.ANSWERED
    values: Mapping[int, Any] = {**before, **said} if is_answered else {}
    seats = int(each.values.get("seats", answer.seats if answer else 0)) if is_answered else 0
    slot = answer.slot_id if answer and seats else None
    if words := each.values.get("slot"):
        if words not in known.slots:
            raise DomainError("no_slot", _("没有“{slot}”这个时间。").format(slot=words))
        slot = known.slots[words] if is_answered else None
    if answer and (answer.met, answer.seats, answer.slot_id, before) == (met, seats, slot, dict(values)):
        return None
    return AnswerDetails(met=met, values=values, seats=seats, slot=slot)


def _why(error: DomainError, fields: list[CanvassField]) -> str:
    """The sentence, with the column it is about where that is a question."""
    labels = {key_of(one): one.label for one in fields}
    parts = [
        f"{labels[name]}：{sentence}" if name in labels else sentence
        for name, sentences in error.fields.items()
        for sentence in sentences
    ]
    return "；".join(parts) or error.message
