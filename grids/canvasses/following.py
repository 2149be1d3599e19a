"""When a grid is split or merged, whom a running canvass asks stays the same, and answers go with their building."""

from __future__ import annotations

from grids.canvasses.models import CanvassAnswer, CanvassPlace
from grids.territory.following import Moved, follow


def places_follow(moved: Moved) -> int:
    """A chosen grid stays what it was: its buildings that left are chosen by themselves, the rest of the heir is not.

    Of canvasses that are erased nothing moves: their totals stay with the grid they were counted in.
    """
    rows = list(CanvassPlace.objects.select_for_update().filter(grid=moved.grid, canvass__erased_at=None))
    for row in rows:
        CanvassPlace.objects.bulk_create(
            [CanvassPlace(canvass_id=row.canvass_id, building_id=pk) for pk in moved.to], ignore_conflicts=True
        )
        if moved.heir is not None:
            row.delete()
    return len(rows)


def answers_follow(moved: Moved) -> int:
    answers = CanvassAnswer.objects.filter(grid=moved.grid)
    count = 0
    for building_id, grid in moved.to.items():
        count += answers.filter(household__building_id=building_id).update(grid=grid)
    if moved.heir is not None:
        count += answers.update(grid=moved.heir)  # of households that live elsewhere by now
    return count


follow("canvass_places", places_follow)
follow("canvass_answers", answers_follow)
