"""The lists of applications and of supervision: what waits for whose answer, and what became of it (SLA D.4–D.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import workflow
from requests_intake.ledgers import Ledger, register
from requests_intake.models import Application, Supervision, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules
from requests_intake.urges import urges_of

PER_PAGE = 30
APPLICATION_VIEWS = {
    "": gettext_lazy("等我答复"),
    "mine": gettext_lazy("本单位提的"),
    "open": gettext_lazy("都没答复的"),
    "done": gettext_lazy("已经答复的"),
}
SUSPENSION_VIEWS = {**APPLICATION_VIEWS, "held": gettext_lazy("挂账中")}
SUPERVISION_VIEWS = {
    "": gettext_lazy("等我单位回复"),
    "open": gettext_lazy("都在等回复的"),
    "done": gettext_lazy("已经了结的"),
    "circular": gettext_lazy("通报"),
}
CIRCULAR_VIEWS = {
    "": gettext_lazy("拟通报"),
    "issues": gettext_lazy("各期通报"),
    "done": gettext_lazy("逐条查"),
}
_DECIDERS = frozenset(kind for kind, relation in workflow.ALLOWED["refuse"] if relation == workflow.DECIDES)
GRANTS = {kind: f"grant_{kind}" for kind in Application.Kind.values}
HANDLES_ONLY = frozenset({"grid_worker", "grid_leader", "department_handler", "network_liaison"})
_DESKS = (workflow.READERS | _DECIDERS) - {"grid_worker", "reader"}


def _own(actor: Actor) -> set[int]:
    return {role.organization_id for role in actor.roles if role.organization_id is not None}


def _decided_by(actor: Actor) -> Q:
    """Put to one of the actor's organizations; the district centre may answer any."""
    own = {role.organization_id for role in actor.roles if role.kind in _DECIDERS and role.organization_id is not None}
    return Q(pk__isnull=False) if territory().center().id in own else Q(decider_id__in=own)


def views_of(actor: Actor, kind: str) -> tuple[dict[str, Any], str]:
    """The views of a list of applications for somebody, and the one it opens with.

    Who answers none of the kind is not shown an empty desk: who handles sees what they asked for, who looks on sees
    what waits for others, and of the suspended matters those that are.
    """
    is_suspension = kind == Application.Kind.SUSPENSION
    views = dict(SUSPENSION_VIEWS if is_suspension else APPLICATION_VIEWS)
    deciders = {each for each, relation in workflow.ALLOWED[GRANTS[kind]] if relation == workflow.DECIDES}
    if actor.role_kinds & deciders:
        return views, ""
    del views[""]
    if is_suspension:
        return views, "held"
    return views, "mine" if actor.role_kinds & HANDLES_ONLY else "open"


def applications_of(actor: Actor, kind: str, view: str = "", text: str = "") -> QuerySet[Application]:
    """Those about tickets the actor may see; what waits first, the soonest to be answered before the others."""
    rows = Application.objects.filter(kind=kind, ticket__in=TicketPolicy.visible(actor)).select_related("ticket")
    asked = Q(state=Application.State.ASKED)
    if view == "mine":
        rows = rows.filter(organization_id__in=_own(actor))
    elif view == "open":
        rows = rows.filter(asked)
    elif view == "done":
        rows = rows.exclude(asked)
    elif view == "held":
        rows = rows.filter(state=Application.State.GRANTED, ended_at=None)
    else:
        rows = rows.filter(asked & _decided_by(actor))
    if text:
        rows = rows.filter(ticket__number=text)
    return rows.order_by("-asked_at", "-pk") if view in ("mine", "done") else rows.order_by("decide_by", "pk")


@dataclass(frozen=True)
class Share:
    """Suspended matters of this month against the month's work orders, and the share above which one warns (D.8);
    ``due``: those whose target day was in this month, ``kept``: of these taken up again by it (kpi E.16)."""

    suspended: int
    orders: int
    cap_percent: int
    due: int
    kept: int

    @property
    def percent(self) -> float:
        return round(self.suspended * 100 / self.orders, 1) if self.orders else 0.0

    @property
    def is_above(self) -> bool:
        return self.percent > self.cap_percent


def share_of_month(actor: Actor) -> Share:
    """Of the tickets the actor may see; two statements."""
    now = clock.now()
    first = clock.local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    visible = TicketPolicy.visible(actor)
    granted = Application.objects.filter(
        kind=Application.Kind.SUSPENSION, state=Application.State.GRANTED, ticket__in=visible
    )
    due = Q(until__gte=first, until__lte=now)
    found = granted.aggregate(
        suspended=Count("pk", filter=Q(decided_at__gte=first)),
        due=Count("pk", filter=due),
        kept=Count("pk", filter=due & Q(ended_at__lte=F("until"))),
    )
    orders = WorkOrder.objects.filter(dispatched_at__gte=first, ticket__in=visible)
    cap = rules().policy()[1].discipline.suspension_cap_percent
    return Share(found["suspended"], orders.count(), cap, found["due"], found["kept"])


_ANSWERERS = frozenset(kind for kind, _relation in workflow.ALLOWED["answer_supervision"])


def supervision_views_of(actor: Actor) -> tuple[dict[str, Any], str]:
    """The views of the list of orders for somebody, and the one it opens with: who answers none sees what waits for
    others. What it opens with is what its card counts."""
    if actor.role_kinds & _ANSWERERS:
        return dict(SUPERVISION_VIEWS), ""
    return {view: label for view, label in SUPERVISION_VIEWS.items() if view}, "open"


def supervisions_of(actor: Actor, kind: str, view: str = "", text: str = "") -> QuerySet[Supervision]:
    """What waits, or what is over. An order waits as long as it can be answered: by the organization it went to, while
    that one handles the matter. Afterwards it stays unanswered for good. ``view`` of the orders: nothing is what waits
    for one's own organization, ``open`` for anybody, ``circular`` what was published about the same tickets."""
    published = view == "circular"
    if published:
        kind, view = Supervision.Kind.CIRCULAR, "done"
    rows = Supervision.objects.filter(kind=kind, ticket__in=TicketPolicy.visible(actor))
    rows = rows.select_related("ticket", "circular")
    if published:
        rows = rows.exclude(circular=None)
    waiting = Q(state=Supervision.State.DRAFT) | Q(
        state__in=(Supervision.State.ISSUED, Supervision.State.OVERDUE), ticket__organization=F("organization"),
        ticket__state=workflow.TicketState.HANDLING.value,
    )  # fmt: skip
    rows = rows.exclude(waiting) if view == "done" else rows.filter(waiting)
    if kind == Supervision.Kind.ORDER and not view:
        rows = rows.filter(organization_id__in=_own(actor))
    if text:
        rows = rows.filter(ticket__number=text)
    return rows.order_by("-issued_at", "-pk")


def _applications(code: str, kind: str, title: object, about: object, icon: str) -> None:
    register(
        Ledger(
            code=code,
            title=title,
            about=about,
            url_name=f"desk:{code}",
            kinds=_DESKS,
            group=gettext_lazy("申请和督办"),
            waiting=lambda actor: applications_of(actor, kind).count(),
            icon=icon,
        )
    )


_applications(
    "returns", "return", gettext_lazy("退单"), gettext_lazy("说不归自己办的，由上一级答复，再退由区里裁定"), "back"
)
_applications(
    "extensions", "extension", gettext_lazy("延期"), gettext_lazy("到期前申请的，同意了居民会看到新的时间"), "clock"
)
_applications(
    "pauses", "pause", gettext_lazy("暂停计时"), gettext_lazy("等居民、等程序、等天气；四个工作小时内答复"), "pause"
)
_applications(
    "suspended",
    "suspension",
    gettext_lazy("挂账"),
    gettext_lazy("一时办不了的，有计划、有目标日期，每三十天复查"),
    "flag",
)
register(
    Ledger(
        code="urges",
        title=gettext_lazy("催办"),
        about=gettext_lazy("谁催谁、催了什么、有没有回应"),
        url_name="desk:urges",
        kinds=_DESKS,
        group=gettext_lazy("申请和督办"),
        waiting=lambda actor: urges_of(actor).count(),
        icon="bell",
    )
)
register(
    Ledger(
        code="supervisions",
        title=gettext_lazy("督办"),
        about=gettext_lazy("要承办单位书面回复的"),
        url_name="desk:supervisions",
        kinds=_DESKS,
        group=gettext_lazy("申请和督办"),
        waiting=lambda actor: (
            supervisions_of(actor, Supervision.Kind.ORDER).count() if actor.role_kinds & _ANSWERERS else 0
        ),
        icon="alert",
    )
)
register(
    Ledger(
        code="circulars",
        title=gettext_lazy("通报"),
        about=gettext_lazy("超期太久、督办没有回复的，由区里定要不要通报"),
        url_name="desk:circulars",
        kinds=frozenset({"district_dispatcher", "supervisor", "district_official"}),
        group=gettext_lazy("申请和督办"),
        waiting=lambda actor: supervisions_of(actor, Supervision.Kind.CIRCULAR).count(),
        icon="mega",
    )
)
