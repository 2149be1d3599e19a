"""The demo's change of grids: one proposal that waits for the street, through the real action."""

from __future__ import annotations

from django.db import transaction

from governance.accounts.models import Membership
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope
from grids.generation.staffing import handle_of
from grids.models import Area
from grids.queries import actor_for
from grids.territory.actions.propose import propose_merge
from grids.territory.judging import judge_merge, neighbours_of
from grids.territory.models import GridChange
from grids.territory.policies import PROPOSERS, communities


def load_demo_change(district: District) -> int:
    """Propose to merge the smallest grid of the demo's community into the nearest. Returns how many were proposed."""
    with district_scope(district), transaction.atomic():
        secretary = Membership.objects.filter(user__handle=handle_of(district, "community")).first()
        if secretary is None or GridChange.objects.exists():
            return 0
        actor = actor_for(secretary)
        own = [row.id for row in communities(actor, PROPOSERS)]
        grids = Area.objects.filter(level="grid", ended_on=None, community_id__in=own).order_by(
            "household_count", "path"
        )
        for grid in grids:
            into = next(iter(neighbours_of(grid)), None)
            judged = judge_merge(grid, into) if into is not None else None
            if into is not None and judged is not None and not judged.problems and not judged.apart:
                propose_merge(grid, into=into, reason="两个网格户数都少，并在一起好管", actor=actor)
                return 1
        return 0
