"""What apps above want to know of the register, in the same transaction: up is an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable

TagsChanged = Callable[[Iterable[int]], None]
_tags_changed: list[TagsChanged] = []


def on_tags_changed(tell: TagsChanged) -> None:
    """``tell`` is called with the ids of households whose tags were put on or came off, or who moved away."""
    if tell not in _tags_changed:
        _tags_changed.append(tell)


def tags_changed(household_ids: Iterable[int]) -> None:
    ids = list(household_ids)
    for tell in _tags_changed:
        tell(ids)
