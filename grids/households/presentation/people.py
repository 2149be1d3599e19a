"""Names of residents as they are shown: masked."""

from __future__ import annotations


def masked_resident(name: str) -> str:
    """张*三, 李*, 欧**娜: the first sign and, of three or more, the last (standards B.8)."""
    name = name.strip()
    if len(name) <= 1:
        return name and "*"
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]
