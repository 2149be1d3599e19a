"""Reading 催办 (SLA D.4): who urged whom for what and when, and whether the urged organization has done anything since.

An urge is a move somebody made, or one of the clock's: the warning before a deadline and the notice the morning after.
It is answered by whatever the organization then does with its order; nobody ticks a box for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from grids.models import Level
from requests_intake import workflow
from requests_intake.models import TicketTransition, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.queries import own_organizations
from requests_intake.sla import WARNINGS, Stage

PER_PAGE = 30
MOST_EXPORTED = 5_000
SHOWN_DAYS = 30
"""How far back the list goes where no date is given."""
URGE_VIEWS = {
    "": _("等我单位回应"),
    "mine": _("我催的"),
    "open": _("都没回应的"),
    "answered": _("已经回应的"),
    "all": _("全部"),
}
BY_CLOCK = frozenset({*WARNINGS, Stage.NOTICE})
_BY_PERSON = Q(move="urge")
_OF_CLOCK = Q(move="stage", stage__in=sorted(BY_CLOCK), work_order__isnull=False)
ANSWERS = frozenset(
    name
    for name, allowed in workflow.ALLOWED.items()
    if any(relation in (workflow.HANDLES, workflow.ASSISTS) for _kind, relation in allowed)
) - {"classify", "review_suspension", "add_handler", "call_helper", "cancel_handler", "unsuspend"}
"""Moves by which an organization shows that it is at work on its order; those its superiors make as well left out."""


@dataclass(frozen=True)
class UrgeFilter:
    """What the list is narrowed to; what cannot be read is passed over. ``until`` counts whole."""

    view: str = ""
    organization_id: int | None = None
    level: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> UrgeFilter:
        view, organization = str(query.get("view", "")), str(query.get("organization", ""))
        level = str(query.get("level", ""))
        return cls(
            view=view if view in URGE_VIEWS else "",
            organization_id=int(organization) if organization.isascii() and organization.isdigit()
            and len(organization) < 10 else None,
            level=level if level in Level.values else "",
            since=_day(query.get("since")), until=_day(query.get("until")), text=str(query.get("q", "")).strip()[:20],
        )  # fmt: skip

    def as_query(self) -> dict[str, str]:
        pairs = {
            "view": self.view, "organization": self.organization_id, "level": self.level, "since": self.since,
            "until": self.until, "q": self.text,
        }  # fmt: skip
        return {name: str(value) for name, value in pairs.items() if value not in (None, "")}

    @property
    def first_day(self) -> date | None:
        """The last thirty days unless a date or a number is asked for; what waits is shown however old."""
        if self.since or self.until or self.text or not self.view:
            return self.since
        return clock.today() - timedelta(days=SHOWN_DAYS)


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def _day(value: Any) -> date | None:
    try:
        return parse_date(str(value or ""))
    except ValueError:
        return None


def urges_of(actor: Actor, wanted: UrgeFilter | None = None) -> QuerySet[TicketTransition]:
    """Urges about tickets the actor may see, with ``answered_at``; the newest first, what waits the oldest first."""
    asked = wanted or UrgeFilter()
    rows = TicketTransition.objects.filter(_BY_PERSON | _OF_CLOCK, ticket__in=TicketPolicy.visible(actor))
    if not asked.view:
        # Before the answers are looked for: of what is over nobody owes any more.
        mine = {"organization__in": own_organizations(actor), "ended_at": None, "resolved_at": None}
        rows = rows.filter(**{f"work_order__{name}": value for name, value in mine.items()})
        # By their tickets as well: an index leads from there to the few moves of each, none from the orders.
        rows = rows.filter(ticket__in=WorkOrder.objects.filter(**mine).values("ticket"))
    elif asked.view == "mine":
        rows = rows.filter(actor_id=actor.membership_id, move="urge")
    if asked.organization_id is not None:
        rows = rows.filter(work_order__organization=asked.organization_id)
    if asked.level:
        rows = rows.filter(work_order__level=asked.level)
    if asked.first_day:
        rows = rows.filter(at__gte=_start(asked.first_day))
    if asked.until:
        rows = rows.filter(at__lt=_start(asked.until + timedelta(days=1)))
    if asked.text:
        rows = rows.filter(ticket__number=asked.text)
    # Said as a join, not by the moment of the answer: that would be looked up for every urge there ever was.
    if asked.view in ("", "open"):
        rows = rows.filter(~Exists(_later()))
    elif asked.view == "answered":
        rows = rows.filter(Exists(_later()))
    rows = rows.annotate(answered_at=_answered()).select_related("ticket", "work_order")
    return rows.order_by("at", "pk") if not asked.view else rows.order_by("-at", "-pk")


def _later() -> QuerySet[TicketTransition]:
    """What somebody of the urged organization did with the order afterwards."""
    return TicketTransition.objects.filter(
        ticket=OuterRef("ticket"), work_order=OuterRef("work_order"), pk__gt=OuterRef("pk"), move__in=sorted(ANSWERS),
        actor__isnull=False,
    )  # fmt: skip


def _answered() -> Subquery:
    """When the first of it was."""
    first = _later().order_by().values("ticket").annotate(first=Min("at")).values("first")
    return Subquery(first, output_field=DateTimeField())


__all__ = ["ANSWERS", "BY_CLOCK", "UrgeFilter", "urges_of"]
