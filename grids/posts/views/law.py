"""法治楼栋 on phone and desk: the buildings with their state, and the checklist of one (S2-13)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel.keyed import KeyedForm
from grids.households.policies import find_building, kept_grids
from grids.households.queries import buildings_in
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted
from grids.posts.actions.law import check_law_building
from grids.posts.law import checklist
from grids.posts.models import LawBuilding, LawCheck

PAGE = 40
_KINDS = {LawBuilding.State.HELD: "done", LawBuilding.State.TO_MEND: "hold", LawBuilding.State.TRYING: "line"}


@keepers_page
@require_safe
def buildings(request: HttpRequest, surface: Surface) -> HttpResponse:
    """The buildings of the own grids (``state``: only those in one)."""
    state = request.GET.get("state", "")
    rows = buildings_in([grid.id for grid in kept_grids(actor_of(request))])
    if state in LawBuilding.State.values:
        rows = rows.filter(pk__in=LawBuilding.objects.filter(state=state).values("building_id"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    found = {row.building_id: row for row in LawBuilding.objects.filter(building__in=[b.pk for b in page.object_list])}
    here = surface.url("law")
    segments = [{"label": _("全部"), "url": here, "current": state not in LawBuilding.State.values, "count": None}]
    segments += [
        {"label": str(label), "url": f"{here}?state={value}", "current": value == state, "count": None}
        for value, label in LawBuilding.State.choices
    ]
    lines = []
    for building in page.object_list:
        row = found.get(building.pk)
        lines.append(
            {
                "name": building.name,
                "url": surface.url("law_check", building.pk),
                "state": row.get_state_display() if row else _("还没查过"),
                "kind": _KINDS[LawBuilding.State(row.state)] if row else "line",
                "since": row.since if row else None,
            }
        )
    context = {"rows": lines, "page": page, "segments": segments, "is_filtered": state in LawBuilding.State.values}
    return surface.page(request, "law", context, heading=_("法治楼栋"))


class CheckForm(KeyedForm):
    passed = forms.MultipleChoiceField(
        label=gettext_lazy("做到了哪几项"), required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("清单里没有这一项。")},
    )  # fmt: skip

    def __init__(self, *args: Any, before: LawCheck | None = None, **kwargs: Any) -> None:
        items = checklist()
        if before is not None:
            kwargs["initial"] = {"passed": [code for code in items if code not in before.failed]}
        super().__init__(*args, **kwargs)
        self.fields["passed"].choices = list(items.items())  # type: ignore[attr-defined]
        # None passed is an answer, not a field left out.
        self.fields["passed"].sometimes = True  # type: ignore[attr-defined]


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """Eight items; the boxes stand as they were the last time."""
    actor = actor_of(request)
    building = find_building(actor, pk)
    row = LawBuilding.objects.filter(building=building).first()
    last = LawCheck.objects.filter(row=row).order_by("-at", "-pk").first() if row else None
    form = CheckForm(posted(request), before=last)

    def act() -> dict[str, Any]:
        return {"state": check_law_building(building, form.cleaned_data["passed"], actor=actor).state}

    now = row.get_state_display() if row else _("还没查过")
    what = _("{name}现在：{state}。八项都做到就是法治楼栋；已经是的，有一项没做到转为待整改。").format(
        name=building.name, state=now
    )
    return act_page(
        request, surface, form, act, title=_("{name}：法治楼栋").format(name=building.name), verb=_("记下这次检查"),
        back=surface.url("law"), done=_("检查记下了"), what=what,
    )  # fmt: skip
