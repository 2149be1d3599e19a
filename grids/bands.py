"""How many households a grid should have, and the grids that have more, fewer or none written down.

A size out of the band is a warning, never a refusal (inventory S0-07).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Abs
from django.utils.translation import gettext_lazy as _

from grids.models import Area, HouseholdBand, Level

KINDS = Area.GridKind
# Registers that know no kinds leave it empty: those grids are 基础网格.
DEFAULT_KIND = KINDS.BASIC


@dataclass(frozen=True)
class Band:
    """From ``minimum`` to ``maximum`` households, both allowed. A maximum of 0: this kind is not judged by size."""

    minimum: int
    maximum: int

    @property
    def is_judged(self) -> bool:
        return self.maximum > 0


# Shipped, to be adjusted by the district. 基础网格: 300–500 户 is the common band (standards B.1, inventory S1-09b);
# S0-07 keeps to 200–300. 微网格: a staircase to a few buildings, our own proposal. 专属网格 are schools,
# markets, offices: they have no households to speak of.
SHIPPED: dict[str, Band] = {
    KINDS.BASIC: Band(300, 500),
    KINDS.MICRO: Band(30, 100),
    KINDS.EXCLUSIVE: Band(0, 0),
}

STATES = {
    "large": _("太大"),
    "small": _("太小"),
    "unknown": _("没有登记户数"),
}


def bands() -> dict[str, Band]:
    """The band of each kind in the district in scope."""
    own = {row.grid_kind: Band(row.minimum, row.maximum) for row in HouseholdBand.objects.all()}
    return {kind: own.get(kind, band) for kind, band in SHIPPED.items()}


def kind_of(area: Area) -> str:
    return area.grid_kind or DEFAULT_KIND


def _of_kind(kind: str) -> Q:
    return Q(grid_kind__in=("", kind)) if kind == DEFAULT_KIND else Q(grid_kind=kind)


def state_of(households: int, band: Band) -> str:
    """``large``, ``small``, ``unknown``, or empty where the size fits or is not judged."""
    if not band.is_judged:
        return ""
    if households == 0:
        return "unknown"
    return "large" if households > band.maximum else "small" if households < band.minimum else ""


def misfits(known: dict[str, Band], state: str = "", kind: str = "") -> QuerySet[Area]:
    """Grids in use outside their band, the furthest off first; ``off`` says by how many households.

    ``state`` and ``kind`` narrow it. Grids without a number stand last.
    """
    wanted, off = Q(pk__in=()), []
    for each, band in known.items():
        if not band.is_judged or kind not in ("", each):
            continue
        of_kind = _of_kind(each)
        above, below = of_kind & Q(household_count__gt=band.maximum), of_kind & Q(household_count__lt=band.minimum)
        parts = {"large": above, "small": below & Q(household_count__gt=0), "unknown": of_kind & Q(household_count=0)}
        for name, condition in parts.items():
            if state in ("", name):
                wanted |= condition
        off.append(When(above, then=F("household_count") - band.maximum))
        off.append(When(below & Q(household_count__gt=0), then=band.minimum - F("household_count")))
    rows = Area.objects.filter(wanted, level=Level.GRID, ended_on=None)
    distance = Case(*off, default=Value(0), output_field=IntegerField()) if off else Value(0)
    return rows.annotate(off=Abs(distance)).order_by("-off", "path")


def count_misfits(known: dict[str, Band]) -> Counter[str]:
    """How many grids are in each state, by one statement; ``grids`` counts all in use."""
    found: Counter[str] = Counter()
    rows = Area.objects.filter(level=Level.GRID, ended_on=None).values_list("grid_kind", "household_count")
    for kind, households in rows:
        found["grids"] += 1
        if state := state_of(households, known.get(kind or DEFAULT_KIND, Band(0, 0))):
            found[state] += 1
    return found
