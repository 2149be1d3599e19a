"""报到 on the phone: where one is called to, and one large button that says one is there (S3-24)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.keyed import act_once, new_key
from grids.reference import territory
from requests_intake import whistle_workflow as workflow
from requests_intake.forms.whistle import TARGET_MOVES
from requests_intake.models import Whistle, WhistleKind, WhistleTarget
from requests_intake.presentation.whistle import next_limit
from requests_intake.views.worker_frame import inner
from requests_intake.whistle_policies import WhistlePolicy, find_target, organizations_of

T = workflow.TargetState
ON_PHONE = ("accept", "arrive", "handle")
_MOST = 30

responder_required = staff_required(kinds=workflow.RESPONDERS)


@responder_required
@never_cache
@require_safe
def whistles(request: HttpRequest) -> HttpResponse:
    """What one's organizations are called to and have not handled, the nearest limit first. One statement."""
    return _page(request)


def _page(request: HttpRequest, failed: Any = None, pk: int = 0) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = (
        WhistleTarget.objects.filter(
            organization__in=organizations_of(actor, *workflow.RESPONDERS),
            state__in=(T.CALLED, T.ACCEPTED, T.ARRIVED),
            whistle__state__in=workflow.RUNNING,
        )
        .select_related("whistle")
        .order_by("arrive_by")[:_MOST]
    )
    cards = [_card(row, failed if row.pk == pk else None) for row in rows]
    context = inner(_("待报到"), reverse("desk:whistles"), cards=cards, failed=failed)
    return render(request, "worker/whistles.html", context, status=422 if failed else 200)


def _card(row: WhistleTarget, failed: Any) -> dict[str, Any]:
    whistle: Whistle = row.whistle
    move = {T.CALLED: "arrive", T.ACCEPTED: "arrive", T.ARRIVED: "handle"}[T(row.state)]
    return {
        "row": row,
        "whistle": whistle,
        "caller": territory().organization_name(whistle.caller_id),
        "left": next_limit([row]),
        "state": "over" if row.lamp else "doing",
        "move": move,
        "may_accept": row.state == T.CALLED,
        "may_refuse": row.state == T.CALLED and whistle.kind != WhistleKind.EMERGENCY and row.refused_at is None,
        "url": reverse("worker:whistle_report", args=[whistle.number, row.pk]),
        "desk_url": reverse("desk:whistle", args=[whistle.number]),
        "key": new_key(),
        "accept_key": new_key(),
        "form": failed,
    }


@responder_required
@never_cache
@require_POST
def report(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Accept, report in or say what was done, from the list itself. Nothing of where the phone is comes along."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found, target = find_target(actor, number, pk)
    name = request.POST.get("move", "arrive")
    name = name if name in ON_PHONE else "arrive"
    WhistlePolicy.require(actor, name, found, target)
    form = TARGET_MOVES[name](found, target, request.POST)
    if not act_once(request, form, lambda: form.perform(actor)):
        return _page(request, form, target.pk)
    messages.success(request, str(form.done))
    return redirect("worker:whistles")
