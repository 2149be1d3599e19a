"""民呼必应工作站收件 (S3-13): all that came in for a community, by channel, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake.models import Ticket
from requests_intake.models.ticket import OFFLINE_CHANNELS, ONLINE_CHANNELS
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.workflow import OrderState, TicketState

STATION_KINDS = frozenset({"community_secretary", "community_staff", "network_liaison"})

_UNTAKEN = Q(state__in=[TicketState.SUBMITTED.value, TicketState.ACCEPTED.value]) | Q(
    state=TicketState.HANDLING.value, lead_state=OrderState.DISPATCHED.value
)
_ANSWERED = Q(state__in=[TicketState.RESOLVED.value, TicketState.VISITING.value, TicketState.CLOSED.value]) | Q(
    state=TicketState.ARCHIVED.value, resolved_at__isnull=False
)
_HANDLED = Q(state=TicketState.HANDLING.value) & ~Q(lead_state=OrderState.DISPATCHED.value)
_DROPPED = Q(
    state__in=[TicketState.REJECTED.value, TicketState.MERGED.value, TicketState.WITHDRAWN.value]
) | Q(state=TicketState.ARCHIVED.value, resolved_at=None)  # fmt: skip

STAGES: Mapping[str, tuple[Any, Q]] = {
    "untaken": (gettext_lazy("还没人接"), _UNTAKEN),
    "handled": (gettext_lazy("在办"), _HANDLED),
    "answered": (gettext_lazy("已答复"), _ANSWERED),
    "dropped": (gettext_lazy("不办了"), _DROPPED),
}
"""Every ticket is in exactly one of them. 还没人接: nobody has accepted it, or nobody has signed its order."""


@dataclass(frozen=True)
class StationFilter:
    """``group`` online or offline; ``day``: received on that day."""

    stage: str = ""
    channel: str = ""
    group: str = ""
    day: date | None = None
    text: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> StationFilter:
        """Read a page's address; what cannot be read is passed over."""
        stage, group = str(query.get("stage", "")), str(query.get("group", ""))
        try:
            day = date.fromisoformat(str(query.get("day", "")))
        except ValueError:
            day = None
        return cls(
            stage=stage if stage in STAGES else "",
            channel=str(query.get("channel", ""))[:20],
            group=group if group in ("online", "offline") else "",
            day=day if day is not None and 2000 <= day.year < 2100 else None,
            text=str(query.get("q", "")).strip()[:80],
        )

    def as_query(self) -> dict[str, str]:
        pairs = {
            "stage": self.stage, "channel": self.channel, "group": self.group, "q": self.text,
            "day": self.day.isoformat() if self.day else "",
        }  # fmt: skip
        return {name: value for name, value in pairs.items() if value}


def own_communities(actor: Actor) -> list[int]:
    """Ids of the communities whose station somebody works at."""
    found = territory()
    ids = {role.area_id for role in actor.roles if role.kind in STATION_KINDS and role.level == "community"}
    return sorted(pk for pk in ids if pk is not None and pk in found.areas)


def _day(day: date) -> Q:
    start = datetime(day.year, day.month, day.day, tzinfo=clock.SHANGHAI)
    return Q(submitted_at__gte=start, submitted_at__lt=start + timedelta(days=1))


def _narrowed(rows: QuerySet[Ticket], actor: Actor, found: StationFilter) -> QuerySet[Ticket]:
    rows = rows.filter(community_id__in=own_communities(actor))
    if found.channel:
        rows = rows.filter(channel=found.channel)
    if found.group:
        rows = rows.filter(channel__in=ONLINE_CHANNELS if found.group == "online" else OFFLINE_CHANNELS)
    return rows.filter(_day(found.day)) if found.day else rows


def station_tickets(actor: Actor, found: StationFilter) -> QuerySet[Ticket]:
    """What came in for the communities of the actor's station, the newest first."""
    rows = _narrowed(tickets_of(actor, TicketFilter(queue="all", text=found.text)), actor, found)
    return rows.filter(STAGES[found.stage][1]) if found.stage else rows


def stage_counts(actor: Actor, found: StationFilter) -> dict[str, int]:
    """Rows per stage under the same filters; together as many as without a stage. One statement."""
    rows = _narrowed(tickets_of(actor, TicketFilter(queue="all", text=found.text)), actor, found).order_by()
    return dict(rows.aggregate(**{name: Count("pk", filter=where) for name, (_label, where) in STAGES.items()}))


def today_by_channel(actor: Actor) -> dict[str, int]:
    """How many came in today by each channel; one statement."""
    rows = TicketPolicy.visible(actor).filter(_day(clock.today()))
    rows = rows.filter(community_id__in=own_communities(actor)).order_by()
    return dict(rows.values_list("channel").annotate(number=Count("pk")))


def untaken(actor: Actor) -> int:
    """How many nobody has taken yet: the number beside the list's name."""
    rows = TicketPolicy.visible(actor).filter(community_id__in=own_communities(actor))
    return rows.filter(_UNTAKEN, closed_at=None).count()
