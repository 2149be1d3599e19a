"""The page of an SMS link: three faces, one tap, no sign-in; what comes after it, and what an old link says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.kernel.throttle import take
from requests_intake.actions.follow import say_solved
from requests_intake.actions.follow_up import HANDLED
from requests_intake.actions.rate import last_moment_to_reopen, rate_ticket, reopen_ticket
from requests_intake.forms.report import KeyedForm, ReopenForm, new_key
from requests_intake.models import Note, Rating, Satisfaction, Solved, Ticket, VisitChannel
from requests_intake.rating_links import Asked, asked_by
from requests_intake.views.resident_session import resident_page
from requests_intake.workflow import TicketState


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def rate_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked and what became of it; POST says a face, whether it is solved, or that it is not over."""
    asked = asked_by(token)
    if asked is None:
        return render(request, "resident/rate_link.html", {"wrong": True}, status=404)
    form: KeyedForm = ReopenForm()
    refused = ""
    if request.method == "POST":
        form = ReopenForm(request.POST) if "reopen" in request.POST else KeyedForm(request.POST)
        try:
            take(request, "track")
            if form.is_valid():
                _act(request, asked, form)
                return redirect("resident:rate_link", token=token)
        except DomainError as error:
            refused = error.message
            asked = asked_by(token) or asked
    context = {**_context(asked), "form": form if isinstance(form, ReopenForm) else ReopenForm(), "refused": refused}
    return render(request, "resident/rate_link.html", context, status=422 if refused or form.errors else 200)


def _act(request: HttpRequest, asked: Asked, form: KeyedForm) -> None:
    actor, said = Actor.requester(asked.ticket.pk), request.POST

    def act() -> dict[str, Any]:
        if "face" in said:
            return {"state": _rate(asked, said["face"], actor).state}
        if "solved" in said:
            return {"state": say_solved(asked.ticket, solved=said["solved"], actor=actor).state}
        return {"state": _reopen(asked, form.cleaned_data.get("note", ""), actor).state}

    body = {"path": request.path, "said": {name: said.getlist(name) for name in ("face", "solved", "note")}}
    once(principal=f"link:{asked.task.pk}", key=form.key(), body=body, act=act)
    if said.get("face") == Satisfaction.UNSOLVED:
        messages.success(request, _("记下了，我们再去办。"))
    else:
        messages.success(request, _("接着办了，原来的单位会再来。") if "reopen" in said else _("记下了，谢谢您。"))


def _rate(asked: Asked, face: str, actor: Actor) -> Ticket:
    if not asked.is_open:
        raise DomainError("link_used", _("这个链接已经用过了，下面是现在的情况。"))
    return rate_ticket(asked.ticket, face=face, actor=actor, channel=VisitChannel.SMS_LINK)


def _reopen(asked: Asked, note: str, actor: Actor) -> Ticket:
    if not _is_latest(asked):
        raise DomainError("link_used", _("这个链接已经用过了，下面是现在的情况。"))
    return reopen_ticket(asked.ticket, actor=actor, note=note)


def _is_latest(asked: Asked) -> bool:
    """Whether this was the last round of asking: only its link may still take the matter up again."""
    return not type(asked.task).objects.filter(ticket=asked.ticket, kind=asked.task.kind, pk__gt=asked.task.pk).exists()


def _context(asked: Asked) -> dict[str, Any]:
    ticket, task = asked.ticket, asked.task
    said = Rating.objects.filter(ticket=ticket, at__gte=task.started_at).order_by("-pk").first()
    is_latest = _is_latest(asked)
    closed = ticket.state == TicketState.CLOSED.value and is_latest
    until = last_moment_to_reopen(ticket) if closed else None
    may_reopen = until is not None and clock.now() <= until
    is_private = ticket.is_restricted or ticket.is_confidential
    replies = Note.objects.filter(ticket=ticket, audience=Note.Audience.PUBLIC, transition__move__in=HANDLED)
    return {
        "title": _("您反映的事") if is_private else ticket.title,
        "number": ticket.number,
        "reply": "" if is_private else replies.order_by("-pk").values_list("text", flat=True).first() or "",
        "may_rate": asked.is_open and not ticket.needs_review,
        "waits_for_leader": ticket.needs_review,
        "face": said.get_face_display() if said is not None else "",
        "asks_solved": bool(closed and said and said.face == Satisfaction.SO_SO and not said.solved),
        "solved_options": [(Solved.SOLVED.value, _("解决了")), (Solved.PARTLY.value, _("解决了一部分"))],
        "is_again": ticket.state not in (TicketState.CLOSED.value, TicketState.ARCHIVED.value) and not asked.is_open,
        "reopen_until": until if may_reopen else None,
        "too_late": ticket.state == TicketState.ARCHIVED.value or (closed and not may_reopen),
        "report_url": f"{reverse('resident:report')}?{urlencode({'again': ticket.number})}",
        "hidden": {"idempotency_key": new_key()},
    }
