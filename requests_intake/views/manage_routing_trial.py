"""Trying routing rules out on a made-up matter, and the list of what rules could not route."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.kernel.keyed import KeyedForm, act_once
from grids.reference import territory
from requests_intake.actions.routing_rules import current_rules, resolve_failure
from requests_intake.forms.routing import SimulateForm
from requests_intake.models import RequestType, RoutingFailure, Urgency
from requests_intake.policies import TicketPolicy
from requests_intake.presentation.routing import matches_in_words, result_in_words
from requests_intake.routing_effect import Simulation, simulate
from requests_intake.views.manage_routing import actor_of_request, administrator_required

_PER_PAGE = 50


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def simulator(request: HttpRequest) -> HttpResponse:
    """Nothing is written: sending the form twice is looking twice."""
    form = SimulateForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_bound and form.is_valid():
        found = _in_words(simulate(form.report(), at=form.cleaned_data["at"]))
    status = 422 if form.is_bound and found is None else 200
    return render(request, "manage/routing/simulate.html", {"form": form, "found": found}, status=status)


def _in_words(found: Simulation) -> dict[str, Any]:
    places = territory()
    rule = found.ruling.rule
    where = [places.area_name(pk) for pk in (found.place.street_id, found.place.community_id, found.place.grid_id)]
    failed = found.ruling.code
    return {
        "rule": rule,
        "version": found.ruling.version,
        "result": result_in_words(rule.then) if rule else "",
        "failed": str(RoutingFailure.Code(failed).label) if failed else "",
        "organization": places.organization_name(found.organization.id),
        "waits": {
            "restricted": _("限制知悉的事先到区里，由专人派单。"),
            "no_place": _("没有认出地方，先到区里补充地点。"),
        }.get(found.waits, ""),
        "facts": [
            {"key": _("事项"), "value": found.category.name if found.category else _("没认出来")},
            {"key": _("诉求类型"), "value": RequestType(found.request_type).label},
            {"key": _("紧急程度"), "value": _urgency_words(found)},
            {"key": _("地方"), "value": " ".join(name for name in where if name) or _("没认出来")},
        ],
        "clocks": [
            {"name": _("签收"), "limit": str(found.sign), "due": found.sign_due, "whose": _("单位的钟")},
            {"name": _("办结"), "limit": str(found.resolve), "due": found.resolve_due, "whose": _("单位的钟")},
            {"name": _("答应居民"), "limit": str(found.promise), "due": found.promise_due, "whose": _("居民的钟")},
        ],
        "trials": [
            {
                "key": trial.rule.key,
                "name": trial.rule.name,
                "fires": trial.fires,
                "is_out": trial.is_out,
                "matches": matches_in_words(trial.matches),
            }
            for trial in found.trials
        ],
    }


def _urgency_words(found: Simulation) -> str:
    before, after = Urgency(found.urgency).label, Urgency(found.raised_to).label
    return str(before) if before == after else _("{before}，规则提到{after}").format(before=before, after=after)


@administrator_required
@require_safe
def failures(request: HttpRequest) -> HttpResponse:
    """What rules could not route: open ones, or with ``?all=1`` also those somebody has looked at."""
    everything = request.GET.get("all") == "1"
    rows = RoutingFailure.objects.select_related("ticket").order_by("-at", "-pk")
    if not everything:
        rows = rows.filter(resolved_at=None)
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    ids = [row.ticket_id for row in page]
    seen = set(TicketPolicy.visible(actor_of_request(request)).filter(pk__in=ids).values_list("pk", flat=True))
    names = territory()
    keys = {rule.key for rule in current_rules().rules or ()}
    context = {
        "rows": [
            {
                "row": row,
                "number": row.ticket.number,
                "what": str(RoutingFailure.Code(row.code).label),
                "holder": names.organization_name(row.ticket.organization_id),
                "may_open": row.ticket_id in seen,
                "form": KeyedForm(auto_id=False),
                "may_edit": row.rule_key in keys,
            }
            for row in page
        ],
        "page": page,
        "everything": everything,
        "open": RoutingFailure.objects.filter(resolved_at=None).count(),
    }
    return render(request, "manage/routing/failures.html", context)


@administrator_required
@require_POST
def settle_failure(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(RoutingFailure, pk=pk)
    form = KeyedForm(request.POST)
    whole = request.POST.get("whole") == "1"

    def act() -> dict[str, int]:
        return {"count": resolve_failure(pk, whole_rule=whole, actor=actor_of_request(request))}

    if act_once(request, form, act):
        messages.success(request, _("记下了：看过了"))
    else:
        messages.error(request, " ".join(str(text) for said in form.errors.values() for text in said))
    return redirect(reverse("manage:routing_failures"))
