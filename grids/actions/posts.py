"""Putting people into posts and ending that."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.models import Post, PostAssignment


@transaction.atomic
def assign_post(post: Post, *, membership: Membership, since: date, actor: Actor) -> PostAssignment:
    """Somebody holds the post from that day on (inclusive); others who hold it stay.

    Raises ``NotAllowed`` (not an administrator), ``Invalid`` (post ended, no active member of staff) and
    ``DomainError`` ``already_in_post`` where the person holds the post on or after that day already.
    """
    require_administrator(actor)
    Post.objects.select_for_update().get(pk=post.pk)
    if post.ended_on is not None and post.ended_on <= since:
        raise Invalid("post_ended", _("这个岗位已撤销。"))
    if membership.kind != Membership.Kind.STAFF or not membership.is_active:
        raise Invalid("not_staff", _("只有在职的工作人员可以任职。"))
    held = PostAssignment.objects.filter(Q(until=None) | Q(until__gte=since), post=post, membership=membership)
    if held.exists():
        raise DomainError("already_in_post", _("此人已在这个岗位上。"))
    assignment = PostAssignment.objects.create(post=post, membership=membership, since=since)
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
    if found.until is not None and found.until <= until:
        raise DomainError("assignment_ended", _("此任职已经结束。"))
    found.until = assignment.until = until
    found.save(update_fields=["until"])
    _told("post.end", found, until, actor)
    return assignment


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
