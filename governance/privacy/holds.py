"""冻结: what must stay although its term is over or somebody asks for its erasure."""

from __future__ import annotations

from collections.abc import Iterable

from governance.privacy.models import LegalHold


def held(object_kind: str, ids: Iterable[int] | None = None) -> set[int]:
    """Ids of objects of a kind that are held now, of these ``ids`` or of all."""
    rows = LegalHold.objects.filter(object_kind=object_kind, lifted_at=None)
    if ids is not None:
        rows = rows.filter(object_id__in=list(ids))
    return set(rows.values_list("object_id", flat=True))
