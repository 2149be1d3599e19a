"""The clock of one district's scope is set back some days and moved on hour by hour; people act, and the sweep runs.

Everything goes through the real actions, so that clocks, escalations, notices and history are what they would be. The
draw is seeded: the same seed and start give the same life.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, ImageDraw

from analytics.life import words
from governance.accounts.models import Membership
from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError
from governance.kernel.models import District
from governance.kernel.storage import StoredImage, store_photos
from governance.kernel.tenancy.context import district_scope, scope_at
from grids.models import Building
from grids.queries import actor_for
from grids.reference import territory
from requests_intake import routing
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.desk import reject_ticket, relocate_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import contact_requester, sign_order
from requests_intake.actions.orders import lead_order
from requests_intake.actions.rate import rate_ticket, record_return_visit
from requests_intake.actions.resolve import resolve_ticket, solve_on_site
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket, TicketTransition, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules
from requests_intake.workflow import TicketState

STEP = timedelta(hours=2)


def live_some_days(district: District, *, tickets: int, days: int = 6, seed: int = 7) -> int:
    """Let a district without tickets live ``days`` days up to now. Returns how many tickets there are afterwards."""
    with district_scope(district), transaction.atomic():
        if Ticket.objects.exists():
            return Ticket.objects.count()
        life = _Life(district, Random(f"{seed}:{district.code}"))
        now = clock.now()
    hours = list(_steps(now, days))
    for index, moment in enumerate(hours):
        due = round(tickets * (index + 1) / len(hours)) - life.reported
        with scope_at(district, moment):
            life.step(reports=due)
    return life.reported


def _steps(now: datetime, days: int) -> Iterator[datetime]:
    moment = now - timedelta(days=days)
    while moment < now - timedelta(minutes=5):
        if 7 <= clock.local(moment).hour < 22:
            yield moment
        moment += STEP


class _Life:
    def __init__(self, district: District, random: Random) -> None:
        self.district = district
        self.random = random
        self.reported = 0
        center = territory().own[territory().district_area_id]
        # Around the demo accounts' own chain there is more to see than anywhere else.
        self.buildings = list(Building.objects.order_by("id").values_list("id", "grid_id"))
        self.home = self._home_buildings()  # the grid of the demo's own accounts
        self.center = self._actor(center, "district_dispatcher")
        self.visitor = self._actor(center, "return_visitor")

    def _home_buildings(self) -> list[int]:
        from grids.generation.staffing import handle_of

        member = Membership.objects.filter(user__handle=handle_of(self.district, "grid")).first()
        areas = {role.area_id for role in actor_for(member).roles} if member else set()
        return [pk for pk, grid_id in self.buildings if grid_id in areas]

    def _actor(self, organization_id: int, kind: str = "") -> Actor | None:
        """Somebody in post there (of a kind, where one is asked for) with all their posts."""
        serving = [row for row in territory().serving(organization_id) if kind in ("", row.kind)]
        if not serving:
            return None
        holder = serving[0]
        member = Membership.objects.get(pk=holder.membership_id)
        return actor_for(member)

    def step(self, *, reports: int) -> None:
        """Two hours: residents report, staff act in working time, the clocks fire, people are told."""
        with transaction.atomic():
            for _number in range(reports):
                self._report()
        with transaction.atomic():
            working = work_calendar_open()
            pending = list(Ticket.objects.filter(closed_at=None).order_by("id"))
        for ticket in pending:
            try:
                with transaction.atomic():
                    self._act(ticket, working)
            except DomainError:
                continue  # what a person may not do now, nobody does in the demo either
        sweep()
        outbox.deliver(TicketTransition)

    def _report(self) -> None:
        self.reported += 1
        if self.random.random() < 0.12:
            self._find()
            return
        saying, channel, with_photo = self.random.choice(words.SAYINGS)
        number = self.random.randrange(10_000)
        building = self._building()
        staff = None if channel == "web" else self.center
        unknown = self.random.random() < 0.06
        submit_ticket(
            Report(
                content=self.random.choice(words.OPENINGS) + saying,
                channel=channel,
                building_id=None if unknown else building,
                address="在菜市场旁边那条路上" if unknown else "",
                name=self.random.choice(["王女士", "李先生", "张阿姨", "刘师傅", "陈女士", "赵先生", "居民"]),
                phone="" if self.random.random() < 0.1 else f"1390000{number:04d}",
                is_anonymous=self.random.random() < 0.06,
                photos=self._photos() if with_photo and self.random.random() < 0.5 else (),
            ),
            actor=staff or Actor.public(),
        )

    def _find(self) -> None:
        building_id = self._building()
        grid_id = dict(self.buildings)[building_id]
        worker = self._actor(territory().own[grid_id])
        if worker is None:
            return
        saying = self.random.choice(words.FINDS)
        report = Report(
            content=saying, channel="patrol", building_id=building_id, is_proactive=True, start_level="grid"
        )
        ticket = submit_ticket(report, actor=worker).ticket
        if TicketPolicy.allows(worker, "solve_on_site", ticket):
            solve_on_site(ticket, actor=worker, reply=saying)

    def _building(self) -> int:
        if self.home and self.random.random() < 0.2:
            return self.random.choice(self.home)
        return self.random.choice(self.buildings)[0]

    def _photos(self) -> list[StoredImage]:
        """A drawn stand-in for a photo: a wall, a road, something on it."""
        random = self.random
        picture = Image.new("RGB", (960, 720), (random.randint(150, 205),) * 2 + (random.randint(150, 190),))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 430, 960, 720), fill=(112, 110, 106))
        for _number in range(6):
            x, y = random.randint(0, 860), random.randint(80, 330)
            draw.rectangle((x, y, x + 70, y + 90), fill=(86, 104, 122))
        x, y = random.randint(200, 600), random.randint(470, 560)
        draw.ellipse((x, y, x + 240, y + 90), fill=(54, 52, 50))
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=80)
        return store_photos([SimpleUploadedFile("demo.jpg", buffer.getvalue(), "image/jpeg")])

    def _act(self, ticket: Ticket, working: bool) -> None:
        state, chance = ticket.state, self.random.random()
        if state == TicketState.VISITING:
            self._ask(ticket, chance, working)
        elif not working:
            return
        elif state == TicketState.SUBMITTED:
            self._triage(ticket, chance)
        elif state == TicketState.ACCEPTED and self.center and chance < 0.8:
            self._send_to_community(ticket, self.center)
        elif state == TicketState.RESOLVED and chance < 0.6:
            self._check(ticket)
        elif state == TicketState.HANDLING:
            self._handle(ticket, chance)

    def _triage(self, ticket: Ticket, chance: float) -> None:
        if self.center is None or ticket.is_restricted or chance > 0.6:
            return
        if chance < 0.05:
            reject_ticket(ticket, reason="other_procedure", note=words.REJECTIONS, actor=self.center)
            return
        relocate_ticket(ticket, actor=self.center, building_id=self._building())
        accept_ticket(Ticket.objects.get(pk=ticket.pk), actor=self.center)
        self._send_to_community(Ticket.objects.get(pk=ticket.pk), self.center)

    def _send_to_community(self, ticket: Ticket, actor: Actor) -> None:
        owner = territory().own.get(ticket.community_id or 0)
        if owner is not None:
            dispatch_ticket(ticket, organization_id=owner, actor=actor)

    def _handle(self, ticket: Ticket, chance: float) -> None:
        order, actor = lead_order(ticket), self._actor(ticket.organization_id)
        if order is None or actor is None:
            return
        if order.state == "dispatched":
            if chance < 0.9:
                sign_order(ticket, actor=actor)
        elif chance < 0.25 and order.contacted_at is None:
            contact_requester(ticket, actor=actor, note=self.random.choice(words.CONTACTS))
        elif chance < 0.52:
            reply = self.random.choice(words.REPLIES[order.level])
            resolve_ticket(ticket, actor=actor, reply=reply, photos=self._photos() if chance < 0.4 else ())
        elif chance < 0.66:
            self._pass_on(ticket, order, actor)

    def _pass_on(self, ticket: Ticket, order: WorkOrder, actor: Actor) -> None:
        """A street sends it to the department that fits; below, it goes up."""
        category = rules().categories.get(ticket.category_id or 0)
        if order.level in ("street", "district") and category is not None:
            found = routing.suggest_departments(category.pure, rules().organizations, ticket.street_id)
            departments = [row.organization for row in found if row.organization.level == "department"]
            if departments:
                dispatch_ticket(ticket, organization_id=departments[0].id, actor=actor)
        elif order.level in ("grid", "community"):
            escalate_ticket(ticket, actor=actor, note=self.random.choice(words.ESCALATIONS))

    def _check(self, ticket: Ticket) -> None:
        owner = territory().own.get(ticket.grid_id or ticket.community_id or 0)
        actor = (self._actor(owner) if owner else None) or self.center
        if actor is not None:
            passed = self.random.random() < 0.88
            note = "" if passed else self.random.choice(words.REWORKS)
            verify_ticket(ticket, passed=passed, actor=actor, note=note, photos=self._photos() if passed else ())

    def _ask(self, ticket: Ticket, chance: float, working: bool) -> None:
        """Shares near what cities publish: about two thirds satisfied, a good tenth not solved (read first, 8)."""
        if chance < 0.16:
            face = self.random.choices(["satisfied", "so_so", "unsolved"], [66, 21, 13])[0]
            comment = self.random.choice(words.UNSOLVED) if face == "unsolved" else ""
            rate_ticket(ticket, face=face, actor=Actor.requester(ticket.pk), comment=comment)
        elif working and chance < 0.24 and self.visitor is not None:
            answer = self.random.choices(["satisfied", "so_so", "unsolved", "unreachable"], [50, 20, 10, 20])[0]
            record_return_visit(ticket, answer=answer, actor=self.visitor)


def work_calendar_open() -> bool:
    """Whether people are at work at this moment of the scope's clock."""
    now = clock.now()
    return any(start <= now < end for start, end in work_calendar().working_intervals(clock.today()))
