"""What came of it, as figures: solved (kpi E.2), satisfied (E.3), asked after (E.13).

Each figure is numerator, denominator, the ids behind both and what was left out and why. They count tickets closed in a
period, of those the actor may see. Not valid, and in none: rejected, merged, withdrawn, praise, and what the district
found unreasonable. The final answer is the ticket's own, the one that the statistics count as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.actions.review import CLOSED_BECAUSE
from requests_intake.models import (
    Application,
    Rating,
    RequestType,
    ReturnVisit,
    Satisfaction,
    Solved,
    Ticket,
    Verification,
)
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules
from requests_intake.workflow import TicketState

EXCLUSIONS = {
    "praise": _("表扬"),
    "unreasonable": _("认定为不合理诉求"),
    "unreachable": _("联系不上"),
    "unrated": _("没有评价"),
    "not_asked": _("说“还行”，没有问解决没有"),
    "no_visit": _("不需回访"),
}


@dataclass(frozen=True)
class Rate:
    """``numerator`` may be a fraction (部分解决 0.5). ``value``: None where nothing was counted, shown as “—”."""

    numerator: float
    denominator: int
    numerator_ids: Sequence[int] = ()
    denominator_ids: Sequence[int] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class _Row:
    pk: int
    request_type: str
    close_reason: str
    final: str
    first: str
    solved: str
    was_rated: bool
    needs_visit: bool
    passed: bool | None
    attempts: int


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    """Midnight before the first day and after the last, in Shanghai."""
    begin, end = (
        datetime(day.year, day.month, day.day, tzinfo=clock.SHANGHAI) for day in (first, last + timedelta(days=1))
    )
    return begin, end


def _rows(tickets: QuerySet[Ticket], first: date, last: date) -> list[_Row]:
    """Tickets closed from ``first`` to ``last`` (both included, Shanghai), with their last answer. One statement."""
    begin, end = _moments(first, last)
    ratings = Rating.objects.filter(ticket=OuterRef("pk")).order_by("-id")
    looks = Verification.objects.filter(ticket=OuterRef("pk")).order_by("-id")
    in_vain = ReturnVisit.objects.filter(ticket=OuterRef("pk"), answer=ReturnVisit.Answer.UNREACHABLE).order_by()
    found = tickets.filter(
        closed_at__gte=begin, closed_at__lt=end, resolved_at__isnull=False,
        state__in=[TicketState.CLOSED.value, TicketState.ARCHIVED.value],
    ).annotate(
        said=Subquery(ratings.values("solved")[:1]),
        rated=Subquery(ratings.values("face")[:1]),
        look=Subquery(looks.values("passed")[:1]),
        vain=Subquery(in_vain.values("ticket").annotate(number=Count("pk")).values("number")),
    )  # fmt: skip
    values = found.order_by("pk").values_list(
        "pk", "request_type", "close_reason", "final_satisfaction", "first_satisfaction", "said", "rated",
        "needs_return_visit", "look", "vain",
    )  # fmt: skip
    return [
        _Row(pk, kind, reason, final, start, said or "", rated is not None, visit, look, vain or 0)
        for pk, kind, reason, final, start, said, rated, visit, look, vain in values
    ]


def _invalid(row: _Row) -> str:
    """Why a ticket is no valid order (V); empty where it is one."""
    if row.request_type == RequestType.PRAISE:
        return "praise"
    return "unreasonable" if row.close_reason == CLOSED_BECAUSE else ""


def _count(rows: Sequence[_Row], weigh: Callable[[_Row], float | str]) -> Rate:
    """``weigh``: what a row adds to the numerator, or in a word why it does not count."""
    total, top, bottom = 0.0, [], []
    left: dict[str, int] = {}
    for row in rows:
        found: Any = _invalid(row) or weigh(row)
        if isinstance(found, str):
            left[found] = left.get(found, 0) + 1
            continue
        bottom.append(row.pk)
        if found:
            total += found
            top.append(row.pk)
    return Rate(round(total, 4), len(bottom), top, bottom, left)


def solved_answer(face: str, said: str) -> str:
    """已解决, 部分解决 or 未解决 as it was said, else as it follows from the face: 满意 is solved, 没解决 is not.

    还行 alone says neither, and nothing is made up."""
    if said:
        return said
    return {Satisfaction.SATISFIED: Solved.SOLVED, Satisfaction.UNSOLVED: Solved.UNSOLVED}.get(Satisfaction(face), "")


def resolution_rate(actor: Actor, first: date, last: date, *, tickets: QuerySet[Ticket] | None = None) -> Rate:
    """E.2 解决率: answered 已解决 (部分解决 counts half, the district may change that) of what had a definite answer.

    Where nobody is to be asked, what a look on site found. Who was not reached is left out and said. Suspended matters
    (挂账) count in the period in which their target day has passed, as not solved (SLA D.8)."""
    _version, policy = rules().policy()
    weights: dict[str, float] = {"solved": 1.0, "partly": policy.figures.partly_percent / 100, "unsolved": 0.0}

    def weigh(row: _Row) -> float | str:
        if row.final:
            answer = solved_answer(row.final, row.solved if row.was_rated else "")
            return weights.get(answer, "not_asked")
        if not row.needs_visit and row.passed is not None:
            return 1.0 if row.passed else 0.0
        return _silent(row)

    seen = _seen(actor, tickets)
    found = _count(_rows(seen, first, last), weigh)
    waiting = _past_their_target(seen, first, last)
    bottom = [*found.denominator_ids, *waiting]
    return replace(found, denominator=len(bottom), denominator_ids=bottom)


def _past_their_target(tickets: QuerySet[Ticket], first: date, last: date) -> list[int]:
    """Still suspended though the day they were to be taken up by lies in the period and has passed."""
    begin, end = _moments(first, last)
    rows = Application.objects.filter(
        kind=Application.Kind.SUSPENSION, state=Application.State.GRANTED, ended_at=None, ticket__in=tickets,
        until__gte=begin, until__lt=min(end, clock.now()),
    )  # fmt: skip
    return list(rows.order_by("ticket_id").values_list("ticket_id", flat=True))


def satisfaction_rate(
    actor: Actor, first: date, last: date, *, which: str = "final", tickets: QuerySet[Ticket] | None = None
) -> Rate:
    """E.3 满意率: 满意, and 还行 by the district's weight, of what was rated.

    ``which``: ``final`` or ``first``, published side by side. Who said nothing is not satisfied by default: they are
    left out."""
    _version, policy = rules().policy()
    weights = {"satisfied": 1.0, "so_so": policy.figures.so_so_percent / 100, "unsolved": 0.0}

    def weigh(row: _Row) -> float | str:
        face = row.final if which == "final" else row.first
        return weights[face] if face else _silent(row)

    return _count(_rows(_seen(actor, tickets), first, last), weigh)


def return_visit_rate(actor: Actor, first: date, last: date, *, tickets: QuerySet[Ticket] | None = None) -> Rate:
    """E.13 回访率: answered, or tried as often as the rules ask, of what was to be asked after."""
    _version, policy = rules().policy()
    wanted = policy.return_visit.attempts

    def weigh(row: _Row) -> float | str:
        if not row.needs_visit:
            return "no_visit"
        return 1.0 if row.was_rated or row.final or row.attempts >= wanted else 0.0

    return _count(_rows(_seen(actor, tickets), first, last), weigh)


def _silent(row: _Row) -> str:
    if row.close_reason == "unreachable":
        return "unreachable"
    return "unrated" if row.needs_visit else "no_visit"


def _seen(actor: Actor, tickets: QuerySet[Ticket] | None) -> QuerySet[Ticket]:
    visible = TicketPolicy.visible(actor)
    return visible if tickets is None else visible.filter(pk__in=tickets.order_by().values("pk"))
