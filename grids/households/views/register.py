"""The register on phone and desk: finding households, the matrix of a building, one household."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.offline import keep_offline
from grids.households.forms.households import PhoneSearchForm
from grids.households.matrix import USE_MARKS, Cell, Matrix, matrix_of
from grids.households.models import Household
from grids.households.policies import find_building, find_household, kept_grids, reads_tag
from grids.households.presentation.household import lines, whole
from grids.households.queries import buildings_in, by_phone, homes_in, households_of, search, with_tag
from grids.households.reference import tags, tags_in_use
from grids.households.views.grid import tabs_of
from grids.households.views.surface import Surface, actor_of, keepers_page, posted
from grids.models import Building, Room

PAGE = 40


@keepers_page
@require_safe
def index(request: HttpRequest, surface: Surface) -> HttpResponse:
    """人: the buildings of the own grids (``grid``), and households by words or by tag (``q``, ``tag``, ``page``)."""
    actor = actor_of(request)
    text, tag_id = request.GET.get("q", "").strip()[:60], request.GET.get("tag", "")
    readable = [tag for tag in tags_in_use() if reads_tag(actor, tag)]
    context: dict[str, Any] = {
        **tabs_of(request, surface, "people"),
        "q": text,
        "phone_form": PhoneSearchForm(),
        "tags": [{"tag": tag, "chosen": str(tag.pk) == tag_id} for tag in readable],
    }
    if text or tag_id.isdigit():
        rows = search(households_of(actor), actor, text)
        if tag_id.isdigit():
            rows = with_tag(rows, actor, int(tag_id))
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "rows": lines(list(page.object_list), actor), "is_found": True}
    else:
        grids = kept_grids(actor)
        chosen = next((grid for grid in grids if str(grid.id) == request.GET.get("grid", "")), None)
        found = Paginator(buildings_in([chosen.id] if chosen else [grid.id for grid in grids]), PAGE)
        some = found.get_page(request.GET.get("page"))
        homes = homes_in(some.object_list)
        if len(grids) > 1:
            here = surface.url("index")
            context["grids"] = [{"label": _("全部"), "url": here, "current": chosen is None, "count": None}] + [
                {"label": grid.name, "url": f"{here}?grid={grid.id}", "current": grid == chosen, "count": None}
                for grid in grids
            ]
        context |= {"page": some, "buildings": [_building(row, homes.get(row.pk, 0)) for row in some.object_list]}
    answer = surface.page(request, "people", context, heading=_("我的网格"))
    if "is_found" not in context:
        # Buildings and how many homes: nobody who lives there.
        keep_offline(request, answer)
    return answer


def _building(row: Building, homes: int) -> dict[str, Any]:
    return {"pk": row.pk, "name": row.name, "homes": homes, "said": row.household_count, "address": row.address}


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, surface: Surface) -> HttpResponse:
    """By a telephone number, which is posted so that no address holds it."""
    actor = actor_of(request)
    form = PhoneSearchForm(posted(request))
    context: dict[str, Any] = {"phone_form": form}
    if form.is_valid():
        rows = list(by_phone(households_of(actor), form.cleaned_data["phone"])[:PAGE])
        context |= {"rows": lines(rows, actor), "is_found": True}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return surface.page(request, "found", context, heading=_("按电话找住户"), back=surface.url("index"), status=status)


@keepers_page
@require_safe
def building(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """楼盘表, coloured by use or by tag (``by``); on the phone one entrance at a time (``unit``)."""
    actor = actor_of(request)
    row = find_building(actor, pk)
    matrix = matrix_of(row, actor)
    by = "use" if request.GET.get("by") == "use" else "tag"
    numbers = [entrance.number for entrance in matrix.entrances]
    asked = request.GET.get("unit", "")
    unit = int(asked) if asked.isdigit() and int(asked) in numbers else (numbers[0] if numbers else 0)
    is_phone = surface.templates == "worker"
    shown = [each for each in matrix.entrances if not is_phone or each.number == unit]
    here = surface.url("building", row.pk)
    words = {"tag": _("按标签"), "use": _("按用途")}
    context = {
        "building": row,
        "matrix": matrix,
        "entrances": [
            {
                "number": entrance.number,
                "width": entrance.width,
                "floors": [
                    {
                        "number": floor.number,
                        "cells": [_cell(cell, entrance.number, by, surface, row) for cell in floor.cells],
                    }
                    for floor in entrance.floors
                ],
            }
            for entrance in shown
        ],
        "elsewhere": [
            {"place": place, "home": home, "url": surface.url("household", home.pk)} for place, home in matrix.elsewhere
        ],
        "layers": [
            {"label": label, "url": f"{here}?by={name}&unit={unit}", "current": name == by, "count": None}
            for name, label in words.items()
        ],
        "units": _units(numbers, unit, f"{here}?by={by}") if is_phone and len(numbers) > 1 else [],
        "legend": _legend(matrix, by),
        "new_url": surface.url("new", row.pk),
        "gap": matrix.homes - row.household_count,
    }  # fmt: skip
    answer = surface.page(request, "matrix", context, heading=row.name, back=surface.url("index"))
    if not any(tags()[pk].is_sensitive for pk in matrix.tags):
        # Flats with how many live there and what everybody in the grid's team may see; a restricted tag is not kept.
        keep_offline(request, answer)
    return answer


def _units(numbers: list[int], current: int, address: str) -> list[dict[str, Any]]:
    label = _("{unit}单元")
    return [
        {"label": label.format(unit=n), "url": f"{address}&unit={n}", "current": n == current, "count": None}
        for n in numbers
    ]


def _cell(cell: Cell, unit: int, by: str, surface: Surface, building: Building) -> dict[str, Any]:
    """Colour and one character, a sentence for who cannot see them, and the one tap: the household, or a new one."""
    people = sum(home.people for home in cell.homes)
    use = str(Room.Use(cell.use).label)
    marks = [{"mark": tag.mark, "colour": tag.colour} for tag in cell.tags[:2]]
    tagged = "、".join(tag.name for tag in cell.tags)
    if cell.homes:
        url = surface.url("household", cell.homes[0].pk)
        state = _("{homes}户{people}人").format(homes=len(cell.homes), people=people)
    else:
        url = f"{surface.url('new', building.pk)}?room={cell.room_id}"
        state = _("没有登记住户")
    if by == "use":
        marks = [{"mark": str(USE_MARKS[Room.Use(cell.use)]), "colour": f"use-{cell.use}"}]
    said = _("{unit}单元{room}，{use}，{state}").format(unit=unit, room=cell.number, use=use, state=state)
    return {
        "number": cell.number, "url": url, "marks": marks, "people": people, "is_empty": not cell.homes,
        "tone": marks[0]["colour"] if marks else "none", "label": f"{said}，{tagged}" if tagged else said,
        "homes": len(cell.homes),
    }  # fmt: skip


def _legend(matrix: Matrix, by: str) -> list[dict[str, Any]]:
    if by == "use":
        return [
            {"mark": USE_MARKS[use], "name": use.label, "colour": f"use-{use.value}", "count": matrix.uses[use.value]}
            for use in Room.Use
        ]
    known = tags()
    found = [
        {"mark": known[pk].mark, "name": known[pk].name, "colour": known[pk].colour, "count": count}
        for pk, count in sorted(matrix.tags.items(), key=lambda item: list(known).index(item[0]))
    ]
    if matrix.hidden:
        found.append({"mark": "·", "name": _("受限标签"), "colour": "neutral", "count": matrix.hidden})
    return found


@keepers_page
@require_safe
def household(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """One household: where, who, tags, where it lived before; everything masked."""
    actor = actor_of(request)
    row = find_household(actor, pk)
    context = {"home": whole(row, actor), "is_ended": row.ended_on is not None}
    back = f"{surface.url('building', row.building_id)}?unit={row.room.unit.number}" if row.room else ""
    return surface.page(
        request, "household", context, heading=_heading(row), back=back or surface.url("building", row.building_id)
    )


def _heading(row: Household) -> str:
    return _("{unit}单元{room}").format(unit=row.room.unit.number, room=row.room.number) if row.room else row.place
