"""Returns, extensions, pauses and suspensions of the lived weeks: granted, refused, arbitrated, met with silence.

At the end one of each waits for the demo's community, street and centre, two matters are suspended, one is paused.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from analytics.life import application_words as words
from analytics.life import staff
from analytics.life.agenda import COMPLEX, Agenda, days
from analytics.life.scene import at_work
from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import workflow
from requests_intake.actions import applications
from requests_intake.actions.decisions import GRANTS, refuse_application
from requests_intake.actions.holding import resume_order, review_suspension, unsuspend_ticket
from requests_intake.models import Application, Ticket, WorkOrder
from requests_intake.reference import rules
from requests_intake.sla.units import Limit, Unit

_DECIDERS = tuple(sorted({kind for kind, relation in workflow.ALLOWED["refuse"] if relation == workflow.DECIDES}))
_OFFICES = {"grid": "grid", "community": "community", "street": "street"}
GRANT, REFUSE, SILENCE, ARBITRATE, BACK = "grant", "refuse", "silence", "arbitrate", "back"
# When (share of the weeks), what is asked, at which level, what becomes of it.
_PLAN = (
    (0.08, "return", "grid", GRANT), (0.2, "return", "department", REFUSE), (0.34, "return", "community", ARBITRATE),
    (0.46, "return", "grid", SILENCE), (0.58, "return", "department", GRANT), (0.72, "return", "community", BACK),
    (0.06, "extension", "community", GRANT), (0.18, "extension", "department", GRANT),
    (0.3, "extension", "grid", REFUSE), (0.44, "extension", "community", SILENCE),
    (0.55, "extension", "department", GRANT),
    (0.68, "extension", "community", GRANT), (0.8, "extension", "department", REFUSE),
    (0.12, "pause", "community", GRANT), (0.26, "pause", "department", GRANT), (0.4, "pause", "community", REFUSE),
    (0.52, "pause", "grid", SILENCE), (0.64, "pause", "department", GRANT), (0.76, "pause", "community", GRANT),
)  # fmt: skip
_SUSPENDED = ((0.1, GRANT, "lift"), (0.2, GRANT, "lift"), (0.3, GRANT, "review"), (0.42, REFUSE, ""), (0.62, GRANT, ""))
_WAITING = (
    ("return", "grid"), ("extension", "grid"), ("pause", "grid"),
    ("return", "community"), ("extension", "community"), ("pause", "community"),
    ("return", "water"), ("extension", "urban"), ("pause", "water"),
)  # fmt: skip


class Applications(Agenda):
    """What handling organizations ask for, and who answers."""

    name = "applications"

    def prepare(self) -> None:
        for share, kind, level, outcome in _PLAN:
            self.during(share, partial(self._live, kind, level, outcome))
        for number, (share, outcome, then) in enumerate(_SUSPENDED):
            office = ("community", "water", "urban", "street", "community")[number]
            self.during(share, partial(self._suspend, office, outcome, then))
        self.at_last(9, self._pause_on)
        for number, (kind, office) in enumerate(_WAITING):
            self.at_last(3 if number % 2 else 2, partial(self._leave, kind, office))
        self.at_last(4, partial(self._suspend, "community", "", ""))

    # ------------------------------------------------------------ asking
    def _live(self, kind: str, level: str, outcome: str) -> bool:
        """One application from asking to its end."""
        order = self._order(kind, level)
        found = self.signed(order.ticket) if order is not None else None
        row = self._ask(kind, *found) if found is not None else None
        if row is None:
            return False
        self.hold(row.ticket, 30 if outcome == SILENCE else 16)
        self._go_on(row, outcome)
        return True

    def _go_on(self, row: Application, outcome: str) -> None:
        if outcome in (GRANT, REFUSE):
            self.after(self.random.choice((1, 2, 3)), partial(self._answer, row.pk, outcome))
        elif outcome == ARBITRATE:
            # Nobody answers in time; the centre, to which the clock takes it, does.
            self.after(7, partial(self._answer, row.pk, GRANT))
        elif outcome == BACK:
            self.after(1, partial(self._take_back, row.pk))

    def _order(self, kind: str, level: str) -> WorkOrder | None:
        order = self.pick(level)
        if order is not None and (kind != "return" or self._is_in_window(order)):
            return order
        office = self.random.choice(("water", "urban")) if level == "department" else _OFFICES[level]
        self.hold(ticket := self.fresh(office), 4)
        return WorkOrder.objects.filter(ticket=ticket, ended_at=None).select_related("ticket").first()

    @staticmethod
    def _is_in_window(order: WorkOrder) -> bool:
        ends, _limit = applications.return_window(order.ticket, order)
        return ends is not None and ends > clock.now()

    def _ask(self, kind: str, ticket: Ticket, order: WorkOrder, actor: Actor) -> Application | None:
        reason, note, told = self.random.choice(words.ASKED[kind])
        if kind == "return":
            suggested = self._instead(ticket)
            clause = self.random.choice(words.CLAUSES)
            return applications.ask_return(
                ticket, reason=reason, clause=clause, suggested_id=suggested, note=note, actor=actor
            )
        if kind == "extension":
            bounds = rules().policy()[1].discipline
            _times, left = applications.extension_left(ticket, order, bounds)
            if left is None:
                return None
            limit = Limit(1, Unit.WORK_DAY) if left.unit is Unit.WORK_DAY else left
            interim = words.INTERIM if ticket.urgency == "urgent" else ""
            return applications.ask_extension(
                ticket, reason=reason, limit=limit, note=note, told=told, interim=interim, actor=actor
            )
        attempts = [order.dispatched_at + (clock.now() - order.dispatched_at) * share for share in (0.3, 0.7)]
        return applications.ask_pause(
            ticket, reason=reason, until=self._until(1 + self.random.randrange(3)), note=note, told=told, actor=actor,
            attempts=attempts if reason == "access" else (),
        )  # fmt: skip

    def _instead(self, ticket: Ticket) -> int:
        """Whom it should rather go to."""
        department = staff.department_of(ticket)
        wanted = [department, self.offices["urban"], self.offices["street"], self.offices["community"]]
        return next(pk for pk in wanted if pk is not None and pk != ticket.organization_id)

    @staticmethod
    def _until(number: int) -> datetime:
        """At nine in the morning, some days on; on a working day."""
        moment = clock.local(clock.now()).replace(hour=9, minute=0, second=0, microsecond=0) + days(number)
        while not at_work(moment):
            moment += days(1)
        return moment

    # ------------------------------------------------------------ answering
    def _decider(self, row: Application) -> Actor | None:
        kinds = ("district_dispatcher",) if row.kind == "suspension" else _DECIDERS
        return self.somebody(row.decider_id, *kinds)

    def _answer(self, pk: int, outcome: str) -> bool | None:
        row = Application.objects.select_related("ticket").get(pk=pk)
        actor = self._decider(row)
        if row.state != Application.State.ASKED:
            return None
        if actor is None:
            return False
        if outcome == REFUSE:
            refuse_application(row, actor=actor, note=self.random.choice(words.REFUSED[row.kind]))
            return True
        GRANTS[Application.Kind(row.kind)](row, actor=actor, note=self.random.choice(words.GRANTED[row.kind]))
        if row.kind == "return":
            self.free(row.ticket)
        elif row.kind == "extension" and self.random.random() < 0.5:
            self.after(3, partial(self._again, row.ticket_id))
        elif row.kind == "pause" and self.random.random() < 0.5:
            self.after(4, partial(self._resume, row.ticket_id))  # else the clock ends it
        return True

    def _again(self, ticket_id: int) -> bool | None:
        """A second extension, which the level above the first answers."""
        found = self.signed(Ticket.objects.get(pk=ticket_id))
        row = self._ask("extension", *found) if found is not None else None
        if row is not None:
            self.hold(row.ticket, 12)
            self.after(2, partial(self._answer, row.pk, GRANT))
        return None

    def _resume(self, ticket_id: int) -> bool | None:
        ticket = Ticket.objects.get(pk=ticket_id)
        actor = self.somebody(ticket.organization_id)
        if actor is None:
            return False
        resume_order(ticket, actor=actor, note=self.random.choice(words.RESUMED))
        return True

    def _take_back(self, pk: int) -> bool | None:
        row = Application.objects.select_related("ticket").get(pk=pk)
        actor = self.somebody(row.organization_id)
        if actor is None:
            return False
        applications.take_back_application(row, actor=actor, note=words.TAKEN_BACK)
        self.free(row.ticket)
        return True

    # ------------------------------------------------------------ what cannot be solved now
    def _suspend(self, office: str, outcome: str, then: str) -> bool | None:
        ticket = self.fresh(office, urgency=COMPLEX)
        self.hold(ticket)
        self.after(2, partial(self._ask_suspension, ticket.pk, outcome, then))
        return True

    def _ask_suspension(self, ticket_id: int, outcome: str, then: str) -> bool:
        found = self.signed(Ticket.objects.get(pk=ticket_id))
        if found is None:
            return False
        ticket, order, actor = found
        kinds = [words.ASKED["suspension"][number] for number in (0, 1, 2)]
        reason, note, told = kinds[self.random.randrange(3)]
        serving = territory().serving(order.organization_id)
        row = applications.ask_suspension(
            ticket, reason=reason, until=self._until(60 + 15 * self.random.randrange(4)), note=note, told=told,
            responsible_id=next((each for each in serving if each.is_leader), serving[0]).membership_id, actor=actor,
        )  # fmt: skip
        if outcome:
            self.after(self.random.choice((3, 6)), partial(self._answer, row.pk, outcome))
        if outcome == REFUSE:
            self.hold(ticket, 8)
        if then == "lift":
            self.after(45, partial(self._lift, ticket.pk))
        if then == "review":
            self.after(60, partial(self._review, ticket.pk))
        return True

    def _lift(self, ticket_id: int) -> None:
        ticket = Ticket.objects.get(pk=ticket_id)
        unsuspend_ticket(ticket, actor=self.demo["dispatch"], note=words.LIFTED)
        self.free(ticket)

    def _review(self, ticket_id: int) -> None:
        review_suspension(Ticket.objects.get(pk=ticket_id), actor=self.demo["dispatch"], note=words.REVIEWED)

    # ------------------------------------------------------------ what is left open
    def _pause_on(self) -> bool:
        """A pause for an expert's report, which still runs at the end."""
        found = self.signed(self.fresh("water"))
        if found is None:
            return False
        reason, note, told = words.ASKED["pause"][2]
        row = applications.ask_pause(
            found[0], reason=reason, until=self._until(12), note=note, told=told, actor=found[2]
        )  # fmt: skip
        self.hold(row.ticket)
        self.after(1, partial(self._grant_held, row.pk))
        return True

    def _grant_held(self, pk: int) -> bool:
        row = Application.objects.select_related("ticket").get(pk=pk)
        actor = self._decider(row)
        if actor is None:
            return False
        GRANTS[Application.Kind(row.kind)](row, actor=actor, note=words.GRANTED["pause"][1])
        return True

    def _leave(self, kind: str, office: str) -> bool:
        # Of the grid something bigger: a day more does not touch the promise, so the community decides.
        said = self.saying_for("community") if office == "grid" else None
        found = self.signed(self.fresh(office, said=said))
        row = self._ask(kind, *found) if found is not None else None
        if row is not None:
            self.hold(row.ticket)
        return row is not None
