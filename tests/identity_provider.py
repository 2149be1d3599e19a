"""A small identity provider that answers over HTTP: discovery, keys, a page where one agrees, tokens."""

from __future__ import annotations

import json
import threading
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, SECRET = "governance", "a-secret-for-tests"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Provider:
    """Discovery, keys and tokens of an OpenID provider. ``claims`` overrides what a token says; ``key`` signs it."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key, self.nonce, self.handle = KEY, "", "t1-worker"
        self.asked: dict[str, list[str]] = {}
        self.token: str | None = None
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    self._answer(provider.discovery())
                elif self.path == "/jwks":
                    self._answer({"keys": [KEY.as_dict(private=False)]})
                elif self.path.startswith("/authorize?"):
                    self._page(provider.ask({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}))
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.asked = parse_qs(body.decode())
                self._answer(
                    {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": provider.id_token()}
                )

            def _answer(self, content: dict[str, Any]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            def _page(self, content: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def ask(self, asked: dict[str, str]) -> str:
        """The page where a person agrees, or does not: both lead back."""
        self.nonce = asked["nonce"]
        links = [("Yes", {"code": "abc"}), ("No", {"error": "access_denied"})]
        back = [
            (word, f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state']})}") for word, answer in links
        ]
        link = "".join(f'<a href="{escape(to)}">{word}</a> ' for word, to in back)
        return f'<!doctype html><link rel="icon" href="data:,"><title>Provider</title>{link}'

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "42", "iat": now, "exp": now + 300, "nonce": self.nonce,
            "preferred_username": self.handle, **self.claims,
        }  # fmt: skip
        if self.token is not None:
            return self.token
        return jwt.encode({"alg": "RS256", "kid": "one"}, {k: v for k, v in claims.items() if v is not None}, self.key)
