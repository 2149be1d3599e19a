"""接单池 (S3-27): the orders of an organization that the first of several who taps has. Reads only."""

from __future__ import annotations

from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import workflow

CLAIMERS: frozenset[str] = frozenset(kind for kind, _relation in workflow.ALLOWED["claim"])
"""Kinds of post that take orders on themselves."""


def is_pool_of(organization_id: int) -> bool:
    """Whether more than one person there could take an order on. No statement."""
    serving = territory().serving(organization_id)
    return len({holder.membership_id for holder in serving if holder.kind in CLAIMERS}) > 1


def pools_of(actor: Actor) -> list[int]:
    """Organizations out of whose pool the actor may take orders. No statement."""
    own = {role.organization_id for role in actor.roles if role.kind in CLAIMERS and role.organization_id is not None}
    return sorted(pk for pk in own if is_pool_of(pk))
