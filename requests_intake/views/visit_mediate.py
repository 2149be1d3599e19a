"""转调解 of a visit (S2-06), on the phone of who works on the ground and at the desk of everybody else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.accounts.guards import staff_required
from governance.kernel.keyed import act_once
from grids.households.policies import KEEPERS
from grids.households.presentation.places import place_words
from grids.visits.policies import find_visit
from grids.visits.views.surface import DESK, PHONE
from requests_intake.actions.mediation import mediate_visit
from requests_intake.forms.mediation import MediateVisitForm
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.views.worker_frame import KINDS, inner


@never_cache
@sensitive_post_parameters()
@staff_required(kinds=KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def mediate(request: HttpRequest, pk: int) -> HttpResponse:
    """The case is its mediators' from then on; whoever handed it over does not see it any more."""
    actor = actor_of_page(request)
    visit = find_visit(actor, pk)
    own = visit.findings if visit.by_id == actor.membership_id else ""
    facts = _("走访 {place} 时说起。{words}").format(place=place_words(visit.household), words=own)
    form = MediateVisitForm(request.POST if request.method == "POST" else None, facts=facts)
    surface = PHONE if actor.role_kinds & frozenset(KINDS) else DESK
    back = surface.url("household", visit.household_id)

    def act() -> dict[str, Any]:
        return {"number": mediate_visit(visit, form.new_case(), actor=actor).number}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("转给调解员了。内容从现在起只有他们看得到。"))
        return redirect(back)
    frame = {"shell_template": "shells/desk.html", "back_url": back, **page_frame(request)}
    if surface is PHONE:
        frame = {"shell_template": "shells/worker.html", **inner(_("转调解"), back)}
    context = {**frame, "form": form, "back": back, "on_phone": surface is PHONE}
    return render(request, "desk/visit_mediate.html", context, status=422 if form.is_bound else 200)
