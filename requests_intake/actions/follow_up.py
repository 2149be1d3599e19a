"""The tasks after the handling: somebody looks on site, somebody asks the requester; by whom and by when (SLA D.10).

A task is open exactly while its ticket is in that state, however it got there: it follows the transitions.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.bulk import update_rows
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import NotAllowed
from grids.reference import Holder, Territory, territory
from requests_intake import sla
from requests_intake.actions.sweep import lock_tickets
from requests_intake.models import FollowUp, Ticket, TicketTransition
from requests_intake.mover import Mover
from requests_intake.reference import rules
from requests_intake.workflow import TicketState

CHECKED, ASKED = TicketState.RESOLVED.value, TicketState.VISITING.value
_KINDS = {CHECKED: FollowUp.Kind.CHECK, ASKED: FollowUp.Kind.VISIT}
RAISER = Actor.system("check_limit")
LEVELS = ("grid", "community", "street", "district")
"""Who looks, the nearest first; who did not look in time hands it to the next."""
_AREAS = {"grid": "grid_id", "community": "community_id", "street": "street_id"}
_LOOKERS = frozenset(
    {
        "grid_worker", "grid_leader", "community_secretary", "community_staff", "street_dispatcher", "street_leader",
        "district_dispatcher", "supervisor",
    }
)  # fmt: skip
HANDLED = ("resolve", "solve_on_site")


@outbox.in_transaction(TicketTransition)
def keep_follow_ups(transitions: Sequence[TicketTransition]) -> None:
    """End what is over and begin what is due, for the tickets that came to or left a look or a visit."""
    last: dict[int, TicketTransition] = {}
    before: dict[int, str] = {}
    handlers: dict[int, int | None] = {}
    for row in transitions:
        before.setdefault(row.ticket_id, row.from_state)
        last[row.ticket_id] = row
        if row.move in HANDLED:
            handlers[row.ticket_id] = row.actor_id
    left = [pk for pk, row in last.items() if before[pk] in _KINDS and row.to_state != before[pk]]
    if left:
        moment = max(last[pk].at for pk in left)
        FollowUp.objects.filter(ticket_id__in=left, ended_at=None).update(ended_at=moment, claimed_by=None)
    fresh = [
        _begun(row, handlers.get(pk))
        for pk, row in last.items()
        if row.to_state in _KINDS and row.to_state != before[pk]
    ]
    if fresh:
        FollowUp.objects.bulk_create(fresh)


def _begun(row: TicketTransition, handled_by: int | None) -> FollowUp:
    ticket, kind = row.ticket, _KINDS[row.to_state]
    _version, policy = rules().policy()
    is_check = kind == FollowUp.Kind.CHECK
    limit = policy.verification.within if is_check else policy.return_visit.within
    # A visit is due so long after the matter was reported done, however long the look took.
    start = row.at if is_check else ticket.resolved_at or row.at
    return FollowUp(
        ticket=ticket,
        kind=kind,
        level=level_of_check(ticket, handled_by) if is_check else "",
        handled_by_id=handled_by,
        started_at=row.at,
        due_at=sla.due_at(start, limit, work_calendar()),
    )


def level_of_check(ticket: Ticket, handled_by: int | None, *, above: str = "") -> str:
    """Whose turn a look is: who found it, else the people of the grid, else the community, street, district.

    Whoever reported it done is left out; a level with nobody else in post is passed over. ``above``: only levels higher
    than that one.
    """
    places = territory()
    levels = LEVELS[LEVELS.index(above) + 1 :] if above else LEVELS
    if not above and ticket.recorded_by_id and ticket.recorded_by_id != handled_by and ticket.is_proactive:
        for level in levels:
            if ticket.recorded_by_id in {holder.membership_id for holder in lookers(places, ticket, level)}:
                return level
    for level in levels:
        if any(holder.membership_id != handled_by for holder in lookers(places, ticket, level)):
            return level
    return LEVELS[-1]


def lookers(places: Territory, ticket: Ticket, level: str) -> list[Holder]:
    """Who may look on site at a level of the ticket's place, today."""
    area = getattr(ticket, _AREAS[level]) if level in _AREAS else places.district_area_id
    office = places.own.get(area) if area else None
    return [] if office is None else [row for row in places.serving(office) if row.kind in _LOOKERS]


def open_follow_up(ticket: Ticket) -> FollowUp | None:
    return FollowUp.objects.filter(ticket=ticket, ended_at=None).first()


def handled_it(ticket: Ticket, actor: Actor) -> bool:
    """Whether the actor reported this ticket done the last time. One statement."""
    if actor.membership_id is None:
        return False
    rows = TicketTransition.objects.filter(ticket=ticket, move__in=HANDLED).order_by("-id")
    return rows.values_list("actor_id", flat=True).first() == actor.membership_id


def require_other_eyes(ticket: Ticket, actor: Actor) -> None:
    """Nobody looks at their own work (SLA D.10). Raises ``NotAllowed``."""
    if handled_it(ticket, actor):
        raise NotAllowed("own_work", _("这件是您自己办结的，要由别人去核查。"), move="verify")


def raise_late_checks(*, batch: int = 500) -> int:
    """What nobody looked at in time goes one level up, visibly; at the district it stays and counts as late.

    Returns how many went up. Tickets somebody is moving just now are left to the next time.
    """
    moment = clock.now()
    late = FollowUp.objects.filter(kind=FollowUp.Kind.CHECK, ended_at=None, due_at__lt=moment).exclude(level=LEVELS[-1])
    tickets = lock_tickets(late.order_by("due_at", "pk").values_list("ticket_id", flat=True)[:batch])
    # Read again under the locks: somebody may have looked meanwhile.
    tasks = {row.ticket_id: row for row in late.filter(ticket__in=tickets)}
    mover = Mover(RAISER, at=moment)
    for ticket in tickets:
        if ticket.pk in tasks:
            _raise(mover, ticket, tasks[ticket.pk])
    mover.flush()
    update_rows(list(tasks.values()), ("level", "raised_at", "due_at"))
    return len(tasks)


def _raise(mover: Mover, ticket: Ticket, task: FollowUp) -> None:
    _version, policy = rules().policy()
    before, task.level = task.level, level_of_check(ticket, task.handled_by_id, above=task.level)
    task.raised_at = mover.at
    task.due_at = sla.due_at(mover.at, policy.verification.within, work_calendar())
    mover.move("raise_check", ticket, from_level=before, to_level=task.level)
