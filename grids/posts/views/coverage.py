"""岗位配备: grids with who answers for them (S0-07), communities with their advisers (S3-03)."""

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
from grids.households.views.surface import DESK as REGISTER
from grids.households.views.surface import actor_of
from grids.models import PostKind
from grids.posts.actions.seats import open_seats
from grids.posts.coverage import FILTERS, Coverage, GridRow, Seat, coverage, grid_rows, narrowed
from grids.posts.parts import halves
from grids.posts.policies import COVERAGE_READERS, FORCE_READERS, ForcePolicy, places_below
from grids.posts.presentation.forces import lines
from grids.posts.queries import near_first, running
from grids.reference import AreaRef, areas_of, territory
from grids.views.manage_acts import ActForm, actor_of_page, administrator_required, perform

PAGE = 50
readers_page = staff_required(kinds=COVERAGE_READERS)
WORDS = {"vacant": gettext_lazy("缺岗"), "large": gettext_lazy("超户")}


def _grids(request: HttpRequest) -> list[AreaRef]:
    return places_below(actor_of(request), COVERAGE_READERS, "grid")


@readers_page
@require_safe
def grids(request: HttpRequest) -> HttpResponse:
    """一长一员: the grids of the own place, all or only those with a vacancy or too many households (``show``)."""
    show, text = request.GET.get("show", ""), request.GET.get("q", "").strip()[:30]
    show = show if show in FILTERS else ""
    rows = grid_rows([grid for grid in _grids(request) if text in _full_name(grid)])
    counts = {name: len(narrowed(rows, name)) for name in FILTERS}
    here, query = reverse("posts_desk:grids"), f"&q={text}" if text else ""
    segments = [{"label": _("全部"), "url": f"{here}?{query.lstrip('&')}", "current": not show, "count": len(rows)}]
    segments += [
        {"label": str(WORDS[name]), "url": f"{here}?show={name}{query}", "current": name == show, "count": counts[name]}
        for name in FILTERS
    ]
    page = Paginator(narrowed(rows, show), PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [_grid_line(row) for row in page.object_list], "page": page, "segments": segments, "q": text,
        "show": show,
    }  # fmt: skip
    return render(request, "desk/post_grids.html", context)


def _full_name(grid: AreaRef) -> str:
    return f"{territory().area_name(grid.street_id)} {territory().area_name(grid.community_id)} {grid.name}"


def _grid_line(row: GridRow) -> dict[str, Any]:
    places = territory()
    return {
        "name": row.area.name,
        "url": reverse("posts_desk:grid", args=[row.area.id]),
        "place": "·".join(name for pk in (row.area.street_id, row.area.community_id) if (name := places.area_name(pk))),
        "seats": [_seat_words(seat) for seat in row.seats],
        "households": row.households,
        "over": row.households - row.band.maximum if row.is_large else 0,
        "band": f"{row.band.minimum}–{row.band.maximum}" if row.band.is_judged else "",
        "is_large": row.is_large,
    }


def _seat_words(seat: Seat) -> dict[str, Any]:
    return {
        "label": str(PostKind(seat.kind).label),
        "who": "、".join(holder.name for holder in seat.holders),
        "is_vacant": seat.is_vacant,
        "is_crowded": seat.is_crowded,
    }


@readers_page
@require_safe
def grid(request: HttpRequest, pk: int) -> HttpResponse:
    """One grid: its posts, its size with a proposal how to split it where it is too large, its forces."""
    area = next((row for row in _grids(request) if row.id == pk), None)
    if area is None:
        raise NotFound("no_grid", _("没有这个网格，或者不在您的辖区。"))
    (row,) = grid_rows([area])
    actor = actor_of(request)
    found = []
    if actor.role_kinds & FORCE_READERS:
        found = list(near_first(running(ForcePolicy.visible(actor)).filter(area_id=pk).select_related("area"))[:PAGE])
    context = {
        "row": _grid_line(row),
        "forces": lines(found),
        "forces_url": f"{reverse('posts_desk:forces')}?place={pk}" if actor.role_kinds & FORCE_READERS else "",
        "parts": halves(pk) if row.is_large else None,
        "split_url": reverse("territory_desk:split", args=[pk]) if row.is_large and areas_of(actor, _PROPOSERS) else "",
        "buildings_url": f"{REGISTER.url('index')}?grid={pk}" if areas_of(actor, _KEEPERS) else "",
    }
    return render(request, "desk/post_grid.html", context)


_PROPOSERS = frozenset({"community_secretary"})
"""Who may propose to split a grid; the page belongs to the changes of grids."""
_KEEPERS = frozenset({"grid_leader", "community_staff", "community_secretary"})


def _table(found: Coverage, areas: list[AreaRef]) -> list[dict[str, Any]]:
    places = territory()
    return [
        {
            "name": area.name,
            "street": places.area_name(area.street_id),
            "seats": [_seat_words(seat) for seat in found.seats[area.id]],
        }
        for area in areas
    ]


def _summary(found: Coverage) -> list[dict[str, Any]]:
    return [
        {
            "kind": row.kind,
            "label": str(PostKind(row.kind).label),
            "filled": row.filled,
            "places": row.places,
            "missing": [area.name for area in row.missing],
        }
        for row in found.posts
    ]


def _coverage_of(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    communities = places_below(actor, COVERAGE_READERS, "community")
    whole = any(area.level == "district" for area in areas_of(actor, COVERAGE_READERS))
    found = coverage(communities, district=whole)
    wanted = communities
    if request.GET.get("show") == "vacant":
        wanted = [area for area in communities if any(seat.is_vacant for seat in found.seats[area.id])]
    page = Paginator(wanted, PAGE).get_page(request.GET.get("page"))
    return {
        "summary": _summary(found),
        "rows": _table(found, list(page.object_list)),
        "page": page,
        "only_vacant": request.GET.get("show") == "vacant",
        "total": len(communities),
    }


@readers_page
@require_safe
def advisers(request: HttpRequest) -> HttpResponse:
    """一社区一警一法律顾问一司法总顾问: 34/36, and the names of the two."""
    return render(request, "desk/post_coverage.html", _coverage_of(request))


class SeatsForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("哪种岗位"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in _KINDS]  # type: ignore[attr-defined]


_KINDS = (
    PostKind.PARTY_INSTRUCTOR, PostKind.COMMUNITY_POLICE, PostKind.LEGAL_ADVISER, PostKind.CHIEF_JUSTICE_ADVISER,
)  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def manage_coverage(request: HttpRequest) -> HttpResponse:
    """The same table for the administrator, with one press that opens a kind of seat wherever it is lacking."""
    form = SeatsForm(request.POST or None)
    made: dict[str, int] = {}

    def act() -> dict[str, Any]:
        made["count"] = open_seats(form.cleaned_data["kind"], actor=actor_of_page(request))
        return made

    if request.method == "POST" and perform(request, form, act):
        done = _("新设了 {count} 个岗位，都是缺岗，请到单位里安排人。").format(count=made.get("count", 0))
        messages.success(request, done if made.get("count") else _("每个地方都有这种岗位了，没有新设。"))
        return redirect("manage:coverage")
    rows = grid_rows(places_below(actor_of(request), COVERAGE_READERS, "grid"))
    context = {
        **_coverage_of(request),
        "form": form,
        "grids": {"total": len(rows), **{name: len(narrowed(rows, name)) for name in FILTERS}},
    }
    return render(request, "manage/coverage.html", context, status=422 if form.is_bound else 200)
