"""What the clocks of whistles do by themselves: red at a limit, and a refusal nobody decided is not granted.

Built like ``actions.sweep``: a batch is one transaction that locks whistles with a due target (SKIP LOCKED), fires
everything due on them in order and writes it in a fixed number of statements. The unique key (target, stage) of the
transitions is the second lock.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake import whistle_workflow as workflow
from requests_intake.models import Whistle, WhistleTarget
from requests_intake.whistle_mover import Called, WhistleMover, load_many, unplan

logger = logging.getLogger(__name__)

SWEEP = Actor.system("whistle_sweep")
BATCH = 500
T = workflow.TargetState


def sweep_whistles(*, batch: int = BATCH) -> int:
    """Fire everything due in the district in scope. Returns how many stages fired."""
    fired = 0
    while True:
        try:
            with transaction.atomic():
                count, taken = _sweep(_due(clock.now(), batch), clock.now())
        except Exception:
            logger.exception("a batch of whistles failed; firing them one by one")
            count, taken = _singly(clock.now(), batch)
        fired += count
        if taken == 0:
            return fired


def _due(moment: datetime, limit: int) -> list[int]:
    rows = WhistleTarget.objects.filter(next_fire_at__lte=moment).order_by("next_fire_at")
    return list(dict.fromkeys(rows.values_list("whistle_id", flat=True)[:limit]))


def _sweep(ids: list[int], moment: datetime) -> tuple[int, int]:
    """Stages fired and whistles taken."""
    # What somebody else is moving just now is left to them, or to the next sweep.
    locked = list(Whistle.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=ids).order_by("pk"))
    if not locked:
        return 0, 0
    mover = WhistleMover(SWEEP, at=moment)
    fired = sum(_fire_due(mover, called, moment) for called in load_many(locked))
    mover.flush()
    return fired, len(locked)


def _singly(moment: datetime, limit: int) -> tuple[int, int]:
    """After a failed batch: each whistle in a transaction of its own; one that fails is set aside and stops nobody."""
    fired = taken = 0
    with transaction.atomic():
        ids = _due(moment, limit)
    for pk in ids:
        try:
            with transaction.atomic():
                count, found = _sweep([pk], moment)
            fired, taken = fired + count, taken + found
        except Exception as error:
            logger.exception("clocks of whistle %s set aside", pk)
            taken += 1
            with transaction.atomic():
                WhistleTarget.objects.filter(whistle_id=pk, next_fire_at__lte=moment).update(
                    next_fire_at=None, set_aside_at=moment, set_aside_reason=f"{type(error).__name__}: {error}"[:200]
                )
    return fired, taken


def _fire_due(mover: WhistleMover, called: Called, moment: datetime) -> int:
    fired = 0
    while True:
        due = [row for row in called.targets if row.next_fire_at and row.next_fire_at <= moment]
        if not due:
            return fired
        _fire(mover, called, min(due, key=lambda row: (row.next_fire_at, row.pk)))
        fired += 1


def _fire(mover: WhistleMover, called: Called, row: WhistleTarget) -> None:
    planned = row.planned()
    assert planned is not None
    stage, planned_at = planned
    unplan(row, stage)
    row.lamp = "over"
    if stage == "accept":
        row.is_late_accept = True
    elif stage == "arrive":
        row.is_late_arrival = True
    elif stage == "decide":
        # Nobody decided: the refusal is not granted, the duty remains (SLA D.7).
        row.ruling, row.ruled_at, row.accepted_at = WhistleTarget.Ruling.LAPSED, mover.at, mover.at
    else:
        raise ValueError(f"no stage {stage!r}")
    name = "lapse" if stage == "decide" else "stage"
    target = row if name == "lapse" else None
    transition = mover.move(name, called, target, stage=stage, planned_at=planned_at.isoformat())
    transition.target = row
    transition.payload["organization"] = row.organization_id
