"""The lists of a desk besides its inbox (台账): each registers itself, one page shows them with what waits in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from governance.kernel.actors import Actor
from grids.context_processors import reached_by


@dataclass(frozen=True)
class Ledger:
    """``kinds``: kinds of post that see it. ``waiting``: how many rows wait for this actor, in one statement; None
    where nothing waits for anybody. ``group``: heading it stands under. Texts are lazy translations."""

    code: str
    title: Any
    about: Any
    url_name: str
    kinds: frozenset[str]
    group: Any
    waiting: Callable[[Actor], int] | None = None
    icon: str = "list"


_LEDGERS: dict[str, Ledger] = {}


def register(ledger: Ledger) -> Ledger:
    """Called where the app starts (``apps.py``). Registering a code again replaces it."""
    _LEDGERS[ledger.code] = ledger
    # The lists below 台账 have addresses beside it, not below it.
    reached_by("desk:ledgers", ledger.url_name)
    return ledger


def ledgers_of(actor: Actor) -> list[Ledger]:
    """In the order they were registered, group by group."""
    seen = [ledger for ledger in _LEDGERS.values() if ledger.kinds & actor.role_kinds]
    groups = list(dict.fromkeys(str(ledger.group) for ledger in seen))
    return sorted(seen, key=lambda ledger: groups.index(str(ledger.group)))


def readers() -> Iterable[str]:
    """Kinds of post for whom at least one list is kept."""
    return frozenset().union(*(ledger.kinds for ledger in _LEDGERS.values())) if _LEDGERS else frozenset()
