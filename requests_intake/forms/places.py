"""Places as a resident names them: communities, the buildings of one, and a search over all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from governance.kernel.reference import per_district
from grids.gazetteer import plain
from grids.locate import gazetteer
from grids.models import Building, Compound
from grids.reference import territory

FOUND_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class BuildingName:
    """A building in words: ``label`` (春晓花园1号楼), the compound, community and grid it stands in.

    ``property_id``: the company that manages the compound, if one does.
    """

    id: int
    label: str
    compound_id: int | None
    compound: str
    community_id: int | None
    community: str
    plain: str
    grid_id: int
    property_id: int | None


@per_district
def buildings() -> tuple[BuildingName, ...]:
    """Every building of the district, in the order of communities, compounds and numbers."""
    areas = territory().areas
    compounds = {
        pk: (name, company) for pk, name, company in Compound.objects.values_list("id", "name", "property_company_id")
    }
    found = []
    for pk, name, number, grid_id, compound_id in Building.objects.filter(ended_on=None).values_list(
        "id", "name", "number", "grid_id", "compound_id"
    ):
        grid = areas.get(grid_id)
        community_id = grid.community_id if grid else None
        compound, company = compounds.get(compound_id, ("", None)) if compound_id else ("", None)
        label = name if compound in name else f"{compound}{name}"
        community = territory().area_name(community_id)
        row = BuildingName(
            pk, label, compound_id, compound, community_id, community, plain(f"{community}{label}"), grid_id, company
        )
        found.append((community, compound, number.rjust(6), row))
    return tuple(row for _community, _compound, _number, row in sorted(found, key=lambda item: item[:3]))


def building_name(building_id: int | None) -> BuildingName | None:
    return next((row for row in buildings() if row.id == building_id), None) if building_id else None


def community_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The communities by street, as grouped choices of a select."""
    found = territory()
    return [
        (street.name, [(str(area.id), area.name) for area in found.children(street.id, "community")])
        for street in found.at_level("street")
    ]


def building_choices(community_id: int | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """The buildings of a community by compound, as grouped choices of a select."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in buildings():
        if community_id is not None and row.community_id == community_id:
            groups.setdefault(row.compound or _("其他楼栋"), []).append((str(row.id), row.label))
    return list(groups.items())


def search_buildings(text: str) -> list[BuildingName]:
    """Buildings a written address may mean, at most eight: all its words in the name, else what the gazetteer reads."""
    words = [plain(word) for word in text.split() if plain(word)]
    if not words:
        return []
    found = _first(row for row in buildings() if all(word in row.plain for word in words))
    if found:
        return found
    mention = gazetteer().find(text)
    if mention is None or mention.place.kind != "compound":
        return []
    named = [row for row in buildings() if row.compound_id == mention.place.id]
    exact = [row for row in named if mention.building and plain(f"{row.compound}{mention.building}号楼") in row.plain]
    return _first(exact or named)


def _first(rows: Iterable[BuildingName]) -> list[BuildingName]:
    return [row for row, _n in zip(rows, range(FOUND_AT_MOST), strict=False)]
