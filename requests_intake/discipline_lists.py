"""The lists of applications and of supervision: what waits for whose answer, and what became of it (SLA D.4–D.8)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import workflow
from requests_intake.ledgers import Ledger, register
from requests_intake.models import Application, Supervision, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules

PER_PAGE = 30
APPLICATION_VIEWS = {
    "": gettext_lazy("等我答复"),
    "mine": gettext_lazy("本单位提的"),
    "open": gettext_lazy("都没答复的"),
    "done": gettext_lazy("已经答复的"),
}
SUSPENSION_VIEWS = {**APPLICATION_VIEWS, "held": gettext_lazy("挂账中")}
SUPERVISION_VIEWS = {"": gettext_lazy("等回复"), "done": gettext_lazy("已回复的")}
CIRCULAR_VIEWS = {"": gettext_lazy("拟通报"), "done": gettext_lazy("已经定的")}
_DECIDERS = frozenset(kind for kind, relation in workflow.ALLOWED["refuse"] if relation == workflow.DECIDES)
_DESKS = (workflow.READERS | _DECIDERS) - {"grid_worker", "reader"}


def _own(actor: Actor) -> set[int]:
    return {role.organization_id for role in actor.roles if role.organization_id is not None}


def _decided_by(actor: Actor) -> Q:
    """Put to one of the actor's organizations; the district centre may answer any."""
    own = {role.organization_id for role in actor.roles if role.kind in _DECIDERS and role.organization_id is not None}
    return Q(pk__isnull=False) if territory().center().id in own else Q(decider_id__in=own)


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
    """Suspended matters of this month against the month's work orders, and the share above which one warns (D.8)."""

    suspended: int
    orders: int
    cap_percent: int

    @property
    def percent(self) -> float:
        return round(self.suspended * 100 / self.orders, 1) if self.orders else 0.0

    @property
    def is_above(self) -> bool:
        return self.percent > self.cap_percent


def share_of_month(actor: Actor) -> Share:
    """Of the tickets the actor may see; two statements."""
    first = clock.local(clock.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    visible = TicketPolicy.visible(actor)
    granted = Application.objects.filter(
        kind=Application.Kind.SUSPENSION, state=Application.State.GRANTED, decided_at__gte=first, ticket__in=visible
    )
    orders = WorkOrder.objects.filter(dispatched_at__gte=first, ticket__in=visible)
    cap = rules().policy()[1].discipline.suspension_cap_percent
    return Share(granted.count(), orders.count(), cap)


def supervisions_of(actor: Actor, kind: str, view: str = "", text: str = "") -> QuerySet[Supervision]:
    rows = Supervision.objects.filter(kind=kind, ticket__in=TicketPolicy.visible(actor)).select_related("ticket")
    waiting = Q(state__in=(Supervision.State.ISSUED, Supervision.State.OVERDUE, Supervision.State.DRAFT))
    rows = rows.exclude(waiting) if view == "done" else rows.filter(waiting)
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
        code="supervisions",
        title=gettext_lazy("督办"),
        about=gettext_lazy("要承办单位书面回复的"),
        url_name="desk:supervisions",
        kinds=_DESKS,
        group=gettext_lazy("申请和督办"),
        waiting=lambda actor: (
            supervisions_of(actor, Supervision.Kind.ORDER).filter(organization_id__in=_own(actor)).count()
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
