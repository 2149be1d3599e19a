"""What the apps hold of people. Each registers its kinds of data here; terms, erasure and copies reach all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Removed = Counter[str]
"""How many of what was removed, by code (see ``WORDS``)."""


@dataclass(frozen=True)
class Kind:
    """Data that is kept for a term and then freed of persons.

    ``due(before)``: ids whose term began before that moment and that still hold something, the oldest first.
    ``scrub(ids)``: frees them in the running transaction and says what was removed; takes only what is still due, and
    nothing that is held. ``object_kind`` names its objects in holds; empty where a hold is not possible.
    Terms are in months; ``months`` is the default, ``least`` and ``most`` are the bounds a district may choose in.
    """

    code: str
    label: Any
    begins: Any
    what: Any
    months: int
    least: int
    most: int
    why: Any
    due: Callable[[datetime], list[int]]
    scrub: Callable[[Sequence[int]], tuple[int, Removed]]
    object_kind: str = ""
    find: Callable[[str], tuple[int, str] | None] | None = None
    """Where a hold is possible: id and label of the object of that number, its row locked."""


@dataclass
class Erased:
    """What an erasure did: objects freed, what was removed, what must stay and why (by reason code)."""

    objects: int = 0
    removed: Removed = field(default_factory=Counter)
    kept: Removed = field(default_factory=Counter)

    def __iadd__(self, other: Erased) -> Erased:
        self.objects += other.objects
        self.removed += other.removed
        self.kept += other.kept
        return self


@dataclass(frozen=True)
class Section:
    """Part of a copy: a heading, and rows of label → value; ``files`` are (name in the archive, key in the storage)."""

    title: str
    rows: list[dict[str, str]]
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Holder:
    """What an app holds on one telephone number (digits only), in the district in scope.

    ``preview`` says what ``erase`` would do. ``correct`` gives the person another name and number (empty: unchanged)
    and says how many rows it changed.
    """

    export: Callable[[str], list[Section]]
    erase: Callable[[str], Erased]
    preview: Callable[[str], Erased]
    correct: Callable[[str, str, str], int] = lambda phone, name, new_phone: 0


KINDS: dict[str, Kind] = {}
HOLDERS: list[Holder] = []
LABELS: dict[str, Callable[[Iterable[int]], dict[int, str]]] = {}
"""By kind of object: what people call the objects of these ids (numbers, never names of persons)."""


def register_kind(kind: Kind) -> None:
    if not kind.least <= kind.months <= kind.most:
        raise ValueError(f"{kind.code}: the default term is outside its bounds")
    KINDS[kind.code] = kind


def register_holder(holder: Holder) -> None:
    HOLDERS.append(holder)


def register_labels(object_kind: str, labels: Callable[[Iterable[int]], dict[int, str]]) -> None:
    LABELS[object_kind] = labels
