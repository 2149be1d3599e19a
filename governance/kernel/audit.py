"""The audit trail: written in the transaction it tells of, sealed into a chain soon after, kept for its time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import AuditCheck, AuditEvent, AuditPruning, AuditSeal

_BATCH = 5_000
_SEALS_AT_ONCE = 200
GENESIS = "0" * 64
KEPT_AT_LEAST = 180
"""Days: Cybersecurity Law, art. 23(3). The database function that prunes knows the number too."""


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


# ---------------------------------------------------------------- sealing
def _words(event: AuditEvent) -> bytes:
    row = [
        event.pk, event.at.isoformat(), event.actor, event.action, event.object_kind, event.object_id,
        event.succeeded, event.detail, event.transaction_id,
    ]  # fmt: skip
    return json.dumps(row, ensure_ascii=False, sort_keys=True).encode()


def _print_of(event: AuditEvent) -> str:
    """128 bits by which a row is known again."""
    return hashlib.sha256(_words(event)).hexdigest()[:32]


def _digest(previous: str, entries: list[list[Any]]) -> str:
    return hashlib.sha256((previous + json.dumps(entries)).encode()).hexdigest()


def _digest_without_entries(previous: str, events: Iterable[AuditEvent]) -> str:
    """How seals were made that name no single rows."""
    seal = hashlib.sha256(previous.encode())
    for event in events:
        seal.update(_words(event))
    return seal.hexdigest()


def _position(seal: AuditSeal) -> tuple[int, int]:
    return (seal.last_transaction_id, seal.last_event_id)


def _after(position: tuple[int, int] | None, until: tuple[int, int] | None = None) -> Any:
    events = AuditEvent.objects.order_by("transaction_id", "id")
    if position is not None:
        events = events.extra(where=["(transaction_id, kernel_auditevent.id) > (%s, %s)"], params=list(position))
    if until is not None:
        events = events.extra(where=["(transaction_id, kernel_auditevent.id) <= (%s, %s)"], params=list(until))
    return events


def seal_new_events() -> int:
    """Chain the rows that no running transaction can still slip in before. Returns how many were sealed."""
    with connection.cursor() as cursor:
        # One sealer a district at a time; the lock ends with the transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit_seal'), current_setting('app.district')::int)")
    horizon = _horizon()
    number, digest, position = _end_of_chain()
    events = list(_after(position).filter(transaction_id__lt=horizon)[:_BATCH])
    if not events:
        return 0
    entries = [[event.pk, _print_of(event)] for event in events]
    AuditSeal.objects.create(
        number=number + 1,
        sealed_at=clock.now(),
        last_transaction_id=events[-1].transaction_id,
        last_event_id=events[-1].pk,
        count=len(events),
        entries=entries,
        digest=_digest(digest, entries),
    )
    return len(events)


def _horizon() -> int:
    """The oldest transaction that is still running, in whatever database of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _end_of_chain() -> tuple[int, str, tuple[int, int] | None]:
    """Number, digest and position of the newest link, which may be pruned already."""
    last = AuditSeal.objects.order_by("-number").first()
    if last is not None:
        return last.number, last.digest, _position(last)
    pruned = AuditPruning.objects.order_by("-id").first()
    if pruned is not None:
        return pruned.seal_number, pruned.seal_digest, (pruned.last_transaction_id, pruned.last_event_id)
    return 0, GENESIS, None


# ---------------------------------------------------------------- verifying
@dataclass(frozen=True)
class Fault:
    """``kind``: ``changed``, ``removed``, ``inserted`` (a row, ``event`` is its id) or ``seal`` (the link itself)."""

    kind: str
    seal: int
    event: int | None = None


@dataclass
class Verdict:
    """``sealed`` rows lie under ``seals`` links, ``unsealed`` behind the last; ``head`` is the last link's digest."""

    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    head_number: int = 0
    head: str = GENESIS
    faults: list[Fault] = field(default_factory=list)

    @property
    def broken_at(self) -> int | None:
        return min((fault.seal for fault in self.faults), default=None)


def verify_chain() -> Verdict:
    """Recompute every link of the district in scope, from the last pruning on, and name every row that does not fit.

    What was checked before must still be there: a chain cut off at its end is noticed by the next check.
    """
    found, position, previous = Verdict(), None, GENESIS
    pruned = AuditPruning.objects.order_by("-id").first()
    if pruned is not None:
        found.head_number, found.head = pruned.seal_number, pruned.seal_digest
        position, previous = (pruned.last_transaction_id, pruned.last_event_id), pruned.seal_digest
        if pruned.newest_at > pruned.pruned_at - timedelta(days=KEPT_AT_LEAST):
            found.faults.append(Fault("seal", pruned.seal_number))
    for seals in _in_batches(found.head_number):
        rows = iter(_after(position, _position(seals[-1])).iterator(chunk_size=2_000))
        row = next(rows, None)
        for seal in seals:
            under = []
            while row is not None and (row.transaction_id, row.pk) <= _position(seal):
                under.append(row)
                row = next(rows, None)
            _check(found, seal, under, previous)
            previous, position = seal.digest, _position(seal)
    _check_head(found)
    found.unsealed = _after(position).count()
    return found


def _in_batches(after: int) -> Iterator[list[AuditSeal]]:
    while True:
        seals = list(AuditSeal.objects.filter(number__gt=after).order_by("number")[:_SEALS_AT_ONCE])
        if not seals:
            return
        yield seals
        after = seals[-1].number


def _check(found: Verdict, seal: AuditSeal, rows: list[AuditEvent], previous: str) -> None:
    is_next = seal.number == found.head_number + 1
    if not is_next:
        found.faults += [Fault("seal", number) for number in range(found.head_number + 1, seal.number)][:100]
    found.seals += 1
    found.sealed += len(rows)
    found.head_number, found.head = seal.number, seal.digest
    if seal.entries is None:
        if len(rows) != seal.count or (is_next and _digest_without_entries(previous, rows) != seal.digest):
            found.faults.append(Fault("seal", seal.number))
        return
    kept = {row.pk: row for row in rows}
    for pk, known in seal.entries:
        row = kept.pop(pk, None)
        if row is None:
            found.faults.append(Fault("removed", seal.number, pk))
        elif _print_of(row) != known:
            found.faults.append(Fault("changed", seal.number, pk))
    if is_next:  # behind a missing link nobody can say which rows it held
        found.faults += [Fault("inserted", seal.number, pk) for pk in sorted(kept)]
    if len(seal.entries) != seal.count or (is_next and _digest(previous, seal.entries) != seal.digest):
        found.faults.append(Fault("seal", seal.number))


def _check_head(found: Verdict) -> None:
    """The newest link that a check has seen before still stands, unless it was pruned."""
    before = AuditCheck.objects.order_by("-id").first()
    if before is None or before.head_number == 0:
        return
    stands = AuditSeal.objects.filter(number=before.head_number).values_list("digest", flat=True).first()
    pruned = AuditPruning.objects.filter(seal_number__gte=before.head_number).exists()
    if stands != before.head and not (stands is None and pruned):
        found.faults.append(Fault("seal", before.head_number))


def check_and_remember() -> AuditCheck:
    """Verify the chain and keep the result for the auditor's page and for the next check."""
    found = verify_chain()
    return AuditCheck.objects.create(
        checked_at=clock.now(),
        seals=found.seals,
        events=found.sealed,
        unsealed=found.unsealed,
        head_number=found.head_number,
        head=found.head,
        faults=[[fault.kind, fault.seal, fault.event] for fault in found.faults[:200]],
    )


# ---------------------------------------------------------------- keeping
def prune(*, at_most: int = 20_000) -> int:
    """Remove sealed rows older than ``AUDIT_KEEP_DAYS``, whole links from the oldest on; returns how many.

    The application may not delete a row: a function of the owner does it, refuses anything younger than 180 days
    whatever it is asked, and leaves the last link it removed as the anchor of what follows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT gov_prune_audit(%s, %s)", [settings.AUDIT_KEEP_DAYS, at_most])
        return int(cursor.fetchone()[0])
