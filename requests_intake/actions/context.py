"""The common beginning of every move: find, check the right, lock, load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.db import transaction

from governance.kernel.actors import Actor
from requests_intake.actions.orders import Handling, load_handling
from requests_intake.models import Ticket
from requests_intake.mover import Mover
from requests_intake.policies import TicketPolicy

F = TypeVar("F", bound=Callable[..., Any])


def savepoint(action: F) -> F:
    """Run an action in its own savepoint, so that a ``DomainError`` leaves nothing of it behind."""

    @wraps(action)
    def run(*args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            return action(*args, **kwargs)

    return run  # type: ignore[return-value]


@contextmanager
def making(
    move: str,
    ticket: Ticket,
    *,
    actor: Actor,
    at: datetime | None = None,
    tell: bool = True,
    decider_id: int | None = None,
    afterwards: bool = False,
) -> Iterator[tuple[Handling, Mover]]:
    """Lock the ticket, check right and state on what is really there, hand over a mover, write what it collected.

    Every mover locks the ticket's row first, and the sweep does the same: so the two never wait for each other in a
    circle. ``decider_id``: the organization that answers the application the move is about. ``afterwards``: something
    is added to a move already made, whatever the ticket has become since.
    """
    locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    TicketPolicy.require(actor, move, locked, decider_id=decider_id)
    mover = Mover(actor, at=at, tell=tell)
    # The order's own state is judged when the move is made; who looks at it before may rely on there being one.
    if not afterwards:
        mover.require_state(move, locked)
    yield load_handling(locked), mover
    mover.flush()
