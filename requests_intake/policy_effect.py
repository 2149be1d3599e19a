"""What another time-limit policy would have meant for tickets that are open or came in lately. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from requests_intake import sla
from requests_intake.models import Ticket
from requests_intake.reference import CategoryRef, rules

LOOKED_BACK = timedelta(days=90)
MOST = 5000  # newest first: a preview must answer at once
_EXAMPLES = 5


@dataclass(frozen=True)
class Example:
    number: str
    category: str
    before: datetime
    after: datetime


@dataclass
class Effect:
    """``counted`` promises: so many would be later, earlier or the same. None of them is changed."""

    counted: int = 0
    longer: int = 0
    shorter: int = 0
    is_cut: bool = False
    examples: list[Example] = field(default_factory=list)

    @property
    def same(self) -> int:
        return self.counted - self.longer - self.shorter


def limit_of(
    policy: sla.Policy, request_type: str, urgency: str, category: CategoryRef | None, accepted_at: datetime
) -> sla.Limit:
    """The limit a policy promises a matter accepted at that moment (SLA D.1)."""
    return sla.promise_limit(
        policy,
        request_type=request_type,
        urgency=urgency,
        category_code=category.code if category else "",
        grid_size=bool(category and category.pure.limit_class == "minor"),
        on=clock.local(accepted_at).date(),
    )


def effect_of(old: sla.Policy, new: sla.Policy) -> Effect:
    """Compare the promises both policies would give to tickets accepted and open, or accepted in the last 90 days."""
    calendar, known = work_calendar(), rules().categories
    rows = (
        Ticket.objects.filter(accepted_at__isnull=False, is_restricted=False)
        .filter(Q(closed_at=None) | Q(accepted_at__gte=clock.now() - LOOKED_BACK))
        .order_by("-accepted_at")
        .values_list("number", "category_id", "request_type", "urgency", "accepted_at")[: MOST + 1]
    )
    found = Effect()
    for number, category_id, request_type, urgency, accepted_at in rows:
        if found.counted == MOST:
            found.is_cut = True
            break
        found.counted += 1
        category = known.get(category_id)
        before, after = (limit_of(policy, request_type, urgency, category, accepted_at) for policy in (old, new))
        if before == after:
            continue
        was, would_be = sla.due_at(accepted_at, before, calendar), sla.due_at(accepted_at, after, calendar)
        if would_be == was:
            continue
        if would_be > was:
            found.longer += 1
        else:
            found.shorter += 1
        if len(found.examples) < _EXAMPLES:
            found.examples.append(Example(number, category.name if category else "", was, would_be))
    return found
