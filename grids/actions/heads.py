"""Heads of buildings and units: appointed, and following their building; ``posts.end_assignment`` ends it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from grids.actions.posts import assign_post
from grids.actions.staff import invite_staff
from grids.heads import post_name
from grids.models import Building, Organization, Post, PostAssignment, PostKind


@transaction.atomic
def appoint_head(
    building: Building, *, unit: int | None, membership: Membership, since: date, actor: Actor
) -> PostAssignment:
    """Somebody heads a building (``unit`` None) or one of its units from that day on.

    Raises ``NotAllowed``, ``Invalid`` (no such unit, not in service) and ``DomainError``: ``building_ended``,
    ``head_there`` where somebody holds it then, and what ``assign_post`` raises.
    """
    post = _open_post(building, unit, since, actor)
    return assign_post(post, membership=membership, since=since, actor=actor)


@transaction.atomic
def invite_head(
    building: Building, *, unit: int | None, since: date, actor: Actor, **person: Any
) -> tuple[Membership, str]:
    """The same with a new person; the token of their invitation. ``person``: handle, name, phone."""
    post = _open_post(building, unit, since, actor)
    return invite_staff(posts=[post], since=since, actor=actor, **person)


def follow_buildings(building_ids: Collection[int]) -> None:
    """After buildings moved or got another name, the posts of their heads move and are named with them."""
    posts = list(Post.objects.filter(building_id__in=building_ids, ended_on=None).select_related("building"))
    teams = dict(_teams({post.building.grid_id for post in posts if post.building}))
    for post in posts:
        assert post.building is not None  # by the query
        post.organization_id = teams[post.building.grid_id]
        post.name = post_name(post.building.name, post.unit)
        post.save(update_fields=["organization", "name"])


def end_heads(building: Building, *, actor: Actor) -> None:
    """A building that is gone has no heads: today is their last day."""
    today = clock.today()
    open_rows = PostAssignment.objects.filter(Q(until=None) | Q(until__gte=today), post__building=building)
    for row in open_rows:
        row.until = max(row.since, today)
        row.save(update_fields=["until"])
        audit.record(
            "post.end", actor=actor, object_kind="post_assignment", object_id=row.pk, post=row.post_id,
            membership=row.membership_id, day=row.until.isoformat(),
        )  # fmt: skip
    Post.objects.filter(building=building, ended_on=None).update(ended_on=today)


def _open_post(building: Building, unit: int | None, since: date, actor: Actor) -> Post:
    require_administrator(actor)
    found = Building.objects.select_for_update().get(pk=building.pk)
    if found.ended_on is not None:
        raise DomainError("building_ended", _("这栋楼已停用。"))
    if unit is not None and not 1 <= unit <= found.unit_count:
        words = _("这栋楼没有 {unit} 单元。").format(unit=unit)
        raise Invalid("no_such_unit", words, fields={"post": [words]})
    kind = PostKind.BUILDING_HEAD if unit is None else PostKind.UNIT_HEAD
    post = Post.objects.filter(building=found, unit=unit).first()
    if post is None:
        team = dict(_teams({found.grid_id})).get(found.grid_id)
        if team is None:
            raise Invalid("no_team", _("这个网格还没有自己的单位，请先补上网格。"))
        name = post_name(found.name, unit)
        post = Post.objects.create(organization_id=team, kind=kind, name=name, building=found, unit=unit)
        audit.record(
            "post.create", actor=actor, object_kind="post", object_id=post.pk, organization=team, kind=str(kind)
        )
    held = PostAssignment.objects.filter(Q(until=None) | Q(until__gte=since), post=post)
    if held.exists():
        words = _("{post}这段时间已有人，请先办离任。").format(post=post.name)
        raise DomainError("head_there", words, fields={"post": [words]})
    return post


def _teams(grid_ids: Collection[int]) -> Any:
    """(grid, its team)."""
    rows = Organization.objects.filter(kind=Organization.Kind.GRID_TEAM, area_id__in=grid_ids, ended_on=None)
    return rows.values_list("area_id", "pk")
