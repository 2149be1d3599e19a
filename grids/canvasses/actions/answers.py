"""A household is asked: what it said is written down, corrected, taken back; places are given to whoever is first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassField, CanvassSlot, CanvassValue
from grids.canvasses.policies import find_answer, find_asked, find_canvass
from grids.canvasses.questions import check_values
from grids.households.models import Household

MOST_SEATS = 20
"""Places one household may ask for."""
LATE = timedelta(days=7)
"""How long after the end an answer that was written down before it still arrives from a phone."""
ANY = "any"
Met = CanvassAnswer.Met


@dataclass(frozen=True)
class AnswerDetails:
    """``values``: by question id (bool or int, date, str). ``slot``: id of the time booked for ``seats`` people.

    ``seen``: ``changed_at`` of the answer the writer had before them, None where there was none; ``ANY`` overwrites.
    ``at``: when it was written down; now where None.
    """

    met: str = Met.ANSWERED
    values: Mapping[int, Any] = field(default_factory=dict)
    seats: int = 0
    slot: int | None = None
    at: datetime | None = None
    seen: datetime | str | None = ANY


@transaction.atomic
def record_answer(
    canvass: Canvass, household: Household, details: AnswerDetails, *, actor: Actor, is_imported: bool = False
) -> CanvassAnswer:
    """Write down what a household answered, or that nobody was there or it did not want to.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid`` by field (``field_<id>``, ``seats``, ``slot``, ``met``) and
    ``DomainError``: ``not_running``, ``household_ended``, ``answered_meanwhile`` (somebody else did, after ``seen``),
    ``no_places_left``, ``slot_full``: of two that want the last place exactly one gets it.
    """
    home = find_asked(actor, canvass, household.pk, lock=True)  # two answers of one household wait for each other
    if home.ended_on is not None:
        raise DomainError("household_ended", _("这一户已经迁出，不用再问。"))
    row, now = find_canvass(actor, canvass.pk), clock.now()
    at = min(details.at, now) if details.at else now
    _check_runs(row, at)
    known = CanvassAnswer.objects.filter(canvass=row, household=home).first()
    if details.seen != ANY and (known.changed_at if known else None) != details.seen:
        raise DomainError("answered_meanwhile", _meanwhile(known))
    questions = list(CanvassField.objects.filter(canvass=row).order_by("position"))
    kept = _checked(row, details, questions)
    slot_id = take_places(row, known, details.seats, details.slot)
    answer = known or CanvassAnswer(canvass=row, household=home)
    answer.grid_id, answer.met, answer.seats, answer.slot_id = (
        home.building.grid_id,
        details.met,
        details.seats,
        slot_id,
    )
    answer.by_id, answer.at, answer.changed_at, answer.is_imported = actor.membership_id, at, now, is_imported
    answer.save()
    if known is not None:
        CanvassValue.objects.filter(answer=answer).delete()
    CanvassValue.objects.bulk_create(
        CanvassValue(answer=answer, field_id=pk, **columns) for pk, columns in kept.items()
    )
    # An erasure that was waited for while the row was written left nothing behind; so must this.
    if not Canvass.objects.filter(pk=row.pk, erased_at=None).exists():
        raise DomainError("not_running", _("这次摸排已经结束，不能再记。"))
    if not is_imported:
        audit.record("canvass.answer", actor=actor, object_kind="canvass", object_id=row.pk, household=home.pk)
    return answer


@transaction.atomic
def withdraw_answer(answer: CanvassAnswer, *, actor: Actor) -> None:
    """Take an answer out as if the household was not asked; its places are free again. Raises ``NotFound``,
    ``DomainError`` ``not_running``."""
    found = find_answer(actor, answer.pk)
    home = find_asked(actor, found.canvass, found.household_id, lock=True)
    row = find_canvass(actor, found.canvass_id)
    _check_runs(row, clock.now())
    found = find_answer(actor, answer.pk)
    take_places(row, found, 0, None)
    CanvassValue.objects.filter(answer=found).delete()
    found.delete()
    audit.record("canvass.withdraw_answer", actor=actor, object_kind="canvass", object_id=row.pk, household=home.pk)


def _check_runs(row: Canvass, at: datetime) -> None:
    on, today = clock.local(at).date(), clock.today()
    if row.started_at is None or on < row.begins_on:
        raise DomainError("not_running", _("还没有开始，{day} 起才问。").format(day=row.begins_on))
    if row.erased_at is not None or on > row.ends_on or today > min(row.ends_on + LATE, row.erase_after):
        raise DomainError("not_running", _("这次摸排已经结束，不能再记。"))
    if row.ended_at is not None and at > row.ended_at:
        raise DomainError("not_running", _("这次摸排已经提前结束，不能再记。"))


def _meanwhile(known: CanvassAnswer | None) -> str:
    if known is None:
        return _("这一户的回答已经被撤回，请重新看一遍再保存。")
    who = staff_names({known.by_id}).get(known.by_id, "") if known.by_id else ""
    return _("{who} 已经在 {time:%m-%d %H:%M} 记了“{met}”，请看过再改。").format(
        who=who or _("别人"), time=clock.local(known.changed_at), met=known.get_met_display()
    )


def _checked(row: Canvass, said: AnswerDetails, questions: list[CanvassField]) -> dict[int, dict[str, Any]]:
    kept: dict[int, dict[str, Any]] = {}
    wrong: dict[str, list[str]] = {}
    if said.met not in Met.values:
        wrong["met"] = [_("请选问到没有。")]
    if said.met == Met.ANSWERED:
        kept, wrong_values = check_values(questions, said.values)
        wrong.update(wrong_values)
    elif said.seats or said.slot:
        wrong["seats"] = [_("没有问到，就不能留名额。")]
    if not 0 <= said.seats <= MOST_SEATS:
        wrong["seats"] = [_("一户最多 {n} 个名额。").format(n=MOST_SEATS)]
    elif said.slot and not said.seats:
        wrong["seats"] = [_("选了时间，请填几个人去。")]
    elif said.seats and not gives_places(row):
        wrong["seats"] = [_("这次摸排没有名额。")]
    if wrong:
        raise Invalid("answer_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    return kept


def gives_places(canvass: Canvass) -> bool:
    return canvass.quota is not None or CanvassSlot.objects.filter(canvass=canvass).exists()


def take_places(row: Canvass, known: CanvassAnswer | None, seats: int, slot_id: int | None) -> int | None:
    """Give back what the household had and take what it wants now, or refuse. Returns the slot."""
    had, had_slot = (known.seats, known.slot_id) if known else (0, None)
    if (had, had_slot) == (seats, slot_id):
        return slot_id
    locked = Canvass.objects.select_for_update().get(pk=row.pk)
    if locked.quota is not None and seats > had and locked.taken - had + seats > locked.quota:
        free = locked.quota - locked.taken
        words = _("名额只剩 {n} 个。").format(n=max(0, free)) if free > 0 else _("名额已经满了。")
        raise DomainError("no_places_left", words, fields={"seats": [words]})
    locked.taken += seats - had
    locked.save(update_fields=["taken"])
    wanted = {pk for pk in (had_slot, slot_id) if pk}
    slots = {
        slot.pk: slot
        for slot in CanvassSlot.objects.select_for_update().filter(canvass=row, pk__in=wanted).order_by("pk")
    }
    if had_slot:
        slots[had_slot].taken -= had
    if slot_id:
        slot = slots.get(slot_id)
        if slot is None:
            words = _("没有这个时间，请重新选。")
            raise Invalid("no_slot", words, fields={"slot": [words]})
        if slot.taken + seats > slot.capacity:
            free = slot.capacity - slot.taken
            words = _("这个时间只剩 {n} 个名额，请换一个。").format(n=free) if free else _("这个时间满了，请换一个。")
            raise DomainError("slot_full", words, fields={"slot": [words]})
        slot.taken += seats
    for slot in slots.values():
        slot.save(update_fields=["taken"])
    return slot_id
