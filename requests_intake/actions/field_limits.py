"""到场, 险情已控制, 报告险情, 告知方案: what danger and difficult matters owe besides their promise (SLA D.2).

``at`` is when it happened, as a phone without a network wrote it down: not before the last step somebody made, not
after now, at most three days ago (``clock.believed``). It stops the limit then; the history says when it came in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.handle import about
from requests_intake.actions.orders import Handling, field_limits, start_field_clocks
from requests_intake.models import FIELD_MOVES, Note, Ticket, TicketTransition
from requests_intake.mover import Mover

_NOTHING_OWED = {
    "arrive": gettext_lazy("这件诉求没有等着记的到场：已经记过，或者不要求限时到场。"),
    "control_danger": gettext_lazy("这件诉求没有等着控制的险情：已经控制了，或者不是特急。"),
    "report_danger": gettext_lazy("险情已经控制，或者不是特急，不用再报告。"),
    "tell_plan": gettext_lazy("方案已经告知居民，或者不是疑难事项。"),
}


@savepoint
def arrive(ticket: Ticket, *, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True) -> Ticket:
    """到场: somebody of those who handle it stands there. Raises ``DomainError`` ``nothing_owed`` where none is due."""
    return _owed("arrive", ticket, actor=actor, note=note, at=at, tell=tell)


@savepoint
def control_danger(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True) -> Ticket:
    """险情已控制: nobody can come to harm any more, though the matter is not done. Reports every two hours end."""
    return _owed("control_danger", ticket, actor=actor, note=note, at=at, tell=tell)


@savepoint
def report_danger(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True) -> Ticket:
    """报告险情: how it stands, to the leaders and the district's duty; the limit runs on until it is under control."""
    return _owed("report_danger", ticket, actor=actor, note=note, at=at, tell=tell, ends=False)


@savepoint
def tell_plan(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True) -> Ticket:
    """告知方案: the resident reads what will be done and by when."""
    audience = Note.Audience.PUBLIC
    return _owed("tell_plan", ticket, actor=actor, note=note, at=at, tell=tell, audience=audience)


def _owed(
    move: str, ticket: Ticket, *, actor: Actor, at: datetime | None, tell: bool, ends: bool = True, **said: Any
) -> Ticket:
    with making(move, ticket, actor=actor, at=_after_the_last_step(ticket, at), tell=tell) as (handling, mover):
        running = [row for row in handling.of_ticket() if row.kind == FIELD_MOVES[move] and row.stopped_at is None]
        if not running:
            raise DomainError("nothing_owed", str(_NOTHING_OWED[move]))
        order = handling.order_of(actor)
        mover.move(move, handling.ticket, order, **said, **about(handling, order))
        if ends:
            mover.stop(running)
        return handling.ticket


def _after_the_last_step(ticket: Ticket, said: datetime | None) -> datetime | None:
    """A moment that was said, in the order of the matter's history; None (now) where none was."""
    if said is None:
        return None
    # What a clock said meanwhile is no step: it did not know.
    steps = TicketTransition.objects.filter(ticket=ticket).exclude(move="stage")
    last: datetime | None = steps.aggregate(last=Max("at"))["last"]
    moment = clock.believed(said)
    return max(moment, last) if last else moment


def class_changed(mover: Mover, handling: Handling) -> None:
    """Another class owes other things: what it asks for now begins, what it no longer asks for ends."""
    if handling.order is None:
        return  # begins with the first order
    wanted = field_limits(handling.ticket, mover.at)
    running = [row for row in handling.of_ticket() if row.kind in FIELD_MOVES.values()]
    mover.stop(row for row in running if row.kind not in wanted)
    start_field_clocks(mover, handling.ticket, known={row.kind for row in running})
