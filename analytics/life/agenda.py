"""What is planned for hours of the lived weeks, beside what everybody does with every ticket.

An agenda draws from its own source of chance. What does not fit in one hour of work (nothing of the kind lies there,
somebody may not do it) is tried again in the next ones. Without the demo's accounts it plans nothing: it shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from analytics.life.scene import HOUR, Scene, at_work
from analytics.life.words import SAYINGS, Saying
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.generation.staffing import handle_of
from grids.queries import actor_for
from grids.reference import territory
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.orders import lead_order
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket, WorkOrder
from requests_intake.reference import rules
from requests_intake.workflow import ORDER_OPEN, OrderState

Act = Callable[[], object]
"""Something somebody does. False: not now, try again in the next hour of work."""

_TRIES = 30
_ACCOUNTS = ("grid", "community", "street", "water", "urban", "dispatch", "district")
COMPLEX = "complex"


class Agenda:
    """The planned doings of one district's weeks. ``offices``: organization ids of the demo's own accounts, by role."""

    name = ""

    def __init__(self, scene: Scene, hours: list[datetime], seed: int) -> None:
        self.scene = scene
        self.random = Random(f"{seed}:{scene.district.code}:{self.name}")
        self.working = [hour for hour in hours if at_work(hour)]
        self._steps: list[tuple[datetime, int, int, Act]] = []
        self._count = 0
        self.demo = self._accounts()
        self.offices = {name: self._office(actor) for name, actor in self.demo.items()}
        if self.demo and self.working and scene.home and all(self.offices.values()):
            self.prepare()

    def prepare(self) -> None:
        """Plan the weeks (``during``) and what is left open at their end (``at_last``)."""
        raise NotImplementedError

    def due(self, hour: datetime) -> list[Callable[[], None]]:
        """What is to be done in this hour, in order."""
        found = sorted((step for step in self._steps if step[0] < hour + HOUR), key=lambda step: step[:2])
        self._steps = [step for step in self._steps if step[0] >= hour + HOUR]
        return [lambda step=step: self._do(step, hour) for step in found]  # type: ignore[misc]

    def _do(self, step: tuple[datetime, int, int, Act], hour: datetime) -> None:
        _moment, _number, tries, act = step
        try:
            is_done = act() is not False
        except DomainError:
            is_done = False  # what a person may not do now, nobody does in the demo either
        if not is_done and tries > 1:
            following = next((each for each in self.working if each > hour), None)
            if following is not None:
                self._put(following, act, tries - 1)

    # ------------------------------------------------------------ planning
    def during(self, share: float, act: Act, tries: int = _TRIES) -> None:
        """At a share of the hours of work of these weeks."""
        self._put(self.working[min(len(self.working) - 1, int(share * len(self.working)))], act, tries)

    def at_last(self, hours: int, act: Act) -> None:
        """So many hours of work before the end: what is left is tried until then."""
        self._put(self.working[max(0, len(self.working) - hours)], act)

    def after(self, hours: int, act: Act) -> None:
        """So many hours of work from now; what lies behind the end nobody lives to see."""
        coming = [hour for hour in self.working if hour > clock.now()]
        if len(coming) >= hours:
            self._put(coming[hours - 1], act)

    def _put(self, moment: datetime, act: Act, tries: int = _TRIES) -> None:
        self._count += 1
        self._steps.append((moment, self._count, tries, act))

    # ------------------------------------------------------------ who and what
    def _accounts(self) -> dict[str, Actor]:
        handles = {handle_of(self.scene.district, role): role for role in _ACCOUNTS}
        members = Membership.objects.filter(user__handle__in=handles).select_related("user")
        found = {handles[member.user.handle]: actor_for(member) for member in members}
        return found if len(found) == len(_ACCOUNTS) else {}

    @staticmethod
    def _office(actor: Actor) -> int:
        return next((role.organization_id for role in actor.roles if role.organization_id), 0)

    def pick(self, level: str, *, organization_id: int | None = None, urgency: str = "normal") -> WorkOrder | None:
        """An open lead order of a level (or organization) that is not spoken for, one of the newest."""
        rows = WorkOrder.objects.filter(
            role=WorkOrder.Role.LEAD, ended_at=None, level=level, state__in=ORDER_OPEN, ticket__urgency=urgency,
            ticket__is_restricted=False, ticket__requester__isnull=False, due_at__gt=clock.now() + 3 * HOUR,
        ).exclude(ticket__in=self.scene.held)  # fmt: skip
        if organization_id is not None:
            rows = rows.filter(organization=organization_id)
        found = [row for row in rows.select_related("ticket").order_by("-pk")[:8] if self.somebody(row.organization_id)]
        return self.random.choice(found) if found else None

    def somebody(self, organization_id: int, *kinds: str) -> Actor | None:
        return self.scene.somebody(organization_id, *kinds)

    def fresh(self, office: str, *, said: Saying | None = None, urgency: str = "normal") -> Ticket:
        """A report of today that lies with one of the demo's offices."""
        saying = said or self.saying_for(office, urgency)
        report = self.report(saying.say(self.random), code=saying.code, urgency="" if urgency == COMPLEX else urgency)
        ticket = submit_ticket(report, actor=self.demo["dispatch"]).ticket
        if ticket.organization_id != self.offices[office]:
            ticket = dispatch_ticket(ticket, organization_id=self.offices[office], actor=self.demo["dispatch"])
        return ticket

    def fresh_in(self, community_id: int) -> Ticket:
        """A report of today that lies with another community of the district."""
        grids = {area.id for area in territory().children(community_id, "grid")}
        buildings = [pk for pk, grid, _compound in self.scene.buildings if grid in grids]
        saying = self.saying_for("community")
        report = self.report(saying.say(self.random), code=saying.code, building=self.random.choice(buildings))
        return submit_ticket(report, actor=self.demo["dispatch"]).ticket

    def report(
        self, content: str, *, code: str = "", urgency: str = "", channel: str = "hotline", building: int | None = None
    ) -> Report:
        name, phone = self.resident()
        return Report(
            content=content, category_code=code, urgency=urgency, channel=channel, name=name, phone=phone,
            building_id=building or self.random.choice(self.scene.home),
        )  # fmt: skip

    def resident(self) -> tuple[str, str]:
        """As ``Scene.resident``, from numbers of their own."""
        number = self.random.randrange(10_000)
        family = self.scene.surnames[number % len(self.scene.surnames)]
        return family + ("女士", "先生", "阿姨", "师傅", "老师")[number % 5], f"1390001{number:04d}"

    def saying_for(self, office: str, urgency: str = "normal") -> Saying:
        """Something of the office's trade; ``complex``: one that nobody settles in a week."""
        by_code = rules().by_code
        of_department = self.scene.departments.get(self.offices[office], [])
        level = office if office in ("grid", "community", "street") else ""
        fitting = [
            row
            for row in SAYINGS
            if row.code in by_code
            and not by_code[row.code].pure.is_restricted
            and by_code[row.code].pure.urgency == urgency
            and (by_code[row.code].pure.start_level == level if level else row in of_department)
        ]
        plain = [row for row in SAYINGS if row.code in by_code and by_code[row.code].pure.urgency == urgency]
        return self.random.choice(fitting or plain)

    def signed(self, ticket: Ticket) -> tuple[Ticket, WorkOrder, Actor] | None:
        """The ticket with its lead order, signed by somebody of its organization, who acts next."""
        order = lead_order(ticket)
        if order is None or order.ended_at is not None:
            return None
        actor = self.somebody(order.organization_id)
        if actor is None:
            return None
        if order.state == OrderState.DISPATCHED:
            sign_order(ticket, actor=actor)
        return Ticket.objects.get(pk=ticket.pk), WorkOrder.objects.get(pk=order.pk), actor

    def hold(self, ticket: Ticket, hours: int | None = None) -> None:
        """Nobody finishes it or passes it on meanwhile; without ``hours`` until the end."""
        self.scene.held.add(ticket.pk)
        if hours is not None:
            self.after(hours, lambda: self.free(ticket))

    def free(self, ticket: Ticket) -> None:
        self.scene.held.discard(ticket.pk)

    def organization_of(self, area_id: int | None) -> int | None:
        return territory().own.get(area_id) if area_id is not None else None


def days(number: float) -> timedelta:
    return timedelta(days=number)
