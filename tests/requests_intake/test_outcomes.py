"""kpi E.2, E.3, E.13: each figure with what is behind it and what was left out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from analytics.facts import Period, totals
from governance.kernel.actors import Actor
from requests_intake.actions.holding import unsuspend_ticket
from requests_intake.actions.rate import close_ticket, rate_ticket, record_return_visit
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.review import judge_unreasonable
from requests_intake.models import Ticket
from requests_intake.outcomes import resolution_rate, return_visit_rate, satisfaction_rate, solved_answer
from tests.cases import ticket_in
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))

pytestmark = pytest.mark.django_db


def closed(world: World, answer: str, solved: str = "") -> Ticket:
    ticket = ticket_in(world, "visiting")
    return record_return_visit(ticket, answer=answer, solved=solved, actor=world.visitor)


def unreachable(world: World) -> Ticket:
    """Tried as often as the rules ask; made within a frozen clock that may be moved."""
    ticket = ticket_in(world, "visiting")
    with time_machine.travel(MONDAY_9 + timedelta(days=1), tick=False) as moment:
        for days in (0, 0, 1):
            moment.shift(timedelta(days=days))
            ticket = record_return_visit(ticket, answer="unreachable", actor=world.visitor)
    assert ticket.close_reason == "unreachable"
    return ticket


def unsolved(world: World) -> Ticket:
    return close_ticket(ticket_in(world, "review"), reason="reviewed", note="已说明", actor=world.secretary)


def unreasonable(world: World) -> Ticket:
    return judge_unreasonable(ticket_in(world, "claimed"), granted=True, note="没有依据", actor=world.center)


@pytest.fixture
def month(world: World) -> dict[str, Ticket]:
    """One of each kind, closed in November."""
    with time_machine.travel(MONDAY_9, tick=False):
        found = {
            "satisfied": closed(world, "satisfied"),
            "so_so": closed(world, "so_so"),
            "partly": closed(world, "so_so", "partly"),
            "unsolved": unsolved(world),
            "unreasonable": unreasonable(world),
            "unreachable": unreachable(world),
            "unrated": close_ticket(ticket_in(world, "visiting"), reason="unrated", note="外出", actor=world.secretary),
            "open": ticket_in(world, "visiting"),
        }
        found["consult"] = resolve_ticket(
            ticket_in(world, "signed", request_type="consult", urgency="normal"), actor=world.worker, reply="到窗口办"
        )
    return found


def test_solved_counts_what_was_said_half_for_partly_and_leaves_out_who_was_not_reached(
    world: World, month: dict[str, Ticket]
) -> None:
    rate = resolution_rate(world.center, *NOVEMBER)
    assert (rate.numerator, rate.denominator, rate.value) == (1.5, 3, 0.5)
    assert set(rate.denominator_ids) == {month[name].pk for name in ("satisfied", "partly", "unsolved")}
    assert set(rate.numerator_ids) == {month["satisfied"].pk, month["partly"].pk}
    assert {name: rate.excluded[name] for name in ("unreachable", "unrated", "not_asked", "unreasonable")} == {
        "unreachable": 1, "unrated": 1, "not_asked": 1, "unreasonable": 1,
    }  # fmt: skip


def test_satisfied_counts_so_so_by_its_weight_and_nobody_who_said_nothing(
    world: World, month: dict[str, Ticket]
) -> None:
    rate = satisfaction_rate(world.center, *NOVEMBER)
    assert (rate.numerator, rate.denominator) == (2.6, 4)
    assert month["unrated"].pk not in rate.denominator_ids
    first = satisfaction_rate(world.center, *NOVEMBER, which="first")
    assert (first.numerator, first.denominator) == (2.6, 4)


def test_first_and_final_differ_where_the_second_handling_helped(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        ticket = ticket_in(world, "review")
        Ticket.objects.filter(pk=ticket.pk).update(needs_review=False)
        rate_ticket(ticket, face="satisfied", actor=Actor.requester(ticket.pk))
    assert satisfaction_rate(world.center, *NOVEMBER).value == 1.0
    assert satisfaction_rate(world.center, *NOVEMBER, which="first").value == 0.0


def test_asked_after_counts_answers_and_three_attempts_of_what_was_to_be_asked(
    world: World, month: dict[str, Ticket]
) -> None:
    rate = return_visit_rate(world.center, *NOVEMBER)
    answered = {"satisfied", "so_so", "partly", "unsolved", "unreachable"}
    assert set(rate.numerator_ids) == {month[name].pk for name in answered}
    assert set(rate.denominator_ids) == {month[name].pk for name in answered | {"unrated"}}
    assert rate.excluded["unreasonable"] == 1


def test_nothing_counted_is_no_rate(world: World) -> None:
    for rate in (resolution_rate, satisfaction_rate, return_visit_rate):
        found = rate(world.center, *NOVEMBER)
        assert (found.denominator, found.value) == (0, None)


def test_everybody_counts_what_they_may_see(world: World, month: dict[str, Ticket]) -> None:
    assert satisfaction_rate(world.other_dispatcher, *NOVEMBER).denominator == 0
    assert satisfaction_rate(world.dispatcher, *NOVEMBER).denominator == 4
    only = Ticket.objects.filter(pk=month["so_so"].pk)
    assert satisfaction_rate(world.dispatcher, *NOVEMBER, tickets=only).numerator == 0.8


def test_a_period_ends_with_its_last_day_in_shanghai(world: World) -> None:
    with time_machine.travel(datetime(2026, 11, 30, 23, 30, tzinfo=SHANGHAI), tick=False):
        closed(world, "satisfied")
    assert satisfaction_rate(world.center, *NOVEMBER).denominator == 1
    assert satisfaction_rate(world.center, date(2026, 12, 1), date(2026, 12, 31)).denominator == 0


def test_the_statistics_count_the_same_final_answers(world: World, month: dict[str, Ticket]) -> None:
    """Of valid orders: what the district found unreasonable is in the statistics of closings and in no rate."""
    with time_machine.travel(MONDAY_9 + timedelta(days=7), tick=False):
        counted = totals(Period(*NOVEMBER), "street", confidential=True)
    street = str(world.street.pk)
    rate = satisfaction_rate(world.center, *NOVEMBER)
    in_all = sum(counted.get((street, f"final_{face}"), 0) for face in ("satisfied", "so_so", "unsolved"))
    assert in_all == rate.denominator + rate.excluded["unreasonable"]
    assert counted[street, "final_satisfied"] == 1


def test_where_nobody_is_asked_the_look_on_site_answers(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        ticket = ticket_in(world, "visiting", request_type="consult")
        assert ticket.state == "closed"
    rate = resolution_rate(world.center, *NOVEMBER)
    assert (rate.numerator, rate.denominator) == (1.0, 1)


@pytest.mark.parametrize(
    ("face", "said", "answer"),
    [("satisfied", "", "solved"), ("so_so", "", ""), ("unsolved", "", "unsolved"), ("so_so", "partly", "partly")],
)
def test_what_follows_from_a_face_and_what_does_not(face: str, said: str, answer: str) -> None:
    assert solved_answer(face, said) == answer


def test_a_suspended_matter_counts_as_unsolved_once_its_target_day_has_passed(world: World) -> None:
    """SLA D.8: in the denominator of 解决率 once past the target date, and out of it when it is taken up."""
    with time_machine.travel(MONDAY_9, tick=False) as now:
        closed(world, "satisfied")
        ticket = ticket_in(world, "suspended")
        assert resolution_rate(world.center, *NOVEMBER).value == 1.0
        now.move_to(MONDAY_9 + timedelta(days=3))
        found = resolution_rate(world.center, *NOVEMBER)
        assert (found.value, ticket.pk in found.denominator_ids) == (0.5, True)
        assert resolution_rate(world.center, date(2026, 12, 1), date(2026, 12, 31)).value is None
        assert resolution_rate(world.urban_handler, *NOVEMBER).denominator == 0
        unsuspend_ticket(Ticket.objects.get(pk=ticket.pk), note="资金到位了", actor=world.center)
        assert resolution_rate(world.center, *NOVEMBER).value == 1.0
