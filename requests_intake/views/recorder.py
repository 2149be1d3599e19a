"""A page on which somebody may record: the only ones that may ask the browser for microphone and camera."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_DEVICES = ("camera", "microphone")


def may_record(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Opens microphone and camera to our own scripts on this page, and what was recorded (``blob:``) to its player."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        allowed: str = settings.PERMISSIONS_POLICY
        for device in _DEVICES:
            allowed = allowed.replace(f"{device}=()", f"{device}=(self)")
        response.headers["Permissions-Policy"] = allowed
        return response

    opened: Callable[..., HttpResponseBase] = csp_update({"media-src": ["'self'", "blob:"]})(shown)
    return opened
