"""Sessions of people who walked away end by themselves, and so does the busiest one in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

SEEN = "seen_at"
SINCE = "signed_in_at"
ADMINISTERS = "administers"
"""Set by ``StandingMiddleware`` where the person is an administrator: they are idle sooner."""
BACKGROUND = "X-Background"
"""Sent by what a page asks of its own accord: numbers that refresh themselves keep nobody signed in."""
_REFRESH = 60  # seconds; a session is written at most this often


def _now() -> int:
    # Not the platform's clock: a demo that moves on by a week must not sign everybody out.
    return int(timezone.now().timestamp())


@receiver(user_logged_in, dispatch_uid="accounts.idle")
def start_counting(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    request.session[SEEN] = request.session[SINCE] = _now()
    request.session.pop(ADMINISTERS, None)


class IdleSessionMiddleware:
    """Ends a signed-in session after some minutes without a request, and after ``SESSION_LIMIT`` in any case.

    The minutes are ``STAFF_IDLE_TIMEOUT``, for administrators ``ADMIN_IDLE_TIMEOUT``. Sets ``request.was_idle`` to the
    minutes that passed in silence (else 0) and ``request.was_long`` to the hours of a session that was long enough.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.was_idle = request.was_long = 0  # type: ignore[attr-defined]
        session = request.session
        if SESSION_KEY in session:
            now = _now()
            limit = settings.ADMIN_IDLE_TIMEOUT if session.get(ADMINISTERS) else settings.STAFF_IDLE_TIMEOUT
            silent = now - session.get(SEEN, 0)
            if silent > limit.total_seconds():
                session.flush()
                request.was_idle = round(limit.total_seconds() / 60)  # type: ignore[attr-defined]
            elif now - session.get(SINCE, 0) > settings.SESSION_LIMIT.total_seconds():
                session.flush()
                request.was_long = round(settings.SESSION_LIMIT.total_seconds() / 3600)  # type: ignore[attr-defined]
            elif silent >= _REFRESH and BACKGROUND not in request.headers:
                session[SEEN] = now
        return self.get_response(request)
