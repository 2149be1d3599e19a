"""What people wrote about a patrol goes after its term; when and in which grid it was walked stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Length

from governance.privacy.holders import Removed
from grids.patrols.models import Patrol


def due_notes(before: datetime) -> list[int]:
    """Patrols begun before that moment that still have words, the oldest first."""
    rows = Patrol.objects.filter(started_at__lt=before).annotate(written=Length("note")).filter(written__gt=0)
    return list(rows.order_by("started_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_notes(ids: Sequence[int]) -> tuple[int, Removed]:
    """Remove the words of these patrols."""
    rows = Patrol.objects.filter(pk__in=ids).annotate(written=Length("note")).filter(written__gt=0)
    count = Patrol.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(note="")
    return count, Counter(patrol_notes=count)
