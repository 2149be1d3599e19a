"""The district official's first page, and the rows behind each of its numbers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.board import Board, Figure, Line, board, percent, words_of
from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.context_processors import shell as frame
from grids.reference import territory
from requests_intake import presentation
from requests_intake.models import Ticket
from requests_intake.queries import LAMP_QUEUES, PAGE_SIZE, QUEUES, TicketFilter, count_of, tickets_of

KINDS = frozenset({"district_official", "supervisor", "district_dispatcher"})
_SHOWN = 4
_MAX_PAGE = 200


def rows_url(found: TicketFilter, **more: Any) -> str:
    return f"{reverse('board:rows')}?{urlencode({**found.as_query(), **{k: v for k, v in more.items() if v}})}"


@staff_required(kinds=KINDS)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    figures = board(actor)
    here = request.get_full_path()

    def first(wanted: TicketFilter) -> list[dict[str, Any]]:
        return [ticket_row(ticket, here) for ticket in tickets_of(actor, wanted)[:_SHOWN]]

    context = {
        "greeting": _greeting(request),
        "pressing": figures.states["over"].value + figures.critical.value,
        "over": {
            **figure_of(figures.states["over"]),
            "percent": percent(figures.states["over"].value, figures.states["open"].value),
            "rows": first(TicketFilter(queue="over")),
        },
        "critical": {
            **figure_of(figures.critical),
            "rows": [
                ticket_row(ticket, here) for ticket in tickets_of(actor, TicketFilter(urgency="critical"))[:_SHOWN]
            ],
        },
        "open": figure_of(figures.states["open"]),
        # Counted, never typed in (S0-01): a grid merged away today is no longer among them.
        "grids": {"value": len(territory().at_level("grid")), "url": reverse("posts_desk:grids")},
        "states": [
            {**figure_of(figures.states[name]), "label": str(QUEUES[name].label), "state": QUEUES[name].lamp}
            for name in LAMP_QUEUES
            if name != "over"
        ],
        "today": [
            {**figure_of(figures.outcomes[name]), "label": str(QUEUES[name].label), "icon": QUEUES[name].icon}
            for name in ("new_today", "closed_today")
        ],
        "levels": line_rows(figures.levels),
        "streets": line_rows(figures.streets),
        "voice": voice_of(figures),
    }
    return render(request, "board/home.html", context)


def _greeting(request: HttpRequest) -> dict[str, str]:
    shell = frame(request)["shell"]
    now = clock.local(clock.now())
    part = (
        _("早上好")
        if now.hour < 11
        else _("中午好")
        if now.hour < 13
        else _("下午好")
        if now.hour < 18
        else _("晚上好")
    )
    return {"words": f"{shell.get('person', '')}，{part}", "when": shell.get("when", ""), "now": f"{now:%H:%M}"}


def figure_of(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "url": rows_url(figure.filter)}


def line_rows(lines: list[Line]) -> list[dict[str, Any]]:
    most = max((line.open.value for line in lines), default=0)
    return [
        {
            "label": line.label,
            "width": line.open.value * 100 / most if most else 0,
            "open": figure_of(line.open),
            "over": figure_of(line.over),
            "soon": figure_of(line.soon),
            "critical": figure_of(line.critical),
            "percent": line.over_percent,
        }
        for line in lines
    ]


def voice_of(figures: Board) -> dict[str, Any]:
    """What the residents say of what was closed this month; whoever did not answer is no satisfied one (kpi E.3)."""
    outcomes, rated = figures.outcomes, figures.rated
    faces = (("satisfied", _("满意")), ("so_so", _("还行")), ("unsolved", _("没解决")))
    return {
        "closed": figure_of(outcomes["closed"]),
        "unrated": figure_of(outcomes["unrated"]),
        "rated": rated,
        "faces": [
            {
                **figure_of(outcomes[name]),
                "label": word,
                "percent": percent(outcomes[name].value, rated),
                "width": outcomes[name].value * 100 / rated if rated else 0,
            }
            for name, word in faces
        ],
        "first": {"value": figures.first_satisfied, "percent": percent(figures.first_satisfied, rated)},
    }


def ticket_row(ticket: Ticket, back: str) -> dict[str, Any]:
    row = presentation.list_row(ticket)
    row["url"] = f"{row['url']}?{urlencode({'next': back})}"
    row["holder"] = territory().organization_name(ticket.organization_id)
    return row


@staff_required(kinds=KINDS)
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The rows of one number: the same filter, so as many as the number says."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = TicketFilter.from_query(request.GET)
    text = request.GET.get("page", "1")
    page = max(1, min(int(text), _MAX_PAGE)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    first = (page - 1) * PAGE_SIZE
    tickets = list(tickets_of(actor, found)[first : first + PAGE_SIZE + 1])
    context = {
        "heading": words_of(found),
        "total": count_of(actor, found),
        "rows": [ticket_row(ticket, request.get_full_path()) for ticket in tickets[:PAGE_SIZE]],
        "previous_url": rows_url(found, page=page - 1 if page > 2 else None) if page > 1 else "",
        "next_url": rows_url(found, page=page + 1) if len(tickets) > PAGE_SIZE and page < _MAX_PAGE else "",
    }
    return render(request, "board/rows.html", context)
