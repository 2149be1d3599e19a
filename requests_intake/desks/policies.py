"""Who reads and who changes what a desk has kept: one's own, and what is shared in one's organizations."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from grids.reference import territory
from requests_intake import workflow
from requests_intake.desks.models import Kept

LEADERS = frozenset(
    {
        "grid_leader", "community_secretary", "street_dispatcher", "street_leader", "department_leader",
        "district_dispatcher", "supervisor",
    }
)  # fmt: skip
"""Kinds of post that change what a colleague has shared, and say what opens first for the whole organization."""
DESK_KINDS = workflow.READERS - {"grid_worker"}
K = TypeVar("K", bound=Kept)


def require_desk(actor: Actor) -> Actor:
    """Posts that work at the desk. Raises ``NotAllowed``."""
    if not actor.role_kinds & DESK_KINDS:
        raise NotAllowed("no_desk", _("您的岗位没有调度台。"))
    return actor


def own_organizations(actor: Actor) -> list[int]:
    """The organizations one serves, the first of one's posts first."""
    return list(dict.fromkeys(role.organization_id for role in actor.roles if role.organization_id is not None))


def readable(model: type[K], actor: Actor) -> QuerySet[K]:
    """One's own first, then what is shared in one's organizations, each in the order it was made."""
    mine = Q(owner=actor.membership_id, owner__isnull=False) | Q(organization_id__in=own_organizations(actor))
    return model._default_manager.filter(mine).order_by(F("organization_id").asc(nulls_first=True), "pk")


def leads(actor: Actor, organization_id: int) -> bool:
    return any(role.organization_id == organization_id and role.kind in LEADERS for role in actor.roles)


def may_change(kept: Kept, actor: Actor) -> bool:
    """One's own; of what is shared what one has put there, and everything where one leads."""
    if kept.organization_id is None:
        return kept.owner_id == actor.membership_id
    serves = kept.organization_id in own_organizations(actor)
    return serves and (kept.made_by_id == actor.membership_id or leads(actor, kept.organization_id))


def find(model: type[K], pk: int, *, actor: Actor) -> K:
    """Raises ``NotFound`` for another's: a colleague's own views and sentences are nobody's business."""
    row = readable(model, actor).filter(pk=pk).first()
    if row is None:
        raise NotFound("not_kept", _("没有这一条，或者不是您的。"))
    return row


def require_change(kept: Kept, actor: Actor) -> None:
    if not may_change(kept, actor):
        raise NotAllowed("not_yours", _("这一条是同事放到本单位共用的，请他改，或者请本单位负责人改。"))


def require_share(organization_id: int | None, actor: Actor, *, is_default: bool = False) -> None:
    """Sharing is for one's own organizations; what opens first for everybody is said by who leads there."""
    if organization_id is None:
        return
    name = territory().organization_name(organization_id)
    if organization_id not in own_organizations(actor):
        raise NotAllowed("not_serving", _("您不在{name}任职，不能放到那里共用。").format(name=name))
    if is_default and not leads(actor, organization_id):
        raise NotAllowed("not_leading", _("给{name}全体设默认，要负责人来定。").format(name=name))


def default_of(rows: Any) -> Any:
    """Of readable rows the one that holds for somebody: their own before the organization's; None without any."""
    chosen = [row for row in rows if row.is_default]
    return min(chosen, key=lambda row: row.is_shared, default=None)
