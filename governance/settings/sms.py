"""How residents' sign-in codes reach their phones, read from the environment.

Without ``SMS_GATEWAY`` residents cannot sign in at all and no page speaks of it; they report and follow without an
account as ever.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from governance.settings import env

_AT_HOME = {"localhost", "127.0.0.1", "::1"}


def gateway(default: str = "") -> str:
    """``SMS_GATEWAY``: nothing, ``console`` (prints the code: development and demo) or ``http``."""
    name = env.text("SMS_GATEWAY", default)
    if name not in ("", "console", "http"):
        raise ImproperlyConfigured(f"SMS_GATEWAY={name!r} is none of: console, http (or nothing).")
    return name


def _mapping(name: str, value: str) -> dict[str, Any]:
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        # Headers hold a secret, so the message must not repeat the value.
        raise ImproperlyConfigured(f'{name} must be a JSON object, as in {{"name": "value"}}.')
    return found


def http() -> dict[str, Any]:
    """What the HTTP gateway is told: see ``governance.accounts.sms.http``."""
    return {
        "URL": env.text("SMS_HTTP_URL", ""),
        "METHOD": env.text("SMS_HTTP_METHOD", "POST").upper(),
        "HEADERS": _mapping("SMS_HTTP_HEADERS", env.secret("SMS_HTTP_HEADERS", "{}")),
        "BODY": _mapping("SMS_HTTP_BODY", env.text("SMS_HTTP_BODY", '{"phone": "{phone}", "code": "{code}"}')),
        "VOICE_BODY": _mapping("SMS_HTTP_VOICE_BODY", env.text("SMS_HTTP_VOICE_BODY", "{}")),
        "TEXT_BODY": _mapping("SMS_HTTP_TEXT_BODY", env.text("SMS_HTTP_TEXT_BODY", "{}")),
        "SUCCESS": _mapping("SMS_HTTP_SUCCESS", env.text("SMS_HTTP_SUCCESS", "{}")),
        "TIMEOUT": env.integer("SMS_HTTP_TIMEOUT", 5, minimum=1),
    }


def problems(name: str, said: dict[str, Any], *, production: bool) -> list[str]:
    """Why residents' sign-in must not be opened like this; empty when it may."""
    found = []
    if name == "console" and production:
        found.append("SMS_GATEWAY=console writes sign-in codes where others can read them: use http, or leave it out.")
    if name == "http":
        address = urlsplit(said["URL"])
        if address.scheme not in ("http", "https") or not address.hostname:
            found.append("SMS_GATEWAY=http needs SMS_HTTP_URL=https://….")
        elif address.scheme == "http" and production and address.hostname not in _AT_HOME:
            found.append("SMS_HTTP_URL must be https: telephone numbers and codes travel there.")
        if said["METHOD"] not in ("POST", "PUT"):
            found.append("SMS_HTTP_METHOD must be POST or PUT: a code in an address ends in somebody's log.")
        if "{code}" not in json.dumps(said["BODY"]) or "{phone}" not in json.dumps(said["BODY"]):
            found.append("SMS_HTTP_BODY must hold {phone} and {code}.")
        text = json.dumps(said.get("TEXT_BODY"))
        if said.get("TEXT_BODY") and ("{text}" not in text or "{phone}" not in text):
            found.append("SMS_HTTP_TEXT_BODY must hold {phone} and {text}.")
    return found
