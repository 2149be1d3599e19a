"""党员中心户 on a map and in the list beside it (S2-04): by building, never a door."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F

from governance.kernel.actors import Actor
from grids.coordinates import from_wgs
from grids.households.policies import kept_grids
from grids.reference import AreaRef
from grids.visits.contacts import hubs_of


def hubs_on_map(actor: Actor, area: AreaRef | None, datum: str) -> list[dict[str, Any]]:
    """Buildings of the area with running hubs: ``id``, ``name``, ``count``, and ``at``, the point in the map's datum
    (None where the building has none).

    One statement; none, and nothing, for who keeps no household there. A hub whose household moved away is on no map
    until somebody takes over.
    """
    if area is None:
        return []
    grids = [each.id for each in kept_grids(actor) if f"{each.path}.".startswith(f"{area.path}.")]
    if not grids:
        return []
    here = hubs_of(actor).filter(building__grid_id__in=grids)
    rows = here.filter(household__ended_on=None, household__building=F("building"))
    found = (
        rows.order_by("building__name", "building_id")
        .values_list("building_id", "building__name", "building__lng", "building__lat")
        .annotate(count=Count("pk"))
    )
    return [
        {"id": pk, "name": name, "count": count, "at": None if lng is None else list(from_wgs((lng, lat), datum))}
        for pk, name, lng, lat, count in found
    ]
