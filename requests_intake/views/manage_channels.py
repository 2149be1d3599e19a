"""渠道: which ways in a district uses, under which names, in which order."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.keyed import act_once
from requests_intake.actions.settings_channels import set_channels
from requests_intake.forms.settings_channels import ChannelsForm


@staff_required(kinds={"district_admin"})
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = ChannelsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and act_once(request, form, lambda: set_channels(form.lines(), actor=actor)):
        messages.success(request, _("渠道存好了，从现在登记的起按新的来"))
        return redirect("manage:channels")
    return render(request, "manage/channels.html", {"form": form}, status=422 if form.is_bound else 200)
