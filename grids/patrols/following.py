"""Plans of patrols go along when grids are split or merged; patrols stay in the grid they were walked in."""

from __future__ import annotations

from governance.kernel import clock
from grids.models import Area
from grids.patrols.actions.plans import end_running
from grids.patrols.models import PatrolPlan, PatrolShift
from grids.territory.following import Moved, follow


def plans_follow(moved: Moved) -> int:
    """A grid founded by a split begins with the old one's shifts, so that no day goes unwalked; its points stay.

    A grid that ends has no plan from tomorrow on; its heir keeps its own, and takes the old one's where it has none.
    """
    today = clock.today()
    new = {area.pk: area for area in moved.to.values() if area.valid_from == today}
    if moved.heir is not None:
        new[moved.heir.pk] = moved.heir
    plans = PatrolPlan.objects.select_for_update(of=("self",)).filter(grid=moved.grid, ended_on=None).order_by("kind")
    count = 0
    for plan in plans:
        for area in new.values():
            if not PatrolPlan.objects.filter(grid=area, kind=plan.kind, ended_on=None).exists():
                _copy(plan, area)
        if moved.heir is not None:
            end_running(plan, today)
        count += 1
    return count


def _copy(plan: PatrolPlan, area: Area) -> None:
    row = PatrolPlan.objects.create(
        grid=area, kind=plan.kind, weekdays=plan.weekdays, on_days_off=plan.on_days_off,
        starts_on=max(plan.starts_on, clock.today()), made_by_id=plan.made_by_id, made_at=clock.now(),
    )  # fmt: skip
    PatrolShift.objects.bulk_create(
        PatrolShift(plan=row, code=shift.code, opens_at=shift.opens_at, closes_at=shift.closes_at)
        for shift in plan.shifts.all()
    )


follow("patrol_plans", plans_follow)
