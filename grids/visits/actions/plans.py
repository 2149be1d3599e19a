"""How many households a grid means to reach in a month."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from grids.visits.models import VisitPlan
from grids.visits.months import first_of
from grids.visits.policies import find_grid, require_planner

MOST = 2_000


@transaction.atomic
def set_target(grid_id: int, month: date, target: int, *, actor: Actor) -> VisitPlan:
    """The grid means to reach ``target`` households in that month, this one or a coming one.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid`` by field.
    """
    find_grid(actor, grid_id)
    require_planner(actor)
    wrong: dict[str, list[str]] = {}
    if not 1 <= target <= MOST:
        wrong["target"] = [_("请填 1 到 {most} 户。").format(most=MOST)]
    if first_of(month) < first_of(clock.today()):
        wrong["month"] = [_("过去的月份不能再改。")]
    if wrong:
        raise Invalid("plan_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row, _fresh = VisitPlan.objects.update_or_create(
        grid_id=grid_id, month=first_of(month),
        defaults={"target": target, "set_by_id": actor.membership_id, "set_at": clock.now()},
    )  # fmt: skip
    audit.record("visit_plan.change", actor=actor, object_kind="visit_plan", object_id=row.pk, target=target)
    return row
