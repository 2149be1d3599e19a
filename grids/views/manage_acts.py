"""Acts of the district's administrator as pages: one form, one action, once, and back to where one was."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once

ADMINISTRATORS = frozenset({"district_admin"})

administrator_required = staff_required(kinds=ADMINISTRATORS)


def actor_of_page(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def fresh_key() -> str:
    return str(uuid.uuid4())


class DayField(forms.DateField):
    """A day, picked from the browser's calendar."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        options.setdefault("error_messages", {"required": _("请选日期。"), "invalid": _("请选日期。")})
        super().__init__(**options)


class ActForm(forms.Form):
    """What every act carries: the key under which it happens once."""

    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput, initial=fresh_key)

    def refused(self, error: DomainError) -> None:
        """Say the refusal beside the fields it is about, else above the form."""
        for name, sentences in error.fields.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)
        if not error.fields:
            self.add_error(None, error.message)


def perform(request: HttpRequest, form: ActForm, act: Callable[[], dict[str, Any] | None]) -> bool:
    """Run the act of a valid form once. False: the form now says what is wrong. 403 and 404 are raised."""
    if not form.is_valid():
        return False
    skipped = ("csrfmiddlewaretoken", "idempotency_key")
    said = {name: request.POST.getlist(name) for name in request.POST if name not in skipped}
    try:
        once(
            principal=actor_of_page(request).principal,
            key=form.cleaned_data["idempotency_key"],
            body={"path": request.path, "fields": said},
            act=lambda: act() or {},
        )
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.refused(error)
        return False
    return True


def act_page(
    request: HttpRequest,
    form: ActForm,
    act: Callable[[], dict[str, Any] | None],
    *,
    title: str,
    verb: str,
    back: str,
    done: str,
    what: str = "",
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page of one act: GET asks (``title``, consequence ``what``, ``verb`` on the button); POST acts and goes
    ``back`` saying ``done``. ``extra``: more context, e.g. ``rows`` shown under the sentence."""
    if request.method == "POST" and perform(request, form, act):
        messages.success(request, done)
        return redirect(back)
    context = {"form": form, "title": title, "what": what, "verb": verb, "back": back, **(extra or {})}
    return render(request, "manage/people/act.html", context, status=422 if form.is_bound else 200)
