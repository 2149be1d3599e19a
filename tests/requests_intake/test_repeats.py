"""Repeats (kpi E.5): the same person, kind and place within 90 days; never many people; never against discretion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from requests_intake import repeats
from requests_intake.actions.anonymize import anonymize_tickets
from requests_intake.actions.desk import classify_ticket, withdraw_ticket
from requests_intake.actions.merge import merge_ticket
from requests_intake.actions.rate import rate_ticket
from requests_intake.models import Ticket, TicketRepeat, TicketTransition
from requests_intake.reference import rules
from tests.cases import report, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db


def leaves() -> list[str]:
    return [ref.code for ref in rules().categories.values() if ref.parent_id and not ref.pure.is_restricted]


def brought(world: World, **changes: Any) -> Ticket:
    ticket = report(world, **{"category_code": leaves()[0], **changes})
    outbox.deliver(TicketTransition)
    return ticket


@contextmanager
def day(number: int) -> Iterator[None]:
    with time_machine.travel(f"2026-0{number // 30 + 3}-{number % 30 + 1:02d}T02:00:00Z", tick=True):
        yield


def test_the_third_time_within_ninety_days_is_the_third_time(world: World) -> None:
    with day(0):
        first = brought(world)
    with day(20):
        second = brought(world)
    with day(40):
        third = brought(world)
        assert repeats.earlier_of(third, world.staff) == [second, first]
        assert repeats.earlier_of(second, world.staff) == [first]
        assert repeats.earlier_of(first, world.staff) == []
        rows = list(repeats.repeated(world.staff))
    assert [(row.pk, row.before) for row in rows] == [(third.pk, 2), (second.pk, 1)]


def test_another_person_kind_place_or_season_is_no_repeat(world: World) -> None:
    with day(0):
        brought(world)
    with day(100):
        brought(world)  # 100 days later
    with day(101):
        brought(world, phone="13900005678")
        brought(world, category_code=leaves()[1])
        brought(world, building_id=world.buildings[8].pk)
        brought(world, phone="", name="")
        brought(world, building_id=None)
    assert not TicketRepeat.objects.exists()


def test_the_same_compound_is_the_same_place(world: World) -> None:
    first = brought(world)
    second = brought(world, building_id=world.buildings[1].pk)
    assert repeats.earlier_of(second, world.staff) == [first]


def test_many_people_with_one_matter_are_no_repeat(world: World) -> None:
    for number in range(6):
        brought(world, phone=f"1390000567{number}")
    assert not TicketRepeat.objects.exists()
    assert repeats.repeat_rate(Ticket.objects.all(), clock.today(), clock.today()).numerator == 0


def test_it_is_found_anew_when_the_kind_is_corrected(world: World) -> None:
    first = brought(world)
    second = brought(world, category_code=leaves()[1])
    assert repeats.earlier_of(second, world.staff) == []
    classify_ticket(second, category_code=leaves()[0], actor=world.staff)
    outbox.deliver(TicketTransition)
    assert repeats.earlier_of(second, world.staff) == [first]
    classify_ticket(Ticket.objects.get(pk=second.pk), category_code=leaves()[1], actor=world.staff)
    outbox.deliver(TicketTransition)
    assert not TicketRepeat.objects.exists()


def test_intake_does_not_wait_for_it_and_many_are_found_in_few_statements(world: World) -> None:
    for _number in range(8):
        report(world, category_code=leaves()[0])
    ids = list(Ticket.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as captured:
        assert repeats.link(ids) == 28
    assert len(captured.captured_queries) <= 6  # two of them are the savepoint of the insert


def test_who_reports_confidentially_is_not_betrayed_by_their_other_tickets(world: World) -> None:
    brought(world)
    secret = brought(world, is_confidential=True)
    later = brought(world)
    assert secret not in repeats.earlier_of(later, world.staff)
    assert repeats.earlier_of(secret, world.staff) == []
    assert len(repeats.earlier_of(secret, world.center)) == 1
    assert secret.pk not in [row.pk for row in repeats.repeated(world.staff)]
    assert [(row.pk, row.before) for row in repeats.repeated(world.staff)] == [(later.pk, 1)]
    assert secret.pk in [row.pk for row in repeats.repeated(world.center)]


def test_only_visible_tickets_are_named(world: World) -> None:
    brought(world)
    later = brought(world)
    assert repeats.earlier_of(later, world.other_secretary) == []
    assert list(repeats.repeated(world.other_secretary)) == []


def test_the_rate_counts_valid_orders_closed_in_the_period(world: World) -> None:
    with day(0):
        once = ticket_in(world, "closed", category_code=leaves()[0])
        outbox.deliver(TicketTransition)
    with day(10):
        again = ticket_in(world, "closed", category_code=leaves()[0])
        elsewhere = ticket_in(world, "closed", category_code=leaves()[1])
        withdrawn = brought(world)
        withdraw_ticket(withdrawn, actor=Actor.requester(withdrawn.pk))
        outbox.deliver(TicketTransition)
        still_open = brought(world)
    assert {once.pk, still_open.pk}.isdisjoint(
        repeats.repeat_rate(Ticket.objects.all(), date(2026, 3, 11), date(2026, 3, 11)).valid
    )
    everything = Ticket.objects.all()
    rate = repeats.repeat_rate(everything, date(2026, 3, 11), date(2026, 3, 11))
    assert rate.repeats == (again.pk,)
    assert rate.valid == (again.pk, elsewhere.pk)
    assert (rate.numerator, rate.denominator, rate.rate) == (1, 2, 0.5)
    assert rate.excluded["withdrawn"] == 1
    assert repeats.repeat_rate(everything, date(2026, 3, 1), date(2026, 3, 1)).repeats == ()
    assert repeats.repeat_rate(everything, date(2026, 4, 1), date(2026, 4, 30)).rate is None


def test_a_merged_duplicate_is_neither_a_repeat_nor_makes_one(world: World) -> None:
    first = brought(world)
    second = brought(world)
    merge_ticket(first, into=second, actor=world.staff)
    outbox.deliver(TicketTransition)
    assert repeats.earlier_of(second, world.staff) == []
    assert list(repeats.repeated(world.staff)) == []
    rate = repeats.repeat_rate(Ticket.objects.all(), clock.today(), clock.today())
    assert (rate.denominator, rate.excluded["merged"]) == (0, 1)


def test_it_goes_with_the_person(world: World) -> None:
    first = ticket_in(world, "closed", category_code=leaves()[0])
    outbox.deliver(TicketTransition)
    later = brought(world)
    assert TicketRepeat.objects.filter(ticket=later, earlier=first).exists()
    _count, removed = anonymize_tickets([first.pk])
    assert removed["repeats"] == 1
    assert not TicketRepeat.objects.exists()


def test_ninety_days_are_the_limit_to_the_day(world: World) -> None:
    start = clock.now()
    first = brought(world)
    with time_machine.travel(start + timedelta(days=89, hours=23), tick=True):
        assert repeats.earlier_of(brought(world), world.staff) == [first]
    with time_machine.travel(start + timedelta(days=90, minutes=5), tick=True):
        assert first not in repeats.earlier_of(brought(world), world.staff)


def test_a_rated_repeat_stays_a_repeat(world: World) -> None:
    first = brought(world)
    second = ticket_in(world, "visiting", category_code=leaves()[0])
    outbox.deliver(TicketTransition)
    rate_ticket(second, face="satisfied", actor=Actor.requester(second.pk))
    assert repeats.earlier_of(second, world.staff) == [first]
