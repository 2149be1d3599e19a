"""抽查记录: every draw with its rule, the month's commitment, and recomputing it when the seed is known (ADR 31)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from requests_intake.actions.draw import disclosed_seed, is_open
from requests_intake.draws import draws_of, recomputed, seeds, summary
from requests_intake.follow_ups import DRAW_READERS
from requests_intake.models import DrawSeed, SampleDraw
from requests_intake.sampling import commitment_of
from requests_intake.views.desk_parts import actor_of_page, page_frame

PER_PAGE = 50


@staff_required(kinds=DRAW_READERS)
@require_safe
def draws(request: HttpRequest) -> HttpResponse:
    """The draws of a month that the actor may see; ``check`` recomputes them, once the seed is known."""
    actor = actor_of_page(request)
    months = seeds()
    seed = _chosen(months, request.GET.get("month", ""))
    rule = request.GET.get("rule", "")
    rule = rule if rule in SampleDraw.Rule.values else ""
    rows = draws_of(actor, seed.month if seed else None, rule=rule)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    known = disclosed_seed(seed) if seed is not None and is_open(seed) else ""
    checks = bool(request.GET.get("check")) and bool(known)
    context: dict[str, Any] = {
        **page_frame(request),
        "months": [{"seed": row, "url": _url(row, rule), "current": row == seed} for row in months],
        "seed": seed,
        "known": known,
        "fits": commitment_of(known) == seed.commitment if known and seed else None,
        "rules": [
            {"value": value, "label": label, "chosen": value == rule} for value, label in SampleDraw.Rule.choices
        ],
        "page": page,
        "rows": [{"draw": row, **(recomputed(row, known) if checks else {})} for row in page.object_list],
        "checks": checks,
        "summary": summary(rows, known) if checks else None,
        "check_url": f"{_url(seed, rule)}&check=1" if seed and known else "",
    }
    return render(request, "desk/draws.html", context)


def _chosen(months: list[DrawSeed], text: str) -> DrawSeed | None:
    return next((row for row in months if f"{row.month:%Y-%m}" == text), months[0] if months else None)


def _url(seed: DrawSeed, rule: str) -> str:
    query = {"month": f"{seed.month:%Y-%m}", **({"rule": rule} if rule else {})}
    return f"{reverse('desk:draws')}?{urlencode(query)}"
