"""Setting and ending the plan of a grid. A change holds from the next day: what was planned stays planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock, features
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.patrols.models import Patrol, PatrolPlan, PatrolPoint, PatrolShift
from grids.patrols.points import PATROL_POINTS
from grids.patrols.policies import find_planned_grid

Kind, Code = PatrolPlan.Kind, PatrolShift.Code
MOST_POINTS = 20
POINT_LENGTH = 40


@dataclass(frozen=True)
class PlanSaid:
    """``shifts``: code → (from, to), times of the day in Shanghai; ``weekdays``: 1 Monday … 7 Sunday.

    ``points``: only of a safety plan, and only while the district has a ground for it.
    """

    shifts: Mapping[str, tuple[time, time]]
    weekdays: Sequence[int] = (1, 2, 3, 4, 5)
    on_days_off: bool = False
    points: Sequence[str] = field(default=())


@transaction.atomic
def set_plan(grid_ids: Iterable[int], kind: str, said: PlanSaid, *, actor: Actor) -> list[PatrolPlan]:
    """Give each of these grids this plan of its kind, from today where it had none, else from tomorrow.

    A plan that nothing was walked by yet, of today or later, is replaced. Raises ``NotAllowed``, ``NotFound`` (not the
    actor's grid), ``Invalid`` by field.
    """
    grids = [find_planned_grid(actor, pk).id for pk in dict.fromkeys(grid_ids)]
    _check(kind, said)
    today = clock.today()
    known = {row.grid_id: row for row in _running(grids, kind)}
    made = []
    for grid_id in grids:
        old = known.get(grid_id)
        begins = today if old is None else end_running(old, today)
        row = PatrolPlan.objects.create(
            grid_id=grid_id, kind=kind, weekdays=sorted(set(said.weekdays)), on_days_off=said.on_days_off,
            starts_on=begins, made_by_id=actor.membership_id, made_at=clock.now(),
        )  # fmt: skip
        PatrolShift.objects.bulk_create(
            PatrolShift(plan=row, code=code, opens_at=opens, closes_at=closes)
            for code, (opens, closes) in said.shifts.items()
        )
        PatrolPoint.objects.bulk_create(
            PatrolPoint(plan=row, title=title.strip(), position=place) for place, title in enumerate(said.points)
        )
        audit.record("patrol_plan.set", actor=actor, object_kind="patrol_plan", object_id=row.pk, grid=grid_id)
        made.append(row)
    return made


@transaction.atomic
def end_plan(grid_id: int, kind: str, *, actor: Actor) -> None:
    """No more patrols are planned from tomorrow on; today's still count. Raises as ``set_plan``, and ``no_plan``."""
    find_planned_grid(actor, grid_id)
    row = next(iter(_running([grid_id], kind)), None)
    if row is None:
        raise DomainError("no_plan", _("这个网格没有在用的计划。"))
    end_running(row, clock.today())
    audit.record("patrol_plan.end", actor=actor, object_kind="patrol_plan", object_id=row.pk, grid=grid_id)


def _running(grid_ids: Sequence[int], kind: str) -> list[PatrolPlan]:
    rows = PatrolPlan.objects.filter(grid_id__in=grid_ids, kind=kind, ended_on=None)
    return list(rows.order_by("grid_id").select_for_update(of=("self",)))


def end_running(row: PatrolPlan, today: date) -> date:
    """End a plan; returns the day from which another one may hold."""
    if row.starts_on > today or (row.starts_on == today and not Patrol.objects.filter(plan=row).exists()):
        # It has not held a day and nobody walked by it: it is as if it had not been written.
        PatrolShift.objects.filter(plan=row).delete()
        PatrolPoint.objects.filter(plan=row).delete()
        begins = row.starts_on
        row.delete()
        return begins
    row.ended_on = today
    row.save(update_fields=["ended_on"])
    return today + timedelta(days=1)


def _check(kind: str, said: PlanSaid) -> None:
    wrong: dict[str, list[str]] = {}
    if kind not in Kind.values:
        wrong["kind"] = [_("请选计划的类型。")]
    if not said.weekdays or not set(said.weekdays) <= set(range(1, 8)):
        wrong["weekdays"] = [_("请选星期几巡查。")]
    if not said.shifts or not set(said.shifts) <= set(Code.values):
        wrong["shifts"] = [_("请至少留一个班次。")]
    else:
        wrong |= _check_hours(said.shifts)
    points = [title.strip() for title in said.points]
    if points and kind != Kind.SAFETY:
        wrong["points"] = [_("只有安全、应急巡查可以设巡查点。")]
    elif points and not features.is_on(PATROL_POINTS):
        wrong["points"] = [_("本区没有开通到点确认，请区管理员先登记依据。")]
    elif len(points) > MOST_POINTS or any(not 1 <= len(title) <= POINT_LENGTH for title in points):
        sentence = _("最多 {most} 个巡查点，每个最多 {length} 字。")
        wrong["points"] = [sentence.format(most=MOST_POINTS, length=POINT_LENGTH)]
    elif len(set(points)) != len(points):
        wrong["points"] = [_("有的巡查点写了两遍。")]
    if wrong:
        raise Invalid("plan_incomplete", next(iter(wrong.values()))[0], fields=wrong)


def _check_hours(shifts: Mapping[str, tuple[time, time]]) -> dict[str, list[str]]:
    for code, (opens, closes) in shifts.items():
        if opens >= closes:
            return {code: [_("结束要晚于开始。")]}
    ordered = sorted(shifts.items(), key=lambda item: item[1][0])
    for (_first, (_opens, ends)), (code, (begins, _closes)) in pairwise(ordered):
        if begins < ends:
            return {code: [_("和前一个班次的时间重叠了。")]}
    return {}
