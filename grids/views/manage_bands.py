"""Household bands and the grids outside them, for the district's administrator."""

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
from django.views.decorators.http import require_http_methods

from grids.actions.bands import MOST, set_household_bands
from grids.bands import KINDS, STATES, Band, bands, count_misfits, kind_of, misfits, state_of
from grids.models import Area
from grids.reference import territory
from grids.views.manage_acts import ActForm, actor_of_page, administrator_required, perform

PAGE = 50


class BandsForm(ActForm):
    def __init__(self, *args: Any, known: dict[str, Band], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, band in known.items():
            for name, word, value in (
                ("minimum", gettext_lazy("至少（户）"), band.minimum),
                ("maximum", gettext_lazy("至多（户）"), band.maximum),
            ):
                self.fields[f"{kind}_{name}"] = forms.IntegerField(
                    label=word, min_value=0, max_value=MOST, initial=value
                )

    def wanted(self) -> dict[str, Band]:
        data = self.cleaned_data
        return {kind: Band(data[f"{kind}_minimum"], data[f"{kind}_maximum"]) for kind in KINDS.values}

    def rows(self) -> list[tuple[str, list[Any]]]:
        return [(str(KINDS(kind).label), [self[f"{kind}_minimum"], self[f"{kind}_maximum"]]) for kind in KINDS.values]


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def household_bands(request: HttpRequest) -> HttpResponse:
    """GET: the bands and the grids outside them (``state``, ``kind``, ``page``). POST: other bands."""
    known = bands()
    form = BandsForm(request.POST or None, known=known)

    def act() -> None:
        set_household_bands(form.wanted(), actor=actor_of_page(request))

    if request.method == "POST" and perform(request, form, act):
        messages.success(request, _("改好了，下面的名单已按新的算。"))
        return redirect("manage:bands")
    state = request.GET.get("state", "")
    kind = request.GET.get("kind", "")
    state, kind = state if state in STATES else "", kind if kind in KINDS.values else ""
    page = Paginator(misfits(known, state, kind), PAGE).get_page(request.GET.get("page"))
    counts = count_misfits(known)
    context = {
        "form": form,
        "rows": [_row(area, known) for area in page],
        "page": page,
        "total": sum(counts[name] for name in STATES),
        "grids": counts["grids"],
        "selects": [
            _select("state", _("情况"), state, [(name, f"{word} {counts[name]}") for name, word in STATES.items()]),
            _select("kind", _("网格类型"), kind, [(value, str(word)) for value, word in KINDS.choices]),
        ],
    }
    return render(request, "manage/bands.html", context, status=422 if form.is_bound else 200)


def _row(area: Area, known: dict[str, Band]) -> dict[str, Any]:
    places, band = territory(), known[kind_of(area)]
    state = state_of(area.household_count, band)
    words = {
        "large": _("多 {n} 户").format(n=area.household_count - band.maximum),
        "small": _("少 {n} 户").format(n=band.minimum - area.household_count),
    }
    return {
        "name": area.name,
        "url": reverse("manage:area", args=[area.pk]),
        "place": "·".join(name for pk in (area.street_id, area.community_id) if (name := places.area_name(pk))),
        "kind": str(KINDS(kind_of(area)).label),
        "households": area.household_count,
        "band": f"{band.minimum}–{band.maximum}",
        "state": str(STATES[state]),
        "off": words.get(state, ""),
    }


def _select(name: str, label: str, chosen: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    rows = [{"value": value, "label": word, "chosen": value == chosen} for value, word in options]
    return {"name": name, "label": label, "options": rows}
