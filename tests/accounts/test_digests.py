"""Three pushes a day, digests and quiet hours (SLA D.4)."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any

import pytest

from governance.accounts.actions.notifications import (
    set_preference,
)
from governance.accounts.models import Delivery, NotificationPreference, Staff
from governance.accounts.notifications import sending
from tests.accounts.cases import MONDAY, TEN, notice, open_channels, wants_mail
from tests.receivers import MailServer
from tests.world import World


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
