"""For the district's administrator: the borders of a community's grids in one go, references from older grids."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.keyed import act_once
from grids.coordinates import geometry_from_wgs
from grids.maps import collection, feature
from grids.models import Area, AreaBorder, Building
from grids.territory.actions.borders import save_border_set
from grids.territory.actions.legacy import remove_reference
from grids.territory.border_set import JudgedSet, grids_of, judge_set, set_stamp
from grids.territory.forms import BorderSetForm, PlainForm
from grids.territory.legacy import conflicts, references, systems
from grids.territory.models import LegacyGridRef
from grids.territory.views.desk import actor_of
from grids.views.maps import datum, map_context, map_page

PAGE = 50
administrator_required = staff_required(kinds={"district_admin"})


@administrator_required
@map_page
@require_http_methods(["GET", "HEAD", "POST"])
def border_set(request: HttpRequest, pk: int) -> HttpResponse:
    """``step`` of the POST: look (judged, nothing saved) or save."""
    community = get_object_or_404(Area, pk=pk, level="community", ended_on=None)
    grids = grids_of(community)
    known = dict(AreaBorder.objects.filter(area__in=grids).values_list("area_id", "geometry"))
    form = BorderSetForm(
        request.POST if request.method == "POST" else None,
        initial={"borders": _written(grids, known), "stamp": set_stamp(community), "datum": datum()},
    )
    judged: JudgedSet | None = None
    if form.is_bound and form.is_valid():
        said = form.cleaned_data

        def act() -> dict[str, Any]:
            count = save_border_set(
                community, borders=said["read"], apart_reason=said["apart_reason"],
                buildings_follow=said["buildings_follow"], stamp=said["stamp"], actor=actor_of(request),
            )  # fmt: skip
            return {"changed": count}

        if request.POST.get("step") == "save" and act_once(request, form, act):
            messages.success(request, _("边界已保存。"))
            return redirect("manage:area", pk)
        judged = judge_set(community, said["read"], move_buildings=said["buildings_follow"])
    context = {
        "community": community, "form": form, "judged": judged, "grids": grids,
        "apart": [row.name for row in grids if judged is not None and row.pk in judged.apart],
        "lacking": [row.name for row in grids if row.pk not in known],
        "may_save": judged is not None and not judged.problems, "back": reverse("manage:area", args=[pk]),
        "shapes": _around(community, grids), "map": map_context(pk, mode="edit", label=_("网格边界，可以拖动")),
    }  # fmt: skip
    wrong = form.is_bound and (bool(form.errors) or (judged is not None and bool(judged.problems)))
    return render(request, "manage/areas/border_set.html", context, status=422 if wrong else 200)


def _written(grids: list[Area], known: dict[int, Any]) -> str:
    rows = [
        feature(geometry_from_wgs(known[row.pk], datum()), id=row.pk, name=row.name) for row in grids if row.pk in known
    ]
    return json.dumps(collection(rows), ensure_ascii=False)


def _around(community: Area, grids: list[Area]) -> dict[str, Any]:
    """What is drawn behind the lines one moves: the community's own border, and the buildings."""
    above = AreaBorder.objects.filter(area=community).first()
    features = []
    if above is not None:
        features.append(feature(geometry_from_wgs(above.geometry, datum()), kind="frame", name=community.name))
    rows = Building.objects.filter(grid__in=grids, ended_on=None, lng__isnull=False, lat__isnull=False)
    for row in rows.order_by("pk"):
        at = geometry_from_wgs({"type": "Point", "coordinates": [row.lng, row.lat]}, datum())
        features.append(feature(at, kind="building", id=row.pk, name=row.name, grid=row.grid_id))
    return collection(features)


@administrator_required
@require_safe
def legacy(request: HttpRequest) -> HttpResponse:
    """References by system (``system``) and words (``q``), above them the older grids in several of ours."""
    system, text = request.GET.get("system", "").strip()[:30], request.GET.get("q", "").strip()[:40]
    here = reverse("manage:legacy_grids")
    page = Paginator(references(system, text), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "q": text, "system": system, "conflicts": conflicts(),
        "segments": [{"label": _("全部"), "url": here, "current": not system, "count": None}] + [
            {"label": name, "url": f"{here}?system={name}", "current": name == system, "count": count}
            for name, count in systems()
        ],
    }  # fmt: skip
    return render(request, "manage/legacy_grids.html", context)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def legacy_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(LegacyGridRef.objects.select_related("grid"), pk=pk)
    form = PlainForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        remove_reference(pk, actor=actor_of(request))

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("对照已去掉。"))
        return redirect("manage:legacy_grids")
    context = {"row": row, "form": form, "back": reverse("manage:legacy_grids")}
    return render(request, "manage/legacy_grid_remove.html", context, status=422 if form.is_bound else 200)
