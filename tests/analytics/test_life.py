"""The demo's weeks are lived through the real actions and leave a consistent, believable district behind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from random import Random

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction

from analytics.life import live, residents, staff
from analytics.life.scene import Scene
from analytics.life.words import SAYINGS
from analytics.rollup import differences
from governance.accounts.models import User
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.tenancy.context import district_transaction, scope_at
from grids.generation.staffing import handle_of
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import EvaluationEntry, Ticket, TicketTransition
from tests.analytics.invariants import contradictions, shares
from tests.analytics.mechanisms import rated_enough, too_few
from tests.analytics.walk import empty_pages, trend_of
from tests.world import World

END = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)  # a Friday at five in the afternoon


def act_in_the_demo(world: World) -> None:
    """Give people of the world the demo's handles: around those accounts more is going on."""
    roles = {"grid": "worker", "community": "secretary", "street": "dispatcher", "water": "handler",
             "urban": "urban_handler", "dispatch": "center", "district": "official"}  # fmt: skip
    for role, name in roles.items():
        User.objects.filter(pk=world.users[name].pk).update(handle=handle_of(world.district, role))


@pytest.mark.django_db
def test_a_month_has_no_contradiction_and_is_neither_perfect_nor_a_disaster(world: World) -> None:
    act_in_the_demo(world)
    reported = live(world.district, tickets=150, days=30, seed=7, until=END)
    with scope_at(world.district, END), transaction.atomic():
        assert contradictions(END) == []
        # Beside the 150 reports come those that a mechanism brings: finds of patrols, sign-ups, tasks out of hot spots.
        assert 120 < Ticket.objects.count() == reported < 250
        # Draws have a secret seed, and who finds no order of the kind in time does without: a few may fall short.
        assert len(too_few()) <= 3, too_few()
        rated = set(EvaluationEntry.objects.values_list("ratee_id", flat=True))
        assert rated_enough(world.water.pk, date(2026, 9, 1))
        assert not all(rated_enough(pk, date(2026, 9, 1)) for pk in rated)
        assert differences() == []
        found = shares(END)
        moves = set(TicketTransition.objects.values_list("move", flat=True))
    # Wide: what is drawn also hangs on primary keys, and those on the tests before.
    assert found["contacted"] > 0.8
    assert 0.5 <= found["resolved"] <= 0.93
    assert 0.45 <= found["satisfied"] <= 0.9
    assert 0.45 <= found["on_time"] <= 0.95
    assert 0.05 <= found["open"] <= 0.5
    assert {"escalate", "dispatch", "rework", "rehandle", "return_visit", "verify", "stage"} <= moves
    with time_machine.travel(END):
        assert "\n".join(empty_pages(world)) == ""
        assert all(0 < float(voice["percent"].rstrip("%")) < 100 for voice in trend_of(world)["voices"])


@pytest.mark.django_db
def test_a_district_with_tickets_is_left_alone_unless_more_is_wanted(world: World) -> None:
    live(world.district, tickets=3, days=1, until=END)
    with pytest.raises(DomainError) as refused:
        live(world.district, tickets=3, days=1, until=END)
    assert refused.value.code == "has_tickets"
    live(world.district, tickets=2, days=1, until=END, more=True)
    with scope_at(world.district, END), transaction.atomic():
        assert Ticket.objects.count() == 5


@pytest.mark.django_db
def test_who_reports_while_the_demo_comes_up_neither_stops_the_past_nor_is_touched_by_it(world: World) -> None:
    with district_transaction(world.district):
        own = submit_ticket(Report(content="楼道灯坏了", building_id=world.building.pk), actor=Actor.public()).ticket
    assert live(world.district, tickets=6, days=2) == 6
    with district_transaction(world.district):
        assert Ticket.objects.count() == 7
        moves = TicketTransition.objects.filter(ticket=own).order_by("id").values_list("move", flat=True)
        assert list(moves) == ["submit", "accept", "dispatch"]


@pytest.mark.django_db
def test_the_command_shows_progress_and_refuses_a_second_time(world: World) -> None:
    said = StringIO()
    call_command("simulate", district=world.district.code, days=2, tickets=4, stdout=said)
    assert "day 2/2, 4 tickets" in said.getvalue()
    with pytest.raises(CommandError, match="--more"):
        call_command("simulate", district=world.district.code, days=2, tickets=4, stdout=said)
    with pytest.raises(CommandError, match="no district"):
        call_command("simulate", district="nowhere", stdout=said)
    with district_transaction(world.district):
        assert Ticket.objects.count() == 4


@pytest.mark.django_db
def test_an_idle_department_of_the_demo_is_given_what_is_of_its_trade_and_a_busy_one_nothing(world: World) -> None:
    with district_transaction(world.district):
        today = clock.today()
        scene = Scene(world.district, Random("idle"), today, today)
        scene.desks, scene.departments = {world.water.pk}, {world.water.pk: [SAYINGS[0]]}
        first, second = (
            submit_ticket(
                Report(content="家里停水了", building_id=world.building.pk, category_code="0501"), actor=Actor.public()
            ).ticket
            for _n in range(2)
        )
        assert world.water.pk not in {first.organization_id, second.organization_id}
        staff.supply(scene)
        staff.supply(scene)
        given = Ticket.objects.filter(organization=world.water)
        assert [ticket.pk for ticket in given] == [second.pk]


@pytest.mark.django_db
def test_what_a_worker_finds_on_the_round_is_settled_on_the_spot(world: World) -> None:
    with district_transaction(world.district):
        scene = Scene(world.district, Random("round"), clock.today(), clock.today())
        scene.home, everywhere = [], scene.buildings
        scene.buildings = [row for row in everywhere if row[1] == world.grids[0].pk]
        assert residents.find(scene)
        ticket = Ticket.objects.get()
        assert ticket.is_proactive
        solved = TicketTransition.objects.get(ticket=ticket, move="solve_on_site")
        assert solved.actor_id == world.members["worker"].pk
        scene.buildings = [row for row in everywhere if row[1] == world.grids[1].pk]  # nobody is in post there
        assert not residents.find(scene)


def test_residents_of_the_demo_do_not_repeat_themselves() -> None:
    assert len({saying.text for saying in SAYINGS}) >= 120
    assert all(set(saying.flags) <= set("prcnw-") for saying in SAYINGS)
