"""Compounds over the grids of each community, and their buildings."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from random import Random

from grids.generation.numbers import cut_points, varied_parts
from grids.generation.spec import DistrictSpec, Words
from grids.generation.territory import Land
from grids.models import Area, Building, Compound, Organization

_PER_BUILDING = 46  # households, about: three entrances with two flats on each of seven or eight floors


@dataclass(frozen=True)
class _Shape:
    """A building before it has a compound."""

    grid: Area
    spot: tuple[float, float]
    households: int
    units: int
    floors: int


def build_compounds(spec: DistrictSpec, words: Words, land: Land, companies: dict[int | None, Organization]) -> None:
    """Fill every community with buildings and put them together to compounds.

    The buildings of a community stand in a row, grid after grid, and are cut into as many runs as it has compounds: so
    a compound may lie over two grids and a grid hold two compounds, as in the field (read_first 2). The households of a
    grid's buildings add up to the grid's. ``companies``: property company by street id.
    """
    rng = spec.random("compounds")
    kinds = [(group.kind, group.management) for group in spec.compounds for _ in range(group.count)]
    rng.shuffle(kinds)
    names = _names(spec, words, [kind for kind, _ in kinds], rng)
    addresses = _addresses(words, len(kinds), rng)
    counts = _counts(land, len(kinds))
    compounds: list[Compound] = []
    runs: list[list[_Shape]] = []
    for community, count in zip(land.communities, counts, strict=True):
        shapes = [shape for grid in land.grids_of(community) for shape in _shapes(grid, land, rng)]
        start = 0
        for end in cut_points(len(shapes), count, rng):
            kind, management = kinds[len(compounds)]
            company = companies[community.street_id] if management == "professional" else None
            compounds.append(
                Compound(
                    name=names[len(compounds)],
                    kind=kind,
                    management=management,
                    community=community,
                    address=addresses[len(compounds)],
                    property_company=company,
                    is_generated=names[len(compounds)] not in spec.compound_names,
                )
            )
            runs.append(shapes[start:end])
            start = end
    Compound.objects.bulk_create(compounds)
    Building.objects.bulk_create(
        (
            _building(compound, number, shape)
            for compound, run in zip(compounds, runs, strict=True)
            for number, shape in enumerate(run, start=1)
        ),
        batch_size=2000,
    )


def _counts(land: Land, total: int) -> list[int]:
    """Compounds per community, in proportion to its grids, at least one each."""
    counts, given, before = [], 0, 0
    for community in land.communities:
        before += len(land.grids_of(community))
        upto = max(given + 1, round(total * before / len(land.grids)))
        counts.append(upto - given)
        given = upto
    return counts


def _shapes(grid: Area, land: Land, rng: Random) -> list[_Shape]:
    count = max(2, round(grid.household_count / _PER_BUILDING))
    mean = grid.household_count / count
    sizes = varied_parts(grid.household_count, count, rng, low=int(mean * 0.6), high=ceil(mean * 1.5))
    spots = land.tiling.spots(land.cells[grid.pk], count)
    return [_Shape(grid, spot, size, *_units_and_floors(size, rng)) for spot, size in zip(spots, sizes, strict=True)]


def _units_and_floors(households: int, rng: Random) -> tuple[int, int]:
    """Two flats on each floor of an entrance; six storeys without a lift, eleven or eighteen with one."""
    floors = rng.choice((6, 6, 6, 7, 11) if households < 50 else (6, 7, 11, 18))
    return max(1, ceil(households / (2 * floors))), floors


def _building(compound: Compound, number: int, shape: _Shape) -> Building:
    return Building(
        grid=shape.grid,
        compound=compound,
        number=str(number),
        name=f"{compound.name}{number}号楼",
        address=f"{compound.address}{compound.name}{number}号楼",
        lng=shape.spot[0],
        lat=shape.spot[1],
        unit_count=shape.units,
        floor_count=shape.floors,
        household_count=shape.households,
        is_generated=True,
    )


def _names(spec: DistrictSpec, words: Words, kinds: list[str], rng: Random) -> list[str]:
    """A name of its own for each compound, ending as is usual for its kind; the stated names first."""
    stated = list(spec.compound_names)
    used: set[str] = set(stated)
    names = stated
    places = list(words.places)
    for kind in kinds[len(stated) :]:
        endings = words.compound_endings[kind]
        while True:
            name = rng.choice(places) + rng.choice(endings)
            if name not in used:
                break
        used.add(name)
        names.append(name)
    return names


def _addresses(words: Words, count: int, rng: Random) -> list[str]:
    """A street and number of its own for each compound."""
    every = [f"{place}{road}" for place in words.places if place[-1] not in "街巷" for road in words.roads]
    return [f"{road}{rng.randint(1, 199)}号" for road in rng.sample(every, count)]
