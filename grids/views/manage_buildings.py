"""楼栋 for the district's administrator: finding, registering, moving several at once, flats, ending."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grids.actions.buildings import EDITED, create_building, end_building, move_buildings, update_building
from grids.actions.rooms import generate_rooms
from grids.models import Building, Compound, Level, Room, Unit
from grids.reference import territory
from grids.stamps import stamp_of
from grids.views.manage_acts import ActForm, act_page, actor_of_page, administrator_required
from grids.views.manage_heads import seats
from grids.views.place_forms import BuildingForm, MoveForm, RoomsForm, initial_of, number_of

PAGE = 50
_POINT_OF_KIND = {"c": "grid__community_id", "g": "grid_id"}


@administrator_required
@require_safe
def buildings(request: HttpRequest) -> HttpResponse:
    """``q`` words of name, number or address; ``in`` c<community> or g<grid>; ``compound`` an id."""
    query, place = request.GET.get("q", "").strip(), request.GET.get("in", "")
    places = territory()
    compound = Compound.objects.filter(pk=number_of(request.GET.get("compound", ""))).first()
    found = _narrowed(query, place, compound)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "building": row,
            "grid": places.area_name(row.grid_id),
            "compound": row.compound.name if row.compound else "",
        }
        for row in page
    ]
    context = {
        "rows": rows, "page": page, "total": page.paginator.count, "q": query, "place": place, "compound": compound,
        "places": [
            (area.name, [(f"c{area.id}", _("{name}（全部）").format(name=area.name)),
                         *((f"g{grid.id}", grid.name) for grid in places.children(area.id))])
            for area in places.at_level(Level.COMMUNITY)
        ],
        "grid": number_of(place[1:]) if place.startswith("g") else None,
        "narrowed": bool(query or place or compound),
    }  # fmt: skip
    return render(request, "manage/areas/buildings.html", context)


def _narrowed(query: str, place: str, compound: Compound | None) -> QuerySet[Building]:
    found = Building.objects.filter(ended_on=None).select_related("compound").order_by("grid_id", "name", "pk")
    for word in query.split():
        found = found.filter(Q(name__icontains=word) | Q(address__icontains=word) | Q(number=word))
    column, pk = _POINT_OF_KIND.get(place[:1]), number_of(place[1:])
    if column is not None and pk is not None:
        found = found.filter(**{column: pk})
    return found.filter(compound=compound) if compound is not None else found


@administrator_required
@require_safe
def building(request: HttpRequest, pk: int) -> HttpResponse:
    """One building with its flats, floor by floor."""
    found = get_object_or_404(Building.objects.select_related("compound", "grid__community"), pk=pk)
    units = list(Unit.objects.filter(building=found).order_by("number"))
    floors: dict[int, dict[int, list[str]]] = {}
    for floor, unit_id, number in (
        Room.objects.filter(unit__building=found).order_by("number").values_list("floor", "unit_id", "number")
    ):
        floors.setdefault(floor, {}).setdefault(unit_id, []).append(number)
    facts: list[dict[str, Any]] = [
        {"key": _("网格"), "value": found.grid.name, "url": reverse("manage:area", args=[found.grid_id])},
        {"key": _("社区"), "value": found.grid.community.name if found.grid.community else ""},
        {"key": _("小区"), "value": found.compound.name if found.compound else _("不属于小区")},
        {"key": _("楼号"), "value": found.number},
        {"key": _("地址"), "value": found.address or _("没有填")},
        {"key": _("规模"), "value": _("{units} 个单元，{floors} 层，{households} 户").format(
            units=found.unit_count, floors=found.floor_count, households=found.household_count)},
        {"key": _("位置"), "value": f"{found.lng}, {found.lat}" if found.lng is not None else _("没有填")},
    ]  # fmt: skip
    context = {
        "building": found,
        "facts": facts,
        "units": units,
        "seats": seats(found),
        "floors": [
            {"floor": floor, "cells": [floors[floor].get(unit.pk, []) for unit in units]}
            for floor in sorted(floors, reverse=True)
        ],
        "rooms": sum(len(numbers) for cells in floors.values() for numbers in cells.values()),
    }
    return render(request, "manage/areas/building.html", context)


# ---------------------------------------------------------------- acts
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def building_new(request: HttpRequest) -> HttpResponse:
    initial = {name: request.GET.get(name, "") for name in ("grid", "compound")}
    form = BuildingForm(request.POST or None, initial=initial)

    def act() -> dict[str, Any]:
        facts = form.facts()
        del facts["stamp"]
        return {"id": create_building(**facts, actor=actor_of_page(request)).pk}

    grid = number_of(request.POST.get("grid", "") or initial["grid"])
    return act_page(
        request, form, act, title=_("登记楼栋"), what=_("登记好，居民马上就能选到它，报的事归它所在的网格。"),
        verb=_("登记"), back=reverse("manage:buildings") + (f"?in=g{grid}" if grid is not None else ""),
        done=_("楼栋登记好了。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def building_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Building, pk=pk, ended_on=None)
    initial = {**initial_of(found, EDITED), "stamp": stamp_of(found, EDITED)}
    form = BuildingForm(request.POST or None, initial=initial)
    return act_page(
        request, form, lambda: {"id": update_building(found, **form.facts(), actor=actor_of_page(request)).pk},
        title=_("修改{name}").format(name=found.name), verb=_("保存"),
        what=_("换了网格，以后报的事归新网格；已经在办的不变。"),
        back=reverse("manage:building", args=[pk]), done=_("已保存。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def building_move(request: HttpRequest) -> HttpResponse:
    """Several buildings, ticked in the list (``b``), into another grid."""
    ids = [pk for pk in map(number_of, request.GET.getlist("b")[:PAGE]) if pk is not None]
    chosen = list(
        Building.objects.filter(pk__in=ids, ended_on=None).select_related("compound").order_by("grid", "name")
    )
    form = MoveForm(request.POST or None, initial={"compound": "keep"})
    places = territory()
    rows = [
        [row.name, places.area_name(row.grid_id), row.compound.name if row.compound else _("不属于小区")]
        for row in chosen
    ]

    def act() -> dict[str, Any]:
        return {"moved": move_buildings(ids, **form.target(), actor=actor_of_page(request))}

    back = reverse("manage:buildings")
    if chosen and len({row.grid_id for row in chosen}) == 1:
        back += f"?in=g{chosen[0].grid_id}"
    what = _("以后在这些楼报的事归新网格；已经在办的留在原来的网格，时限不变。")
    return act_page(
        request, form, act, title=_("移动 {count} 栋楼").format(count=len(chosen)), verb=_("移动"),
        what=what if chosen else _("还没有勾选楼栋。请回到列表，先勾选再移动。"), back=back, done=_("已移动。"),
        extra={"heads": [_("楼栋"), _("现在的网格"), _("小区")], "rows": rows},
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def building_rooms(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Building, pk=pk, ended_on=None)
    form = RoomsForm(request.POST or None, initial={"units": found.unit_count, "floors": found.floor_count})

    def act() -> dict[str, Any]:
        said = {name: form.cleaned_data[name] for name in ("units", "floors", "doors")}
        return {"made": generate_rooms(found, **said, actor=actor_of_page(request))}

    return act_page(
        request, form, act, title=_("{name}：登记户室").format(name=found.name), verb=_("登记户室"),
        what=_("按层和门牌编号，如 502 是五层第二户。已登记的不动，只补缺的；户数空着的按户室数填上。"),
        back=reverse("manage:building", args=[pk]), done=_("户室登记好了。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def building_end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Building, pk=pk, ended_on=None)
    form = ActForm(request.POST or None)
    return act_page(
        request, form, lambda: {"id": end_building(found, actor=actor_of_page(request)).pk},
        title=_("停用{name}？").format(name=found.name),
        what=_("居民不再能选到它；这里没办完的诉求照常办。不能恢复。"), verb=_("停用"),
        back=reverse("manage:buildings") + f"?in=g{found.grid_id}", done=_("楼栋已停用。"),
    )  # fmt: skip
