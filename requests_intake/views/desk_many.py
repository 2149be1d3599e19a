"""Signing or assigning several ticked tickets: which ones, the act, and what became of every row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed
from governance.kernel.idempotency import once
from governance.kernel.keyed import KeyedForm
from grids.reference import territory
from requests_intake import presentation, workflow
from requests_intake.actions.many import AT_ONCE, Many, assign_tickets, sign_tickets
from requests_intake.forms.moves import note_field
from requests_intake.models import Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.queries import with_facts
from requests_intake.subscribers import title_told
from requests_intake.views.acts import said
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame, safe_next


def kinds_for(move: str) -> frozenset[str]:
    """Kinds of post at a desk that make a move."""
    return DESK_KINDS & {kind for kind, _relation in workflow.ALLOWED[move]}


class ManyForm(KeyedForm):
    """``people``: who may be chosen; nobody is asked for where the move needs none."""

    assignee = forms.TypedChoiceField(
        label=gettext_lazy("由谁来办"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选择在岗的人。")),
    )  # fmt: skip
    note = note_field(gettext_lazy("交代一句"))

    def __init__(self, *args: Any, people: dict[int, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        if people is None:
            del self.fields["assignee"], self.fields["note"]
        else:
            self.fields["assignee"].choices = list(people.items())  # type: ignore[attr-defined]


_WORDS = {
    "sign": (gettext_lazy("签收这 {n} 件？"), gettext_lazy("签收了 {n} 件"), gettext_lazy("没有签收")),
    "assign": (gettext_lazy("这 {n} 件由谁来办？"), gettext_lazy("指派了 {n} 件"), gettext_lazy("没有指派")),
}


@staff_required(kinds=DESK_KINDS)
@require_http_methods(["GET", "HEAD", "POST"])
def many(request: HttpRequest, name: str) -> HttpResponse:
    """GET: which ones, and whom to. POST: each that can be; where one cannot, a page says which and why."""
    if name not in _WORDS:
        raise Http404
    actor = actor_of_page(request)
    if not actor.role_kinds & kinds_for(name):
        label = workflow.MOVES[name].label
        raise NotAllowed("not_allowed", _("您的岗位不能成批{move}。").format(move=label), move=name)
    sent = request.POST if request.method == "POST" else request.GET
    back = safe_next(request, reverse("desk:inbox"))
    tickets = _chosen(sent.getlist("ticket"), actor)
    people = _people(tickets) if name == "assign" else None
    form = ManyForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_bound and form.is_valid() and tickets:
        return _done(request, name, _act(request, name, form, tickets, actor), back)
    context = {
        **page_frame(request), "form": form, "name": name, "back": back, "verb": workflow.MOVES[name].label,
        "question": str(_WORDS[name][0]).format(n=len(tickets)),
        "rows": [presentation.list_row(row) for row in tickets],
        "is_over": len(sent.getlist("ticket")) > AT_ONCE, "most": AT_ONCE,
    }  # fmt: skip
    return render(request, "desk/many.html", context, status=422 if form.is_bound else 200)


def _chosen(texts: list[str], actor: Actor) -> list[Ticket]:
    ids = [int(text) for text in texts[:AT_ONCE] if text.isascii() and text.isdigit() and len(text) < 19]
    return list(with_facts(TicketPolicy.visible(actor).filter(pk__in=ids)).order_by("list_rank", "list_at", "pk"))


def _people(tickets: list[Ticket]) -> dict[int, str]:
    """Who serves one of the organizations, the one that comes first named last as everywhere."""
    places = territory()
    found: dict[int, str] = {}
    for organization_id in dict.fromkeys(row.organization_id for row in tickets):
        for holder in reversed(places.serving(organization_id)):
            found.setdefault(holder.membership_id, f"{holder.name}·{holder.post_name}")
    return found


def _act(request: HttpRequest, name: str, form: ManyForm, tickets: list[Ticket], actor: Actor) -> dict[str, Any]:
    given = form.cleaned_data

    def act() -> dict[str, Any]:
        found: Many = (
            sign_tickets(tickets, actor=actor)
            if name == "sign"
            else assign_tickets(tickets, membership_id=given["assignee"], actor=actor, note=given["note"])
        )
        refused = [
            {"number": row.number, "title": title_told(row), "why": error.message} for row, error in found.refused
        ]
        return {"done": len(found.done), "refused": refused}

    return once(principal=actor.principal, key=given["idempotency_key"], body=said(request), act=act).result


def _done(request: HttpRequest, name: str, result: dict[str, Any], back: str) -> HttpResponse:
    _question, done, undone = _WORDS[name]
    if result["done"]:
        messages.success(request, str(done).format(n=result["done"]))
    if not result["refused"]:
        return redirect(back)
    rows = [{**row, "url": reverse("desk:ticket", args=[row["number"]])} for row in result["refused"]]
    context = {**page_frame(request), "rows": rows, "done": result["done"], "undone": undone, "back": back}
    return render(request, "desk/many_refused.html", context)
