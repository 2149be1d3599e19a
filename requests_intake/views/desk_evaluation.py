"""评一评: what may be rated, on one screen with three faces; what one's organization received; the office's detail."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.keyed import act_once
from grids.reference import territory
from requests_intake.actions.evaluation import RATERS, evaluate_matter, open_detail
from requests_intake.evaluations import (
    LEAST,
    LEAST_RATERS,
    Matter,
    detail_of,
    find_matter,
    months_with_entries,
    received_by,
    to_rate,
)
from requests_intake.forms.whistle import ScoresForm
from requests_intake.models import EvaluationEntry
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.whistle_policies import organizations_of

OFFICE = frozenset({"district_official", "supervisor"})
_PER_PAGE = 50
_ASKED = {
    "caller": ("来得快不快", "办得怎么样", "态度好不好"),
    "responder": ("叫得及时吗", "找对单位了吗", "说得清楚吗"),
}


@staff_required(kinds=RATERS)
@require_safe
def to_evaluate(request: HttpRequest) -> HttpResponse:
    """Everything that may still be rated; one tap on a face and it is done."""
    actor = actor_of_page(request)
    context = {**page_frame(request), "cards": [_card(matter) for matter in to_rate(actor)]}
    return render(request, "desk/evaluations.html", context)


def _card(matter: Matter) -> dict[str, Any]:
    return {
        "matter": matter,
        "other": matter.other,
        "asked": [_(words) for words in _ASKED[matter.side]],
        "is_caller": matter.side == "caller",
        "form": ScoresForm(auto_id=f"id_{matter.subject}_{matter.pk}_%s"),
    }


@staff_required(kinds=RATERS)
@require_http_methods(["GET", "HEAD", "POST"])
def evaluate(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """One matter: the three faces, and where wanted the scores one by one and a sentence."""
    if subject not in ("whistle", "order"):
        raise Http404
    actor = actor_of_page(request)
    matter = find_matter(actor, subject, pk)
    form = ScoresForm(request.POST if request.method == "POST" else None)
    form.use_required_attribute = False
    if form.is_bound and act_once(
        request,
        form,
        lambda: evaluate_matter(
            matter.subject,
            matter.pk,
            matter.side,
            scores=form.scores(),
            comment=form.cleaned_data["comment"],
            actor=actor,
        ),
    ):
        messages.success(request, _("评好了，谢谢"))
        return redirect("desk:evaluations")
    asked = _ASKED[matter.side]
    for name, words in zip(("speed", "result", "attitude"), asked, strict=True):
        form.fields[name].label = _(words)
    context = {**page_frame(request), "form": form, "card": _card(matter)}
    return render(request, "desk/evaluate.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=RATERS)
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """What others said of the actor's organizations: ended months with enough entries, nothing that could be traced."""
    actor = actor_of_page(request)
    own = organizations_of(actor, *RATERS)
    names = territory().organization_name
    context = {
        **page_frame(request),
        "least": LEAST,
        "least_raters": LEAST_RATERS,
        "organizations": "、".join(names(pk) for pk in own),
        "months": [
            {"row": row, "name": names(row.ratee_id), "is_caller": row.rater_kind == "caller",
             "scores": list(zip(_ASKED[row.rater_kind], (row.speed, row.result, row.attitude), strict=True))}
            for row in received_by(own)
        ],
    }  # fmt: skip
    return render(request, "desk/evaluations_received.html", context)


@staff_required(kinds=OFFICE)
@require_safe
def detail(request: HttpRequest) -> HttpResponse:
    """Who rated whom, for the evaluation office. Each opening of a month is recorded."""
    actor = actor_of_page(request)
    asked = request.GET.get("month", "")
    context: dict[str, Any] = {**page_frame(request), "months": months_with_entries(), "asked": asked, "rows": []}
    try:
        month = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return render(request, "desk/evaluation_detail.html", context)
    open_detail(asked, actor=actor)
    page = Paginator(detail_of(month), _PER_PAGE).get_page(request.GET.get("page"))
    context |= {"page": page, "month": month, "rows": [_detail_row(row) for row in page.object_list]}
    return render(request, "desk/evaluation_detail.html", context)


def _detail_row(row: EvaluationEntry) -> dict[str, Any]:
    names = territory().organization_name
    about = ""
    if row.whistle_target is not None:
        about = _("{n} 号哨").format(n=row.whistle_target.whistle.number)
    elif row.work_order is not None:
        about = row.work_order.ticket.number
    return {
        "row": row,
        "about": about,
        "rater": names(row.rater_id),
        "ratee": names(row.ratee_id),
        "side": row.get_rater_kind_display(),
    }
