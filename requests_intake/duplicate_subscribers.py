"""What follows from a master's moves for its followers, and from a report for the question whether it is a repeat.

Both after the commit: whoever moves a ticket does not wait for a hundred followers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from governance.kernel import outbox
from requests_intake import repeats
from requests_intake.actions.merge import SYSTEM, free_followers
from requests_intake.models import Note, TicketMerge, TicketTransition
from requests_intake.workflow import TicketState

STEPS = frozenset(
    {
        "accept", "reject", "dispatch", "escalate", "sign", "resolve", "solve_on_site", "verify", "rework", "rehandle",
        "close", "reopen", "waive_verification",
    }
)  # fmt: skip
"""Moves of a master that its followers' requesters are told."""
_SAID = ("resolve", "solve_on_site", "reject")
"""Moves whose public words are meant for everybody who reported it. What is said in others is said to one person."""
_KEPT = ("level", "organization", "from_level", "to_level", "to_organization", "reason")


@outbox.after_commit(TicketTransition)
def tell_followers(transitions: Sequence[TicketTransition]) -> None:
    """Write each step of a master into the history of its followers: one insert for all of them.

    Runs in the transaction that marks the master's move as told, so it happens once.
    """
    steps = [row for row in transitions if row.move in STEPS]
    followed = _followers({row.ticket_id for row in transitions if row.move in STEPS or row.move == "withdraw"})
    if not followed:
        return
    said = dict(
        Note.objects.filter(
            transition_id__in=[row.pk for row in steps if row.move in _SAID], audience=Note.Audience.PUBLIC
        ).values_list("transition_id", "text")
    )
    told, notes = [], []
    for row in steps:
        for merge in followed[row.ticket_id]:
            if merge.merged_at > row.at:
                continue
            step = _step(row, merge)
            told.append(step)
            if row.pk in said:
                text = Note(ticket_id=merge.follower_id, audience=Note.Audience.PUBLIC, text=said[row.pk])
                text.created_at = row.at
                notes.append((text, step))
    outbox.write(told)
    for text, step in notes:
        text.transition = step
    Note.objects.bulk_create([text for text, _step in notes])
    for row in transitions:
        if row.move == "withdraw" and row.ticket_id in followed:
            free_followers(row.ticket)


def _followers(masters: set[int]) -> dict[int, list[TicketMerge]]:
    found: dict[int, list[TicketMerge]] = defaultdict(list)
    if masters:
        running = TicketMerge.objects.filter(
            master_id__in=masters, undone_at=None, follower__state=TicketState.MERGED.value
        )
        for row in running.order_by("pk"):
            found[row.master_id].append(row)
    return found


def _step(row: TicketTransition, merge: TicketMerge) -> TicketTransition:
    merged = TicketState.MERGED.value
    kept = {name: row.payload[name] for name in _KEPT if name in row.payload}
    return TicketTransition(
        ticket_id=merge.follower_id, move="follow_step", from_state=merged, to_state=merged, at=row.at,
        actor_name=SYSTEM.name, payload={**kept, "step": row.move, "source": row.pk},
    )  # fmt: skip


@outbox.after_commit(TicketTransition)
def find_repeats(transitions: Sequence[TicketTransition]) -> None:
    """Whether the same person brought the same matter before (kpi E.5); again where kind or place was corrected."""
    repeats.link({row.ticket_id for row in transitions if row.move in ("submit", "relocate", "classify")})
