"""What the phone may keep for places without a network, and how its queue of unsent forms is answered.

The phone's service worker keeps a page only where the answer says so (``X-Offline-Keep``: whose page it is, and for how
many seconds). A form that waited on the phone comes with ``X-Outbox``; it is answered in JSON, because a
program reads the answer and not a person. docs/adr tells why.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone

from governance.accounts.idle import SINCE
from governance.kernel.errors import DomainError

OUTBOX_HEADER = "X-Outbox"
"""``now``: the person waits for the answer; ``later``: sent by itself, nobody is looking at a page that follows."""
MEMBER_HEADER = "X-Member"
KEEP_HEADER = "X-Offline-Keep"
AHEAD_HEADER = "X-Keep"
"""On what the phone fetches ahead: nobody looks at that page now."""
PHONE = "/m/"
"""Where the phone's pages lie: nothing else is kept, also where a view serves phone and desk."""

Answer = TypeVar("Answer", bound=HttpResponseBase)


def member_mark(request: HttpRequest) -> str:
    """Whose phone this is now: tells members apart in the phone's storage and says nothing about them.

    It stays the same from sign-in to sign-in: what somebody left unsent is found again. Empty for nobody.
    """
    membership = getattr(request, "membership", None)
    return f"{membership.district_id}.{membership.pk}" if membership is not None else ""


def keep_offline(request: HttpRequest, response: HttpResponseBase) -> None:
    """Allow the phone to keep this page until the session would end at the latest (``SESSION_LIMIT`` after sign-in).

    Said as seconds from now: a phone whose clock is wrong by days keeps its pages all the same.
    """
    mark = member_mark(request)
    since = request.session.get(SINCE) if mark else None
    if since is not None and response.status_code == 200 and request.path_info.startswith(PHONE):
        left = since + int(settings.SESSION_LIMIT.total_seconds()) - int(timezone.now().timestamp())
        response.headers[KEEP_HEADER] = f"{mark} {left}"


def kept_offline(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """For pages a grid worker needs without a network; never for clear numbers or restricted matters."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
        response = view(request, *args, **kwargs)
        if request.method == "GET":
            keep_offline(request, response)
        return response

    return run


class _Nothing(BaseStorage):
    """No messages: what is to be said waits for a page that somebody sees."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, messages: Any, response: HttpResponseBase, *args: Any, **kwargs: Any) -> list[Any]:
        return []


class OfflineMiddleware:
    """Answers a form out of the phone's queue, and says whose the pages of the phone are.

    The states: ``done`` (with where to go and what to say) · ``session`` (sign in again, nothing is lost) · ``other``
    (somebody else is signed in: never sent under another name) · ``renew`` (the form's token is old) · ``conflict``
    (others were there first, or it lies outside now) · ``refused`` (sentences; of a page, the page itself).
    Stands behind everything that sends people elsewhere: a redirect that arrives here is the view's own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.headers.get(OUTBOX_HEADER, "")
        mark = member_mark(request)
        if asked and request.method == "POST":
            if not mark:
                return _answer("session", 401)
            if request.headers.get(MEMBER_HEADER) != mark:
                return _answer("other", 412)
            response = self._answered(request, self.get_response(request), later=asked == "later")
        elif request.method == "GET" and AHEAD_HEADER in request.headers:
            response = self._ahead(request)
        else:
            response = self.get_response(request)
        if mark and request.path_info.startswith(PHONE):
            response.headers[MEMBER_HEADER] = mark
        return response

    def _ahead(self, request: HttpRequest) -> HttpResponseBase:
        waiting = request._messages  # type: ignore[attr-defined]
        request._messages = _Nothing(request)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            request._messages = waiting  # type: ignore[attr-defined]
        # The matter moved on between its page and the forms fetched behind it: nothing to keep, and nobody's mistake.
        return HttpResponse(status=204) if response.status_code in (403, 404) else response

    def _answered(self, request: HttpRequest, response: HttpResponseBase, *, later: bool) -> HttpResponseBase:
        if getattr(request, "csrf_refused", False):
            return _answer("renew", 403)
        if 300 <= response.status_code < 400:
            said = [str(message) for message in get_messages(request)] if later else []
            return _answer("done", 200, location=response.headers["Location"], said=said)
        now = getattr(request, "overtaken", None)
        if now is not None:
            return _answer("conflict", 409, now=now, sentences=[])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError) or not request.headers.get(OUTBOX_HEADER):
            return None
        sentences = [*(said for of_field in exception.fields.values() for said in of_field)] or [exception.message]
        if exception.status == 422:
            return _answer("refused", 422, sentences=sentences)
        return _answer("conflict", 409, now=[], sentences=sentences)


def _answer(state: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"state": state, **more}, status=status, headers={"Cache-Control": "no-store"})
