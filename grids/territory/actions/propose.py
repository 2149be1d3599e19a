"""A community's secretary proposes to split or merge a grid, and may take it back until the street has decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.models import Area
from grids.reference import territory
from grids.territory.judging import Judged, judge_merge, judge_split
from grids.territory.models import GridChange, GridChangeBuilding, GridChangePart
from grids.territory.policies import DECIDERS, find_grid, may_propose, require_proposer

MOST_PARTS = 4
REASON_LENGTH = 200
APART_LENGTH = 120
NAME_LENGTH = 60


@transaction.atomic
def propose_split(
    grid: Area, *, names: Sequence[str], choice: Mapping[int, int], reason: str, apart_reason: str = "", actor: Actor
) -> GridChange:
    """``names`` of the grids it becomes, the first keeps what the grid is; ``choice``: building id → its part, from 0.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid``: ``wrong_names``, ``buildings_left`` (lists them, S1-09b),
    ``apart_reason_missing`` (S3-20), ``reason_missing``; ``DomainError`` ``already_proposed``.
    """
    found, said = _begin(grid, actor), [name.strip() for name in names]
    _check_names(found, said)
    judged = judge_split(found, said, choice)
    change = _record(
        found, judged, "choice", GridChange.Kind.SPLIT, reason=reason, apart_reason=apart_reason, actor=actor
    )
    for number, piece in enumerate(judged.pieces):
        part = GridChangePart.objects.create(change=change, place=number + 1, name=piece.name, geometry=piece.geometry)
        GridChangeBuilding.objects.bulk_create(
            GridChangeBuilding(change=change, part=part, building=row) for row in piece.buildings
        )
    return change


@transaction.atomic
def propose_merge(grid: Area, *, into: Area, reason: str, apart_reason: str = "", actor: Actor) -> GridChange:
    """``grid`` is to go into its neighbour ``into``. Raises as a split, and ``wrong_target``."""
    found = _begin(grid, actor)
    target = Area.objects.get(pk=into.pk)
    judged = judge_merge(found, target)
    if GridChange.objects.filter(grid=target, state=GridChange.State.PROPOSED).exists():
        raise _taken(target)
    said = {"reason": reason, "apart_reason": apart_reason}
    return _record(found, judged, "target", GridChange.Kind.MERGE, **said, actor=actor, target=target)


@transaction.atomic
def withdraw_change(change: GridChange, *, actor: Actor) -> GridChange:
    """The community takes its proposal back. Raises ``NotAllowed`` and ``DomainError`` ``already_decided``."""
    require_proposer(actor)
    found = lock_proposal(change)
    if not may_propose(actor, found.community_id):
        raise DomainError("other_community", _("只有提出的社区能撤回。"))
    found.state, found.decided_at = GridChange.State.WITHDRAWN, clock.now()
    found.decided_by_id = actor.membership_id
    found.save(update_fields=["state", "decided_at", "decided_by"])
    told("grid_change.withdraw", found, actor)
    return found


def lock_proposal(change: GridChange) -> GridChange:
    """The proposal, locked and still open. Raises ``DomainError`` ``already_decided``."""
    found = (
        GridChange.objects.select_for_update(of=("self",))
        .select_related("grid", "target", "community")
        .get(pk=change.pk)
    )
    if found.state != GridChange.State.PROPOSED:
        words = _("这项调整已经不在待审批：{state}。").format(state=found.get_state_display())
        raise DomainError("already_decided", words, state=found.state)
    return found


def _begin(grid: Area, actor: Actor) -> Area:
    found = find_grid(actor, grid.pk)
    # One after another within a community: two proposals must not take the same grid at once.
    Area.objects.select_for_update().get(pk=found.community_id)
    taken = GridChange.objects.filter(state=GridChange.State.PROPOSED)
    if taken.filter(grid=found).exists() or taken.filter(target=found).exists():
        raise _taken(found)
    return found


def _taken(grid: Area) -> DomainError:
    return DomainError(
        "already_proposed", _("“{name}”已经有一项待审批的调整，先等它定下来或撤回。").format(name=grid.name)
    )


def _check_names(grid: Area, names: Sequence[str]) -> None:
    problem = ""
    if not 2 <= len(names) <= MOST_PARTS:
        problem = _("一次拆成二到四个网格。")
    elif not all(names) or any(len(name) > NAME_LENGTH for name in names):
        problem = _("每个网格都要有名称，最多 60 字。")
    elif len(set(names)) != len(names):
        problem = _("几个网格不能同名。")
    else:
        near = Area.objects.filter(parent_id=grid.parent_id, ended_on=None).exclude(pk=grid.pk)
        taken = sorted(set(near.values_list("name", flat=True)) & set(names))
        if taken:
            problem = _("本社区已有叫“{name}”的网格。").format(name=taken[0])
    if problem:
        raise Invalid("wrong_names", problem, fields={"names": [problem]})


def _record(
    grid: Area, judged: Judged, field: str, kind: str, *, reason: str, apart_reason: str, actor: Actor, **more: Any
) -> GridChange:
    if judged.problems:
        code = "buildings_left" if kind == GridChange.Kind.SPLIT else "wrong_target"
        raise Invalid(code, " ".join(judged.problems), fields={field: list(judged.problems)})
    check_reasons(judged, reason, apart_reason)
    change: GridChange = GridChange.objects.create(
        kind=kind, community_id=grid.community_id, grid=grid, reason=reason.strip(),
        apart_reason=apart_reason.strip() if judged.apart else "", proposed_by_id=actor.membership_id,
        proposed_at=clock.now(), **more,
    )  # fmt: skip
    told("grid_change.propose", change, actor, kind=str(kind), into=change.target_id)
    _tell_deciders(change)
    return change


def check_reasons(judged: Judged, reason: str, apart_reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason_missing", _("请写明为什么调整。"), fields={"reason": [_("请写明为什么调整。")]})
    if judged.apart and not apart_reason.strip():
        words = _("不连片：{names} 会分成几块，请写明原因。").format(names="、".join(judged.apart))
        raise Invalid("apart_reason_missing", words, fields={"apart_reason": [words]})


def _tell_deciders(change: GridChange) -> None:
    places, day = territory(), clock.today()
    office = places.own.get(places.areas[change.community_id].street_id or 0)
    people = {row.membership_id for row in places.serving(office, day) if row.kind in DECIDERS} if office else set()
    text = _("{community}提出{kind}{grid}，等您审批").format(
        community=places.area_name(change.community_id), kind=change.get_kind_display(), grid=change.grid.name
    )
    notify(people, change, "proposed", text)


def notify(people: set[int], change: GridChange, what: str, text: str) -> None:
    tell([
        Notice(
            membership_id=pk, source=f"grid-change:{change.pk}:{what}", kind="grid_change", text=text,
            brief=_("网格调整"), path=f"/desk/territory/{change.pk}/", created_at=clock.now(),
        )
        for pk in sorted(people)
    ])  # fmt: skip


def told(action: str, change: GridChange, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind="grid_change", object_id=change.pk, grid=change.grid_id, **detail)
