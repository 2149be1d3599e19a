"""What every district starts with: the categories, version 1 of the time limits, the templates of the seasons."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from governance.kernel.reference import bump_reference
from requests_intake.models import Category, LimitPolicy, SeasonTemplate

_DATA = Path(__file__).resolve().parent.parent / "data"
_FIELDS = ("name", "urgency", "limit_class", "start_level", "is_safety", "is_restricted", "keywords")
# Before the oldest message that is replayed: every promise finds a version.
_SINCE = datetime(2017, 1, 1, tzinfo=UTC)


@transaction.atomic
def load_reference_data() -> bool:
    """Bring the shipped categories and the default time limits into the district in scope.

    Only what is not there yet, by code and version: what a district has is its own to change, and promises point to
    the limits. Returns whether anything was added.
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
    changed = _store_templates() or changed
    if changed:
        bump_reference()
    return changed


def _store_templates() -> bool:
    """The shipped season templates, where the district has none at all: what it changed or removed stays so."""
    if SeasonTemplate.objects.exists():
        return False
    ids = dict(Category.objects.values_list("code", "pk"))
    entries = json.loads((_DATA / "season_templates.json").read_text(encoding="utf-8"))["templates"]
    rows = []
    for entry in entries:
        values = {name: value for name, value in entry.items() if name != "category"}
        rows.append(SeasonTemplate(category_id=ids.get(entry["category"]), **values))
    SeasonTemplate.objects.bulk_create(rows)
    return True


def _store_categories(entries: list[tuple[dict[str, Any], int | None]]) -> bool:
    """Insert the missing rows of one depth, each with its parent's id. Returns whether there were any."""
    found = set(Category.objects.values_list("code", flat=True))
    new = []
    for entry, parent_id in entries:
        if entry["code"] in found:
            continue
        row = Category(code=entry["code"], parent_id=parent_id)
        for field in _FIELDS:
            if field in entry:
                setattr(row, field, entry[field])
        row.departments = [kind for kind in (entry.get("department_kind"), *entry.get("other_kinds", ())) if kind]
        new.append(row)
    Category.objects.bulk_create(new)
    return bool(new)
