"""What tickets are about: the two-level default taxonomy (standards B.5) as plain records.

Pure. A district's own categories live in its table; ``data/categories.json`` is what that table is seeded from. Two
second-level entries are split, since SLA D.2 gives their halves different classes: 燃气泄漏 / 停气 and
施工噪音 / 夜间施工噪音.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from json import loads
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parent / "data" / "categories.json"


@dataclass(frozen=True)
class Category:
    """A category of the second level with the defaults that make triage one tap.

    ``limit_class``: normal, minor (琐事) or complex, see SLA D.2. ``start_level``: the lowest level that can handle it.
    ``departments``: kinds of department that usually do, the first one first. ``keywords``: words residents use.
    """

    code: str
    name: str
    parent_code: str
    parent_name: str
    urgency: str = "normal"
    limit_class: str = "normal"
    start_level: str = "grid"
    departments: tuple[str, ...] = ()
    is_safety: bool = False
    is_restricted: bool = False
    keywords: tuple[str, ...] = ()


@cache
def default_categories() -> tuple[Category, ...]:
    """Every second-level category that ships, in the order of the codes."""
    tree = loads(_FILE.read_text(encoding="utf-8"))["categories"]
    return tuple(_category(top, entry) for top in tree for entry in top["children"])


def _category(top: Mapping[str, Any], entry: Mapping[str, Any]) -> Category:
    kinds = (entry["department_kind"], *entry["other_kinds"])
    return Category(
        code=entry["code"],
        name=entry["name"],
        parent_code=top["code"],
        parent_name=top["name"],
        urgency=entry["urgency"],
        limit_class=entry["limit_class"],
        start_level=entry["start_level"],
        departments=tuple(kind for kind in kinds if kind),
        is_safety=entry["is_safety"],
        is_restricted=entry["is_restricted"],
        keywords=tuple(entry["keywords"]),
    )
