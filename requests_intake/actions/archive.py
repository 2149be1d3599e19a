"""归档 by the calendar: what is finished and can no longer be reopened."""

from __future__ import annotations

from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.actions.rate import last_moment_to_reopen
from requests_intake.actions.sweep import lock_tickets
from requests_intake.models import Ticket, TicketMerge
from requests_intake.mover import Mover
from requests_intake.workflow import MOVES, TicketState

ARCHIVER = Actor.system("archive_rule")


def archive_finished(*, batch: int = 1_000) -> int:
    """Archive the oldest finished tickets whose time to reopen (SLA D.10) has passed. Returns how many."""
    moment = clock.now()
    states = [state.value for state in MOVES["archive"].sources if state is not None]
    # A follower's file is complete when its master's is: until then its requester may rate, and be taken out again.
    waiting = TicketMerge.objects.filter(undone_at=None).exclude(master__state=TicketState.ARCHIVED.value)
    candidates = Ticket.objects.filter(state__in=states, closed_at__lt=moment).order_by("closed_at")
    candidates = candidates.exclude(state=TicketState.MERGED.value, pk__in=waiting.values("follower_id"))
    ids = list(candidates.values_list("pk", flat=True)[:batch])
    mover = Mover(ARCHIVER, tell=False)
    archived = 0
    for ticket in lock_tickets(ids):
        if ticket.state in states and last_moment_to_reopen(ticket) < moment:
            mover.move("archive", ticket)
            archived += 1
    mover.flush()
    return archived
