"""Several hands and pressure from above: who helps, who gets it back, who is urged and supervised, what is published,
and what leaders decide of matters that were handled twice."""

from __future__ import annotations

from functools import partial

from analytics.life import hand_words as words
from analytics.life.agenda import Agenda
from analytics.life.words import SAYINGS
from governance.kernel.actors import Actor
from requests_intake.actions.circulars import Line, publish_circular
from requests_intake.actions.co_handlers import (
    add_handler,
    cancel_handler,
    delegate_down,
    organizations_below,
    resolve_co_order,
)
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.press import answer_supervision, decide_circular, supervise_ticket, urge_tickets
from requests_intake.actions.rate import rate_ticket
from requests_intake.actions.review import ask_unreasonable, judge_unreasonable, order_again, review_up
from requests_intake.models import Supervision, Ticket
from requests_intake.whistle_queries import stationed_teams
from requests_intake.workflow import TicketState

DONE, CANCELLED, OPEN = "done", "cancelled", "open"
# When, at which level the lead lies, who helps, what becomes of it.
_HELPED = (
    (0.1, "community", "urban", DONE), (0.3, "community", "water", DONE), (0.5, "street", "urban", CANCELLED),
    (0.7, "department", "community", DONE), (0.85, "community", "street", DONE),
)  # fmt: skip
_SUPERVISED = ((0.12, "dispatch", True), (0.2, "district", False), (0.28, "dispatch", False),
               (0.4, "dispatch", True), (0.5, "district", False), (0.78, "district", False))  # fmt: skip
_REVIEWED = ("judged", "order_again", "review_up", "judged", "claim", "claim", "", "")
_URGED_A_WEEK = 2
_MOST_URGED = 5


class Hands(Agenda):
    """What is done about an order beside handling it."""

    name = "hands"

    def prepare(self) -> None:
        for share, level, helper, then in _HELPED:
            self.during(share, partial(self._help, level, helper, then))
        for share, office in ((0.15, "street"), (0.35, "community"), (0.6, "street")):
            self.during(share, partial(self._give_down, office))
        for share in (0.1, 0.4, 0.75):
            self.during(share, self._send_directly)
        weeks = len(self.working) / 35
        for number in range(round(weeks * _URGED_A_WEEK)):
            share = (number + self.random.random()) / (weeks * _URGED_A_WEEK)
            self.during(share, partial(self._urge, ("street", "dispatch")[number % 2]))
        for share, issuer, is_answered in _SUPERVISED:
            self.during(share, partial(self._supervise, issuer, is_answered))
        self.during(0.45, partial(self._decide_circular, publish=True))
        self.during(0.65, partial(self._decide_circular, publish=False))
        for number, then in enumerate(_REVIEWED):
            self.during(0.2 + 0.06 * number, partial(self._unsolved, then))
        for hours, helper in ((6, "water"), (5, "urban"), (4, "community")):
            self.at_last(hours, partial(self._leave_helping, helper))
        for hours, office in ((4, "water"), (3, "street")):
            self.at_last(hours, partial(self._leave_supervised, office))
        self.at_last(2, partial(self._urge, "dispatch"))
        for office in ("water", "urban", "community"):
            self.at_last(1, partial(self.fresh, office))  # for whoever claims it first

    # ------------------------------------------------------------ helping
    def _help(self, level: str, helper: str, then: str) -> bool:
        order = self.pick(level)
        if order is None or order.organization_id == self.offices[helper]:
            return False
        ticket = add_handler(
            order.ticket, organization_id=self.offices[helper], actor=self.demo["dispatch"],
            note=self.random.choice(words.HELP),
        )  # fmt: skip
        self.hold(ticket, 10)
        if then == CANCELLED:
            self.after(3, partial(self._cancel_help, ticket.pk, helper))
        else:
            self.after(1, partial(self._sign_help, ticket.pk, helper))
            self.after(5, partial(self._finish_help, ticket.pk, helper))
        return True

    def _sign_help(self, ticket_id: int, helper: str) -> None:
        sign_order(Ticket.objects.get(pk=ticket_id), actor=self.demo[helper])

    def _finish_help(self, ticket_id: int, helper: str) -> None:
        ticket = Ticket.objects.get(pk=ticket_id)
        resolve_co_order(ticket, actor=self.demo[helper], note=self.random.choice(words.HELPED))

    def _cancel_help(self, ticket_id: int, helper: str) -> None:
        ticket, helping = Ticket.objects.get(pk=ticket_id), self.offices[helper]
        cancel_handler(ticket, organization_id=helping, actor=self.demo["dispatch"], note=words.NOT_NEEDED)

    def _leave_helping(self, helper: str) -> bool:
        """Something to do for a helper at the end; one of the three has signed it."""
        lead = "urban" if helper == "community" else "community"
        ticket = add_handler(
            self.fresh(lead), organization_id=self.offices[helper], actor=self.demo["dispatch"],
            note=self.random.choice(words.HELP),
        )  # fmt: skip
        self.hold(ticket)
        if helper == "urban":
            self.after(1, partial(self._sign_help, ticket.pk, helper))
        return True

    def _give_down(self, office: str) -> bool:
        order = self.pick(office, organization_id=self.offices[office])
        ticket = order.ticket if order is not None else self.fresh(office)
        below = [row.id for row in organizations_below(ticket) if self.somebody(row.id) is not None]
        if not below:
            return False
        delegate_down(ticket, organization_id=below[0], actor=self.demo[office], note=self.random.choice(words.DOWN))
        return True

    def _send_directly(self) -> bool:
        """直接调派 (S4-04): the street's own office sends it to the team stationed there, past the bureau."""
        street = next(role.area_id for role in self.demo["street"].roles if role.area_id)
        teams = [pk for pk in stationed_teams(street) if self.somebody(pk) is not None]
        if not teams:
            return False
        said = self.random.choice([row for row in SAYINGS if row.code.startswith("15")])
        ticket = self.fresh("street", said=said)
        if ticket.organization_id != self.offices["street"]:
            return False
        dispatch_ticket(ticket, organization_id=teams[0], actor=self.demo["street"])
        return True

    # ------------------------------------------------------------ pressure
    def _urge(self, who: str) -> bool:
        """What is nearly or already late, a few at once."""
        slow = Ticket.objects.filter(state=TicketState.HANDLING, lamp__in=("soon", "over"), is_restricted=False)
        own = next(role.area_id for role in self.demo[who].roles)
        if who == "street":
            slow = slow.filter(street=own)
        found = list(slow.order_by("order_due_at", "pk")[:_MOST_URGED])
        if not found:
            return False
        return bool(urge_tickets(found, actor=self.demo[who], note=self.random.choice(words.URGED)).urged)

    def _supervise(self, issuer: str, is_answered: bool) -> bool:
        order = self.pick(self.random.choice(("community", "street", "department"))) if is_answered else None
        # What nobody answers lies where the clock takes nothing further within the week.
        ticket = order.ticket if order is not None else self.fresh(self.random.choice(("water", "urban")))
        found = self.signed(ticket)
        if found is None:
            return False
        ticket = found[0]
        supervise_ticket(ticket, actor=self.demo[issuer], note=self.random.choice(words.SUPERVISED))
        self.hold(ticket, 12)
        if is_answered:
            self.after(self.random.choice((2, 4)), partial(self._answer, ticket.pk))
        return True

    def _answer(self, ticket_id: int) -> bool:
        ticket = Ticket.objects.get(pk=ticket_id)
        actor = self.somebody(ticket.organization_id)
        if actor is None:
            return False
        answer_supervision(ticket, actor=actor, note=self.random.choice(words.ANSWERED))
        return True

    def _leave_supervised(self, office: str) -> bool:
        found = self.signed(self.fresh(office))
        if found is None:
            return False
        supervise_ticket(found[0], actor=self.demo["district"], note=self.random.choice(words.SUPERVISED))
        self.hold(found[0])
        return True

    def _decide_circular(self, *, publish: bool) -> bool:
        """The district reads the draft list: what stands is published as an issue, one is not."""
        drafts = Supervision.objects.filter(kind=Supervision.Kind.CIRCULAR, state=Supervision.State.DRAFT)
        rows = list(drafts.filter(ticket__is_restricted=False).select_related("ticket").order_by("pk")[:3])
        if not rows:
            return False
        if publish:
            lines = [Line(row.pk, words.PUBLISHED) for row in rows[:2]]
            return publish_circular(lines, actor=self.demo["dispatch"]).circular is not None
        decide_circular(rows[0], publish=False, note=words.NOT_PUBLISHED, actor=self.demo["dispatch"])
        return True

    # ------------------------------------------------------------ handled twice and still not solved
    def _unsolved(self, then: str) -> bool:
        """Somebody says 没解决; what is handled once more is looked at again until it has come back to them."""
        asked = Ticket.objects.filter(
            state=TicketState.VISITING, first_satisfaction="", needs_review=False, requester__isnull=False,
            is_restricted=False, street=next(role.area_id for role in self.demo["street"].roles),
        ).exclude(pk__in=self.scene.held)  # fmt: skip
        ticket = asked.order_by("-pk").first()
        if ticket is None:
            return False
        self._say_unsolved(ticket)
        self.after(4, partial(self._unsolved_again, ticket.pk, then))
        return True

    def _say_unsolved(self, ticket: Ticket) -> None:
        comment = self.random.choice(words.UNSOLVED)
        rate_ticket(ticket, face="unsolved", actor=Actor.requester(ticket.pk), comment=comment)

    def _unsolved_again(self, ticket_id: int, then: str) -> bool | None:
        ticket = Ticket.objects.get(pk=ticket_id)
        if ticket.state != TicketState.VISITING:
            return None if ticket.closed_at is not None else False
        self._say_unsolved(ticket)
        self.hold(ticket)  # else the centre closes it
        if then:
            self.after(3, partial(self._review, ticket_id, then))
        return True

    def _review(self, ticket_id: int, then: str) -> None:
        ticket, leader = Ticket.objects.get(pk=ticket_id), self.demo["street"]
        if then == "order_again":
            order_again(ticket, note=words.AGAIN, actor=leader)
        elif then == "review_up":
            review_up(ticket, note=words.UP, actor=leader)
        else:
            ask_unreasonable(ticket, note=words.UNREASONABLE, actor=leader)
            if then == "judged":
                self.after(4, partial(self._judge, ticket_id))
        if then in ("order_again", "review_up"):
            self.free(ticket)

    def _judge(self, ticket_id: int) -> None:
        ticket = Ticket.objects.get(pk=ticket_id)
        judge_unreasonable(ticket, granted=True, note=words.JUDGED, actor=self.demo["dispatch"])
