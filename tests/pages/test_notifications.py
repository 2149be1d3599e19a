"""The pages of messages: the inbox, one's own wishes, the district's settings and robots, what was not delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.accounts.actions.notifications import (
    RobotRules,
    Wanted,
    change_notification_settings,
    save_robot,
    set_preference,
)
from governance.accounts.models import Delivery, Notice, NotificationPreference, Robot, Staff
from governance.accounts.notifications import sending
from governance.kernel import clock, reference
from governance.kernel.calendar import SHANGHAI
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope, no_district
from governance.privacy.basics import _clear_staff, _export
from tests.receivers import WebServer, group_chat
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def group(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with group_chat(settings, tmp_path, monkeypatch) as server:
        yield server


def notices(world: World, name: str, count: int, **changes: Any) -> list[Notice]:
    first = Notice.objects.count()
    return Notice.objects.bulk_create(
        Notice(
            **{
                "membership": world.members[name], "source": f"test:{n}", "kind": "dispatch", "text": f"消息{n}号",
                "created_at": clock.now(), **changes,
            }
        )
        for n in range(first, first + count)
    )  # fmt: skip


def key() -> str:
    return str(uuid4())


# ---------------------------------------------------------------- inbox
@pytest.mark.parametrize(("name", "address"), [("staff", "desk:notices"), ("worker", "worker:notices")])
def test_the_inbox_shows_unread_all_and_critical_with_their_numbers_and_pages(
    world: World, client: Client, name: str, address: str
) -> None:
    page = world.sign_in(client, name)
    notices(world, name, 33)
    notices(world, name, 2, is_critical=True)
    notices(world, name, 4, read_at=clock.now())
    notices(world, "secretary", 5)
    url = reverse(address)
    found = {show: page.get(url, {"show": show}).context for show in ("unread", "all", "critical")}
    assert {show: each["page"].paginator.count for show, each in found.items()} == {
        "unread": 35,
        "all": 39,
        "critical": 2,
    }
    assert [each["count"] for each in found["all"]["segments"]] == [35, 39, 2]
    assert len(found["all"]["page"].object_list) == 30
    assert len(page.get(url, {"show": "all", "page": 2}).context["page"].object_list) == 9
    assert page.get(url, {"show": "' OR 1=1"}).status_code == 200


def test_all_are_marked_read_at_the_desk_and_on_the_phone(world: World, client: Client) -> None:
    for name, address in (("staff", "desk:read_notices"), ("worker", "worker:read_all")):
        notices(world, name, 3)
        world.sign_in(client, name).post(reverse(address))
        assert not Notice.objects.filter(membership=world.members[name], read_at=None).exists()
    other = notices(world, "secretary", 1)[0]
    world.sign_in(client, "staff").post(reverse("desk:read_notices"), {"notice": other.pk})
    assert Notice.objects.get(pk=other.pk).read_at is None


def test_whoever_reads_one_of_a_filtered_list_comes_back_to_that_list(world: World, client: Client) -> None:
    row = notices(world, "staff", 1)[0]
    back = world.sign_in(client, "staff").post(reverse("desk:read_notices"), {"notice": row.pk, "show": "critical"})
    assert back["Location"] == f"{reverse('desk:notices')}?show=critical"


# ---------------------------------------------------------------- one's own wishes
def open_ways(world: World, **changes: Any) -> None:
    wanted = Wanted(**{"email_to_staff": True, "sms_to_staff": True, **changes})
    change_notification_settings(wanted, actor=world.admin)
    reference.forget_everything()


def test_what_the_district_does_not_offer_is_not_asked(world: World, client: Client) -> None:
    page = world.sign_in(client, "worker").get(reverse("accounts:notifications"))
    assert "还没有开通" in page.content.decode()
    open_ways(world, sms_to_staff=False)
    page = client.get(reverse("accounts:notifications"))
    assert set(page.context["form"].fields) == {"idempotency_key", "by_email", "email"}


def test_one_sets_the_own_wishes_and_nobody_elses(world: World, client: Client) -> None:
    open_ways(world)
    said = {"by_email": "on", "email": "zhou@example.com", "idempotency_key": key()}
    url = reverse("accounts:notifications")
    assert world.sign_in(client, "worker").post(url, said).status_code == 302
    row = NotificationPreference.objects.get()
    assert (row.membership_id, row.email, row.by_email, row.by_sms) == (
        world.members["worker"].pk,
        "zhou@example.com",
        True,
        False,
    )
    assert "zhou@example.com" in client.get(url).content.decode()
    assert "zhou@example.com" not in world.sign_in(client, "leader").get(url).content.decode()
    assert "zhou" not in str(list(AuditEvent.objects.values("action", "detail")))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"by_email": "on", "email": ""}, "要收邮件，请填邮箱"),
        ({"by_email": "on", "email": "zhou@"}, "写得不对"),
        ({"email": "z***@example.com"}, "带星号的"),
        ({"by_sms": "on", "email": "keep@example.com"}, "没有登记手机号"),
    ],
)
def test_a_wrong_wish_is_said_at_its_field_and_nothing_typed_is_lost(
    world: World, client: Client, said: dict[str, str], sentence: str
) -> None:
    open_ways(world)
    page = world.sign_in(client, "worker").post(reverse("accounts:notifications"), {**said, "idempotency_key": key()})
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert said["email"] in page.content.decode()
    assert not NotificationPreference.objects.exists()


def test_the_address_goes_with_whoever_leaves_and_is_in_their_copy(world: World) -> None:
    staff = Staff.objects.get(membership=world.members["worker"])
    staff.phone = "13800007777"
    staff.phone_hash = Staff._meta.get_field("phone_hash").hash_of("13800007777")  # type: ignore[union-attr]
    staff.save()
    open_ways(world)
    set_preference(email="zhou@example.com", by_email=True, by_sms=False, actor=world.worker)
    assert "zhou@example.com" in str([section.rows for section in _export("13800007777")])
    _clear_staff([staff.pk])
    assert not NotificationPreference.objects.exists()


# ---------------------------------------------------------------- settings and robots
def test_a_channel_the_installation_has_not_cannot_be_switched_on(world: World, client: Client, settings: Any) -> None:
    settings.SMS_GATEWAY, settings.EMAIL_HOST = "", ""
    said = {
        "sms_to_residents": "on", "email_to_staff": "on", "pushes_a_day": "3", "digest_times": "08:30",
        "idempotency_key": key(),
    }  # fmt: skip
    page = world.sign_in(client, "admin").post(reverse("manage:notifications"), said)
    assert page.status_code == 422
    assert "没有接短信网关" in str(page.context["form"].errors["sms_to_residents"])
    assert "没有接邮件服务器" in str(page.context["form"].errors["email_to_staff"])


def robot_said(world: World, url: str, **changes: Any) -> dict[str, Any]:
    return {
        "organization": world.water.pk, "service": "dingtalk", "title": "水务群", "webhook": url, "secret": "SEC-tests",
        "is_active": "on", "idempotency_key": key(), **changes,
    }  # fmt: skip


def test_a_robot_is_added_tried_and_its_address_never_shown_again(
    world: World,
    client: Client,
    group: WebServer,
) -> None:
    admin = world.sign_in(client, "admin")
    said = robot_said(world, group.url)
    for _twice in range(2):
        assert admin.post(reverse("manage:robot_new"), said).status_code == 302
    robot = Robot.objects.get()
    for url in (reverse("manage:notifications"), reverse("manage:robot", args=[robot.pk])):
        text = admin.get(url).content.decode()
        assert "水务群" in text
        assert "group-secret" not in text
        assert "SEC-tests" not in text
    test = reverse("manage:robot_test", args=[robot.pk])
    assert "收下了测试消息" in admin.post(test, {"idempotency_key": key()}, follow=True).content.decode()
    group.answers = [(200, {"errcode": 310000})]
    same = key()
    assert "加签密钥" in admin.post(test, {"idempotency_key": same}, follow=True).content.decode()
    assert "刚才已经发过" in admin.post(test, {"idempotency_key": same}, follow=True).content.decode()
    assert len(group.posts) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"webhook": "https://example.com/hook"}, "webhook"),
        ({"webhook": "http://localhost/hook"}, "webhook"),
        ({"webhook": ""}, "webhook"),
        ({"title": ""}, "title"),
        ({"service": ""}, "service"),
        ({"organization": "999999"}, "organization"),
    ],
)
def test_a_wrong_robot_is_refused_at_its_field(
    world: World,
    client: Client,
    group: WebServer,
    changes: dict[str, str],
    field: str,
) -> None:
    said = robot_said(world, group.url, **changes)
    page = world.sign_in(client, "admin").post(reverse("manage:robot_new"), said)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not Robot.objects.exists()


# ---------------------------------------------------------------- what was not delivered
def dead(world: World, count: int = 1, **changes: Any) -> list[Delivery]:
    first = Delivery.objects.count()
    return Delivery.objects.bulk_create(
        Delivery(
            **{
                "source": f"test:{n}", "kind": "dispatch", "channel": "email", "recipient_kind": "member",
                "recipient_id": world.members["worker"].pk, "text": f"新工单待签收：{n}", "created_at": clock.now(),
                "state": "dead", "attempts": 6, "last_error": "smtp_550", "ended_at": clock.now(), **changes,
            }
        )
        for n in range(first, first + count)
    )  # fmt: skip


def test_the_list_of_what_did_not_arrive_has_filters_numbers_and_pages(world: World, client: Client) -> None:
    dead(world, 51)
    dead(world, 2, channel="sms", recipient_kind="requester", recipient_id=7, last_error="no_mobile")
    dead(world, 1, state="failed", next_try_at=clock.now(), ended_at=None)
    dead(world, 3, state="sent")
    admin, url = world.sign_in(client, "admin"), reverse("manage:undelivered")
    page = admin.get(url)
    assert [each["count"] for each in page.context["segments"]] == [53, 1, 0]
    assert len(page.context["rows"]) == 50
    assert page.context["rows"][0]["to"] == "诉求人"
    assert "不是手机号" in page.content.decode()
    assert len(admin.get(url, {"page": 2}).context["rows"]) == 3
    assert len(admin.get(url, {"channel": "sms"}).context["rows"]) == 2
    assert len(admin.get(url, {"reason": "no_mobile"}).context["rows"]) == 2
    failing = admin.get(url, {"state": "failed"})
    assert "周网格员" in failing.content.decode()
    assert 'name="delivery"' not in failing.content.decode()


def test_the_lists_need_no_more_statements_for_more_rows(world: World, client: Client) -> None:
    admin = world.sign_in(client, "admin")
    counts: dict[str, list[int]] = {"manage:undelivered": [], "manage:notifications": []}
    for number in (2, 20):
        dead(world, number)
        dead(world, number, channel="sms", recipient_kind="requester")
        dead(world, number, channel="wecom", recipient_kind="robot")
        dead(world, 1, source=f"notice:{number}")
        for n in range(number):
            rules = RobotRules(world.water.pk, "wecom", f"群{number}-{n}", "https://qyapi.weixin.qq.com/send?key=x")
            save_robot(None, rules, actor=world.admin)
        for name, found in counts.items():
            admin.get(reverse(name))
            with CaptureQueriesContext(connection) as captured:
                admin.get(reverse(name))
            found.append(len(captured))
    assert all(first == second for first, second in counts.values()), counts


def test_what_is_dead_is_sent_again_from_the_page_and_once(world: World, client: Client) -> None:
    with time_machine.travel(TEN, tick=False):
        open_ways(world)
        set_preference(email="zhou@example.com", by_email=True, by_sms=False, actor=world.worker)
        first, second = dead(world, 2)
        said = {"act": "retry", "delivery": [first.pk], "idempotency_key": key()}
        admin = world.sign_in(client, "admin")
        for _twice in range(2):
            admin.post(reverse("manage:undelivered_act"), said)
        sending.send_due()
        assert [message.to for message in mail.outbox] == [["zhou@example.com"]]
    assert Delivery.objects.get(pk=first.pk).state == "sent"
    assert Delivery.objects.get(pk=second.pk).state == "dead"
    assert AuditEvent.objects.filter(action="delivery.retry").count() == 1


def test_everything_found_is_given_up_at_once_and_nothing_else(world: World, client: Client) -> None:
    dead(world, 60)
    kept = dead(world, 1, channel="sms")[0]
    said = {"act": "give_up", "all": "1", "channel": "email", "idempotency_key": key()}
    page = world.sign_in(client, "admin").post(reverse("manage:undelivered_act"), said, follow=True)
    assert "放弃了 60 条" in page.content.decode()
    assert list(Delivery.objects.filter(state="dead")) == [kept]


def test_nothing_chosen_is_said(world: World, client: Client) -> None:
    dead(world)
    said = {"act": "retry", "delivery": ["x", "99999999999999999999"], "idempotency_key": key()}
    page = world.sign_in(client, "admin").post(reverse("manage:undelivered_act"), said, follow=True)
    assert "没有选中" in page.content.decode()
    assert Delivery.objects.get().state == "dead"


def test_another_district_sees_and_touches_nothing_of_it(world: World, client: Client) -> None:
    row = dead(world)[0]
    with no_district():
        other = make_district("t2", 2)
        foreign = other.sign_in(client, "admin")
        page = foreign.get(reverse("manage:undelivered"))
        assert page.context["rows"] == []
        said = {"act": "retry", "delivery": [row.pk], "all": "1", "idempotency_key": key()}
        foreign.post(reverse("manage:undelivered_act"), said)
    with district_scope(world.district):
        assert Delivery.objects.get(pk=row.pk).state == "dead"
