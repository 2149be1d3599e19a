"""Plans of the running and coming months go along when a grid ends; visits stay in the grid they were made in."""

from __future__ import annotations

from governance.kernel import clock
from grids.territory.following import Moved, follow
from grids.visits.models import ContactMember, MustVisit, VisitPlan

MOST = 32_767  # what the column holds


def plans_follow(moved: Moved) -> int:
    """An ended grid's months are added to its heir's: the households are now the heir's to reach.

    Where the heir has no plan of the month it gets the old one's. After a split the plan stays with the old grid, and
    the new ones have the usual number until somebody sets another.
    """
    if moved.heir is None:
        return 0
    month = clock.today().replace(day=1)
    count = 0
    known = {row.month: row for row in VisitPlan.objects.select_for_update().filter(grid=moved.heir, month__gte=month)}
    for row in VisitPlan.objects.select_for_update().filter(grid=moved.grid, month__gte=month):
        there = known.get(row.month)
        if there is None:
            row.grid = moved.heir
            row.save(update_fields=["grid"])
        else:
            there.target = min(MOST, there.target + row.target)
            there.save(update_fields=["target"])
        count += 1
    return count


follow("plans", plans_follow)


def must_visits_follow(moved: Moved) -> int:
    """Open duties go where the building of their household went; those at a place go to the heir."""
    waiting = MustVisit.objects.filter(grid=moved.grid, closed_at=None)
    count = 0
    for building_id, grid in moved.to.items():
        count += waiting.filter(household__building_id=building_id).update(grid=grid)
    if moved.heir is not None:
        count += waiting.filter(household=None).update(grid=moved.heir)
    return count


def members_follow(moved: Moved) -> int:
    """Contact members of an ended grid are the heir's."""
    if moved.heir is None:
        return 0
    return ContactMember.objects.filter(grid=moved.grid, ended_on=None).update(grid=moved.heir)


follow("must_visits", must_visits_follow)
follow("contact_members", members_follow)
