"""Splitting one ticket into several: same requester, same day, no time won, nothing of its discretion lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from requests_intake import duplicates
from requests_intake.actions.follow import prove_follower
from requests_intake.actions.split import MOST, Part, split_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket, TicketRepeat, TicketSplit, TicketTransition
from requests_intake.presentation import timeline
from requests_intake.reference import rules
from tests.cases import PHONE, SECRET, report, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db

BOTH = "楼道灯坏了，还有楼下垃圾好几天没人清"


def part(content: str = "楼下垃圾好几天没人清", **more: Any) -> Part:
    return Part(content=content, **more)


def leaf(*, restricted: bool = False) -> str:
    refs = rules().categories.values()
    return next(ref.code for ref in refs if ref.parent_id and ref.pure.is_restricted is restricted)


def test_the_original_stays_and_each_part_is_a_ticket_of_the_same_requester(world: World) -> None:
    original = report(world, content=BOTH)
    (fresh,) = split_ticket(
        original, parts=[part(category_code=leaf(), building_id=world.building.pk)], actor=world.staff
    )
    stays = Ticket.objects.get(pk=original.pk)
    assert (stays.state, stays.content, stays.number) == ("handling", BOTH, original.number)
    assert fresh.number != original.number
    assert (fresh.requester_id, fresh.submitted_at) == (original.requester_id, original.submitted_at)
    assert (fresh.state, fresh.content) == ("handling", "楼下垃圾好几天没人清")
    row = TicketSplit.objects.get()
    assert (row.original_id, row.part_id, row.split_by_id) == (original.pk, fresh.pk, world.staff.membership_id)
    assert duplicates.ties_of(stays, world.staff).parts == (fresh,)
    assert duplicates.ties_of(fresh, world.staff).original == stays


def test_splitting_wins_nobody_time(world: World) -> None:
    with time_machine.travel("2026-11-16T02:00:00Z", tick=False):
        original = report(world, content=BOTH)
        alone = report(world, content="楼下垃圾好几天没人清", category_code=leaf())
    with time_machine.travel("2026-11-18T02:00:00Z", tick=False):
        (fresh,) = split_ticket(
            original, parts=[part(category_code=leaf(), building_id=world.building.pk)], actor=world.staff
        )
        assert fresh.promise_due_at == alone.promise_due_at
        assert fresh.accepted_at == clock.now()  # the history says what happened when


def test_the_requester_is_told_all_numbers_and_opens_each_part_with_the_same_proof(world: World) -> None:
    original = report(world, content=BOTH)
    fresh = split_ticket(original, parts=[part(), part("电动车堵了门")], actor=world.center)
    outbox.deliver(TicketTransition)
    told = timeline(original, outward=True)[0]["title"]
    for ticket in fresh:
        assert ticket.number in told
        assert prove_follower(ticket.number, SECRET).ticket_id == ticket.pk


def test_without_a_phone_the_code_of_the_original_opens_the_parts(world: World) -> None:
    submitted = submit_ticket(Report(content=BOTH, building_id=world.building.pk), actor=Actor.public())
    (fresh,) = split_ticket(submitted.ticket, parts=[part()], actor=world.staff)
    assert prove_follower(fresh.number, submitted.follow_code).ticket_id == fresh.pk


def test_confidential_anonymous_and_restricted_are_inherited(world: World) -> None:
    secret = report(world, content=BOTH, is_confidential=True)
    (fresh,) = split_ticket(secret, parts=[part()], actor=world.staff)
    assert fresh.is_confidential
    restricted = report(world, content=BOTH, category_code=leaf(restricted=True))
    (fresh,) = split_ticket(
        restricted, parts=[part(category_code=leaf(), building_id=world.building.pk)], actor=world.center
    )
    assert fresh.is_restricted
    assert fresh.state == "submitted"


@pytest.mark.parametrize("who", ["worker", "handler", "visitor", "supervisor", "official", "other_dispatcher"])
def test_only_a_desk_that_covers_it_may_split(world: World, who: str) -> None:
    original = report(world, content=BOTH)
    with pytest.raises(NotAllowed):
        split_ticket(original, parts=[part()], actor=world.actor(who))
    assert Ticket.objects.count() == 1


def test_what_is_finished_or_says_nothing_cannot_be_split(world: World) -> None:
    closed = ticket_in(world, "closed")
    with pytest.raises(DomainError) as error:
        split_ticket(closed, parts=[part()], actor=world.staff)
    assert error.value.code == "wrong_state"
    original = report(world, content=BOTH)
    for parts, field in (([], "part_0"), ([part(), part("  ")], "part_1"), ([part(category_code="nope")], "part_0")):
        with pytest.raises(Invalid) as invalid:
            split_ticket(original, parts=parts, actor=world.staff)
        assert field in invalid.value.fields
    with pytest.raises(Invalid):
        split_ticket(original, parts=[part()] * (MOST + 1), actor=world.staff)
    assert Ticket.objects.count() == 2


def test_a_part_is_no_repeat_of_the_report_it_came_from(world: World) -> None:
    code = leaf()
    original = report(world, content=BOTH, category_code=code)
    split_ticket(original, parts=[part(category_code=code, building_id=world.building.pk)], actor=world.staff)
    outbox.deliver(TicketTransition)
    assert not TicketRepeat.objects.exists()
    with time_machine.travel(clock.now() + timedelta(days=3), tick=True):
        later = report(world, category_code=code, phone=PHONE)
        outbox.deliver(TicketTransition)
    assert TicketRepeat.objects.filter(ticket=later).count() == 2
