"""Follow codes of tickets just recorded, for the slip: encrypted in this session, half an hour, a screenful of them."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest

from governance.kernel import clock
from governance.kernel.crypto import decrypt, encrypt

KEPT_FOR = timedelta(minutes=30)
KEPT_AT_MOST = 30
_SESSION = "intake_codes"


def keep_code(request: HttpRequest, number: str, code: str) -> None:
    """Let the slip of a ticket recorded now show its code, of which the database keeps a hash alone."""
    if code:
        until = (clock.now() + KEPT_FOR).isoformat()
        kept = {**request.session.get(_SESSION, {}), number: [encrypt(code), until]}
        request.session[_SESSION] = dict(list(kept.items())[-KEPT_AT_MOST:])


def fresh_code(request: HttpRequest, number: str) -> str:
    """The code of a ticket recorded in this session in the last half hour; empty otherwise."""
    token, until = request.session.get(_SESSION, {}).get(number, ["", ""])
    return decrypt(token) if token and clock.now().isoformat() <= until else ""
