"""Reading people's posts: what a member of staff may act as."""

from __future__ import annotations

from governance.accounts.models import Membership
from governance.kernel.actors import Actor, Role
from grids.heads import held
from grids.locate import Located, locate
from grids.models import AreaGrant, OrganizationGrant
from grids.reference import Territory, territory

__all__ = ["DESK_OF_LEVEL", "Located", "actor_for", "locate"]

DESK_OF_LEVEL = {
    "grid": "grid_worker",
    "community": "community_staff",
    "street": "street_dispatcher",
    "department": "department_handler",
    "district": "district_dispatcher",
}


def actor_for(membership: Membership) -> Actor:
    """The member with today's posts, those held as a deputy, and explicit grants, as the policies see them."""
    found = territory()
    roles = [
        Role(
            kind=holder.kind,
            level=found.organizations[holder.organization_id].level,
            area_id=found.organizations[holder.organization_id].area_id,
            organization_id=holder.organization_id,
        )
        for holder in found.held_by(membership.pk)
        if holder.organization_id in found.organizations
    ]
    # Without an area and an organization: nobody's tickets lie in such a role.
    roles += [Role(head.kind, "building", area_id=None, organization_id=None) for head in held(membership.pk)]
    return Actor(
        name=roles[0].kind if roles else membership.kind,
        membership_id=membership.pk,
        user_id=membership.user_id,
        roles=(*roles, *_granted(membership, found)),
    )


def _granted(membership: Membership, found: Territory) -> list[Role]:
    """Explicit grants as roles: they add to a post and are resolved once per request."""
    roles = []
    areas = AreaGrant.objects.filter(user_id=membership.user_id).values_list(
        "permission__codename", "content_object_id"
    )
    for codename, area_id in areas:
        area = found.areas.get(area_id)
        if area is not None:
            kind = DESK_OF_LEVEL[area.level] if codename == "dispatch_area" else "reader"
            roles.append(Role(kind=kind, level=area.level, area_id=area_id, organization_id=None))
    organizations = OrganizationGrant.objects.filter(
        user_id=membership.user_id, permission__codename="handle_organization"
    )
    for organization_id in organizations.values_list("content_object_id", flat=True):
        organization = found.organizations.get(organization_id)
        if organization is not None:
            kind = DESK_OF_LEVEL[organization.level]
            roles.append(Role(kind, organization.level, None, organization_id))
    return roles
