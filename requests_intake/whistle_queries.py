"""Lists and figures of whistles. Everything begins at ``WhistlePolicy.visible``; statements never grow with rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from grids.reference import territory
from requests_intake import whistle_workflow as workflow
from requests_intake.actions.desk import REJECT_REASONS
from requests_intake.actions.review import CLOSED_BECAUSE
from requests_intake.models import RequestType, Ticket, TicketMerge, TicketTransition, Whistle, WhistleTarget
from requests_intake.policies import TicketPolicy
from requests_intake.whistle_policies import WhistlePolicy, committees_of, offices_of, organizations_of
from requests_intake.workflow import TicketState

S, T = workflow.WhistleState, workflow.TargetState
VIEWS = {
    "waiting": gettext_lazy("等我的"),
    "running": gettext_lazy("进行中"),
    "over": gettext_lazy("超时的"),
    "ended": gettext_lazy("结束的"),
    "": gettext_lazy("全部"),
}
PER_PAGE = 20
LEAST_RANKED = 10
"""A rate of fewer is shown and not compared (kpi, common rules)."""
GOOD_SCORE = 3


def _condition(actor: Actor, view: str) -> Q:
    if view == "waiting":
        return waits_for(actor)
    if view == "running":
        return ~Q(state__in=workflow.ENDED)
    if view == "over":
        return Q(lamp="over")
    return Q(state__in=workflow.ENDED) if view == "ended" else Q(pk__isnull=False)


def waits_for(actor: Actor) -> Q:
    """Whistles in which the next step is the actor's."""
    found = Q(pk__in=[])
    offices, committees = [row.id for row in offices_of(actor)], [row.id for row in committees_of(actor)]
    called = organizations_of(actor, *workflow.RESPONDERS)
    running = Q(state__in=workflow.RUNNING)
    if offices:
        own = (S.DRAFT, S.ASKED, S.APPROVED, S.HANDLED, S.EVALUATED)
        left = WhistleTarget.objects.filter(whistle=OuterRef("pk")).exclude(state=T.RELEASED)
        found |= Q(caller__in=offices) & (Q(state__in=own) | (running & ~Q(Exists(left))))
    if committees:
        found |= Q(asker__in=committees, state=S.HANDLED)
    if called:
        mine = WhistleTarget.objects.filter(
            whistle=OuterRef("pk"), organization__in=called, state__in=(T.CALLED, T.ACCEPTED, T.ARRIVED)
        )
        found |= running & Q(Exists(mine))
    if actor.role_kinds & set(workflow.ARBITERS):
        refused = WhistleTarget.objects.filter(whistle=OuterRef("pk"), state=T.REFUSED)
        found |= running & Q(Exists(refused))
    return found


def listed(actor: Actor, view: str = "", kind: str = "") -> QuerySet[Whistle]:
    """The whistles of one view, the newest first."""
    rows = WhistlePolicy.visible(actor).filter(_condition(actor, view))
    return (rows.filter(kind=kind) if kind else rows).order_by("-number")


def counts(actor: Actor) -> dict[str, int]:
    """How many are in each view that is counted. One statement."""
    found = WhistlePolicy.visible(actor).aggregate(
        waiting=Count("pk", filter=waits_for(actor)),
        running=Count("pk", filter=_condition(actor, "running")),
        over=Count("pk", filter=_condition(actor, "over")),
    )
    return {name: int(value) for name, value in found.items()}


def waiting(actor: Actor) -> int:
    return WhistlePolicy.visible(actor).filter(waits_for(actor)).count()


def targets_of(whistles: Iterable[Whistle]) -> dict[int, list[WhistleTarget]]:
    """Targets by whistle, the lead first. One statement."""
    found: dict[int, list[WhistleTarget]] = {row.pk: [] for row in whistles}
    for target in WhistleTarget.objects.filter(whistle__in=list(found)).order_by("-is_lead", "pk"):
        found[target.whistle_id].append(target)
    return found


# ---------------------------------------------------------------- kpi E.15
@dataclass(frozen=True)
class Rate:
    """A share with what it is of. ``is_ranked``: enough to be compared."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        return round(self.numerator / self.denominator * 100, 1) if self.denominator else None

    @property
    def is_ranked(self) -> bool:
        return self.denominator >= LEAST_RANKED


@dataclass(frozen=True)
class Figures:
    """kpi E.15 of the whistles blown in a month: ``on_time`` arrivals of all accepted calls whose time is up or who
    have come; ``settled`` closed with a mean of three and more, of all whistles not cancelled; ``blown`` how many there
    were for the valid matters accepted in the month, neither good nor bad: for whom whistles are not the own calls."""

    month: date
    on_time: Rate
    settled: Rate
    wrongful_refusals: int
    blown: Rate | None = None


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """The first instant of a month in Shanghai, and that of the next."""
    following = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    start, end = (datetime.combine(day, time.min, SHANGHAI) for day in (month.replace(day=1), following))
    return start, end


def figures(actor: Actor, month: date) -> Figures:
    """Of the whistles the actor sees. Three statements, for who is only called two."""
    start, end = month_bounds(month)
    whistles = WhistlePolicy.visible(actor).filter(blown_at__gte=start, blown_at__lt=end)
    due = Q(accepted_at__isnull=False) & (Q(arrived_at__isnull=False) | Q(arrive_by__lte=clock.now()))
    called = WhistleTarget.objects.filter(whistle__in=whistles.exclude(state=S.CANCELLED).values("pk"))
    own = organizations_of(actor, *workflow.RESPONDERS)
    if own and not offices_of(actor):
        called = called.filter(organization__in=own)
    targets = called.aggregate(
        on_time=Count("pk", filter=due & Q(arrived_at__lte=F("arrive_by"))),
        due=Count("pk", filter=due),
        # Arbitrated against, and those the district let lapse are no judgement on the one who refused.
        wrongful=Count("pk", filter=Q(ruling=WhistleTarget.Ruling.MUST_COME)),
    )
    of = whistles.aggregate(
        settled=Count("pk", filter=Q(state=S.CLOSED, score__gte=GOOD_SCORE)),
        everything=Count("pk", filter=~Q(state=S.CANCELLED)),
    )
    blown = None
    if offices_of(actor) or actor.role_kinds & {*workflow.OVERSEERS, *workflow.ARBITERS}:
        blown = Rate(of["everything"], _valid(actor, start, end).count())
    return Figures(
        month.replace(day=1),
        Rate(targets["on_time"], targets["due"]),
        Rate(of["settled"], of["everything"]),
        int(targets["wrongful"]),
        blown,
    )


def _valid(actor: Actor, start: datetime, end: datetime) -> QuerySet[Ticket]:
    """V of the kpi's common rules: accepted in the time, at a street's place, and neither refused, a duplicate, praise
    nor found unreasonable."""
    merged = TicketMerge.objects.filter(follower=OuterRef("pk"), undone_at=None)
    rows = TicketPolicy.visible(actor).filter(accepted_at__gte=start, accepted_at__lt=end, street__isnull=False)
    rows = rows.exclude(state__in=(TicketState.REJECTED.value, TicketState.MERGED.value))
    rows = rows.exclude(close_reason__in=(*REJECT_REASONS, CLOSED_BECAUSE))
    return rows.exclude(request_type=RequestType.PRAISE).exclude(Exists(merged))


# ---------------------------------------------------------------- tickets
def whistles_about(ticket: Ticket, actor: Actor) -> list[Whistle]:
    """The whistles about a ticket that the actor may see too. One statement."""
    return list(WhistlePolicy.visible(actor).filter(links__ticket=ticket).order_by("-number"))


def tickets_about(whistle: Whistle, actor: Actor) -> list[Ticket]:
    """The tickets of a whistle that the actor may see; of the others not even the number. One statement."""
    return list(TicketPolicy.visible(actor).filter(whistle_links__whistle=whistle).order_by("number"))


def stationed_teams(street_id: int | None = None) -> list[int]:
    """Organizations stationed in a street (in any, without one)."""
    return [
        row.id
        for row in territory().organizations.values()
        if row.stationed_street_id is not None and street_id in (None, row.stationed_street_id)
    ]


def direct_dispatches(actor: Actor) -> QuerySet[TicketTransition]:
    """直接调派 (S4-04): what streets sent straight to a team stationed with them, of the tickets the actor sees; the
    newest first."""
    teams = stationed_teams()
    return (
        TicketTransition.objects.filter(
            move="dispatch", payload__to_organization__in=teams, actor__isnull=False,
            ticket__in=TicketPolicy.visible(actor).values("pk"),
        )
        .select_related("ticket")
        .order_by("-id")
    )  # fmt: skip
