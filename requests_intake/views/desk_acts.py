"""Moves at the desk as plain pages, which links with ``data-dialog`` open in a dialog; and showing a phone number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from governance.accounts.guards import staff_required
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.templatetags.ui import masked_phone
from governance.privacy.actions.disclose import WORDS_LENGTH
from grids.reference import territory
from requests_intake import presentation
from requests_intake.actions.restricted import opened_ticket
from requests_intake.actions.reveal import REVEAL_REASONS
from requests_intake.desks.writing import phrases_beside, with_phrase
from requests_intake.forms.applications import DONE
from requests_intake.forms.moves import MOVE_FORMS, MoveForm
from requests_intake.models import Ticket
from requests_intake.policies import find_visible
from requests_intake.standing import standing_of
from requests_intake.subscribers import title_told
from requests_intake.views.acts import perform_move
from requests_intake.views.desk_hands import too_late_to_claim
from requests_intake.views.desk_offers import reply_with
from requests_intake.views.desk_opened import READERS as OPENED_READERS
from requests_intake.views.desk_parts import actor_of_page, page_frame, safe_next
from requests_intake.views.revealing import SEEN_BEFORE, revealed


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """GET: the form of a move. POST: make it, say so, and go back to where the person was."""
    if name not in MOVE_FORMS or name == "rate":
        raise Http404
    actor = actor_of_page(request)
    ticket = find_visible(actor, number)
    standing = standing_of(ticket)
    standing.require(name, actor)
    back = safe_next(request, reverse("desk:ticket", args=[ticket.number]))
    if request.method == "POST" and "phrase" in request.POST:
        return _move_page(request, ticket, with_phrase(request, ticket, name, actor), back)
    if request.method == "POST":
        form = MOVE_FORMS[name](ticket, actor, request.POST)
        if perform_move(request, ticket, form, actor=actor):
            messages.success(request, _done_words(ticket, form))
            # A form that shows its photos going up follows by itself; a redirect would be read in its stead.
            return HttpResponseClientRedirect(back) if "X-Upload" in request.headers else redirect(back)
        if name == "claim":
            return too_late_to_claim(request, form, back)
    else:
        standing.require_state(name, actor)
        opened_ticket(ticket, actor=actor, page="desk:move")
        form = MOVE_FORMS[name](ticket, actor, initial=reply_with(name, request.GET.get("answer", "")))
    return _move_page(request, ticket, form, back)


def _move_page(request: HttpRequest, ticket: Ticket, form: MoveForm, back: str) -> HttpResponse:
    phrases = phrases_beside(form)
    context = {**page_frame(request), "form": form, "ticket": ticket, "back": back, "phrases": phrases}
    context["row"] = presentation.list_row(ticket)
    return render(request, "desk/move.html", context, status=422 if form.is_bound else 200)


def _done_words(ticket: Ticket, form: MoveForm) -> str:
    if form.name == "dispatch":
        name = territory().organization_name(form.cleaned_data["organization"])
        return _("已派给{organization}：{title}").format(organization=name, title=title_told(ticket))
    if form.name in DONE:
        return f"{DONE[form.name]}：{title_told(ticket)}"
    words = {"sign": _("已签收"), "accept": _("已受理"), "escalate": _("已上报"), "resolve": _("已办结")}
    done = words.get(form.name) or _("已办：{move}").format(move=form.move.label)
    return f"{done}：{title_told(ticket)}"


class RevealForm(forms.Form):
    """Why somebody wants to see the number."""

    reason = forms.ChoiceField(
        label=gettext_lazy("为什么要看"),
        choices=tuple(REVEAL_REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择原因。"), "invalid_choice": gettext_lazy("请选择原因。")},
    )
    words = forms.CharField(
        label=gettext_lazy("补充说明"),
        required=False,
        max_length=WORDS_LENGTH,
        help_text=gettext_lazy("选“其他原因”时要写。"),
    )


@staff_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the reason; then show the number on this page alone. Each showing is audited."""
    actor = actor_of_page(request)
    ticket = find_visible(actor, number)
    if not presentation.may_reveal(ticket, actor):
        raise NotAllowed("not_allowed", _("您的岗位不能查看这位诉求人的号码。"), move="reveal_phone")
    back = safe_next(request, reverse("desk:ticket", args=[ticket.number]))
    form = RevealForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {**page_frame(request), "form": form, "ticket": ticket, "back": back}
    if request.method == "POST" and form.is_valid():
        reason, words = form.cleaned_data["reason"], form.cleaned_data["words"]
        try:
            context["phone"] = revealed(request, ticket, reason=reason, words=words, actor=actor)
        except DomainError as error:
            if error.status == 403:
                raise
            for name, sentences in error.fields.items():
                form.add_error(name, sentences)
            if not error.fields:
                form.add_error(None, error.message)
        else:
            if not context["phone"]:
                messages.warning(request, SEEN_BEFORE)
                return redirect("desk:reveal", number=number)
            context["reason"] = REVEAL_REASONS[reason]
            return render(request, "desk/revealed.html", context)
    context["masked"] = masked_phone(ticket.requester.phone if ticket.requester else "")
    if actor.role_kinds & OPENED_READERS:
        context["opened_url"] = reverse("desk:opened", args=[ticket.number])
    return render(request, "desk/reveal.html", context, status=422 if form.is_bound else 200)
