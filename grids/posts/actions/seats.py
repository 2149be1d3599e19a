"""Seats of advisers in every place that lacks one: a new district would otherwise make some hundreds by hand."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import ADVISERS, Actor
from governance.kernel.errors import Invalid
from governance.kernel.reference import bump_reference
from grids.actions.posts import KINDS_OF_LEVEL
from grids.models import Organization, Post, PostKind

_OWN = ("grid_team", "residents_committee", "district_center")


@transaction.atomic
def open_seats(kind: str, *, actor: Actor) -> int:
    """A seat of this kind (``kernel.actors.ADVISERS``) for every grid, community or the district that has none.

    Nobody is appointed: the seats show 缺岗. Returns how many were opened; three statements. Raises ``NotAllowed``,
    ``Invalid`` for another kind of post.
    """
    require_administrator(actor)
    if kind not in ADVISERS:
        raise Invalid("wrong_kind", _("这种岗位要在单位里逐个设。"), fields={"kind": [_("请选岗位。")]})
    level = next(level for level, kinds in KINDS_OF_LEVEL.items() if kind in kinds)
    offices = Organization.objects.filter(level=level, kind__in=_OWN, ended_on=None)
    label = str(PostKind(kind).label)
    # Also where one of that name was abolished: names of posts are not used twice.
    taken = Post.objects.filter(organization__in=offices, kind=kind, ended_on=None).values("organization_id")
    named = Post.objects.filter(organization__in=offices, name=label).values_list("organization_id", flat=True)
    used = set(named)
    rows = [
        Post(organization_id=pk, kind=kind, name=f"{label}（新设）" if pk in used else label)
        for pk in offices.exclude(pk__in=taken).order_by("pk").values_list("pk", flat=True)
    ]
    Post.objects.bulk_create(rows, batch_size=1_000)
    if rows:
        audit.record("post.create_many", actor=actor, object_kind="post", kind=kind, count=len(rows))
        bump_reference()
    return len(rows)
