"""Explicit grants beyond a post: on an area to read or to dispatch, on an organization to handle its work orders.

Guardian holds them in our own models with the district in the row; ``queries.actor_for`` resolves them once a request.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm, remove_perm

from governance.accounts.models import Membership
from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from governance.kernel.reference import bump_reference
from grids.models import Area, AreaGrant, Organization, OrganizationGrant

AREA_RIGHTS = ("read_area", "dispatch_area")
ORGANIZATION_RIGHTS = ("handle_organization",)


def grant_area(area: Area, *, membership: Membership, codename: str, actor: Actor) -> AreaGrant:
    """Let somebody read (``read_area``) or dispatch (``dispatch_area``) the tickets of an area and all below it.

    Granting twice changes nothing. Raises ``NotAllowed`` and ``Invalid`` (no such right, no active member of staff).
    """
    grant: AreaGrant = _grant(area, membership, codename, AREA_RIGHTS, actor)
    return grant


def revoke_area_grant(area: Area, *, membership: Membership, codename: str, actor: Actor) -> None:
    """Take the right on an area away; what was not granted is no error. Raises ``NotAllowed`` and ``Invalid``."""
    _revoke(area, membership, codename, AREA_RIGHTS, actor)


def grant_organization(
    organization: Organization, *, membership: Membership, codename: str = "handle_organization", actor: Actor
) -> OrganizationGrant:
    """Let somebody handle an organization's work orders as its own people do. Raises ``NotAllowed`` and ``Invalid``."""
    grant: OrganizationGrant = _grant(organization, membership, codename, ORGANIZATION_RIGHTS, actor)
    return grant


def revoke_organization_grant(
    organization: Organization, *, membership: Membership, codename: str = "handle_organization", actor: Actor
) -> None:
    """Take the right on an organization away. Raises ``NotAllowed`` and ``Invalid``."""
    _revoke(organization, membership, codename, ORGANIZATION_RIGHTS, actor)


@transaction.atomic
def _grant(
    target: Area | Organization, membership: Membership, codename: str, rights: tuple[str, ...], actor: Actor
) -> Any:
    require_administrator(actor)
    _check(codename, rights)
    if membership.kind != Membership.Kind.STAFF or not membership.is_active:
        raise Invalid("not_staff", _("只能授权给在职的工作人员。"))
    grant = assign_perm(codename, membership.user, target)
    _told("grant.give", target, membership, codename, actor)
    return grant


@transaction.atomic
def _revoke(
    target: Area | Organization, membership: Membership, codename: str, rights: tuple[str, ...], actor: Actor
) -> None:
    require_administrator(actor)
    _check(codename, rights)
    remove_perm(codename, membership.user, target)
    _told("grant.take", target, membership, codename, actor)


def _check(codename: str, rights: tuple[str, ...]) -> None:
    if codename not in rights:
        raise Invalid("unknown_right", _("没有这种授权。"))


def _told(action: str, target: Area | Organization, membership: Membership, codename: str, actor: Actor) -> None:
    audit.record(
        action,
        actor=actor,
        object_kind=str(target._meta.model_name),
        object_id=target.pk,
        right=codename,
        membership=membership.pk,
    )
    bump_reference()
