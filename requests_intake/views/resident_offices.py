"""What the law wants everybody to find: the texts about personal data, and a way to complain about the platform."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.actions.offices import give_feedback, hashes_of_code
from governance.accounts.legal import Version, current, in_force
from governance.accounts.models import PlatformFeedback
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.kernel.tenancy.context import current_scope
from governance.kernel.throttle import TooMany, take
from requests_intake.forms.offices import AnswerCodeForm, FeedbackForm
from requests_intake.views.acts import said
from requests_intake.views.resident_session import resident_page


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is collected, why, how long, and how to have it deleted (personal information protection law, art. 17).

    Without a district, and where a district has published nothing, the platform's own words.
    """
    return _text(request, "privacy", "resident/privacy.html")


@resident_page
@require_safe
def consent(request: HttpRequest) -> HttpResponse:
    """What a resident agrees to when a member of staff writes their name and phone down."""
    return _text(request, "consent", "resident/consent.html")


def _text(request: HttpRequest, kind: str, template: str) -> HttpResponse:
    """The version in force, or an earlier one by its number: what somebody was shown must stay readable."""
    context: dict[str, Any] = {"back_url": reverse("resident:home"), "shown": Version(0, ""), "held": ()}
    if current_scope() is not None:
        now, held = current(kind), in_force(kind)
        asked = request.GET.get("version")
        shown = next((row for row in held if str(row.number) == asked), now)
        context |= {"shown": shown, "now": now, "held": held[::-1]}
    return render(request, template, context)


@resident_page
@sensitive_post_parameters("contact")
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """A suggestion or complaint about the platform. The answer to the POST shows the code, once."""
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "back_url": reverse("resident:home")}
    if not (form.is_bound and form.is_valid()):
        return render(request, "resident/feedback.html", context, status=422 if form.is_bound else 200)
    given = form.cleaned_data

    def act() -> dict[str, Any]:
        row, code = give_feedback(
            kind=given["kind"], content=given["content"], contact=given["contact"], actor=Actor.public()
        )
        # A repeated request gets the code again, so it is kept, but not in the clear.
        return {"feedback": row.pk, "code": encrypt(code)}

    try:
        take(request, "feedback")
        result = once(principal="public", key=form.key(), body=said(request), act=act).result
    except DomainError as error:
        form.refused(error)
        return render(request, "resident/feedback.html", context, status=error.status)
    return render(
        request,
        "resident/feedback_done.html",
        {"code": decrypt(result["code"]), "back_url": reverse("resident:home")},
    )


@resident_page
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """The answer to what was said with this code; the code is posted, so that no log of addresses keeps it."""
    form = AnswerCodeForm(request.POST if request.method == "POST" else None)
    row, status = None, 422
    try:
        if form.is_bound:
            take(request, "track")
    except TooMany as error:
        status = error.status
        form.add_error(None, error.message)
    if form.is_bound and form.is_valid():
        row = PlatformFeedback.objects.filter(code_hash__in=hashes_of_code(form.cleaned_data["code"])).first()
        if row is None:
            form.add_error("code", _("没有这个查询码，请检查。"))
    context = {
        "form": form,
        "row": row,
        "is_answered": row is not None and row.state == PlatformFeedback.State.ANSWERED,
        "back_url": reverse("resident:feedback"),
        "back_label": _("给平台提意见"),
    }
    return render(request, "resident/feedback_answer.html", context, status=status if form.errors else 200)
