"""What a browser is told with every page, and what production says about cookies and TLS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from tests.security.walk import Pages, cast, pages  # noqa: F401 the fixtures

INLINE = re.compile(r"<style|<[^>]*\s(style|on\w+)=|javascript:|hx-on|<script(?![^>]*\ssrc=)(?![^>]*application/json)")

RECORDING = ("resident:report", "desk:new")
"""Where a matter may be said by voice or video."""


@pytest.mark.django_db
def test_every_page_carries_every_header_and_nothing_inline(pages: Pages) -> None:  # noqa: F811
    wrong, seen = [], 0
    for name, client, path in pages.of("GET"):
        answer = client.get(path)
        seen += 1
        wrong += [f"{name}: {problem}" for problem in problems(answer, records=name in RECORDING)]
        if "text/html" in answer["Content-Type"] and INLINE.search(answer.content.decode()):
            wrong.append(f"{name}: script or style within the page")
    assert not wrong, "\n".join(wrong)
    assert seen > 100


@pytest.mark.django_db
def test_refusals_carry_them_too(pages: Pages) -> None:  # noqa: F811
    anonymous = pages.clients["anonymous"]
    for path in ("/nothing/", "/d/nowhere/", "/api/v1/nothing/", "/desk/", pages.path("manage:home")):
        assert problems(anonymous.get(path)) == [], path
    too_large = anonymous.post("/sign-in/", b"", content_type="text/plain", CONTENT_LENGTH="999999999")
    assert too_large.status_code == 413
    assert problems(too_large) == []


def problems(answer: Any, *, records: bool = False) -> list[str]:
    """``records``: a page on which a matter may be said by voice or video; no other may ask for the devices."""
    policy = {
        part.split()[0]: part.split()[1:]
        for part in answer.headers.get("Content-Security-Policy", "").split(";")
        if part
    }
    own = ("default-src", "script-src", "style-src", "connect-src", "form-action", "base-uri")
    expected_sources = {name: ["'self'"] for name in own} | {"object-src": ["'none'"], "frame-ancestors": ["'none'"]}
    found = [f"{name} {policy.get(name)}" for name, value in expected_sources.items() if policy.get(name) != value]
    found += [f"CSP {word}" for word in ("unsafe", "*", "http:") if word in str(policy)]
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    found += [
        f"{name} {answer.headers.get(name)}" for name, value in expected.items() if answer.headers.get(name) != value
    ]
    permissions = answer.headers.get("Permissions-Policy", "")
    asks = "(self)" if records else "()"
    wanted = (f"camera={asks}", f"microphone={asks}", "geolocation=(self)")
    if any(each not in permissions for each in wanted) or "*" in permissions:
        found.append(f"Permissions-Policy {permissions}")
    return found


@pytest.mark.parametrize(("kind", "size", "status"), [
    ("multipart/form-data; boundary=x", 100 * 1024 * 1024, 413),
    ("application/json", 6 * 1024 * 1024, 413),
    ("text/plain", 6 * 1024 * 1024, 413),
    ("application/x-www-form-urlencoded", 6 * 1024 * 1024, 413),
    ("application/json", -1, 413),
])  # fmt: skip
def test_a_body_that_is_too_large_is_refused_before_a_byte_is_read(kind: str, size: int, status: int) -> None:
    class Unread:
        def read(self, *args: Any) -> bytes:
            raise AssertionError("it was read")

        readline = read

    from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/d/t1/api/v1/public/tickets/", "SERVER_NAME": "x", "SERVER_PORT": "80",
        "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(size), "wsgi.input": Unread(), "wsgi.url_scheme": "http",
    }  # fmt: skip
    answer = WSGIHandler().get_response(WSGIRequest(environ))
    assert answer.status_code == status
    assert json.loads(answer.content)["code"] == "too_large"


SHOW = """
import json, django
django.setup()
from django.conf import settings as s
names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
         "CSRF_COOKIE_SAMESITE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_CONTENT_TYPE_NOSNIFF", "DEBUG",
         "SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "SECURE_HSTS_INCLUDE_SUBDOMAINS"]
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
assert s.MIDDLEWARE[0] == "django.middleware.security.SecurityMiddleware"
middleware, ask = SecurityMiddleware(lambda request: HttpResponse()), RequestFactory(HTTP_HOST="gov.example")
answer, plain = middleware(ask.get("/", secure=True)), middleware(ask.get("/sign-in/"))
print(json.dumps({name: getattr(s, name) for name in names} | {
    "hsts": answer.headers.get("Strict-Transport-Security"),
    "plain": [plain.status_code, plain.headers.get("Location")]}))
"""


def test_production_closes_cookies_and_insists_on_tls() -> None:
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    secrets = {
        "SECRET_KEY": "kQ3vX9zR1tB7mN5wP2yL8cF4hJ6dS0gA-uEiOqTzVxCb",
        "FIELD_HASH_KEY": "aS8dF7gH6jK5lZ4xC3vB2nM1qW0eR9tY-uIoPlKjHgFd",
        "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
        "ALLOWED_HOSTS": "gov.example",
        "DJANGO_SETTINGS_MODULE": "governance.settings.production",
    }
    done = subprocess.run([sys.executable, "-c", SHOW], env=kept | secrets, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said.pop("hsts").startswith("max-age=31536000")
    assert said.pop("plain") == [301, "https://gov.example/sign-in/"]
    assert said == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "DEBUG": False,
        "SESSION_COOKIE_DOMAIN": None,
        "CSRF_COOKIE_DOMAIN": None,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
    }


@pytest.mark.django_db
def test_no_cookie_of_ours_crosses_sites(client: Client) -> None:
    client.get("/sign-in/")
    client.get("/ui/mode/?theme=dark")
    assert client.cookies
    for cookie in client.cookies.values():
        assert cookie["samesite"].lower() == "lax", cookie.key
