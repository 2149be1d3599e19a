"""Guessing is stopped without letting a stranger keep anybody out.

django-axes locks a handle *for an address* after five failures. Somebody with many addresses would have five tries at
each, so a handle that fails too often altogether is locked everywhere for half an hour. That lock does not concern a
browser in which the person has signed in before: it carries a signed cookie and its failures are counted apart.
"""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "known_browser"
_APART = "#known"


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="accounts.known_browser")


def remember_browser(request: HttpRequest, response: HttpResponse, handle: str) -> None:
    """After a success: this browser may go on trying this handle whatever others do."""
    response.set_cookie(
        COOKIE,
        _signer().sign(handle),
        max_age=settings.KNOWN_BROWSER_DAYS * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def is_known_browser(request: HttpRequest | None, handle: str) -> bool:
    if request is None:
        return False
    try:
        age = settings.KNOWN_BROWSER_DAYS * 24 * 3600
        return bool(handle) and _signer().unsign(request.COOKIES.get(COOKIE, ""), max_age=age) == handle
    except BadSignature:
        return False


def counted_as(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Under which name django-axes counts a try (``AXES_USERNAME_CALLABLE``)."""
    handle = str((credentials or {}).get("username") or "")
    return handle + _APART if is_known_browser(request, handle) else handle


def is_tried_from_everywhere(request: HttpRequest, handle: str) -> bool:
    """Whether the handle is locked for browsers it does not know."""
    if is_known_browser(request, handle):
        return False
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    rows = AccessAttempt.objects.filter(username=handle, attempt_time__gte=since)
    return (rows.aggregate(n=Sum("failures_since_start"))["n"] or 0) >= settings.HANDLE_FAILURE_LIMIT


def locked_handles(handles: list[str]) -> dict[str, int]:
    """Which of these handles are locked now, for some address or for all, with the number of failures."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    names = [name for handle in handles for name in (handle, handle + _APART)]
    failed: dict[str, int] = {}
    locked: set[str] = set()
    for name, count in AccessAttempt.objects.filter(username__in=names, attempt_time__gte=since).values_list(
        "username", "failures_since_start"
    ):
        handle = name.removesuffix(_APART)
        failed[handle] = failed.get(handle, 0) + count
        if count >= settings.AXES_FAILURE_LIMIT or failed[handle] >= settings.HANDLE_FAILURE_LIMIT:
            locked.add(handle)
    return {handle: failed[handle] for handle in locked}


def failing_handles() -> set[str]:
    """Handles with failures in the last half hour; few, or somebody is trying them all."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    names = AccessAttempt.objects.filter(
        attempt_time__gte=since, failures_since_start__gte=settings.AXES_FAILURE_LIMIT
    ).values_list("username", flat=True)
    together = (
        AccessAttempt.objects.filter(attempt_time__gte=since)
        .values("username")
        .annotate(n=Sum("failures_since_start"))
        .filter(n__gte=settings.HANDLE_FAILURE_LIMIT)
        .values_list("username", flat=True)
    )
    return {str(name).removesuffix(_APART) for name in {*names, *together} if name}


def forget_failures(handle: str) -> int:
    """Unlock: the counted failures of a handle go, whatever address they came from."""
    return int(AccessAttempt.objects.filter(username__in=(handle, handle + _APART)).delete()[0])
