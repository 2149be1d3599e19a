"""The clocks: reminders, yellow, red and going up the levels; exactly once, nothing missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from governance.accounts.models import Notice
from governance.kernel import outbox
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.tasks import districts_with
from governance.kernel.tenancy.context import district_scope, district_transaction
from grids.models import PostAssignment
from requests_intake.actions import sweep as sweep_module
from requests_intake.actions.handle import sign_order
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.models import Clock, Ticket, TicketTransition, WorkOrder
from requests_intake.tasks import DUE
from tests.two_sweeps import two_sweeps
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def stages(ticket: Ticket) -> list[str]:
    return [
        f"{row.payload['kind']}:{row.stage}"
        for row in TicketTransition.objects.filter(ticket=ticket, move="stage").order_by("id")
    ]


@pytest.mark.django_db
def test_nothing_fires_before_its_time(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        reported()
        assert sweep() == 0


@pytest.mark.django_db
def test_unsigned_ticket_goes_up_at_twice_the_sign_limit(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported()
        now.move_to(at(23, 11, 1))  # sign limit of a grid: 2 working hours
        sweep()
        order = WorkOrder.objects.get(ticket=ticket)
        assert order.is_late_sign
        assert order.assignee_id == world.members["leader"].pk
        now.move_to(at(23, 15, 1))  # 4 working hours: 200 %
        sweep()
        found = Ticket.objects.get(pk=ticket.pk)
        assert (found.level, found.organization_id, found.max_level) == ("community", world.committee.pk, "community")
        first, second = WorkOrder.objects.filter(ticket=ticket).order_by("sequence")
        assert (first.state, first.handed_over_reason, second.state) == ("handed_over", "escalated", "dispatched")


@pytest.mark.django_db
def test_half_time_reminds_only_those_who_have_not_signed(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        signed, waiting = (reported(category_code="0303") for _each in range(2))
        sign_order(signed, actor=world.worker)
        # The sign clock would take the unsigned one up before: leave only the limit itself running.
        Clock.objects.filter(ticket=waiting, kind="sign").update(next_fire_at=None)
        now.move_to(at(24, 9))
        sweep()
        assert {"resolve:half"} <= set(stages(signed)) & set(stages(waiting))
        outbox.deliver(TicketTransition)
    reminded = Notice.objects.filter(kind="half").values_list("path", flat=True)
    assert list(reminded) == [f"/m/t/{waiting.number}/"]


@pytest.mark.django_db
@pytest.mark.parametrize(("urgency", "told"), [("urgent", True), ("normal", False)])
def test_an_urgent_breach_is_told_to_the_streets_leader_at_once(
    world: World, reported: Callable[..., Ticket], urgency: str, told: bool
) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported(category_code="0303", urgency=urgency)
        sign_order(ticket, actor=world.worker)
        now.move_to(at(24, 17, 31))
        sweep()
        assert "resolve:due" in stages(ticket)
        outbox.deliver(TicketTransition)
    leader = world.members["street_leader"]
    assert Notice.objects.filter(membership=leader, kind="due").exists() is told


@pytest.mark.django_db
@pytest.mark.parametrize(("urgency", "words"), [("critical", "特急"), ("urgent", "紧急"), ("normal", "")])
def test_at_150_percent_of_an_urgent_promise_the_districts_duty_is_told_at_whatever_level_it_lies(
    world: World, reported: Callable[..., Ticket], urgency: str, words: str
) -> None:
    """SLA D.4: the order's own clock ends when the matter goes up; the promise runs on."""
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported(category_code="0303", urgency=urgency)
        promise = ticket.promise_due_at
        assert promise is not None
        sign_order(ticket, actor=world.worker)
        now.move_to(promise + timedelta(minutes=1))
        sweep()
        assert Ticket.objects.get(pk=ticket.pk).level != "district"
        center = Notice.objects.filter(membership=world.members["center"], kind="duty")
        outbox.deliver(TicketTransition)
        assert not center.exists()
        now.move_to(MONDAY_9 + (promise - MONDAY_9) * 1.5 + timedelta(minutes=1))
        sweep()
        outbox.deliver(TicketTransition)
    assert [text.split("：")[0] for text in center.values_list("text", flat=True)] == (
        [f"{words}事项严重超时"] if words else []
    )
    told = Notice.objects.filter(kind="duty", membership__in=[world.members[name] for name in ("auditor", "security")])
    assert not told.exists()  # a desk at the centre is no duty


@pytest.mark.django_db
def test_breach_of_the_own_limit_goes_up_though_somebody_signed(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported(category_code="0303")  # an ordinary matter: the promise is five working days
        sign_order(ticket, actor=world.worker)
        now.move_to(at(24, 17, 29))
        sweep()
        assert Ticket.objects.get(pk=ticket.pk).lamp == "soon"
        now.move_to(at(24, 17, 30))
        sweep()
        found = Ticket.objects.get(pk=ticket.pk)
        assert (found.level, found.lamp) == ("community", "")
        assert stages(ticket)[-1] == "resolve:due"


@pytest.mark.django_db
def test_it_climbs_to_the_top_and_stays_there_red(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported()
        for _day in range(30):
            now.shift(timedelta(hours=12))
            sweep()
        found = Ticket.objects.get(pk=ticket.pk)
        assert (found.level, found.lamp, found.state) == ("district", "over", "handling")
        levels = list(WorkOrder.objects.filter(ticket=ticket).order_by("sequence").values_list("level", flat=True))
        assert levels == ["grid", "community", "street", "district"]
        top = WorkOrder.objects.get(ticket=ticket, ended_at=None)
        assert top.supervise_level == 1
        assert {"resolve:supervise", "resolve:circular", "promise:due", "promise:notice"} <= set(stages(ticket))
        assert sweep() == 0


@pytest.mark.django_db
def test_a_district_may_skip_the_community(world: World, reported: Callable[..., Ticket]) -> None:
    District.objects.filter(pk=world.district.pk).update(escalation_path=["grid", "street", "district"])
    with district_scope(world.district.pk), time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported()
        now.move_to(at(23, 15, 1))
        sweep()
        assert Ticket.objects.get(pk=ticket.pk).level == "street"


@pytest.mark.django_db
def test_the_clock_runs_on_where_nobody_is_in_post(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported(building_id=None, point=world.point_in(world.grid2))
        assert WorkOrder.objects.get(ticket=ticket).assignee_id is None
        assert not PostAssignment.objects.filter(post__organization_id=ticket.organization_id).exists()
        now.move_to(at(24, 9))
        sweep()
        assert Ticket.objects.get(pk=ticket.pk).level == "community"


@pytest.mark.django_db
def test_working_time_stands_still_at_night_and_on_holidays(world: World, reported: Callable[..., Ticket]) -> None:
    # Thu 2026-09-24 16:30; Friday to Sunday are Mid-Autumn, so the next working day is Monday the 28th.
    with time_machine.travel(datetime(2026, 9, 24, 16, 30, tzinfo=SHANGHAI), tick=False) as now:
        ticket = reported(category_code="0303")
        assert WorkOrder.objects.get(ticket=ticket).due_at == datetime(2026, 9, 28, 17, 30, tzinfo=SHANGHAI)
        now.move_to(datetime(2026, 9, 27, 12, 0, tzinfo=SHANGHAI))
        assert sweep() == 0


@pytest.mark.django_db
def test_after_an_outage_every_stage_fires_once_and_in_order(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported()
        sign_order(ticket, actor=world.worker)
        now.move_to(at(24, 17, 31))
        sweep()
        fired = [name for name in stages(ticket) if name.startswith("resolve")]
        assert fired == ["resolve:half", "resolve:soon", "resolve:due"]


@pytest.mark.django_db
def test_a_poisoned_ticket_is_set_aside_and_stops_nobody(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        bad, good = reported(), reported()
        Clock.objects.filter(ticket=bad, kind="sign").update(schedule=[["no such stage", MONDAY_9.isoformat()]])
        now.move_to(at(23, 15, 1))
        sweep()
        assert Ticket.objects.get(pk=good.pk).level == "community"
        aside = Clock.objects.filter(ticket=bad, set_aside_at__isnull=False)
        assert aside.exists()
        assert "no such stage" in aside[0].set_aside_reason
        assert Ticket.objects.get(pk=bad.pk).level == "grid"
        assert sweep() == 0


@pytest.mark.django_db
def test_a_thousand_due_tickets_take_a_fixed_number_of_statements(
    world: World, reported: Callable[..., Ticket]
) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    with time_machine.travel(MONDAY_9, tick=False) as now:
        for many in (2, 12):
            for _i in range(many):
                reported()
            now.shift(timedelta(days=1))
            with CaptureQueriesContext(connection) as queries:
                assert sweep() > 0
            counts.append(len(queries))
            now.shift(timedelta(days=30))
            sweep()
            now.shift(timedelta(days=1))
    assert counts[0] == counts[1]


def _due_ticket(world: World) -> int:
    with time_machine.travel(MONDAY_9, tick=False), district_transaction(world.district):
        report = Report(content="楼道灯坏了，请修。", building_id=world.building.pk)
        return submit_ticket(report, actor=Actor.public()).ticket.pk


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_the_sweeper_role_sees_which_districts_are_due_and_nothing_else(world: World) -> None:
    from django.db import ProgrammingError, connections

    _due_ticket(world)
    assert districts_with(DUE, [MONDAY_9]) == []
    assert districts_with(DUE, [MONDAY_9 + timedelta(hours=3)]) == [world.district.pk]
    for sql in ("SELECT content FROM requests_intake_ticket", "SELECT ticket_id FROM requests_intake_clock"):
        with pytest.raises(ProgrammingError), connections["sweep"].cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_never_take_the_same_ticket(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sweep stands still before its commit; the second must pass by without waiting and without firing."""
    ticket_id = _due_ticket(world)
    with time_machine.travel(MONDAY_9 + timedelta(hours=3), tick=False):
        results = two_sweeps(monkeypatch, world, sweep_module.Mover, sweep)
    assert results["second"] == 0
    assert results["first"] > 0
    with district_transaction(world.district):
        assert Clock.objects.filter(set_aside_at__isnull=False).count() == 0
        fired = TicketTransition.objects.filter(ticket_id=ticket_id, move="stage").values_list("clock_id", "stage")
        assert len(fired) == len(set(fired)) == results["first"]
