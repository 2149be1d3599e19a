"""The schedule's tasks on the real broker: what beat sends ends in an escalated ticket."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery.contrib.testing.worker import start_worker

from governance.accounts.models import Notice
from governance.celery import app
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import ClockShift
from governance.kernel.tasks import due_outboxes
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket
from requests_intake.tasks import due_districts
from tests.world import World


@pytest.fixture
def own_queue() -> Iterator[str]:
    """Parallel test processes share the broker: each has a queue of its own."""
    before = app.conf.task_default_queue
    app.conf.task_default_queue = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
    yield app.conf.task_default_queue
    app.conf.task_default_queue = before


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_beat_to_escalated_ticket_over_the_real_broker(world: World, own_queue: str) -> None:
    with district_transaction(world.district):
        report = Report(content="楼道灯坏了，请修。", building_id=world.building.pk)
        ticket = submit_ticket(report, actor=Actor.public()).ticket
    ClockShift.objects.create(seconds=int(timedelta(days=14).total_seconds()))
    with start_worker(app, pool="solo", perform_ping_check=False, queues=[own_queue]):
        due_districts.apply_async()
        until = time.monotonic() + 60
        while time.monotonic() < until and _level(world, ticket) == "grid":
            time.sleep(0.1)
        due_outboxes.apply_async()
        while time.monotonic() < until and not _told(world):
            time.sleep(0.1)
    assert _level(world, ticket) != "grid"
    assert _told(world)
    assert clock.platform_now() > ticket.submitted_at + timedelta(days=13)


def _level(world: World, ticket: Ticket) -> str:
    with district_transaction(world.district):
        return Ticket.objects.get(pk=ticket.pk).level


def _told(world: World) -> bool:
    with district_transaction(world.district):
        return Notice.objects.filter(membership=world.members["secretary"]).exists()
