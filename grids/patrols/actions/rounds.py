"""Heads of buildings and units walk through their own house (巡楼, S1-04a): a list, each 好 or 有问题."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid, NotFound
from grids.heads import held
from grids.patrols.models import BuildingRound

Item, Mark = BuildingRound.Item, BuildingRound.Mark


@transaction.atomic
def record_round(
    building_id: int, *, marks: Mapping[str, str], actor: Actor, at: datetime | None = None
) -> BuildingRound:
    """Keep what the head of a building saw there. Everything of the list has to be said.

    ``at``: as a phone says that was without a network, believed for three days. Raises ``NotFound`` where the actor
    heads nothing of the building, and ``Invalid`` by item.
    """
    mine = [head for head in held(actor.membership_id or 0) if head.building_id == building_id]
    if not mine:
        raise NotFound("no_building", _("没有这栋楼，或者不归您管。"))
    unsaid = {item.value: [_("请选“好”或“有问题”。")] for item in Item if marks.get(item.value) not in Mark.values}
    if unsaid:
        raise Invalid("bad_marks", _("还有没看的，请补上。"), fields=unsaid)
    said = {item.value: marks[item.value] for item in Item}
    row = BuildingRound.objects.create(
        building_id=building_id,
        # Who heads the building and a unit of it walks for the building.
        unit=None if any(head.unit is None for head in mine) else mine[0].unit,
        walker_id=actor.membership_id, at=clock.believed(at), recorded_at=clock.now(), marks=said,
        problem_count=sum(mark == Mark.PROBLEM for mark in said.values()),
    )  # fmt: skip
    audit.record("round.record", actor=actor, object_kind="building_round", object_id=row.pk)
    return row


def mark_reported(row: BuildingRound, *, actor: Actor) -> BuildingRound:
    """What was wrong on this round has been sent in: it is asked for no more. Twice is once."""
    found = find_own_round(actor, row.pk)
    if found.reported_at is None and found.problem_count:
        found.reported_at = clock.now()
        found.save(update_fields=["reported_at"])
    return found


def find_own_round(actor: Actor, pk: int) -> BuildingRound:
    """A round of the actor's own, of a building still headed. Raises ``NotFound``."""
    buildings = {head.building_id for head in held(actor.membership_id or 0)}
    row = BuildingRound.objects.filter(pk=pk, walker_id=actor.membership_id or 0, building_id__in=buildings).first()
    if row is None:
        raise NotFound("no_round", _("没有这次巡楼，或者不是您的。"))
    return row


def latest_rounds(actor: Actor) -> dict[int, BuildingRound]:
    """The actor's last round of each building still headed, by building. One statement."""
    buildings = {head.building_id for head in held(actor.membership_id or 0)}
    rows = BuildingRound.objects.filter(walker_id=actor.membership_id or 0, building_id__in=buildings)
    return {row.building_id: row for row in rows.order_by("building_id", "-at", "-pk").distinct("building_id")}
