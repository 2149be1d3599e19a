"""Restricted matters at the desk: the register of numbers and states, the circle of one, letters to the secretary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm, act_once
from grids.reference import territory
from requests_intake import circle as circles
from requests_intake import presentation, workflow
from requests_intake.actions.letters import consents_of
from requests_intake.actions.restricted import end_case_member, may_name, openings
from requests_intake.forms.restricted import CaseMemberForm
from requests_intake.models import CaseMember, Ticket
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.presentation.circle import by_post, member_of, opener, page_word
from requests_intake.restricted_register import LEAST, letters_of_month, letters_to, register
from requests_intake.views.desk_parts import actor_of_page, page_frame

PER_PAGE = 30
OPENINGS_SHOWN = 100


@never_cache
@staff_required(kinds=workflow.REGISTER_READERS)
@require_safe
def restricted(request: HttpRequest) -> HttpResponse:
    """Every restricted ticket by number and state; those in whose circle one is lead to the file."""
    actor = actor_of_page(request)
    text = "".join(request.GET.get("q", "").split())[:20]
    found = register(actor)
    page = Paginator(found.filter(number__contains=text) if text else found, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    inside = set(TicketPolicy.visible(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    context = {
        **page_frame(request),
        "page": page,
        "query": text,
        "rows": [{"ticket": row, "is_inside": row.pk in inside} for row in rows],
        "letters": letters_of_month(),
        "least": LEAST,
    }
    return render(request, "desk/restricted.html", context)


@never_cache
@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def circle(request: HttpRequest, number: str) -> HttpResponse:
    """Who may know of a restricted ticket, who opened it; the desk names further people."""
    actor = actor_of_page(request)
    ticket = _restricted(actor, number)
    form = None
    if may_name(actor, ticket):
        bound = CaseMemberForm(ticket, request.POST if request.method == "POST" else None)
        if bound.is_bound and act_once(request, bound, lambda: bound.perform(actor)):
            messages.success(request, _("已加入知悉范围，并通知了本人。"))
            return redirect("desk:circle", number=number)
        form = bound
    elif request.method == "POST":
        TicketPolicy.require(actor, "accept", ticket)
        raise Http404
    events = list(openings("ticket", ticket.pk)[:OPENINGS_SHOWN])
    members = list(CaseMember.objects.filter(ticket=ticket).order_by("until", "-since"))
    names = staff_names(
        {row.membership_id for row in members} | {pk for event in events if (pk := member_of(event.actor)) is not None}
    )
    context = {
        **page_frame(request),
        "ticket": ticket,
        "form": form,
        "by_post": by_post(ticket),
        "members": [{"row": row, "name": names.get(row.membership_id, "")} for row in members],
        "openings": [{"at": event.at, "who": opener(event, names), "page": page_word(event)} for event in events],
        "about": territory().organization_name(ticket.about_id),
        "back": reverse("desk:ticket", args=[number]),
    }
    return render(request, "desk/circle.html", context, status=422 if form is not None and form.is_bound else 200)


def _restricted(actor: Actor, number: str) -> Ticket:
    ticket = find_visible(actor, number)
    if not ticket.is_restricted:
        raise Http404
    return ticket


@never_cache
@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def circle_end(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """GET asks, POST takes somebody out of the circle."""
    actor = actor_of_page(request)
    ticket = _restricted(actor, number)
    row = CaseMember.objects.filter(ticket=ticket, pk=pk).first()
    if row is None:
        raise Http404
    form = KeyedForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        return {"member": end_case_member(ticket, pk, actor=actor).pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("已移出知悉范围。"))
        return redirect("desk:circle", number=number)
    context = {
        **page_frame(request),
        "form": form,
        "name": staff_names([row.membership_id]).get(row.membership_id, ""),
        "action": request.path,
        "back": reverse("desk:circle", args=[number]),
    }
    return render(request, "desk/circle_end.html", context, status=422 if form.is_bound else 200)


@never_cache
@staff_required(kinds={circles.ADDRESSEE})
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """书记直通车: the letters to this secretary, those that wait first."""
    actor = actor_of_page(request)
    page = Paginator(letters_to(actor), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    words = {"asked": _("等来信人答复"), "yes": _("来信人同意转办"), "no": _("来信人不同意转办")}
    consents = consents_of(row.pk for row in rows)
    context = {
        **page_frame(request),
        "page": page,
        "rows": [
            {
                "row": presentation.list_row(row),
                "ticket": row,
                "consent": words.get(consents.get(row.pk, ""), ""),
            }
            for row in rows
        ],
    }
    return render(request, "desk/letters.html", context)
