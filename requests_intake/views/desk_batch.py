"""Acts on several tickets of the list at once: the ticked ones, or all that the filter finds."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.idempotency import once
from grids.reference import territory
from requests_intake import workflow
from requests_intake.actions.press import urge_tickets
from requests_intake.forms.moves import fresh_key, note_field
from requests_intake.models import Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.views.acts import said
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame, safe_next

MOST = 500
"""How many one act takes; the most pressing first, so that a second act takes the next ones."""
_NAMED = 10
"""Refused ones that are named; the others are counted."""
URGERS = DESK_KINDS & {kind for kind, _relation in workflow.ALLOWED["urge"]}


class UrgeManyForm(forms.Form):
    note = note_field(gettext_lazy("催办时说一句"), help_text=gettext_lazy("承办单位会看到。"))
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)


def batch_actions(actor: Actor) -> list[dict[str, Any]]:
    """The buttons of the batch bar that the actor's posts have; none: nothing can be ticked."""
    kinds = actor.role_kinds
    found = []
    if kinds & {kind for kind, _relation in workflow.ALLOWED["merge"]}:
        found.append({"label": _("合并"), "url": reverse("desk:merge_many"), "main": True, "per": "merge"})
    if kinds & URGERS:
        found.append({"label": _("催办"), "url": reverse("desk:urge_many"), "main": not found, "per": "urge"})
    return found


def batch_moves(ticket: Ticket, actor: Actor) -> str:
    """What may be done with a row in a batch (``data-can``)."""
    names = ("merge", "urge")
    return " ".join(
        name
        for name in names
        if ticket.state in workflow.MOVES[name].sources and TicketPolicy.allows(actor, name, ticket)
    )


def urge_all_url(found: TicketFilter, actor: Actor, back: str) -> str:
    """To urge everything a list of yellow or red orders holds; empty where the list is another or the post may not."""
    if found.queue not in ("soon", "over") or not actor.role_kinds & URGERS:
        return ""
    return f"{reverse('desk:urge_many')}?{urlencode({**found.as_query(), 'all': '1', 'next': back})}"


@staff_required(kinds=URGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def urge_many(request: HttpRequest) -> HttpResponse:
    """GET: how many, of which organizations. POST: urge those that can be; back to the same page of the list."""
    actor = actor_of_page(request)
    sent = request.POST if request.method == "POST" else request.GET
    back = safe_next(request, reverse("desk:inbox"))
    everything = sent.get("all") == "1"
    tickets, is_cut = _chosen(sent, actor, everything=everything)
    form = UrgeManyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and tickets:
        _urge(request, form, tickets, actor)
        return redirect(back)
    names = Counter(territory().organization_name(row.organization_id) for row in tickets)
    kept = [(name, value) for name in sent for value in sent.getlist(name) if name in _KEPT]
    context = {
        **page_frame(request), "form": form, "count": len(tickets), "is_cut": is_cut, "most": MOST, "hidden": kept,
        "organizations": [{"name": name, "count": number} for name, number in names.most_common()], "back": back,
    }  # fmt: skip
    return render(request, "desk/urge.html", context, status=422 if form.is_bound else 200)


_KEPT = frozenset({"ticket", "all", *TicketFilter.__dataclass_fields__, "area", "category", "organization", "q"})


def _chosen(sent: Any, actor: Actor, *, everything: bool) -> tuple[list[Ticket], bool]:
    """The most pressing first. Whether there are more than one act takes."""
    if everything:
        rows = tickets_of(actor, TicketFilter.from_query(sent))
    else:
        ids = [int(text) for text in sent.getlist("ticket")[: MOST + 1] if text.isascii() and text.isdigit()]
        rows = TicketPolicy.visible(actor).filter(pk__in=[pk for pk in ids if pk < 2**63]).order_by("pk")
    found = list(rows.filter(state__in=workflow.MOVES["urge"].sources)[: MOST + 1])
    return found[:MOST], len(found) > MOST


def _urge(request: HttpRequest, form: UrgeManyForm, tickets: list[Ticket], actor: Actor) -> None:
    def act() -> dict[str, Any]:
        outcome = urge_tickets(tickets, actor=actor, note=form.cleaned_data["note"])
        refused = [f"{row.number}：{error.message}" for row, error in outcome.refused]
        return {"urged": len(outcome.urged), "refused": refused}

    key = form.cleaned_data["idempotency_key"]
    result = once(principal=actor.principal, key=key, body=said(request), act=act).result
    if result["urged"]:
        messages.success(request, _("催办了 {n} 件").format(n=result["urged"]))
    refused = result["refused"]
    for text in refused[:_NAMED]:
        messages.warning(request, _("没有催 {text}").format(text=text))
    if len(refused) > _NAMED:
        messages.warning(request, _("还有 {n} 件没有催：刚催过，或者现在不能催。").format(n=len(refused) - _NAMED))
