"""Which resident a browser belongs to. Apart from the sessions of staff: another cookie, another table, no user.

The cookie is named for the district and its token is looked up inside it, so that a session of one district is nobody
in another. Somebody who is both resident and colleague is signed in twice in one browser, and neither knows the other:
``request.user`` and ``request.membership`` are never a resident's.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from governance.accounts.actions.residents import KEPT
from governance.accounts.models import Resident, ResidentSession
from governance.accounts.sms import gateway
from governance.accounts.tokens import hash_secret
from governance.kernel import clock
from governance.kernel.tenancy.context import current_district_id


def _cookie() -> str:
    return f"resident-{current_district_id()}"


def session_of(request: HttpRequest) -> ResidentSession | None:
    """The session whose cookie the browser sent; asked once a request, and without a cookie not at all."""
    if not hasattr(request, "_resident_session"):
        request._resident_session = _find(request.COOKIES.get(_cookie(), ""))  # type: ignore[attr-defined]
    found: ResidentSession | None = request._resident_session  # type: ignore[attr-defined]
    return found


def _find(token: str) -> ResidentSession | None:
    if not token or gateway() is None:
        return None
    rows = ResidentSession.objects.select_related("resident__membership")
    return rows.filter(
        token_hash=hash_secret(token), expires_at__gt=clock.now(), resident__membership__is_active=True
    ).first()


def resident_of(request: HttpRequest) -> Resident | None:
    """The resident signed in on this browser in the district in scope."""
    session = session_of(request)
    return None if session is None else session.resident


def remember(request: HttpRequest, response: HttpResponseBase, token: str, *, borrowed: bool) -> None:
    """Give the browser its token: for 90 days, or until it is closed on a ``borrowed`` phone."""
    response.set_cookie(
        _cookie(),
        token,
        max_age=None if borrowed else int(KEPT.total_seconds()),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )


def forget(response: HttpResponseBase) -> None:
    response.delete_cookie(_cookie(), samesite="Lax")
