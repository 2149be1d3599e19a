"""What serves a grid goes along when it ends; after a split it stays with the old grid.

Choices of a head, votes and law-abiding buildings hang on their building and go with it without a row of their own;
business lines are a community's, which no change of grids touches.
"""

from __future__ import annotations

from grids.posts.models import Force
from grids.territory.following import Moved, follow


def forces_follow(moved: Moved) -> int:
    """Who helped in a grid that ends helps in its heir; who has left the list stays where they helped."""
    if moved.heir is None:
        return 0
    return Force.objects.filter(area_id=moved.grid.pk, ended_on=None).update(area_id=moved.heir.pk)


follow("forces", forces_follow)
