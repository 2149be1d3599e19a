"""What the district has already, found by the names people write into a file."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Q

from governance.accounts.models import Membership, Staff, User
from governance.kernel import clock
from grids.actions.areas import OWN_KINDS
from grids.models import Area, AreaBorder, Building, Compound, Level, Organization, Post, PostAssignment, Room, Unit


class Register:
    """Objects by natural key. Each family is loaded when first asked for; planned rows are entered beside it.

    Keys are codes and names, never ids: a dry run refers to objects that have none yet.
    """

    @cached_property
    def areas(self) -> dict[str, Area]:
        found = {area.code: area for area in Area.objects.filter(ended_on=None).order_by("path")}
        by_id = {area.pk: area for area in found.values()}
        for area in found.values():
            # One object for each area, so that nothing is read again through a reference.
            area.parent = by_id.get(area.parent_id) if area.parent_id else None
        return found

    @cached_property
    def ended_codes(self) -> set[str]:
        return set(Area.objects.exclude(ended_on=None).values_list("code", flat=True))

    @cached_property
    def paths(self) -> set[str]:
        return set(Area.objects.values_list("path", flat=True))

    @cached_property
    def district_area(self) -> Area:
        return next(area for area in self.areas.values() if area.level == Level.DISTRICT)

    @cached_property
    def borders(self) -> dict[str, AreaBorder]:
        codes = {area.pk: area.code for area in self.areas.values()}
        return {codes[row.area_id]: row for row in AreaBorder.objects.all() if row.area_id in codes}

    @cached_property
    def organizations(self) -> dict[str, Organization]:
        found = {row.name: row for row in Organization.objects.order_by("id")}
        by_id = {row.pk: row for row in found.values()}
        for row in found.values():
            row.parent = by_id.get(row.parent_id) if row.parent_id else None
        return found

    @cached_property
    def own(self) -> dict[str, Organization]:
        """Code of an area → the organization that answers for it."""
        kinds = {*OWN_KINDS.values(), Organization.Kind.DISTRICT_CENTER.value}
        areas = {area.pk: area.code for area in self.areas.values() if area.pk is not None}
        return {
            areas[row.area_id]: row
            for row in self.organizations.values()
            if row.kind in kinds and row.ended_on is None and row.area_id in areas
        }

    @cached_property
    def compounds(self) -> dict[tuple[str, str], Compound]:
        """(code of the community, name)."""
        codes = {area.pk: area.code for area in self.areas.values()}
        return {(codes[row.community_id], row.name): row for row in Compound.objects.all() if row.community_id in codes}

    @cached_property
    def buildings(self) -> dict[tuple[str, str], Building]:
        """(code of the grid, name)."""
        codes = {area.pk: area.code for area in self.areas.values()}
        return {(codes[row.grid_id], row.name): row for row in Building.objects.all() if row.grid_id in codes}

    @cached_property
    def units(self) -> dict[tuple[str, str, int], Unit]:
        """(code of the grid, name of the building, number)."""
        keys = {row.pk: key for key, row in self.buildings.items()}
        return {(*keys[row.building_id], row.number): row for row in Unit.objects.all() if row.building_id in keys}

    @cached_property
    def rooms(self) -> dict[tuple[str, str, int, str], Room]:
        keys = {row.pk: key for key, row in self.units.items()}
        return {(*keys[row.unit_id], row.number): row for row in Room.objects.all() if row.unit_id in keys}

    @cached_property
    def posts(self) -> dict[tuple[str, str], Post]:
        """(name of the organization, name of the post)."""
        names = {row.pk: row.name for row in self.organizations.values()}
        return {(names[row.organization_id], row.name): row for row in Post.objects.filter(building=None)}

    @cached_property
    def _staff(self) -> list[Staff]:
        rows = Staff.objects.filter(membership__kind=Membership.Kind.STAFF).order_by("id")
        return list(rows.select_related("membership__user"))

    @cached_property
    def people(self) -> dict[str, list[Staff]]:
        """Keyed hash of the phone → members of staff."""
        found: dict[str, list[Staff]] = {}
        for row in self._staff:
            if row.phone_hash:
                found.setdefault(row.phone_hash, []).append(row)
        return found

    @cached_property
    def handles(self) -> dict[str, Staff]:
        return {row.membership.user.handle: row for row in self._staff}

    @cached_property
    def assignments(self) -> set[tuple[int, int]]:
        """(post, membership) that are not over."""
        running = PostAssignment.objects.filter(Q(until=None) | Q(until__gte=clock.today()))
        return set(running.values_list("post_id", "membership_id"))

    def is_taken(self, handle: str) -> bool:
        """Whether somebody outside this district signs in by that handle."""
        return User.objects.filter(handle=handle).exists()

    def organization_of(self, area: Area | None) -> Organization | None:
        """The organization of the area, else of the nearest area above it."""
        current: Any = area
        while current is not None:
            if current.code in self.own:
                return self.own[current.code]
            current = current.parent
        return None
