"""The answers go: on the day after the last one they may stay, on somebody's word before, on a person's request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.privacy.holders import Removed
from governance.privacy.holds import held
from grids.canvasses.actions.answers import take_places
from grids.canvasses.actions.canvasses import is_over
from grids.canvasses.figures import count, totals
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassTotal, CanvassValue
from grids.canvasses.policies import find_own, grids_of

CANVASS = "canvass"
"""Kind of object in holds and audit."""


@transaction.atomic
def erase_early(canvass: Canvass, *, actor: Actor) -> Canvass:
    """Erase the answers before their day; a canvass that still runs ends. There is no way back.

    Raises ``NotAllowed``, ``NotFound``, ``DomainError`` ``not_started``, ``already_erased``, ``held``.
    """
    row = find_own(actor, canvass.pk, lock=True)
    if row.started_at is None:
        raise DomainError("not_started", _("还没有开始，没有回答。不要了就删掉草稿。"))
    if row.erased_at is not None:
        raise DomainError("already_erased", _("回答已经删了。"))
    if held(CANVASS, [row.pk]):
        raise DomainError("held", _("回答已冻结：涉及复议、诉讼或调查，依法须保存，现在不能删。"))
    _erase(row, actor, is_early=True)
    return row


def erase_due(*, actor: Actor) -> int:
    """Nightly: erase the answers of every canvass whose last day for them is past (S4-09). Returns how many."""
    due = Canvass.objects.filter(erased_at=None, started_at__isnull=False, erase_after__lt=clock.today())
    ids = list(due.exclude(pk__in=held(CANVASS)).order_by("erase_after", "pk").values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            row = Canvass.objects.select_for_update().get(pk=pk)
            if row.erased_at is None:
                _erase(row, actor, is_early=False)
    return len(ids)


def due_canvasses(before: datetime) -> list[int]:
    """Those that ended before that moment and still have answers: the district's own term, shorter than theirs."""
    rows = Canvass.objects.filter(erased_at=None, started_at__isnull=False, ends_on__lt=clock.local(before).date())
    return list(rows.exclude(pk__in=held(CANVASS)).order_by("ends_on", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_canvasses(ids: Sequence[int]) -> tuple[int, Removed]:
    """For the keeping of terms (``governance.privacy``)."""
    rows = Canvass.objects.select_for_update().filter(pk__in=ids, erased_at=None, started_at__isnull=False)
    gone = 0
    found = list(rows.exclude(pk__in=held(CANVASS, ids)))
    for row in found:
        gone += _erase(row, Actor.system("canvasses"), is_early=False)
    return len(found), Counter(canvass_answers=gone)


def _erase(row: Canvass, actor: Actor, *, is_early: bool) -> int:
    """Count once more, keep the totals, delete every answer. The row is locked: an answer on its
    way waits, and finds the canvass erased."""
    answers = CanvassAnswer.objects.filter(canvass=row)
    where = {grid.id for grid in grids_of(row)} | set(answers.values_list("grid_id", flat=True).distinct())
    CanvassTotal.objects.bulk_create(totals(row, count(row, sorted(where))), batch_size=1_000)
    CanvassValue.objects.filter(answer__canvass=row).delete()
    gone, _by_model = answers.delete()
    now = clock.now()
    if not is_over(row):
        row.ended_at, row.ends_on = now, max(row.begins_on, min(row.ends_on, clock.today()))
    row.erased_at = now
    row.save(update_fields=["ended_at", "ends_on", "erased_at"])
    audit.record("canvass.erase", actor=actor, object_kind=CANVASS, object_id=row.pk, count=gone, early=is_early)
    return gone


@transaction.atomic
def forget_answers(household_ids: Sequence[int]) -> int:
    """On request: take the answers of these households out; places they had are free again, holds are kept."""
    rows = CanvassAnswer.objects.filter(household_id__in=household_ids).exclude(canvass_id__in=held(CANVASS))
    wanted = rows.values_list("canvass_id", flat=True).distinct()
    locked = {row.pk: row for row in Canvass.objects.select_for_update().filter(pk__in=list(wanted)).order_by("pk")}
    found = list(rows.filter(canvass_id__in=locked).order_by("pk"))
    for answer in found:
        take_places(locked[answer.canvass_id], answer, 0, None)
    CanvassValue.objects.filter(answer__in=found).delete()
    CanvassAnswer.objects.filter(pk__in=[answer.pk for answer in found]).delete()
    return len(found)
