"""The streets of a district as shapes for a drawing on the page."""

from __future__ import annotations

from governance.kernel.reference import per_district
from grids.drawing import Drawing, draw
from grids.models import AreaBorder, Level


@per_district
def street_map() -> Drawing | None:
    """The map of the district in scope, each shape under its street's id; None where no street has a border yet."""
    rows = AreaBorder.objects.filter(area__level=Level.STREET, area__ended_on=None).order_by("area_id")
    return draw(list(rows.values_list("area_id", "geometry")))
