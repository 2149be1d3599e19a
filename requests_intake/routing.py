"""Which level and which organization a ticket goes to.

Pure: the caller reads areas and organizations once and hands over plain records. The path of levels is data of the
district (read_first 4): one district sends what a grid cannot solve straight to the street.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .categories import Category

# From the ground up. A department stands beside the street, and above it only the district arbitrates (SLA D.3).
LEVELS = ("grid", "community", "street", "department", "district")
_RANK = {level: rank for rank, level in enumerate(LEVELS)}
DISTRICT = "district"
_CENTRE = "district_center"
_OWNERS = frozenset({"grid_team", "residents_committee", "street_office", _CENTRE})
_COORDINATORS = frozenset({"street_office", _CENTRE})
_PROPERTY = "property_company"


class RoutingError(LookupError):
    """The district's own data cannot route: a path without sense, or no district centre."""


@dataclass(frozen=True)
class Place:
    """Where the matter is, as deep as it is known."""

    grid_id: int | None = None
    community_id: int | None = None
    street_id: int | None = None

    def area_at(self, level: str) -> int | None:
        """The area of that level the place lies in, when known."""
        return {"grid": self.grid_id, "community": self.community_id, "street": self.street_id}.get(level)


@dataclass(frozen=True)
class OrganizationRef:
    """An organization as routing sees it.

    ``area_id``: the area it answers for, ``None`` for the whole district. ``department_kind``: which trade
    it handles (``Category.departments``); a property company is one by its kind.
    """

    id: int
    level: str
    kind: str
    area_id: int | None
    department_kind: str = ""

    @property
    def owns_its_area(self) -> bool:
        """Whether it answers for everything in its area: grid team, committee, street office, district centre."""
        return self.kind in _OWNERS

    @property
    def trade(self) -> str:
        """The kind of department it is; empty for owners of an area and for partners."""
        return self.department_kind or (_PROPERTY if self.kind == _PROPERTY else "")


class Reason(StrEnum):
    """Why an organization is suggested; each can be checked against a record."""

    MAIN_KIND = "main_kind"  # the category is handled by this kind of department
    OTHER_KIND = "other_kind"  # the category names it as the second or a later choice
    OWN_STREET = "own_street"  # it answers for the street of the place
    OWN_COMMUNITY = "own_community"  # it answers for the community of the place
    WHOLE_DISTRICT = "whole_district"  # it answers for the whole district
    COORDINATES = "coordinates"  # the street office or district centre, which coordinates where no trade fits


_NEARNESS = (Reason.OWN_COMMUNITY, Reason.OWN_STREET, Reason.WHOLE_DISTRICT)


@dataclass(frozen=True)
class DepartmentSuggestion:
    """An organization the dispatcher may choose, with the reasons for it."""

    organization: OrganizationRef
    reasons: tuple[Reason, ...]


def check_path(path: Sequence[str]) -> tuple[str, ...]:
    """The path when it is one: known levels, each above the one before, ending at the district. Raises RoutingError."""
    ranks = [_RANK.get(level, -1) for level in path]
    if not path or -1 in ranks or ranks != sorted(set(ranks)) or path[-1] != DISTRICT:
        raise RoutingError(f"{'-'.join(path)} is no way up from the ground to the district")
    return tuple(path)


def first_level(path: Sequence[str], known_levels: Collection[str], category_start_level: str) -> str:
    """Where handling starts: the lowest level of the path, from the category's own up, at which the place is known.

    The district always is (a ticket with no place goes to its desk). A category may start at a level the path does
    not have: then the next one above it.
    """
    least = _RANK[category_start_level]
    for level in check_path(path):
        if _RANK[level] >= least and level in known_levels:
            return level
    return DISTRICT


def next_level(path: Sequence[str], current: str) -> str | None:
    """The level above, along the district's own path; ``None`` at the top.

    The current level need not be on the path: a department, whistled for by a street, goes up to the district's
    arbitration (SLA D.3).
    """
    rank = _RANK[current]
    return next((level for level in check_path(path) if _RANK[level] > rank), None)


def choose_organization(level: str, place: Place, organizations: Iterable[OrganizationRef]) -> OrganizationRef:
    """The organization that owns the place at that level, else the next owner above, at last the district centre.

    Whether anybody holds a post in it does not matter: the clock runs on and the screen shows 缺岗. A department owns
    no place, so from that level the district centre is taken; see ``suggest_departments``. Raises ``RoutingError``
    when there is no district centre, which every district must have.
    """
    owners = [organization for organization in organizations if organization.owns_its_area]
    by_area = {(owner.level, owner.area_id): owner for owner in owners}
    for candidate in LEVELS[_RANK[level] :]:
        area = place.area_at(candidate)
        if area is not None and (candidate, area) in by_area:
            return by_area[candidate, area]
    return _centre(owners)


def _centre(organizations: Iterable[OrganizationRef]) -> OrganizationRef:
    for organization in organizations:
        if organization.kind == _CENTRE:
            return organization
    raise RoutingError("the district has no centre to fall back to")


def suggest_departments(
    category: Category, organizations: Iterable[OrganizationRef], street_id: int | None, community_id: int | None = None
) -> list[DepartmentSuggestion]:
    """Whom the dispatcher could send it to, best first.

    By the order of the category's kinds, and within a kind the nearest: of the community, of the street, of the
    district. Organizations of other areas are left out. The street office and the district centre close the list: they
    coordinate where no trade fits. Raises ``RoutingError`` when there is no district centre.
    """
    organizations = list(organizations)
    reaches: dict[int | None, Reason] = {_centre(organizations).area_id: Reason.WHOLE_DISTRICT}
    if street_id is not None:
        reaches[street_id] = Reason.OWN_STREET
    if community_id is not None:
        reaches[community_id] = Reason.OWN_COMMUNITY
    found = []
    for organization in organizations:
        reach = reaches.get(organization.area_id)
        position = _position(organization, category)
        if reach is None or position is None:
            continue
        if position == len(category.departments):
            kind = Reason.COORDINATES
        else:
            kind = Reason.MAIN_KIND if position == 0 else Reason.OTHER_KIND
        order = (position, _NEARNESS.index(reach), organization.id)
        found.append((order, DepartmentSuggestion(organization, (kind, reach))))
    return [suggestion for _, suggestion in sorted(found, key=lambda entry: entry[0])]


def _position(organization: OrganizationRef, category: Category) -> int | None:
    """Place in the category's own order; after all of it for those who coordinate; ``None`` for anybody else."""
    if organization.trade:
        return category.departments.index(organization.trade) if organization.trade in category.departments else None
    return len(category.departments) if organization.kind in _COORDINATORS else None


@dataclass(frozen=True)
class Staffing:
    """Who is at an organization: holders of the post that handles tickets, its leaders, who is on duty."""

    organization_id: int
    holders: tuple[int, ...] = ()
    leaders: tuple[int, ...] = ()
    on_duty: tuple[int, ...] = ()


@dataclass(frozen=True)
class Assignee:
    """The person told about a work order. ``vacant``: the organization itself has nobody in post (缺岗)."""

    person_id: int | None
    vacant: bool


def choose_assignee(own: Staffing, parent: Staffing | None, centre: Staffing) -> Assignee:
    """Holder of the post, else the organization's leader, else the parent's duty, else the district centre's.

    The first of several is taken; the caller orders them. Nobody at all leaves the person empty and the clock running.
    """
    in_house = own.holders or own.leaders
    if in_house:
        return Assignee(in_house[0], vacant=not own.holders)
    above = (parent.on_duty if parent else ()) or centre.on_duty or centre.leaders
    return Assignee(above[0] if above else None, vacant=True)
