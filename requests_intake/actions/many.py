"""The same move for several tickets of a list: each by itself, and what cannot be done stops nobody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from requests_intake.actions.handle import assign_order, sign_order
from requests_intake.models import Ticket

AT_ONCE = 100
"""Each is a move of its own with its own lock: a few hundredths of a second, so this many keep nobody waiting."""


@dataclass
class Many:
    """``refused``: those that could not be moved, each with the refusal that says why."""

    done: list[Ticket]
    refused: list[tuple[Ticket, DomainError]]


def sign_tickets(tickets: Sequence[Ticket], *, actor: Actor) -> Many:
    """签收 several orders. At most ``AT_ONCE``."""
    return _each(tickets, lambda ticket: sign_order(ticket, actor=actor))


def assign_tickets(tickets: Sequence[Ticket], *, membership_id: int, actor: Actor, note: str = "") -> Many:
    """指派 several orders to one person; those of an organization the person does not serve are refused."""
    return _each(tickets, lambda ticket: assign_order(ticket, membership_id=membership_id, actor=actor, note=note))


def _each(tickets: Sequence[Ticket], act: Callable[[Ticket], Ticket]) -> Many:
    found = Many([], [])
    # In one order everywhere: two people with overlapping ticks must not wait for each other.
    for ticket in sorted(tickets[:AT_ONCE], key=lambda row: row.pk):
        try:
            found.done.append(act(ticket))
        except DomainError as error:
            found.refused.append((ticket, error))
    return found
