"""管线: the matrix of staff and business lines (S1-09a), and the district's list of lines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.errors import NotFound
from governance.kernel.keyed import KeyedForm, act_once
from grids.households.views.surface import actor_of, posted
from grids.models import PostKind
from grids.posts.actions.lines import (
    LENGTH,
    MOST,
    WRITERS,
    require_line_writer,
    set_business_lines,
    set_line_matrix,
)
from grids.posts.lines import SHIPPED, LineMatrix, lines, matrices
from grids.posts.policies import COVERAGE_READERS, places_below
from grids.reference import AreaRef, areas_of, territory
from grids.views.manage_acts import ActForm, actor_of_page, administrator_required, perform

PAGE = 50
readers_page = staff_required(kinds=COVERAGE_READERS)


@readers_page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every community the actor reads, with the lines nobody has; who has only one is there at once."""
    communities = places_below(actor_of(request), COVERAGE_READERS, "community")
    if len(communities) == 1:
        return redirect("posts_desk:lines_of", pk=communities[0].id)
    page = Paginator(communities, PAGE).get_page(request.GET.get("page"))
    found, places = matrices([area.id for area in page.object_list]), territory()
    rows = [
        {
            "name": area.name,
            "street": places.area_name(area.street_id),
            "url": reverse("posts_desk:lines_of", args=[area.id]),
            "orphans": [row.line.name for row in found[area.id].orphans],
            "shared": [row.line.name for row in found[area.id].rows if row.is_shared],
        }
        for area in page.object_list
    ]
    return render(request, "desk/post_lines.html", {"rows": rows, "page": page, "is_set": bool(lines())})


class MatrixForm(KeyedForm):
    """One list of boxes a line, and the lines that are 兼管."""

    def __init__(self, *args: Any, matrix: LineMatrix, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.matrix = matrix
        people = [(str(holder.membership_id), holder.name) for holder in matrix.people]
        for row in matrix.rows:
            self.fields[f"line_{row.line.pk}"] = forms.MultipleChoiceField(
                label=row.line.name, required=False, choices=people, initial=[str(pk) for pk in row.owners],
                error_messages={"invalid_choice": gettext_lazy("有人已不在本社区，请重选。")},
            )  # fmt: skip
        self.fields["shared"] = forms.MultipleChoiceField(
            label=gettext_lazy("兼管"), required=False,
            choices=[(str(row.line.pk), row.line.name) for row in matrix.rows],
            initial=[str(row.line.pk) for row in matrix.rows if row.is_shared],
        )  # fmt: skip

    def owners(self) -> dict[int, list[int]]:
        return {row.line.pk: [int(pk) for pk in self.cleaned_data[f"line_{row.line.pk}"]] for row in self.matrix.rows}

    def shared(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["shared"]]

    def columns(self) -> list[dict[str, Any]]:
        shared = set(self["shared"].value() or ())
        return [
            {
                "name": row.line.name, "field": f"line_{row.line.pk}", "pk": str(row.line.pk),
                "errors": self[f"line_{row.line.pk}"].errors, "is_shared": str(row.line.pk) in shared,
                "is_orphan": row.is_orphan,
            }
            for row in self.matrix.rows
        ]  # fmt: skip

    def people(self) -> list[dict[str, Any]]:
        chosen = {row.line.pk: set(self[f"line_{row.line.pk}"].value() or ()) for row in self.matrix.rows}
        return [
            {
                "name": holder.name, "post": str(PostKind(holder.kind).label), "pk": str(holder.membership_id),
                "cells": [
                    {"field": f"line_{row.line.pk}", "line": row.line.name,
                     "chosen": str(holder.membership_id) in chosen[row.line.pk]}
                    for row in self.matrix.rows
                ],
            }
            for holder in self.matrix.people
        ]  # fmt: skip


def _found(request: HttpRequest, pk: int) -> AreaRef:
    areas = places_below(actor_of(request), COVERAGE_READERS, "community")
    area = next((row for row in areas if row.id == pk), None)
    if area is None:
        raise NotFound("no_community", _("没有这个社区，或者不在您的辖区。"))
    return area


@readers_page
@require_http_methods(["GET", "HEAD", "POST"])
def of_community(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has which line; the secretary sets it. A line without an owner that is not 兼管 saves nothing."""
    actor, area = actor_of(request), _found(request, pk)
    if request.method == "POST":
        require_line_writer(actor, pk)
    form = MatrixForm(posted(request), matrix=matrices([pk])[pk])

    def act() -> None:
        set_line_matrix(pk, form.owners(), shared=form.shared(), actor=actor)

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("条线分好了，每条都有人管。"))
        return redirect("posts_desk:lines_of", pk=pk)
    context = {
        "area": area,
        "form": form,
        "columns": form.columns(),
        "people": form.people(),
        "may_write": any(row.id == pk for row in areas_of(actor, WRITERS)),
        "many": len(places_below(actor, COVERAGE_READERS, "community")) > 1,
        "is_admin": "district_admin" in actor.role_kinds,
    }
    return render(request, "desk/post_lines_of.html", context, status=422 if form.is_bound else 200)


class LinesForm(ActForm):
    names = forms.CharField(
        label=gettext_lazy("条线"), widget=forms.Textarea(attrs={"rows": 10}), max_length=MOST * (LENGTH + 2) * 2,
        help_text=gettext_lazy("一行一条，按这个顺序排。删掉一行，这条线就停用，以前谁管过还查得到。"),
        error_messages={"required": gettext_lazy("请写至少一条。")},
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def business_lines(request: HttpRequest) -> HttpResponse:
    """The district's lines; a set is offered where there is none yet, and saved only when it is."""
    known = [row.name for row in lines()]
    form = LinesForm(request.POST or None, initial={"names": "\n".join(known or SHIPPED)})

    def act() -> None:
        set_business_lines(form.cleaned_data["names"].splitlines(), actor=actor_of_page(request))

    if request.method == "POST" and perform(request, form, act):
        messages.success(request, _("条线存好了，请各社区书记分一分。"))
        return redirect("manage:business_lines")
    places = territory()
    found = matrices([area.id for area in places.at_level("community")]) if known else {}
    context = {
        "form": form,
        "is_set": bool(known),
        "lacking": [places.area_name(pk) for pk, matrix in found.items() if matrix.orphans],
        "total": len(found),
    }
    return render(request, "manage/business_lines.html", context, status=422 if form.is_bound else 200)
