"""Robots of group chats: one JSON request to an address of WeCom or DingTalk.

Addresses come from people, so they lead only to the hosts of ``ROBOT_HOSTS``, by https, and no redirect is followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from abc import abstractmethod
from typing import Any, ClassVar
from urllib.parse import quote_plus, urlsplit

import requests
from django.conf import settings

from governance.accounts.models import Robot
from governance.accounts.notifications.channels.base import Channel, Message, Permanent, Temporary
from governance.accounts.notifications.recipients import ROBOT, Recipient
from governance.kernel import clock

TIMEOUT = 5  # seconds, to connect and between two parts of the answer
_LONGEST_ANSWER = 64 * 1024  # bytes
_MOST_LINES = 20


def may_call(url: str) -> bool:
    """Whether a robot may have this address: https, a host of ``ROBOT_HOSTS`` and nothing that hides another."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    if any(sign in url for sign in "\\ \t\r\n@"):
        return False
    host = parts.hostname or ""
    return (host if port in (None, 443) else f"{host}:{port}") in settings.ROBOT_HOSTS


class _Robot(Channel):
    """``LATER``: numbers in the answer that may pass; every other than 0 does not."""

    LATER: ClassVar[frozenset[int]]

    def is_available(self) -> bool:
        return bool(settings.ROBOT_HOSTS)

    def address_of(self, recipient: Recipient) -> str:
        """Address and secret as JSON; empty where the robot is gone or switched off."""
        if recipient.kind != ROBOT:
            return ""
        found = Robot.objects.filter(pk=recipient.id, service=self.code, is_active=True).first()
        return json.dumps([found.webhook, found.secret]) if found else ""

    @abstractmethod
    def signed(self, url: str, secret: str) -> str:
        """The address to call now."""

    def send(self, address: str, message: Message) -> None:
        url, secret = json.loads(address)
        if not may_call(url):
            raise Permanent("host_not_allowed")
        lines = [message.text, *message.lines[:_MOST_LINES], message.link]
        body = {"msgtype": "text", "text": {"content": "\n".join(line for line in lines if line)}}
        self._check(self._answer(self.signed(url, secret), body))

    def _answer(self, url: str, body: dict[str, Any]) -> Any:
        try:
            with requests.post(url, json=body, timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
                if response.status_code != 200:
                    later = response.status_code >= 500 or response.status_code == 429
                    raise (Temporary if later else Permanent)(f"http_{response.status_code}")
                return json.loads(response.raw.read(_LONGEST_ANSWER, decode_content=True))
        except requests.Timeout:
            raise Temporary("timeout") from None
        except requests.exceptions.SSLError:
            raise Temporary("tls") from None
        except (requests.RequestException, OSError):
            raise Temporary("connection") from None
        except ValueError:
            raise Temporary("no_answer") from None

    def _check(self, answer: Any) -> None:
        number = answer.get("errcode") if isinstance(answer, dict) else None
        if number == 0:
            return
        if not isinstance(number, int):
            raise Temporary("no_answer")
        raise (Temporary if number in self.LATER else Permanent)(f"robot_{number}")


class WecomRobot(_Robot):
    code = "wecom"
    LATER = frozenset({-1, 45009, 45033})  # busy; too many calls; too many at once

    def signed(self, url: str, secret: str) -> str:
        return url


class DingTalkRobot(_Robot):
    code = "dingtalk"
    LATER = frozenset({-1, 130101, 660026, 410100})  # busy; too many calls a minute

    def signed(self, url: str, secret: str) -> str:
        """加签: the time in milliseconds and its HMAC-SHA256 under the secret, good for an hour."""
        if not secret:
            return url
        stamp = str(round(clock.now().timestamp() * 1000))
        digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        return f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote_plus(base64.b64encode(digest))}"
