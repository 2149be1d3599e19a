"""区划 for the district's administrator: the tree, one area, its border."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grids.actions.areas import BELOW, EDITED, create_area, update_area
from grids.actions.borders import Judged, border_stamp, judge_border, remove_border, save_border
from grids.area_codes import suggested_code
from grids.area_tree import LACKS, Tree, area_map
from grids.models import Area, AreaBorder, Building, Compound, Level
from grids.reference import territory
from grids.stamps import stamp_of
from grids.views.manage_acts import act_page, actor_of_page, administrator_required, perform
from grids.views.place_forms import AreaForm, BorderForm, StampedForm, initial_of, number_of

PAGE = 50


@administrator_required
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """The tree, one branch open (``open``: an area's id); or a list: ``q`` name or code, ``lack`` what is missing."""
    query, lack, opened = (request.GET.get(name, "").strip() for name in ("q", "lack", "open"))
    tree = Tree()
    lack = lack if lack in LACKS else ""
    page = None
    if query or lack:
        found = tree.found(query) if query else tree.lacking(lack)
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        rows = tree.branches(page)
    else:
        rows = tree.rows(number_of(opened))
    address, places = reverse("manage:areas"), territory()
    words = {"border": _("没有边界"), "holder": _("缺岗"), "buildings": _("没有楼栋")}
    items = [{"label": _("全部"), "url": address, "current": not lack and not query, "count": None}]
    items += [
        {"label": words[what], "url": f"{address}?lack={what}", "current": what == lack and not query,
         "count": len(tree.lacking(what))} for what in LACKS
    ]  # fmt: skip
    context = {
        "rows": [_row(branch, is_tree=page is None) for branch in rows],
        "page": page, "is_tree": page is None, "q": query, "items": items,
        "top": places.areas[places.district_area_id],
        "counts": [(level.label, len(places.at_level(level))) for level in (Level.STREET, Level.COMMUNITY, Level.GRID)],
    }  # fmt: skip
    return render(request, "manage/areas/tree.html", context)


def _row(branch: Any, *, is_tree: bool) -> dict[str, Any]:
    area, address = branch.area, reverse("manage:areas")
    # Closing a branch opens the one above it.
    target = area.parent_id if branch.is_open else area.id
    return {
        "branch": branch,
        "url": reverse("manage:area", args=[area.id]),
        "toggle": f"{address}?open={target}#a{area.id}" if is_tree and branch.below else "",
        "level": str(Level(area.level).label),
    }


@administrator_required
@require_safe
def area(request: HttpRequest, pk: int) -> HttpResponse:
    """One area: its facts, its border among its neighbours, what lies in it."""
    found = get_object_or_404(Area.objects.select_related("parent", "street", "community"), pk=pk)
    places = territory()
    own = places.organizations.get(places.own.get(pk, 0))
    handler = places.handler(own.id) if own else None
    border = AreaBorder.objects.filter(area=found).first()
    facts: list[dict[str, Any]] = [
        {"key": _("区划代码"), "value": found.code},
        {"key": _("户数"), "value": found.household_count},
        {"key": _("人数"), "value": found.resident_count},
    ]
    if found.level == Level.GRID:
        facts.append({"key": _("类型"), "value": found.get_grid_kind_display() or _("基础网格")})
    if own is not None:
        facts.append({"key": _("单位"), "value": own.name, "url": reverse("manage:organization", args=[own.id])})
        facts.append({"key": _("承办"), "value": handler.name if handler else _("缺岗")})
    facts.append({"key": _("启用"), "value": found.valid_from.isoformat()})
    if border is not None and border.split_reason:
        facts.append({"key": _("不连片"), "value": border.split_reason})
    tree = Tree()
    children = tree.branches(places.children(pk))
    context = {
        "area": found,
        "level": str(Level(found.level).label),
        "below": str(Level(BELOW[found.level]).label) if found.level in BELOW else "",
        "trail": [row for row in (found.street, found.community) if row is not None and row.pk != pk],
        "facts": facts,
        "map": area_map(found),
        "has_border": border is not None,
        "rows": [_row(branch, is_tree=False) for branch in children],
        "buildings": Building.objects.filter(grid=found, ended_on=None).count() if found.level == Level.GRID else None,
        "compounds": Compound.objects.filter(community=found, ended_on=None).count()
        if found.level == Level.COMMUNITY
        else None,
        "is_living": found.ended_on is None,
        "may_end": found.level in BELOW.values() and found.ended_on is None,
    }
    return render(request, "manage/areas/area.html", context)


# ---------------------------------------------------------------- founding and correcting
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def area_new(request: HttpRequest, pk: int) -> HttpResponse:
    above = get_object_or_404(Area, pk=pk, ended_on=None)
    if above.level not in BELOW:
        raise Http404
    level = BELOW[above.level]
    taken = Area.objects.filter(parent=above).values_list("code", flat=True)
    initial = {"code": suggested_code(above.code, taken), "household_count": 0, "resident_count": 0}
    form = AreaForm(request.POST or None, level=level, initial=initial)

    def act() -> dict[str, Any]:
        facts = form.facts()
        del facts["stamp"]
        return {"id": create_area(above, **facts, actor=actor_of_page(request)).pk}

    return act_page(
        request, form, act, title=_("{parent}：新建{level}").format(parent=above.name, level=Level(level).label),
        what=_("同时设立它的单位和空岗位；居民的诉求按边界和楼栋找到它。"), verb=_("新建"),
        back=reverse("manage:area", args=[pk]), done=_("已建好。还要画边界、登记楼栋、给岗位安排人。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def area_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Area, pk=pk, ended_on=None)
    initial = {**initial_of(found, EDITED), "stamp": stamp_of(found, EDITED)}
    form = AreaForm(request.POST or None, level=found.level, area=found, initial=initial)
    return act_page(
        request, form, lambda: {"id": update_area(found, **form.facts(), actor=actor_of_page(request)).pk},
        title=_("修改{name}").format(name=found.name), verb=_("保存"),
        what=_("改名后，用旧名写的地址就找不到这里了；单位跟着改名。"),
        back=reverse("manage:area", args=[pk]), done=_("已保存。"),
    )  # fmt: skip


# ---------------------------------------------------------------- border
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def border(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload or paste, look at the drawing with what speaks against it, then save."""
    found = get_object_or_404(Area, pk=pk, ended_on=None)
    form = BorderForm(request.POST or None, request.FILES or None, area=found, initial={"stamp": border_stamp(found)})
    judged: Judged | None = None
    geometry = None
    if request.method == "POST" and form.is_valid():
        geometry = form.cleaned_data["geometry"]
        if request.POST.get("step") == "save" and not request.FILES:
            if perform(request, form, lambda: _save_border(request, found, form)):
                messages.success(request, _("边界已保存。"))
                return redirect("manage:area", pk)
        else:
            # What was read from a file goes on as text; a file field cannot be filled again.
            form.say(text=form.cleaned_data["text"])
        judged = judge_border(found, geometry)
    context = {
        "area": found, "form": form, "judged": judged, "map": area_map(found, geometry),
        "may_save": judged is not None and not judged.problems, "back": reverse("manage:area", args=[pk]),
    }  # fmt: skip
    return render(request, "manage/areas/border.html", context, status=422 if _is_wrong(form, judged) else 200)


def _save_border(request: HttpRequest, found: Area, form: BorderForm) -> dict[str, Any]:
    said = form.cleaned_data
    row = save_border(
        found, geometry=said["geometry"], split_reason=said["split_reason"], stamp=said["stamp"],
        actor=actor_of_page(request),
    )  # fmt: skip
    return {"id": row.pk}


def _is_wrong(form: BorderForm, judged: Judged | None) -> bool:
    return (form.is_bound and bool(form.errors)) or (judged is not None and bool(judged.problems))


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def border_remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Area, pk=pk, ended_on=None)
    form = StampedForm(request.POST or None, initial={"stamp": border_stamp(found)})

    def act() -> dict[str, Any]:
        remove_border(found, stamp=form.cleaned_data["stamp"], actor=actor_of_page(request))
        return {}

    return act_page(
        request, form, act, title=_("去掉{name}的边界？").format(name=found.name),
        what=_("去掉后，只带位置的诉求靠最近的楼栋找网格，找不到就到区调度台。要恢复只能重新上传。"),
        verb=_("去掉边界"), back=reverse("manage:area", args=[pk]), done=_("边界已去掉。"),
    )  # fmt: skip
