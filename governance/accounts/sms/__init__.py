"""The way of a sign-in code to a phone: one small interface, one file for each implementation."""

from __future__ import annotations

from django.conf import settings

from governance.accounts.sms.base import Gateway, GatewayError
from governance.accounts.sms.console import ConsoleGateway
from governance.accounts.sms.http import HttpGateway

__all__ = ["Gateway", "GatewayError", "gateway"]


def gateway() -> Gateway | None:
    """The one the installation has chosen; None: residents cannot sign in, and no page speaks of it."""
    if settings.SMS_GATEWAY == "console":
        return ConsoleGateway()
    return HttpGateway(settings.SMS_HTTP) if settings.SMS_GATEWAY == "http" else None
