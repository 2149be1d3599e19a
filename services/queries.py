"""Reading announcements: what addresses a place, what addresses a member of staff, what an office has sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.search import search_ids
from grids.models import Building, Compound
from grids.models.organization import PostKind
from grids.reference import Territory, territory
from requests_intake.forms.places import building_name
from services.actions.announcements import SEARCH_KIND
from services.audience import Audience
from services.models import Announcement, AnnouncementTarget, Delivery
from services.policies import AnnouncementPolicy, publishing_organizations, within

NEWEST_FIRST = ("-is_pinned", "-published_at", "-pk")
_PLACE = re.compile(r"([abx])([0-9]{1,9})")


@dataclass(frozen=True)
class Place:
    """Where somebody lives, as their device remembers it.

    ``code`` is a12 (community), x3 (compound) or b7 (building).
    """

    code: str
    label: str
    community_id: int
    areas: frozenset[int]
    buildings: Q


def place_of(code: str) -> Place | None:
    """The place of a remembered code; None where there is none (any more). At most two statements."""
    found = _PLACE.fullmatch(code)
    if found is None:
        return None
    pk, places = int(found[2]), territory()
    if found[1] == "a":
        return _community(code, pk, places)
    if found[1] == "b":
        building = Building.objects.filter(pk=pk, ended_on=None).first()
        named = building_name(pk)
        if building is None or named is None or named.community_id is None:
            return None
        above = _above(building.grid_id, places)
        return Place(code, named.label, named.community_id, above, Q(building_id=pk))
    compound = Compound.objects.filter(pk=pk, ended_on=None).first()
    if compound is None:
        return None
    inside = Building.objects.filter(compound_id=pk, ended_on=None)
    areas = {area for grid in inside.values_list("grid_id", flat=True).distinct() for area in _above(grid, places)}
    areas |= _above(compound.community_id, places)
    buildings = Q(building_id__in=inside.values("pk"))
    return Place(code, compound.name, compound.community_id, frozenset(areas), buildings)


def _community(code: str, pk: int, places: Territory) -> Place | None:
    area = places.areas.get(pk)
    if area is None or area.level != "community":
        return None
    grids = [grid.id for grid in places.children(pk, "grid")]
    buildings = Q(building_id__in=Building.objects.filter(grid_id__in=grids).values("pk"))
    return Place(code, area.name, pk, _above(pk, places) | frozenset(grids), buildings)


def place_of_area(area_id: int) -> Place | None:
    """An area as a place: what addresses it, all above it and everything inside. No statement of its own."""
    places = territory()
    area = places.areas.get(area_id)
    if area is None:
        return None
    inside = [row for row in places.areas.values() if within(row, area)]
    grids = [row.id for row in inside if row.level == "grid"]
    buildings = Q(building_id__in=Building.objects.filter(grid_id__in=grids).values("pk"))
    areas = _above(area_id, places) | {row.id for row in inside}
    return Place(f"a{area_id}", area.name, area.community_id or 0, areas, buildings)


def _above(area_id: int, places: Territory) -> frozenset[int]:
    area = places.areas.get(area_id)
    if area is None:
        return frozenset()
    chain = (area.id, area.grid_id, area.community_id, area.street_id, places.district_area_id)
    return frozenset(pk for pk in chain if pk is not None)


def public_announcements(place: Place | None, *, over: bool = False) -> QuerySet[Announcement]:
    """What residents of a place read now, pinned and newest first; ``over``: what is past.

    Without a place what is for the whole district comes first: what a community has pinned is for its own people.
    """
    rows = AnnouncementPolicy.public().filter(state=Announcement.State.PUBLISHED)
    current = Q(visible_until=None) | Q(visible_until__gte=clock.today())
    rows = rows.exclude(current) if over else rows.filter(current)
    targets = AnnouncementTarget.objects.filter(announcement=OuterRef("pk"))
    if place is not None:
        rows = rows.filter(Exists(targets.filter(Q(kind="area", area_id__in=place.areas) | place.buildings)))
    if over:
        return rows.order_by("-published_at", "-pk")
    if place is not None:
        return rows.order_by(*NEWEST_FIRST)
    whole = [area.id for area in territory().at_level("district")]
    rows = rows.annotate(is_for_all=Exists(targets.filter(kind="area", area_id__in=whole)))
    pinned = Case(When(is_for_all=True, is_pinned=True, then=0), default=1)
    return rows.order_by("-is_for_all", pinned, "-published_at", "-pk")


def received(actor: Actor) -> QuerySet[Announcement]:
    """What was addressed to the actor, newest first; a withdrawn one stays, marked as such."""
    told = Delivery.objects.filter(membership_id=actor.membership_id).values("announcement_id")
    return Announcement.objects.exclude(state=Announcement.State.DRAFT).filter(pk__in=told).order_by("-published_at")


def unread_count(actor: Actor) -> int:
    """How many announcements to the actor are in force and not confirmed: one statement."""
    today = clock.today()
    in_force = Q(announcement__visible_until=None) | Q(announcement__visible_until__gte=today)
    rows = Delivery.objects.filter(membership_id=actor.membership_id, read_at=None)
    return rows.filter(in_force, announcement__state=Announcement.State.PUBLISHED).count()


def sent(actor: Actor, *, state: str = "", text: str = "") -> QuerySet[Announcement]:
    """What the actor's offices and the offices below have sent, drafts of the own offices included; newest first."""
    offices = publishing_organizations(actor)
    places = territory()
    above = [places.areas[row.area_id] for row in offices]
    below = [
        row.id for row in places.organizations.values() if any(within(places.areas.get(row.area_id), a) for a in above)
    ]
    own = Q(organization_id__in=[row.id for row in offices])
    rows = Announcement.objects.filter(own | (Q(organization_id__in=below) & ~Q(state=Announcement.State.DRAFT)))
    current = Q(visible_until=None) | Q(visible_until__gte=clock.today())
    if state == "over":
        rows = rows.filter(state=Announcement.State.PUBLISHED).exclude(current)
    elif state == "published":
        rows = rows.filter(current, state=state)
    elif state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(pk__in=search_ids(SEARCH_KIND, text))
    return rows.order_by("-created_at", "-pk")


def audience_words(audience: Audience, names: dict[int, str], *, at_most: int = 6) -> list[str]:
    """To whom it is addressed, in words. ``names``: of the buildings (``building_names``)."""
    places = territory()
    words = [places.area_name(pk) for pk in sorted(audience.areas, key=lambda pk: _path(places, pk))]
    words += [names.get(pk, "") for pk in sorted(audience.buildings)]
    kinds: dict[str, list[str]] = {}
    for kind, pk in sorted(audience.posts, key=lambda pair: (pair[0], _path(places, pair[1]))):
        kinds.setdefault(kind, []).append(places.area_name(pk))
    words += [f"{PostKind(kind).label}（{'、'.join(where)}）" for kind, where in kinds.items()]
    of_buildings: dict[str, list[str]] = {}
    for kind, pk in sorted(audience.heads):
        of_buildings.setdefault(kind, []).append(names.get(pk, ""))
    words += [f"{PostKind(kind).label}（{'、'.join(where)}）" for kind, where in of_buildings.items()]
    words += [places.organization_name(pk) for pk in sorted(audience.organizations)]
    words = [word for word in words if word]
    if len(words) > at_most:
        rest = _("等 {count} 处").format(count=len(words))
        return [*words[:at_most], rest]
    return words


def _path(places: Territory, area_id: int) -> str:
    return places.areas[area_id].path if area_id in places.areas else ""


def building_names(building_ids: frozenset[int]) -> dict[int, str]:
    """Names from the cached list of the district; no statement."""
    return {pk: named.label for pk in building_ids if (named := building_name(pk))}
