"""API tokens: ``gk1.<district id>.<secret>``. The text names the district so that its scope can be opened first."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

from django.http import HttpRequest

from governance.accounts.models import ApiToken, Membership
from governance.kernel import clock
from governance.kernel.tenancy.context import current_district_id

_HEADER = re.compile(r"^Token gk1\.(\d{1,9})\.([A-Za-z0-9_-]{43})$")
LIFETIME = timedelta(days=365)


def parse(request: HttpRequest) -> tuple[int, str] | None:
    found = _HEADER.match(request.headers.get("Authorization", ""))
    return (int(found[1]), found[2]) if found else None


def district_of_token(request: HttpRequest) -> int | None:
    parsed = parse(request)
    return parsed[0] if parsed else None


def hash_secret(secret: str) -> str:
    # The secret has 256 random bits: a plain digest cannot be guessed backwards.
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(membership: Membership, *, name: str) -> str:
    """Make a token for a member; the returned text is the only copy."""
    secret = secrets.token_urlsafe(32)
    moment = clock.now()
    ApiToken.objects.create(
        membership=membership, name=name, key_hash=hash_secret(secret), created_at=moment, expires_at=moment + LIFETIME
    )
    return f"gk1.{current_district_id()}.{secret}"
