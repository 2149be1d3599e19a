"""Set-based updates: one statement for a batch of rows with different values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from governance.kernel.tenancy.context import current_district_id


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> int:
    """Write ``fields`` of ``rows`` (all of one district model) in one UPDATE … FROM unnest(…). Returns rows changed.

    Twenty to a hundred times faster than saving one by one, which is what lets a sweep of thousands end in seconds.
    """
    if not rows:
        return 0
    model = type(rows[0])
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    arrays: list[Any] = [[row.pk for row in rows]]
    casts, sets = ["%s::bigint[]"], []
    for field in columns:
        db_type = field.target_field.db_type(connection) if field.is_relation else field.db_type(connection)
        if isinstance(field, models.JSONField):
            values: list[Any] = [json.dumps(getattr(row, field.attname), ensure_ascii=False) for row in rows]
        else:
            values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
        arrays.append(values)
        casts.append(f"%s::{_array_type(str(db_type))}[]")
        sets.append(f'"{field.column}" = v."{field.column}"')
    names = ", ".join(["id", *[f'"{field.column}"' for field in columns]])
    sql = (
        f'UPDATE "{model._meta.db_table}" t SET {", ".join(sets)} FROM unnest({", ".join(casts)}) AS v({names}) '
        f"WHERE t.district_id = %s AND t.id = v.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*arrays, current_district_id()])
        return cursor.rowcount


def _array_type(db_type: str) -> str:
    """``varchar(20)`` and the like must lose their length to be an element type here."""
    return "text" if db_type.startswith("varchar") else db_type
