"""网格圈 for residents: signed in with their phone they read and write in the circle of their grid (S2-20a)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.models import Resident
from governance.accounts.residents import resident_of
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from grids.models import Building
from grids.reference import territory
from requests_intake.actions.grid_messages import flag_message, post_message
from requests_intake.forms.grid_messages import MessageForm
from requests_intake.forms.places import search_buildings
from requests_intake.grid_circle import page_of
from requests_intake.views.resident_login import sign_in_first, sign_in_page
from requests_intake.views.resident_session import keep_grid, last_grid, last_place


@sign_in_page
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Whose circle: found by the building one lives in; the one last read is offered again."""
    if resident_of(request) is None:
        return sign_in_first(request)
    query = request.GET.get("q", "").strip()[:80]
    known = last_grid(request)
    if known in territory().areas and not query and "other" not in request.GET:
        return redirect("resident:grid", pk=known)
    found = search_buildings(query) if query else []
    place = last_place(request)
    ids = [row.id for row in found] or ([place] if place and not query else [])
    grids = dict(Building.objects.filter(pk__in=ids, ended_on=None).values_list("pk", "grid_id")) if ids else {}
    names = {row.id: row.label for row in found}
    places = territory()
    context = {
        "back_url": reverse("resident:home"),
        "query": query,
        "rows": [
            {"url": reverse("resident:grid", args=[grid]), "name": names.get(pk, ""), "grid": places.area_name(grid)}
            for pk, grid in grids.items()
        ],
    }
    return render(request, "resident/grid_choose.html", context)


def _who(request: HttpRequest, pk: int) -> Resident | None:
    area = territory().areas.get(pk)
    if area is None or area.level != "grid":
        raise Http404
    return resident_of(request)


@sign_in_page
@require_safe
def circle(request: HttpRequest, pk: int) -> HttpResponse:
    resident = _who(request, pk)
    if resident is None:
        return sign_in_first(request)
    keep_grid(request, pk)
    return _page(request, pk, resident, MessageForm())


def _page(request: HttpRequest, pk: int, resident: Resident, form: MessageForm, *, status: int = 200) -> HttpResponse:
    page, lines = page_of(pk, request.GET.get("page"), resident=resident)
    context = {
        "back_url": reverse("resident:home"),
        "grid": territory().areas[pk],
        "form": form,
        "page": page,
        "lines": lines,
        "answering": form["parent"].value() if form.is_bound else None,
        "fresh": MessageForm() if form.is_bound else form,
    }
    return render(request, "resident/grid.html", context, status=status)


def _act(request: HttpRequest, resident: Resident, key: str, body: dict[str, Any], act: Callable[[], Any]) -> None:
    def run() -> dict[str, Any]:
        act()
        return {}

    once(principal=f"resident:{resident.pk}", key=key, body={"path": request.path, **body}, act=run)


@sign_in_page
@require_POST
def post(request: HttpRequest, pk: int) -> HttpResponse:
    resident = _who(request, pk)
    if resident is None:
        return sign_in_first(request)
    form = MessageForm(request.POST)
    status = 422
    if form.is_valid():
        text, parent = form.cleaned_data["text"], form.cleaned_data["parent"]
        try:
            _act(
                request, resident, form.cleaned_data["idempotency_key"], {"text": text, "parent": parent},
                lambda: post_message(resident, grid_id=pk, text=text, parent_id=parent, actor=Actor.public()),
            )  # fmt: skip
        except DomainError as error:
            if error.status == 404:
                raise
            form.refused(error)
            status = error.status
        else:
            messages.success(request, _("说好了，网格员看得到。"))
            return redirect("resident:grid", pk=pk)
    return _page(request, pk, resident, form, status=status)


@sign_in_page
@require_POST
def flag(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    resident = _who(request, pk)
    if resident is None:
        return sign_in_first(request)
    key = request.POST.get("idempotency_key", "")[:80]

    def act() -> None:
        flag_message(resident, grid_id=pk, message_id=message, actor=Actor.public())

    _act(request, resident, key, {}, act)
    messages.success(request, _("告诉社区了，他们会看。"))
    return redirect("resident:grid", pk=pk)
