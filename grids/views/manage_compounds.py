"""小区 for the district's administrator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grids.actions.compounds import EDITED, create_compound, end_compound, update_compound
from grids.models import Building, Compound, Level
from grids.reference import territory
from grids.stamps import stamp_of
from grids.views.manage_acts import ActForm, act_page, actor_of_page, administrator_required
from grids.views.place_forms import CompoundForm, initial_of, number_of

PAGE = 50


@administrator_required
@require_safe
def compounds(request: HttpRequest) -> HttpResponse:
    """``q`` part of the name or address, ``community`` its id."""
    query, chosen = request.GET.get("q", "").strip(), number_of(request.GET.get("community", ""))
    places = territory()
    found = Compound.objects.filter(ended_on=None).select_related("property_company").order_by("community_id", "name")
    for word in query.split():
        found = found.filter(Q(name__icontains=word) | Q(address__icontains=word))
    if chosen is not None:
        found = found.filter(community_id=chosen)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    spread = _spread([row.pk for row in page])
    rows = [
        {
            "compound": row,
            "community": places.area_name(row.community_id),
            "grids": _short_names(spread.get(row.pk, {}), places.area_name(row.community_id)),
            "buildings": sum(spread.get(row.pk, {}).values()),
        }
        for row in page
    ]
    context = {
        "rows": rows, "page": page, "total": page.paginator.count, "q": query, "community": chosen,
        "communities": [
            (street.name, places.children(street.id)) for street in places.at_level(Level.STREET)
        ],
    }  # fmt: skip
    return render(request, "manage/areas/compounds.html", context)


def _spread(compound_ids: list[int]) -> dict[int, dict[int, int]]:
    """Compound → grid → buildings there: a compound may lie over several grids."""
    found: dict[int, dict[int, int]] = {}
    rows = Building.objects.filter(compound_id__in=compound_ids, ended_on=None).order_by()
    for compound_id, grid_id, count in rows.values_list("compound_id", "grid_id").annotate(Count("pk")):
        found.setdefault(compound_id, {})[grid_id] = count
    return found


def _short_names(grid_ids: Iterable[int], community: str) -> list[str]:
    """Names of the grids by number, without the community that stands beside them."""
    return [territory().area_name(pk).removeprefix(community) for pk in sorted(grid_ids)]


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def compound_new(request: HttpRequest) -> HttpResponse:
    form = CompoundForm(request.POST or None, initial={"community": request.GET.get("community", "")})
    return act_page(
        request, form, lambda: {"id": create_compound(**form.facts(), actor=actor_of_page(request)).pk},
        title=_("新建小区"), what=_("一个小区可以跨几个网格，楼栋各归各的网格。"), verb=_("新建"),
        back=reverse("manage:compounds"), done=_("小区建好了，居民写它的名字就能找到；楼栋请接着登记。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def compound_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Compound, pk=pk, ended_on=None)
    initial = {**initial_of(found, EDITED), "stamp": stamp_of(found, EDITED)}
    form = CompoundForm(request.POST or None, compound=found, initial=initial)

    def act() -> dict[str, Any]:
        return {"id": update_compound(found, **form.facts(), actor=actor_of_page(request)).pk}

    return act_page(
        request, form, act, title=_("修改{name}").format(name=found.name), verb=_("保存"),
        what=_("在{community}。改名后，楼栋名称不会跟着改。").format(
            community=territory().area_name(found.community_id)
        ),
        back=reverse("manage:compounds"), done=_("已保存。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def compound_end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Compound, pk=pk, ended_on=None)
    form = ActForm(request.POST or None)
    count = Building.objects.filter(compound=found, ended_on=None).count()
    what = _("居民写这个名字就不再找到它；以前的诉求照旧。不能恢复。")
    if count:
        what = _("小区里还有 {count} 栋楼，要先移走或停用，才能停用小区。").format(count=count)
    return act_page(
        request, form, lambda: {"id": end_compound(found, actor=actor_of_page(request)).pk},
        title=_("停用{name}？").format(name=found.name), what=what, verb=_("停用"),
        back=reverse("manage:compounds"), done=_("小区已停用。"),
    )  # fmt: skip
