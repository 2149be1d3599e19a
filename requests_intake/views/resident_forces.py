"""身边的力量: who serves a grid, as far as they agreed to be known; and writing to one of them (S2-20b)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError, NotFound
from governance.kernel.idempotency import once
from governance.kernel.throttle import TooMany, take
from grids.models import Building
from grids.posts.models import Force
from grids.posts.presentation.forces import public_lines
from grids.posts.queries import public_forces
from grids.reference import AreaRef, territory
from requests_intake.actions.submit import submit_ticket
from requests_intake.forms.contact_force import ContactForm
from requests_intake.forms.places import search_buildings
from requests_intake.forms.report import new_key
from requests_intake.views.resident_session import follow, keep_code, last_place, resident_page

_NOT_SAID = {"csrfmiddlewaretoken", "idempotency_key"}


@resident_page
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Whose neighbourhood: found by the building; the place last reported is offered first."""
    query = request.GET.get("q", "").strip()[:80]
    found = search_buildings(query) if query else []
    place = last_place(request)
    ids = [row.id for row in found] or ([place] if place and not query else [])
    names = dict(Building.objects.filter(pk__in=ids, ended_on=None).values_list("pk", "name")) if ids else {}
    grids = dict(Building.objects.filter(pk__in=names).values_list("pk", "grid_id")) if names else {}
    labels = {row.id: row.label for row in found}
    places = territory()
    rows = [
        {"url": reverse("resident:forces", args=[grid]), "name": labels.get(pk, names[pk]),
         "grid": places.area_name(grid)}
        for pk, grid in grids.items()
    ]  # fmt: skip
    return render(
        request, "resident/forces_choose.html", {"back_url": reverse("resident:home"), "query": query, "rows": rows}
    )


def _grid(pk: int) -> AreaRef:
    area = territory().areas.get(pk)
    if area is None or area.level != "grid":
        raise NotFound("no_grid", _("没有这个网格。"))
    return area


@resident_page
@require_safe
def forces(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and role of each; a number only where it is published, else a way to write."""
    grid, places = _grid(pk), territory()
    rows = [
        {**row, "url": reverse("resident:force_contact", args=[pk, row["pk"]])}
        for row in public_lines(public_forces(pk))
    ]
    team = places.organizations.get(places.own.get(pk, 0))
    context = {
        "back_url": reverse("resident:forces_choose"),
        "grid": grid,
        "community": places.area_name(grid.community_id),
        "rows": rows,
        "phone": team.phone if team else "",
    }
    return render(request, "resident/forces.html", context)


def _force(grid: AreaRef, pk: int) -> Force:
    found = next((row for row in public_forces(grid.id) if row.pk == pk), None)
    if found is None:
        raise NotFound("no_force", _("这里没有这个人，或者已经不公开了。"))
    return found


@resident_page
@sensitive_post_parameters("phone", "content")
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, pk: int, force: int) -> HttpResponse:
    """A message that becomes a matter of the grid: it has a number, a limit and an answer; no number is shown."""
    grid = _grid(pk)
    row = _force(grid, force)
    if request.method != "POST":
        return _page(request, grid, row, ContactForm())
    form = ContactForm(request.POST)
    try:
        take(request, "report")
    except TooMany as error:
        form.add_error(None, error.message)
        return _page(request, grid, row, form, status=error.status)
    if not form.is_valid():
        return _page(request, grid, row, form, status=422)
    said = {name: value for name, value in request.POST.items() if name not in _NOT_SAID}

    def act() -> dict[str, Any]:
        made = submit_ticket(form.report(row, grid), actor=Actor.public())
        # Part of the answer a repeated request gets again, so it is kept, but not in the clear.
        code = encrypt(made.follow_code) if made.follow_code else ""
        return {"ticket": made.ticket.pk, "number": made.ticket.number, "code": code}

    try:
        body = {"path": request.path, "said": said}
        result = once(principal="public", key=form.key(), body=body, act=act).result
    except DomainError as error:
        for name, sentences in error.fields.items():
            form.add_error(name if name in form.fields else None, sentences)
        if not error.fields:
            form.add_error(None, error.message)
        return _page(request, grid, row, form, status=error.status)
    follow(request, result["number"], result["ticket"])
    keep_code(request, result["number"], decrypt(result["code"]) if result["code"] else "")
    return redirect("resident:done", number=result["number"])


def _page(request: HttpRequest, grid: AreaRef, row: Force, form: ContactForm, *, status: int = 200) -> HttpResponse:
    if form.is_bound:
        # Nothing was done: the next try is a new one.
        form.data = {**request.POST.dict(), "idempotency_key": new_key()}
    context = {
        "back_url": reverse("resident:forces", args=[grid.id]), "grid": grid, "name": row.name, "role": row.role,
        "form": form,
    }  # fmt: skip
    return render(request, "resident/force_contact.html", context, status=status)
