"""Reading evaluations (S3-29): what waits to be rated, what the rated side may see, what the evaluation office sees.

The rated side sees months that have ended, nothing else: a figure shown at five entries and again at six would tell the
sixth. Of such a month it sees means and the unsigned comments, from ``LEAST`` entries of ``LEAST_RATERS`` organizations
on; below that not even how many there were.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from grids.reference import territory
from requests_intake import whistle_workflow as workflow
from requests_intake.actions.evaluation import HANDED_ON, RATED_WITHIN, RATERS, Rater
from requests_intake.models import EvaluationEntry, WhistleTarget, WorkOrder
from requests_intake.whistle_policies import WhistlePolicy, committees_of, offices_of, organizations_of
from requests_intake.workflow import OrderState

LEAST, LEAST_RATERS = 5, 3
MONTHS_SHOWN = 12
MOST_WAITING = 50
T = workflow.TargetState


@dataclass(frozen=True)
class Matter:
    """Something to rate. ``side``: what the actor's organization was in it; ``subject``: whistle or order."""

    subject: str
    pk: int
    side: str
    other_id: int
    title: str
    number: str
    ended_at: datetime

    @property
    def other(self) -> str:
        return territory().organization_name(self.other_id)

    @property
    def until(self) -> datetime:
        return self.ended_at + RATED_WITHIN


def to_rate(actor: Actor) -> list[Matter]:
    """What the actor's organizations may still rate, the oldest first. Three statements at most."""
    found = [*_whistles_called(actor), *_whistles_answered(actor), *_orders(actor)]
    return sorted(found, key=lambda matter: (matter.ended_at, matter.pk))[:MOST_WAITING]


def waiting(actor: Actor) -> int:
    """How many of them, up to ``MOST_WAITING``."""
    return len(to_rate(actor))


def _targets() -> QuerySet[WhistleTarget]:
    since = clock.now() - RATED_WITHIN
    return (
        WhistleTarget.objects.filter(state__in=(T.HANDLED, T.EVALUATED), handled_at__gte=since)
        .select_related("whistle")
        .order_by("handled_at")
    )


def _entry(**of: Any) -> Exists:
    return Exists(EvaluationEntry.objects.filter(**of))


def _whistles_called(actor: Actor) -> Iterable[Matter]:
    offices, committees = [row.id for row in offices_of(actor)], [row.id for row in committees_of(actor)]
    if not offices and not committees:
        return []
    rows = _targets().filter(
        Q(Q(whistle__caller__in=offices) & ~_entry(whistle_target=OuterRef("pk"), rater__in=offices))
        | Q(Q(whistle__asker__in=committees) & ~_entry(whistle_target=OuterRef("pk"), rater__in=committees))
    )[:MOST_WAITING]
    return [_of_target(row, Rater.CALLER, row.organization_id) for row in rows]


def _whistles_answered(actor: Actor) -> Iterable[Matter]:
    own = organizations_of(actor, *workflow.RESPONDERS)
    if not own:
        return []
    mine = _entry(whistle_target=OuterRef("pk"), rater=OuterRef("organization"))
    rows = _targets().filter(organization__in=own).exclude(mine)[:MOST_WAITING]
    return [_of_target(row, Rater.RESPONDER, row.whistle.caller_id) for row in rows]


def _of_target(row: WhistleTarget, side: str, other_id: int) -> Matter:
    assert row.handled_at is not None
    number = _("{n} 号哨").format(n=row.whistle.number)
    return Matter("whistle", row.pk, side, other_id, row.whistle.address_text, number, row.handled_at)


def with_caller(orders: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Lead orders with ``caller_id``, the organization that handed the matter on to them, where one did."""
    before = WorkOrder.objects.filter(
        ticket=OuterRef("ticket"), role=WorkOrder.Role.LEAD, sequence__lt=OuterRef("sequence")
    ).order_by("-sequence")
    return orders.filter(role=WorkOrder.Role.LEAD, sequence__gt=1).annotate(
        caller_id=Subquery(before.values("organization_id")[:1]),
        caller_reason=Subquery(before.values("handed_over_reason")[:1]),
    ).filter(caller_reason__in=HANDED_ON).exclude(caller_id=F("organization_id"))  # fmt: skip


def _orders(actor: Actor) -> Iterable[Matter]:
    own = organizations_of(actor, *RATERS)
    if not own:
        return []
    ended = WorkOrder.objects.filter(
        Exists(WorkOrder.objects.filter(ticket=OuterRef("ticket"), organization__in=own)),
        state=OrderState.VERIFIED, ended_at__gte=clock.now() - RATED_WITHIN, ticket__is_restricted=False,
    )  # fmt: skip
    rows = (
        with_caller(ended)
        .filter(Q(caller_id__in=own) | Q(organization__in=own))
        .exclude(_entry(work_order=OuterRef("pk"), rater__in=own))
        .select_related("ticket")
        .order_by("ended_at")[:MOST_WAITING]
    )
    found = []
    for row in rows:
        assert row.ended_at is not None
        caller_id: int = row.caller_id  # type: ignore[attr-defined]
        is_caller = caller_id in own
        found.append(
            Matter(
                "order", row.pk, Rater.CALLER if is_caller else Rater.RESPONDER,
                row.organization_id if is_caller else caller_id, row.ticket.title, row.ticket.number, row.ended_at,
            )
        )  # fmt: skip
    return found


def find_matter(actor: Actor, subject: str, pk: int) -> Matter:
    """Something the actor's organization took part in, rated or not; ``NotFound`` otherwise."""
    own = [row for row in to_rate(actor) if row.subject == subject and row.pk == pk]
    if own:
        return own[0]
    # Already rated, or too late: the action says which, to those who took part.
    found = _taken_part(actor, subject, pk)
    if found is None:
        raise NotFound("no_matter", _("没有这件要评的事，或者您单位没有参与。"))
    return found


def _taken_part(actor: Actor, subject: str, pk: int) -> Matter | None:
    own = organizations_of(actor, *RATERS)
    if subject == "whistle":
        row = WhistleTarget.objects.filter(pk=pk, whistle__in=WhistlePolicy.visible(actor)).select_related("whistle")
        target = row.first()
        if target is None:
            return None
        is_caller = target.organization_id not in own
        if is_caller and not WhistlePolicy.allows(actor, "evaluate", target.whistle):
            return None
        other = target.organization_id if is_caller else target.whistle.caller_id
        ended = target.handled_at or target.whistle.created_at
        title, number = target.whistle.address_text, str(target.whistle.number)
        return Matter(subject, pk, "caller" if is_caller else "responder", other, title, number, ended)
    part = WorkOrder.objects.filter(ticket=OuterRef("ticket"), organization__in=own)
    order = WorkOrder.objects.filter(Exists(part), pk=pk, ticket__is_restricted=False).select_related("ticket").first()
    if order is None:
        return None
    ended = order.ended_at or order.dispatched_at
    side = "responder" if order.organization_id in own else "caller"
    return Matter(subject, pk, side, order.organization_id, order.ticket.title, order.ticket.number, ended)


@dataclass(frozen=True)
class Received:
    """A month's entries about one organization, as it may see them. ``comments`` are unsigned and in no order."""

    ratee_id: int
    month: date
    rater_kind: str
    count: int
    speed: float
    result: float
    attitude: float
    comments: tuple[str, ...]


def this_month() -> date:
    return clock.today().replace(day=1)


def received_by(organization_ids: Sequence[int]) -> list[Received]:
    """Of months that have ended, those with enough entries of enough organizations, newest first. Two statements."""
    groups = list(
        EvaluationEntry.objects.filter(ratee__in=organization_ids, month__lt=this_month())
        .values("ratee_id", "month", "rater_kind")
        .annotate(
            count=Count("pk"), raters=Count("rater", distinct=True), speed=Avg("speed"), result=Avg("result"),
            attitude=Avg("attitude"),
        )
        .filter(count__gte=LEAST, raters__gte=LEAST_RATERS)
        .order_by("-month", "ratee_id", "rater_kind")[: MONTHS_SHOWN * 2]
    )  # fmt: skip
    if not groups:
        return []
    said: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    rows = EvaluationEntry.objects.filter(
        ratee__in=organization_ids, month__in={group["month"] for group in groups}
    ).exclude(comment="")
    for ratee_id, month, kind, comment in rows.values_list("ratee_id", "month", "rater_kind", "comment"):
        said[ratee_id, month, kind].append(comment)
    return [
        Received(
            group["ratee_id"], group["month"], group["rater_kind"], group["count"], float(group["speed"]),
            float(group["result"]), float(group["attitude"]),
            _shuffled(said[group["ratee_id"], group["month"], group["rater_kind"]]),
        )
        for group in groups
    ]  # fmt: skip


def _shuffled(comments: Iterable[str]) -> tuple[str, ...]:
    """An order that says nothing of when or by whom, and the same at each look."""
    return tuple(sorted(comments, key=lambda text: hashlib.sha256(text.encode()).digest()))


def months_with_entries() -> list[date]:
    """For the evaluation office, the newest first; the running one too."""
    rows = EvaluationEntry.objects.order_by("-month").values_list("month", flat=True).distinct()
    return list(rows[:24])


def detail_of(month: date, *, ratee_id: int | None = None) -> QuerySet[EvaluationEntry]:
    """Every entry of a month, for the evaluation office (``actions.evaluation.open_detail`` records the opening)."""
    rows = EvaluationEntry.objects.filter(month=month).select_related("whistle_target__whistle", "work_order__ticket")
    if ratee_id is not None:
        rows = rows.filter(ratee_id=ratee_id)
    return rows.order_by("ratee_id", "rater_kind", "pk")
