"""``explain_clock``: every stored deadline is what its ledger comes to, and one that is not is found and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from governance.accounts.models import Notice
from governance.kernel.errors import NotAllowed
from governance.kernel.models import CalendarDay
from governance.kernel.reference import bump_reference
from governance.kernel.templatetags.ui import local_time
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.check_clocks import check_clocks
from requests_intake.actions.handle import sign_order
from requests_intake.actions.set_aside import run_on, set_aside
from requests_intake.actions.sweep import sweep
from requests_intake.actions.whistle_sweep import sweep_whistles
from requests_intake.clock_stories import differences, stories_of_ticket
from requests_intake.models import Clock, ClockEntry, Ticket, WhistleTarget, WorkOrder
from requests_intake.presentation.clock_stories import as_text, clock_stories
from tests.whistles import blown
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


@pytest.mark.django_db
def test_every_clock_of_a_tickets_way_up_is_explained(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported(category_code="0303")
        for _step in range(12):
            now.shift(timedelta(days=1))
            sweep()
        stories = stories_of_ticket(ticket)
        assert {story.clock.kind for story in stories} >= {"promise", "sign", "resolve", "contact"}
        assert all(story.agrees for story in stories)
        assert WorkOrder.objects.filter(ticket=ticket).count() > 2
        kinds = set(ClockEntry.objects.filter(ticket=ticket).values_list("kind", flat=True))
        assert {"start", "transfer"} <= kinds
        assert differences(only_open=False) == []


@pytest.mark.django_db
def test_a_day_off_that_is_decided_later_moves_nothing_that_was_promised(
    world: World, reported: Callable[..., Ticket]
) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        ticket = reported(category_code="0303")
        promise = Ticket.objects.get(pk=ticket.pk).promise_due_at
        CalendarDay.objects.create(day=datetime(2026, 11, 25).date(), works=False, name="停水检修")
        bump_reference()
        assert differences() == []
        later = reported(category_code="0303")
        assert promise is not None
        assert Ticket.objects.get(pk=later.pk).promise_due_at == promise + timedelta(days=1)
        assert "11月25日 周三　放假，不算" in as_text(later)
        assert "11月25日 周三　上班　7" in as_text(ticket)


@pytest.mark.django_db
def test_a_deadline_written_over_is_found_at_night_and_told(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        ticket = reported(category_code="0303")
        assert check_clocks().differing == 0
        assert not Notice.objects.filter(kind="clock_check").exists()
        Clock.objects.filter(ticket=ticket, kind="promise").update(due_at=MONDAY_9 + timedelta(days=30))
        check = check_clocks()
        assert (check.differing, check.found[0]["number"], check.found[0]["kind"]) == (1, ticket.number, "promise")
        assert Notice.objects.get(kind="clock_check").membership_id == world.members["admin"].pk


@pytest.mark.django_db
def test_a_clock_that_stands_still_is_told_shown_and_let_run_on(
    world: World, reported: Callable[..., Ticket], client: Client
) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported()
        whistle = blown(world, kind="emergency")
        sign = Clock.objects.get(ticket=ticket, kind="sign")
        part = WhistleTarget.objects.get(whistle=whistle, organization=world.water)
        good = sign.schedule, part.schedule
        Clock.objects.filter(pk=sign.pk).update(schedule=[["no such stage", MONDAY_9.isoformat()]])
        WhistleTarget.objects.filter(pk=part.pk).update(schedule=[["no such stage", MONDAY_9.isoformat()]])
        now.move_to(MONDAY_9 + timedelta(hours=6, minutes=1))
        sweep()
        sweep_whistles()
        assert check_clocks().differing == 0
        stopped = set_aside()
        assert {row.number for row in stopped} == {ticket.number, f"吹哨 {whistle.number}"}
        told = Notice.objects.get(kind="clock_check")
        assert told.membership_id == world.members["admin"].pk
        assert told.text == f"时限核对：{len(stopped)} 个钟到点没能走，停下了"
        page = world.sign_in(client, "admin")
        shown = page.get("/manage/clocks/").content.decode()
        assert f"停下的钟：{len(stopped)} 个" in shown
        assert ticket.number in shown
        assert "no such stage" in shown
        with pytest.raises(NotAllowed):
            run_on(actor=world.dispatcher)

        Clock.objects.filter(pk=sign.pk).update(schedule=good[0])
        WhistleTarget.objects.filter(pk=part.pk).update(schedule=good[1])
        assert page.post("/manage/clocks/", {"idempotency_key": "one", "run_on": "1"}).status_code == 302
        assert set_aside() == []
        assert sweep() > 0
        assert sweep_whistles() > 0
        assert Ticket.objects.get(pk=ticket.pk).level == "community"
        assert WhistleTarget.objects.get(pk=part.pk).is_late_accept
        again = page.post("/manage/clocks/", {"idempotency_key": "two", "run_on": "1"})
        assert again.status_code == 422
        assert "没有停下的钟" in again.content.decode()


@pytest.mark.django_db
def test_what_differs_is_shown_in_words(world: World, reported: Callable[..., Ticket], client: Client) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        Clock.objects.filter(ticket=reported(), kind="promise").update(due_at=MONDAY_9 + timedelta(days=30))
        check_clocks()
        shown = world.sign_in(client, "admin").get("/manage/clocks/").content.decode()
    assert "对居民的承诺" in shown
    assert local_time(MONDAY_9 + timedelta(days=30)) in shown


@pytest.mark.django_db
def test_a_copy_of_the_deadline_that_was_forgotten_is_found(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported(category_code="0303")
    WorkOrder.objects.filter(ticket=ticket).update(due_at=MONDAY_9)
    assert [row.kind for row in differences()] == ["resolve"]


@pytest.mark.django_db(transaction=True)
def test_the_command_explains_one_and_checks_all(world: World, reported: Callable[..., Ticket]) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        with district_transaction(world.district):
            ticket = reported(category_code="0303")
            sign_order(ticket, actor=world.worker)
        said = StringIO()
        call_command("explain_clock", ticket.number, district=world.district.code, stdout=said)
        assert "对居民的承诺" in said.getvalue()
        assert "起算当天，不算" in said.getvalue()
        call_command("explain_clock", district=world.district.code, all=True, stdout=said)
        with district_transaction(world.district):
            Clock.objects.filter(ticket=ticket, kind="promise").update(due_at=MONDAY_9)
        for arguments in ((ticket.number,), ()):
            with pytest.raises(CommandError):
                call_command("explain_clock", *arguments, district=world.district.code, all=True, stdout=said)
        with pytest.raises(CommandError):
            call_command("explain_clock", "000000-00000", district=world.district.code, stdout=said)


@pytest.mark.django_db
def test_the_story_takes_the_same_number_of_statements_for_one_order_and_for_many(
    world: World, reported: Callable[..., Ticket], django_assert_max_num_queries: Callable[..., object]
) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = reported(category_code="0303")
        for _step in range(12):
            now.shift(timedelta(days=1))
            sweep()
        with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
            clock_stories(Ticket.objects.get(pk=ticket.pk))
