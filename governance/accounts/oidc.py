"""Signing in through the district's own identity provider (OpenID Connect), where the installation has one.

Off unless ``OIDC_ISSUER`` is set. Authlib does the protocol: state, nonce, PKCE, signature, issuer, audience and times
of the token. Here only this is decided: the configured claim names a handle that exists; nothing is ever created.
"""

from __future__ import annotations

from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from joserfc.errors import JoseError

from governance.accounts.models import User

TIMEOUT = 5  # seconds for each answer of the provider


class Refused(Exception):
    """The provider's answer proves nobody's identity. The text is for the log, never for the person."""


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER)


def _client() -> Any:
    """Made anew each time: the provider's keys may have changed, and sign-ins are few."""
    return OAuth().register(
        name="staff",
        server_metadata_url=settings.OIDC_ISSUER.rstrip("/") + "/.well-known/openid-configuration",
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        client_kwargs={
            "scope": settings.OIDC_SCOPE,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )


def begin(request: HttpRequest, return_to: str) -> HttpResponseBase:
    """To the provider's own page. Raises ``Refused`` where it does not answer."""
    try:
        response: HttpResponseBase = _client().authorize_redirect(request, return_to)
    except (AuthlibBaseError, requests.RequestException, ValueError, KeyError) as error:
        raise Refused(type(error).__name__) from error
    return response


def finish(request: HttpRequest) -> User | None:
    """Whom the provider's answer is about: a user of ours who can sign in, or None. Raises ``Refused``."""
    client = _client()
    options = {
        "iss": {"essential": True, "values": [settings.OIDC_ISSUER]},
        "aud": {"essential": True, "values": [settings.OIDC_CLIENT_ID]},
    }
    try:
        token = client.authorize_access_token(request, claims_options=options)
        claims = token.get("userinfo") or {}
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as error:
        raise Refused(type(error).__name__) from error
    handle = claims.get(settings.OIDC_CLAIM)
    if not isinstance(handle, str) or not handle:
        raise Refused(f"no claim {settings.OIDC_CLAIM}")
    return User.objects.filter(handle=handle.strip().lower(), is_active=True).first()
