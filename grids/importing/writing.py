"""Writing a batch of the import with its journal. A dry writer writes nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from governance.accounts.models import Membership, Staff, User
from governance.kernel.bulk import update_rows
from grids.models import (
    Area,
    AreaBorder,
    Building,
    Compound,
    Organization,
    Post,
    PostAssignment,
    RegisterImport,
    RegisterImportChange,
    Room,
    Unit,
)

JOURNALED: list[type[models.Model]] = [
    Area,
    AreaBorder,
    Organization,
    Compound,
    Building,
    Unit,
    Room,
    User,
    Membership,
    Staff,
    Post,
    PostAssignment,
]
"""In the order of making; the undo goes the other way."""


class Writer:
    """Collects what rows make and change; ``flush`` writes it in a handful of statements.

    ``register_import`` None makes it dry: objects then stay unsaved, and later rows may refer to them all the same.
    """

    def __init__(self, register_import: RegisterImport | None) -> None:
        self.register_import = register_import
        self._new: dict[type[models.Model], list[Any]] = defaultdict(list)
        self._changed: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._made: list[tuple[str, int]] = []

    @property
    def is_dry(self) -> bool:
        return self.register_import is None

    def create(self, row: Any) -> None:
        self._new[type(row)].append(row)

    def change(self, row: Any, values: dict[str, Any]) -> bool:
        """Set ``values`` (attribute → value) where they differ. Returns whether anything did."""
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        for name in before:
            setattr(row, name, values[name])
        if before and row.pk is not None and not self.is_dry:
            kept = self._changed.setdefault(id(row), (row, {}))[1]
            for name, value in before.items():
                kept.setdefault(name, value)
        return bool(before)

    def made(self, row: models.Model) -> None:
        """An object that an action of another app has written itself."""
        self._made.append((row._meta.label, row.pk))

    def flush(self) -> None:
        """Write everything collected, parents first, and the journal of it."""
        if self.register_import is None:
            return
        for model in JOURNALED:
            self._insert(model)
        changes = [self._entry(label, pk) for label, pk in self._made]
        groups: dict[tuple[type, tuple[str, ...]], list[Any]] = defaultdict(list)
        for row, before in self._changed.values():
            groups[type(row), tuple(sorted(before))].append(row)
            after = {name: getattr(row, name) for name in before}
            changes.append(self._entry(row._meta.label, row.pk, _json(before), _json(after)))
        for (_model, names), rows in groups.items():
            update_rows(rows, names)
        RegisterImportChange.objects.bulk_create(changes, batch_size=2000)
        self._new.clear()
        self._changed.clear()
        self._made.clear()

    def _insert(self, model: type[models.Model]) -> None:
        waiting = self._new.pop(model, [])
        while waiting:
            # An area or an organization may stand under one of the same batch.
            ready = [row for row in waiting if getattr(row, "parent", None) is None or row.parent.pk is not None]
            for row in ready:
                if isinstance(row, Area) and row.parent is not None:
                    row.street_id, row.community_id = row.parent.street_id, row.parent.community_id
            model.objects.bulk_create(ready, batch_size=2000)  # type: ignore[attr-defined]
            if model is Area:
                for area in ready:
                    setattr(area, f"{area.level}_id", area.pk)
                for level in ("street", "community", "grid"):
                    update_rows([area for area in ready if area.level == level], [f"{level}"])
            self._made.extend((row._meta.label, row.pk) for row in ready)
            done = {id(row) for row in ready}
            waiting = [row for row in waiting if id(row) not in done]

    def _entry(self, label: str, pk: int, before: str = "", after: str = "") -> RegisterImportChange:
        return RegisterImportChange(
            register_import=self.register_import,
            model=label,
            object_id=pk,
            is_new=not before,
            before=before,
            after=after,
        )


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, cls=DjangoJSONEncoder)


def restorable(row: models.Model, text: str) -> dict[str, Any]:
    """The values of a journal entry as the columns of ``row`` hold them."""
    values: dict[str, Any] = json.loads(text)
    fields: dict[str, Any] = {name: row._meta.get_field(name) for name in values}
    return {name: fields[name].to_python(value) for name, value in values.items()}


def model_of(label: str) -> type[models.Model]:
    return apps.get_model(label)
