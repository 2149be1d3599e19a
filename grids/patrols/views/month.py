"""我的这个月: what one did, by the three parts of the post, each number with its rows (S3-23). One's own only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from grids.duties import PARTS, duties
from grids.patrols.months import month_asked, months_back, span_of
from grids.patrols.views.phone import walkers_page

PAGE = 30


@walkers_page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Three numbers and what they are made of; as many statements as kinds of records are registered."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    month = month_asked(request.GET.get("month", ""))
    begin, end = span_of(month)
    parts: dict[str, dict[str, Any]] = {
        code: {"label": label, "number": 0, "lines": []} for code, label in PARTS.items()
    }
    for duty in duties():
        number = duty.rows(actor, begin, end).order_by().count()
        parts[duty.part]["number"] += number
        parts[duty.part]["lines"].append(
            {
                "title": duty.title, "number": number,
                "url": f"{reverse('patrols_phone:month_rows', args=[duty.code])}?month={month:%Y-%m}",
            }
        )  # fmt: skip
    context = {
        "heading": _("我的这个月"),
        "back_url": reverse("worker:me"),
        "parts": list(parts.values()),
        "month": month,
        "months": _months(month),
    }
    return render(request, "worker/month.html", context)


@walkers_page
@require_safe
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """The records behind a number."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    duty = next((each for each in duties() if each.code == code), None)
    if duty is None:
        raise NotFound("no_duty", _("没有这一项。"))
    month = month_asked(request.GET.get("month", ""))
    page = Paginator(duty.rows(actor, *span_of(month)), PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": str(duty.title),
        "back_url": f"{reverse('patrols_phone:month')}?month={month:%Y-%m}",
        "page": page,
        "rows": duty.lines(list(page.object_list)),
        "month": month,
    }
    return render(request, "worker/month_rows.html", context)


def _months(month: date) -> list[dict[str, Any]]:
    address = reverse("patrols_phone:month")
    return [
        {
            "label": _("{month}月").format(month=each.month), "url": f"{address}?month={each:%Y-%m}",
            "current": each == month, "count": None,
        }
        for each in months_back(3)
    ]  # fmt: skip
