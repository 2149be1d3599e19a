"""Posts of an organization; putting people into them and ending that."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import ADVISERS, Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.actions.separation import require_one_administration
from grids.models import Level, Organization, Post, PostAssignment, PostKind

KINDS_OF_LEVEL: dict[str, tuple[PostKind, ...]] = {
    Level.GRID: (PostKind.GRID_WORKER, PostKind.GRID_LEADER, PostKind.PARTY_INSTRUCTOR),
    Level.COMMUNITY: (
        PostKind.COMMUNITY_STAFF, PostKind.COMMUNITY_SECRETARY, PostKind.NETWORK_LIAISON, PostKind.MEDIATOR,
        PostKind.COMMUNITY_POLICE, PostKind.LEGAL_ADVISER,
    ),
    Level.STREET: (PostKind.STREET_DISPATCHER, PostKind.STREET_LEADER, PostKind.MEDIATOR),
    Level.DEPARTMENT: (PostKind.DEPARTMENT_HANDLER, PostKind.DEPARTMENT_LEADER, PostKind.MEDIATOR),
    Level.DISTRICT: (
        PostKind.DISTRICT_DISPATCHER, PostKind.RETURN_VISITOR, PostKind.SUPERVISOR, PostKind.DISTRICT_OFFICIAL,
        PostKind.DISTRICT_ADMIN, PostKind.SECURITY_ADMIN, PostKind.AUDIT_ADMIN, PostKind.REPORT_OFFICER,
        PostKind.MEDIATOR, PostKind.CHIEF_JUSTICE_ADVISER,
    ),
}  # fmt: skip
"""Which kinds of post an organization of a level may have."""
ONE_SEAT = ADVISERS | {PostKind.GRID_LEADER}
"""Kinds of which an organization has one seat, held by one person at a time (S0-07, S3-03)."""


@transaction.atomic
def create_post(organization: Organization, *, kind: str, name: str, is_leader: bool, actor: Actor) -> Post:
    """A new seat in an organization; empty, it shows 缺岗.

    Raises ``NotAllowed``, ``Invalid`` (organization ended, kind of another level, no name) and ``DomainError``
    ``post_name_taken``, ``post_kind_taken`` (``ONE_SEAT``).
    """
    require_administrator(actor)
    if organization.ended_on is not None:
        raise Invalid("organization_ended", _("这个单位已撤销。"))
    if kind not in KINDS_OF_LEVEL[organization.level]:
        raise Invalid("wrong_level", _("这一层级没有这种岗位。"), fields={"kind": [_("这一层级没有这种岗位。")]})
    if kind in ONE_SEAT and Post.objects.filter(organization=organization, kind=kind, ended_on=None).exists():
        words = _("本单位已有{kind}的岗位，一个单位只设一个。").format(kind=PostKind(kind).label)
        raise DomainError("post_kind_taken", words, fields={"kind": [words]})
    post = Post(organization=organization, kind=kind, name=_free_name(organization.pk, name), is_leader=is_leader)
    post.save()
    _changed("post.create", post, actor)
    return post


@transaction.atomic
def rename_post(post: Post, *, name: str, actor: Actor) -> Post:
    """Raises ``NotAllowed``, ``Invalid`` (no name) and ``DomainError`` ``post_name_taken``."""
    require_administrator(actor)
    post.name = _free_name(post.organization_id, name, besides=post.pk)
    post.save(update_fields=["name"])
    _changed("post.rename", post, actor)
    return post


@transaction.atomic
def end_post(post: Post, *, actor: Actor) -> Post:
    """Abolish a post from today. Raises ``NotAllowed``, ``DomainError`` (``post_held``, ``post_ended``)."""
    require_administrator(actor)
    today = clock.today()
    found = Post.objects.select_for_update().get(pk=post.pk)
    if found.ended_on is not None:
        raise DomainError("post_ended", _("这个岗位已撤销。"))
    if PostAssignment.objects.filter(Q(until=None) | Q(until__gte=today), post=found).exists():
        raise DomainError("post_held", _("还有人在这个岗位上（或即将到任），请先办离任。"))
    found.ended_on = post.ended_on = today
    found.save(update_fields=["ended_on"])
    _changed("post.abolish", found, actor)
    return post


def _free_name(organization_id: int, name: str, besides: int | None = None) -> str:
    name = name.strip()
    if not name:
        raise Invalid("post_name_missing", _("请填岗位名称。"), fields={"name": [_("请填岗位名称。")]})
    if Post.objects.filter(organization_id=organization_id, name=name).exclude(pk=besides).exists():
        words = _("本单位已有（或有过）这个名称的岗位。")
        raise DomainError("post_name_taken", words, fields={"name": [words]})
    return name


def _changed(action: str, post: Post, actor: Actor) -> None:
    audit.record(
        action, actor=actor, object_kind="post", object_id=post.pk, organization=post.organization_id, kind=post.kind
    )
    bump_reference()


@transaction.atomic
def assign_post(
    post: Post, *, membership: Membership, since: date, until: date | None = None, actor: Actor
) -> PostAssignment:
    """Somebody holds the post from that day on (to ``until``, both inclusive); others who hold it stay.

    A leader's post, or one of ``ONE_SEAT``, is held by one person at a time, and nobody puts themselves into a post:
    administering people and handling matters stay apart. Raises ``NotAllowed`` (not an administrator), ``Invalid``
    (post ended, no active member of staff, days in the wrong order) and ``DomainError``: ``already_in_post`` where the
    person holds the post on those days already, ``leader_overlaps``, ``seat_overlaps``, ``oneself``, and
    ``two_administrations`` (``separation``).
    """
    require_administrator(actor)
    Post.objects.select_for_update().get(pk=post.pk)
    if membership.pk == actor.membership_id:
        raise DomainError("oneself", _("不能给自己安排岗位，请由另一位区管理员办理。"))
    if until is not None and until < since:
        words = _("离任日期不能早于到任日期。")
        raise Invalid("ends_before_start", words, fields={"until": [words]})
    if post.ended_on is not None and post.ended_on <= since:
        raise Invalid("post_ended", _("这个岗位已撤销。"))
    if membership.kind != Membership.Kind.STAFF or not membership.is_active:
        raise Invalid("not_staff", _("只有在职的工作人员可以任职。"))
    held = PostAssignment.objects.filter(Q(until=None) | Q(until__gte=since), post=post)
    if until is not None:
        held = held.filter(since__lte=until)
    if held.filter(membership=membership).exists():
        raise DomainError("already_in_post", _("此人已在这个岗位上。"))
    if post.is_leader and held.exists():
        raise DomainError("leader_overlaps", _("负责人岗位这段时间已有人，请先办前任离任。"))
    if post.kind in ONE_SEAT and held.exists():
        words = _("{post}这段时间已有人，只能有一位，请先办前任离任。").format(post=post.name)
        raise DomainError("seat_overlaps", words)
    require_one_administration(membership, kind=post.kind, since=since, until=until)
    assignment = PostAssignment.objects.create(post=post, membership=membership, since=since, until=until)
    _told("post.assign", assignment, since, actor)
    return assignment


@transaction.atomic
def end_assignment(assignment: PostAssignment, *, until: date, actor: Actor) -> PostAssignment:
    """The person leaves the post; ``until`` is the last day in it.

    Raises ``NotAllowed``, ``Invalid`` (before the first day) and ``DomainError`` ``assignment_ended`` where it had
    ended by that day already.
    """
    require_administrator(actor)
    found = PostAssignment.objects.select_for_update().get(pk=assignment.pk)
    if until < found.since:
        raise Invalid("ends_before_start", _("离任日期不能早于到任日期。"))
    if found.membership_id == actor.membership_id:
        raise DomainError("oneself", _("不能结束自己的任职，请由另一位区管理员办理。"))
    if found.until is not None and found.until <= until:
        raise DomainError("assignment_ended", _("此任职已经结束。"))
    found.until = assignment.until = until
    found.save(update_fields=["until"])
    _told("post.end", found, until, actor)
    return assignment


@transaction.atomic
def end_all_posts(membership: Membership, *, until: date, actor: Actor) -> int:
    """The person leaves every post; ``until`` is the last day. What would have begun later is taken back.

    Returns how many posts were concerned. Raises what ``end_assignment`` raises.
    """
    require_administrator(actor)
    rows = PostAssignment.objects.filter(Q(until=None) | Q(until__gt=until), membership=membership)
    for row in rows:
        if row.since <= until:
            end_assignment(row, until=until, actor=actor)
        else:
            _told("post.withdraw", row, until, actor)
            row.delete()
    return len(rows)


def _told(action: str, assignment: PostAssignment, day: date, actor: Actor) -> None:
    audit.record(
        action,
        actor=actor,
        object_kind="post_assignment",
        object_id=assignment.pk,
        post=assignment.post_id,
        membership=assignment.membership_id,
        day=day.isoformat(),
    )
    bump_reference()
