"""Acts on several tickets of the list at once: the ticked ones, or all that the filter finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.idempotency import once
from grids.reference import territory
from requests_intake import workflow
from requests_intake.actions.press import Urged, urge_tickets
from requests_intake.forms.moves import fresh_key, note_field
from requests_intake.models import Ticket
from requests_intake.paging import Place, beyond
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.views.acts import said
from requests_intake.views.desk_many import kinds_for
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame, safe_next

AT_ONCE = 500
"""How many one request urges. All of a list are urged request after request, each going on where the last one ended:
a second or two each, nothing waits in a queue, and whoever leaves the page leaves nothing half done."""
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
    for name in ("sign", "assign"):
        if kinds & kinds_for(name):
            label, url = workflow.MOVES[name].label, reverse("desk:many", args=[name])
            found.append({"label": label, "url": url, "main": not found, "per": name})
    return found


def batch_moves(ticket: Ticket, actor: Actor) -> str:
    """What may be done with a row in a batch (``data-can``)."""
    # The row came with its order's state: what waits to be signed is told from what is being handled.
    order = ticket.lead_state or None
    return " ".join(
        name
        for name in ("merge", "urge", "sign", "assign")
        if workflow.permits(workflow.MOVES[name], ticket.state, order) and TicketPolicy.allows(actor, name, ticket)
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
    chosen = _Chosen.read(sent, actor)
    form = UrgeManyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        tickets, is_last = chosen.part()
        if tickets or chosen.after is not None:
            run = _urge(request, form, chosen, tickets, actor)
            if is_last:
                run.tell(request)
                return HttpResponseClientRedirect(back) if request.headers.get("HX-Request") else redirect(back)
            after = Place.of(tickets[-1], chosen.found)
            context = {**page_frame(request), "run": run, "form": form, "back": back, "after": after,
                       "key": fresh_key(), "hidden": _kept(sent)}  # fmt: skip
            return render(request, "desk/urge_on.html", context)
    numbers = chosen.organizations()
    context = {
        **page_frame(request), "form": form, "count": sum(numbers.values()), "hidden": _kept(sent), "back": back,
        "organizations": [
            {"name": territory().organization_name(pk), "count": number} for pk, number in numbers.most_common()
        ],
    }  # fmt: skip
    return render(request, "desk/urge.html", context, status=422 if form.is_bound else 200)


_KEPT = frozenset({"ticket", "all", *TicketFilter.__dataclass_fields__, "area", "category", "organization", "q"})


def _kept(sent: Any) -> list[tuple[str, str]]:
    return [(name, value) for name in sent for value in sent.getlist(name) if name in _KEPT]


@dataclass(frozen=True)
class _Chosen:
    """The rows to urge: ticked ones by id, or all of a list from a place on."""

    actor: Actor
    found: TicketFilter
    ids: tuple[int, ...] | None
    after: Place | None

    @classmethod
    def read(cls, sent: Any, actor: Actor) -> _Chosen:
        if sent.get("all") == "1":
            return cls(actor, TicketFilter.from_query(sent), None, Place.read(sent.get("after", "")))
        ids = [int(text) for text in sent.getlist("ticket")[:AT_ONCE] if text.isascii() and text.isdigit()]
        return cls(actor, TicketFilter(), tuple(pk for pk in ids if pk < 2**63), None)

    def _rows(self) -> QuerySet[Ticket]:
        if self.ids is None:
            rows = tickets_of(self.actor, self.found).select_related(None)
        else:
            rows = TicketPolicy.visible(self.actor).filter(pk__in=self.ids).order_by("pk")
        return rows.filter(state__in=workflow.MOVES["urge"].sources)

    def part(self) -> tuple[list[Ticket], bool]:
        """The most pressing first; whether they are the last ones."""
        rows = self._rows() if self.after is None else beyond(self._rows(), self.found, self.after)
        tickets = list(rows[: AT_ONCE + 1])
        return tickets[:AT_ONCE], len(tickets) <= AT_ONCE

    def organizations(self) -> Counter[int]:
        """How many of each; one statement."""
        rows = self._rows().order_by().values_list("organization_id")
        return Counter(dict(rows.annotate(number=Count("pk"))))


@dataclass(frozen=True)
class _Run:
    """How far it is. ``total``: how many there were in the beginning."""

    total: int
    urged: int
    refused: int
    named: list[str]

    @property
    def looked_at(self) -> int:
        return self.urged + self.refused

    def tell(self, request: HttpRequest) -> None:
        if self.urged:
            messages.success(request, _("催办了 {n} 件").format(n=self.urged))
        for text in self.named:
            messages.warning(request, _("没有催 {text}").format(text=text))
        if self.refused > len(self.named):
            rest = self.refused - len(self.named)
            messages.warning(request, _("还有 {n} 件没有催：刚催过，或者现在不能催。").format(n=rest))
        if self.total > self.looked_at:
            gone = self.total - self.looked_at
            messages.warning(request, _("还有 {n} 件已经不在这个列表里，没有催。").format(n=gone))


def _number(sent: Any, name: str) -> int:
    text = sent.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _urge(request: HttpRequest, form: UrgeManyForm, chosen: _Chosen, tickets: list[Ticket], actor: Actor) -> _Run:
    sent = request.POST

    def act() -> dict[str, Any]:
        total = _number(sent, "total") if chosen.after else chosen.organizations().total()
        note = form.cleaned_data["note"]
        outcome = urge_tickets(tickets, actor=actor, note=note) if tickets else Urged([], [])
        refused = [f"{row.number}：{error.message}" for row, error in outcome.refused]
        return {"total": total, "urged": len(outcome.urged), "refused": len(refused), "named": refused[:_NAMED]}

    key = form.cleaned_data["idempotency_key"]
    result = once(principal=actor.principal, key=key, body=said(request), act=act).result
    urged, refused = result["urged"] + _number(sent, "urged"), result["refused"] + _number(sent, "refused")
    return _Run(result["total"], urged, refused, result["named"])
