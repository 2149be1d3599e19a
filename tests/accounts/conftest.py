"""What tests of messages stand on: a moment, and the other sides as real servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.accounts.cases import TEN
from tests.receivers import MailServer, WebServer, group_chat, running


@pytest.fixture
def at() -> Iterator[Any]:
    """Ten o'clock on Friday; ``at.move_to(…)``."""
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mail(settings: Any) -> Iterator[MailServer]:
    """A real mail server, which the installation sends through."""
    with running(MailServer()) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_TIMEOUT = 5
        yield server


@pytest.fixture
def group(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """The side of a group chat, by real TLS; ``group.url`` is the address of its robot."""
    with group_chat(settings, tmp_path, monkeypatch) as server:
        yield server
