"""必到必访 (S2-14): the secretary's tasks, the soonest first; reporting an event; arriving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel import clock
from governance.kernel.keyed import act_once
from governance.kernel.templatetags.ui import local_time
from grids.households.forms.households import PressForm
from grids.households.policies import find_household, kept_grids
from grids.households.presentation.places import place_words
from grids.households.reference import tags_in_use
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted
from grids.reference import territory
from grids.views.manage_acts import administrator_required
from grids.visits.actions.must import arrive, define_rule, is_secretary, report_event, retire_rule
from grids.visits.forms.care import EventForm, RuleForm, WordsForm
from grids.visits.models import MustVisit, MustVisitRule
from grids.visits.must import open_tasks, rules_in_use
from grids.visits.policies import find_must
from grids.visits.views.surface import tabs

PAGE = 40
any_method = require_http_methods(["GET", "HEAD", "POST"])


def task_line(row: MustVisit, surface: Surface, *, knows: bool, is_mine: bool) -> dict[str, Any]:
    """One task; ``knows``: whether its words may stand there; ``is_mine``: whether the duty is the reader's own."""
    home = row.household
    url = ""
    if home is not None:
        url = f"{surface.url('log', home.pk)}?purpose=must"
    elif is_mine:
        url = surface.url("must_arrive", row.pk)
    return {
        "pk": row.pk,
        "what": row.rule.name,
        "kind": row.rule.get_kind_display(),
        "place": place_words(home) if home is not None else f"{territory().area_name(row.grid_id)}{row.place}",
        "due": local_time(row.due_at),
        "is_over": row.due_at < clock.now(),
        "words": row.words if knows else "",
        "url": url,
        "verb": _("记走访") if home is not None else _("我到了"),
    }


@keepers_page
@require_safe
def index(request: HttpRequest, surface: Surface) -> HttpResponse:
    """What waits, the soonest first; only what is past its time with ``show=over``."""
    actor = actor_of(request)
    rows = open_tasks(actor)
    over = request.GET.get("show") == "over"
    late = rows.filter(due_at__lt=clock.now())
    page = Paginator(late if over else rows, PAGE).get_page(request.GET.get("page"))
    mine = is_secretary(actor)
    here = surface.url("must")
    context = {
        **tabs(surface, "must"),
        "page": page,
        "rows": [
            task_line(row, surface, knows=mine or row.opened_by_id == actor.membership_id, is_mine=mine)
            for row in page.object_list
        ],
        "shows": [
            {"label": _("全部"), "url": here, "current": not over, "count": None},
            {"label": _("过了期限"), "url": f"{here}?show=over", "current": over, "count": late.count()},
        ],
        "new_url": surface.url("must_new"),
        "is_secretary": mine,
    }
    return surface.page(request, "must", context, heading=_("必到必访"))


@keepers_page
@any_method
def new(request: HttpRequest, surface: Surface) -> HttpResponse:
    """Tell the secretary where to come; ``household`` in the address names the home."""
    actor = actor_of(request)
    asked = request.GET.get("household", "")
    home = find_household(actor, int(asked)) if asked.isdigit() and len(asked) < 19 else None
    rules = rules_in_use(MustVisitRule.Kind.EVENT)
    back = surface.url("must")
    if not rules:
        context = {
            "title": _("还没有定什么事书记必到"),
            "note": _("区管理员在“区管理·必到必访”里定。"),
            "url": back,
        }
        return surface.page(request, "nothing", context, heading=_("请书记到场"), back=back)
    grids = [(grid.id, grid.name) for grid in kept_grids(actor)]
    form = EventForm(posted(request), rules=rules, grids=grids, at_home=home is not None)

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        task = report_event(
            form.rules[said["rule"]], actor=actor, words=said["words"], household=home,
            grid_id=said.get("grid"), place=said.get("place", ""),
        )  # fmt: skip
        return {"must_visit": task.pk}

    return act_page(
        request, surface, form, act, title=_("请书记到场"), verb=_("报给书记"), back=back,
        done=_("报给书记了，在必到必访里等着"),
        what=place_words(home) if home is not None else _("急事先打电话，这里是记下来、算时间。"),
    )  # fmt: skip


@keepers_page
@any_method
def come(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """我到了: the secretary alone."""
    actor = actor_of(request)
    row = find_must(actor, pk)
    form = WordsForm(posted(request), label=_("到场做了什么"))

    def act() -> None:
        arrive(row, words=form.cleaned_data["words"], actor=actor)

    place = place_words(row.household) if row.household is not None else row.place
    return act_page(
        request, surface, form, act, title=_("我到了"), verb=_("记下到场"), back=surface.url("must"),
        done=_("记下了"), what=f"{row.rule.name}·{place}",
    )  # fmt: skip


# ---------------------------------------------------------------- rules of the district
@administrator_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    return render(request, "manage/must_visits.html", {"rows": rules_in_use()})


@administrator_required
@any_method
def rule_new(request: HttpRequest) -> HttpResponse:
    form = RuleForm(posted(request), tags=tags_in_use())

    def act() -> dict[str, Any]:
        return {"rule": define_rule(form.details(), actor=actor_of(request)).pk}

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("规则定好了，已经有这种标签的户都开了必访。"))
        return redirect("manage:must_visits")
    context = {"form": form, "title": _("定一条规则"), "verb": _("定规则"), "what": ""}
    return render(request, "manage/must_visit.html", context, status=422 if form.is_bound else 200)


@administrator_required
@any_method
def rule_retire(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(MustVisitRule.objects.filter(ended_on=None), pk=pk)
    form = PressForm(posted(request))

    def act() -> None:
        retire_rule(row, actor=actor_of(request))

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("已停用"))
        return redirect("manage:must_visits")
    waiting = MustVisit.objects.filter(rule=row, closed_at=None).count()
    context = {
        "form": form, "title": _("停用“{name}”？").format(name=row.name), "verb": _("停用"),
        "what": _("等着去的 {n} 件都不用去了，不能恢复。").format(n=waiting),
    }  # fmt: skip
    return render(request, "manage/must_visit.html", context, status=422 if form.is_bound else 200)
