"""Freeing ended forces and closed nominations of names and numbers after their term."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from governance.kernel import clock
from governance.privacy.holders import Removed
from governance.privacy.holds import held
from grids.posts.actions.forces import FORCE
from grids.posts.models import Candidate, Force, NominationRound


def due_forces(before: datetime) -> list[int]:
    """Ended before that day, and not freed yet; the longest ended first."""
    day: date = clock.local(before).date()
    rows = Force.objects.filter(ended_on__lt=day, erased_at=None).exclude(pk__in=held(FORCE))
    return list(rows.order_by("ended_on", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_forces(ids: Sequence[int]) -> tuple[int, Removed]:
    """Remove name, contact and number; that there was such a force, of which kind and skills, stays."""
    rows = Force.objects.filter(pk__in=ids, ended_on__isnull=False, erased_at=None)
    free = list(rows.exclude(pk__in=held(FORCE, ids)).order_by("pk").select_for_update().values_list("pk", flat=True))
    count = Force.objects.filter(pk__in=free).update(
        name="", contact="", phone="", phone_hash="", erased_at=clock.now()
    )
    return count, Counter(forces=count)


def due_nominations(before: datetime) -> list[int]:
    """Closed before that moment, with a candidate who still has a name; the longest closed first."""
    named = Candidate.objects.annotate(written=Length("name")).filter(written__gt=0).values("round_id")
    rows = NominationRound.objects.filter(closed_at__lt=before, pk__in=named)
    return list(rows.order_by("closed_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_nominations(ids: Sequence[int]) -> tuple[int, Removed]:
    """Remove names, numbers and words of candidates; how many households stood behind whom stays."""
    closed = NominationRound.objects.filter(pk__in=ids, closed_at__isnull=False)
    rows = Candidate.objects.filter(round__in=closed.values("pk"))
    count = closed.count()
    return count, Counter(candidates=erase_candidates(rows))


def erase_candidates(rows: QuerySet[Candidate]) -> int:
    return rows.update(name="", phone="", phone_hash="", says="")
