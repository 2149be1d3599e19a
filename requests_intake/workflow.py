"""States and moves of tickets and work orders, as data (SLA D.11, D.12). Pure: no Django, no database.

A *move* is one act as people name it (签收, 上报 …). It takes the ticket, and usually its lead order, from one state to
another. Escalation is not a state: it keeps the ticket ``handling`` and replaces the lead work order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class _State(StrEnum):
    @property
    def label(self) -> str:
        """What people call the state."""
        return _LABELS[type(self).__name__][self.value]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class TicketState(_State):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MERGED = "merged"
    HANDLING = "handling"
    RESOLVED = "resolved"
    VISITING = "visiting"
    CLOSED = "closed"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


class OrderState(_State):
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


_LABELS: Mapping[str, Mapping[str, str]] = {
    "TicketState": {
        "submitted": "待受理",
        "accepted": "待派单",
        "rejected": "不予受理",
        "merged": "已合并",
        "handling": "在办",
        "resolved": "待核查",
        "visiting": "待评价",
        "closed": "已结案",
        "archived": "已归档",
        "withdrawn": "已撤回",
    },
    "OrderState": {
        "dispatched": "待签收",
        "signed": "已签收",
        "in_progress": "办理中",
        "paused": "暂停",
        "suspended": "挂账",
        "resolved": "已办结",
        "verified": "已核查",
        "handed_over": "已移交",
        "cancelled": "已取消",
    },
}

T, W = TicketState, OrderState

FINISHED = (T.REJECTED.value, T.MERGED.value, T.CLOSED.value, T.ARCHIVED.value, T.WITHDRAWN.value)
"""Ticket states in which nothing runs any more; ``closed_at`` is set exactly in these."""

ORDER_OPEN = (W.DISPATCHED, W.SIGNED, W.IN_PROGRESS)
ORDER_WORKING = (W.SIGNED, W.IN_PROGRESS)
ORDER_HELD = (W.PAUSED, W.SUSPENDED)
ORDER_ENDED = (W.VERIFIED, W.HANDED_OVER, W.CANCELLED)


@dataclass(frozen=True, slots=True)
class Move:
    """``sources``/``target``: the ticket's states (None as source: it does not exist yet; None as target: unchanged).
    ``order_sources``/``order_target``: the lead work order's. ``label`` names the act on buttons and timelines."""

    name: str
    label: str
    sources: tuple[TicketState | None, ...]
    target: TicketState | None = None
    order_sources: tuple[OrderState, ...] = ()
    order_target: OrderState | None = None
    needs_note: bool = False


def _table(*moves: Move) -> Mapping[str, Move]:
    return {move.name: move for move in moves}


MOVES: Mapping[str, Move] = _table(
    Move("submit", "提交", (None,), T.SUBMITTED),
    Move("accept", "受理", (T.SUBMITTED,), T.ACCEPTED),
    Move("reject", "不予受理", (T.SUBMITTED, T.ACCEPTED), T.REJECTED, needs_note=True),
    Move("dispatch", "派单", (T.ACCEPTED, T.HANDLING), T.HANDLING, ORDER_OPEN, W.HANDED_OVER),
    Move("sign", "签收", (T.HANDLING,), None, (W.DISPATCHED,), W.SIGNED),
    Move("contact", "联系居民", (T.HANDLING,), None, (W.SIGNED, W.IN_PROGRESS), W.IN_PROGRESS),
    # Danger and difficult matters have limits of their own besides the promise (SLA D.2).
    Move("arrive", "到场", (T.HANDLING,), None, ORDER_WORKING, W.IN_PROGRESS),
    Move("control_danger", "险情已控制", (T.HANDLING,), None, ORDER_WORKING, W.IN_PROGRESS, needs_note=True),
    Move("report_danger", "报告险情", (T.HANDLING,), None, ORDER_WORKING, W.IN_PROGRESS, needs_note=True),
    Move("tell_plan", "告知方案", (T.HANDLING,), None, ORDER_WORKING, W.IN_PROGRESS, needs_note=True),
    Move("escalate", "上报", (T.HANDLING,), None, ORDER_OPEN, W.HANDED_OVER, needs_note=True),
    Move("resolve", "办结", (T.HANDLING,), T.RESOLVED, (W.SIGNED, W.IN_PROGRESS), W.RESOLVED, needs_note=True),
    Move("solve_on_site", "现场解决", (T.HANDLING,), T.RESOLVED, ORDER_OPEN, W.RESOLVED, needs_note=True),
    Move("verify", "核查通过", (T.RESOLVED,), T.VISITING, (W.RESOLVED,), W.VERIFIED),
    Move("waive_verification", "免予核查", (T.RESOLVED,), T.VISITING, (W.RESOLVED,), W.VERIFIED),
    Move("rework", "返工", (T.RESOLVED,), T.HANDLING, (W.RESOLVED,), W.IN_PROGRESS, needs_note=True),
    Move("return_visit", "回访", (T.VISITING,), None),
    Move("rate", "评价", (T.VISITING,), None),
    Move("rehandle", "重新办理", (T.VISITING,), T.HANDLING),
    Move("close", "结案", (T.VISITING,), T.CLOSED),
    # A leader's review of what was handled twice and is still not solved (SLA D.10).
    Move("order_again", "责成再办", (T.VISITING,), T.HANDLING, needs_note=True),
    Move("review_up", "交上级再办", (T.VISITING,), T.HANDLING, needs_note=True),
    Move("ask_unreasonable", "申请认定不合理", (T.VISITING,), None, needs_note=True),
    Move("judge_unreasonable", "认定不合理诉求", (T.VISITING,), None, needs_note=True),
    Move("reopen", "重开", (T.CLOSED,), T.HANDLING, needs_note=True),
    Move(
        "withdraw", "撤回", (T.SUBMITTED, T.ACCEPTED, T.HANDLING), T.WITHDRAWN, (*ORDER_OPEN, *ORDER_HELD), W.CANCELLED
    ),
    # One matter reported by several: the follower is handled with its master.
    Move("merge", "合并", (T.SUBMITTED, T.ACCEPTED, T.HANDLING), T.MERGED, (*ORDER_OPEN, *ORDER_HELD), W.CANCELLED),
    Move("unmerge", "撤销合并", (T.MERGED,), T.ACCEPTED, needs_note=True),
    Move("archive", "归档", (T.CLOSED, T.REJECTED, T.WITHDRAWN, T.MERGED), T.ARCHIVED),
    # Several hands: who takes it on, who helps, who gets it back.
    Move("claim", "接单", (T.HANDLING,), None, (W.DISPATCHED,), W.SIGNED),
    Move("give_back", "放回接单池", (T.HANDLING,), None, (W.SIGNED,), W.DISPATCHED),
    Move("delegate_down", "下沉", (T.HANDLING,), None, ORDER_OPEN, W.HANDED_OVER, needs_note=True),
    Move("add_handler", "加派协办", (T.HANDLING,), None, (*ORDER_OPEN, *ORDER_HELD)),
    Move("call_helper", "请人帮忙", (T.HANDLING,), None, (*ORDER_OPEN, *ORDER_HELD)),
    Move("cancel_handler", "取消协办", (T.HANDLING,), None, ORDER_OPEN, W.CANCELLED, needs_note=True),
    Move("co_resolve", "协办办结", (T.HANDLING,), None, ORDER_WORKING, W.RESOLVED, needs_note=True),
    # What the handling organization asks for, and the answers (SLA D.5-D.8).
    Move("ask_return", "申请退单", (T.HANDLING,), None, ORDER_OPEN, needs_note=True),
    Move("ask_extension", "申请延期", (T.HANDLING,), None, ORDER_WORKING, needs_note=True),
    Move("ask_pause", "申请暂停", (T.HANDLING,), None, ORDER_WORKING, needs_note=True),
    Move("ask_suspension", "申请挂账", (T.HANDLING,), None, ORDER_WORKING, needs_note=True),
    Move("take_back", "撤回申请", (T.HANDLING,), None, (*ORDER_OPEN, *ORDER_HELD)),
    Move("grant_return", "同意退单", (T.HANDLING,), None, ORDER_OPEN, W.HANDED_OVER),
    Move("grant_extension", "同意延期", (T.HANDLING,), None, ORDER_WORKING),
    Move("grant_pause", "同意暂停", (T.HANDLING,), None, ORDER_WORKING, W.PAUSED),
    Move("grant_suspension", "同意挂账", (T.HANDLING,), None, ORDER_WORKING, W.SUSPENDED),
    Move("refuse", "不同意", (T.HANDLING,), None, (*ORDER_OPEN, *ORDER_HELD), needs_note=True),
    Move("lapse", "申请失效", (T.HANDLING,), None, (*ORDER_OPEN, *ORDER_HELD)),
    Move("arbitrate", "提交裁定", (T.HANDLING,), None, (*ORDER_OPEN, *ORDER_HELD)),
    Move("resume", "恢复计时", (T.HANDLING,), None, (W.PAUSED,), W.IN_PROGRESS),
    Move("review_suspension", "复查挂账", (T.HANDLING,), None, (W.SUSPENDED,), needs_note=True),
    Move("unsuspend", "销账", (T.HANDLING,), None, (W.SUSPENDED,), W.IN_PROGRESS, needs_note=True),
    # Pressure from above (SLA D.4).
    Move("urge", "催办", (T.HANDLING,), None, (*ORDER_OPEN, *ORDER_HELD)),
    Move("supervise", "督办", (T.HANDLING,), None, ORDER_OPEN, needs_note=True),
    Move("answer_supervision", "回复督办", (T.HANDLING,), None, ORDER_OPEN, needs_note=True),
    Move("publish_circular", "通报", (T.HANDLING, T.RESOLVED, T.VISITING, T.CLOSED), needs_note=True),
    Move("drop_circular", "不予通报", (T.HANDLING, T.RESOLVED, T.VISITING, T.CLOSED), needs_note=True),
    Move("withdraw_circular", "撤回通报", tuple(T), needs_note=True),
    # A dispute goes to mediators; how that ends is theirs to know (S0-21).
    Move("mediate", "转调解", (T.HANDLING,), None, ORDER_WORKING),
    Move("end_mediation", "调解结束", (T.HANDLING,)),
    # Moves of people and clocks that change no state.
    Move("relocate", "补充地点", (T.SUBMITTED, T.ACCEPTED)),
    Move("classify", "更正分类", (T.SUBMITTED, T.ACCEPTED, T.HANDLING)),
    Move("assign", "指派", (T.HANDLING,), None, ORDER_OPEN, None),
    Move("absorb", "并入一件", (T.SUBMITTED, T.ACCEPTED, T.HANDLING)),
    Move("release", "移出一件", tuple(T)),
    Move("follow_step", "主件进展", (T.MERGED,)),
    Move("rate_merged", "评价", (T.MERGED,)),
    Move("split", "拆分", (T.SUBMITTED, T.ACCEPTED, T.HANDLING)),
    Move("stage", "时限提醒", (T.SUBMITTED, T.ACCEPTED, T.HANDLING)),
    Move("raise_check", "核查逾期上交", (T.RESOLVED,)),
    # Letters to the secretary (S2-12): they wait in their first state until they are answered for good or turned over.
    Move("reply_letter", "回信", (T.SUBMITTED,), needs_note=True),
    Move("write_back", "再写几句", (T.SUBMITTED,), needs_note=True),
    Move("ask_consent", "征求转办意见", (T.SUBMITTED,)),
    Move("answer_consent", "答复转办意见", (T.SUBMITTED,)),
    Move("convert_letter", "转为普通诉求", (T.SUBMITTED,)),
    Move("end_letter", "办结来信", (T.SUBMITTED,), T.CLOSED, needs_note=True),
)

HANDLES, COVERS, REQUESTER, SYSTEM = "handles", "covers", "requester", "system"
ASSISTS, DECIDES = "assists", "decides"
"""How an actor may stand to a ticket: holds a post in the lead work order's organization; holds a post whose territory
contains the ticket; is the person who reported it; is a named part of the system; holds a post in the organization of
an open co-handling order; in the organization that answers an application (the district centre answers any)."""
ADDRESSED, AUTHOR = "addressed", "author"
"""How one may stand to a letter: it is written to one's post; one wrote it."""
LETTER_MOVES: frozenset[str] = frozenset(
    {"reply_letter", "write_back", "ask_consent", "answer_consent", "convert_letter", "end_letter", "withdraw"}
)
"""What people may do with a letter: nothing of what is done with other tickets but to take it back."""

_GRID = ("grid_worker", "grid_leader")
_COMMUNITY = ("community_secretary", "community_staff")
_STREET = ("street_dispatcher", "street_leader")
_DEPARTMENT = ("department_handler", "department_leader")
_LIAISON = ("network_liaison",)
_DISTRICT = ("district_dispatcher",)
_DESKS = (*_COMMUNITY, *_STREET, *_DISTRICT)
_REVIEWERS = ("community_secretary", "street_leader", "street_dispatcher", *_DISTRICT)
REPORT_DESK = "report_officer"
"""The district's confidential desk: of restricted tickets it has every right of the district's dispatcher, of others
none (``policies.TicketPolicy``)."""
_CLAIMERS = ("grid_worker", "community_staff", "department_handler")
_HANDLERS = (*_GRID, *_COMMUNITY, *_STREET, *_DEPARTMENT, *_DISTRICT)


def _each(relation: str, *kinds: str) -> frozenset[tuple[str, str]]:
    return frozenset((kind, relation) for kind in kinds)


_BY_REQUESTER = frozenset({(REQUESTER, REQUESTER)})
_BY_SYSTEM = frozenset({(SYSTEM, SYSTEM)})

_GIVEN: Mapping[str, frozenset[tuple[str, str]]] = {
    "accept": _each(COVERS, *_DESKS) | _BY_SYSTEM,
    "reject": _each(COVERS, *_DESKS),
    # A desk hands the order on within its own territory; who merely covers it from above may step in.
    "dispatch": _each(COVERS, *_DESKS) | _BY_SYSTEM,
    "sign": _each(HANDLES, *_HANDLERS, *_LIAISON) | _each(ASSISTS, *_HANDLERS),
    "contact": _each(HANDLES, *_HANDLERS, *_LIAISON) | _each(ASSISTS, *_HANDLERS),
    "arrive": _each(HANDLES, *_HANDLERS) | _each(ASSISTS, *_HANDLERS),
    "control_danger": _each(HANDLES, *_HANDLERS) | _each(ASSISTS, *_HANDLERS),
    "report_danger": _each(HANDLES, *_HANDLERS) | _each(ASSISTS, *_HANDLERS),
    "tell_plan": _each(HANDLES, *_HANDLERS),
    "claim": _each(HANDLES, *_CLAIMERS),
    "give_back": _each(HANDLES, *_CLAIMERS),
    "delegate_down": _each(HANDLES, *_DESKS),
    "add_handler": _each(COVERS, *_STREET, *_DISTRICT) | _each(HANDLES, *_DESKS, *_DEPARTMENT),
    "cancel_handler": _each(COVERS, *_STREET, *_DISTRICT) | _each(HANDLES, *_DESKS, *_DEPARTMENT),
    # Departments keep no lists of their own: whom they need they ask for at the desk that covers the place.
    "call_helper": _each(COVERS, *_DESKS) | _each(HANDLES, *_GRID, *_DESKS),
    "co_resolve": _each(ASSISTS, *_HANDLERS),
    "ask_return": _each(HANDLES, *_HANDLERS),
    "ask_extension": _each(HANDLES, *_HANDLERS),
    "ask_pause": _each(HANDLES, *_HANDLERS),
    "ask_suspension": _each(HANDLES, *_COMMUNITY, *_STREET, *_DEPARTMENT, *_DISTRICT),
    "take_back": _each(HANDLES, *_HANDLERS),
    "grant_return": _each(DECIDES, *_DESKS, "department_leader"),
    "grant_extension": _each(DECIDES, *_DESKS, "department_leader"),
    "grant_pause": _each(DECIDES, *_DESKS, "department_leader"),
    "grant_suspension": _each(DECIDES, *_DISTRICT),
    "refuse": _each(DECIDES, *_DESKS, "department_leader"),
    "lapse": _BY_SYSTEM,
    "arbitrate": _BY_SYSTEM,
    "resume": _each(HANDLES, *_HANDLERS) | _BY_SYSTEM,
    "review_suspension": _each(HANDLES, *_COMMUNITY, *_STREET, *_DEPARTMENT, *_DISTRICT) | _each(COVERS, *_DISTRICT),
    "unsuspend": _each(HANDLES, *_COMMUNITY, *_STREET, *_DEPARTMENT, *_DISTRICT) | _each(COVERS, *_DISTRICT),
    "urge": _each(COVERS, *_DESKS, "supervisor", "district_official"),
    "supervise": _each(COVERS, "street_leader", *_DISTRICT, "supervisor", "district_official") | _BY_SYSTEM,
    "answer_supervision": _each(HANDLES, *_HANDLERS),
    "publish_circular": _each(COVERS, *_DISTRICT, "supervisor", "district_official"),
    "drop_circular": _each(COVERS, *_DISTRICT, "supervisor", "district_official"),
    "withdraw_circular": _each(COVERS, *_DISTRICT, "supervisor", "district_official"),
    "escalate": _each(HANDLES, *_HANDLERS) | _BY_SYSTEM,
    "resolve": _each(HANDLES, *_HANDLERS, *_LIAISON) | _BY_SYSTEM,
    "mediate": _each(HANDLES, *_HANDLERS),
    "end_mediation": _BY_SYSTEM,
    "solve_on_site": _each(HANDLES, *_GRID, *_COMMUNITY, *_STREET),
    "verify": _each(COVERS, *_GRID, *_DESKS, "supervisor"),
    "rework": _each(COVERS, *_GRID, *_DESKS, "supervisor"),
    "waive_verification": _BY_SYSTEM,
    "return_visit": _each(COVERS, "return_visitor", *_DESKS),
    "rate": _BY_REQUESTER,
    "rehandle": _BY_SYSTEM,
    "close": _each(COVERS, "community_secretary", "street_leader", *_STREET[:1], *_DISTRICT) | _BY_SYSTEM,
    "order_again": _each(COVERS, *_REVIEWERS),
    "review_up": _each(COVERS, *_REVIEWERS),
    "ask_unreasonable": _each(COVERS, *_REVIEWERS),
    "judge_unreasonable": _each(COVERS, *_DISTRICT, "supervisor"),
    "raise_check": _BY_SYSTEM,
    "reopen": _BY_REQUESTER | _each(COVERS, "return_visitor", *_STREET, *_DISTRICT, "supervisor"),
    "withdraw": _BY_REQUESTER,
    "archive": _each(COVERS, *_STREET, *_DISTRICT) | _BY_SYSTEM,
    "relocate": _each(COVERS, *_DESKS),
    "classify": _each(COVERS, *_DESKS) | _each(HANDLES, *_HANDLERS),
    "assign": _each(HANDLES, "grid_leader", *_COMMUNITY, *_STREET, "department_leader", *_DISTRICT),
    "merge": _each(COVERS, *_DESKS),
    "unmerge": _each(COVERS, *_DESKS) | _BY_SYSTEM,
    "absorb": _BY_SYSTEM,
    "release": _BY_SYSTEM,
    "follow_step": _BY_SYSTEM,
    "rate_merged": _BY_REQUESTER,
    "split": _each(COVERS, *_DESKS),
    "stage": _BY_SYSTEM,
    "reply_letter": _each(ADDRESSED, "community_secretary"),
    "ask_consent": _each(ADDRESSED, "community_secretary"),
    "convert_letter": _each(ADDRESSED, "community_secretary"),
    "end_letter": _each(ADDRESSED, "community_secretary"),
    "write_back": _each(AUTHOR, REQUESTER),
    "answer_consent": _each(AUTHOR, REQUESTER),
    "submit": _BY_SYSTEM | _BY_REQUESTER,
}
ALLOWED: Mapping[str, frozenset[tuple[str, str]]] = {
    move: given | {(REPORT_DESK, relation) for kind, relation in given if kind in _DISTRICT}
    for move, given in _GIVEN.items()
}
"""Move → who may make it, as (kind of post, relation to the ticket)."""

OF_REVIEW: frozenset[str] = frozenset({"order_again", "review_up", "ask_unreasonable", "judge_unreasonable"})
"""Moves that only a ticket under review (``needs_review``) has."""

READERS: frozenset[str] = frozenset(
    {*_HANDLERS, *_LIAISON, "district_official", "supervisor", "return_visitor", "reader", REPORT_DESK}
)
"""Kinds of post that may read the tickets of their territory (departments: of their work orders; the confidential
desk: the restricted ones alone)."""

RECORDERS: frozenset[str] = frozenset({*_HANDLERS, *_LIAISON})
"""Kinds of post that may record a ticket for somebody else; who only looks on records nothing."""

ONLINE_ONLY: frozenset[str] = frozenset(_LIAISON)
"""Kinds of post that read, record and answer only what came in online (网络联络员, S3-13b)."""

REGISTER_READERS: frozenset[str] = frozenset({"district_dispatcher", "supervisor", REPORT_DESK})
"""Kinds of post that see of every restricted ticket its number and state, and no word (read_first, risk 6)."""

KNOWS_REQUESTERS: frozenset[str] = frozenset({"district_dispatcher", "supervisor", REPORT_DESK})
"""Kinds of post from whom a requester who asked for confidence (保密) is not hidden, of the tickets they may see."""


def allowed_from(state: str | None) -> tuple[Move, ...]:
    """Moves that the table permits in a ticket state."""
    return tuple(move for move in MOVES.values() if state in move.sources)


def permits(move: Move, ticket_state: str | None, order_state: str | None) -> bool:
    """Whether the two state tables allow the move. ``order_state`` is None where the ticket has no lead order."""
    if ticket_state not in move.sources:
        return False
    return not move.order_sources or order_state is None or order_state in move.order_sources
