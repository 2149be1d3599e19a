"""Messages outside the inbox: planned with the notice, sent once, tried again at the right moment, then dead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
import time_machine
from django.db import connection, connections

from governance.accounts import tasks
from governance.accounts.actions.notices import read_notices
from governance.accounts.actions.notifications import (
    forget_old_deliveries,
    give_up_deliveries,
    retry_deliveries,
    set_preference,
)
from governance.accounts.models import Delivery, Notice
from governance.accounts.notifications import sending
from governance.kernel import clock
from governance.kernel.errors import NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tasks import districts_with
from governance.kernel.tenancy.context import district_scope, district_transaction, no_district
from tests.accounts.cases import HOUR, MINUTE, TEN, notice, open_channels, states, wants_mail
from tests.receivers import MailServer
from tests.world import World, make_district


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
