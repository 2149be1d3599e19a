"""What of the register is cached per district: the tags and service roles in use."""

from __future__ import annotations

from collections.abc import Mapping

from governance.kernel.reference import per_district
from grids.households.models import HouseholdTag, ServiceRole


@per_district
def tags() -> Mapping[int, HouseholdTag]:
    """Every tag there ever was, by id, in the order of the colours; those in use have no ``ended_on``."""
    order = list(HouseholdTag.Colour.values)
    rows = sorted(HouseholdTag.objects.all(), key=lambda tag: (order.index(tag.colour), tag.pk))
    return {tag.pk: tag for tag in rows}


def tags_in_use() -> list[HouseholdTag]:
    return [tag for tag in tags().values() if tag.ended_on is None]


@per_district
def service_roles() -> tuple[ServiceRole, ...]:
    return tuple(ServiceRole.objects.filter(ended_on=None).order_by("position", "pk"))
