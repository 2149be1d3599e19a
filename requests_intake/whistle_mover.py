"""The only code that changes the state of whistles and their targets: checks each move against the tables, collects a
batch and writes it in a fixed number of statements. Transitions are history and outbox at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.bulk import update_rows
from governance.kernel.errors import DomainError, Invalid
from requests_intake import whistle_workflow as workflow
from requests_intake.models import Whistle, WhistleNote, WhistleTarget, WhistleTransition
from requests_intake.whistle_policies import WhistlePolicy

W, T = workflow.WhistleState, workflow.TargetState

WHISTLE_FIELDS = ("state", "lamp", "blown_at", "handled_at", "closed_at", "score")
TARGET_FIELDS = (
    "state", "is_lead", "called_at", "accept_by", "arrive_by", "accepted_at", "arrived_at", "handled_at", "ended_at",
    "refusal", "clause", "suggested", "refused_at", "decide_by", "ruling", "ruled_at", "is_late_accept",
    "is_late_arrival", "lamp", "schedule", "next_fire_at", "set_aside_at", "set_aside_reason",
)  # fmt: skip
NOTE_LENGTH = 500


@dataclass
class Called:
    """A locked whistle with its targets: what a move works on."""

    whistle: Whistle
    targets: list[WhistleTarget]

    def target(self, pk: int) -> WhistleTarget:
        return next(row for row in self.targets if row.pk == pk)

    @property
    def active(self) -> list[WhistleTarget]:
        """Those who were not released."""
        return [row for row in self.targets if row.state != T.RELEASED]


class WhistleMover:
    """Collects moves made by one actor at one moment; ``flush`` writes them. ``tell=False`` notifies nobody."""

    def __init__(self, actor: Actor, *, at: datetime | None = None, tell: bool = True) -> None:
        self.actor = actor
        self.at = at or clock.now()
        self.tell = tell
        self._touched: dict[int, Called] = {}
        self._transitions: list[WhistleTransition] = []
        self._notes: list[tuple[str, WhistleTransition]] = []

    def move(
        self, name: str, called: Called, target: WhistleTarget | None = None, *, note: str = "", stage: str = "",
        from_state: str | None = None, **payload: Any,
    ) -> WhistleTransition:  # fmt: skip
        """Make one move. Raises ``DomainError`` ``wrong_state`` where the tables do not allow it, and ``Invalid``
        ``note_needed``. ``from_state``: for a new whistle, that there was none."""
        move, whistle = workflow.MOVES[name], called.whistle
        before = None if from_state == "" else whistle.state
        if not workflow.permits(move, before, target.state if target else None):
            raise DomainError("wrong_state", _wrong_state(move, whistle, target), move=name, state=whistle.state)
        note = note.strip()
        if move.needs_note and not note and not self.actor.is_system:
            raise Invalid("note_needed", _("“{move}”需要写一句说明。").format(move=move.label),
                          fields={"note": [_("请写一句说明。")]})  # fmt: skip
        if len(note) > NOTE_LENGTH:
            raise Invalid("note_too_long", _("最多 {n} 字。").format(n=NOTE_LENGTH),
                          fields={"note": [_("最多 {n} 字。").format(n=NOTE_LENGTH)]})  # fmt: skip
        if move.goal is not None:
            whistle.state = move.goal.value
        if target is not None and move.target_goal is not None:
            target.state = move.target_goal.value
        self._settle(called)
        transition = WhistleTransition(
            whistle=whistle, target=target, move=name, stage=stage, from_state=before or "", to_state=whistle.state,
            at=self.at, actor_id=self.actor.membership_id, actor_name=self.actor.name,
            payload={"organization": target.organization_id} | payload if target else payload,
        )  # fmt: skip
        self._transitions.append(transition)
        if note:
            self._notes.append((note, transition))
        self._touched[whistle.pk] = called
        return transition

    def _settle(self, called: Called) -> None:
        """What follows from the targets: state, lamp, moments."""
        whistle = called.whistle
        if whistle.state in workflow.FOLLOWING:
            whistle.state = workflow.derive(row.state for row in called.targets).value
        if whistle.state == W.HANDLED and whistle.handled_at is None:
            whistle.handled_at = self.at
        if whistle.state in workflow.ENDED:
            whistle.closed_at = whistle.closed_at or self.at
            for row in called.targets:
                unplan(row)
                row.lamp = ""
                row.ended_at = row.ended_at or self.at
        whistle.lamp = "over" if any(row.lamp for row in called.targets) else ""

    def flush(self) -> list[WhistleTransition]:
        """Write everything collected."""
        update_rows([called.whistle for called in self._touched.values()], WHISTLE_FIELDS)
        targets = [row for called in self._touched.values() for row in called.targets]
        # Only one lead may stand at a time: who is none any more is written first.
        update_rows([row for row in targets if not row.is_lead], TARGET_FIELDS)
        update_rows([row for row in targets if row.is_lead], TARGET_FIELDS)
        outbox.write(self._transitions, tell=self.tell)
        WhistleNote.objects.bulk_create(
            WhistleNote(whistle=row.whistle, transition=row, text=text, created_at=self.at) for text, row in self._notes
        )
        return self._transitions


def _wrong_state(move: workflow.Move, whistle: Whistle, target: WhistleTarget | None) -> str:
    if move.name == "close" and whistle.state == W.HANDLED:
        return str(_("还没有评哨：先给来的单位评一评，才能结束。"))
    if target is not None and whistle.state in move.sources:
        words = _("现在不能“{move}”：这个单位的状态是“{state}”。")
        return str(words.format(move=move.label, state=T(target.state).label))
    words = _("现在不能“{move}”：这次吹哨的状态是“{state}”。")
    return str(words.format(move=move.label, state=W(whistle.state).label))


def plan(target: WhistleTarget, *stages: tuple[str, datetime]) -> None:
    """Fix what happens to a target by the clock, instead of what was planned before."""
    rows = sorted(stages, key=lambda row: row[1])
    target.schedule = [[stage, at.isoformat()] for stage, at in rows]
    target.next_fire_at = rows[0][1] if rows else None


def unplan(target: WhistleTarget, *stages: str) -> None:
    """These stages do not happen any more (all, where none is named)."""
    left = [row for row in target.schedule if stages and row[0] not in stages]
    plan(target, *((stage, datetime.fromisoformat(at)) for stage, at in left))


def lock(whistle_id: int) -> Called:
    """Every mover locks the whistle's row first, and the sweep does the same: they never wait in a circle."""
    whistle = Whistle.objects.select_for_update(of=("self",)).get(pk=whistle_id)
    return Called(whistle, list(WhistleTarget.objects.filter(whistle=whistle).order_by("pk")))


@contextmanager
def making(
    move: str, subject: Whistle | WhistleTarget, *, actor: Actor, at: datetime | None = None, tell: bool = True
) -> Iterator[tuple[Called, WhistleMover]]:
    """Lock, check the right on what is really there, hand over a mover, write what it collected."""
    is_target = isinstance(subject, WhistleTarget)
    called = lock(subject.whistle_id if isinstance(subject, WhistleTarget) else subject.pk)
    target = called.target(subject.pk) if is_target else None
    WhistlePolicy.require(actor, move, called.whistle, target)
    mover = WhistleMover(actor, at=at, tell=tell)
    yield called, mover
    mover.flush()


def load_many(whistles: Sequence[Whistle]) -> list[Called]:
    """Locked whistles with their targets, in one statement."""
    found: dict[int, list[WhistleTarget]] = {row.pk: [] for row in whistles}
    for target in WhistleTarget.objects.filter(whistle__in=whistles).order_by("pk"):
        found[target.whistle_id].append(target)
    return [Called(row, found[row.pk]) for row in whistles]
