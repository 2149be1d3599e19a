"""Base figures for the community's secretary, and for the levels above (S2-29)."""

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
from governance.kernel import clock
from governance.kernel.errors import NotFound
from governance.kernel.keyed import KeyedForm, act_once
from grids.households.actions.figures import MOST_HOUSEHOLDS, MOST_PEOPLE, Declared, declare_figure
from grids.households.figures import Comparison, buildings_of, by_building, compared
from grids.households.forms.households import DayField
from grids.households.models import BaseFigure
from grids.households.policies import FIGURE_READERS, HouseholdPolicy, figure_communities, may_declare
from grids.households.views.surface import DESK, actor_of, posted
from grids.reference import territory

PAGE = 50
readers_page = staff_required(kinds=FIGURE_READERS)


class FigureForm(KeyedForm):
    on = DayField(label=gettext_lazy("截至哪天"))
    source = forms.CharField(
        label=gettext_lazy("来源"), max_length=60, help_text=gettext_lazy("如“2026年人口统计报表”“村改居移交清册”。")
    )
    households = forms.IntegerField(label=gettext_lazy("户数"), min_value=0, max_value=MOST_HOUSEHOLDS)
    people = forms.IntegerField(label=gettext_lazy("人数"), required=False, min_value=0, max_value=MOST_PEOPLE)
    floor_area = forms.IntegerField(
        label=gettext_lazy("建筑面积（平方米）"), required=False, min_value=0, max_value=100_000_000
    )
    groups = forms.IntegerField(label=gettext_lazy("生产组"), required=False, min_value=0, max_value=1_000)


@readers_page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every community the actor reads; who has only one is there at once."""
    communities = figure_communities(actor_of(request))
    if len(communities) == 1:
        return redirect("households_desk:figures_of", pk=communities[0].id)
    page = Paginator(communities, PAGE).get_page(request.GET.get("page"))
    found = compared([area.id for area in page.object_list])
    places = territory()
    rows = [
        {
            "name": area.name, "street": places.area_name(area.street_id), **_words(found[area.id]),
            "url": reverse("households_desk:figures_of", args=[area.id]),
        }
        for area in page.object_list
    ]  # fmt: skip
    return render(request, "desk/figures.html", {"rows": rows, "page": page})


def _words(found: Comparison) -> dict[str, Any]:
    return {
        "declared": found.declared,
        "register": found.register,
        "gap": found.gap,
        "gap_words": gap_words(found.gap),
        "people_words": gap_words(found.people_gap),
    }


def gap_words(gap: int | None) -> str:
    """−49, +3, 0; empty where nothing was declared. The sign is a minus, not a hyphen."""
    return "" if gap is None else f"{gap:+d}".replace("-", "−") if gap else "0"


@readers_page
@require_http_methods(["GET", "HEAD", "POST"])
def community(request: HttpRequest, pk: int) -> HttpResponse:
    """Declared beside registered, the gap by building, earlier figures; the community's staff declare a new one."""
    actor = actor_of(request)
    area = next((row for row in figure_communities(actor) if row.id == pk), None)
    if area is None:
        raise NotFound("no_community", _("没有这个社区，或者不在您的辖区。"))
    form = FigureForm(posted(request), initial={"on": clock.today()})

    def act() -> dict[str, Any]:
        said = {name: value for name, value in form.cleaned_data.items() if name != "idempotency_key"}
        return {"figure": declare_figure(pk, Declared(**said), actor=actor).pk}

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("记下了，差额已按新的基数算。"))
        return redirect("households_desk:figures_of", pk=pk)
    gaps = by_building(buildings_of(pk)).exclude(gap=0)
    page = Paginator(gaps, PAGE).get_page(request.GET.get("page"))
    mine = set(HouseholdPolicy.buildings(actor).filter(pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    context = {
        "area": area,
        **_words(compared([pk])[pk]),
        "page": page,
        "rows": [
            {
                "name": row.name, "declared": row.household_count, "registered": row.registered,
                "gap": gap_words(row.gap), "url": DESK.url("building", row.pk) if row.pk in mine else "",
            }
            for row in page.object_list
        ],
        "history": BaseFigure.objects.filter(community_id=pk).order_by("-on", "-pk")[:24],
        "form": form if may_declare(actor, pk) else None,
        "many": len(figure_communities(actor)) > 1,
    }  # fmt: skip
    return render(request, "desk/figures_of.html", context, status=422 if form.is_bound else 200)
