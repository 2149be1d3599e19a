"""Whom the moves of several hands, applications and pressure from above are told to (SLA D.4–D.8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.reference import Holder, Territory
from requests_intake import workflow
from requests_intake.models import ClockKind, Ticket, TicketTransition

_ANSWERS = frozenset(
    {ClockKind.DECISION, ClockKind.ARBITRATION, ClockKind.PAUSE_END, ClockKind.REVIEW, ClockKind.REPLY}
)  # fmt: skip
_TO_HANDLERS = {
    "grant_extension": gettext_lazy("同意延期"),
    "grant_pause": gettext_lazy("同意暂停计时"),
    "grant_suspension": gettext_lazy("同意挂账"),
    "refuse": gettext_lazy("申请没有同意"),
    "lapse": gettext_lazy("申请没有人答复，已失效"),
    "arbitrate": gettext_lazy("退单已提交区里裁定"),
    "resume": gettext_lazy("恢复计时"),
    "unsuspend": gettext_lazy("销账，继续办理"),
    "urge": gettext_lazy("催办"),
    "supervise": gettext_lazy("督办，请书面回复"),
    "publish_circular": gettext_lazy("列入通报"),
    "withdraw_circular": gettext_lazy("通报已撤回"),
}
_ALSO_LEADER = frozenset({"urge", "supervise", "publish_circular", "withdraw_circular"})


def answers(kind: str) -> bool:
    """Whether a clock of this kind measures how long somebody takes to answer."""
    return kind in _ANSWERS


def tellings(row: TicketTransition, ticket: Ticket, places: Territory) -> Iterator[tuple[tuple[Holder, ...], str]]:
    """Holders and words; nothing for other moves."""
    office = row.payload.get("organization") or ticket.organization_id
    if row.move.startswith("ask_") and row.payload.get("decider"):
        yield _deciders(places, row.payload["decider"]), _("有申请等您答复")
    elif row.move == "arbitrate":
        yield _deciders(places, row.payload["decider"]), _("退单要裁定")
    elif row.move in ("grant_return", "delegate_down"):
        yield _people(places, row.payload["to_organization"]), _("新工单待签收")
    elif row.move == "give_back":
        yield _people(places, office), _("放回接单池，等人接")
    elif row.move == "add_handler":
        yield _people(places, row.payload["to_organization"]), _("请协办，待签收")
    elif row.move == "cancel_handler":
        yield _people(places, office), _("不用再协办")
    elif row.move == "co_resolve":
        yield _people(places, ticket.organization_id), _("协办已办结")
    elif row.move == "answer_supervision":
        yield _deciders(places, places.center().id), _("督办有了回复")
    elif row.move == "stage" and row.payload.get("kind") == ClockKind.REVIEW:
        yield _people(places, office), _("挂账到了目标日期") if row.stage == "target" else _("挂账要复查")
    elif row.move == "stage" and row.payload.get("kind") == ClockKind.REPLY:
        yield _people(places, office, leader=True), _("督办没有按时回复")
    if row.move in _TO_HANDLERS:
        yield _people(places, office, leader=row.move in _ALSO_LEADER), str(_TO_HANDLERS[row.move])


def _deciders(places: Territory, organization_id: int) -> tuple[Holder, ...]:
    kinds = {kind for kind, relation in workflow.ALLOWED["refuse"] if relation == workflow.DECIDES}
    found = [holder for holder in places.serving(organization_id) if holder.kind in kinds]
    if found:
        return tuple(found)
    responsible = places.responsible(organization_id)
    return (responsible,) if responsible else ()


def _people(places: Territory, organization_id: int, *, leader: bool = False) -> tuple[Holder, ...]:
    """Who handles there; with ``leader``, the leader too."""
    kinds = workflow.READERS - workflow.ONLINE_ONLY - {workflow.REPORT_DESK}
    serving = [holder for holder in places.serving(organization_id) if holder.kind in kinds]
    return _once(serving if leader else ([holder for holder in serving if not holder.is_leader] or serving))


def _once(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    return tuple({holder.membership_id: holder for holder in holders}.values())
