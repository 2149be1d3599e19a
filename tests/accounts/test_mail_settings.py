"""Ways of sending that production refuses to start with."""

from __future__ import annotations

from typing import Any

import pytest

from governance.settings import mail, sms

SAFE: dict[str, Any] = {
    "host": "mail.example.gov.cn", "password": "only-for-tests", "tls": True, "ssl": False,
    "public_url": "https://gov.example", "robot_hosts": ["oapi.dingtalk.com"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"ssl": True}, "EMAIL_USE_SSL"),
        ({"tls": False}, "EMAIL_HOST_PASSWORD"),
        ({"public_url": "http://gov.example"}, "PUBLIC_URL"),
        ({"robot_hosts": ["*.dingtalk.com"]}, "ROBOT_HOSTS"),
        ({"robot_hosts": ["oapi.dingtalk.com/robot"]}, "ROBOT_HOSTS"),
    ],
)
def test_which_ways_of_telling_are_refused(changes: dict[str, Any], name: str) -> None:
    (problem,) = mail.problems(**{**SAFE, **changes})
    assert name in problem


@pytest.mark.parametrize("changes", [{}, {"host": "", "password": ""}, {"host": "localhost", "tls": False}])
def test_which_are_not(changes: dict[str, Any]) -> None:
    assert mail.problems(**{**SAFE, **changes}) == []


@pytest.mark.parametrize(("body", "count"), [({}, 0), ({"to": "{phone}", "say": "{text}"}, 0), ({"to": "{phone}"}, 1)])
def test_a_message_without_its_words_is_refused(body: dict[str, str], count: int) -> None:
    said = {**sms.http(), "URL": "https://sms.example/send", "TEXT_BODY": body}
    assert len(sms.problems("http", said, production=True)) == count
