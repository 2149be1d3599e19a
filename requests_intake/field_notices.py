"""Whom it is told how danger and difficult matters stand: nobody has come, a danger is not under control (SLA D.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.reference import Holder, Territory
from requests_intake import workflow
from requests_intake.models import FIELD_MOVES, ClockKind, Ticket, TicketTransition
from requests_intake.sla import Stage

_MISSED = {
    ClockKind.ON_SITE.value: gettext_lazy("时限到了，还没有人到场"),
    ClockKind.CONTROL.value: gettext_lazy("时限到了，险情还没有控制"),
    ClockKind.PLAN.value: gettext_lazy("还没有把方案告诉居民"),
}
_HURRIED, _DUTY = ("critical", "urgent"), "district_dispatcher"


def owed(kind: str) -> bool:
    """Whether a clock of this kind measures what a matter owes besides its promise."""
    return kind in FIELD_MOVES.values()


def tellings(row: TicketTransition, ticket: Ticket, places: Territory) -> Iterator[tuple[tuple[Holder, ...], str]]:
    """Holders and words; nothing for other moves. What was reported is not asked for again."""
    office = row.payload.get("organization") or ticket.organization_id
    if row.move in ("report_danger", "control_danger"):
        above = places.superior(office)
        people = [*_leader(places, office), *(_leader(places, above) if above else ())]
        words = _("险情进展") if row.move == "report_danger" else _("险情控制住了")
        duty = [holder for holder in places.serving(places.center().id) if holder.kind == _DUTY]
        yield _once([*people, *duty]), words
    elif row.move == "stage" and owed(row.payload.get("kind", "")):
        people = [*_handling(places, office), *_leader(places, office)]
        if row.stage == Stage.LATE:
            # Of danger the street's leader hears at once, at whatever level it lies (D.4).
            street = places.own.get(ticket.street_id or 0) if ticket.urgency in _HURRIED else None
            yield _once([*people, *(_leader(places, street) if street else ())]), str(_MISSED[row.payload["kind"]])
        elif not row.payload.get("reported"):
            yield _once(people), _("险情还没有控制，请报告进展")


def _leader(places: Territory, organization_id: int) -> tuple[Holder, ...]:
    leader = places.leader(organization_id)
    return (leader,) if leader else ()


def _handling(places: Territory, organization_id: int) -> list[Holder]:
    """Who handles there, else whoever answers for it (缺岗)."""
    kinds = workflow.READERS - workflow.ONLINE_ONLY - {workflow.REPORT_DESK}
    found = [holder for holder in places.serving(organization_id) if holder.kind in kinds]
    responsible = None if found else places.responsible(organization_id)
    return [responsible] if responsible else found


def _once(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    return tuple({holder.membership_id: holder for holder in holders}.values())
