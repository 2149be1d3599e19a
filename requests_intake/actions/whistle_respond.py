"""应哨、报到、办完, 拒哨 and what the district decides about it (S3-24, SLA D.7): the called side."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from grids.reference import territory
from requests_intake import sla
from requests_intake import whistle_workflow as workflow
from requests_intake.actions.context import savepoint
from requests_intake.actions.whistle import end_target
from requests_intake.models import ReportIn, Whistle, WhistleKind, WhistleTarget
from requests_intake.whistle_limits import limits
from requests_intake.whistle_mover import making, plan, unplan
from requests_intake.whistle_policies import CALLABLE

T = workflow.TargetState
CLAUSE_LENGTH, PLACE_LENGTH, NOTE_LENGTH = 100, 100, 200


@savepoint
def accept_whistle(target: WhistleTarget, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Whistle:
    """应哨: we come."""
    with making("accept", target, actor=actor, at=at, tell=tell) as (called, mover):
        row = called.target(target.pk)
        row.accepted_at = mover.at
        row.is_late_accept = row.accept_by is not None and mover.at > row.accept_by
        unplan(row, "accept")
        row.lamp = _lamp(row, mover.at)
        mover.move("accept", called, row)
        return called.whistle


def _lamp(row: WhistleTarget, moment: datetime) -> str:
    return "over" if row.arrive_by is not None and moment > row.arrive_by else ""


@savepoint
def refuse_whistle(
    target: WhistleTarget, *, reason: str, clause: str, suggested_id: int | None, note: str, actor: Actor,
    at: datetime | None = None, tell: bool = True,
) -> Whistle:  # fmt: skip
    """拒哨: with a reason, the clause of the duty catalogue and who should be called instead (SLA D.7).

    Not for an emergency (come first, then argue), not after the limit for accepting, and once: the district decides
    within its limit, and the limit for coming runs on meanwhile. Raises ``Invalid`` and ``DomainError``.
    """
    with making("refuse", target, actor=actor, at=at, tell=tell) as (called, mover):
        row, whistle = called.target(target.pk), called.whistle
        if whistle.kind == WhistleKind.EMERGENCY:
            raise DomainError("emergency", _("应急哨不能拒：请先到场处置，该谁办到场后再说。"))
        if row.refused_at is not None:
            raise DomainError("refused_already", _("已经裁定过要来，不能再拒。"))
        if row.accept_by is not None and mover.at > row.accept_by:
            raise DomainError("too_late", _("过了应哨时限，不能再拒；有不同意见请到场后提出。"))
        _check_refusal(reason, clause, suggested_id, row)
        row.refusal, row.clause, row.suggested_id = reason, clause.strip(), suggested_id
        row.refused_at = mover.at
        row.decide_by = sla.due_at(mover.at, limits().decide, work_calendar())
        unplan(row, "accept")
        left = [(stage, datetime.fromisoformat(moment)) for stage, moment in row.schedule]
        plan(row, *left, ("decide", row.decide_by))
        mover.move("refuse", called, row, note=note, reason=reason)
        return whistle


def _check_refusal(reason: str, clause: str, suggested_id: int | None, row: WhistleTarget) -> None:
    fields: dict[str, list[str]] = {}
    if reason not in WhistleTarget.Refusal.values:
        fields["reason"] = [_("请选拒哨的原因。")]
    if not 0 < len(clause.strip()) <= CLAUSE_LENGTH:
        fields["clause"] = [_("请写职责目录的哪一条，最多 {n} 字。").format(n=CLAUSE_LENGTH)]
    suggested = territory().organizations.get(suggested_id or 0)
    if suggested is None or suggested.kind not in CALLABLE or suggested.id == row.organization_id:
        fields["suggested"] = [_("请选该由哪个单位来。")]
    if fields:
        raise Invalid("invalid_refusal", _("有些内容需要修改。"), fields=fields)


@savepoint
def arbitrate_refusal(
    target: WhistleTarget, *, must_come: bool, note: str, actor: Actor, at: datetime | None = None, tell: bool = True
) -> Whistle:
    """裁定 by the district's dispatcher, binding: it comes (a wrongful refusal counts), or is released."""
    name = "must_come" if must_come else "release"
    with making(name, target, actor=actor, at=at, tell=tell) as (called, mover):
        row = called.target(target.pk)
        row.ruled_at = mover.at
        row.ruling = WhistleTarget.Ruling.MUST_COME if must_come else WhistleTarget.Ruling.RELEASED
        if must_come:
            row.accepted_at = mover.at
            unplan(row, "decide")
            row.lamp = _lamp(row, mover.at)
        mover.move(name, called, row, note=note)
        if not must_come:
            end_target(called, row, mover.at)
        return called.whistle


@savepoint
def report_in(
    target: WhistleTarget, *, actor: Actor, place: str = "", note: str = "", at: datetime | None = None,
    tell: bool = True,
) -> Whistle:  # fmt: skip
    """报到: somebody of the organization is there. Coming without having accepted is accepting too.

    Late arrivals stay late. No position of the person is kept: ``place`` are words, if any.
    """
    with making("arrive", target, actor=actor, at=at, tell=tell) as (called, mover):
        row = called.target(target.pk)
        too_long = {
            name: [_("最多 {n} 字。").format(n=most)]
            for name, text, most in (("place", place, PLACE_LENGTH), ("note", note, NOTE_LENGTH))
            if len(text) > most
        }
        if too_long:
            raise Invalid("too_long", _("有些内容需要修改。"), fields=too_long)
        row.arrived_at = mover.at
        if row.accepted_at is None:
            row.accepted_at = mover.at
            row.is_late_accept = row.accept_by is not None and mover.at > row.accept_by
        row.is_late_arrival = row.arrive_by is not None and mover.at > row.arrive_by
        unplan(row)
        row.lamp = ""
        mover.move("arrive", called, row)
        assert actor.membership_id is not None
        ReportIn.objects.create(
            target=row, person_id=actor.membership_id, at=mover.at, place=place.strip(), note=note.strip()
        )
        return called.whistle


@savepoint
def handle_whistle(
    target: WhistleTarget, *, note: str, actor: Actor, at: datetime | None = None, tell: bool = True
) -> Whistle:
    """办完: what this organization did. The lead reports last, for all: refused while others have not."""
    with making("handle", target, actor=actor, at=at, tell=tell) as (called, mover):
        row = called.target(target.pk)
        others = [each for each in called.active if each is not row and each.state not in (T.HANDLED, T.EVALUATED)]
        if row.is_lead and others and row.state == T.ARRIVED:
            names = "、".join(territory().organization_name(each.organization_id) for each in others)
            raise DomainError("lead_last", _("主办单位最后报办完：{names}还没有。").format(names=names))
        row.handled_at = mover.at
        mover.move("handle", called, row, note=note)
        return called.whistle
