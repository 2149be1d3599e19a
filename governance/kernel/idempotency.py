"""A write that arrives twice happens once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.errors import Invalid
from governance.kernel.models import IdempotencyRecord
from governance.kernel.tenancy.context import current_district_id

KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Outcome:
    """What the write gave (``result`` is JSON-able), and whether it had already been done before."""

    result: dict[str, Any]
    replayed: bool


def request_hash(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def once(*, principal: str, key: str, body: Any, act: Callable[[], dict[str, Any]]) -> Outcome:
    """Run ``act`` unless ``principal`` already did it under ``key``; then give its result again.

    The record is inserted first, in the same transaction, so a second request waits for the first. The same key with
    another body raises ``Invalid`` (422). Without a key the act simply runs. A refused act leaves no record: the same
    key then serves the corrected request.
    """
    if not key:
        return Outcome(act(), replayed=False)
    digest = request_hash(body)
    # A savepoint: an error is answered within the request's transaction, which then commits.
    with transaction.atomic():
        fresh = _claim(principal[:80], key[:80], digest)
        if fresh is None:
            record = IdempotencyRecord.objects.get(principal=principal[:80], key=key[:80])
            if record.request_hash != digest:
                raise Invalid("idempotency_mismatch", _("这个提交编号已经用过，内容却不一样。请刷新页面后重新提交。"))
            return Outcome(record.result, replayed=True)
        result = act()
        IdempotencyRecord.objects.filter(pk=fresh).update(result=result)
        return Outcome(result, replayed=False)


def _claim(principal: str, key: str, digest: str) -> int | None:
    """Insert the record and return its id; None where it is there already (after waiting for its writer)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_idempotencyrecord (district_id, principal, key, request_hash, result, created_at) "
            "VALUES (%s, %s, %s, %s, '{}', %s) ON CONFLICT (district_id, principal, key) DO NOTHING RETURNING id",
            [current_district_id(), principal, key, digest, clock.now()],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def forget_old() -> int:
    """Delete records past their keeping time; returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
