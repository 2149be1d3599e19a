"""The audit trail: written in the transaction it tells of, sealed into a chain soon after."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import AuditEvent, AuditSeal

_BATCH = 5_000
GENESIS = "0" * 64


def record(
    action: str,
    *,
    actor: Actor,
    object_kind: str = "",
    object_id: int | None = None,
    succeeded: bool = True,
    **detail: Any,
) -> None:
    """Write one audit row. ``detail`` must hold no personal value: ids, counts and codes only."""
    AuditEvent.objects.create(
        at=clock.now(),
        actor=actor.principal,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        succeeded=succeeded,
        detail=detail,
    )


def _digest(previous: str, events: Iterable[AuditEvent]) -> str:
    seal = hashlib.sha256(previous.encode())
    for event in events:
        row = [
            event.pk, event.at.isoformat(), event.actor, event.action, event.object_kind, event.object_id,
            event.succeeded, event.detail, event.transaction_id,
        ]  # fmt: skip
        seal.update(json.dumps(row, ensure_ascii=False, sort_keys=True).encode())
    return seal.hexdigest()


def _after(seal: AuditSeal | None) -> Any:
    events = AuditEvent.objects.order_by("transaction_id", "id")
    if seal is not None:
        events = events.extra(
            where=["(transaction_id, kernel_auditevent.id) > (%s, %s)"],
            params=[seal.last_transaction_id, seal.last_event_id],
        )
    return events


def seal_new_events() -> int:
    """Chain the rows that no running transaction can still slip in before. Returns how many were sealed."""
    with connection.cursor() as cursor:
        # One sealer a district at a time; the lock ends with the transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit_seal'), current_setting('app.district')::int)")
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = cursor.fetchone()[0]
    last = AuditSeal.objects.order_by("-number").first()
    events = list(_after(last).filter(transaction_id__lt=horizon)[:_BATCH])
    if not events:
        return 0
    AuditSeal.objects.create(
        number=1 if last is None else last.number + 1,
        sealed_at=clock.now(),
        last_transaction_id=events[-1].transaction_id,
        last_event=events[-1],
        count=len(events),
        digest=_digest(GENESIS if last is None else last.digest, events),
    )
    return len(events)


@dataclass(frozen=True)
class Verdict:
    """``broken_at``: number of the first seal that does not fit its rows; ``unsealed``: the tail not yet sealed."""

    seals: int
    sealed: int
    unsealed: int
    broken_at: int | None


def verify_chain() -> Verdict:
    """Recompute every link of the district in scope."""
    previous, before, sealed, count = GENESIS, None, 0, 0
    for seal in AuditSeal.objects.order_by("number").iterator():
        events = list(
            _after(before).extra(
                where=["(transaction_id, kernel_auditevent.id) <= (%s, %s)"],
                params=[seal.last_transaction_id, seal.last_event_id],
            )
        )
        count += 1
        if seal.number != count or len(events) != seal.count or _digest(previous, events) != seal.digest:
            return Verdict(count, sealed, 0, seal.number)
        previous, before, sealed = seal.digest, seal, sealed + len(events)
    return Verdict(count, sealed, _after(before).count(), None)
