"""为什么是这个时间: the ledger of a ticket's clocks, and the comparison of all of them for the administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.templatetags.ui import local_time
from requests_intake.actions.check_clocks import check_clocks
from requests_intake.actions.set_aside import run_on, set_aside
from requests_intake.models import ClockCheck, ClockKind
from requests_intake.policies import find_visible
from requests_intake.presentation.clock_stories import clock_stories
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame, safe_next


@staff_required(kinds=DESK_KINDS)
@require_safe
def clocks(request: HttpRequest, number: str) -> HttpResponse:
    ticket = find_visible(actor_of_page(request), number)
    context = {
        **page_frame(request),
        "ticket": ticket,
        "stories": clock_stories(ticket),
        "back": safe_next(request, reverse("desk:ticket", args=[ticket.number])),
    }
    return render(request, "desk/clocks.html", context)


@staff_required(kinds={"district_admin"})
@require_http_methods(["GET", "HEAD", "POST"])
def checks(request: HttpRequest) -> HttpResponse:
    form = ChecksForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        if form.cleaned_data["run_on"]:
            run_on(actor=request.actor)  # type: ignore[attr-defined]
        else:
            check_clocks()

    if form.is_bound and act_once(request, form, act):
        if form.cleaned_data["run_on"]:
            messages.success(request, _("停下的钟接着走了；还是走不了的，一分钟内会再停下"))
        return redirect("manage:clocks")
    rows = ClockCheck.objects.order_by("-at", "-pk")
    latest = rows.first()
    context = {
        "form": form,
        "latest": latest,
        "found": [_line(row) for row in latest.found] if latest else [],
        "rows": rows[:30],
        "stopped": set_aside(),
    }
    return render(request, "manage/clocks.html", context, status=422 if form.is_bound else 200)


class ChecksForm(KeyedForm):
    """``run_on``: let run on what was set aside, rather than compare."""

    run_on = forms.BooleanField(required=False, widget=forms.HiddenInput)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """One difference in words: which clock, and both deadlines as people read them."""
    kind = ClockKind(row["kind"]).label if row["kind"] in ClockKind.values else row["kind"]
    times = {
        name: local_time(datetime.fromisoformat(row[name])) if row[name] else "" for name in ("stored", "computed")
    }
    return {"number": row["number"], "kind": kind, **times}
