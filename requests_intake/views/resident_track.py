"""查进度 and the requester's page of one ticket, with what the requester may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotFound
from governance.kernel.idempotency import once
from governance.kernel.throttle import take
from requests_intake.actions.desk import withdraw_ticket
from requests_intake.actions.follow import explain_rating, may_explain, prove_follower
from requests_intake.actions.letters import CONSENT_ASKED, consent_of
from requests_intake.actions.merge import rate_any
from requests_intake.actions.orders import lead_order
from requests_intake.actions.rate import last_moment_to_reopen, reopen_ticket
from requests_intake.forms.report import KeyedForm, ReopenForm, TrackForm, WordsForm, new_key
from requests_intake.models import Satisfaction, Ticket
from requests_intake.numbering import parse_number
from requests_intake.policies import TicketPolicy
from requests_intake.presentation import place_text, resident_steps, timeline
from requests_intake.views import resident_words
from requests_intake.views.resident_merged import merged_words, parts_of
from requests_intake.views.resident_session import follow, requester_of, resident_page


@resident_page
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Number and secret in, the ticket's page out. A wrong and an unknown number look the same."""
    form = TrackForm(request.POST if request.method == "POST" else None, initial={"number": request.GET.get("number")})
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            take(request, "track")
            actor = prove_follower(form.cleaned_data["number"], form.cleaned_data["secret"])
        except DomainError as error:
            status = error.status if error.code == "throttled" else status
            form.add_error(None, error.message)
        else:
            assert actor.ticket_id is not None
            number = str(parse_number(form.cleaned_data["number"]))
            follow(request, number, actor.ticket_id)
            return redirect("resident:ticket", number=number)
    return _ask(request, form, status=status)


def _ask(request: HttpRequest, form: TrackForm, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "back_url": reverse("resident:home"),
        "hotline": request.district.hotline,  # type: ignore[attr-defined]
    }
    return render(request, "resident/track.html", context, status=status)


@resident_page
@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Progress in plain words. Whoever has not proved it gets a 404 with the question for number and secret."""
    try:
        actor, found = requester_of(request, number)
    except NotFound:
        return _ask(request, TrackForm(initial={"number": number}), status=404)
    moves = {move.name for move in TicketPolicy.moves(actor, found, lead_order(found))}
    until = _reopen_until(found) if "reopen" in moves else None
    context = {
        "ticket": found,
        "back_url": reverse("resident:home"),
        "progress": resident_words.progress(found),
        "promise": resident_words.promise(found),
        "step": resident_steps(found),
        "place": place_text(found),
        "timeline": _steps(found),
        "answering": resident_words.answering(found),
        "letter": _letter(found, moves),
        "may_rate": "rate" in moves and not found.needs_review,
        "may_withdraw": "withdraw" in moves,
        "reopen_until": until,
        "too_late_to_reopen": found.state in ("closed", "archived") and until is None,
        "may_explain": may_explain(found, actor),
        "hidden": {"idempotency_key": new_key()},
        "words": WordsForm(),
        "parts": parts_of(found),
        **merged_words(found),
    }
    return render(request, "resident/ticket.html", context)


def _letter(found: Ticket, moves: set[str]) -> dict[str, bool] | None:
    """What the author of a letter may do; None of any other matter."""
    if not found.is_letter:
        return None
    return {"may_write": "write_back" in moves, "asked": found.is_open and consent_of(found) == CONSENT_ASKED}


def _steps(found: Ticket) -> list[dict[str, Any]]:
    """The history without words over the photos: beside their step they need none, and small ones would be covered."""
    steps = timeline(found, outward=True)
    for step in steps:
        step["photos"] = [{**shown, "caption": ""} for shown in step["photos"]]
    return steps


def _reopen_until(found: Ticket) -> datetime | None:
    """The last moment to reopen (SLA D.10); None where it has passed."""
    if found.closed_at is None:
        return None
    last = last_moment_to_reopen(found)
    return last if clock.now() <= last else None


def _act(request: HttpRequest, form: KeyedForm, actor: Actor, found: Ticket, act: Callable[[], Ticket]) -> None:
    said = {name: value for name, value in form.cleaned_data.items() if name != "idempotency_key"}

    def run() -> dict[str, Any]:
        return {"state": act().state}

    body = {"path": request.path, "said": said, "face": request.POST.get("face", "")}
    once(principal=f"requester:{actor.ticket_id}", key=form.key(), body=body, act=run)


def _back(found: Ticket) -> HttpResponseRedirect:
    return redirect("resident:ticket", number=found.number)


@resident_page
@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """One tap on a face."""
    actor, found = requester_of(request, number)
    form = KeyedForm(request.POST)
    face = request.POST.get("face", "")
    if form.is_valid():
        _act(request, form, actor, found, lambda: rate_any(found, face=face, actor=actor))
        said = _("记下了，我们再去办。") if face == Satisfaction.UNSOLVED else _("记下了，谢谢您。")
        messages.success(request, said)
    return _back(found)


@resident_page
@require_POST
def explain(request: HttpRequest, number: str) -> HttpResponse:
    """The sentence after 没解决, which may be left out."""
    actor, found = requester_of(request, number)
    form = WordsForm(request.POST)
    if form.is_valid() and form.cleaned_data["note"].strip():
        text = form.cleaned_data["note"]
        _act(request, form, actor, found, lambda: explain_rating(found, actor=actor, text=text))
        messages.success(request, _("您的话转给办事的人了。"))
    return _back(found)


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Asked once more, since it cannot be taken back."""
    actor, found = requester_of(request, number)
    form = WordsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            _act(request, form, actor, found, lambda: withdraw_ticket(found, actor=actor, note=note))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("撤回了。以后有事再来报。"))
            return _back(found)
    form.fields["note"].label = _("怎么好的？")
    question = _("“{title}”不用办了？").format(title=found.title)
    return _confirm(request, found, form, title=question, what=_("撤回后就不再派人来。要再办，得重新报一件。"),
                    verb=_("撤回这件事"), cancel=_("先不撤回"))  # fmt: skip


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Within 15 days of the end the same matter is taken up again."""
    actor, found = requester_of(request, number)
    form = ReopenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            _act(request, form, actor, found, lambda: reopen_ticket(found, actor=actor, note=note))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("接着办了，原来的单位会再来。"))
            return _back(found)
    question = _("“{title}”还要接着办？").format(title=found.title)
    return _confirm(request, found, form, title=question, what=_("原来的单位再办一次，编号不变。"),
                    verb=_("请接着办"), cancel=_("先不办"))  # fmt: skip


def _confirm(request: HttpRequest, found: Ticket, form: KeyedForm, **words: str) -> HttpResponse:
    context = {
        "back_url": reverse("resident:ticket", args=[found.number]),
        "back_label": _("这件事"),
        "form": form,
        "action": request.path,
        "cancel_url": reverse("resident:ticket", args=[found.number]),
        **words,
    }
    return render(request, "resident/confirm.html", context, status=422 if form.is_bound else 200)
