"""Bringing stored values to the newest keys: which columns there are, and one batch after the other.

Columns are read from the models, so that a new one is never forgotten. A value that is under the newest key already
is left alone: a rotation that was broken off is simply begun again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection, models, transaction

from governance.kernel.crypto import EncryptedTextField, KeyedHashField, decrypt, renewed
from governance.kernel.models import IdempotencyRecord
from governance.kernel.tenancy.context import current_district_id
from governance.kernel.tenancy.models import DistrictModel

BATCH = 500
_TOKEN_BEGINS = "gAAAA"  # noqa: S105  (Fernet, version 128, this century)


@dataclass(frozen=True)
class Done:
    """``seen`` values were there, ``changed`` of them were brought to the newest key."""

    seen: int = 0
    changed: int = 0
    unreadable: int = 0

    def __add__(self, other: Done) -> Done:
        return Done(self.seen + other.seen, self.changed + other.changed, self.unreadable + other.unreadable)


def encrypted_models() -> list[type[models.Model]]:
    """Every model with an encrypted column."""
    return [model for model in apps.get_models(include_auto_created=True) if encrypted_fields(model)]


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    return [field for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]


def hash_fields(model: type[models.Model]) -> list[KeyedHashField]:
    """The hashes that can be computed again from a column beside them."""
    return [field for field in model._meta.local_fields if isinstance(field, KeyedHashField) and field.of]


def lost_with_the_key() -> list[tuple[type[models.Model], str]]:
    """Hashes of codes that were shown once and are not kept: they open nothing any more once their key is dropped."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, KeyedHashField) and not field.of
    ]


def rotate_model(model: type[models.Model], *, batch: int = BATCH) -> Done:
    """Bring every row of ``model`` (of the district in scope, where it has one) to the newest keys.

    Each batch is a transaction of its own, and a row is written only if it still holds what was read: whoever changes
    it meanwhile has written it under the newest key.
    """
    total, last = Done(), 0
    while True:
        with transaction.atomic():
            rows = _read(model, last, batch)
            total += _rotate_rows(model, rows)
        if len(rows) < batch:
            return total
        last = rows[-1][0]


def _columns(model: type[models.Model]) -> list[Any]:
    return [*encrypted_fields(model), *hash_fields(model)]


def _read(model: type[models.Model], after: int, batch: int) -> list[tuple[Any, ...]]:
    """Raw rows, tokens as they stand: the model would decrypt them."""
    names = ", ".join(f'"{field.column}"' for field in _columns(model))
    inside, parameters = _inside(model)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT id, {names} FROM "{model._meta.db_table}" WHERE {inside} AND id > %s ORDER BY id LIMIT %s',
            [*parameters, after, batch],
        )
        return cursor.fetchall()


def _inside(model: type[models.Model]) -> tuple[str, list[int]]:
    return ("district_id = %s", [current_district_id()]) if issubclass(model, DistrictModel) else ("true", [])


def _rotate_rows(model: type[models.Model], rows: list[tuple[Any, ...]]) -> Done:
    fields = _columns(model)
    before, after, seen, unreadable = [], [], 0, 0
    for row in rows:
        stored = dict(zip((field.name for field in fields), row[1:], strict=True))
        seen += sum(bool(stored[field.name]) for field in encrypted_fields(model))
        try:
            wanted = _under_newest(model, stored)
        except InvalidToken:
            unreadable += 1
            continue
        if wanted != stored:
            before.append(row)
            after.append([row[0], *(wanted[field.name] for field in fields)])
    return Done(seen, _write(model, fields, before, after), unreadable)


def _under_newest(model: type[models.Model], stored: dict[str, str]) -> dict[str, str]:
    wanted = dict(stored)
    for field in encrypted_fields(model):
        if stored[field.name]:
            wanted[field.name] = renewed(stored[field.name]) or stored[field.name]
    for hashed in hash_fields(model):
        # An empty hash is no mistake: not every number is meant to be found.
        if stored[hashed.name] and stored[hashed.of]:
            wanted[hashed.name] = hashed.hash_of(decrypt(stored[hashed.of]))
    return wanted


def _write(model: type[models.Model], fields: list[Any], before: list[Any], after: list[Any]) -> int:
    if not after:
        return 0
    columns = [field.column for field in fields]
    arrays = [list(values) for values in (*zip(*after, strict=True), *list(zip(*before, strict=True))[1:])]
    names = ", ".join(["id", *(f'"new_{name}"' for name in columns), *(f'"old_{name}"' for name in columns)])
    casts = ", ".join(["%s::bigint[]", *["%s::text[]"] * (2 * len(columns))])
    sets = ", ".join(f'"{name}" = v."new_{name}"' for name in columns)
    same = " AND ".join(f't."{name}" IS NOT DISTINCT FROM v."old_{name}"' for name in columns)
    inside, parameters = _inside(model)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" t SET {sets} FROM unnest({casts}) AS v({names}) '
            f"WHERE {inside.replace('district_id', 't.district_id')} AND t.id = v.id AND {same}",
            [*arrays, *parameters],
        )
        return cursor.rowcount


def rotate_answers(*, batch: int = BATCH) -> Done:
    """The stored answers to writes that may arrive again hold encrypted strings inside their JSON."""
    total, last = Done(), 0
    while True:
        with transaction.atomic():
            found = IdempotencyRecord.objects.filter(pk__gt=last).order_by("pk")
            rows = list(found.select_for_update(skip_locked=False)[:batch])
            for row in rows:
                tokens = list(_tokens(row.result))
                fresh = {name: renewed(token) for name, token in tokens}
                changed = {name: token for name, token in fresh.items() if token is not None}
                if changed:
                    IdempotencyRecord.objects.filter(pk=row.pk).update(result={**row.result, **changed})
                total += Done(len(tokens), len(changed))
        if len(rows) < batch:
            return total
        last = rows[-1].pk


def _tokens(result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in result.items():
        if isinstance(value, str) and value.startswith(_TOKEN_BEGINS):
            try:
                decrypt(value)
            except InvalidToken:
                continue  # words that only look like one
            yield name, value
