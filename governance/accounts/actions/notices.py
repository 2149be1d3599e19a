"""Reading the in-app inbox."""

from __future__ import annotations

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.actors import Actor


def read_notices(*, actor: Actor, notice_id: int | None = None) -> list[Notice]:
    """Mark one of the actor's own notices read, or all of them; returns those that are now read."""
    own = Notice.objects.filter(membership_id=actor.membership_id)
    own = own.filter(read_at=None) if notice_id is None else own.filter(pk=notice_id)
    found = list(own)
    Notice.objects.filter(pk__in=[row.pk for row in found], read_at=None).update(read_at=clock.now())
    return found
