"""走访 at the desk: by grid planned, met, attempted and who is left; the target; the list to take along."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel import audit, clock
from governance.kernel.workbooks import workbook_response
from grids.households.policies import kept_grids
from grids.households.views.surface import act_page, actor_of, keepers_page, posted
from grids.visits.actions.plans import set_target
from grids.visits.due import LISTS
from grids.visits.forms.visits import TargetForm
from grids.visits.months import first_of, month_of, next_month
from grids.visits.plans import progress
from grids.visits.policies import find_grid, may_plan, require_planner
from grids.visits.presentation.visits import waiting_lines
from grids.visits.views.surface import DESK, tabs
from grids.visits.views.visits import wanted

PAGE = 50
MOST_EXPORTED = 5_000


def _month(request: HttpRequest) -> date:
    """``month`` of the address (2026-11), this one by default; not ahead of the next."""
    today = first_of(clock.today())
    asked = month_of(request.GET.get("month", "")) or today
    return min(asked, next_month(today))


@keepers_page
@require_safe
def grids(request: HttpRequest) -> HttpResponse:
    """Every grid of the actor's with its month; an earlier one by ``month``."""
    actor, month = actor_of(request), _month(request)
    page = Paginator(kept_grids(actor), PAGE).get_page(request.GET.get("page"))
    found = progress([area.id for area in page.object_list], month)
    is_open = month >= first_of(clock.today())
    rows = [
        {
            "name": area.name, "progress": found[area.id], "url": f"{DESK.url('index')}?grid={area.id}",
            "target_url": f"{DESK.url('target', area.id)}?month={month:%Y-%m}" if is_open and may_plan(actor) else "",
        }
        for area in page.object_list
    ]  # fmt: skip
    here = DESK.url("grids")
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    context: dict[str, Any] = {
        **tabs(DESK, "grids"),
        "rows": rows,
        "page": page,
        "month": month,
        "months": [
            {"label": f"{each:%Y-%m}", "url": f"{here}?month={each:%Y-%m}", "current": each == month, "count": None}
            for each in sorted({before, month, first_of(clock.today()), next_month(first_of(clock.today()))})
        ],
    }
    return DESK.page(request, "grids", context, heading=_("各网格走访"), back=DESK.url("index"))


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """How many households a grid means to reach in a month."""
    actor, month = actor_of(request), _month(request)
    area = find_grid(actor, pk)
    require_planner(actor)
    form = TargetForm(posted(request), initial={"target": progress([pk], month)[pk].target})

    def act() -> dict[str, Any]:
        return {"plan": set_target(pk, month, form.cleaned_data["target"], actor=actor).pk}

    return act_page(
        request, DESK, form, act, title=_("{month} 走访多少户").format(month=f"{month:%Y-%m}"), verb=_("定下来"),
        back=f"{DESK.url('grids')}?month={month:%Y-%m}", done=_("定下来了"),
        what=_("{grid}：住户不到这个数的，全部走到就算完成。").format(grid=area.name),
    )  # fmt: skip


@keepers_page
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, with the same filters: places and reasons, no name, no number of anybody."""
    actor = actor_of(request)
    rows, said = wanted(request)
    lines = waiting_lines(list(rows[:MOST_EXPORTED]), actor)
    header = [_("住处"), _("人数"), _("为什么"), _("上次走访"), _("标签")]
    cells = (
        [
            line["place"], line["people"], "；".join(reason.words for reason in line["reasons"]), line["last"],
            "、".join(tag.name for tag in line["tags"]),
        ]
        for line in lines
    )  # fmt: skip
    audit.record("visit.export", actor=actor, object_kind="visit", object_id=None, count=len(lines))
    return workbook_response(f"{LISTS[said['list']]}-{clock.today():%Y%m%d}", header, cells)
