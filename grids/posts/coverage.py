"""一长一员 and 一社区一警一法律顾问一司法总顾问: which posts nobody holds today, and which grids are too large.

Read from the cached territory: no statement but the two for the sizes of grids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from governance.kernel import clock
from grids.bands import DEFAULT_KIND, Band, bands, state_of
from grids.models import Area, PostKind
from grids.reference import AreaRef, Holder, territory

GRID_POSTS = (PostKind.GRID_LEADER, PostKind.PARTY_INSTRUCTOR)
"""Exactly one active each (S0-07)."""
COMMUNITY_POSTS = (PostKind.COMMUNITY_POLICE, PostKind.LEGAL_ADVISER)
DISTRICT_POSTS = (PostKind.CHIEF_JUSTICE_ADVISER,)
FILTERS = ("vacant", "large")
"""缺岗, 超户."""


@dataclass(frozen=True)
class Seat:
    """A kind of post in a place and who holds it that day; more than one is as wrong as none."""

    kind: str
    holders: Sequence[Holder]

    @property
    def is_vacant(self) -> bool:
        return not self.holders

    @property
    def is_crowded(self) -> bool:
        return len(self.holders) > 1


@dataclass(frozen=True)
class GridRow:
    """``size``: large, small, unknown or empty (``grids.bands``). A warning, never a refusal."""

    area: AreaRef
    seats: Sequence[Seat]
    households: int
    size: str
    band: Band

    @property
    def vacant(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.is_vacant]

    @property
    def is_large(self) -> bool:
        return self.size == "large"


@dataclass(frozen=True)
class Covered:
    """Of a kind of post: how many of ``places`` have somebody, and the places that have nobody."""

    kind: str
    places: int
    missing: Sequence[AreaRef]

    @property
    def filled(self) -> int:
        return self.places - len(self.missing)


@dataclass(frozen=True)
class Coverage:
    posts: Sequence[Covered]
    seats: dict[int, Sequence[Seat]] = field(default_factory=dict)
    """By area."""


def seats_of(area: AreaRef, kinds: Iterable[str], on: date | None = None) -> list[Seat]:
    """Who holds these posts of an area. Whoever is away still holds theirs."""
    places, day = territory(), on or clock.today()
    office = places.own.get(area.id)
    holders = [row for row in places.holders.get(office or 0, ()) if row.serves_on(day)]
    return [Seat(kind, [row for row in holders if row.kind == kind]) for kind in kinds]


def grid_rows(grids: Sequence[AreaRef], on: date | None = None) -> list[GridRow]:
    """Two statements, whatever the number of grids."""
    known = bands()
    rows = Area.objects.filter(pk__in=[grid.id for grid in grids]).values_list("pk", "grid_kind", "household_count")
    sizes = {pk: (kind or DEFAULT_KIND, households) for pk, kind, households in rows}
    found = []
    for grid in grids:
        kind, households = sizes[grid.id]
        band = known.get(kind, Band(0, 0))
        found.append(GridRow(grid, seats_of(grid, GRID_POSTS, on), households, state_of(households, band), band))
    return found


def narrowed(rows: Iterable[GridRow], wanted: str) -> list[GridRow]:
    """``vacant``: a post that nobody holds; ``large``: more households than the band allows."""
    tests = {"vacant": lambda row: bool(row.vacant), "large": lambda row: row.is_large}
    test = tests.get(wanted)
    return [row for row in rows if test is None or test(row)]


def coverage(communities: Sequence[AreaRef], *, district: bool = True, on: date | None = None) -> Coverage:
    """Of communities, and (``district``) of the district itself. No statement."""
    places = territory()
    seats: dict[int, Sequence[Seat]] = {area.id: seats_of(area, COMMUNITY_POSTS, on) for area in communities}
    posts = [_covered(kind, communities, seats) for kind in COMMUNITY_POSTS]
    if district:
        top = places.areas[places.district_area_id]
        seats[top.id] = seats_of(top, DISTRICT_POSTS, on)
        posts += [_covered(kind, [top], seats) for kind in DISTRICT_POSTS]
    return Coverage(posts, seats)


def _covered(kind: str, areas: Sequence[AreaRef], seats: dict[int, Sequence[Seat]]) -> Covered:
    missing = [area for area in areas if any(seat.kind == kind and seat.is_vacant for seat in seats[area.id])]
    return Covered(kind, len(areas), missing)
