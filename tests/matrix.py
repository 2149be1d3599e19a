"""The permission matrix, read from its file: what each address answers to each of the cast."""

from __future__ import annotations

from pathlib import Path


def rows() -> list[tuple[str, str, list[int]]]:
    """Address, method and statuses of every row of `permission_matrix.txt`, in its order."""
    found = []
    for line in Path(__file__).with_name("permission_matrix.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, method, *statuses = line.split()
            found.append((name, method, [int(status) for status in statuses]))
    return found
