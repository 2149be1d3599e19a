"""Freeing visits of words about people: after their term, and when the household is freed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from governance.privacy.holders import Removed
from governance.privacy.holds import held
from grids.visits.actions.reveal import VISIT
from grids.visits.models import Visit


def worded(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits with words; an encrypted column can be asked for its length only."""
    return rows.annotate(written=Length("findings")).filter(written__gt=0)


def due_visits(before: datetime) -> list[int]:
    """Visits before that moment that still have words, the oldest first."""
    rows = worded(Visit.objects.filter(at__lt=before)).exclude(pk__in=held(VISIT))
    return list(rows.order_by("at", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_visits(ids: Sequence[int]) -> tuple[int, Removed]:
    """Remove the words; that there was a visit, and when, stays."""
    rows = worded(Visit.objects.filter(pk__in=ids).exclude(pk__in=held(VISIT, ids)))
    count = Visit.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(findings="")
    return count, Counter(visit_words=count)
