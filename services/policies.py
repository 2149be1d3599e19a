"""Who may publish where, and who may read what. Residents read without an account: ``public`` needs no actor."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.reference import AreaRef, OrganizationRef, Territory, territory
from services.models import Announcement, Delivery

PUBLISHERS = {
    "grid_leader": "grid",
    "community_secretary": "community",
    "community_staff": "community",
    "street_dispatcher": "street",
    "street_leader": "street",
    "district_dispatcher": "district",
    "district_admin": "district",
}
"""Kinds of post that publish, and the level for whose place they speak (people.md 3③)."""

DRAFT, PUBLISHED = Announcement.State.DRAFT, Announcement.State.PUBLISHED
_OWN = {"edit": DRAFT, "publish": DRAFT, "discard": DRAFT, "correct": PUBLISHED}


def within(area: AreaRef | None, above: AreaRef) -> bool:
    return area is not None and area.is_within(above)


def publishing_organizations(actor: Actor) -> list[OrganizationRef]:
    """The offices in whose name the actor may publish, the widest first."""
    places = territory()
    found: dict[int, OrganizationRef] = {}
    for role in actor.roles:
        level = PUBLISHERS.get(role.kind)
        organization_id = role.organization_id or places.own.get(role.area_id or 0)
        organization = places.organizations.get(organization_id or 0)
        if organization and organization.level == level and organization.area_id in places.areas:
            found[organization.id] = organization
    order = ("district", "street", "community", "grid")
    return sorted(found.values(), key=lambda row: (order.index(row.level), row.id))


def no_publisher() -> NotAllowed:
    return NotAllowed("no_publisher", _("您的岗位不能发公告。社区、街道、区和网格长可以发自己辖区的公告。"))


def require_publisher(actor: Actor, organization_id: int) -> OrganizationRef:
    """The office the actor speaks for; raises ``NotAllowed`` for everybody else."""
    for organization in publishing_organizations(actor):
        if organization.id == organization_id:
            return organization
    raise no_publisher()


def _answered(actor: Actor, places: Territory) -> set[int]:
    """Organizations in the places the actor publishes for: their own and those below."""
    above = [places.areas[row.area_id] for row in publishing_organizations(actor)]
    return {
        row.id for row in places.organizations.values() if any(within(places.areas.get(row.area_id), a) for a in above)
    }


class AnnouncementPolicy:
    @staticmethod
    def public() -> QuerySet[Announcement]:
        """What everybody may read: addressed to places, published; a withdrawn one keeps its address and its reason."""
        return Announcement.objects.exclude(state=DRAFT).filter(is_public=True)

    @staticmethod
    def visible(actor: Actor) -> QuerySet[Announcement]:
        """Public ones, those addressed to the actor, and those of the actor's offices and the offices below.

        Drafts are seen by their own office alone.
        """
        own = [row.id for row in publishing_organizations(actor)]
        told = Delivery.objects.filter(membership_id=actor.membership_id).values("announcement_id")
        sent = Q(is_public=True) | Q(pk__in=told) | Q(organization_id__in=_answered(actor, territory()))
        return Announcement.objects.filter((~Q(state=DRAFT) & sent) | Q(organization_id__in=own))

    @staticmethod
    def allows(actor: Actor, verb: str, announcement: Announcement) -> bool:
        """Verbs: edit, publish, discard, correct (own office), withdraw, deliveries (own office and those above)."""
        if verb in _OWN:
            own = {row.id for row in publishing_organizations(actor)}
            return announcement.state == _OWN[verb] and announcement.organization_id in own
        if verb == "withdraw" and announcement.state != PUBLISHED:
            return False
        return announcement.organization_id in _answered(actor, territory())


def find_visible(actor: Actor, number: int) -> Announcement:
    """The announcement of this number, or ``NotFound`` where the actor may not see it."""
    found = AnnouncementPolicy.visible(actor).filter(number=number).first()
    if found is None:
        raise NotFound("no_announcement", _("没有这条公告，或者不是发给您的。"))
    return found
