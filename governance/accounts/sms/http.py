"""A gateway that takes a JSON request: a district's own message centre, or a small bridge before a carrier's.

``BODY`` is the JSON that is sent; ``{phone}``, ``{code}`` and ``{minutes}`` in its texts are filled in. ``SUCCESS`` is
what the answer must say, by dotted path (``{"result.code": "OK"}``); without it any 2xx will do. With a ``VOICE_BODY``
people may also have the code read to them; with a
``TEXT_BODY``, in which ``{phone}`` and ``{text}`` are filled in, other messages can be sent as well.
"""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from governance.accounts.sms.base import Gateway, GatewayError

_LONGEST_ANSWER = 64 * 1024  # bytes


class _NoRedirects(HTTPRedirectHandler):
    """Secret headers, number and code go to the configured address and nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def filled(template: Any, values: dict[str, str]) -> Any:
    """The template with its placeholders filled in, inside texts only: a value can never become structure."""
    if isinstance(template, dict):
        return {name: filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if isinstance(template, str):
        for name, value in values.items():
            template = template.replace(f"{{{name}}}", value)
    return template


def _at(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


class HttpGateway(Gateway):
    """Sends one request and looks at the answer. Nothing of the request gets into errors or logs."""

    def __init__(self, said: dict[str, Any]) -> None:
        self._said = said
        self.offers_voice = bool(said["VOICE_BODY"])
        self.offers_text = bool(said.get("TEXT_BODY"))

    def send_code(self, phone: str, code: str, *, minutes: int, voice: bool = False) -> None:
        values = {"phone": phone, "code": code, "minutes": str(minutes)}
        self._post(filled(self._said["VOICE_BODY" if voice else "BODY"], values))

    def send_text(self, phone: str, text: str) -> None:
        self._post(filled(self._said["TEXT_BODY"], {"phone": phone, "text": text}))

    def _post(self, body: Any) -> None:
        headers = {"Content-Type": "application/json", "Accept": "application/json", **self._said["HEADERS"]}
        # The address is the operator's setting, http or https (governance.settings.sms), and no redirect is followed.
        request = Request(  # noqa: S310
            self._said["URL"], json.dumps(body).encode(), headers=headers, method=self._said["METHOD"]
        )
        try:
            with build_opener(_NoRedirects()).open(request, timeout=self._said["TIMEOUT"]) as response:
                answer = response.read(_LONGEST_ANSWER)
        except HTTPError as error:
            status = error.code
            error.close()
            raise GatewayError(f"the gateway answered {status}", may_retry=status >= 500 or status == 429) from None
        except (URLError, TimeoutError, http.client.HTTPException, OSError) as error:
            raise GatewayError(f"the gateway was not reached: {type(error).__name__}", may_retry=True) from None
        self._check(answer)

    def _check(self, content: bytes) -> None:
        wanted = self._said["SUCCESS"]
        if not wanted:
            return
        try:
            answer = json.loads(content)
        except ValueError:
            raise GatewayError("the gateway's answer is no JSON", may_retry=False) from None
        for path, value in wanted.items():
            if _at(answer, path) != value:
                raise GatewayError(f"the gateway's answer does not say so at {path}", may_retry=False)
