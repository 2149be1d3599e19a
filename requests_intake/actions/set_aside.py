"""Clocks whose stage could not be fired: seen by the administrator, and let run on once the cause is mended.

The sweep sets such a clock aside so that it stops nobody else (``sweep.py``, ``whistle_sweep.py``); until it runs on,
nothing is reminded of and nothing goes up by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from requests_intake.actions.context import savepoint
from requests_intake.models import Clock, WhistleTarget

MOST = 200
"""So many are shown and let run on at once."""


@dataclass(frozen=True)
class SetAside:
    """``number`` of the ticket or the whistle; ``reason`` is what the programme said."""

    number: str
    clock: str
    since: datetime
    reason: str


def set_aside() -> list[SetAside]:
    """Those of the district in scope, the longest set aside first. Two statements."""
    clocks = _clocks().select_related("ticket").order_by("set_aside_at", "pk")[:MOST]
    found = [
        SetAside(row.ticket.number, row.get_kind_display(), row.set_aside_at, row.set_aside_reason)
        for row in clocks
        if row.set_aside_at is not None
    ]
    targets = _targets().select_related("whistle").order_by("set_aside_at", "pk")[:MOST]
    found += [
        SetAside(
            _("吹哨 {number}").format(number=row.whistle.number), _("报到"), row.set_aside_at, row.set_aside_reason
        )
        for row in targets
        if row.set_aside_at is not None
    ]
    return sorted(found, key=lambda row: row.since)[:MOST]


def count_set_aside() -> int:
    return _clocks().count() + _targets().count()


@savepoint
def run_on(*, actor: Actor) -> int:
    """Let them run on: what is due meanwhile fires with the next sweep, which sets aside again what still fails.

    Raises ``NotAllowed``, and ``DomainError('nothing_set_aside')`` where there is none.
    """
    require_administrator(actor)
    clocks = list(_clocks().select_for_update(of=("self",)).order_by("pk")[:MOST])
    for row in clocks:
        planned = row.planned(row.stage_index)
        row.next_fire_at = planned[1] if planned and row.paused_at is None else None
        row.set_aside_at, row.set_aside_reason = None, ""
    Clock.objects.bulk_update(clocks, ["next_fire_at", "set_aside_at", "set_aside_reason"])
    targets = list(_targets().select_for_update(of=("self",)).order_by("pk")[:MOST])
    for target in targets:
        planned = target.planned()
        target.next_fire_at = planned[1] if planned else None
        target.set_aside_at, target.set_aside_reason = None, ""
    WhistleTarget.objects.bulk_update(targets, ["next_fire_at", "set_aside_at", "set_aside_reason"])
    if not clocks and not targets:
        raise DomainError("nothing_set_aside", _("没有停下的钟，请刷新再看。"))
    audit.record("clock.run_on", actor=actor, count=len(clocks) + len(targets))
    return len(clocks) + len(targets)


def _clocks() -> QuerySet[Clock]:
    return Clock.objects.filter(set_aside_at__isnull=False, stopped_at=None)


def _targets() -> QuerySet[WhistleTarget]:
    return WhistleTarget.objects.filter(set_aside_at__isnull=False, ended_at=None)
