"""The draw of what is looked at on site (SLA D.10, ADR 31), as arithmetic. Pure: no Django, no database, no clock.

A month has a secret seed. Its SHA-256, the commitment, is published before the first draw; the seed itself only when
the month is over. So nobody can know a draw beforehand or change one afterwards, and everybody can recompute it.
"""

from __future__ import annotations

import hashlib
import hmac

OUT_OF = 100


def commitment_of(seed: str) -> str:
    """What is published of a seed before it is used."""
    return hashlib.sha256(seed.encode()).hexdigest()


def value_of(seed: str, number: str, turn: int) -> int:
    """From 0 to 99: the draw of a ticket's ``turn``-th time of being reported done. Chosen is what lies below the
    percentage."""
    digest = hmac.new(seed.encode(), f"{number}/{turn}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") % OUT_OF
