"""What a handling organization may ask for, within which bounds, and who has how long to answer (SLA D.4–D.8).

Part of a district's policy (``discipline`` in the document); a document that says nothing of it gets these values.
"""

from __future__ import annotations

from dataclasses import dataclass

from .policy_reading import Node
from .units import Limit, Unit

_LIMITS = (
    "extension_answer", "extension_urgent", "extension_total", "pause_answer", "pause_at_most", "return_answer",
    "return_arbitration", "return_at_most", "suspension_answer", "suspension_review", "urge_again", "reply_within",
)  # fmt: skip


@dataclass(frozen=True)
class Discipline:
    """Times are limits of the answering side unless said otherwise.

    ``extension_times``, ``extension_total``: how often, and how much together, one ticket may be extended;
    ``extension_urgent``: the one extension an urgent matter may get. ``pause_at_most``: the longest pause for what
    depends on the requester. ``return_at_most``: the window for giving an order back, whatever its level says.
    ``suspension_review``: how often a suspended matter is looked at again; ``suspension_cap_percent``: share of a
    month's orders above which the list warns. ``urge_again``: the least time between two urges of one order.
    ``reply_within``: for answering a supervision order.
    """

    extension_times: int
    extension_total: Limit
    extension_urgent: Limit
    extension_answer: Limit
    pause_answer: Limit
    pause_at_most: Limit
    return_answer: Limit
    return_arbitration: Limit
    return_at_most: Limit
    suspension_answer: Limit
    suspension_review: Limit
    suspension_cap_percent: int
    urge_again: Limit
    reply_within: Limit

    @classmethod
    def read(cls, node: Node) -> Discipline:
        """From the document. Raises ``PolicyError``."""
        node.only(*_LIMITS, "extension_times", "suspension_cap_percent")
        return cls(
            extension_times=node.integer("extension_times", at_least=0, at_most=5),
            suspension_cap_percent=node.integer("suspension_cap_percent", at_least=0, at_most=100),
            **{name: node.limit(name) for name in _LIMITS},
        )


SHIPPED = Discipline(
    extension_times=2,
    extension_total=Limit(10, Unit.WORK_DAY),
    extension_urgent=Limit(24, Unit.CAL_HOUR),
    extension_answer=Limit(1, Unit.WORK_DAY),
    pause_answer=Limit(4, Unit.WORK_HOUR),
    pause_at_most=Limit(5, Unit.WORK_DAY),
    return_answer=Limit(4, Unit.WORK_HOUR),
    return_arbitration=Limit(1, Unit.WORK_DAY),
    return_at_most=Limit(2, Unit.WORK_DAY),
    suspension_answer=Limit(2, Unit.WORK_DAY),
    suspension_review=Limit(30, Unit.CAL_DAY),
    suspension_cap_percent=3,
    urge_again=Limit(2, Unit.WORK_HOUR),
    reply_within=Limit(1, Unit.WORK_DAY),
)
"""默认值，可调整."""

RETURN_REASONS = {
    "not_ours": "不属于本单位职责",
    "other_place": "地点不在本单位辖区",
    "other_lead": "应由其他单位主办，本单位可以协办",
    "wrong_facts": "反映的情况与派单内容不符",
}
EXTENSION_REASONS = {
    "waits_for_others": "要等其他单位配合",
    "material": "要等材料或配件",
    "construction": "施工需要时间",
    "season": "天气或季节条件不允许",
    "complicated": "情况复杂，需要再核实",
}
PAUSE_REASONS = {
    "requester": "等居民补充材料或约定时间",
    "procedure": "法定程序进行中（鉴定、听证、公告、招标、诉讼）",
    "force_majeure": "不可抗力或气象预警",
    "access": "进不了门（两次上门均未果）",
}
SUSPENSION_REASONS = {
    "procedure": "有法定程序或政策上的障碍",
    "money": "资金暂时没有着落",
    "history": "历史遗留问题，一时办不了",
    "extended": "已经延期仍办不完",
}
PAUSES_THE_PROMISE = frozenset({"requester", "force_majeure", "access"})
"""Reasons for which the resident's clock waits too; for a statutory procedure the promise needs an extension (D.5)."""

BOUNDED_PAUSES = frozenset({"requester", "access"})
"""Pauses that may not be longer than ``pause_at_most``: what waits for the requester."""

REASONS = {
    "return": RETURN_REASONS,
    "extension": EXTENSION_REASONS,
    "pause": PAUSE_REASONS,
    "suspension": SUSPENSION_REASONS,
}
