"""主动治理 on the ground (S3-31): somebody went and looked; what was found is a matter like any other find."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage
from requests_intake.actions.context import savepoint
from requests_intake.actions.proactive import Spot, State, finish_task, open_ticket, start_task
from requests_intake.actions.resolve import solve_on_site
from requests_intake.models import ProactiveTask, Ticket


@savepoint
def find_nothing(task: ProactiveTask, *, actor: Actor) -> ProactiveTask:
    """Looked at, and all is well: the task is done without a ticket. Raises what ``start_task`` and the others do."""
    begun = start_task(task, actor=actor) if task.state == State.OPEN else task
    return finish_task(begun, actor=actor)


@savepoint
def find_something(
    task: ProactiveTask,
    *,
    content: str,
    spot: Spot,
    is_solved: bool,
    actor: Actor,
    photos: Sequence[StoredImage] = (),
) -> Ticket:
    """What was found becomes a ticket of the spot, and the task is done. Solved at once, the ticket is reported done
    with it, together or not at all.

    Of two or more photos of what is solved the first shows it before, the others after; a single one shows the result.
    """
    before = min(1, len(photos) - 1) if is_solved else len(photos)
    ticket = open_ticket(
        task, content=content, spot=spot, start_level="grid" if is_solved else "", photos=photos[:before], actor=actor
    )
    if is_solved:
        reply = _("网格员当场处理好了。{said}").format(said=content)
        ticket = solve_on_site(ticket, actor=actor, reply=reply, photos=photos[before:])
    finish_task(task, actor=actor)
    return ticket
