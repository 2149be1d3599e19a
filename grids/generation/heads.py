"""Heads of some buildings of the demo's grid (楼栋长、单元长), through the real actions."""

from __future__ import annotations

from governance.accounts.actions.create_staff import create_staff
from governance.kernel.actors import Actor
from grids.actions.heads import appoint_head
from grids.generation.spec import DistrictSpec, Words
from grids.generation.staffing import HEAD_ROLES, handle_of
from grids.generation.territory import SINCE, Land
from grids.models import Building

BUILDINGS, UNITS = 4, 4  # of the first grid: so many have heads, each with heads of at most so many units


def appoint_heads(spec: DistrictSpec, words: Words, land: Land) -> int:
    """The demo's two in the first building of the first grid, others around them. Returns how many."""
    rng, actor, made = spec.random("heads of buildings"), Actor.system("load_districts"), 0
    rows = Building.objects.filter(grid=land.grids[0]).order_by("pk")[:BUILDINGS]
    for first, building in ((number == 0, row) for number, row in enumerate(rows)):
        for unit in (None, *range(1, min(building.unit_count, UNITS) + 1)):
            role = {None: "building", 1: "unit"}.get(unit) if first else None
            handle = handle_of(spec, role) if role else f"{spec.code}-h{made + 1:03d}"
            name = HEAD_ROLES[role][0] if role else rng.choice(words.surnames) + rng.choice(words.given_names)
            member = create_staff(handle=handle, name=name, actor=actor)
            appoint_head(building, unit=unit, membership=member, since=SINCE, actor=actor)
            made += 1
    return made
