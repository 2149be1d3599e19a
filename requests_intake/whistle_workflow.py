"""States and moves of a whistle and of each organization it calls, as data (S3-24, SLA D.7). Pure: no Django.

A street blows a whistle for several organizations at once, so there are two tables in one: a *whistle* and, for each
organization, its *target*. Moves of targets change the target; what the whistle then is follows by ``derive``. Nobody
sets it by hand between being blown and being closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class WhistleState(StrEnum):
    DRAFT = "draft"
    ASKED = "asked"
    APPROVED = "approved"
    BLOWN = "blown"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    HANDLED = "handled"
    EVALUATED = "evaluated"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return _WHISTLE_LABELS[self.value]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class TargetState(StrEnum):
    CALLED = "called"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ARRIVED = "arrived"
    HANDLED = "handled"
    EVALUATED = "evaluated"
    RELEASED = "released"

    @property
    def label(self) -> str:
        return _TARGET_LABELS[self.value]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


_WHISTLE_LABELS: Mapping[str, str] = {
    "draft": "草稿",
    "asked": "待街道同意",
    "approved": "待吹哨",
    "blown": "待应哨",
    "accepted": "已应哨",
    "arrived": "已到场",
    "handled": "待评价",
    "evaluated": "待结束",
    "closed": "已结束",
    "cancelled": "已取消",
}
_TARGET_LABELS: Mapping[str, str] = {
    "called": "待应哨",
    "accepted": "已应哨",
    "refused": "拒哨待裁定",
    "arrived": "已到场",
    "handled": "已办完",
    "evaluated": "已评价",
    "released": "不用来了",
}

S, T = WhistleState, TargetState

RUNNING = (S.BLOWN, S.ACCEPTED, S.ARRIVED)
"""Organizations are on their way or at work."""
FOLLOWING = (*RUNNING, S.HANDLED, S.EVALUATED)
"""States that follow from the targets."""
ENDED = (S.CLOSED, S.CANCELLED)


@dataclass(frozen=True, slots=True)
class Move:
    """``sources`` → ``goal`` of the whistle (None: unchanged, or it follows from the targets); with ``of_target`` also
    ``target_sources`` → ``target_goal`` of one target. ``needs_note``: one sentence why or what."""

    name: str
    label: str
    sources: tuple[WhistleState | None, ...]
    goal: WhistleState | None = None
    target_sources: tuple[TargetState, ...] = ()
    target_goal: TargetState | None = None
    needs_note: bool = False

    @property
    def of_target(self) -> bool:
        return bool(self.target_sources)


def _table(*moves: Move) -> Mapping[str, Move]:
    return {move.name: move for move in moves}


MOVES: Mapping[str, Move] = _table(
    Move("draft", "准备吹哨", (None,), S.DRAFT),
    Move("ask", "请街道吹哨", (None,), S.ASKED),
    Move("approve", "同意", (S.ASKED,), S.APPROVED),
    Move("decline", "不同意", (S.ASKED,), S.CANCELLED, needs_note=True),
    Move("withdraw", "撤回请求", (S.ASKED, S.APPROVED), S.CANCELLED),
    Move("blow", "吹哨", (S.DRAFT, S.APPROVED), S.BLOWN),
    Move("call", "再叫一个单位", RUNNING),
    Move("cancel", "取消", (S.DRAFT, S.APPROVED, S.BLOWN, S.ACCEPTED), S.CANCELLED, needs_note=True),
    Move("close", "结束", (S.EVALUATED,), S.CLOSED),
    Move("accept", "应哨", RUNNING, None, (T.CALLED,), T.ACCEPTED),
    Move("refuse", "拒哨", RUNNING, None, (T.CALLED,), T.REFUSED, needs_note=True),
    Move("must_come", "裁定：要来", RUNNING, None, (T.REFUSED,), T.ACCEPTED, needs_note=True),
    Move("release", "裁定：不用来", RUNNING, None, (T.REFUSED,), T.RELEASED, needs_note=True),
    Move("dismiss", "不等它了", RUNNING, None, (T.CALLED, T.ACCEPTED), T.RELEASED, needs_note=True),
    Move("arrive", "报到", RUNNING, None, (T.CALLED, T.ACCEPTED), T.ARRIVED),
    Move("handle", "办完", RUNNING, None, (T.ARRIVED,), T.HANDLED, needs_note=True),
    Move("evaluate", "评哨", (S.HANDLED,), None, (T.HANDLED,), T.EVALUATED),
    # Of the clocks: nobody decided in time, so the refusal is not granted; and the reminder at a limit.
    Move("lapse", "逾期未裁，仍要来", RUNNING, None, (T.REFUSED,), T.ACCEPTED),
    Move("stage", "到时限", RUNNING),
)

CALLER, ASKER, RESPONDER, DISTRICT, SYSTEM = "caller", "asker", "responder", "district", "system"
"""How an actor may stand to a whistle: of the street that blows it; of the community that asked for it; of the
organization called (of this target); of the district's centre; a named part of the system."""

STREET = ("street_dispatcher", "street_leader")
COMMUNITY = ("community_secretary", "community_staff")
RESPONDERS = ("department_handler", "department_leader")
ARBITERS = ("district_dispatcher",)
OVERSEERS = ("district_dispatcher", "district_official", "supervisor")
"""Kinds of post of the district that read every whistle once it was blown."""


def _each(relation: str, *kinds: str) -> frozenset[tuple[str, str]]:
    return frozenset((kind, relation) for kind in kinds)


_BY_STREET = _each(CALLER, *STREET)
_BY_CALLED = _each(RESPONDER, *RESPONDERS)
_BY_CENTRE = _each(DISTRICT, *ARBITERS)
_BY_SYSTEM = frozenset({(SYSTEM, SYSTEM)})

ALLOWED: Mapping[str, frozenset[tuple[str, str]]] = {
    "draft": _BY_STREET,
    "ask": _each(ASKER, *COMMUNITY),
    "approve": _BY_STREET,
    "decline": _BY_STREET,
    "withdraw": _each(ASKER, *COMMUNITY),
    "blow": _BY_STREET,
    "call": _BY_STREET,
    "cancel": _BY_STREET,
    "close": _BY_STREET,
    "accept": _BY_CALLED,
    "refuse": _BY_CALLED,
    "must_come": _BY_CENTRE,
    "release": _BY_CENTRE,
    "dismiss": _BY_STREET,
    "arrive": _BY_CALLED,
    "handle": _BY_CALLED,
    "evaluate": _BY_STREET | _each(ASKER, *COMMUNITY),
    "lapse": _BY_SYSTEM,
    "stage": _BY_SYSTEM,
}
"""Move → who may make it, as (kind of post, relation to the whistle or to this target)."""


def permits(move: Move, state: str | None, target_state: str | None = None) -> bool:
    """Whether the two tables allow the move."""
    if state not in move.sources:
        return False
    return not move.of_target or target_state in move.target_sources


_RANK = {T.CALLED: 0, T.REFUSED: 0, T.ACCEPTED: 1, T.ARRIVED: 2, T.HANDLED: 3, T.EVALUATED: 4}


def derive(states: Iterable[str]) -> WhistleState:
    """What a blown whistle is, from its targets' states.

    The foremost says whether somebody has accepted or arrived, the hindmost whether all is handled and evaluated.
    Released ones count for nothing; a whistle whose every target was released waits for another to be called.
    """
    ranks = [_RANK[TargetState(state)] for state in states if state != T.RELEASED]
    if not ranks:
        return S.BLOWN
    if min(ranks) == 4:
        return S.EVALUATED
    if min(ranks) == 3:
        return S.HANDLED
    return {0: S.BLOWN, 1: S.ACCEPTED}.get(max(ranks), S.ARRIVED)
