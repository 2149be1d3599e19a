"""网格指标: what was solved within the grid (kpi E.7) and what nobody had to say first (E.11), by month and place.

Every number opens its rows: the same rows that were counted, of those the reader may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from grids.patrols.months import last_day, month_asked, months_back
from grids.patrols.policies import READERS
from grids.reference import AreaRef, areas_of, territory
from requests_intake.grid_rates import FOUND, STAYED, Column, began_low, came_in, shares
from requests_intake.models import Ticket
from requests_intake.outcomes import Rate
from requests_intake.presentation import place_text
from requests_intake.views.desk_parts import actor_of_page, page_frame

PAGE = 50
MONTHS = 12
_BELOW: dict[str, tuple[str, Column]] = {
    "district": ("street", "street_id"), "street": ("community", "community_id"), "community": ("grid", "grid_id"),
    "grid": ("grid", "grid_id"),
}  # fmt: skip
_COLUMN: dict[str, Column] = {"street": "street_id", "community": "community_id", "grid": "grid_id"}


@dataclass(frozen=True)
class Indicator:
    """``rows``: what it is a share of; ``counted``: which of them count; ``top``, ``whole``: what both are called."""

    code: str
    label: Any
    about: Any
    rows: Any
    counted: Q
    top: Any
    whole: Any


INDICATORS = (
    Indicator(
        "absorbed", gettext_lazy("网格内解决率"),
        gettext_lazy(
            "本月结案、从网格或社区办起的诉求里，在网格一级办好、居民没有说“没解决”的占多少。"
            "不予受理、并案、撤回、表扬和认定为不合理的都不算。"
        ),
        began_low, STAYED, gettext_lazy("网格内解决"), gettext_lazy("本月结案"),
    ),
    Indicator(
        "found", gettext_lazy("主动发现率"),
        gettext_lazy(
            "本月收到的诉求里，巡查、走访和主动治理先发现的占多少。不予受理、并案、撤回、表扬和认定为不合理的都不算。"
        ),
        came_in, FOUND, gettext_lazy("主动发现"), gettext_lazy("本月收到"),
    ),
)  # fmt: skip
_BY_CODE = {each.code: each for each in INDICATORS}


@staff_required(kinds=READERS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Both figures of the places one reads, and of each place below. ``area`` goes one level down."""
    actor, month = actor_of_page(request), month_asked(request.GET.get("month", ""))
    areas = areas_of(actor, READERS)
    area = _asked(request, areas)
    level, column = _BELOW[area.level if area else _highest(areas)]
    found = {each.code: shares(_rows(each, actor, month, area), each.counted, column) for each in INDICATORS}
    below = [each for each in territory().at_level(level) if _within(each, [area] if area else areas)]
    page = Paginator(sorted(below, key=lambda each: each.path), PAGE).get_page(request.GET.get("page"))
    none = Rate(0, 0)
    context = {
        **page_frame(request),
        "place": area.name if area else "",
        "up": _address("grid_rates", month, _up(area, areas)) if area else "",
        "area": area.id if area else "",
        "months": [{"value": f"{each:%Y-%m}", "chosen": each == month} for each in months_back(MONTHS)],
        "figures": [
            {
                "label": each.label, "about": each.about, "top": each.top, "whole": each.whole,
                **_words(_sum(found[each.code]), each, month, area),
            }
            for each in INDICATORS
        ],
        "page": page,
        "rows": [
            {
                "name": place.name,
                "url": "" if place.level == "grid" else _address("grid_rates", month, place),
                "cells": [_words(found[each.code].get(place.id, none), each, month, place) for each in INDICATORS],
            }
            for place in page.object_list
        ],
    }  # fmt: skip
    return render(request, "desk/grid_rates.html", context)


@staff_required(kinds=READERS)
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The matters behind a number: all it is a share of, or with ``counted=1`` those that count."""
    actor, month = actor_of_page(request), month_asked(request.GET.get("month", ""))
    indicator = _BY_CODE.get(request.GET.get("of", ""), INDICATORS[0])
    area = _asked(request, areas_of(actor, READERS))
    found = _rows(indicator, actor, month, area)
    counted = request.GET.get("counted") == "1"
    if counted:
        found = found.filter(indicator.counted)
    found = found.select_related("building", "compound").order_by("-submitted_at", "-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        **page_frame(request),
        "heading": indicator.top if counted else indicator.whole,
        "label": indicator.label,
        "place": area.name if area else "",
        "month": f"{month:%Y-%m}",
        "back": _address("grid_rates", month, area if area and area.level != "grid" else None),
        "page": page,
        "rows": [
            {
                "number": row.number, "title": row.title, "place": place_text(row),
                "state": row.get_state_display(), "channel": row.get_channel_display(), "at": row.submitted_at,
            }
            for row in page.object_list
        ],
    }  # fmt: skip
    return render(request, "desk/grid_rate_rows.html", context)


def _highest(areas: list[AreaRef]) -> str:
    return next((level for level in _BELOW if any(area.level == level for area in areas)), "grid")


def _within(place: AreaRef, areas: list[AreaRef]) -> bool:
    return any(place.is_within(area) for area in areas)


def _asked(request: HttpRequest, areas: list[AreaRef]) -> AreaRef | None:
    """The place of the address. Raises ``NotFound`` where the reader's posts do not reach."""
    text = request.GET.get("area", "")
    if not text:
        return None
    found = territory().areas.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
    if found is None or not _within(found, areas):
        raise NotFound("no_area", _("没有这个地方，或者不归您管。"))
    return found if found.level in _COLUMN else None


def _up(area: AreaRef, areas: list[AreaRef]) -> AreaRef | None:
    """The place above, as far as the reader's posts reach; None: the whole."""
    above = territory().areas.get({"community": area.street_id, "grid": area.community_id}.get(area.level) or 0)
    return above if above is not None and _within(above, areas) and above.id not in {row.id for row in areas} else None


def _rows(indicator: Indicator, actor: Actor, month: date, area: AreaRef | None) -> QuerySet[Ticket]:
    """Of the reader's own places; what an office handles elsewhere is another place's."""
    found: QuerySet[Ticket] = indicator.rows(actor, month, last_day(month))
    if area is not None:
        return found.filter(**{_COLUMN[area.level]: area.id})
    areas = areas_of(actor, READERS)
    if any(each.level == "district" for each in areas):
        return found
    own = Q(pk__in=[])
    for each in areas:
        own |= Q(**{_COLUMN[each.level]: each.id})
    return found.filter(own)


def _sum(found: dict[int | None, Rate]) -> Rate:
    return Rate(sum(row.numerator for row in found.values()), sum(row.denominator for row in found.values()))


def _words(rate: Rate, indicator: Indicator, month: date, area: AreaRef | None) -> dict[str, Any]:
    return {
        "rate": "—" if rate.value is None else f"{rate.value:.1%}",
        "part": int(rate.numerator),
        "of": rate.denominator,
        "label": indicator.label,
        "part_url": _address("grid_rate_rows", month, area, of=indicator.code, counted="1"),
        "of_url": _address("grid_rate_rows", month, area, of=indicator.code),
    }


def _address(name: str, month: date, area: AreaRef | None = None, **more: str) -> str:
    query = {"month": f"{month:%Y-%m}", **({"area": str(area.id)} if area else {}), **more}
    return f"{reverse(f'desk:{name}')}?{urlencode(query)}"
