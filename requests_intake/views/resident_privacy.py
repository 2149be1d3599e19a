"""What residents may know and ask about their data: who looked at their number; a copy, a correction, an erasure."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.privacy.actions.person_requests import make_request
from governance.privacy.forms import OwnRequestForm
from governance.privacy.models import PersonRequest
from governance.privacy.queries import openings_of, requests_of_phones
from governance.privacy.words import KEPT, in_words
from requests_intake.actions.anonymize import OBJECT_KIND
from requests_intake.models import Ticket
from requests_intake.views.acts import said
from requests_intake.views.resident_session import own_tickets, requester_of, resident_page

SHOWN = 100


@resident_page
@require_safe
def opened(request: HttpRequest, number: str) -> HttpResponse:
    """Who was shown the number of this ticket: when, which office, why. No names of colleagues."""
    _actor, ticket = requester_of(request, number)
    context = {
        "ticket": ticket,
        "rows": list(openings_of(OBJECT_KIND, ticket.pk)[:SHOWN]),
        "back_url": reverse("resident:ticket", args=[ticket.number]),
        "back_label": _("这件事"),
    }
    return render(request, "resident/opened.html", context)


def _proved(request: HttpRequest) -> QuerySet[Ticket]:
    """The tickets this browser may open that came with a number."""
    tickets = own_tickets(request).exclude(requester=None)
    return tickets.exclude(requester__phone_hash="").select_related("requester").order_by("-submitted_at")


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """Ask, with a ticket as the proof; and see what became of what was asked."""
    tickets = list(_proved(request))
    form = OwnRequestForm(request.POST if request.method == "POST" else None)
    form.fields["ticket"].choices = [(row.number, f"{row.number} {row.title}") for row in tickets]  # type: ignore[attr-defined]
    if tickets:
        form.fields["ticket"].initial = tickets[0].number
    if form.is_bound and form.is_valid() and _ask(request, form, tickets):
        messages.success(request, _("申请收到了，15 个工作日内办完，办之前会打这个号码核对。"))
        return redirect("resident:my_data")
    phones = {row.requester.phone for row in tickets if row.requester is not None}
    asked = [
        {"row": row, "kept": in_words(row.certificate.kept, KEPT) if row.certificate else []}
        for row in requests_of_phones(phones).select_related("certificate")
    ]
    context = {
        "form": form,
        "tickets": tickets,
        "asked": asked,
        "back_url": reverse("resident:privacy"),
        "back_label": _("个人信息怎么用"),
    }
    return render(request, "resident/my_data.html", context, status=422 if form.is_bound else 200)


def _ask(request: HttpRequest, form: OwnRequestForm, tickets: list[Ticket]) -> bool:
    ticket = next(row for row in tickets if row.number == form.cleaned_data["ticket"])
    person = ticket.requester
    assert person is not None

    def act() -> dict[str, Any]:
        row = make_request(
            wish=form.cleaned_data["wish"],
            phone=person.phone,
            name=person.name,
            words=form.cleaned_data["words"],
            proof=PersonRequest.Proof.TICKET,
            actor=Actor.requester(ticket.pk),
            ticket_id=ticket.pk,
        )
        return {"request": row.number}

    try:
        key = form.cleaned_data["idempotency_key"]
        once(principal=f"requester:{ticket.pk}", key=key, body=said(request), act=act)
    except DomainError as error:
        form.refused(error)
        return False
    return True
