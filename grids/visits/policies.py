"""Who logs and reads visits: whoever keeps the households of the place. Who plans them: its leader and community."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.households.policies import kept_grids, require_keeper
from grids.reference import AreaRef
from grids.visits.models import (
    BuildingSponsor,
    CareObject,
    ContactMember,
    ContactMessage,
    MustVisit,
    PartyHub,
    Visit,
)

PLANNERS = frozenset({"grid_leader", "community_staff", "community_secretary"})
"""Kinds of post that say how many households a grid means to reach."""
SECRETARY = "community_secretary"


class VisitPolicy:
    @staticmethod
    def visible(actor: Actor) -> QuerySet[Visit]:
        """Visits to the households of the actor's places, withdrawn ones too."""
        if actor.is_system:
            return Visit.objects.all()
        return Visit.objects.filter(household__building__grid_id__in=[grid.id for grid in kept_grids(actor)])


def may_plan(actor: Actor) -> bool:
    return actor.is_system or bool(actor.role_kinds & PLANNERS)


def require_planner(actor: Actor) -> None:
    if not may_plan(actor):
        raise NotAllowed("planners_only", _("每月走访多少户由网格长和社区定，您的岗位只能看。"))


def find_grid(actor: Actor, pk: int) -> AreaRef:
    """A grid of the actor's; ``NotAllowed`` without such a post, else ``NotFound``."""
    require_keeper(actor)
    found = next((grid for grid in kept_grids(actor) if grid.id == pk), None)
    if found is None:
        raise NotFound("no_grid", _("没有这个网格，或者不在您的辖区。"))
    return found


def find_visit(actor: Actor, pk: int, *, lock: bool = False) -> Visit:
    """A visit to a household the actor keeps; raises as ``find_grid``."""
    require_keeper(actor)
    rows = VisitPolicy.visible(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("household__building")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("no_visit", _("没有这次走访，或者不在您的辖区。"))
    return found


def _mine(actor: Actor) -> list[int]:
    require_keeper(actor)
    return [grid.id for grid in kept_grids(actor)]


def _found(rows: Any, pk: int, lock: bool, code: str, words: str) -> Any:
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(code, words)
    return found


def find_must(actor: Actor, pk: int, *, lock: bool = False) -> MustVisit:
    """A task of the actor's places; raises as ``find_grid``, like all below."""
    rows = MustVisit.objects.select_related("rule")
    if not actor.is_system:
        rows = rows.filter(grid_id__in=_mine(actor))
    row: MustVisit = _found(rows, pk, lock, "no_must_visit", _("没有这一件，或者不在您的辖区。"))
    return row


def find_care(actor: Actor, pk: int, *, lock: bool = False) -> CareObject:
    rows = CareObject.objects.select_related("household__building")
    if not actor.is_system:
        rows = rows.filter(household__building__grid_id__in=_mine(actor))
    row: CareObject = _found(rows, pk, lock, "no_care", _("关爱台账里没有，或者不在您的辖区。"))
    return row


def find_contact(actor: Actor, pk: int, *, lock: bool = False) -> ContactMember:
    rows = ContactMember.objects.all()
    if not actor.is_system:
        rows = rows.filter(grid_id__in=_mine(actor))
    row: ContactMember = _found(rows, pk, lock, "no_member", _("没有这位联系党员，或者不在您的辖区。"))
    return row


def find_message(actor: Actor, pk: int, *, lock: bool = False) -> ContactMessage:
    rows = ContactMessage.objects.select_related("link__member")
    if not actor.is_system:
        rows = rows.filter(link__member__grid_id__in=_mine(actor))
    row: ContactMessage = _found(rows, pk, lock, "no_message", _("没有这句话，或者不在您的辖区。"))
    return row


def find_sponsor(actor: Actor, pk: int, *, lock: bool = False) -> BuildingSponsor:
    rows = BuildingSponsor.objects.select_related("building", "member")
    if not actor.is_system:
        rows = rows.filter(building__grid_id__in=_mine(actor))
    row: BuildingSponsor = _found(rows, pk, lock, "no_sponsor", _("没有这一条，或者不在您的辖区。"))
    return row


def find_hub(actor: Actor, pk: int, *, lock: bool = False) -> PartyHub:
    """By the building it was named for: the household may live elsewhere by now."""
    rows = PartyHub.objects.select_related("building", "household")
    if not actor.is_system:
        rows = rows.filter(building__grid_id__in=_mine(actor))
    row: PartyHub = _found(rows, pk, lock, "no_hub", _("没有这个中心户，或者不在您的辖区。"))
    return row
