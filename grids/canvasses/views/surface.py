"""Canvasses on phone and desk: the frame of the register, with parts of their own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from governance.accounts.guards import staff_required
from grids.canvasses.policies import READERS, SETTERS
from grids.households.views import surface as register
from grids.households.views.surface import Surface

# On the phone 返回 stays within what it keeps.
PHONE = Surface("canvasses_phone", "worker", parts="canvasses", home="worker:home", register=register.PHONE)
DESK = Surface("canvasses_desk", "desk", parts="canvasses", register=register.DESK)


def _page(view: Callable[..., HttpResponse], kinds: frozenset[str]) -> Callable[..., HttpResponse]:
    guarded: Callable[..., HttpResponse] = staff_required(kinds=kinds)(never_cache(sensitive_post_parameters()(view)))
    return guarded


def readers_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages without a household on them."""
    return _page(view, READERS)


def setters_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return _page(view, SETTERS)
