"""COPY into protected tables, which row security refuses: through a temporary table of the same columns."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.context import current_district_id


class Table:
    """Lines of one district table in COPY's text format, collected and then written at once."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self._fields: list[Any] = [field for field in model._meta.concrete_fields if not field.generated]
        self._index = {field.attname: number for number, field in enumerate(self._fields)}
        self._json = {field.attname for field in self._fields if isinstance(field, models.JSONField)}
        self._encrypted = {field.attname: field for field in self._fields if isinstance(field, EncryptedTextField)}
        self._district = str(current_district_id())
        self._lines: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    def template(self, instance: models.Model) -> list[str]:
        """The cells of a row most rows are like; ``add`` changes what differs."""
        cells = [self._cell(field.attname, getattr(instance, field.attname)) for field in self._fields]
        cells[self._index["district_id"]] = self._district
        return cells

    def add(self, template: list[str], **values: Any) -> None:
        cells = template[:]
        for name, value in values.items():
            cells[self._index[name]] = self._cell(name, value)
        self._lines.append("\t".join(cells))

    def add_instance(self, instance: models.Model) -> None:
        self._lines.append("\t".join(self.template(instance)))

    def _cell(self, name: str, value: Any) -> str:
        if value is None:
            return r"\N"
        if isinstance(value, bool):
            return "t" if value else "f"
        if isinstance(value, datetime):
            return value.isoformat()
        if name in self._json:
            value = json.dumps(value, ensure_ascii=False)
        elif name in self._encrypted:
            value = self._encrypted[name].get_prep_value(value)
        text = str(value)
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") if not text.isalnum() else text

    def write(self) -> int:
        """Copy what was collected into the table of the district in scope. Returns rows written."""
        if not self._lines:
            return 0
        target = self.model._meta.db_table
        columns = ", ".join(f'"{field.column}"' for field in self._fields)
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE TEMP TABLE bulk_rows (LIKE "{target}") ON COMMIT DROP')
            cursor.copy_expert(f"COPY bulk_rows ({columns}) FROM STDIN", io.StringIO("\n".join(self._lines) + "\n"))
            cursor.execute(f'INSERT INTO "{target}" ({columns}) SELECT {columns} FROM bulk_rows ORDER BY id')
            written: int = cursor.rowcount
            cursor.execute("DROP TABLE bulk_rows")
        self._lines.clear()
        return written


def new_ids(model: type[models.Model], count: int) -> Iterator[int]:
    """So many ids from the table's sequence, rising."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        found: Sequence[tuple[int]] = cursor.fetchall()
    return iter([row[0] for row in found])
