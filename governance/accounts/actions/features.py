"""Switching restricted features on, with the ground on which they may be, and off (``kernel.features``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock, features
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.models import District, FeaturePeriod
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district

LONGEST = timedelta(days=366)  # a ground is looked at again at least once a year


@dataclass(frozen=True)
class Ground:
    """Why a feature may be on: which document and clause, of when, who decided, and for which days."""

    document: str
    clause: str
    document_date: date
    decided_by: str
    from_on: date
    until_on: date
    acknowledged: bool


def _feature(code: str) -> features.Feature:
    try:
        return features.feature(code)
    except LookupError:
        raise NotFound("no_such_feature", _("没有这个功能。")) from None


@transaction.atomic
def switch_on(code: str, ground: Ground, *, actor: Actor) -> FeaturePeriod:
    """Record the ground; the feature is on from its first to its last day, both included, and then ends by itself.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid`` with the sentences by field, and ``DomainError`` ``already_on``
    where the days meet those of a ground that still holds.
    """
    require_administrator(actor)
    _feature(code)
    _check(ground)
    # The district's row is the lock: two grounds must not be recorded for the same days.
    District.objects.select_for_update().get(pk=current_district().pk)
    rows = FeaturePeriod.objects.filter(code=code, ended_at=None)
    if rows.filter(from_on__lte=ground.until_on, until_on__gte=ground.from_on).exists():
        sentence = _("这些日子里已经有一次开启；要换依据，请先关闭它。")
        raise DomainError("already_on", sentence, fields={"from_on": [sentence]})
    made = FeaturePeriod.objects.create(
        code=code,
        document=ground.document.strip(),
        clause=ground.clause.strip(),
        document_date=ground.document_date,
        decided_by=ground.decided_by.strip(),
        from_on=ground.from_on,
        until_on=ground.until_on,
        recorded_at=clock.now(),
        recorded_by=actor.principal,
    )
    audit.record(
        "feature.on", actor=actor, object_kind="feature_period", object_id=made.pk,
        code=code, from_on=made.from_on.isoformat(), until_on=made.until_on.isoformat(),
    )  # fmt: skip
    bump_reference()
    return made


def _check(ground: Ground) -> None:
    today = clock.today()
    fields: dict[str, list[str]] = {}
    for name, sentence in (
        ("document", _("请写文件的全名和文号。")),
        ("clause", _("请写是哪一条。")),
        ("decided_by", _("请写是谁决定的。")),
    ):
        if not getattr(ground, name).strip():
            fields[name] = [sentence]
    if ground.document_date > today:
        fields["document_date"] = [_("文件日期不能在今天以后。")]
    if ground.from_on < today:
        fields["from_on"] = [_("不能从过去的日子开启。")]
    if ground.until_on < ground.from_on:
        fields["until_on"] = [_("截止日期不能早于开始日期。")]
    elif ground.until_on - ground.from_on > LONGEST:
        fields["until_on"] = [_("一次最多开一年，到期再看依据还在不在。")]
    if not ground.acknowledged:
        fields["acknowledged"] = [_("请确认。")]
    if fields:
        raise Invalid("ground_invalid", _("请检查填写的内容。"), fields=fields)


@transaction.atomic
def switch_off(code: str, *, actor: Actor) -> int:
    """End what is on and what was to come, at once. Returns how many grounds ended.

    Raises ``NotAllowed``, ``NotFound`` and ``DomainError`` ``not_on``.
    """
    require_administrator(actor)
    _feature(code)
    running = FeaturePeriod.objects.filter(code=code, ended_at=None, until_on__gte=clock.today())
    ids = list(running.values_list("pk", flat=True))
    if not ids:
        raise DomainError("not_on", _("这个功能没有开着。"))
    FeaturePeriod.objects.filter(pk__in=ids).update(ended_at=clock.now(), ended_by=actor.principal)
    for pk in ids:
        audit.record("feature.off", actor=actor, object_kind="feature_period", object_id=pk, code=code)
    bump_reference()
    return len(ids)
