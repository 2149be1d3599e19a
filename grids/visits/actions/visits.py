"""A visit is logged, and taken back if it was a slip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from grids.households.actions.households import running
from grids.households.actions.tags import stigma_sentence
from grids.households.models import Household
from grids.visits.actions.must import close_visited, reopen_of
from grids.visits.models import Visit, VisitOutcome
from grids.visits.policies import find_visit
from grids.visits.reference import outcomes

WORDS = 500
OLDEST = timedelta(days=31)
"""A visit is written down within a month: a phone without a network may be late, memory may not."""
LATEST_NEXT = timedelta(days=366)
SLIP = timedelta(days=1)
"""How long whoever logged a visit may take it back."""


@dataclass(frozen=True)
class VisitDetails:
    """``at``: now where None; not ahead, not older than a month. ``findings``: about people, kept encrypted."""

    met: str
    purpose: str = Visit.Purpose.ROUTINE
    outcome: VisitOutcome | None = None
    findings: str = ""
    next_visit_on: date | None = None
    at: datetime | None = None


@transaction.atomic
def log_visit(household: Household, details: VisitDetails, *, actor: Actor) -> Visit:
    """Write down a visit to a household of one's own places (S1-09c). Nobody at home is an attempt and counts as one.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid`` by field, ``DomainError`` ``household_ended``.
    """
    row = running(household, actor)
    now = clock.now()
    _check(details, now)
    visit = Visit.objects.create(
        household=row, grid_id=row.building.grid_id, at=details.at or now, recorded_at=now, by_id=actor.membership_id,
        purpose=details.purpose, met=details.met, outcome=details.outcome, findings=details.findings.strip(),
        next_visit_on=details.next_visit_on,
    )  # fmt: skip
    close_visited(visit, actor=actor)
    audit.record("visit.create", actor=actor, object_kind="visit", object_id=visit.pk, household=row.pk)
    return visit


@transaction.atomic
def withdraw_visit(visit: Visit, *, actor: Actor) -> Visit:
    """Whoever logged it takes a visit back within a day: it counts nowhere, its words go.

    Raises ``NotFound``, ``NotAllowed`` for somebody else's, ``DomainError`` ``already_withdrawn``, ``too_late``.
    """
    row = find_visit(actor, visit.pk, lock=True)
    if row.by_id != actor.membership_id:
        raise NotAllowed("own_visit_only", _("走访由记的人自己撤回。"))
    if row.withdrawn_at is not None:
        raise DomainError("already_withdrawn", _("这次走访已经撤回了。"))
    if clock.now() - row.recorded_at > SLIP:
        raise DomainError("too_late", _("记下超过一天，不能撤回了。"))
    row.withdrawn_at, row.findings = clock.now(), ""
    row.save(update_fields=["withdrawn_at", "findings"])
    reopen_of(row)
    audit.record("visit.withdraw", actor=actor, object_kind="visit", object_id=row.pk, household=row.household_id)
    return row


def _check(said: VisitDetails, now: datetime) -> None:
    today, words = clock.today(), said.findings.strip()
    rules = (
        ("met", said.met not in Visit.Met.values, _("请选见到人没有。")),
        ("purpose", said.purpose not in Visit.Purpose.values, _("请选为什么去。")),
        ("at", said.at is not None and said.at > now, _("这个时间还没有到。")),
        ("at", said.at is not None and now - said.at > OLDEST, _("只能补记一个月以内的走访。")),
        ("findings", len(words) > WORDS, _("最多 {limit} 字，现在 {n} 字。").format(limit=WORDS, n=len(words))),
        ("findings", bool(stigma_sentence(words)), stigma_sentence(words)),
        ("next_visit_on", said.next_visit_on is not None and said.next_visit_on < today, _("再去的日子要在今天以后。")),
        (
            "next_visit_on",
            said.next_visit_on is not None and said.next_visit_on > today + LATEST_NEXT,
            _("请约在一年以内。"),
        ),
        ("outcome", said.outcome is not None and not _in_use(said.outcome), _("请选本区在用的做法。")),
    )
    wrong: dict[str, list[str]] = {}
    for field, is_wrong, sentence in rules:
        if is_wrong:
            wrong.setdefault(field, [sentence])
    if wrong:
        raise Invalid("visit_incomplete", next(iter(wrong.values()))[0], fields=wrong)


def _in_use(outcome: VisitOutcome) -> bool:
    found = outcomes().get(outcome.pk)
    return found is not None and found.ended_on is None
