"""Messages outside the inbox: planned with the notice, sent once, tried again at the right moment, then dead.

Times are of Friday 20 November 2026 and the days after it, in Shanghai.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection, connections

from governance.accounts import tasks
from governance.accounts.actions.notices import read_notices
from governance.accounts.actions.notifications import (
    RobotRules,
    Wanted,
    change_notification_settings,
    forget_old_deliveries,
    give_up_deliveries,
    retry_deliveries,
    save_robot,
    set_preference,
)
from governance.accounts.actions.notifications import test_robot as try_robot
from governance.accounts.models import Delivery, Notice, NotificationPreference, Robot, Staff
from governance.accounts.notifications import sending, tell
from governance.accounts.notifications.channels.robots import may_call
from governance.kernel import clock, reference
from governance.kernel.calendar import SHANGHAI
from governance.kernel.errors import Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tasks import districts_with
from governance.kernel.tenancy.context import district_scope, district_transaction, no_district
from tests.receivers import MailServer, WebServer, group_chat, running
from tests.world import World, make_district

TEN = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


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


def open_channels(world: World, **changes: Any) -> None:
    wanted = Wanted(**{"email_to_staff": True, "email_sender": "tongzhi@example.com", **changes})
    change_notification_settings(wanted, actor=world.admin)
    reference.forget_everything()


def wants_mail(world: World, name: str = "worker") -> str:
    address = f"{name.replace('_', '-')}@example.com"
    set_preference(email=address, by_email=True, by_sms=False, actor=getattr(world, name))
    return address


def notice(world: World, number: int = 1, *, to: str = "worker", critical: bool = False) -> None:
    tell(
        [
            Notice(
                membership=world.members[to], source=f"ticket-transition:{number}", kind="dispatch",
                text=f"新工单待签收：三单元的灯 {number}", brief=f"新工单待签收：20261120-{number}",
                path="/m/", is_critical=critical, created_at=clock.now(),
            )
        ]
    )  # fmt: skip


def states() -> list[tuple[str, int]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "attempts"))


# ---------------------------------------------------------------- once
@pytest.mark.django_db
def test_nobody_gets_anything_outside_the_inbox_unless_district_and_person_want_it(
    world: World, mail: MailServer, at: Any
) -> None:
    notice(world, 1)
    wants_mail(world)
    notice(world, 2)  # the district has not switched it on
    open_channels(world)
    notice(world, 3, to="secretary")  # the person has not
    assert not Delivery.objects.exists()
    notice(world, 4)
    assert Delivery.objects.get().recipient_id == world.members["worker"].pk
    assert Notice.objects.count() == 4


@pytest.mark.django_db
def test_a_push_is_sent_once_and_repeats_no_word_of_the_resident(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    address = wants_mail(world)
    notice(world)
    notice(world)  # told twice
    assert sending.send_due() == 1
    assert sending.send_due() == 0
    ((recipient, text),) = mail.mails
    assert recipient == address
    assert mail.senders == ["tongzhi@example.com"]
    assert states() == [("sent", 1)]
    body = message_from_bytes(text.encode()).get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "新工单待签收：20261120-1" in body
    assert "三单元的灯" not in body


@pytest.mark.django_db
def test_no_address_is_kept_with_a_delivery(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    address = wants_mail(world)
    notice(world)
    sending.send_due()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_delivery t")
        (delivery,) = cursor.fetchone()
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_notificationpreference t")
        (preference,) = cursor.fetchone()
    assert address not in delivery
    assert address not in preference


@pytest.mark.django_db
def test_what_was_read_meanwhile_is_not_sent(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    read_notices(actor=world.worker)
    assert sending.send_due() == 0
    assert states() == [("skipped", 1)]
    assert mail.mails == []


@pytest.mark.django_db
def test_who_does_not_want_it_any_more_does_not_get_it(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    set_preference(email="", by_email=False, by_sms=False, actor=world.worker)
    sending.send_due()
    notice(world, 2)
    assert states() == [("skipped", 1)]
    assert mail.mails == []


@pytest.mark.django_db
def test_what_waits_for_a_channel_that_is_switched_off_is_not_sent(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    open_channels(world, email_to_staff=False)
    sending.send_due()
    assert states() == [("skipped", 1)]
    assert mail.mails == []


# ---------------------------------------------------------------- again, and not any more
@pytest.mark.django_db
def test_a_passing_failure_is_tried_again_after_1_5_30_minutes_2_and_6_hours_and_then_sent_once(
    world: World, mail: MailServer, at: Any
) -> None:
    at.move_to(TEN.replace(hour=8, minute=0))
    open_channels(world)
    wants_mail(world)
    notice(world)
    mail.answers = ["451 later"] * 5
    moment = clock.now()
    for number, wait in enumerate((1, 5, 30, 120, 360), start=1):
        sending.send_due()
        assert states() == [("failed", number)]
        at.move_to(moment + wait * MINUTE - timedelta(seconds=1))
        sending.send_due()
        assert states() == [("failed", number)], "not a second too early"
        moment += wait * MINUTE
        at.move_to(moment)
    assert Delivery.objects.get().last_error == "smtp_451"
    assert sending.send_due() == 1
    assert sending.send_due() == 0
    assert len(mail.mails) == 1
    assert states() == [("sent", 6)]
    assert Delivery.objects.get().last_error == ""


@pytest.mark.django_db
def test_after_the_sixth_failure_it_is_dead_and_stays_visible(world: World, mail: MailServer, at: Any) -> None:
    at.move_to(TEN.replace(hour=8, minute=0))
    open_channels(world)
    wants_mail(world)
    notice(world)
    mail.answers = ["451 later"] * 6
    moment = clock.now()
    for wait in (0, 1, 5, 30, 120, 360):
        moment += wait * MINUTE
        at.move_to(moment)
        sending.send_due()
    assert states() == [("dead", 6)]
    at.move_to(moment + timedelta(days=30))
    assert sending.send_due() == 0
    assert mail.mails == []


@pytest.mark.django_db
def test_a_lasting_failure_is_dead_at_once_and_can_be_tried_again(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    mail.answers = ["550 no such box"]
    sending.send_due()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.last_error, row.next_try_at) == ("dead", 1, "smtp_550", None)
    assert retry_deliveries([row.pk], actor=world.admin) == 1
    assert sending.send_due() == 1
    assert states() == [("sent", 1)]
    assert len(mail.mails) == 1
    assert AuditEvent.objects.filter(action="delivery.retry", actor=world.admin.principal).count() == 1


@pytest.mark.django_db
def test_what_was_sent_is_not_sent_again_by_asking_for_it(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    sending.send_due()
    row = Delivery.objects.get()
    assert retry_deliveries([row.pk], actor=world.admin) == 0
    assert give_up_deliveries([row.pk], actor=world.admin) == 0
    assert states() == [("sent", 1)]


@pytest.mark.django_db
def test_who_is_given_up_gets_nothing_more_until_somebody_changes_their_mind(
    world: World, mail: MailServer, at: Any
) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    mail.answers = ["550 no such box"]
    sending.send_due()
    pk = Delivery.objects.get().pk
    assert give_up_deliveries([pk], actor=world.admin) == 1
    at.move_to(TEN + 2 * HOUR)
    assert sending.send_due() == 0
    assert states() == [("given_up", 1)]
    assert AuditEvent.objects.filter(action="delivery.give_up").exists()
    assert retry_deliveries([pk], actor=world.admin) == 1
    assert sending.send_due() == 1


@pytest.mark.django_db
def test_what_is_still_being_tried_is_left_to_the_workers(world: World, mail: MailServer, at: Any) -> None:
    """One of them may be sending it this moment."""
    open_channels(world)
    wants_mail(world)
    notice(world)
    mail.answers = ["451 later"]
    sending.send_due()
    pk = Delivery.objects.get().pk
    assert retry_deliveries([pk], actor=world.admin) == 0
    assert give_up_deliveries([pk], actor=world.admin) == 0
    assert states() == [("failed", 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("act", [retry_deliveries, give_up_deliveries])
def test_only_the_administrator_decides_on_what_was_not_delivered(world: World, act: Callable[..., int]) -> None:
    for actor in (world.worker, world.center, world.security, world.official):
        with pytest.raises(NotAllowed):
            act([1], actor=actor)


@pytest.mark.django_db
def test_a_server_that_is_away_is_a_passing_failure(world: World, mail: MailServer, settings: Any, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    mail.shutdown()
    mail.server_close()
    sending.send_due()
    row = Delivery.objects.get()
    assert (row.state, row.last_error) == ("failed", "connection")


@pytest.mark.django_db
def test_a_failure_of_our_own_stops_nobody_else(
    world: World, mail: MailServer, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_channels(world)
    wants_mail(world)
    wants_mail(world, "secretary")
    notice(world)
    notice(world, to="secretary")
    whole = sending.Message

    def spoilt(text: str, *args: Any, **more: Any) -> Any:
        return object() if not Delivery.objects.filter(attempts=1, state="failed").exists() else whole(text, **more)

    monkeypatch.setattr(sending, "Message", spoilt)
    assert sending.send_due() == 1
    assert sorted(states()) == [("failed", 1), ("sent", 1)]
    assert Delivery.objects.get(state="failed").last_error == "unexpected"


@pytest.mark.django_db
def test_a_worker_that_died_leaves_the_row_to_another(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    sending._claim()  # and nothing more
    assert sending.send_due() == 0
    at.move_to(TEN + sending.CLAIM)
    assert sending.send_due() == 1
    assert states() == [("sent", 2)]


@pytest.mark.django_db
def test_old_deliveries_are_forgotten_and_waiting_ones_are_not(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world, 1)
    sending.send_due()
    at.move_to(TEN + 89 * 24 * HOUR)
    assert forget_old_deliveries() == 0
    notice(world, 2)
    at.move_to(TEN + 91 * 24 * HOUR)
    assert forget_old_deliveries() == 1
    assert Delivery.objects.get().state == "queued"


# ---------------------------------------------------------------- three a day, digests, quiet hours (SLA D.4)
def subjects(mail: MailServer) -> list[str]:
    return [str(make_header(decode_header(message_from_bytes(text.encode())["Subject"]))) for _to, text in mail.mails]


@pytest.mark.django_db
def test_the_fourth_push_of_a_day_goes_into_the_digest_and_a_critical_one_passes(
    world: World, mail: MailServer, at: Any
) -> None:
    open_channels(world)
    wants_mail(world)
    for number in (1, 2, 3, 4, 5):
        notice(world, number)
        sending.send_due()
    assert len(mail.mails) == 3
    notice(world, 6, critical=True)
    sending.send_due()
    assert len(mail.mails) == 4
    # Three were pushed today: the digests of the afternoon would be the fourth. Saturday has none.
    for hour, minute in ((13, 30), (17, 0)):
        at.move_to(TEN.replace(hour=hour, minute=minute))
        sending.send_due()
    at.move_to(TEN.replace(day=21, hour=12))
    sending.send_due()
    assert len(mail.mails) == 4
    at.move_to(MONDAY)
    assert sending.send_due() == 1
    assert "您有 2 条工作消息" in subjects(mail)[-1]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db
def test_the_number_is_the_districts_and_counts_each_person_apart(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world, pushes_a_day=1)
    wants_mail(world)
    wants_mail(world, "secretary")
    for number in (1, 2):
        notice(world, number)
        notice(world, number, to="secretary")
    sending.send_due()
    assert sorted(to for to, _text in mail.mails) == ["secretary@example.com", "worker@example.com"]


@pytest.mark.django_db
def test_a_digest_counts_as_one_of_the_day(world: World, mail: MailServer, at: Any) -> None:
    at.move_to(TEN.replace(hour=7))
    open_channels(world)
    wants_mail(world)
    notice(world, 1)
    notice(world, 2)
    at.move_to(TEN.replace(hour=8, minute=30))
    assert sending.send_due() == 1
    for number in (3, 4, 5):
        notice(world, number)
    sending.send_due()
    assert len(mail.mails) == 3
    assert NotificationPreference.objects.get().push_count == 3


@pytest.mark.django_db
def test_while_something_is_gathered_what_follows_is_gathered_with_it(world: World, mail: MailServer, at: Any) -> None:
    at.move_to(TEN.replace(hour=7))
    open_channels(world)
    wants_mail(world)
    notice(world, 1)
    at.move_to(TEN.replace(hour=8, minute=15))
    notice(world, 2)
    assert sending.send_due() == 0
    at.move_to(TEN.replace(hour=8, minute=30))
    assert sending.send_due() == 1
    assert len(mail.mails) == 1


@pytest.mark.django_db
def test_in_quiet_hours_only_what_is_critical_is_sent(world: World, mail: MailServer, at: Any) -> None:
    at.move_to(TEN.replace(hour=21))
    open_channels(world)
    wants_mail(world)
    notice(world, 1)
    notice(world, 2, critical=True)
    assert sending.send_due() == 1
    at.move_to(TEN.replace(day=23, hour=8, minute=29))
    assert sending.send_due() == 0
    at.move_to(MONDAY)
    assert sending.send_due() == 1


@pytest.mark.django_db
def test_a_failed_push_is_not_tried_again_at_night(world: World, mail: MailServer, at: Any) -> None:
    at.move_to(TEN.replace(hour=20, minute=59))
    open_channels(world)
    wants_mail(world)
    notice(world)
    mail.answers = ["451 later"]
    sending.send_due()
    assert Delivery.objects.get().next_try_at == TEN.replace(day=21, hour=8)


@pytest.mark.django_db
def test_what_a_missing_worker_left_over_is_not_sent_at_night(world: World, mail: MailServer, at: Any) -> None:
    open_channels(world)
    wants_mail(world)
    notice(world)
    at.move_to(TEN.replace(hour=23))
    assert sending.send_due() == 0
    at.move_to(TEN.replace(day=21, hour=8))
    assert sending.send_due() == 1


@pytest.mark.django_db
def test_one_push_by_two_channels_counts_once(world: World, mail: MailServer, at: Any) -> None:
    row = Staff.objects.get(membership=world.members["worker"])
    row.phone = "13800009999"
    row.save()
    open_channels(world, sms_to_staff=True)
    set_preference(email="worker@example.com", by_email=True, by_sms=True, actor=world.worker)
    for number in (1, 2, 3):
        notice(world, number)
    assert sending.send_due() == 6
    assert NotificationPreference.objects.get().push_count == 3


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
def test_an_address_elsewhere_is_refused_when_saved_and_when_sent(
    world: World, group: WebServer, settings: Any
) -> None:
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


# ---------------------------------------------------------------- many at once, and the district
def together(*acts: Callable[[], Any]) -> list[Any]:
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def one(n: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(5)
            results[n] = act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_two_workers_never_send_the_same_message_twice(world: World, mail: MailServer) -> None:
    with time_machine.travel(TEN, tick=False):
        with district_transaction(world.district):
            open_channels(world, pushes_a_day=10)
            for name in ("worker", "secretary", "staff", "dispatcher"):
                wants_mail(world, name)
                for number in range(8):
                    notice(world, number, to=name)

        def work() -> int:
            with no_district(), district_scope(world.district):
                return sending.send_due()

        sent = together(work, work, work)
    assert sum(sent) == 32
    assert len(mail.mails) == 32


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_two_workers_never_tear_a_digest(world: World, mail: MailServer) -> None:
    with time_machine.travel(TEN.replace(hour=7), tick=False), district_transaction(world.district):
        open_channels(world)
        wants_mail(world)
        for number in range(50):
            notice(world, number)

    def work() -> int:
        with no_district(), district_scope(world.district):
            return sending.send_due()

    with time_machine.travel(TEN.replace(hour=8, minute=30), tick=False):
        assert sum(together(work, work, work)) == 1
    assert len(mail.mails) == 1


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_what_the_broker_lost_is_found_by_the_schedule_in_its_district_alone(
    world: World, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_district("t2", 2)
    sent_to: list[int] = []
    monkeypatch.setattr(tasks, "send_to", lambda task, ids: sent_to.extend(ids) or len(ids))
    with time_machine.travel(TEN, tick=False):
        with district_transaction(world.district):
            open_channels(world)
            wants_mail(world)
            # The broker is away: what should have been sent to a worker was not.
            monkeypatch.setattr("governance.accounts.notifications.planning.enqueue", lambda *args: False)
            notice(world)
        assert tasks.due_notifications() == 1
        assert sent_to == [world.district.pk]
        with district_transaction(other.district):
            assert not Delivery.objects.exists()
        with district_scope(other.district):
            assert sending.send_due() == 0
        assert mail.mails == []
        tasks.send_notifications.apply(headers={"district_id": world.district.pk}).get()
        assert len(mail.mails) == 1
        assert tasks.due_notifications() == 0


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_the_sweeper_sees_which_districts_have_messages_and_nothing_else(world: World) -> None:
    assert districts_with(tasks.DUE, [clock.now()]) == []
    for column in ("recipient_id", "text", "source", "channel"):
        with pytest.raises(Exception, match="permission denied"):
            districts_with(f"SELECT {column} FROM accounts_delivery")
    with pytest.raises(Exception, match="permission denied"):
        districts_with("SELECT id FROM accounts_notificationpreference")
