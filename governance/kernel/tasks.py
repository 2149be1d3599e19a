"""Scheduled work of the kernel: finding districts with due work, delivering the outbox, sealing the audit."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from governance.kernel import audit, idempotency, outbox, throttle
from governance.kernel.actors import Actor
from governance.kernel.queue import enqueue
from governance.kernel.tenancy.celery import DistrictTask

logger = logging.getLogger(__name__)

UNDELIVERED = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM {table} t WHERE t.district_id = d.id AND t.delivered_at IS NULL)
"""
UNSEALED = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM kernel_auditevent e WHERE e.district_id = d.id AND e.transaction_id > coalesce(
        (SELECT max(s.last_transaction_id) FROM kernel_auditseal s WHERE s.district_id = d.id), 0))
"""


def districts_with(sql: str, params: list[Any] | None = None) -> list[int]:
    """Ids of districts for which ``sql`` finds work, asked as ``gov_sweep``, which may read nothing else."""
    with connections["sweep"].cursor() as cursor:
        cursor.execute(sql, params or [])
        return [row[0] for row in cursor.fetchall()]


def send_to(task: Any, district_ids: list[int]) -> int:
    for district_id in district_ids:
        enqueue(task, headers={"district_id": district_id})
    return len(district_ids)


@shared_task(name="kernel.deliver_outbox", base=DistrictTask)
def deliver_outbox() -> int:
    """Tell people about the moves of one district that nobody has been told of."""
    return sum(outbox.deliver(model) for model in outbox.outbox_models())


@shared_task(name="kernel.due_outboxes")
def due_outboxes() -> int:
    """The safety net of the outbox: whatever the broker lost is found here."""
    found = {
        district_id
        for model in outbox.outbox_models()
        for district_id in districts_with(UNDELIVERED.format(table=model._meta.db_table))
    }
    return send_to(deliver_outbox, sorted(found))


@shared_task(name="kernel.seal_audit", base=DistrictTask)
def seal_audit() -> int:
    """Chain one district's new audit rows."""
    return audit.seal_new_events()


@shared_task(name="kernel.due_seals")
def due_seals() -> int:
    """Ask which districts have unsealed audit rows."""
    return send_to(seal_audit, districts_with(UNSEALED))


@shared_task(name="kernel.verify_audit", base=DistrictTask)
def verify_audit() -> int:
    """Verify one district's chain and keep the result. Returns how many faults were found.

    The digest of the newest link goes to the log as well: kept elsewhere, it tells a chain that was made anew.
    """
    found = audit.check_and_remember()
    say = logger.error if found.faults else logger.info
    say("audit checked: link %s, digest %s, faults %s", found.head_number, found.head, found.faults[:20])
    return len(found.faults)


@shared_task(name="kernel.prune_audit", base=DistrictTask)
def prune_audit() -> int:
    """Remove one district's audit rows past their time, in bounded portions: the next night goes on."""
    removed = audit.prune()
    if removed:
        audit.record("audit.prune", actor=Actor.system("prune_audit"), count=removed)
    return removed


@shared_task(name="kernel.forget_idempotency", base=DistrictTask)
def forget_idempotency() -> int:
    """Delete idempotency records past their keeping time."""
    return idempotency.forget_old()


@shared_task(name="kernel.forget_throttle_counts", base=DistrictTask)
def forget_throttle_counts() -> int:
    """Delete what was counted while Redis was away."""
    return throttle.forget_old()


@shared_task(name="kernel.nightly")
def nightly() -> int:
    """Once a night: expired sessions and old sign-ins go, then every active district does its own tidying."""
    call_command("clearsessions")
    for path in settings.NIGHTLY_PLATFORM_TASKS:
        enqueue(_task(path))
    district_ids = districts_with("SELECT id FROM kernel_district WHERE is_active")
    return sum(send_to(_task(path), district_ids) for path in settings.NIGHTLY_DISTRICT_TASKS)


def _task(path: str) -> Any:
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)
