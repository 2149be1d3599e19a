"""台账 of applications and of supervision: one list each, with what waits for the reader first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.kernel import clock
from grids.reference import territory
from requests_intake import discipline_lists as lists
from requests_intake.models import Application, Supervision
from requests_intake.presentation.applications import what_is_asked
from requests_intake.subscribers import title_told
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame

DISTRICT_KINDS = frozenset({"district_dispatcher", "supervisor", "district_official"})


def _listed(request: HttpRequest, name: str, rows: Any, views: Any, view: str, text: str) -> dict[str, Any]:
    page = Paginator(rows, lists.PER_PAGE).get_page(request.GET.get("page"))
    url = reverse(f"desk:{name}")
    segments = [
        {
            "label": label,
            "url": f"{url}?{urlencode({'view': code})}" if code else url,
            "current": code == view,
            "count": page.paginator.count if code == view else None,
        }
        for code, label in views.items()
    ]
    return {"page": page, "segments": segments, "text": text, "view": view}


def _wanted(request: HttpRequest, views: Any, first: str = "") -> tuple[str, str]:
    view = request.GET.get("view", first)
    return (view if view in views else first, request.GET.get("q", "").strip())


def _applications(request: HttpRequest, name: str, kind: Application.Kind, title: str) -> HttpResponse:
    actor, now = actor_of_page(request), clock.now()
    views, first = lists.views_of(actor, kind)
    view, text = _wanted(request, views, first)
    found = _listed(request, name, lists.applications_of(actor, kind, view, text), views, view, text)
    back, places = request.get_full_path(), territory()
    found["rows"] = [
        {
            "title": title_told(row.ticket),
            "number": row.ticket.number,
            "url": f"{reverse('desk:ticket', args=[row.ticket.number])}?{urlencode({'next': back})}",
            "asked": what_is_asked(row),
            "by": places.organization_name(row.organization_id),
            "decider": places.organization_name(row.decider_id),
            "at": row.asked_at,
            "decide_by": row.decide_by,
            "is_late": row.state == Application.State.ASKED and row.decide_by < now,
            "state": row.get_state_display(),
            "until": row.until,
            "past_target": view == "held" and row.until is not None and row.until < now,
            "reviewed_at": row.reviewed_at,
        }
        for row in found["page"].object_list
    ]
    share = lists.share_of_month(actor) if kind is Application.Kind.SUSPENSION else None
    context = {**page_frame(request), **found, "title": title, "kind": kind.value, "share": share}
    return render(request, "desk/applications.html", context)


@staff_required(kinds=DESK_KINDS)
@require_safe
def returns(request: HttpRequest) -> HttpResponse:
    return _applications(request, "returns", Application.Kind.RETURN, _("退单"))


@staff_required(kinds=DESK_KINDS)
@require_safe
def extensions(request: HttpRequest) -> HttpResponse:
    return _applications(request, "extensions", Application.Kind.EXTENSION, _("延期"))


@staff_required(kinds=DESK_KINDS)
@require_safe
def pauses(request: HttpRequest) -> HttpResponse:
    return _applications(request, "pauses", Application.Kind.PAUSE, _("暂停计时"))


@staff_required(kinds=DESK_KINDS)
@require_safe
def suspended(request: HttpRequest) -> HttpResponse:
    return _applications(request, "suspended", Application.Kind.SUSPENSION, _("挂账"))


def _stands(row: Supervision, view: str) -> str:
    """What became of it; of an order that nobody can answer any more, that nobody did."""
    if view == "done" and row.state == Supervision.State.ISSUED:
        return str(_("没有回复，工单已办结或转走"))
    return str(row.get_state_display())


def supervision_page(
    request: HttpRequest, name: str, kind: Supervision.Kind, title: str, views: Any, first: str = ""
) -> HttpResponse:
    actor = actor_of_page(request)
    view, text = _wanted(request, views, first)
    found = _listed(request, name, lists.supervisions_of(actor, kind, view, text), views, view, text)
    back, places = request.get_full_path(), territory()
    found["rows"] = [
        {
            "title": title_told(row.ticket),
            "number": row.ticket.number,
            "url": f"{reverse('desk:ticket', args=[row.ticket.number])}?{urlencode({'next': back})}",
            "organization": places.organization_name(row.organization_id),
            "issuer": _issuer(row),
            "at": row.circular.published_at if row.circular else row.issued_at,
            "reply_by": row.reply_by,
            "state": _stands(row, view),
            "is_late": row.state == Supervision.State.OVERDUE,
            "issue": row.circular,
        }
        for row in found["page"].object_list
    ]
    return render(
        request, "desk/supervisions.html", {**page_frame(request), **found, "title": title, "kind": kind.value}
    )


def _issuer(row: Supervision) -> str:
    by_person = row.issued_by_id or row.circular_id
    return territory().organization_name(row.issuer_id) if by_person else _("到时自动")


@staff_required(kinds=DESK_KINDS)
@require_safe
def supervisions(request: HttpRequest) -> HttpResponse:
    views, first = lists.supervision_views_of(actor_of_page(request))
    return supervision_page(request, "supervisions", Supervision.Kind.ORDER, _("督办"), views, first)
