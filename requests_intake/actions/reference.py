"""What every district starts with: the categories and version 1 of the time limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from governance.kernel.bulk import update_rows
from governance.kernel.reference import bump_reference
from requests_intake.models import Category, LimitPolicy

_DATA = Path(__file__).resolve().parent.parent / "data"
_FIELDS = ("name", "urgency", "limit_class", "start_level", "is_safety", "is_restricted", "keywords")
# Before the oldest message that is replayed: every promise finds a version.
_SINCE = datetime(2017, 1, 1, tzinfo=UTC)


@transaction.atomic
def load_reference_data() -> bool:
    """Bring the shipped categories and the default time limits into the district in scope.

    Categories are compared by code and written where they differ; limits the district already has stay as they are,
    because promises point to their version. Returns whether anything changed.
    """
    document = json.loads((_DATA / "default_policy.json").read_text(encoding="utf-8"))
    tops = json.loads((_DATA / "categories.json").read_text(encoding="utf-8"))["categories"]
    changed = _store_categories([(entry, None) for entry in tops])
    ids = dict(Category.objects.filter(parent=None).values_list("code", "pk"))
    children = [(entry, ids[top["code"]]) for top in tops for entry in top.get("children", ())]
    changed = _store_categories(children) or changed
    if not LimitPolicy.objects.filter(version=1).exists():
        LimitPolicy.objects.create(version=1, document=document, valid_from=_SINCE, note=document.get("label", ""))
        changed = True
    if changed:
        bump_reference()
    return changed


def _store_categories(entries: list[tuple[dict[str, Any], int | None]]) -> bool:
    """Insert or change the rows of one depth, each with its parent's id. Returns whether there was anything to do."""
    found = {row.code: row for row in Category.objects.all()}
    new, different = [], []
    for entry, parent_id in entries:
        row = found.get(entry["code"]) or Category(code=entry["code"])
        before = _state(row)
        row.parent_id = parent_id
        for field in _FIELDS:
            if field in entry:
                setattr(row, field, entry[field])
        row.departments = [kind for kind in (entry.get("department_kind"), *entry.get("other_kinds", ())) if kind]
        if row.pk is None:
            new.append(row)
        elif _state(row) != before:
            different.append(row)
    Category.objects.bulk_create(new)
    update_rows(different, ["parent", "departments", *_FIELDS])
    return bool(new or different)


def _state(row: Category) -> tuple[Any, ...]:
    return (row.parent_id, row.departments, *(getattr(row, field) for field in _FIELDS))
