"""A canvass, how far it is and what was answered, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import clock
from grids.canvasses.actions.canvasses import is_over
from grids.canvasses.figures import Figures, Progress
from grids.canvasses.models import (
    Canvass,
    CanvassAnswer,
    CanvassField,
    CanvassPlace,
    CanvassSlot,
    CanvassTag,
    CanvassValue,
)
from grids.canvasses.questions import option_words, options_of
from grids.canvasses.sheet import slot_words
from grids.households.reference import tags
from grids.models import Building
from grids.reference import AreaRef, territory


def state(row: Canvass) -> tuple[str, str]:
    """Kind of pill and word."""
    today = clock.today()
    if row.started_at is None:
        return "line", _("草稿")
    if row.erased_at is not None:
        return "hold", _("回答已删")
    if is_over(row, today):
        return "done", _("已结束")
    if row.begins_on > today:
        return "new", _("还没开始")
    return "doing", _("正在问")


def line(row: Canvass) -> dict[str, Any]:
    kind, word = state(row)
    return {
        "pk": row.pk,
        "title": row.title,
        "area": territory().area_name(row.area_id),
        "begins_on": row.begins_on,
        "ends_on": row.ends_on,
        "erase_after": row.erase_after,
        "erased_at": row.erased_at,
        "pill": kind,
        "state": word,
    }


def rule_words(row: Canvass) -> str:
    """Whom it asks: three statements at most."""
    known, places = tags(), territory()
    parts = []
    if names := [known[pk].name for pk in CanvassTag.objects.filter(canvass=row).values_list("tag_id", flat=True)]:
        parts.append(_("有“{tags}”标签的").format(tags="、".join(names)))
    if row.born_from and row.born_until:
        parts.append(_("家里有 {first} 到 {last} 年出生的人").format(first=row.born_from, last=row.born_until))
    elif row.born_from:
        parts.append(_("家里有 {year} 年以后出生的人").format(year=row.born_from))
    elif row.born_until:
        parts.append(_("家里有 {year} 年以前出生的人").format(year=row.born_until))
    chosen = list(CanvassPlace.objects.filter(canvass=row).values_list("grid_id", "building_id"))
    where = [places.area_name(grid) for grid, _building in chosen if grid]
    buildings = [building for _grid, building in chosen if building]
    where += Building.objects.filter(pk__in=buildings).order_by("name").values_list("name", flat=True)[:5]
    if where:
        more = _("等 {n} 处").format(n=len(chosen)) if len(where) < len(chosen) else ""
        parts.append("、".join(where) + more)
    return "，".join(parts) or _("全部住户")


def progress_rows(found: Figures, grids: Sequence[AreaRef]) -> list[dict[str, Any]]:
    """By grid; where there are several communities each one's sum stands above its grids. Where nobody is asked there
    is no row."""
    places = territory()
    by_community: dict[int, list[AreaRef]] = {}
    for grid in grids:
        if not found.grids[grid.id].asked_of:
            continue
        by_community.setdefault(grid.community_id or 0, []).append(grid)
    rows = []
    for community, inside in by_community.items():
        if len(by_community) > 1:
            total = Progress()
            for grid in inside:
                total += found.grids[grid.id]
            rows.append({"name": places.area_name(community), "progress": total, "is_sum": True, "grid": None})
        rows += [
            {"name": grid.name, "progress": found.grids[grid.id], "is_sum": False, "grid": grid.id} for grid in inside
        ]
    return rows


def result_rows(found: Figures, fields: Sequence[CanvassField]) -> list[dict[str, Any]]:
    """By question: each option with how many chose it, or how many said something."""
    rows = []
    for field in fields:
        said = found.of_field(field.pk)
        options = [
            {"word": word, "count": said.options[option], "percent": _share(said.options[option], said.filled)}
            for option, word in options_of(field)
        ]
        words = ""
        if field.kind == CanvassField.Kind.NUMBER:
            words = _("{n} 户答了，一共 {sum}").format(n=said.filled, sum=said.sum)
        elif not options:
            words = _("{n} 户写了").format(n=said.filled)
        rows.append({"label": field.label, "options": options, "words": words})
    return rows


def _share(part: int, whole: int) -> int:
    return 100 * part // whole if whole else 0


def slot_rows(slots: Sequence[CanvassSlot]) -> list[dict[str, Any]]:
    return [
        {
            "pk": slot.pk, "words": slot_words(slot), "taken": slot.taken, "capacity": slot.capacity,
            "left": slot.capacity - slot.taken,
        }
        for slot in slots
    ]  # fmt: skip


def slot_choices(slots: Sequence[CanvassSlot], chosen: int | None = None) -> list[tuple[int, str]]:
    """Times still to come, with what is left of each; full ones last; the one that was
    chosen is always among them."""
    now = clock.now()
    return [
        (
            slot.pk,
            _("{slot}，剩 {n}").format(slot=slot_words(slot), n=slot.capacity - slot.taken)
            if slot.taken < slot.capacity
            else _("{slot}，满了").format(slot=slot_words(slot)),
        )
        for slot in sorted(slots, key=lambda slot: slot.taken >= slot.capacity)
        if slot.pk == chosen or slot.starts_at > now
    ]


def said_words(answer: CanvassAnswer | None, values: dict[int, CanvassValue], fields: Sequence[CanvassField]) -> str:
    """An answer in one line; of words only that there are some."""
    if answer is None:
        return _("还没问")
    if answer.met != CanvassAnswer.Met.ANSWERED:
        return str(answer.get_met_display())
    parts = []
    for field in fields:
        value = values.get(field.pk)
        if value is None:
            continue
        if value.option is not None:
            word = option_words(field, value.option)
        elif value.number is not None:
            word = str(value.number)
        else:
            word = f"{value.day:%m-%d}" if value.day else _("写了")
        parts.append(f"{field.label}：{word}")
    if answer.seats:
        parts.append(_("{n} 个名额").format(n=answer.seats))
    return "；".join(parts)
