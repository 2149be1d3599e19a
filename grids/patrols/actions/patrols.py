"""A patrol: begun, ended, taken back, gone on with. The phone may say when, because what it says may arrive later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid, NotFound
from grids.patrols.models import Patrol, PatrolCrew, PatrolPoint, PatrolPointCheck
from grids.patrols.plans import plans_of
from grids.patrols.policies import require_walker, walked_grids
from grids.patrols.shifts import shift_for

State, Result = Patrol.State, Patrol.Result
OVERNIGHT = timedelta(hours=6)
"""A patrol that goes past midnight ends so long after it began."""
UNDO = timedelta(minutes=10)
NOTE_LENGTH = 500
MOST_OF_A_ROLE = 99


@dataclass(frozen=True)
class PatrolSaid:
    """``at``: when it began, as the phone says; ``crew``: role → how many walk along (联防)."""

    client_id: UUID
    grid_id: int
    at: datetime | None = None
    crew: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def start_patrol(said: PatrolSaid, *, actor: Actor) -> Patrol:
    """Begin a patrol of a grid one walks. What is planned for the moment it began is its shift.

    The same ``client_id`` again gives the same patrol. A running one of an earlier day is left as 未结束. Raises
    ``NotAllowed``, ``NotFound`` (not the actor's grid), ``Invalid`` by field, ``patrol_running`` (409).
    """
    require_walker(actor)
    assert actor.membership_id is not None
    if said.grid_id not in [grid.id for grid in walked_grids(actor)]:
        raise NotFound("no_grid", _("没有这个网格，或者不归您巡查。"))
    crew = {role: number for role, number in said.crew.items() if number}
    if not set(crew) <= set(PatrolCrew.Role.values) or any(not 1 <= n <= MOST_OF_A_ROLE for n in crew.values()):
        sentence = _("一起去的人，每种最多 {most} 位。").format(most=MOST_OF_A_ROLE)
        raise Invalid("bad_crew", sentence, fields={"crew": [sentence]})
    known = Patrol.objects.filter(client_id=said.client_id).first()
    if known is not None:
        if known.walker_id != actor.membership_id:
            raise NotFound("no_patrol", _("没有这次巡查。"))
        return known
    at = clock.believed(said.at)
    day = clock.local(at).date()
    _leave_earlier(actor.membership_id, at)
    running = Patrol.objects.filter(walker_id=actor.membership_id, state=State.RUNNING).first()
    if running is not None:
        since = f"{clock.local(running.started_at):%H:%M}"
        raise DomainError("patrol_running", _("{time}开始的巡查还没有结束，请先结束它。").format(time=since))
    shift = shift_for(plans_of([said.grid_id], day, day), at, work_calendar())
    row = Patrol.objects.create(
        client_id=said.client_id, grid_id=said.grid_id, plan_id=shift.plan_id if shift else None,
        shift=shift.code if shift else "", day=day, walker_id=actor.membership_id, started_at=at,
        recorded_at=clock.now(),
    )  # fmt: skip
    PatrolCrew.objects.bulk_create(PatrolCrew(patrol=row, role=role, number=number) for role, number in crew.items())
    audit.record("patrol.start", actor=actor, object_kind="patrol", object_id=row.pk)
    return row


@transaction.atomic
def finish_patrol(
    patrol: Patrol, *, actor: Actor, at: datetime | None = None, result: str = "", note: str = ""
) -> Patrol:
    """End one's own patrol. With matters recorded in it the result is 有发现 whatever is said; nothing said is 正常.

    What the task has already called 未结束 is still ended by a phone that says it was ended that day. Raises
    ``Invalid``, ``patrol_over`` (409).
    """
    row = _own(patrol, actor)
    if row.state not in (State.RUNNING, State.UNFINISHED):
        raise DomainError("patrol_over", _("这次巡查已经结束了。"))
    if result and result not in Result.values:
        raise Invalid("bad_result", _("请选巡查结果。"), fields={"result": [_("请选巡查结果。")]})
    if len(note) > NOTE_LENGTH:
        sentence = _("最多 {limit} 字。").format(limit=NOTE_LENGTH)
        raise Invalid("long_note", sentence, fields={"note": [sentence]})
    ended = max(clock.believed(at), row.started_at)
    if clock.local(ended).date() != row.day and ended - row.started_at > OVERNIGHT:
        raise DomainError("patrol_over", _("这次巡查当天没有按结束，已记为“未结束”。"))
    row.ended_at = ended
    row.result = Result.FINDINGS if row.find_count else result or Result.NORMAL
    row.note = note.strip()
    return _store(row, State.FINISHED, actor)


@transaction.atomic
def withdraw_patrol(patrol: Patrol, *, actor: Actor) -> Patrol:
    """Take back a patrol begun by mistake: within ten minutes, with nothing recorded. Raises ``too_late`` (409)."""
    row = _own(patrol, actor)
    if row.state != State.RUNNING or row.find_count or clock.now() - row.started_at > UNDO:
        raise DomainError("too_late", _("开始十分钟以内、还没有报过事的巡查才能撤回。"))
    return _store(row, State.WITHDRAWN, actor)


@transaction.atomic
def resume_patrol(patrol: Patrol, *, actor: Actor) -> Patrol:
    """Go on with a patrol ended by mistake: within ten minutes. Raises ``too_late``, ``patrol_running`` (409)."""
    row = _own(patrol, actor)
    if row.state != State.FINISHED or row.ended_at is None or clock.now() - row.ended_at > UNDO:
        raise DomainError("too_late", _("结束十分钟以内的巡查才能接着巡。"))
    if Patrol.objects.filter(walker_id=row.walker_id, state=State.RUNNING).exists():
        raise DomainError("patrol_running", _("另一次巡查正在进行，请先结束它。"))
    row.ended_at, row.result = None, ""
    return _store(row, State.RUNNING, actor)


@transaction.atomic
def check_point(patrol: Patrol, point_id: int, *, actor: Actor, at: datetime | None = None) -> PatrolPointCheck:
    """到点: at a point of the safety plan this patrol belongs to. When is kept, where is not. Twice counts once.

    Raises ``NotFound``, ``patrol_over`` (409).
    """
    row = _own(patrol, actor)
    if row.state != State.RUNNING:
        raise DomainError("patrol_over", _("这次巡查已经结束了。"))
    point = PatrolPoint.objects.filter(pk=point_id, plan_id=row.plan_id).first() if row.plan_id else None
    if point is None:
        raise NotFound("no_point", _("这次巡查没有这个巡查点。"))
    moment = max(clock.believed(at), row.started_at)
    return PatrolPointCheck.objects.get_or_create(patrol=row, point=point, defaults={"at": moment})[0]


def count_find(actor: Actor) -> int | None:
    """The actor's running patrol, which has one find more; None where there is none. One statement, or two.

    Called in the transaction that records the matter.
    """
    if actor.membership_id is None:
        return None
    running = Patrol.objects.filter(walker_id=actor.membership_id, state=State.RUNNING)
    pk = running.values_list("pk", flat=True).first()
    if pk is not None:
        Patrol.objects.filter(pk=pk).update(find_count=F("find_count") + 1)
    return pk


def close_unfinished() -> int:
    """Nightly: what still runs from an earlier day is left as 未结束 and counts for nothing. Returns how many."""
    rows = Patrol.objects.filter(state=State.RUNNING, day__lt=clock.today())
    count = rows.update(state=State.UNFINISHED)
    if count:
        audit.record("patrol.unfinished", actor=Actor.system("upkeep"), object_kind="patrol", count=count)
    return count


def find_own(actor: Actor, client_id: UUID, *, lock: bool = False) -> Patrol:
    """A patrol of the actor's own. Raises ``NotAllowed`` for who does not walk, else ``NotFound``."""
    require_walker(actor)
    rows = Patrol.objects.filter(client_id=client_id, walker_id=actor.membership_id or 0)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound("no_patrol", _("没有这次巡查，或者不是您的。"))
    return found


def _own(patrol: Patrol, actor: Actor) -> Patrol:
    return find_own(actor, patrol.client_id, lock=True)


def _leave_earlier(membership_id: int, at: datetime) -> None:
    """Nobody is still on the way from another day."""
    rows = Patrol.objects.filter(walker_id=membership_id, state=State.RUNNING)
    rows.filter(day__lt=clock.local(at).date()).update(state=State.UNFINISHED)


def _store(row: Patrol, state: str, actor: Actor) -> Patrol:
    row.state = state
    row.save(update_fields=["state", "ended_at", "result", "note"])
    audit.record(f"patrol.{state}", actor=actor, object_kind="patrol", object_id=row.pk)
    return row
