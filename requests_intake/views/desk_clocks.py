"""为什么是这个时间: the ledger of a ticket's clocks, and the comparison of all of them for the administrator."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.keyed import KeyedForm, act_once
from requests_intake.actions.check_clocks import check_clocks
from requests_intake.models import ClockCheck
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
    form = KeyedForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        check_clocks()

    if form.is_bound and act_once(request, form, act):
        return redirect("manage:clocks")
    rows = ClockCheck.objects.order_by("-at", "-pk")
    latest = rows.first()
    return render(request, "manage/clocks.html", {"form": form, "latest": latest, "rows": rows[:30]})
