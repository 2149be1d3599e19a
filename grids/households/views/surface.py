"""The phone and the desk show the same register: who may enter, where addresses lead, which frame stands around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm, act_once
from grids.households.policies import KEEPERS

_SHARED = {"act", "open", "opened", "nothing"}
"""Parts that are the same everywhere."""


@dataclass(frozen=True)
class Surface:
    """Where a page of the register, or of what stands beside it, is shown.

    ``templates``: the folder of the frame; ``namespace`` of the addresses; ``parts``: the folder of the own parts;
    ``home``: where 返回 leads on the phone from a first page; ``register``: the same surface of the register.
    """

    namespace: str
    templates: str
    parts: str = field(default="households", kw_only=True)
    home: str = field(default="accounts:home", kw_only=True)  # whoever it is, the own first page
    register: Surface | None = field(default=None, kw_only=True)

    @property
    def is_phone(self) -> bool:
        return self.templates == "worker"

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.namespace}:{name}", args=args)

    def household_url(self, pk: int) -> str:
        return (self.register or self).url("household", pk)

    def page(
        self,
        request: HttpRequest,
        name: str,
        context: dict[str, Any],
        *,
        heading: str,
        back: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """``name``: a part in ``templates/<parts>/``, or one that all share, put into the surface's frame."""
        if not back and self.is_phone:
            back = reverse(self.home)
        parts = "households" if name in _SHARED else self.parts
        frame = {"part": f"{parts}/_{name}.html", "heading": heading, "back_url": back, "surface": self}
        return render(request, f"{self.templates}/households.html", {**frame, **context}, status=status)


PHONE = Surface("households_phone", "worker")
DESK = Surface("households_desk", "desk")


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: also an empty POST is an answer."""
    return request.POST if request.method == "POST" else None


def keepers_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages of the register: people in post there, never kept by the browser, nothing posted in error reports."""
    guarded: Callable[..., HttpResponse] = staff_required(kinds=KEEPERS)(never_cache(sensitive_post_parameters()(view)))
    return guarded


def act_page(
    request: HttpRequest, surface: Surface, form: KeyedForm, act: Callable[[], dict[str, Any] | None], *,
    title: str, verb: str, back: str, done: str, what: str = "", go: str = "", form_url: str = "",
) -> HttpResponse:  # fmt: skip
    """One form, one action, once. ``what``: the consequence; ``go``: where it leads after, ``back`` if empty."""
    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, done)
        return redirect(go or back)
    context = {"form": form, "what": what, "verb": verb, "back": back, "title": title, "form_url": form_url}
    return surface.page(request, "act", context, heading=title, back=back, status=422 if form.is_bound else 200)
