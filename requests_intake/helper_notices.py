"""Who has an account is told that help is asked for: where to and whom to call, never what a resident said."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import clock, outbox
from grids.posts.models import Force
from grids.reference import territory
from requests_intake.models import TicketTransition


@outbox.after_commit(TicketTransition)
def tell_helpers(transitions: Sequence[TicketTransition]) -> None:
    called = [row for row in transitions if row.move == "call_helper"]
    if not called:
        return
    members = dict(
        Force.objects.filter(
            pk__in={row.payload["force"] for row in called}, membership__is_active=True, ended_on=None
        ).values_list("pk", "membership_id")
    )
    notices = []
    for row in called:
        member = members.get(row.payload["force"])
        if member is None or member == row.actor_id:
            continue
        office = territory().organizations.get(row.payload.get("organization") or 0)
        where = office.name if office else ""
        text = _("请您来帮忙：{office} {phone}").format(office=where, phone=office.phone if office else "").strip()
        notices.append(
            Notice(
                membership_id=member,
                source=f"ticket-transition:{row.pk}",
                kind="call_helper",
                text=text[:200],
                brief=_("请您来帮忙"),
                path="",
                created_at=clock.now(),
            )
        )
    tell(notices)
