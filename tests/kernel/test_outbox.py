"""Moves are told after the commit, at least once, and a failing subscriber or a missing broker loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from governance.accounts.models import Notice
from governance.kernel import outbox
from governance.kernel.actors import Actor
from governance.kernel.tasks import UNDELIVERED, deliver_outbox, districts_with
from governance.kernel.tenancy.context import NoDistrict, district_transaction, no_district
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket, TicketTransition
from tests.world import World


def report(world: World) -> Ticket:
    return submit_ticket(Report(content="楼道灯坏了。", building_id=world.building.pk), actor=Actor.public()).ticket


@pytest.mark.django_db
def test_one_spoilt_row_stays_and_the_others_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = report(world), report(world)

    def refuse(rows: Sequence[TicketTransition]) -> None:
        if any(row.ticket_id == bad.pk and row.move == "accept" for row in rows):
            raise ValueError("this one cannot be told")

    monkeypatch.setitem(outbox._after_commit, TicketTransition, [*outbox._after_commit[TicketTransition], refuse])
    assert outbox.deliver(TicketTransition) == 5
    left = TicketTransition.objects.get(delivered_at=None)
    assert (left.ticket_id, left.move) == (bad.pk, "accept")
    assert Notice.objects.filter(path__contains=good.number).exists()


@pytest.mark.django_db
def test_telling_twice_makes_one_notice(world: World) -> None:
    report(world)
    outbox.deliver(TicketTransition)
    before = Notice.objects.count()
    TicketTransition.objects.update(delivered_at=None)
    outbox.deliver(TicketTransition)
    assert Notice.objects.count() == before


@pytest.mark.django_db
def test_replayed_moves_tell_nobody(world: World) -> None:
    submit_ticket(Report(content="楼道灯坏了。", building_id=world.building.pk), actor=Actor.public(), tell=False)
    assert outbox.deliver(TicketTransition) == 0


@pytest.mark.django_db
def test_no_task_is_sent_where_the_caller_tells(world: World, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as sent, outbox.told_by_caller():
        report(world)
    assert sent == []
    assert outbox.deliver(TicketTransition) > 0
    with django_capture_on_commit_callbacks() as sent:
        report(world)
    assert sent


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_work_left_in_the_outbox_is_found_in_the_database(world: World) -> None:
    with district_transaction(world.district):
        report(world)
    assert districts_with(UNDELIVERED.format(table="requests_intake_tickettransition")) == [world.district.pk]


def test_sending_fails_at_once_and_quietly_where_the_broker_is_away() -> None:
    """In a process of its own, whose broker does not exist."""
    code = (
        "import django; django.setup()\n"
        "from governance.kernel.queue import enqueue\n"
        "from governance.kernel.tasks import due_outboxes\n"
        "print(enqueue(due_outboxes))"
    )
    environment = {**os.environ, "REDIS_URL": "unix:///nonexistent/valkey.sock"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.django_db
def test_a_task_without_a_district_is_an_error(world: World) -> None:
    with no_district(), pytest.raises(NoDistrict):
        deliver_outbox()
