"""Robots of organizations' groups: where they may lead, what is kept of them, what a test message tells."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from governance.accounts.actions.notifications import (
    RobotRules,
    Wanted,
    change_notification_settings,
    save_robot,
)
from governance.accounts.actions.notifications import test_robot as try_robot
from governance.accounts.models import Robot
from governance.accounts.notifications.channels.robots import may_call
from governance.kernel.errors import Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from tests.accounts.cases import TEN
from tests.receivers import WebServer
from tests.world import World


# ---------------------------------------------------------------- robots of organizations
def robot(world: World, group: WebServer, **changes: Any) -> Robot:
    said = {
        "organization_id": world.water.pk, "service": "wecom", "title": "水务群", "webhook": group.url,
        "secret": "",
    }  # fmt: skip
    return save_robot(None, RobotRules(**{**said, **changes}), actor=world.admin)


@pytest.mark.django_db
def test_a_test_message_reports_what_really_happened(world: World, group: WebServer, at: Any) -> None:
    made = robot(world, group)
    assert try_robot(made, actor=world.admin) == ""
    ((path, body),) = group.posts
    assert path == "/robot/send?access_token=group-secret"
    assert "测试消息" in body["text"]["content"]
    group.answers = [(200, {"errcode": 93000}), (503, {}), (302, {})]
    said = [try_robot(made, actor=world.admin) for _n in range(3)]
    assert said == ["robot_93000", "http_503", "http_302"], "and a redirect is not followed"
    assert len(group.posts) == 4


@pytest.mark.django_db
def test_dingtalk_is_called_with_a_signature_of_the_secret(world: World, group: WebServer, at: Any) -> None:
    made = robot(world, group, service="dingtalk", secret="SEC-only-for-tests")
    assert try_robot(made, actor=world.admin) == ""
    # Computed apart, with the documented algorithm: base64(hmac_sha256(secret, "1795140000000\nSEC-only-for-tests")).
    query = parse_qs(urlsplit(group.posts[0][0]).query)
    stamp = str(int(TEN.timestamp()) * 1000)
    wanted = hmac.new(b"SEC-only-for-tests", f"{stamp}\nSEC-only-for-tests".encode(), hashlib.sha256).digest()
    assert query["timestamp"] == [stamp]
    assert base64.b64decode(query["sign"][0]) == wanted
    assert "SEC-only-for-tests" not in group.posts[0][0]


@pytest.mark.parametrize(
    "url",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
        "https://qyapi.weixin.qq.com.example.com/send",
        "https://example.com/send",
        "https://127.0.0.1/send",
        "https://169.254.169.254/latest/meta-data",
        "https://qyapi.weixin.qq.com@example.com/send",
        "https://user:pass@qyapi.weixin.qq.com/send",
        "https://qyapi.weixin.qq.com:8443/send",
        "https://qyapi.weixin.qq.com:notaport/send",
        "https://example.com\\@qyapi.weixin.qq.com/",
        "https://qyapi.weixin.qq.com/send#x",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_robot_may_lead_to_no_other_host(url: str) -> None:
    assert not may_call(url)


def test_a_robot_may_lead_where_the_services_are() -> None:
    assert may_call("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1")
    assert may_call("https://oapi.dingtalk.com:443/robot/send?access_token=1")


@pytest.mark.django_db
def test_an_address_elsewhere_is_refused_when_saved_and_sent(world: World, group: WebServer, settings: Any) -> None:
    made = robot(world, group)
    settings.ROBOT_HOSTS = ["oapi.dingtalk.com"]
    assert try_robot(made, actor=world.admin) == "host_not_allowed"
    assert group.posts == []
    with pytest.raises(Invalid) as refused:
        robot(world, group)
    assert list(refused.value.fields) == ["webhook"]


@pytest.mark.django_db
def test_address_and_secret_of_a_robot_are_encrypted_and_kept_when_left_empty(world: World, group: WebServer) -> None:
    made = robot(world, group, secret="SEC-only-for-tests")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_robot t")
        (stored,) = cursor.fetchone()
    assert "group-secret" not in stored
    assert "SEC-only-for-tests" not in stored
    rules = RobotRules(organization_id=world.urban.pk, service="wecom", title="换个名字")
    changed = save_robot(made, rules, actor=world.admin)
    assert (changed.webhook, changed.secret) == (group.url, "SEC-only-for-tests")
    said = str(list(AuditEvent.objects.values("action", "detail")))
    assert "group-secret" not in said


@pytest.mark.django_db
def test_only_the_administrator_touches_robots_and_settings(world: World, group: WebServer) -> None:
    made = robot(world, group)
    rules = RobotRules(organization_id=world.urban.pk, service="wecom", title="群")
    for actor in (world.worker, world.handler_leader, world.center, world.security):
        with pytest.raises(NotAllowed):
            save_robot(made, rules, actor=actor)
        with pytest.raises(NotAllowed):
            try_robot(made, actor=actor)
        with pytest.raises(NotAllowed):
            change_notification_settings(Wanted(), actor=actor)
