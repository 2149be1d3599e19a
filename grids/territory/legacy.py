"""References from older systems' grids to ours: the list and the conflicts (S3-19)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from grids.territory.models import LegacyGridRef


@dataclass(frozen=True)
class Conflict:
    """One older grid that lies in several of ours."""

    system: str
    code: str
    name: str
    grids: tuple[str, ...]


def references(system: str = "", text: str = "") -> QuerySet[LegacyGridRef]:
    """By system and code; ``text``: a code or a grid's name."""
    rows = LegacyGridRef.objects.select_related("grid", "grid__community").order_by("system", "code", "grid__path")
    if system:
        rows = rows.filter(system=system)
    if text:
        rows = rows.filter(code__icontains=text) | rows.filter(grid__name__icontains=text)
    return rows


def systems() -> list[tuple[str, int]]:
    """Names of the older systems, with how many references each has."""
    return list(LegacyGridRef.objects.values_list("system").annotate(Count("pk")).order_by("system"))


def conflicts() -> list[Conflict]:
    """Older grids that lie in more than one of ours (1:n), by system and code. Two statements."""
    several = (
        LegacyGridRef.objects.values("system", "code")
        .annotate(number=Count("grid", distinct=True))
        .filter(number__gt=1)
    )
    wanted = {(row["system"], row["code"]) for row in several}
    found: dict[tuple[str, str], list[LegacyGridRef]] = {}
    codes = {code for _system, code in wanted}
    for row in references().filter(code__in=codes):
        if (row.system, row.code) in wanted:
            found.setdefault((row.system, row.code), []).append(row)
    return [
        Conflict(system, code, next((row.name for row in rows if row.name), ""), tuple(row.grid.name for row in rows))
        for (system, code), rows in found.items()
    ]
