"""What offices do before anybody asks, and what they think of each other after a matter."""

from __future__ import annotations

from functools import partial

from analytics.life import governing_words as words
from analytics.life.agenda import Agenda
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.reference import territory
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.evaluation import Scores, evaluate_matter, evaluate_order
from requests_intake.actions.follow_up import handled_it
from requests_intake.actions.handle import contact_requester
from requests_intake.actions.proactive import drop_task, finish_task, open_ticket, start_task
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.evaluations import to_rate
from requests_intake.models import ProactiveTask, Ticket, WorkOrder
from requests_intake.proactive import may_work, visible_tasks
from requests_intake.workflow import OrderState, TicketState

_DESK = ("community_secretary", "community_staff", "street_dispatcher", "street_leader", "district_dispatcher")
_ROUNDS = 2  # so often each of them hands something to the waterworks in the first days
_RATED_A_DAY = 4
_BEGUN = ("finish", "ticket", "finish", "drop", "finish", "finish", "ticket", "finish", "finish", "drop", "finish",
          "finish", "", "finish", "finish", "")  # fmt: skip


class Governing(Agenda):
    """Proactive tasks, and evaluations."""

    name = "governing"

    def prepare(self) -> None:
        for number, then in enumerate(_BEGUN):
            who = ("community", "street")[number % 2]
            self.during(0.3 + 0.65 * number / len(_BEGUN), partial(self._begin, who, then), tries=6)
        callers = (*self._committees(), self.offices["street"], self.offices["dispatch"]) * _ROUNDS
        for number, office in enumerate(callers):
            self.during(0.01 + 0.05 * number / len(callers), partial(self._hand_to_water, office))
        for hour in self.working[5::7]:
            self._put(hour, self._rate, tries=1)

    def _committees(self) -> list[int]:
        """The demo's community and two more of the district with somebody in post."""
        own = [territory().own.get(area.id, 0) for area in territory().at_level("community")]
        others = [pk for pk in own if pk != self.offices["community"] and self.somebody(pk, *_DESK)]
        return [self.offices["community"], *others[:2]]

    # ------------------------------------------------------------ proactive tasks
    def _begin(self, who: str, then: str) -> bool:
        actor = self.demo[who]
        tasks = visible_tasks(actor).filter(state=ProactiveTask.State.OPEN).order_by("source", "due_on", "pk")
        task = next((row for row in tasks[:5] if may_work(actor, row)), None)
        if task is None:
            return False
        if then == "drop":
            drop_task(task, reason=self.random.choice(ProactiveTask.Reason.values), actor=actor)
            return True
        task = start_task(task, actor=actor)
        if then == "ticket":
            open_ticket(task, content=self.random.choice(words.FOUND), actor=actor)
        if then:
            self.after(6, partial(self._finish, task.pk, actor))
        return True

    def _finish(self, pk: int, actor: Actor) -> None:
        finish_task(ProactiveTask.objects.get(pk=pk), actor=actor)

    # ------------------------------------------------------------ evaluations
    def _rate(self) -> None:
        """Towards the evening people tap a face for a few of what is over; not for all."""
        for name in ("street", "community", "water", "urban", "dispatch"):
            actor = self.demo[name]
            for matter in to_rate(actor)[: self.random.randrange(_RATED_A_DAY + 1)]:
                face = self.random.choices(("good", "mid", "bad"), (6, 3, 1))[0]
                known = words.COMMENTS if matter.side == "caller" else words.COMMENTS_ON_CALLERS
                comment = self.random.choice(known[face]) if self.random.random() < 0.5 else ""
                try:
                    evaluate_matter(
                        matter.subject,
                        matter.pk,
                        matter.side,
                        scores=Scores.of_face(face),
                        comment=comment,
                        actor=actor,
                    )
                except DomainError:
                    continue  # somebody else of the office has just done it

    def _hand_to_water(self, office: int) -> bool:
        """A matter of the waterworks that a community, the street or the centre hands on, and what is thought of it."""
        caller = self.somebody(office, *_DESK)
        if caller is None:
            return False
        order = self.pick(territory().organizations[office].level, organization_id=office)
        if order is not None:
            ticket = order.ticket
        elif office in (self.offices["street"], self.offices["dispatch"]):
            ticket = self.fresh("street" if office == self.offices["street"] else "dispatch")
        else:
            ticket = self.fresh_in(territory().organizations[office].area_id)
        if ticket.organization_id != office:
            return False
        dispatch_ticket(ticket, organization_id=self.offices["water"], actor=caller)
        self.hold(ticket, 20)
        self.after(2, partial(self._handle, ticket.pk, caller))
        return True

    def _handle(self, ticket_id: int, caller: Actor) -> bool:
        ticket = Ticket.objects.get(pk=ticket_id)
        if ticket.state != TicketState.HANDLING or ticket.organization_id != self.offices["water"]:
            return True  # the clock has taken it further
        found = self.signed(ticket)
        if found is None:
            return False
        ticket = contact_requester(found[0], actor=found[2], note=words.CONTACTED)
        resolve_ticket(ticket, actor=found[2], reply=self.random.choice(words.DONE))
        self.after(2, partial(self._thank, ticket_id, found[1].pk, caller))
        return True

    def _thank(self, ticket_id: int, order_id: int, caller: Actor) -> bool:
        ticket, order = Ticket.objects.get(pk=ticket_id), WorkOrder.objects.get(pk=order_id)
        if ticket.state == TicketState.RESOLVED and not handled_it(ticket, self.demo["dispatch"]):
            verify_ticket(ticket, passed=True, actor=self.demo["dispatch"])
            order = WorkOrder.objects.get(pk=order_id)
        if order.state != OrderState.VERIFIED:
            return ticket.state != TicketState.RESOLVED  # who handled it does not look at it; sent back it is over
        face = self.random.choices(("good", "mid"), (3, 1))[0]
        comment = self.random.choice(words.COMMENTS[face])
        evaluate_order(order, scores=Scores.of_face(face), comment=comment, actor=caller)
        return True
