"""The clock of one district's scope is set back some weeks and moved on hour by hour; people act, and the sweep runs.

Everything goes through the real actions, so that clocks, escalations, notices and history are what they would be. The
draw is seeded: the same seed and end give the same life.

A district's weeks are one transaction: the platform serves meanwhile, and its own sweep, whose clock stands at the
present, must not find deadlines of a past that is still being lived.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.db import connection, transaction
from django.utils.translation import gettext as _

from analytics.life import residents, staff
from analytics.life.agenda import Agenda
from analytics.life.announcements import Announcements
from analytics.life.applications import Applications
from analytics.life.clinics import found_clinics
from analytics.life.confidential import Confidential
from analytics.life.governing import Governing
from analytics.life.hands import Hands
from analytics.life.intake import Intake
from analytics.life.mediation import Mediations
from analytics.life.office import Office
from analytics.life.scene import HOUR, Scene, at_work, awake, hours_between, working_days_before
from analytics.life.whistles import Whistles
from governance.kernel import clock, outbox
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope, scope_at
from requests_intake.actions.check_clocks import check_clocks
from requests_intake.actions.follow_up import raise_late_checks
from requests_intake.actions.proactive import make_due_tasks
from requests_intake.actions.sweep import sweep
from requests_intake.actions.whistle_sweep import sweep_whistles
from requests_intake.models import Clock, Ticket, TicketTransition, WhistleTarget, WhistleTransition, WorkOrder
from requests_intake.workflow import TicketState
from services.models import AnnouncementTransition

_RATES, _GIVES_UP, _COMES_BACK = 0.015, 0.0006, 0.003  # chances per waking hour
_MARGIN = timedelta(minutes=1)
_BROUGHT = 65  # tickets, about, that the agendas bring: so many fewer come by themselves
_ENDING = 3  # working days before the last; what is begun then is mostly still open at the end
_AT_LAST = 2  # hours
_READING_HOUR = 16
_NIGHT_HOUR = 2
_LOCK = 0x6C696665  # one life at a time in a district

AGENDAS: tuple[type[Agenda], ...] = (Applications, Hands, Intake, Governing, Confidential)
"""What is planned for these weeks beside what everybody does with every ticket."""

Progress = Callable[[int, int, int], None]
"""Called after each lived day with days done, days in all, tickets so far."""


def live(
    district: District,
    *,
    tickets: int,
    days: int = 30,
    seed: int = 7,
    until: datetime | None = None,
    more: bool = False,
    progress: Progress | None = None,
) -> int:
    """Let a district live ``days`` days that end at ``until`` (now). Returns how many tickets were reported:
    around the demo's accounts, where ``AGENDAS`` bring some of them, only about ``tickets``.

    Raises ``DomainError('has_tickets')`` for a district that already has a past, unless ``more``. What somebody
    reported while the demo was coming up is no past, and nobody acts on it before it was reported.
    """
    with district_scope(district):
        end = until or clock.now()
    # A shifted clock runs on while people act: the margins keep an hour's doings within it, and the last before now.
    start = end - timedelta(days=days) - _MARGIN
    with scope_at(district, start), transaction.atomic(), outbox.told_by_caller():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, district.pk])
        if not more and has_past(end):
            raise DomainError("has_tickets", _("这个区已经有诉求了。"))
        before = Ticket.objects.filter(submitted_at__gte=start).count()
        random = Random(f"{seed}:{district.code}")
        scene = Scene(district, random, clock.local(start).date(), clock.local(end).date())
        office = Office(scene)
        hours = list(hours_between(start, end))
        announcements = Announcements(scene, hours, seed)
        whistles = Whistles(scene, hours, seed)
        mediations = Mediations(scene, hours)
        agendas = [agenda(scene, hours, seed) for agenda in AGENDAS]
        brought = min(_BROUGHT, tickets // 3) if any(agenda.demo for agenda in agendas) else 0
        reports = _spread(scene, hours, tickets - brought)
        ending = working_days_before(clock.local(end).date(), _ENDING)
        for number, hour in enumerate(hours):
            announcements.live_hour(hour)
            whistles.live_hour(hour)
            mediations.live_hour(hour)
            scene.is_ending, scene.is_last = clock.local(hour).date() >= ending, number >= len(hours) - _AT_LAST
            busy = _live_hour(scene, hour, reports[number], agendas)
            _end_hour(scene, hour, office, (number + 1) / len(hours), busy)
            if progress and (number + 1) % 24 == 0:
                progress((number + 1) // 24, days, sum(reports[: number + 1]))
        with scope_at(district, end):
            found_clinics(district)
        return Ticket.objects.filter(submitted_at__gte=start).count() - before


def has_past(now: datetime) -> bool:
    """Whether the district in scope has tickets older than an hour; younger ones somebody tries out the demo with."""
    return Ticket.objects.filter(submitted_at__lt=now - timedelta(hours=1)).exists()


def _spread(scene: Scene, hours: list[datetime], tickets: int) -> list[int]:
    """So many tickets over the hours, by the load of each; one in each of the last, around the demo's accounts."""
    at_last = min(_AT_LAST, tickets, len(hours))
    drawn = scene.random.choices(range(len(hours)), [scene.load_of(hour) for hour in hours], k=tickets - at_last)
    counts = [0] * (len(hours) - at_last) + [1] * at_last
    for number in drawn:
        counts[number] += 1
    return counts


def _live_hour(scene: Scene, hour: datetime, reports: int, agendas: list[Agenda]) -> int:
    """Residents report through the hour; staff and residents act meanwhile. Returns how much there was to do."""
    random = scene.random
    doings: list[tuple[float, Ticket | Callable[[], None] | None]] = [(random.random(), None) for _n in range(reports)]
    orders: dict[int, WorkOrder] = {}
    if awake(hour):
        pending = Ticket.objects.filter(closed_at=None, submitted_at__lte=hour).order_by("id")
        doings += [(random.random(), ticket) for ticket in pending]
        leads = WorkOrder.objects.filter(role=WorkOrder.Role.LEAD, ended_at=None)
        orders = {order.ticket_id: order for order in leads}
    for agenda in agendas:
        acts = agenda.due(hour)
        doings += zip(sorted(agenda.random.random() for _act in acts), acts, strict=True)
    for share, doing in sorted(doings, key=lambda each: each[0]):
        with scope_at(scene.district, hour + share * (HOUR - _MARGIN)):
            if doing is None:
                residents.report(scene)
            elif callable(doing):
                doing()
            else:
                _try(scene, doing, orders.get(doing.pk))
    return len(doings)


def _end_hour(scene: Scene, hour: datetime, office: Office, share: float, busy: int) -> None:
    """Somebody comes back, the offices do what is due by this share of the weeks, clocks fire, people are told."""
    with scope_at(scene.district, hour + HOUR):
        if awake(hour) and scene.random.random() < _COMES_BACK * busy / 10:
            residents.come_back(scene)
        if awake(hour) and scene.is_ending:
            staff.supply(scene)
        if at_work(hour):
            office.work(share)
            scene.forget_people()  # posts and deputies of the day
        if Clock.objects.filter(stopped_at=None, next_fire_at__lte=clock.now()).exists():
            sweep()
        if WhistleTarget.objects.filter(next_fire_at__lte=clock.now()).exists():
            sweep_whistles()
        outbox.deliver(TicketTransition)
        outbox.deliver(AnnouncementTransition)
        outbox.deliver(WhistleTransition)
        if clock.local(hour).hour == _NIGHT_HOUR:
            make_due_tasks()
            if scene.is_ending:
                check_clocks()
        if clock.local(hour).hour == _READING_HOUR:
            raise_late_checks()
        if clock.local(hour).hour == _READING_HOUR and work_calendar().is_working(clock.local(hour).date()):
            office.read()


def _try(scene: Scene, ticket: Ticket, order: WorkOrder | None) -> None:
    try:
        _act(scene, ticket, order)
    except DomainError:
        return  # what a person may not do now, nobody does in the demo either


def _act(scene: Scene, ticket: Ticket, order: WorkOrder | None) -> None:
    working, state = at_work(clock.now()), ticket.state
    if state == TicketState.VISITING:
        if not ticket.needs_review and scene.random.random() < _RATES:
            residents.rate(scene, ticket)
        elif working:
            staff.ask(scene, ticket)
    elif state == TicketState.HANDLING and scene.random.random() < _GIVES_UP and ticket.requester_id:
        if ticket.pk not in scene.held:
            residents.give_up(scene, ticket)
    elif not working and ticket.urgency not in ("critical", "urgent"):
        return
    elif state == TicketState.SUBMITTED:
        staff.triage(scene, ticket)
    elif state == TicketState.ACCEPTED:
        staff.send(scene, ticket)
    elif state == TicketState.RESOLVED:
        staff.check(scene, ticket)
    elif order is not None:
        staff.handle(scene, ticket, order)
