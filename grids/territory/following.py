"""What goes along when buildings change their grid: apps above register their own rows here, this one knows none.

Called inside the transaction of the approval, after the buildings stand in their new grids and before an abolished one
ends. A follower moves what is still running; what is finished stays where it was counted. It refuses with a
``DomainError`` what cannot be moved, and then nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from governance.kernel.actors import Actor
from grids.models import Area


@dataclass(frozen=True)
class Moved:
    """``to``: building id → its new grid, for every building that left ``grid``. ``heir``: the grid that takes what
    hangs on the old one and on no building; None where the old grid goes on. ``actor``: who approved."""

    grid: Area
    to: Mapping[int, Area]
    heir: Area | None
    actor: Actor


Follower = Callable[[Moved], int]
FOLLOWERS: dict[str, Follower] = {}


def follow(name: str, follower: Follower) -> None:
    """``name``: a short word for the kind of row, shown with the count; registered once when an app is ready."""
    FOLLOWERS[name] = follower


def move_along(moved: Moved) -> dict[str, int]:
    """Let everything follow; how many rows of each kind did."""
    return {name: follower(moved) for name, follower in sorted(FOLLOWERS.items())}
