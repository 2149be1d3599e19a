"""Streets, communities and grids of a district, with borders that tile it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil, floor
from random import Random

from django.db.models import F

from grids.generation.numbers import varied_parts
from grids.generation.spec import DistrictSpec, Words
from grids.generation.tiling import Cell, Tiling, blob, divide
from grids.models import Area, AreaBorder, Level

SINCE = date(2017, 1, 1)  # before the oldest message that is replayed
_PEOPLE_PER_HOUSEHOLD = (2.2, 3.0)


@dataclass
class Land:
    """The areas that were made. ``cells`` is by grid id."""

    district: Area
    streets: list[Area]
    communities: list[Area]
    grids: list[Area]
    tiling: Tiling
    cells: dict[int, Cell] = field(default_factory=dict)

    def grids_of(self, community: Area) -> list[Area]:
        return [grid for grid in self.grids if grid.community_id == community.pk]


def lay_out(spec: DistrictSpec, words: Words) -> Land:
    """Make the areas and borders. A community's grids are numbered west to east, then to the south (standards B.1)."""
    rng = spec.random("division")
    cells = blob(spec.grids, spec.random("outline"))
    tiling = Tiling(cells, spec.center, spec.random("corners"))
    grid_counts = _about_even(spec.grids, spec.communities, rng)
    community_counts = _about_even(spec.communities, spec.streets, rng)
    of_street = _consecutive(grid_counts, community_counts)
    street_cells = divide(cells, [sum(counts) for counts in of_street])
    community_cells = [
        sorted(part, key=lambda cell: (-cell[1], cell[0]))
        for part, counts in zip(street_cells, of_street, strict=True)
        for part in divide(part, counts)
    ]

    top = Area.objects.create(
        level=Level.DISTRICT, code=spec.area_code, name=spec.name, path=spec.area_code, valid_from=SINCE
    )
    places = spec.random("area names").sample(words.places, spec.streets + spec.communities)
    street_names = [f"{place}演示街道" for place in places[: spec.streets]]
    streets = _make(Level.STREET, [(top, name, True) for name in street_names], [spec.streets])
    stated = [*spec.community_names]
    names = [f"{place}社区" for place in places[spec.streets :]]
    names = stated + names[len(stated) :]
    parents = [street for street, count in zip(streets, community_counts, strict=True) for _ in range(count)]
    communities = _make(
        Level.COMMUNITY,
        [(street, name, name not in stated) for street, name in zip(parents, names, strict=True)],
        community_counts,
    )
    grids = _make_grids(spec, communities, grid_counts)
    land = Land(top, streets, communities, grids, tiling)
    for area, cell in zip(grids, [cell for part in community_cells for cell in part], strict=True):
        land.cells[area.pk] = cell
    _draw(land, list(zip(streets, street_cells, strict=True)), list(zip(communities, community_cells, strict=True)))
    _sum_up(land)
    return land


def _about_even(total: int, parts: int, rng: Random) -> list[int]:
    mean = total / parts
    return varied_parts(total, parts, rng, low=max(1, floor(mean * 0.7)), high=ceil(mean * 1.4))


def _consecutive(values: Sequence[int], counts: Sequence[int]) -> list[list[int]]:
    """[1, 2, 3, 4] in runs of 3 and 1: [[1, 2, 3], [4]]."""
    left = iter(values)
    return [[next(left) for _ in range(count)] for count in counts]


def _make(level: Level, rows: list[tuple[Area, str, bool]], counts: Sequence[int]) -> list[Area]:
    """Insert areas of one level: parent, name, whether the name was made up. ``counts``: children per parent."""
    numbers = [number for count in counts for number in range(1, count + 1)]
    areas = [
        Area(
            level=level,
            code=f"{parent.code}{number:03d}",
            name=name,
            parent=parent,
            path=f"{parent.path}.{number:03d}",
            street_id=parent.street_id,
            community_id=parent.community_id,
            grid_kind=Area.GridKind.BASIC if level == Level.GRID else "",
            valid_from=SINCE,
            is_generated=generated,
        )
        for (parent, name, generated), number in zip(rows, numbers, strict=True)
    ]
    Area.objects.bulk_create(areas)
    Area.objects.filter(level=level).update(**{f"{level}_id": F("id")})
    for area in areas:
        setattr(area, f"{level}_id", area.pk)
    return areas


def _make_grids(spec: DistrictSpec, communities: list[Area], counts: list[int]) -> list[Area]:
    rows = [
        (community, f"{community.name}第{number}网格", True)
        for community, count in zip(communities, counts, strict=True)
        for number in range(1, count + 1)
    ]
    grids = _make(Level.GRID, rows, counts)
    rng = spec.random("households")
    low, high = spec.households_per_grid
    if spec.households is None:
        households = [rng.randint(low, high) for _ in grids]
    else:
        households = varied_parts(spec.households, len(grids), rng, low=low, high=high)
    residents = [round(count * rng.uniform(*_PEOPLE_PER_HOUSEHOLD)) for count in households]
    if spec.residents is not None:
        residents = _scaled(residents, spec.residents)
    for grid, household_count, resident_count in zip(grids, households, residents, strict=True):
        grid.household_count, grid.resident_count = household_count, resident_count
    return grids


def _scaled(values: list[int], total: int) -> list[int]:
    """Whole numbers in the same proportions that add up to ``total``."""
    scaled, given, before = [], 0, 0
    for value in values:
        before += value
        upto = round(total * before / sum(values))
        scaled.append(upto - given)
        given = upto
    return scaled


def _draw(land: Land, streets: list[tuple[Area, list[Cell]]], communities: list[tuple[Area, list[Cell]]]) -> None:
    grids = [(area, [land.cells[area.pk]]) for area in land.grids]
    everything = [(land.district, list(land.cells.values())), *streets, *communities, *grids]
    AreaBorder.objects.bulk_create(
        AreaBorder(area=area, geometry=land.tiling.outline(cells)) for area, cells in everything
    )


def _sum_up(land: Land) -> None:
    """Households and residents of the larger areas are the sums of their grids'."""
    above: dict[int | None, Area] = {area.pk: area for area in [land.district, *land.streets, *land.communities]}
    for grid in land.grids:
        for pk in (land.district.pk, grid.street_id, grid.community_id):
            above[pk].household_count += grid.household_count
            above[pk].resident_count += grid.resident_count
    Area.objects.bulk_update([*above.values(), *land.grids], ["household_count", "resident_count"], batch_size=500)
