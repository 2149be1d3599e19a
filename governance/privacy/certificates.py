"""Certificates: each seals the one before it, so that none can be changed or taken out unnoticed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from governance.kernel import clock
from governance.kernel.tenancy.context import current_district_id
from governance.privacy.holders import Removed
from governance.privacy.models import Certificate

_SEALED = (
    "number", "act", "kind", "person_request", "rule_version", "months", "before", "objects_count", "removed", "kept",
    "at", "made_by_id",
)  # fmt: skip
GENESIS = "0" * 64


def certify(
    act: str,
    *,
    kind: str,
    objects: int,
    removed: Removed,
    kept: Removed | None = None,
    person_request: int | None = None,
    rule_version: int = 0,
    months: int = 0,
    before: datetime | None = None,
    made_by_id: int | None = None,
) -> Certificate:
    """Write the next certificate of the district, in the transaction of what it certifies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('privacy_certificate'), %s)", [current_district_id()])
    last = Certificate.objects.order_by("-number").first()
    row = Certificate(
        number=1 if last is None else last.number + 1,
        act=act,
        kind=kind,
        person_request=person_request,
        rule_version=rule_version,
        months=months,
        before=before,
        objects_count=objects,
        removed={code: count for code, count in sorted(removed.items()) if count},
        kept={code: count for code, count in sorted((kept or {}).items()) if count},
        at=clock.now(),
        made_by_id=made_by_id,
    )
    row.digest = _digest(GENESIS if last is None else last.digest, row)
    row.save(force_insert=True)
    return row


def first_broken() -> int | None:
    """Number of the first certificate that does not fit the one before it; None when the chain is whole."""
    previous, expected = GENESIS, 1
    for row in Certificate.objects.order_by("number").iterator():
        if row.number != expected or row.digest != _digest(previous, row):
            return expected
        previous, expected = row.digest, expected + 1
    return None


def _digest(previous: str, row: Certificate) -> str:
    values: list[Any] = [_plain(getattr(row, name)) for name in _SEALED]
    said = json.dumps([previous, *values], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
