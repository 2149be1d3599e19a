"""The district's own words for what came of a visit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.kernel.keyed import act_once
from grids.households.views.surface import actor_of, posted
from grids.views.manage_acts import administrator_required
from grids.visits.actions.outcomes import set_outcomes
from grids.visits.forms.visits import OutcomesForm
from grids.visits.reference import outcomes_in_use


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def outcomes(request: HttpRequest) -> HttpResponse:
    """What is shown before anything is set is a suggestion; it counts when it is saved."""
    form, actor = OutcomesForm(posted(request)), actor_of(request)

    def act() -> None:
        set_outcomes(form.wanted(), actor=actor)

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("走访成果设好了"))
        return redirect("manage:visit_outcomes")
    context = {"form": form, "pairs": form.pairs(), "is_suggested": not outcomes_in_use()}
    return render(request, "manage/visit_outcomes.html", context, status=422 if form.is_bound else 200)
