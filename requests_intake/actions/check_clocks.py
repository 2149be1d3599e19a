"""The comparison of every open clock with its ledger: a deadline that nothing explains is told to the administrator,
and so is a clock that was set aside."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import clock
from grids.reference import territory
from requests_intake.actions.context import savepoint
from requests_intake.actions.set_aside import count_set_aside
from requests_intake.clock_stories import differences
from requests_intake.models import Clock, ClockCheck, Ticket

KEPT = timedelta(days=400)


@savepoint
def check_clocks() -> ClockCheck:
    """Compare, keep what was found, tell the district's administrators where something differs or stands still."""
    now = clock.now()
    found = differences()
    numbers = dict(Ticket.objects.filter(pk__in={row.ticket_id for row in found}).values_list("pk", "number"))
    check = ClockCheck.objects.create(
        at=now,
        checked=Clock.objects.filter(stopped_at=None).count(),
        differing=len(found),
        found=[
            {
                "number": numbers.get(row.ticket_id, ""),
                "kind": row.kind,
                "stored": row.stored.isoformat(),
                "computed": row.computed.isoformat() if row.computed else None,
            }
            for row in found[: ClockCheck.MOST]
        ],
    )
    ClockCheck.objects.filter(at__lt=now - KEPT).delete()
    said = [_("{count} 个期限与台账不一致").format(count=check.differing)] if found else []
    if stopped := count_set_aside():
        said.append(_("{count} 个钟到点没能走，停下了").format(count=stopped))
    if said:
        _tell(check, _("时限核对：{found}").format(found="，".join(said)))
    return check


def _tell(check: ClockCheck, text: str) -> None:
    administrators = {
        holder.membership_id
        for holder in territory().serving(territory().center().id)
        if holder.kind == "district_admin"
    }
    tell(
        [
            Notice(
                membership_id=membership_id, source=f"clock-check:{check.pk}", kind="clock_check", text=text,
                path="/manage/clocks/", is_critical=False, created_at=check.at,
            )
            for membership_id in sorted(administrators)
        ]
    )  # fmt: skip
