"""Drawing the borders of a community's grids in one go: lines that two grids share are moved once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.actions.areas import update_area
from grids.actions.buildings import move_buildings
from grids.models import Area, AreaBorder
from grids.territory.border_set import judge_set, set_stamp
from grids.territory.following import Moved, move_along

_SYSTEM = Actor.system("grid-borders")


@transaction.atomic
def save_border_set(
    community: Area,
    *,
    borders: Mapping[int, Any],
    apart_reason: str = "",
    buildings_follow: bool = False,
    stamp: str = "",
    actor: Actor,
) -> int:
    """Save the borders of all grids of a community at once; a wrong set changes nothing.

    A grid of several pieces needs a reason (S3-20). With ``buildings_follow`` buildings that lie in another grid move
    there with everything that hangs on them (``following``). Returns how many borders changed.

    Raises ``NotAllowed``, ``Invalid``: ``wrong_borders`` (among others: lists the buildings left out, S1-09b),
    ``apart_reason_missing``; ``DomainError``: ``area_ended``, ``changed_meanwhile``, and what a follower refuses.
    """
    require_administrator(actor)
    found = Area.objects.select_for_update().get(pk=community.pk)
    if found.ended_on is not None or found.level != "community":
        raise DomainError("area_ended", _("这个社区已停用。"))
    now = set_stamp(found)
    if stamp and stamp != now:
        words = _("您打开这一页以后，别人改过边界。请看下面的新图，确认后再保存一次。")
        raise DomainError("changed_meanwhile", words, stamp=now)
    judged = judge_set(found, borders, move_buildings=buildings_follow)
    if judged.problems:
        raise Invalid("wrong_borders", " ".join(judged.problems), fields={"borders": list(judged.problems)})
    if judged.apart and not apart_reason.strip():
        names = "、".join(Area.objects.filter(pk__in=judged.apart).order_by("path").values_list("name", flat=True))
        words = _("不连片：{names} 会分成几块，请写明原因。").format(names=names)
        raise Invalid("apart_reason_missing", words, fields={"apart_reason": [words]})
    old = {row.area_id: row for row in AreaBorder.objects.filter(area_id__in=borders)}
    changed = []
    for pk, geometry in borders.items():
        kept = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
        reason = apart_reason.strip() if pk in judged.apart else ""
        row = old.get(pk)
        if row is not None and (row.geometry, row.split_reason) == (kept, reason):
            continue
        AreaBorder.objects.update_or_create(area_id=pk, defaults={"geometry": kept, "split_reason": reason})
        changed.append(pk)
    moved = _buildings_follow(judged.moves, actor) if buildings_follow else {}
    bump_reference()
    audit.record(
        "border.replace_set", actor=actor, object_kind="area", object_id=found.pk, grids=changed, moved=moved
    )  # fmt: skip
    return len(changed)


def _buildings_follow(moves: Any, actor: Actor) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    by_pair: dict[tuple[int, int], list[Any]] = defaultdict(list)
    grids: dict[int, Area] = {}
    for row, grid in moves:
        by_pair[row.grid_id, grid.pk].append(row)
        grids[grid.pk] = grid
    for (old_id, new_id), rows in by_pair.items():
        move_buildings([row.pk for row in rows], grid=grids[new_id], actor=_SYSTEM)
        homes = sum(row.household_count for row in rows)
        for pk, step in ((old_id, -homes), (new_id, homes)):
            area = Area.objects.get(pk=pk)
            update_area(
                area, name=area.name, household_count=max(0, area.household_count + step),
                resident_count=area.resident_count, actor=_SYSTEM,
            )  # fmt: skip
        bump_reference()
        old = Area.objects.get(pk=old_id)
        for name, count in move_along(Moved(old, {row.pk: grids[new_id] for row in rows}, None, actor)).items():
            total[name] += count
        total["buildings"] += len(rows)
    return dict(total)
