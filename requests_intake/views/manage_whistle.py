"""The limits for whistles, set by the district's administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.keyed import act_once
from requests_intake import whistle_limits
from requests_intake.actions.whistle_settings import set_whistle_limits
from requests_intake.forms.settings_whistle import WhistleLimitsForm


@staff_required(kinds={"district_admin"})
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = whistle_limits.limits()
    form = WhistleLimitsForm(request.POST if request.method == "POST" else None, now=now)
    if form.is_bound and act_once(
        request, form, lambda: {"version": set_whistle_limits(form.document(), actor=actor).version}
    ):
        messages.success(request, _("吹哨时限改好了，只管以后叫的"))
        return redirect("manage:whistle")
    context = {"form": form, "version": now.version}
    return render(request, "manage/whistle.html", context, status=422 if form.is_bound else 200)
