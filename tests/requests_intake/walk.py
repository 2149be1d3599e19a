"""A random walk over tickets: people make moves, right and wrong ones, time passes, and what must hold is looked at.

``Walk`` makes one step at a time and knows what must hold after it; Hypothesis chooses the steps
(``test_random_walk.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from requests_intake.actions import applications, co_handlers, decisions, field_limits, holding, press
from requests_intake.actions.desk import archive_ticket, classify_ticket, withdraw_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import claim_order, contact_requester, give_back_order, sign_order
from requests_intake.actions.helpers import call_helper
from requests_intake.actions.merge import merge_ticket, unmerge_ticket
from requests_intake.actions.orders import lead_order
from requests_intake.actions.rate import close_ticket, rate_ticket, record_return_visit, reopen_ticket
from requests_intake.actions.resolve import resolve_ticket, solve_on_site
from requests_intake.actions.split import Part, split_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.clock_stories import differences
from requests_intake.models import Application, Clock, ClockEntry, Supervision, Ticket, TicketTransition, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.sla import Limit, Unit
from requests_intake.workflow import FINISHED, MOVES, permits
from tests.world import World

PEOPLE = (
    "worker", "leader", "secretary", "staff", "dispatcher", "street_leader", "handler", "urban_handler", "center",
    "visitor", "supervisor", "official", "other_dispatcher", "requester",
)  # fmt: skip
SAID = ("楼道灯坏了，晚上看不见。", "下水道堵了，污水漫到路上。", "楼上半夜施工很吵。")
DAY = timedelta(days=1)


class Walk:
    """``step`` tries one act of one person; ``check`` raises where something that must hold does not."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tickets: list[int] = []
        self.made = self.refused = 0
        self._history: dict[int, list[tuple[int, str, datetime]]] = {}
        self._promises: dict[int, datetime] = {}
        self._moves: dict[int, int] = {}
        self._actors: dict[tuple[str, date], Actor] = {}
        self.acts: dict[str, Callable[[Ticket, Actor, int], Any]] = self._acts()

    def report(self, choice: int) -> None:
        urgency = ("normal", "complex", "urgent", "critical", "normal")[choice % 5]
        report = Report(
            content=SAID[choice % 3], building_id=self.world.building.id, category_code="0303", urgency=urgency,
            name="李小明", phone=f"1380000{choice % 3:04d}",
        )  # fmt: skip
        self.tickets.append(submit_ticket(report, actor=Actor.public()).ticket.pk)

    def step(self, name: str, person: str, number: int, choice: int) -> bool:
        """Whether it was made; a refusal is a ``DomainError`` with a sentence, and anything else is a fault."""
        if not self.tickets:
            return False
        ticket = Ticket.objects.get(pk=self.tickets[number % len(self.tickets)])
        actor = self._actor(person, ticket)
        try:
            self.acts[name](ticket, actor, choice)
        except DomainError as error:
            if not error.message:
                raise
            self.refused += 1
            return False
        self.made += 1
        return True

    def likely(self, number: int, choice: int) -> str:
        """An act the tables allow just now, by somebody they allow it to: its name, or "" where all were refused."""
        if not self.tickets:
            return ""
        ticket = Ticket.objects.get(pk=self.tickets[number % len(self.tickets)])
        order = lead_order(ticket)
        found = [
            (name, person)
            for name in self.acts
            for person in PEOPLE
            if self._is_allowed(name, person, ticket, order.state if order else None)
        ]
        start = choice * 7919 % len(found) if found else 0
        for name, person in [*found[start:], *found[:start]][:10]:
            if self.step(name, person, number, choice):
                return name
        return ""

    def _is_allowed(self, name: str, person: str, ticket: Ticket, order_state: str | None) -> bool:
        if name in ("grant", "refuse", "circular", "co_resolve", "cancel_handler"):
            return ticket.state == "handling" and person in ("secretary", "dispatcher", "center", "handler", "worker")
        move = MOVES[{"visit": "return_visit"}.get(name, name)]
        actor = self._actor(person, ticket)
        return permits(move, ticket.state, order_state) and TicketPolicy.allows(actor, move.name, ticket)

    def _actor(self, person: str, ticket: Ticket) -> Actor:
        """Who somebody is today. Nobody's post changes in a walk, and a step asks it of everybody for every act."""
        if person == "requester":
            return Actor.requester(ticket.pk)
        key = (person, clock.today())
        if key not in self._actors:
            self._actors[key] = self.world.actor(person)
        return self._actors[key]

    def _acts(self) -> dict[str, Callable[[Ticket, Actor, int], Any]]:
        world = self.world
        offices = (world.water, world.urban, world.street_office, world.committee, world.grid_team, world.center_office)

        def office(choice: int) -> int:
            return offices[choice % len(offices)].pk

        def other(ticket: Ticket, choice: int) -> Ticket:
            return Ticket.objects.get(pk=self.tickets[choice % len(self.tickets)])

        def soon(choice: int) -> datetime:
            return clock.now() + timedelta(hours=6 + 20 * (choice % 5))

        def waiting(ticket: Ticket, choice: int) -> Application:
            rows = list(Application.objects.filter(ticket=ticket).order_by("-pk")[:3])
            if not rows:
                raise DomainError("nothing", "没有申请")
            return rows[choice % len(rows)]

        return {
            "sign": lambda t, a, c: sign_order(t, actor=a),
            "claim": lambda t, a, c: claim_order(t, actor=a),
            "give_back": lambda t, a, c: give_back_order(t, actor=a),
            "contact": lambda t, a, c: contact_requester(t, actor=a, note="打过电话"),
            "arrive": lambda t, a, c: field_limits.arrive(t, actor=a),
            "control_danger": lambda t, a, c: field_limits.control_danger(t, actor=a, note="已围挡"),
            "report_danger": lambda t, a, c: field_limits.report_danger(t, actor=a, note="还在抢修"),
            "tell_plan": lambda t, a, c: field_limits.tell_plan(t, actor=a, note="下周换管"),
            "escalate": lambda t, a, c: escalate_ticket(t, actor=a, note="办不了"),
            "dispatch": lambda t, a, c: dispatch_ticket(t, organization_id=office(c), actor=a),
            "delegate_down": lambda t, a, c: co_handlers.delegate_down(
                t, organization_id=office(c), actor=a, note="就地办"
            ),
            "add_handler": lambda t, a, c: co_handlers.add_handler(t, organization_id=office(c), actor=a),
            "call_helper": lambda t, a, c: call_helper(t, force_id=1, actor=a),
            "cancel_handler": lambda t, a, c: co_handlers.cancel_handler(
                t, organization_id=office(c), actor=a, note="不需要了"
            ),
            "co_resolve": lambda t, a, c: co_handlers.resolve_co_order(t, actor=a, note="已配合"),
            "resolve": lambda t, a, c: resolve_ticket(t, actor=a, reply="已修好"),
            "solve_on_site": lambda t, a, c: solve_on_site(t, actor=a, reply="当场修好"),
            "verify": lambda t, a, c: verify_ticket(t, passed=c % 3 != 0, actor=a, note="看过"),
            "rate": lambda t, a, c: rate_ticket(t, face=("satisfied", "unsolved", "so_so")[c % 3], actor=a),
            "visit": lambda t, a, c: record_return_visit(
                t, answer=("unreachable", "unsolved", "satisfied")[c % 3], actor=a
            ),
            "close": lambda t, a, c: close_ticket(t, reason="reviewed", actor=a, note="复核过"),
            "reopen": lambda t, a, c: reopen_ticket(t, actor=a, note="又坏了"),
            "withdraw": lambda t, a, c: withdraw_ticket(t, actor=a),
            "archive": lambda t, a, c: archive_ticket(t, actor=a) if c % 4 == 0 else None,
            "classify": lambda t, a, c: classify_ticket(
                t, category_code="0303", actor=a, urgency=("", "critical", "normal", "complex")[c % 4]
            ),
            "merge": lambda t, a, c: merge_ticket(t, into=other(t, c), actor=a),
            "unmerge": lambda t, a, c: unmerge_ticket(t, actor=a, note="不是一件事"),
            "split": lambda t, a, c: self.tickets.extend(
                row.pk
                for row in split_ticket(t, parts=[Part(content="另一件：井盖松动。", category_code="0303")], actor=a)
            ),
            "ask_return": lambda t, a, c: applications.ask_return(
                t, reason="not_ours", clause="第三条", suggested_id=office(c), note="不归我们", actor=a
            ),
            "ask_extension": lambda t, a, c: applications.ask_extension(
                t, reason="material", note="等配件", told="再等等", actor=a, interim="先拉警戒线",
                limit=Limit(1 + c % 3, Unit.WORK_DAY if c % 2 else Unit.WORK_HOUR),
            ),
            "ask_pause": lambda t, a, c: applications.ask_pause(
                t, reason=("requester", "procedure", "force_majeure")[c % 3], until=soon(c), note="等", told="等",
                actor=a,
            ),
            "ask_suspension": lambda t, a, c: applications.ask_suspension(
                t, reason="money", until=clock.now() + (10 + c % 60) * DAY, note="计划", told="说明", actor=a,
                responsible_id=a.membership_id or 0,
            ),
            "take_back": lambda t, a, c: applications.take_back_application(waiting(t, c), actor=a),
            "grant": lambda t, a, c: decisions.GRANTS[Application.Kind(waiting(t, c).kind)](waiting(t, c), actor=a),
            "refuse": lambda t, a, c: decisions.refuse_application(waiting(t, c), actor=a, note="不行"),
            "resume": lambda t, a, c: holding.resume_order(t, actor=a),
            "unsuspend": lambda t, a, c: holding.unsuspend_ticket(t, actor=a, note="可以办了"),
            "review_suspension": lambda t, a, c: holding.review_suspension(t, actor=a, note="还不行"),
            "urge": lambda t, a, c: press.urge_ticket(t, actor=a),
            "supervise": lambda t, a, c: press.supervise_ticket(t, actor=a, note="限期答复"),
            "answer_supervision": lambda t, a, c: press.answer_supervision(t, actor=a, note="正在办"),
            "circular": lambda t, a, c: self._circular(t, a, c),
        }  # fmt: skip

    @staticmethod
    def _circular(ticket: Ticket, actor: Actor, choice: int) -> None:
        row = Supervision.objects.filter(ticket=ticket, kind="circular").first()
        if row is None:
            raise DomainError("nothing", "没有通报草稿")
        press.decide_circular(row, publish=choice % 2 == 0, note="决定", actor=actor)

    @staticmethod
    def pass_time(hours: int, move_to: Callable[[datetime], None]) -> None:
        move_to(clock.now() + timedelta(hours=hours))
        sweep()

    def check(self) -> None:
        """One lead; nothing open in what is closed; deadlines as their ledgers say; history only grows."""
        tickets = list(Ticket.objects.filter(pk__in=self.tickets))
        orders = list(WorkOrder.objects.filter(ticket_id__in=self.tickets))
        for ticket in tickets:
            open_orders = [row for row in orders if row.ticket_id == ticket.pk and row.ended_at is None]
            leads = [row for row in open_orders if row.role == "lead"]
            assert len(leads) <= 1, f"{ticket.number} has {len(leads)} leads"
            assert ticket.lead_state == (leads[0].state if leads else ""), ticket.number
            helping = [row for row in open_orders if row.role != "lead"]
            assert ticket.co_handlers == len(helping), ticket.number
            if ticket.state in FINISHED:
                assert not open_orders, f"{ticket.number} is {ticket.state} with an open order"
            if ticket.state == "handling":
                assert leads, f"{ticket.number} is being handled by nobody"
                assert leads[0].organization_id == ticket.organization_id
        self._check_clocks(tickets)
        self._check_history()

    def _check_clocks(self, tickets: Sequence[Ticket]) -> None:
        runs = Clock.objects.filter(kind="promise", work_order=None, stopped_at=None)
        promises = dict(runs.values_list("ticket_id", "due_at"))
        for ticket in tickets:
            assert ticket.promise_runs_until == promises.get(ticket.pk), ticket.number
        found = differences(only_open=False)
        assert not found, found
        closed = [ticket.pk for ticket in tickets if ticket.state in FINISHED]
        assert not Clock.objects.filter(ticket_id__in=closed, stopped_at=None).exists()
        held: dict[int, bool] = {}
        moves: dict[int, int] = {}
        for entry in ClockEntry.objects.filter(ticket_id__in=self.tickets).select_related("clock").order_by("pk"):
            if entry.kind == "pause":
                assert not held.get(entry.clock_id), "a clock is held twice"
                held[entry.clock_id] = True
            elif entry.kind in ("resume", "stop", "transfer"):
                if entry.kind == "resume":
                    assert held.get(entry.clock_id), "a clock that was not held runs on"
                held[entry.clock_id] = False
            if entry.clock.kind == "promise" and entry.kind in ("extension", "resume"):
                moves[entry.ticket_id] = moves.get(entry.ticket_id, 0) + 1
        for ticket in tickets:
            if ticket.promise_due_at is None:
                continue
            before = self._promises.get(ticket.pk)
            if before is not None and ticket.promise_due_at != before:
                assert moves.get(ticket.pk, 0) > self._moves.get(ticket.pk, 0), "the promise moved by itself"
                assert ticket.promise_due_at > before
            self._promises[ticket.pk] = ticket.promise_due_at
        self._moves = moves

    def _check_history(self) -> None:
        rows: dict[int, list[tuple[int, str, datetime]]] = {}
        found = TicketTransition.objects.filter(ticket_id__in=self.tickets).order_by("pk")
        for ticket_id, pk, move, at in found.values_list("ticket_id", "pk", "move", "at"):
            rows.setdefault(ticket_id, []).append((pk, move, at))
        for ticket_id, known in self._history.items():
            assert rows[ticket_id][: len(known)] == known, "history was rewritten"
        self._history = rows
