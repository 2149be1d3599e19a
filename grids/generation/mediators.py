"""Mediators (调解员) of the demo's first community and of its street: enough for a joint panel of two organizations."""

from __future__ import annotations

from governance.accounts.actions.create_staff import create_staff
from governance.kernel.actors import Actor
from grids.generation.organizations import Organizations
from grids.generation.spec import DistrictSpec
from grids.generation.staffing import MEDIATOR_ROLES, handle_of
from grids.generation.territory import SINCE, Land
from grids.models import Post, PostAssignment, PostKind


def appoint_mediators(spec: DistrictSpec, land: Land, organizations: Organizations) -> int:
    """One each. Returns how many."""
    first = land.grids[0]
    offices = {
        "mediator": organizations.own[first.community_id],
        "mediator-street": organizations.own[first.street_id],
    }
    for role, office in offices.items():
        name, label = MEDIATOR_ROLES[role]
        post = Post.objects.create(organization=office, kind=PostKind.MEDIATOR, name=label)
        member = create_staff(handle=handle_of(spec, role), name=name, actor=Actor.system("load_districts"))
        PostAssignment.objects.create(post=post, membership=member, since=SINCE)
    return len(offices)
