"""Facts agree with the rows: after any walk of moves, folded or not, by two folders, killed in the middle."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DataError, connections, transaction

from analytics.facts import Period, totals, trend
from analytics.measures import MEASURES
from analytics.models import DayFact, FactDelta, MonthFact
from analytics.rollup import differences, fold, fold_batch, rebuild
from analytics.tasks import UNFOLDED
from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.tasks import districts_with
from governance.kernel.tenancy.context import district_scope, district_transaction
from requests_intake.actions.desk import classify_ticket, reject_ticket, relocate_ticket
from requests_intake.actions.rate import reopen_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.models import Rating, Ticket, TicketTransition
from requests_intake.reference import rules
from tests.cases import report, ticket_in
from tests.test_query_counts import ACTIONS
from tests.world import World, make_district


def today() -> Period:
    return Period(clock.today(), clock.today())


def counted(**more: Any) -> dict[str, int]:
    """Every measure over the last 92 days, along streets, by whoever sees everything."""
    period = Period(clock.today() - timedelta(days=91), clock.today())
    found: Counter[str] = Counter()
    for (_street, measure), number in totals(period, "street", confidential=True).items():
        found[measure] += number
    return {name: number for name, number in found.items() if number}


def from_rows() -> dict[str, int]:
    """The same counted by hand, from the transitions as the models show them."""
    found: Counter[str] = Counter()
    names = {
        "submit": "submitted", "accept": "accepted", "dispatch": "dispatched", "escalate": "escalated",
        "resolve": "resolved", "solve_on_site": "resolved", "rework": "reworked", "close": "closed",
        "reopen": "reopened", "withdraw": "withdrawn", "reject": "rejected",
    }  # fmt: skip
    for row in TicketTransition.objects.order_by("id"):
        if row.move in names:
            found[names[row.move]] += 1
        if row.move == "escalate" and row.payload["by_clock"]:
            found["escalated_by_clock"] += 1
        if row.move == "stage" and (row.payload["kind"], row.stage) == ("promise", "due"):
            found["overdue"] += 1
        if row.move == "close":
            said = list(Rating.objects.filter(ticket_id=row.ticket_id, at__lte=row.at).order_by("id"))
            for rating, which in ((said[0], "first"), (said[-1], "final")) if said else ():
                found[f"{which}_{rating.face}"] += 1
    return dict(found)


def walk(world: World, seed: int, steps: int = 60) -> None:
    """Any moves in any order; what the tables refuse is left out. Days pass, and the clocks fire."""
    chance = random.Random(seed)
    acts = [act for _state, act in ACTIONS.values()]
    start = clock.now()
    for step in range(steps):
        with time_machine.travel(start + timedelta(hours=9 * step), tick=False):
            ids = list(Ticket.objects.values_list("pk", flat=True))
            if len(ids) < 4 or chance.random() < 0.25:
                place = chance.choice([{}, {"building_id": None}, {"building_id": world.buildings[8].pk}])
                report(world, **place)
            for _attempt in range(6):
                ticket = Ticket.objects.get(pk=chance.choice(ids)) if ids else report(world)
                try:
                    with transaction.atomic():
                        chance.choice(acts)(world, ticket)
                except DomainError:
                    continue
            if chance.random() < 0.3:
                sweep()
            if chance.random() < 0.2:
                fold(batch=7)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_facts_agree_with_the_rows_after_any_walk(world: World, seed: int) -> None:
    start = clock.now()
    walk(world, seed)
    with time_machine.travel(start + timedelta(days=24), tick=False):
        expected = from_rows()
        assert expected["submitted"] == Ticket.objects.count() > 4
        assert len(expected) > 6
        assert differences() == []
        assert counted() == expected
        fold()
        assert FactDelta.objects.count() == 0
        assert counted() == expected
        assert differences() == []
        months = totals(
            Period(start.date().replace(day=1), clock.today(), whole_months=True), "category", confidential=True
        )
        by_month: Counter[str] = Counter()
        for (_category, measure), number in months.items():
            by_month[measure] += number
        assert {name: number for name, number in by_month.items() if number} == expected


def test_every_measure_is_made_by_a_move_that_exists(world: World) -> None:
    from requests_intake.workflow import MOVES

    assert {move for measure in MEASURES.values() for move in measure.moves} <= MOVES.keys()


def test_folding_twice_changes_nothing(world: World) -> None:
    for state in ("submitted", "closed", "resolved"):
        ticket_in(world, state)
    before = counted()
    waiting = FactDelta.objects.count()
    assert waiting > 5
    assert fold() == waiting
    assert fold() == 0
    assert counted() == before


def test_a_correction_moves_what_was_counted_before(world: World) -> None:
    ticket = ticket_in(world, "submitted")
    assert totals(today(), "street", confidential=True) == {("0", "submitted"): 1}
    fold()
    relocate_ticket(ticket, building_id=world.building.pk, actor=world.center)
    assert totals(today(), "street", confidential=True) == {(str(world.street.pk), "submitted"): 1}
    before = Ticket.objects.get().category_id
    other = next(ref for ref in rules().categories.values() if ref.parent_id and ref.pure.is_restricted)
    assert other.id != before
    classify_ticket(Ticket.objects.get(), category_code=other.code, actor=world.center)
    assert totals(today(), "category", confidential=True) == {(str(other.id), "submitted"): 1}
    # Restricted from now on: whoever may not see it no longer counts it either.
    assert totals(today(), "category", confidential=False) == {}
    assert differences() == []


def test_satisfaction_is_that_of_the_closing(world: World) -> None:
    ticket = ticket_in(world, "closed")
    reopen_ticket(ticket, note="又坏了", actor=world.dispatcher)
    Ticket.objects.update(first_satisfaction="unsolved", final_satisfaction="unsolved")
    found = counted()
    assert (found["closed"], found["first_satisfied"], found["final_satisfied"], found["reopened"]) == (1, 1, 1, 1)
    assert differences() == []


def test_trend_has_every_day(world: World) -> None:
    report(world)
    rows = trend(Period(clock.today() - timedelta(days=29), clock.today()), ("submitted", "closed"), confidential=True)
    assert len(rows) == 30
    assert rows[-1] == (clock.today(), {"submitted": 1, "closed": 0})
    assert {numbers["submitted"] for _day, numbers in rows[:-1]} == {0}


def test_check_finds_a_planted_difference_and_rebuild_corrects_it(world: World, capsys: Any) -> None:
    ticket_in(world, "closed")
    reject_ticket(ticket_in(world, "submitted"), reason="outside", note="x", actor=world.center)
    call_command("rebuild_facts", "--check")
    fold()
    report(world)
    expected = counted()
    DayFact.objects.filter(axis="street", measure="closed").update(number=5)
    MonthFact.objects.filter(measure="rejected").delete()
    FactDelta.objects.filter(measure="submitted").delete()
    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild_facts", "--check", "--district", world.district.code)
    assert "closed: -4" in capsys.readouterr().out
    assert {row.measure for row in differences()} == {"closed", "rejected", "submitted"}
    call_command("rebuild_facts", "--district", world.district.code)
    assert differences() == []
    assert counted() == expected
    with pytest.raises(CommandError, match="no district"):
        call_command("rebuild_facts", "--district", "nowhere")


def test_rows_loaded_without_the_actions_are_counted_by_a_rebuild(world: World) -> None:
    ticket = report(world)
    TicketTransition.objects.bulk_create(
        [TicketTransition(ticket=ticket, move="reopen", at=clock.now(), recorded_at=clock.now(), actor_name="load")]
    )
    assert [(row.axis, row.missing) for row in differences() if row.axis == "month"] == [("month", 1)]
    with transaction.atomic():
        assert rebuild() == 6  # five axes and the cube
    assert counted()["reopened"] == 1


def test_each_district_counts_its_own(world: World) -> None:
    report(world)
    other = make_district("t2", 2)
    with district_scope(other.district):
        assert totals(today(), "street", confidential=True) == {}
        report(other)
        report(other)
        assert counted()["submitted"] == 2
        fold()
        assert counted()["submitted"] == 2
    assert counted()["submitted"] == 1
    assert FactDelta.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_two_folders_and_a_kill_lose_nothing(world: World) -> None:
    with district_transaction(world.district):
        for _n in range(12):
            report(world)
        expected, waiting = counted(), FactDelta.objects.count()
    assert districts_with(UNFOLDED) == [world.district.pk]

    def killed() -> None:
        with district_transaction(world.district):
            assert fold_batch(10) == 10
            raise RuntimeError("killed before the commit")

    with pytest.raises(RuntimeError):
        killed()
    with district_transaction(world.district):
        assert (counted(), FactDelta.objects.count()) == (expected, waiting)

    folded: list[int] = []
    seen: list[dict[str, int]] = []
    begin = threading.Barrier(3)

    def work() -> None:
        try:
            with district_scope(world.district):
                begin.wait()
                folded.append(fold(batch=3))
        finally:
            connections.close_all()

    def read() -> None:
        try:
            begin.wait()
            for _n in range(20):
                with district_transaction(world.district):
                    seen.append(counted())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work), threading.Thread(target=work), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    # A folder stops at a batch that is not full, which the other's locks may make of one: nothing is lost by that.
    with district_transaction(world.district):
        fold()
    assert len(folded) == 2
    assert seen == [expected] * 20
    with district_transaction(world.district):
        assert FactDelta.objects.count() == 0
        assert counted() == expected
        assert differences() == []
    assert districts_with(UNFOLDED) == []


def test_a_failing_upsert_leaves_the_deltas(world: World) -> None:
    report(world)
    fold()
    DayFact.objects.filter(measure="submitted", axis="street").update(number=2**31 - 1)
    report(world)
    waiting = FactDelta.objects.count()
    with pytest.raises(DataError, match="out of range"), transaction.atomic():
        fold()
    assert FactDelta.objects.count() == waiting > 0
