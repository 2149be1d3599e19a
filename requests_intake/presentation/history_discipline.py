"""Words of the timeline for several hands, applications and pressure from above: exact inward, plain outward."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake.models import Application, ClockKind, TicketTransition
from requests_intake.sla.discipline import REASONS

_ANSWER_STAGES = {
    ClockKind.DECISION: (gettext_lazy("到时没有答复申请"), "over"),
    ClockKind.ARBITRATION: (gettext_lazy("到时没有裁定"), "over"),
    ClockKind.PAUSE_END: (gettext_lazy("暂停到期，恢复计时"), "doing"),
    ClockKind.REPLY: (gettext_lazy("到时没有回复督办"), "over"),
}


def answer_stage(kind: str, stage: str) -> tuple[str, str] | None:
    """Title and dot of a fired stage of a clock that measures an answer; None for the limits of the matter itself."""
    if kind == ClockKind.REVIEW:
        return (str(_("挂账到了目标日期")), "over") if stage == "target" else (str(_("挂账满三十天，请复查")), "hold")
    found = _ANSWER_STAGES.get(ClockKind(kind)) if kind in ClockKind.values else None
    return (str(found[0]), found[1]) if found else None


_INWARD = {
    "ask_return": gettext_lazy("{kind}申请，请{decider}答复"),
    "ask_extension": gettext_lazy("{kind}申请，请{decider}答复"),
    "ask_pause": gettext_lazy("{kind}申请，请{decider}答复"),
    "ask_suspension": gettext_lazy("{kind}申请，请{decider}答复"),
    "grant_return": gettext_lazy("同意退单，改由{to}办理"),
    "grant_extension": gettext_lazy("同意延期到{due}"),
    "grant_pause": gettext_lazy("同意暂停到{until}：{reason}"),
    "grant_suspension": gettext_lazy("同意挂账，目标{until}：{reason}"),
    "refuse": gettext_lazy("不同意{kind}"),
    "lapse": gettext_lazy("{kind}申请没有人答复，失效"),
    "arbitrate": gettext_lazy("退单没有人答复，提交区里裁定"),
    "take_back": gettext_lazy("撤回{kind}申请"),
    "add_handler": gettext_lazy("加派{to}协办"),
    "cancel_handler": gettext_lazy("取消{organization}协办"),
    "co_resolve": gettext_lazy("{organization}协办办结"),
    "delegate_down": gettext_lazy("下沉给{to}"),
    "supervise": gettext_lazy("{issuer}督办（第 {number} 次）"),
    "publish_circular": gettext_lazy("通报{organization}"),
    "withdraw_circular": gettext_lazy("撤回对{organization}的通报"),
}
_ARBITRATED = {"grant_return": gettext_lazy("裁定由{to}办理"), "refuse": gettext_lazy("裁定不退")}
_OUTWARD = {
    "grant_return": gettext_lazy("确认由{to}办理"),
    "grant_pause": gettext_lazy("暂停一下：{reason}，预计{until}继续"),
    "resume": gettext_lazy("继续办理"),
    "grant_suspension": gettext_lazy("一时办不了，列入台账，预计{until}"),
    "unsuspend": gettext_lazy("条件具备了，继续办理"),
    "delegate_down": gettext_lazy("交给{to}就近办理"),
    "claim": gettext_lazy("{organization}接手了"),
}


def inward(row: TicketTransition) -> str:
    """The title for staff; empty where the move's own name says it all."""
    words = _ARBITRATED.get(row.move) if row.payload.get("arbitration") else None
    words = words or _INWARD.get(row.move)
    return str(words).format(**_facts(row)) if words else ""


def outward(row: TicketTransition) -> str:
    """The title for the resident; empty for what they need not know: who asked whom, and who helps."""
    if row.move == "grant_extension":
        return _("办理时间延长")
    words = _OUTWARD.get(row.move)
    return str(words).format(**_facts(row)) if words else ""


def _facts(row: TicketTransition) -> dict[str, object]:
    payload, name = row.payload, territory().organization_name
    reasons = REASONS[row.move.removeprefix("grant_")] if row.move.startswith(("grant_p", "grant_s")) else {}
    return {
        "kind": _kind(payload),
        "decider": name(payload.get("decider")),
        "to": name(payload.get("to_organization")),
        "organization": name(payload.get("organization")),
        "issuer": name(payload.get("issuer")),
        "number": payload.get("number", 1),
        "reason": reasons.get(str(payload.get("reason", "")), ""),
        "due": _moment(payload, "due"),
        "until": _moment(payload, "until"),
    }


def _kind(payload: dict[str, object]) -> str:
    kind = str(payload.get("kind", ""))
    return str(Application.Kind(kind).label) if kind in Application.Kind.values else ""


def _moment(payload: dict[str, object], name: str) -> str:
    value = payload.get(name)
    return local_time(datetime.fromisoformat(str(value))) if value else ""
