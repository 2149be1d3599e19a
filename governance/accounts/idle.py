"""Sessions of people who walked away end by themselves."""

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
_REFRESH = 60  # seconds; a session is written at most this often


def _now() -> int:
    # Not the platform's clock: a demo that moves on by a week must not sign everybody out.
    return int(timezone.now().timestamp())


@receiver(user_logged_in, dispatch_uid="accounts.idle")
def start_counting(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    request.session[SEEN] = _now()


class IdleSessionMiddleware:
    """Ends a signed-in session after ``STAFF_IDLE_TIMEOUT`` without a request and sets ``request.was_idle``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.was_idle = False  # type: ignore[attr-defined]
        session = request.session
        if SESSION_KEY in session:
            now = _now()
            silent = now - session.get(SEEN, 0)
            if silent > settings.STAFF_IDLE_TIMEOUT.total_seconds():
                session.flush()
                request.was_idle = True  # type: ignore[attr-defined]
            elif silent >= _REFRESH:
                session[SEEN] = now
        return self.get_response(request)
