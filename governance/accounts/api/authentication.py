from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions

from governance.accounts import tokens
from governance.accounts.models import ApiToken
from governance.kernel import clock
from governance.kernel.tenancy.context import optional_district_id


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Token gk1.<district>.<secret>``; the middleware has opened that district's scope already."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        if not request.headers.get("Authorization", "").startswith("Token "):
            return None
        parsed = tokens.parse(request)
        token = None
        if parsed is not None and optional_district_id() == parsed[0]:
            token = (
                ApiToken.objects.select_related("membership__user")
                .filter(
                    key_hash=tokens.hash_secret(parsed[1]),
                    revoked_at=None,
                    expires_at__gt=clock.now(),
                    membership__is_active=True,
                    membership__user__is_active=True,
                )
                .first()
            )
        if token is None:
            raise exceptions.AuthenticationFailed(_("令牌无效或已过期。"))
        if token.last_used_on != clock.today():
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=clock.today())
        request._request.membership = token.membership
        return token.membership.user, token

    def authenticate_header(self, request: Any) -> str:
        return "Token"


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, valid only in the district it was opened for; anonymous requests get 401, not 403."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        if getattr(request._request, "membership", None) is None:
            return None
        return super().authenticate(request)

    def authenticate_header(self, request: Any) -> str:
        return "Session"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "governance.accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token gk1.…"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "governance.accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
