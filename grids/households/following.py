"""Places and things go along when grids are split or merged; households hang on their buildings and need nothing."""

from __future__ import annotations

from shapely.geometry import Point

from grids.geometry import polygon
from grids.households.models import GridElement, Household
from grids.models import AreaBorder
from grids.territory.following import Moved, follow


def elements_follow(moved: Moved) -> int:
    """With their building, else to the grid whose new border holds their point; all of a grid that ends to its heir."""
    rows = list(GridElement.objects.filter(grid=moved.grid, ended_on=None))
    borders = {
        row.area_id: polygon(row.geometry)
        for row in AreaBorder.objects.filter(area__in={area.pk for area in moved.to.values()})
    }
    areas = {area.pk: area for area in moved.to.values()}
    count = 0
    for row in rows:
        new = moved.to.get(row.building_id or 0) or moved.heir
        if new is None and row.building_id is None and row.lng is not None and row.lat is not None:
            spot = Point(row.lng, row.lat)
            new = next((areas[pk] for pk, drawn in borders.items() if drawn.contains(spot)), None)
        if new is not None:
            GridElement.objects.filter(pk=row.pk).update(grid=new)
            count += 1
    return count


def households_follow(moved: Moved) -> int:
    """Counted only: a household belongs to the grid of its building."""
    return Household.objects.filter(building_id__in=moved.to, ended_on=None).count()


follow("elements", elements_follow)
follow("households", households_follow)
