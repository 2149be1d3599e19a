"""Terms: set by the security administrator within bounds, kept by a nightly task, proved by certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_security_admin
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.privacy.certificates import certify
from governance.privacy.holders import KINDS, Kind
from governance.privacy.holds import held
from governance.privacy.models import Certificate, LegalHold, RetentionRule

KEEPER = Actor.system("retention")
BATCH = 500
NOTE_LENGTH, REASON_LENGTH = 200, 200


@dataclass(frozen=True)
class Term:
    """The term of a kind now: ``version`` 0 is the platform's default."""

    kind: Kind
    months: int
    version: int = 0

    @property
    def before(self) -> datetime:
        """What began before this moment is due."""
        return months_ago(self.months)


def months_ago(months: int) -> datetime:
    """The same day and hour so many calendar months ago, the month's last day where there is no such day."""
    now = clock.local(clock.now())
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in range(now.day, 27, -1):
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return now.replace(year=year, month=month + 1)


def terms() -> dict[str, Term]:
    """The term of every kind in the district in scope."""
    newest = {row.kind: row for row in RetentionRule.objects.order_by("version")}
    return {
        code: Term(kind, newest[code].months, newest[code].version) if code in newest else Term(kind, kind.months)
        for code, kind in KINDS.items()
    }


def set_term(code: str, *, months: int, note: str, actor: Actor) -> RetentionRule:
    """The next version of a term. Raises ``NotAllowed``, and ``Invalid`` outside the bounds of the kind."""
    require_security_admin(actor)
    kind, current, note = KINDS.get(code), terms().get(code), note.strip()
    if kind is None or current is None:
        raise DomainError("no_kind", _("没有这种数据。"), status=404)
    fields: dict[str, list[str]] = {}
    if not kind.least <= months <= kind.most:
        said = _("只能在 {least} 到 {most} 个月之间：{why}").format(least=kind.least, most=kind.most, why=kind.why)
        fields["months"] = [said]
    elif months == current.months:
        fields["months"] = [_("和现在一样，没有改动。")]
    if not note:
        fields["note"] = [_("请写明为什么改。")]
    elif len(note) > NOTE_LENGTH:
        fields["note"] = [_("最多 {limit} 字。").format(limit=NOTE_LENGTH)]
    if fields:
        raise Invalid("invalid_term", _("有些内容需要修改。"), fields=fields)
    row = RetentionRule.objects.create(
        kind=code,
        version=current.version + 1,
        months=months,
        note=note,
        set_by_id=actor.membership_id,
        set_at=clock.now(),
    )
    audit.record("set_retention", actor=actor, object_kind="retention_rule", object_id=row.pk, kind=code, months=months)
    return row


@dataclass(frozen=True)
class Preview:
    """What the next night would do: how many are due, and how many of the due are held."""

    term: Term
    due: int
    held: int


def preview(term: Term) -> Preview:
    ids = term.kind.due(term.before)
    kept = held(term.kind.object_kind) & set(ids) if term.kind.object_kind else set()
    return Preview(term, len(ids) - len(kept), len(kept))


def keep_term(term: Term, *, batch: int = BATCH) -> int:
    """Free what is due of one kind, batch by batch, each in a transaction with its certificate. Returns how many."""
    with transaction.atomic():
        ids, done = term.kind.due(term.before), 0
    for first in range(0, len(ids), batch):
        done += _keep_batch(term, ids[first : first + batch])
    return done


def _keep_batch(term: Term, ids: list[int]) -> int:
    with transaction.atomic():
        objects, removed = term.kind.scrub(ids)
        if not objects:
            return 0
        stays = len(held(term.kind.object_kind, ids)) if term.kind.object_kind else 0
        row = certify(
            Certificate.Act.RETENTION,
            kind=term.kind.code,
            objects=objects,
            removed=removed,
            kept=removed.__class__(held=stays),
            rule_version=term.version,
            months=term.months,
            before=term.before,
        )
        audit.record(
            "retention", actor=KEEPER, object_kind="certificate", object_id=row.pk, kind=term.kind.code, count=objects
        )
        return objects


def place_hold(object_kind: str, object_id: int, *, label: str, reason: str, actor: Actor) -> LegalHold:
    """Keep an object from every term and erasure. The caller has found the object and locked its row."""
    require_security_admin(actor)
    _check_reason(reason)
    if held(object_kind, [object_id]):
        raise DomainError("held_already", _("这一件已经冻结了。"))
    row = LegalHold.objects.create(
        object_kind=object_kind,
        object_id=object_id,
        label=label,
        reason=reason.strip(),
        placed_by_id=actor.membership_id,
        placed_at=clock.now(),
    )
    audit.record("place_hold", actor=actor, object_kind=object_kind, object_id=object_id)
    return row


@transaction.atomic
def lift_hold(hold: LegalHold, *, reason: str, actor: Actor) -> LegalHold:
    """End a hold; its object's term counts again. Raises ``DomainError`` where it is lifted already."""
    require_security_admin(actor)
    _check_reason(reason)
    row = LegalHold.objects.select_for_update().get(pk=hold.pk)
    if row.lifted_at is not None:
        raise DomainError("lifted_already", _("这一件的冻结已经解除了。"))
    row.lifted_at, row.lifted_by_id, row.lift_reason = clock.now(), actor.membership_id, reason.strip()
    row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    audit.record("lift_hold", actor=actor, object_kind=row.object_kind, object_id=row.object_id)
    return row


def _check_reason(reason: str) -> None:
    said = ""
    if not reason.strip():
        said = _("请写明原因。")
    elif len(reason.strip()) > REASON_LENGTH:
        said = _("最多 {limit} 字。").format(limit=REASON_LENGTH)
    if said:
        raise Invalid("invalid_hold", said, fields={"reason": [said]})
