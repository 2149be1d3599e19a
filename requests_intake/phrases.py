"""Sentences to tap instead of typing: the usual ones, and a district's own instead of them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from requests_intake.reference import rules

# Each move's note is the tapped sentence and what is written beside it.
PHRASES = {
    "contact": (gettext_lazy("电话里问清楚了"), gettext_lazy("约好上门时间"), gettext_lazy("已经见面")),
    "control_danger": (
        gettext_lazy("已断电"), gettext_lazy("已关阀"), gettext_lazy("已围挡并有人看守"), gettext_lazy("人员已撤离"),
    ),
    "report_danger": (gettext_lazy("正在抢修"), gettext_lazy("专业队伍已到"), gettext_lazy("还要增援")),
    "solve_on_site": (
        gettext_lazy("已清理干净"), gettext_lazy("已修好"), gettext_lazy("已劝导整改"), gettext_lazy("已协调双方"),
    ),
    "resolve": (gettext_lazy("已答复，居民认可"), gettext_lazy("已办妥"), gettext_lazy("已协调物业办好")),
    "escalate": (
        gettext_lazy("要专业部门来办"), gettext_lazy("要经费或设备"), gettext_lazy("当事人劝不动"),
        gettext_lazy("跨网格、跨小区"), gettext_lazy("不在网格权限内"),
    ),
    "verify": (gettext_lazy("现场已恢复"),),
    "rework": (gettext_lazy("还没动工"), gettext_lazy("只做了一半"), gettext_lazy("做了又坏")),
}  # fmt: skip


def phrases_for(move: str) -> list[str]:
    """What the form of a move offers in the district in scope."""
    return [str(text) for text in rules().phrases.get(move) or PHRASES.get(move, ())]
