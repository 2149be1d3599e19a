"""The product's own source, read as a tree: what the tests of edges look for, so that a new case is never forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "governance",
    "grids",
    "requests_intake",
    "analytics",
    "party_org",
    "services",
    "deliberation",
)
APART = ("devstack", "migrations", "life", "bulk", "generation")  # the launcher, history, and what makes demo data


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Dotted name and tree of every module that serves somebody."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not set(path.relative_to(ROOT).parts[:-1]) & set(APART):
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield name, ast.parse(path.read_text())


def called(node: ast.AST) -> str:
    """``csv.writer`` for a call of it; empty for anything else."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def parameters(source: str) -> set[str]:
    """Names that the product reads from ``request.GET`` (or ``POST``)."""
    found = set()
    for _name, tree in modules():
        for node in ast.walk(tree):
            first: ast.AST | None = None
            if isinstance(node, ast.Call) and called(node).endswith((f".{source}.get", f".{source}.getlist")):
                first = node.args[0] if node.args else None
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(f".{source}"):
                first = node.slice
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found
