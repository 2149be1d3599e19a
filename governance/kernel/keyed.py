"""Forms of settings: each sends a key, so that a form sent twice acts once, and shows refusals beside the fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest, QueryDict

from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once

_NOT_SAID = ("csrfmiddlewaretoken", "idempotency_key")


def new_key() -> str:
    return str(uuid4())


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


def act_once(request: HttpRequest, form: KeyedForm, act: Callable[[], dict[str, Any] | None]) -> bool:
    """Do what a bound form says, once. False: the form says what is wrong. 403 and 404 are raised."""
    if not form.is_valid():
        return False
    body = {"path": request.path, "said": {n: request.POST.getlist(n) for n in request.POST if n not in _NOT_SAID}}
    principal: str = request.actor.principal  # type: ignore[attr-defined]
    try:
        once(principal=principal, key=form.cleaned_data["idempotency_key"], body=body, act=lambda: act() or {})
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.refused(error)
        return False
    return True
