"""谁呼谁评、谁应谁评 (S3-29): after one matter the two organizations say what they think of each other.

One entry per matter and rating organization, within 15 days after its end, never changed. What residents think of a
ticket is their own rating and is not asked here again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from requests_intake import whistle_workflow as workflow
from requests_intake.actions.context import savepoint
from requests_intake.models import EvaluationEntry, Whistle, WhistleTarget, WorkOrder
from requests_intake.whistle_mover import Called, lock, making
from requests_intake.whistle_policies import organizations_of
from requests_intake.workflow import OrderState

RATED_WITHIN = timedelta(days=15)
COMMENT_LENGTH = 300
RATERS = frozenset({*workflow.COMMUNITY, *workflow.STREET, *workflow.RESPONDERS, "district_dispatcher"})
"""Kinds of post that rate in the name of their organization."""
FACES = {"good": 5, "mid": 3, "bad": 1}
"""What a face means in each of the three scores, unless stars were given one by one."""
HANDED_ON = ("escalated", "transferred")
Rater = EvaluationEntry.Rater
T = workflow.TargetState


@dataclass(frozen=True)
class Scores:
    """1 (bad) to 5 (good). Of a caller they mean: called in time, the right body, said clearly what it is about."""

    speed: int
    result: int
    attitude: int

    @classmethod
    def of_face(cls, face: str) -> Scores:
        """One tap for all three. Raises ``Invalid``."""
        if face not in FACES:
            raise Invalid("no_face", _("请点一个表情。"), fields={"face": [_("请点一个表情。")]})
        return cls(FACES[face], FACES[face], FACES[face])

    def check(self) -> None:
        fields = {
            name: [_("请给 1 至 5 分。")]
            for name in ("speed", "result", "attitude")
            if not isinstance(getattr(self, name), int) or not 1 <= getattr(self, name) <= 5
        }
        if fields:
            raise Invalid("bad_score", _("请给 1 至 5 分。"), fields=fields)


@savepoint
def evaluate_target(
    target: WhistleTarget, *, scores: Scores, actor: Actor, comment: str = "", at: datetime | None = None,
    tell: bool = True,
) -> Whistle:  # fmt: skip
    """评哨: the caller rates one organization that came. When all are rated the whistle may be closed.

    Where a community asked for it, community and street may each give one entry; the first moves the whistle on.
    """
    with making("evaluate", target, actor=actor, at=at, tell=tell) as (called, mover):
        row, whistle = called.target(target.pk), called.whistle
        rater = _caller_of(actor, whistle)
        first = row.state != T.EVALUATED
        if first:
            mover.move("evaluate", called, row)
        else:
            _require_time(row.handled_at, mover.at)
        _enter(scores, comment, mover.at, whistle_target=row, rater_kind=Rater.CALLER, rater_id=rater,
               ratee_id=row.organization_id)  # fmt: skip
        if first and whistle.state == workflow.WhistleState.EVALUATED:
            whistle.score = _mean(called)
        return whistle


def _caller_of(actor: Actor, whistle: Whistle) -> int:
    """In whose name the actor rates: the asking community's, else the street's."""
    if whistle.asker_id in organizations_of(actor, *workflow.COMMUNITY):
        return int(whistle.asker_id)
    return int(whistle.caller_id)


def _mean(called: Called) -> Decimal | None:
    rows = EvaluationEntry.objects.filter(
        whistle_target__in=[row.pk for row in called.targets], rater_kind=Rater.CALLER
    ).values_list("speed", "result", "attitude")
    scores = [score for row in rows for score in row]
    return round(Decimal(sum(scores)) / len(scores), 2) if scores else None


@savepoint
def evaluate_caller(
    target: WhistleTarget, *, scores: Scores, actor: Actor, comment: str = "", at: datetime | None = None
) -> EvaluationEntry:
    """An organization that was called rates the street: in time, the right body, clear (谁应谁评)."""
    if target.organization_id not in organizations_of(actor, *workflow.RESPONDERS):
        raise NotAllowed("not_allowed", _("只有被叫的单位能评吹哨的一方。"), move="evaluate_caller")
    called = lock(target.whistle_id)
    row = called.target(target.pk)
    if row.state not in (T.HANDLED, T.EVALUATED):
        raise DomainError("not_handled", _("办完以后才能互相评价。"))
    moment = at or clock.now()
    _require_time(row.handled_at, moment)
    return _enter(scores, comment, moment, whistle_target=row, rater_kind=Rater.RESPONDER,
                  rater_id=row.organization_id, ratee_id=called.whistle.caller_id)  # fmt: skip


@savepoint
def evaluate_order(
    order: WorkOrder, *, scores: Scores, actor: Actor, comment: str = "", at: datetime | None = None
) -> EvaluationEntry:
    """After an order that was handed on has been handled: who handed it on rates who handled it, or the other way
    round, by which of the two the actor belongs to. Raises ``NotAllowed``, ``DomainError`` and ``Invalid``."""
    found = WorkOrder.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=order.pk)
    before = caller_order(found)
    own = organizations_of(actor, *RATERS)
    if before is None or found.ticket.is_restricted or not {before.organization_id, found.organization_id} & set(own):
        raise NotAllowed("not_allowed", _("只有转来和承办的两个单位能互相评价。"), move="evaluate_order")
    moment = at or clock.now()
    if found.state != OrderState.VERIFIED or found.ended_at is None:
        raise DomainError("not_handled", _("办完以后才能互相评价。"))
    _require_time(found.ended_at, moment)
    if before.organization_id in own:
        return _enter(scores, comment, moment, work_order=found, rater_kind=Rater.CALLER,
                      rater_id=before.organization_id, ratee_id=found.organization_id)  # fmt: skip
    return _enter(scores, comment, moment, work_order=found, rater_kind=Rater.RESPONDER,
                  rater_id=found.organization_id, ratee_id=before.organization_id)  # fmt: skip


def evaluate_matter(subject: str, pk: int, side: str, *, scores: Scores, comment: str, actor: Actor) -> dict[str, Any]:
    """Whatever may be rated (``evaluations.Matter``), by the one action that fits."""
    if subject == "order":
        evaluate_order(WorkOrder.objects.get(pk=pk), scores=scores, comment=comment, actor=actor)
    else:
        act: Any = evaluate_target if side == Rater.CALLER else evaluate_caller
        act(WhistleTarget.objects.get(pk=pk), scores=scores, comment=comment, actor=actor)
    return {"subject": subject, "id": pk}


def caller_order(order: WorkOrder) -> WorkOrder | None:
    """The lead order from which this one was handed on; None for the first, and where nobody handed it on."""
    before = (
        WorkOrder.objects.filter(ticket_id=order.ticket_id, sequence__lt=order.sequence, role=WorkOrder.Role.LEAD)
        .order_by("-sequence")
        .first()
    )
    is_call = before is not None and before.handed_over_reason in HANDED_ON
    return before if is_call and before and before.organization_id != order.organization_id else None


def _require_time(ended_at: datetime | None, moment: datetime) -> None:
    if ended_at is None or moment > ended_at + RATED_WITHIN:
        raise DomainError("too_late", _("办完已超过 {n} 天，不能再评。").format(n=RATED_WITHIN.days))


def _enter(
    scores: Scores, comment: str, moment: datetime, *, rater_kind: str, rater_id: int, ratee_id: int,
    work_order: WorkOrder | None = None, whistle_target: WhistleTarget | None = None,
) -> EvaluationEntry:  # fmt: skip
    scores.check()
    comment = comment.strip()
    if len(comment) > COMMENT_LENGTH:
        sentence = _("最多 {n} 字。").format(n=COMMENT_LENGTH)
        raise Invalid("comment_too_long", sentence, fields={"comment": [sentence]})
    matter = {"work_order": work_order, "whistle_target": whistle_target, "rater_id": rater_id}
    if EvaluationEntry.objects.filter(**matter).exists():
        raise DomainError("evaluated_already", _("这件事您单位已经评过了。"))
    return EvaluationEntry.objects.create(
        **matter, rater_kind=rater_kind, ratee_id=ratee_id, speed=scores.speed, result=scores.result,
        attitude=scores.attitude, comment=comment, at=moment, month=clock.local(moment).date().replace(day=1),
    )  # fmt: skip


def open_detail(month: str, *, actor: Actor, ratee_id: int | None = None) -> None:
    """The evaluation office looks at who rated whom: that it did is recorded (S3-29)."""
    if not may_see_detail(actor):
        raise NotAllowed("not_allowed", _("只有区领导和督查员能看评价明细。"), move="evaluation_detail")
    audit.record("evaluation.detail", actor=actor, object_kind="evaluation", object_id=ratee_id, month=month)


def may_see_detail(actor: Actor) -> bool:
    return any(role.kind in ("district_official", "supervisor") and role.level == "district" for role in actor.roles)
