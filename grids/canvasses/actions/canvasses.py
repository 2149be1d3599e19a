"""A canvass is drafted, gets its questions and times, is started, and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.canvasses.audience import audience
from grids.canvasses.models import Canvass, CanvassField, CanvassPlace, CanvassSlot, CanvassTag
from grids.canvasses.policies import find_field, find_own, find_slot, grids_of, own_areas, require_setter
from grids.canvasses.questions import CHOICE, MOST_CHOICES, label_wrong
from grids.canvasses.sheet import columns
from grids.households.actions.tags import stigma_sentence
from grids.households.models import HouseholdTag
from grids.models import Building

KEPT_AT_MOST = 90
"""Days answers stay after the end (standards B.8): what was asked for is done by then, and nobody needs names."""
LONGEST = 92
"""Days a canvass runs at most: with the time after it, no answer is older than half a year."""
MOST_FIELDS = 8
MOST_SLOTS = 100
MOST_SEATS = 100_000
MOST_PLACES = 200
OLDEST_YEAR = 1900
TITLE, PURPOSE, PLACE = 30, 120, 40


@dataclass(frozen=True)
class CanvassDetails:
    """``keep_days``: how long answers stay after ``ends_on``. ``tags``, ``grids``, ``buildings``: ids; empty means all.
    ``born_from``, ``born_until``: years of birth, of the register."""

    title: str
    purpose: str
    begins_on: date
    ends_on: date
    keep_days: int
    tags: Sequence[int] = ()
    grids: Sequence[int] = ()
    buildings: Sequence[int] = ()
    born_from: int | None = None
    born_until: int | None = None
    quota: int | None = None


@dataclass(frozen=True)
class FieldDetails:
    label: str
    kind: str
    choices: Sequence[str] = ()
    is_required: bool = True


@transaction.atomic
def draft_canvass(area_id: int, details: CanvassDetails, *, actor: Actor) -> Canvass:
    """A draft for the actor's own community or street. Raises ``NotAllowed``, ``Invalid`` by field."""
    require_setter(actor)
    if not actor.is_system and area_id not in {area.id for area in own_areas(actor)}:
        words = _("请选您自己的街道或社区。")
        raise Invalid("not_own_area", words, fields={"area": [words]})
    row = Canvass(area_id=area_id, made_by_id=actor.membership_id, made_at=clock.now())
    _fill(row, details)
    row.save()
    _choose(row, details)
    _told("create", row, actor)
    return row


@transaction.atomic
def change_canvass(canvass: Canvass, details: CanvassDetails, *, actor: Actor) -> Canvass:
    """Change a draft. Once people were asked, what they were told holds. Raises as ``draft_canvass``,
    ``is_started``."""
    row = _draft(canvass, actor)
    _fill(row, details)
    row.save()
    CanvassTag.objects.filter(canvass=row).delete()
    CanvassPlace.objects.filter(canvass=row).delete()
    _choose(row, details)
    _told("change", row, actor)
    return row


@transaction.atomic
def discard_canvass(canvass: Canvass, *, actor: Actor) -> None:
    """Throw a draft away. Raises as ``change_canvass``."""
    row = _draft(canvass, actor)
    for model in (CanvassTag, CanvassPlace, CanvassField, CanvassSlot):
        model.objects.filter(canvass=row).delete()
    _told("discard", row, actor)
    row.delete()


@transaction.atomic
def add_field(canvass: Canvass, details: FieldDetails, *, actor: Actor) -> CanvassField:
    """One more question to a draft. Raises ``Invalid`` by field, ``DomainError`` ``enough_fields``, ``is_started``."""
    row = _draft(canvass, actor)
    known = list(CanvassField.objects.filter(canvass=row).order_by("position"))
    if len(known) >= MOST_FIELDS:
        raise DomainError("enough_fields", _("最多 {n} 题：只问办这件事用得着的。").format(n=MOST_FIELDS))
    label = details.label.strip()
    choices = [word for each in details.choices if (word := each.strip())]
    wrong: dict[str, list[str]] = {}
    if sentence := label_wrong(label):
        wrong["label"] = [sentence]
    elif label in columns([], has_places=True):
        wrong["label"] = [_("名单里已经有这一列，换个说法。")]
    elif any(each.label == label for each in known):
        wrong["label"] = [_("已经有这一题了。")]
    if details.kind not in CanvassField.Kind.values:
        wrong["kind"] = [_("请选怎么答。")]
    elif details.kind == CanvassField.Kind.CHOICE and (sentence := _choices_wrong(choices)):
        wrong["choices"] = [sentence]
    _refuse("field_incomplete", wrong)
    made = CanvassField.objects.create(
        canvass=row, position=known[-1].position + 1 if known else 1, label=label, kind=details.kind,
        choices=choices if details.kind == CanvassField.Kind.CHOICE else [], is_required=details.is_required,
    )  # fmt: skip
    _told("change", row, actor)
    return made


@transaction.atomic
def remove_field(field: CanvassField, *, actor: Actor) -> None:
    """Take a question out of a draft. Raises as ``add_field``."""
    row = find_field(actor, field.pk)
    canvass = _draft(row.canvass, actor)
    row.delete()
    _told("change", canvass, actor)


@transaction.atomic
def add_slot(canvass: Canvass, starts_at: datetime, place: str, capacity: int, *, actor: Actor) -> CanvassSlot:
    """A time at a place with so many places, to a draft or while it runs.

    Raises ``Invalid`` by field, ``DomainError`` ``is_over``, ``enough_slots``, ``slot_known``.
    """
    row = find_own(actor, canvass.pk, lock=True)
    _not_over(row)
    if CanvassSlot.objects.filter(canvass=row).count() >= MOST_SLOTS:
        raise DomainError("enough_slots", _("最多 {n} 个时段。").format(n=MOST_SLOTS))
    wrong: dict[str, list[str]] = {}
    place = place.strip()
    if starts_at <= clock.now():
        wrong["starts_at"] = [_("这个时间已经过了。")]
    elif clock.local(starts_at).date() > row.erase_after:
        wrong["starts_at"] = [_("那时回答已经删了，名单就没有了。请早一点，或者多留几天。")]
    if not place or len(place) > PLACE:
        wrong["place"] = [_("请写在哪儿，最多 {n} 字。").format(n=PLACE)]
    if not 1 <= capacity <= 2_000:
        wrong["capacity"] = [_("请填 1 到 {most} 个名额。").format(most=2_000)]
    _refuse("slot_incomplete", wrong)
    if CanvassSlot.objects.filter(canvass=row, starts_at=starts_at, place=place).exists():
        raise DomainError("slot_known", _("这个时间、这个地方已经有了。"))
    made = CanvassSlot.objects.create(canvass=row, starts_at=starts_at, place=place, capacity=capacity)
    _told("change", row, actor)
    return made


@transaction.atomic
def remove_slot(slot: CanvassSlot, *, actor: Actor) -> None:
    """Take a time away that nobody booked. Raises ``DomainError`` ``slot_booked``, ``is_over``."""
    found = find_slot(actor, slot.pk)
    row = find_own(actor, found.canvass_id, lock=True)
    _not_over(row)
    found = CanvassSlot.objects.select_for_update().get(pk=found.pk)
    if found.taken:
        raise DomainError("slot_booked", _("已经有 {n} 人约了，先改到别的时间。").format(n=found.taken))
    found.delete()
    _told("change", row, actor)


@transaction.atomic
def start_canvass(canvass: Canvass, *, actor: Actor) -> Canvass:
    """From now on grid workers have the list. Raises ``DomainError`` ``is_started``, ``no_fields``, ``nobody_asked``,
    ``Invalid`` where its days are over."""
    row = _draft(canvass, actor)
    if not CanvassField.objects.filter(canvass=row).exists():
        raise DomainError("no_fields", _("还没有问题。先加一题，再开始。"))
    if row.ends_on < clock.today():
        words = _("结束的日子已经过了，先改日子。")
        raise Invalid("ends_before", words, fields={"ends_on": [words]})
    if not audience(row, [grid.id for grid in grids_of(row)]).exists():
        raise DomainError("nobody_asked", _("按现在的条件一户也没有。改一改问哪些户，再开始。"))
    row.started_at = clock.now()
    row.save(update_fields=["started_at"])
    _told("start", row, actor)
    return row


@transaction.atomic
def end_canvass(canvass: Canvass, *, actor: Actor) -> Canvass:
    """It ends today, before its day; the answers go as much earlier. Raises ``DomainError`` ``not_started``,
    ``is_over``."""
    row = find_own(actor, canvass.pk, lock=True)
    if row.started_at is None:
        raise DomainError("not_started", _("还没有开始。不要了就删掉草稿。"))
    _not_over(row)
    row.ended_at = clock.now()
    # One whose first day is still to come never had one.
    row.begins_on, row.ends_on = min(row.begins_on, clock.today()), clock.today()
    row.erase_after = row.ends_on + timedelta(days=row.keep_days)
    row.save(update_fields=["ended_at", "begins_on", "ends_on", "erase_after"])
    _told("end", row, actor)
    return row


def is_over(canvass: Canvass, today: date | None = None) -> bool:
    return canvass.ended_at is not None or canvass.ends_on < (today or clock.today())


def _not_over(row: Canvass) -> None:
    if row.erased_at is not None or is_over(row):
        raise DomainError("is_over", _("这次摸排已经结束了。"))


def _draft(canvass: Canvass, actor: Actor) -> Canvass:
    row = find_own(actor, canvass.pk, lock=True)
    if row.started_at is not None:
        raise DomainError("is_started", _("已经开始问了，不能再改：居民听到的是原来的说法。要改就提前结束，另设一次。"))
    return row


def _fill(row: Canvass, said: CanvassDetails) -> None:
    title, purpose, year = said.title.strip(), said.purpose.strip(), clock.today().year
    rules = (
        ("title", not title or len(title) > TITLE, _("请写叫什么，最多 {n} 字。").format(n=TITLE)),
        ("title", bool(stigma_sentence(title)), stigma_sentence(title)),
        (
            "purpose", not purpose or len(purpose) > PURPOSE,
            _("请写为什么问，最多 {n} 字：上门时要念给居民听。").format(n=PURPOSE),
        ),
        ("purpose", bool(stigma_sentence(purpose)), stigma_sentence(purpose)),
        ("ends_on", said.ends_on < said.begins_on, _("结束的日子要在开始以后。")),
        ("ends_on", said.ends_on < clock.today(), _("这一天已经过了。")),
        (
            "ends_on", said.ends_on - said.begins_on > timedelta(days=LONGEST),
            _("一次最多问 {n} 天。").format(n=LONGEST),
        ),
        ("begins_on", said.begins_on > clock.today() + timedelta(days=LONGEST), _("请在三个月以内开始。")),
        (
            "keep_days", not 1 <= said.keep_days <= KEPT_AT_MOST,
            _("结束后留 1 到 {n} 天：事办完了，个人的回答就要删。").format(n=KEPT_AT_MOST),
        ),
        ("born_from", not _good_year(said.born_from, year), _("请填四位的出生年份。")),
        ("born_until", not _good_year(said.born_until, year), _("请填四位的出生年份。")),
        (
            "born_until",
            said.born_from is not None and said.born_until is not None and said.born_until < said.born_from,
            _("后一个年份要不早于前一个。"),
        ),
        ("quota", said.quota is not None and not 1 <= said.quota <= MOST_SEATS, _("请填 1 以上的数，没有就空着。")),
    )  # fmt: skip
    wrong: dict[str, list[str]] = {}
    for name, is_wrong, sentence in rules:
        if is_wrong:
            wrong.setdefault(name, [sentence])
    wrong.update(_places_wrong(row, said))
    _refuse("canvass_incomplete", wrong)
    row.title, row.purpose, row.begins_on, row.ends_on = title, purpose, said.begins_on, said.ends_on
    row.keep_days, row.erase_after = said.keep_days, said.ends_on + timedelta(days=said.keep_days)
    row.born_from, row.born_until, row.quota = said.born_from, said.born_until, said.quota


def _good_year(year: int | None, now: int) -> bool:
    return year is None or OLDEST_YEAR <= year <= now


def _places_wrong(row: Canvass, said: CanvassDetails) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    here = {grid.id for grid in grids_of(row)}
    if set(said.grids) - here:
        wrong["grids"] = [_("请选本辖区的网格。")]
    buildings = set(said.buildings)
    if buildings and (
        len(buildings) > MOST_PLACES
        or Building.objects.filter(pk__in=buildings, grid_id__in=here, ended_on=None).count() != len(buildings)
    ):
        wrong["buildings"] = [_("请选本辖区在用的楼栋，最多 {n} 栋。").format(n=MOST_PLACES)]
    found = list(HouseholdTag.objects.filter(pk__in=set(said.tags), ended_on=None))
    if len(found) != len(set(said.tags)):
        wrong["tags"] = [_("请选本区在用的标签。")]
    elif any(tag.is_sensitive for tag in found):
        # Whoever reads the list would read the tag by it.
        wrong["tags"] = [_("敏感标签不能用来选户：看到名单就知道了谁有这个标签。")]
    return wrong


def _choose(row: Canvass, said: CanvassDetails) -> None:
    CanvassTag.objects.bulk_create(CanvassTag(canvass=row, tag_id=pk) for pk in sorted(set(said.tags)))
    places = [CanvassPlace(canvass=row, grid_id=pk) for pk in sorted(set(said.grids))]
    places += [CanvassPlace(canvass=row, building_id=pk) for pk in sorted(set(said.buildings))]
    CanvassPlace.objects.bulk_create(places)


def _choices_wrong(choices: list[str]) -> str:
    if not 2 <= len(choices) <= MOST_CHOICES or len(set(choices)) != len(choices):
        return _("请写 2 到 {n} 个不同的选项，一行一个。").format(n=MOST_CHOICES)
    if any(len(word) > CHOICE for word in choices):
        return _("每个选项最多 {n} 字。").format(n=CHOICE)
    return next((sentence for word in choices if (sentence := label_wrong(word))), "")


def _refuse(code: str, wrong: dict[str, list[str]]) -> None:
    if wrong:
        raise Invalid(code, next(iter(wrong.values()))[0], fields=wrong)


def _told(verb: str, row: Canvass, actor: Actor) -> None:
    audit.record(f"canvass.{verb}", actor=actor, object_kind="canvass", object_id=row.pk)
