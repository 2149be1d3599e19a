"""统计: the numbers of a period, the map of the streets, and the rows behind each number."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.board import Line, board
from analytics.events import (
    PERIODS,
    EventFilter,
    count_events,
    days,
    events,
    period_of,
    require_whole_district,
    words_of,
)
from analytics.small_numbers import restricted_words
from analytics.street_map import street_map
from analytics.trend import figures
from analytics.views.board import KINDS, rows_url
from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import presentation
from requests_intake.queries import PAGE_SIZE

_MAX_PAGE = 200
_SHADES = 4


def events_url(found: EventFilter, **more: Any) -> str:
    return f"{reverse('board:events')}?{urlencode({**found.as_query(), **{k: v for k, v in more.items() if v}})}"


def _with_urls(value: Any) -> Any:
    """The same figures with the address of the rows behind each number."""
    if isinstance(value, dict):
        found = {name: _with_urls(inner) for name, inner in value.items() if name != "filter"}
        return {**found, "url": events_url(value["filter"])} if "filter" in value else found
    return [_with_urls(inner) for inner in value] if isinstance(value, list) else value


@staff_required(kinds=KINDS)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require_whole_district(actor)
    name = request.GET.get("period", "")
    name = name if name in PERIODS else "30"
    period = period_of(name)
    words = {
        "7": _("近 7 天"), "30": _("近 30 天"), "92": _("近 92 天"), "month": _("本月"), "last_month": _("上月"),
        "year": _("今年"),
    }  # fmt: skip
    context = {
        "periods": [
            {"label": words[each], "url": f"{reverse('board:trend')}?period={each}", "current": each == name}
            for each in PERIODS
        ],
        "period": {"label": words[name], "days": days(period.first, period.last), "months": period.whole_months},
        "map": map_of(board(actor).streets),
        "restricted": restricted_words(period),
        **_with_urls(figures(period, confidential=False)),
    }
    return render(request, "board/trend.html", context)


def map_of(found: list[Line]) -> dict[str, Any] | None:
    """Each street with what is open and overdue there now, the more overdue the deeper its colour."""
    drawing = street_map()
    if drawing is None:
        return None
    lines = {line.open.filter.area_id: line for line in found}
    streets = []
    for each in drawing.shapes:
        line = lines.get(each.key)
        if line is None:
            continue
        over, total = line.over.value, line.open.value
        streets.append(
            {
                "path": each.path,
                "x": each.x,
                "y": each.y,
                "label": line.label,
                "open": {"value": total, "url": rows_url(line.open.filter)},
                "over": {"value": over, "url": rows_url(line.over.filter)},
                "shade": min(_SHADES, 1 + over * _SHADES // max(total, 1)) if over else 0,
            }
        )
    return {"width": drawing.width, "height": drawing.height, "streets": streets}


@staff_required(kinds=KINDS)
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """One row for each time it happened: as many as the number says."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wanted = EventFilter.from_query(request.GET)
    text = request.GET.get("page", "1")
    page = max(1, min(int(text), _MAX_PAGE)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    found = events(actor, wanted, first=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1)
    back = request.get_full_path()
    shown = []
    for event in found[:PAGE_SIZE]:
        row = presentation.list_row(event.ticket)
        row["url"] = f"{row['url']}?{urlencode({'next': back})}"
        row["holder"] = territory().organization_name(event.ticket.organization_id)
        shown.append({**row, "at": event.at})
    context = {
        "heading": words_of(wanted),
        "total": count_events(actor, wanted),
        "rows": shown,
        "previous_url": events_url(wanted, page=page - 1 if page > 2 else None) if page > 1 else "",
        "next_url": events_url(wanted, page=page + 1) if len(found) > PAGE_SIZE and page < _MAX_PAGE else "",
    }
    return render(request, "board/events.html", context)
