"""The territory of a district as one cached object: areas, organizations and who holds which post.

A district has some thousand areas and organizations; every page and every move needs a few of them. The cache is
exact (``kernel.reference``): whoever changes territory or posts bumps the version. Heads of buildings are many and
handle nothing: they are in none of it (``grids.heads``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from governance.accounts.models import Staff
from governance.kernel import clock
from governance.kernel.actors import ADVISERS, Actor, Role
from governance.kernel.reference import per_district
from grids.models import Absence, Area, Organization, Post, PostAssignment


@dataclass(frozen=True, slots=True)
class AreaRef:
    """An area without its border. ``street_id`` and so on hold the area itself at its own level."""

    id: int
    level: str
    code: str
    name: str
    parent_id: int | None
    path: str
    street_id: int | None
    community_id: int | None
    grid_id: int | None

    def is_within(self, above: AreaRef) -> bool:
        """Whether it is the other or lies in it."""
        return self.id == above.id or self.path.startswith(f"{above.path}.")


@dataclass(frozen=True, slots=True)
class OrganizationRef:
    id: int
    name: str
    kind: str
    level: str
    area_id: int
    parent_id: int | None
    department_kind: str
    phone: str
    stationed_street_id: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a post, from ``since`` to ``until`` (inclusive; open where None)."""

    membership_id: int
    name: str
    post_id: int
    post_name: str
    kind: str
    is_leader: bool
    organization_id: int
    since: date
    until: date | None

    def serves_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


ADMINISTRATION = frozenset({"district_admin", "security_admin", "audit_admin"})
"""Kinds of post that administer the platform and handle no matter."""
BESIDE = frozenset({"network_liaison", "report_officer", "mediator"}) | ADVISERS
"""Kinds of post beside the one that handles: nothing is handed to them because they happen to be there."""


@dataclass(frozen=True, slots=True)
class Away:
    """Days somebody is away (both inclusive), and who stands in; nobody where ``deputy_id`` is None."""

    since: date
    until: date
    deputy_id: int | None
    deputy_name: str


@dataclass(frozen=True)
class Territory:
    areas: Mapping[int, AreaRef]
    organizations: Mapping[int, OrganizationRef]
    own: Mapping[int, int]  # area id → id of the organization that answers for it
    holders: Mapping[int, tuple[Holder, ...]]  # organization id → past, present and coming holders
    posts: Mapping[int, int]  # organization id → number of posts, held or not
    district_area_id: int
    absences: Mapping[int, tuple[Away, ...]] = field(default_factory=dict)  # membership id → present and past days away
    _by_code: Mapping[str, int] = field(repr=False, default_factory=dict)

    def area_name(self, area_id: int | None) -> str:
        return self.areas[area_id].name if area_id is not None and area_id in self.areas else ""

    def organization_name(self, organization_id: int | None) -> str:
        found = None if organization_id is None else self.organizations.get(organization_id)
        return found.name if found else ""

    def area_by_code(self, code: str) -> AreaRef | None:
        found = self._by_code.get(code)
        return None if found is None else self.areas[found]

    def center(self) -> OrganizationRef:
        """The district centre, which every district has and which answers when nobody else does."""
        return self.organizations[self.own[self.district_area_id]]

    def children(self, area_id: int, level: str | None = None) -> list[AreaRef]:
        return [area for area in self.areas.values() if area.parent_id == area_id and level in (None, area.level)]

    def at_level(self, level: str) -> list[AreaRef]:
        return [area for area in self.areas.values() if area.level == level]

    def away(self, membership_id: int, day: date) -> Away | None:
        """The absence of a member on a day."""
        return next((row for row in self.absences.get(membership_id, ()) if row.since <= day <= row.until), None)

    def serving(self, organization_id: int, on: date | None = None) -> list[Holder]:
        """Who acts in the posts there on a day (today by default), leaders last.

        Whoever is away is left out; a deputy stands in their place, as a holder of the same post.
        """
        day = on or clock.today()
        found = []
        for holder in self.holders.get(organization_id, ()):
            if holder.serves_on(day):
                away = self.away(holder.membership_id, day)
                if away is None:
                    found.append(holder)
                elif away.deputy_id is not None:
                    found.append(replace(holder, membership_id=away.deputy_id, name=away.deputy_name))
        return sorted(found, key=lambda holder: (holder.is_leader, holder.post_id))

    def held_by(self, membership_id: int, on: date | None = None) -> list[Holder]:
        """The posts a member may act in on a day: their own, and those of the people they stand in for."""
        day = on or clock.today()
        return [
            holder
            for holders in self.holders.values()
            for holder in holders
            if holder.serves_on(day)
            and (holder.membership_id == membership_id or self._stands_in(membership_id, holder, day))
        ]

    def _stands_in(self, membership_id: int, holder: Holder, day: date) -> bool:
        away = self.away(holder.membership_id, day) if holder.membership_id in self.absences else None
        return away is not None and away.deputy_id == membership_id

    def leader(self, organization_id: int, on: date | None = None) -> Holder | None:
        return next((holder for holder in self.serving(organization_id, on) if holder.is_leader), None)

    def handler(self, organization_id: int, on: date | None = None) -> Holder | None:
        """Holder of the post, else the organization's leader, else nobody (缺岗).

        Who administers the platform sits at the district centre too, and handles no matter.
        """
        return next(
            (holder for holder in self.serving(organization_id, on) if holder.kind not in ADMINISTRATION | BESIDE), None
        )

    def responsible(self, organization_id: int, on: date | None = None) -> Holder | None:
        """``handler``, else the parent's, and so up to the district centre."""
        seen: set[int] = set()
        current: int | None = organization_id
        while current is not None and current not in seen:
            seen.add(current)
            holder = self.handler(current, on)
            if holder is not None:
                return holder
            current = self.organizations[current].parent_id if current in self.organizations else None
        return self.handler(self.center().id, on)

    def superior(self, organization_id: int) -> int | None:
        """The organization above, None at the district centre."""
        organization = self.organizations.get(organization_id)
        return organization.parent_id if organization else None


@per_district
def territory() -> Territory:
    """The territory of the district in scope."""
    areas = {
        row[0]: AreaRef(*row)
        for row in Area.objects.filter(ended_on=None)
        .order_by("path")
        .values_list("id", "level", "code", "name", "parent_id", "path", "street_id", "community_id", "grid_id")
    }
    organizations = {
        row[0]: OrganizationRef(*row)
        for row in Organization.objects.filter(ended_on=None)
        .order_by("id")
        .values_list(
            "id", "name", "kind", "level", "area_id", "parent_id", "department_kind", "phone", "stationed_street_id"
        )
    }
    own_kinds = {"grid_team", "residents_committee", "street_office", "district_center"}
    own = {row.area_id: row.id for row in organizations.values() if row.kind in own_kinds}
    return Territory(
        areas=areas,
        organizations=organizations,
        own=own,
        holders=_holders(),
        posts=_count_posts(),
        district_area_id=next(area.id for area in areas.values() if area.level == "district"),
        absences=_absences(),
        _by_code={area.code: area.id for area in areas.values()},
    )


def area_of(role: Role) -> AreaRef | None:
    """Where a role is; a grant on an organization, as on a grid's team, names no area of its own."""
    places = territory()
    office = places.organizations.get(role.organization_id or 0)
    return places.areas.get(role.area_id or (office.area_id if office else 0))


def areas_of(actor: Actor, kinds: Collection[str]) -> list[AreaRef]:
    """The areas of the actor's posts of these kinds, by code."""
    found = {area.id: area for role in actor.roles if role.kind in kinds and (area := area_of(role)) is not None}
    return sorted(found.values(), key=lambda area: area.path)


def _holders() -> dict[int, tuple[Holder, ...]]:
    rows = list(
        PostAssignment.objects.filter(post__ended_on=None, post__building=None, membership__is_active=True)
        .order_by("post_id", "since")
        .values_list(
            "membership_id",
            "post_id",
            "post__name",
            "post__kind",
            "post__is_leader",
            "post__organization_id",
            "since",
            "until",
        )
    )
    names = _names({row[0] for row in rows})
    found: dict[int, list[Holder]] = defaultdict(list)
    for membership_id, *rest in rows:
        holder = Holder(membership_id, names.get(membership_id, ""), *rest)
        found[holder.organization_id].append(holder)
    return {key: tuple(value) for key, value in found.items()}


def _absences() -> dict[int, tuple[Away, ...]]:
    rows = list(
        Absence.objects.filter(is_cancelled=False)
        .order_by("since")
        .values_list("membership_id", "since", "until", "deputy_id", "deputy__is_active")
    )
    names = _names({row[3] for row in rows if row[3] is not None}) if rows else {}
    found: dict[int, list[Away]] = defaultdict(list)
    for membership_id, since, until, deputy_id, is_active in rows:
        deputy = deputy_id if is_active else None
        found[membership_id].append(Away(since, until, deputy, names.get(deputy, "") if deputy else ""))
    return {key: tuple(value) for key, value in found.items()}


def _names(membership_ids: Iterable[int]) -> dict[int, str]:
    return {row.membership_id: row.name for row in Staff.objects.filter(membership_id__in=set(membership_ids))}


def _count_posts() -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for organization_id in Post.objects.filter(ended_on=None, building=None).values_list("organization_id", flat=True):
        counts[organization_id] += 1
    return dict(counts)
