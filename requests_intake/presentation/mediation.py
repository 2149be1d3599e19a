"""What pages say of a case of mediation: the line of the list, the facts, the buttons, what was asked afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.templatetags.ui import local_day, local_time
from grids.reference import territory
from requests_intake import mediation
from requests_intake.models import MediationAgreement, MediationCase, MediationExtension

State = MediationCase.State


def case_row(case: Any) -> dict[str, Any]:
    """One line of the list; ``case.papers`` and ``case.parties`` were read with it."""
    paper = case.papers[0] if case.papers else None
    return {
        "case": case,
        "names": "、".join(party.name for party in case.parties.all() if party.name) or _("已按规定清除"),
        "pill": mediation.status_words(case, paper),
        "next": next_step(case, paper),
    }


def next_step(case: MediationCase, paper: MediationAgreement | None) -> str:
    """What waits, and until when; empty where nothing does."""
    if case.erased_at is not None:
        return ""
    if paper is not None and not paper.performed:
        return _("{day} 复诊").format(day=local_day(paper.follow_up_on))
    if case.state == State.REGISTERED:
        return _("{time} 前首次调解").format(time=local_time(case.first_session_due_at))
    if case.state == State.MEDIATING:
        return _("{time} 前调完").format(time=local_time(case.due_at))
    if case.visit_due_at is not None and case.visited_at is None:
        return _("{time} 前回访").format(time=local_time(case.visit_due_at))
    return ""


def facts_of(case: MediationCase, extensions: Sequence[MediationExtension]) -> list[dict[str, str]]:
    """Pairs for ``components/kv.html``."""
    first = local_time(case.first_session_at) if case.first_session_at else ""
    late = case.first_session_at is not None and case.first_session_at > case.first_session_due_at
    pairs = [
        (_("调解类型"), case.get_kind_display()),
        (_("纠纷类别"), case.get_dispute_display()),
        (_("轻重"), case.get_severity_display()),
        (_("诊法"), case.get_mode_display()),
        (_("调解组织"), territory().organization_name(case.organization_id)),
        (_("登记"), local_time(case.opened_at)),
        (_("首次调解期限"), local_time(case.first_session_due_at)),
        (_("首次调解"), _("{time}，晚了").format(time=first) if late else first),
        (_("调解期限"), local_time(case.due_at)),
    ]
    pairs += [
        (_("延长"), _("{day}，{n} 方都同意，延到 {due}").format(
            day=local_time(row.at), n=row.parties_agreed, due=local_time(row.to_due)))
        for row in extensions
    ]  # fmt: skip
    pairs.append((_("结束"), local_time(case.ended_at) if case.ended_at else ""))
    if case.visit_due_at is not None:
        made = local_time(case.visited_at) if case.visited_at else ""
        due = _("{time} 前").format(time=local_time(case.visit_due_at))
        pairs.append((_("重大纠纷回访"), made or due))
    return [{"key": key, "value": value} for key, value in pairs if value]


def referral_of(case: MediationCase) -> list[dict[str, str]]:
    """Pairs of a referral and its receipt; none where the case was not referred."""
    if case.state != State.REFERRED or case.referred_on is None:
        return []
    receipt = _("还没有")
    if case.receipt_on is not None:
        receipt = _("{number}，{who} {day} 接收").format(
            number=case.receipt_number, who=case.receipt_by, day=local_day(case.receipt_on)
        )
    pairs = [
        (_("转为"), case.get_referral_kind_display()),
        (_("移送给"), case.referred_to),
        (_("移送日期"), local_day(case.referred_on)),
        (_("回执"), receipt),
    ]
    return [{"key": key, "value": value} for key, value in pairs]


def buttons(case: MediationCase, paper: MediationAgreement | None) -> list[dict[str, Any]]:
    """What a mediator may do now, the next step first; only that one is primary."""
    is_open = case.ended_at is None
    names: list[tuple[str, str]] = []
    if case.erased_at is not None:
        return []
    if paper is not None and not paper.performed:
        names.append(("follow-up", _("复诊")))
    if case.state == State.REFERRED and case.receipt_on is None:
        names.append(("receipt", _("登记回执")))
    if is_open:
        names.append(("session", _("记一次调解")))
        if case.first_session_at is not None:
            names += [("settle", _("达成协议")), ("end", _("没有达成，结束"))]
        else:
            names += [("decline", _("不予受理")), ("end", _("撤回或移送"))]
        names.append(("extend", _("延长期限")))
        if case.severity != MediationCase.Severity.HARD:
            names.append(("raise", _("上报、会诊")))
    else:
        names.append(("visit", _("回访")))
    if case.state == State.SETTLED:
        names.append(("session", _("记一次复诊")))
    waits = {
        "follow-up": paper is not None and paper.follow_up_on <= clock.today(),
        "receipt": True,
        "session": is_open,
    }
    waits["visit"] = case.visit_due_at is not None and case.visited_at is None
    return [
        {
            "label": label,
            "url": reverse("desk:mediation_act", args=[case.number, name]),
            "primary": place == 0 and waits.get(name, False),
        }
        for place, (name, label) in enumerate(names)
    ]
