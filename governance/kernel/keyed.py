"""Forms of settings: each sends a key, so that a form sent twice acts once, and shows refusals beside the fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once

_NOT_SAID = ("csrfmiddlewaretoken", "idempotency_key")


def new_key() -> str:
    return str(uuid4())


class StampField(forms.DateTimeField):
    """When it was written down on the phone, which may send it later. What is no moment is none said."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"data-stamp": ""}))

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except (ValidationError, OverflowError):
            return None


class KeyedForm(forms.Form):
    idempotency_key = forms.CharField(max_length=80, initial=new_key, widget=forms.HiddenInput)

    def refused(self, error: DomainError) -> None:
        """Show a refused act, with a fresh key for the corrected form."""
        for field, messages in error.fields.items():
            self.add_error(field if field in self.fields else None, messages)
        if not error.fields:
            self.add_error(None, error.message)
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["idempotency_key"] = new_key()


def overtaken(request: HttpRequest, now: list[str]) -> None:
    """Say, of the form that is being refused, that others were there first, and in ``now`` how things stand.

    A phone that sends late shows it to the person as it stands, and keeps what was written (``accounts.offline``).
    """
    request.overtaken = now  # type: ignore[attr-defined]


def act_once(request: HttpRequest, form: KeyedForm, act: Callable[[], dict[str, Any] | None]) -> bool:
    """Do what a bound form says, once. False: the form says what is wrong. 403 and 404 are raised."""
    if not form.is_valid():
        return False
    principal: str = request.actor.principal  # type: ignore[attr-defined]
    try:
        once(
            principal=principal, key=form.cleaned_data["idempotency_key"], body=_said(request), act=lambda: act() or {}
        )
    except DomainError as error:
        if error.status in (403, 404):
            raise
        if error.status == 409:
            overtaken(request, [error.message])
        form.refused(error)
        return False
    return True


def _said(request: HttpRequest) -> dict[str, Any]:
    return {"path": request.path, "said": {n: request.POST.getlist(n) for n in request.POST if n not in _NOT_SAID}}


def once_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a POST that says nothing but a key (``{% form_key %}``) and leads elsewhere: sent twice it acts once.

    The view answers with a redirect; the second answer leads to the same place. Stands under the guard that knows who
    is asking; somebody without an account is told apart by their session.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        def act() -> dict[str, Any]:
            return {"location": view(request, *args, **kwargs)["Location"]}

        key = request.POST.get("idempotency_key", "")[:80]
        return redirect(once(principal=_who(request), key=key, body=_said(request), act=act).result["location"])

    return run


def _who(request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    if actor is not None and actor.membership_id is not None:
        return str(actor.principal)
    return f"session:{request.session.session_key or 'none'}"


SHOWN_FOR = timedelta(minutes=1)


def show_once(request: HttpRequest, act: Callable[[], None]) -> bool:
    """Write down, by ``act``, that something is shown. A form tapped twice counts once.

    False: the form was sent long ago and is only being repeated (a page loaded again); what it showed is not shown
    again without a new reason. Raises what ``act`` raises.
    """

    def run() -> dict[str, Any]:
        act()
        return {"at": clock.now().isoformat()}

    key = request.POST.get("idempotency_key", "")[:80]
    done = once(principal=_who(request), key=key, body=_said(request), act=run)
    return not done.replayed or clock.now() - datetime.fromisoformat(done.result["at"]) <= SHOWN_FOR


def seen_once(request: HttpRequest, look: Callable[[], str], read: Callable[[], str]) -> str | None:
    """What ``look`` gives, which writes down that it is shown: once for each form (as ``show_once``).

    ``read`` gives the same without a word, for the form tapped twice. None where an old form is only being repeated.
    Raises what ``look`` raises, and keeps what it wrote down of having refused (docs/adr: a refused act commits).
    """
    shown: list[str] = []
    refused: list[DomainError] = []

    def run() -> dict[str, Any]:
        try:
            shown.append(look())
        except DomainError as error:
            refused.append(error)
            return {}
        return {"at": clock.now().isoformat()}

    key = request.POST.get("idempotency_key", "")[:80]
    done = once(principal=_who(request), key=key, body=_said(request), act=run)
    if refused:
        raise refused[0]
    if shown:
        return shown[0]
    if "at" not in done.result:
        # It was refused before, and is refused again.
        return look()
    return read() if clock.now() - datetime.fromisoformat(done.result["at"]) <= SHOWN_FOR else None
