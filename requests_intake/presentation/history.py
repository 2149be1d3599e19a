"""What happened to a ticket, newest first: exact words for staff, plain words for residents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.queries import staff_names
from governance.kernel.templatetags.ui import local_time
from grids.models import Level
from grids.models.organization import PostKind
from grids.reference import territory
from requests_intake import helpers as helper_words
from requests_intake import workflow
from requests_intake.actions import consents
from requests_intake.actions.desk import REJECT_REASONS
from requests_intake.channels import channel_name
from requests_intake.models import (
    FIELD_MOVES,
    Attachment,
    Channel,
    Note,
    ReturnVisit,
    Satisfaction,
    Ticket,
    TicketTransition,
)
from requests_intake.presentation import duplicate_words, history_discipline
from requests_intake.presentation.photos import photo_of
from requests_intake.presentation.routing import rule_line
from requests_intake.reference import rules

CLOSE_WORDS = {
    "rated": gettext_lazy("居民已评价"),
    "reviewed": gettext_lazy("负责人复核后结案"),
    "unreachable": gettext_lazy("多次联系不上居民"),
    "unrated": gettext_lazy("居民没有评价"),
    "no_visit": gettext_lazy("不需回访"),
    "unreasonable": gettext_lazy("区里认定为不合理诉求"),
}
_AT_ONCE = timedelta(minutes=5)
"""What came in so soon after it happened needs no word about when."""
_STAGES = {
    "half": (gettext_lazy("时间过半，还没有签收，已提醒"), "soon"),
    "soon": (gettext_lazy("{kind}快到期，自动催办"), "soon"),
    "soon_2": (gettext_lazy("{kind}快到期，自动催办"), "soon"),
    "soon_3": (gettext_lazy("{kind}快到期，自动催办"), "soon"),
    "due": (gettext_lazy("{kind}时限已到"), "over"),
    "duty": (gettext_lazy("超时过半，通知区值班"), "over"),
    "notice": (gettext_lazy("次日催办"), "over"),
    "supervise": (gettext_lazy("督办"), "over"),
    "circular": (gettext_lazy("列入通报草稿"), "over"),
    "late": (gettext_lazy("没有按时{kind}"), "over"),
    "report": (gettext_lazy("险情还没有控制，请报告进展"), "over"),
    "escalate": (gettext_lazy("长时间没有签收"), "over"),
}
_CLOCKS = {
    "promise": gettext_lazy("对居民承诺的"),
    "sign": gettext_lazy("签收"),
    "contact": gettext_lazy("联系居民"),
    "resolve": gettext_lazy("办结"),
    "on_site": gettext_lazy("到场"),
    "control": gettext_lazy("控制险情"),
    "plan": gettext_lazy("告知方案"),
}
_DOTS = {
    "escalate": "up", "dispatch": "up", "resolve": "doing", "solve_on_site": "doing", "verify": "check",
    "waive_verification": "check", "rework": "hold", "rehandle": "hold", "reopen": "hold", "reject": "hold",
    "order_again": "hold", "mediate": "doing", "end_mediation": "check", "review_up": "up", "raise_check": "up",
    "grant_pause": "hold", "grant_suspension": "hold", "grant_return": "up", "delegate_down": "up", "supervise": "over",
    "publish_circular": "over", "return_visit": "done", "rate": "done", "close": "done", "archive": "done",
}  # fmt: skip
_PHOTOS_WITH = {
    "submit": Attachment.Purpose.REPORT, "resolve": Attachment.Purpose.EVIDENCE,
    "solve_on_site": Attachment.Purpose.EVIDENCE, "verify": Attachment.Purpose.VERIFICATION,
    "rework": Attachment.Purpose.VERIFICATION,
}  # fmt: skip


def timeline(ticket: Ticket, *, outward: bool) -> list[dict[str, Any]]:
    """Steps for ``components/timeline.html``, newest first; four statements at most.

    ``outward=True`` speaks to the resident: plain words (社区交给街道), no names of staff, no internal note.
    """
    rows = moves_of(ticket)
    notes = _notes(ticket) if outward else words_of(ticket)
    photos = _photos(ticket)
    names = {} if outward else staff_names(row.actor_id for row in rows)
    if not outward:
        names |= staff_names({row.payload.get("assignee") for row in rows} - names.keys())
    helpers = {} if outward else helper_words.names_of(rows)
    title = duplicate_words.titles(outward, lambda row: (_outward_title if outward else _inward_title)(row, names))
    steps = []
    for row in rows:
        words = title(row) if row.move != "call_helper" or outward else helper_words.title_of(row.payload, helpers)
        if words:
            steps.append(_step(row, words, notes, photos, names, outward))
    return steps


def _step(
    row: TicketTransition,
    words: str,
    notes: dict[int, str],
    photos: dict[tuple[str, datetime], list[dict[str, str]]],
    names: dict[int, str],
    outward: bool,
) -> dict[str, Any]:
    dot = _stage_dot(row) if row.move == "stage" else _DOTS.get(row.move, "")
    purpose = _PHOTOS_WITH.get(row.move)
    return {
        "title": words,
        "by": "" if outward else _by(row, names),
        "at": local_time(row.at),
        "iso": row.at.isoformat(),
        "dot": dot,
        "say": notes.get(row.pk, ""),
        "speaker": "",
        "photos": photos.get((purpose, row.at), []) if purpose else [],
        "move": row.move,
        "why": "" if outward else rule_line(row.payload) or _came_in(row),
    }


def _came_in(row: TicketTransition) -> str:
    """When a phone without a network could send what was done on the spot earlier; empty where it came at once."""
    if row.move not in FIELD_MOVES or row.recorded_at - row.at < _AT_ONCE:
        return ""
    return _("手机上先记下的，{time} 传到").format(time=local_time(row.recorded_at))


def _stage_dot(row: TicketTransition) -> str:
    answer = history_discipline.answer_stage(row.payload.get("kind", ""), row.payload["stage"])
    return answer[1] if answer is not None else _STAGES[_stage(row)][1]


def _stage(row: TicketTransition) -> str:
    """The stage without the number of what repeats (report_2)."""
    stage = str(row.payload["stage"])
    return "report" if stage.startswith("report_") else stage


def moves_of(ticket: Ticket) -> list[TicketTransition]:
    """Every move, the newest first; read once per ticket object, whatever panels show of it."""
    found: list[TicketTransition] | None = ticket.__dict__.get("_moves")
    if found is None:
        found = list(TicketTransition.objects.filter(ticket=ticket).order_by("-at", "-pk"))
        ticket.__dict__["_moves"] = found
    return found


def words_of(ticket: Ticket) -> dict[int, str]:
    """What was said with which move, internal words included: for staff. Read once per ticket object."""
    found: dict[int, str] | None = ticket.__dict__.get("_words")
    if found is None:
        rows = Note.objects.filter(ticket=ticket, transition__isnull=False).order_by("pk")
        found = dict(rows.values_list("transition_id", "text"))
        ticket.__dict__["_words"] = found
    return found


def _notes(ticket: Ticket) -> dict[int, str]:
    found = Note.objects.filter(ticket=ticket, transition__isnull=False, audience=Note.Audience.PUBLIC)
    return dict(found.values_list("transition_id", "text"))


def _photos(ticket: Ticket) -> dict[tuple[str, datetime], list[dict[str, str]]]:
    # A photo carries the moment of the move it came with.
    found: dict[tuple[str, datetime], list[dict[str, str]]] = defaultdict(list)
    for row in Attachment.objects.filter(ticket=ticket).order_by("pk"):
        found[row.purpose, row.created_at].append(photo_of(row))
    return found


def _by(row: TicketTransition, names: dict[int, str]) -> str:
    """周网格员·春晓社区第一网格: who, and for which organization where the person's name is known."""
    if row.actor_id is None:
        return {"requester": _("诉求人"), "public": _("诉求人")}.get(row.actor_name, _("系统"))
    post = PostKind(row.actor_name).label if row.actor_name in PostKind.values else ""
    return "·".join(str(part) for part in (names.get(row.actor_id, ""), post) if part)


def _levels(payload: dict[str, Any]) -> dict[str, str]:
    """``low`` and ``high``: between which levels it went up."""
    ends = {"low": payload.get("from_level"), "high": payload.get("to_level")}
    return {end: str(Level(code).label) if code in Level.values else "" for end, code in ends.items()}


def _inward_title(row: TicketTransition, names: dict[int, str]) -> str:
    payload, found = row.payload, territory()
    label = workflow.MOVES[row.move].label
    match row.move:
        case "submit":
            channel, behalf = payload.get("channel"), consents.inward(payload.get("behalf", {}))
            said = _("提交·{channel}").format(channel=channel_name(channel)) if channel in Channel.values else label
            return f"{said}·{behalf}" if behalf else said
        case "dispatch":
            return _("派给{organization}").format(organization=found.organization_name(payload.get("to_organization")))
        case "raise_check" | "review_up":
            told = _("{low}没有按时核查，交{high}") if row.move == "raise_check" else _("复核：{low}交{high}再办")
            return told.format(**_levels(payload))
        case "judge_unreasonable":
            return _("区里认定为不合理诉求") if payload.get("granted") else _("区里没有认定为不合理诉求")
        case "escalate":
            words = _("{low}超时，自动上报{high}") if payload.get("by_clock") else _("{low}上报{high}")
            return words.format(**_levels(payload))
        case "assign":
            return _("指派给{name}").format(name=names.get(payload.get("assignee", 0), _("同事")))
        case "classify":
            names_of = rules().category_name
            before, after = names_of(payload.get("from_category")) or _("未分类"), names_of(payload.get("to_category"))
            return _("更正分类：{before} → {after}").format(before=before, after=after)
        case "reject":
            return _("不予受理：{reason}").format(reason=REJECT_REASONS.get(payload.get("reason", ""), ""))
        case "return_visit" | "rate" | "answer_consent":
            return _("{move}：{answer}").format(move=label, answer=_answer(payload))
        case "close" if payload.get("reason"):
            return _("结案：{reason}").format(reason=CLOSE_WORDS.get(payload["reason"], ""))
        case "stage":
            return _stage_title(row)
    return history_discipline.inward(row) or label


def _answer(payload: dict[str, Any]) -> str:
    if "consent" in payload:
        return _("同意转办") if payload["consent"] == "yes" else _("不同意转办")
    answer = payload.get("answer") or payload.get("face") or ""
    if answer in Satisfaction.values:
        return str(Satisfaction(answer).label)
    return str(ReturnVisit.Answer(answer).label) if answer in ReturnVisit.Answer.values else ""


def _stage_title(row: TicketTransition) -> str:
    answer = history_discipline.answer_stage(row.payload.get("kind", ""), row.payload["stage"])
    if answer is not None:
        return answer[0]
    if row.payload["stage"] == "half" and row.payload.get("signed"):
        return _("时间过半")
    if row.payload.get("reported"):
        return ""  # what was reported stands there itself
    words, _dot = _STAGES[_stage(row)]
    kind = _CLOCKS.get(row.payload.get("kind", ""), "")
    # A sign clock without a work order is the desk's: nobody has taken the ticket on.
    return str(words).format(kind=kind if row.work_order_id or row.payload.get("kind") != "sign" else _("受理"))


_PLAIN: dict[str, Callable[[], str]] = {
    "submit": lambda: _("收到您反映的事"),
    "accept": lambda: _("已经受理"),
    "contact": lambda: _("和您联系"),
    "arrive": lambda: _("有人到现场了"),
    "control_danger": lambda: _("险情控制住了，接着办"),
    "tell_plan": lambda: _("打算这样办"),
    "resolve": lambda: _("办好了"),
    "solve_on_site": lambda: _("当场办好了"),
    "verify": lambda: _("有人去看过，办好了"),
    "rework": lambda: _("有人去看过，还没办好，再办"),
    "rehandle": lambda: _("按您的意见再办一次"),
    "order_again": lambda: _("负责人看过，要求再办一次"),
    "close": lambda: _("这件事办完了"),
    "reopen": lambda: _("重新办理"),
    "withdraw": lambda: _("您撤回了"),
    "reject": lambda: _("没有受理"),
    "relocate": lambda: _("核对了地点"),
    "reply_letter": lambda: _("书记回信"),
    "write_back": lambda: _("您又写了"),
    "ask_consent": lambda: _("书记问您：可不可以转为普通诉求"),
    "convert_letter": lambda: _("经您同意，转为普通诉求"),
    "end_letter": lambda: _("书记办结了来信"),
    "call_helper": lambda: _("请了人来帮忙"),
    "mediate": lambda: _("请调解员当面调解"),
    "end_mediation": lambda: _("调解结束了"),
}


def _outward_title(row: TicketTransition, names: dict[int, str]) -> str:
    """Empty for steps a resident need not know."""
    payload, found = row.payload, territory()
    match row.move:
        case "submit" if behalf := consents.outward(payload.get("behalf", {})):
            return behalf
        case "dispatch":
            return _("交给{organization}").format(organization=found.organization_name(payload.get("to_organization")))
        case "escalate":
            return _("{low}交给{high}").format(**_levels(payload))
        case "review_up":
            return _("负责人看过，交给{high}再办").format(**_levels(payload))
        case "judge_unreasonable" if payload.get("granted"):
            return _("区里认定这个要求没有办法满足")
        case "sign":
            return _("{organization}接手了").format(organization=found.organization_name(payload.get("organization")))
        case "return_visit" if payload.get("answer") == ReturnVisit.Answer.UNREACHABLE:
            return _("给您打电话，没有打通")
        case "return_visit" | "rate" | "answer_consent":
            return _("您说：{answer}").format(answer=_answer(payload))
        case "stage" if payload.get("kind") == "promise" and payload.get("stage") == "due":
            return _("超过了答应您的时间，还在办")
    plain = _PLAIN.get(row.move)
    return plain() if plain else history_discipline.outward(row)
