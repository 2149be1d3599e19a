"""``docs/security.md`` claims nothing that no test shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLASSES = (
    "Foreign organization", "Masked write-back", "Identity from the body", "Default code", "Cross-ticket attachment",
    "Races", "Reusable links", "Leaking sidebars", "Logs",
)  # fmt: skip
_ELLIPSIS = "…"


def existing() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("document", ["security.md", "threat-model.md"])
def test_every_test_a_document_names_exists(document: str) -> None:
    names = re.findall(rf"`{_ELLIPSIS}?(test_\w+{_ELLIPSIS}?)`", (ROOT / "docs" / document).read_text())
    there = existing()
    missing = [
        name
        for name in names
        if not any(each == name or (name.endswith(_ELLIPSIS) and each.startswith(name[:-1])) for each in there)
    ]
    assert missing == []
    assert len(names) > 30


def test_every_class_of_fault_has_a_row_with_tests() -> None:
    rows = (ROOT / "docs" / "security.md").read_text().splitlines()
    for name in CLASSES:
        row = next((row for row in rows if row.startswith(f"| **{name}**")), "")
        assert row.count("`test_") >= 2, name
