"""What danger and difficult matters owe besides their promise (SLA D.2): 到场, 控制险情, 报告险情, 告知方案."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from governance.accounts.models import Notice
from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed
from requests_intake.actions.applications import ask_pause
from requests_intake.actions.decisions import grant_pause
from requests_intake.actions.desk import classify_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.field_limits import arrive, control_danger, report_danger, tell_plan
from requests_intake.actions.handle import sign_order
from requests_intake.actions.holding import resume_order
from requests_intake.actions.resolve import solve_on_site
from requests_intake.actions.sweep import sweep
from requests_intake.clock_stories import differences
from requests_intake.models import FIELD_MOVES, Clock, Ticket, TicketTransition
from requests_intake.presentation.history import timeline
from requests_intake.standing import standing_of
from tests.cases import report, ticket_in
from tests.requests_intake.test_sweep import MONDAY_9, at
from tests.world import World

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def owed(ticket: Ticket) -> dict[str, Any]:
    """Kind of clock → how long after nine it is due; those that run."""
    rows = Clock.objects.filter(ticket=ticket, kind__in=FIELD_MOVES.values(), stopped_at=None)
    assert not rows.filter(work_order__isnull=False).exists()
    return {row.kind: row.due_at - MONDAY_9 for row in rows}


def told(ticket: Ticket, words: str, world: World) -> set[str]:
    """Who reads these words about it; new notices only."""
    outbox.deliver(TicketTransition)
    names = {member.pk: name for name, member in world.members.items()}
    rows = Notice.objects.filter(text__startswith=words, path__contains=ticket.number)
    found = {names[row.membership_id] for row in rows}
    rows.delete()
    return found


@pytest.mark.parametrize(
    ("urgency", "expected"),
    [
        ("critical", {"on_site": 30 * MINUTE, "control": 2 * HOUR}),
        ("urgent", {"on_site": 2 * HOUR}),
        # Monday nine, five working days, the first day not counted: the next Monday at half past five.
        ("complex", {"plan": timedelta(days=7, hours=8, minutes=30)}),
        ("normal", {}),
    ],
)
def test_what_a_class_owes_begins_with_its_first_order(world: World, urgency: str, expected: dict[str, Any]) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        ticket = report(world, urgency=urgency, category_code="0303")
        assert owed(ticket) == expected
        assert standing_of(ticket).owed == frozenset(expected)
        assert differences(only_open=False) == []


def test_handing_it_on_resets_nothing_and_starts_nothing_again(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = report(world, urgency="critical")
        sign_order(ticket, actor=world.worker)
        arrive(again(ticket), actor=world.worker)
        assert set(owed(ticket)) == {"control"}
        now.move_to(MONDAY_9 + HOUR)
        escalate_ticket(again(ticket), note="要抢修队", actor=world.worker)
        assert owed(ticket) == {"control": 2 * HOUR}
        assert Clock.objects.filter(ticket=ticket, kind="on_site").count() == 1


def test_nobody_comes_in_time(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = report(world, urgency="critical")
        sign_order(ticket, actor=world.worker)
        now.move_to(MONDAY_9 + 31 * MINUTE)
        sweep()
        found = again(ticket)
        assert (found.lamp, found.level) == ("", "grid")  # it is overdue by its own limits alone
        assert told(found, "时限到了，还没有人到场", world) == {"worker", "leader", "street_leader"}
        assert "没有按时到场" in [step["title"] for step in timeline(again(ticket), outward=False)]
        assert not any("到场" in step["title"] for step in timeline(again(ticket), outward=True))
        arrive(found, actor=world.worker, note="堵车")
        assert "有人到现场了" in [step["title"] for step in timeline(again(ticket), outward=True)]


def test_a_danger_is_reported_every_two_hours_until_it_is_under_control(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = report(world, urgency="critical")
        sign_order(ticket, actor=world.worker)
        arrive(again(ticket), actor=world.worker)
        now.move_to(at(23, 11, 1))
        sweep()
        assert told(ticket, "时限到了，险情还没有控制", world) == {"worker", "leader", "street_leader"}
        now.move_to(at(23, 13, 1))
        sweep()
        asked = "险情还没有控制，请报告进展"
        assert told(ticket, asked, world) == {"worker", "leader"}
        report_danger(again(ticket), note="抢修队到了", actor=world.worker)
        # Leader of the office, of the one above, and the district's duty.
        assert told(ticket, "险情进展", world) == {"leader", "secretary", "center"}
        now.move_to(at(23, 15, 1))
        sweep()
        assert told(ticket, asked, world) == set()  # reported meanwhile
        now.move_to(at(23, 17, 1))
        sweep()
        assert told(ticket, asked, world) == {"worker", "leader"}
        control_danger(again(ticket), note="阀门关了", actor=world.worker)
        assert told(ticket, "险情控制住了", world) == {"leader", "secretary", "center"}
        now.move_to(at(23, 23, 1))
        sweep()
        assert told(ticket, asked, world) == set()
        titles = [step["title"] for step in timeline(again(ticket), outward=False)]
        assert titles.count(asked) == 2  # and nothing for the time somebody had reported
        stages = TicketTransition.objects.filter(ticket=ticket, clock__kind="control").values_list("stage", flat=True)
        assert list(stages.order_by("pk")) == ["late", "report_1", "report_2", "report_3"]


def test_the_resident_reads_the_plan(world: World) -> None:
    ticket = ticket_in(world, "difficult")
    tell_plan(ticket, note="下周换管，由自来水公司办，月底前完成", actor=world.handler)
    step = next(row for row in timeline(again(ticket), outward=True) if row["title"] == "打算这样办")
    assert step["say"] == "下周换管，由自来水公司办，月底前完成"
    with pytest.raises(DomainError, match="方案已经告知居民"):
        tell_plan(again(ticket), note="再说一遍", actor=world.handler)


@pytest.mark.parametrize("move", [arrive, control_danger, report_danger, tell_plan])
def test_what_is_not_owed_is_refused_with_its_sentence_and_offered_nowhere(world: World, move: Any) -> None:
    ticket = ticket_in(world, "taken")
    with pytest.raises(DomainError) as refused:
        move(ticket, note="看过", actor=world.handler)
    assert refused.value.code == "nothing_owed"
    assert refused.value.message.endswith("。")
    assert not {row.name for row in standing_of(again(ticket)).moves(world.handler)} & set(FIELD_MOVES)
    page = world.sign_in(Client(), "handler").get(f"/desk/t/{ticket.number}/{move.__name__}/")
    assert page.status_code == 409
    found = world.sign_in(Client(), "handler").get(f"/api/v1/tickets/{ticket.number}/")
    assert not set(found.json()["moves"]) & set(FIELD_MOVES)


def test_who_only_covers_the_place_does_not_say_that_somebody_came(world: World) -> None:
    ticket = ticket_in(world, "danger")
    with pytest.raises(NotAllowed, match="承办单位，或者协办单位可以"):
        arrive(ticket, actor=world.dispatcher)


def test_the_desk_and_the_phone_lead_to_the_place_first(world: World) -> None:
    ticket = ticket_in(world, "danger")
    handler = world.sign_in(Client(), "handler")
    page = handler.get(f"/desk/t/{ticket.number}/")
    names = [button["name"] for button in page.context["detail"]["buttons"]]
    assert names[:3] == ["contact", "arrive", "control_danger"]
    assert {bar["name"] for bar in page.context["detail"]["clocks"]} >= {"到场", "控制险情"}
    api = handler.get(f"/api/v1/tickets/{ticket.number}/").json()
    assert {"arrive", "control_danger", "report_danger"} <= set(api["moves"])
    at_the_grid = report(world, urgency="critical")
    sign_order(at_the_grid, actor=world.worker)
    worker = world.sign_in(Client(), "worker")
    bar = worker.get(f"/m/t/{at_the_grid.number}/").context["bar"]
    assert [move["label"] for move in bar] == ["到现场了", "现场解决"]
    done = worker.post(f"/m/t/{at_the_grid.number}/arrive/", {"note": "", "idempotency_key": "k"})
    assert done["Location"] == f"/m/t/{at_the_grid.number}/"
    assert "on_site" not in owed(at_the_grid)


def test_another_class_owes_other_things(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = report(world, category_code="0303")
        promise = again(ticket).promise_due_at
        now.move_to(MONDAY_9 + HOUR)
        classify_ticket(again(ticket), category_code="0303", urgency="critical", actor=world.staff)
        assert owed(ticket) == {"on_site": 90 * MINUTE, "control": 3 * HOUR}
        assert again(ticket).promise_due_at == promise
        sign_order(again(ticket), actor=world.worker)
        arrive(again(ticket), actor=world.worker)
        classify_ticket(again(ticket), category_code="0303", urgency="urgent", actor=world.staff)
        assert owed(ticket) == {}  # somebody is there, and urgent matters owe no more
        classify_ticket(again(ticket), category_code="0303", urgency="critical", actor=world.staff)
        assert owed(ticket) == {}  # begun once
        assert differences(only_open=False) == []


def test_solving_it_ends_what_was_owed(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = report(world, urgency="critical")
        solve_on_site(ticket, reply="当场关阀", actor=world.worker)
        now.move_to(MONDAY_9 + 5 * HOUR)
        sweep()
        assert not TicketTransition.objects.filter(ticket=ticket, clock__kind__in=FIELD_MOVES.values()).exists()


def test_a_pause_that_holds_the_promise_holds_the_plan(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = ticket_in(world, "difficult")
        before = Clock.objects.get(ticket=ticket, kind="plan").due_at
        until = clock.now() + timedelta(days=3)
        row = ask_pause(ticket, reason="requester", until=until, note="等材料", told="等您", actor=world.handler)
        grant_pause(row, actor=world.center)
        now.move_to(MONDAY_9 + timedelta(days=1))
        resume_order(again(ticket), actor=world.handler)
        assert Clock.objects.get(ticket=ticket, kind="plan").due_at > before
        assert differences(only_open=False) == []


def test_a_resident_never_makes_these_moves(world: World) -> None:
    ticket = ticket_in(world, "danger")
    with pytest.raises(NotAllowed):
        arrive(ticket, actor=Actor.requester(ticket.pk))


@pytest.mark.parametrize(
    ("minutes", "counted"),
    [
        (20, 20),  # on the stairs without a network, sent at ten
        (-30, 10),  # not before the last step, which was signing at ten past
        (90, 60),  # a phone whose clock is far ahead: when it came in
    ],
)
def test_what_a_phone_wrote_down_without_a_network_counts_from_then(world: World, minutes: int, counted: int) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = report(world, urgency="critical")
        now.move_to(MONDAY_9 + 10 * MINUTE)
        sign_order(ticket, actor=world.worker)
        now.move_to(MONDAY_9 + 31 * MINUTE)
        sweep()  # says that nobody has come: it cannot know
        now.move_to(MONDAY_9 + HOUR)
        arrive(again(ticket), actor=world.worker, at=MONDAY_9 + minutes * MINUTE)
        step = TicketTransition.objects.get(ticket=ticket, move="arrive")
        assert (step.at, step.recorded_at) == (MONDAY_9 + counted * MINUTE, MONDAY_9 + HOUR)
        assert Clock.objects.get(ticket=ticket, kind="on_site").stopped_at == step.at
        lines = {each["move"]: each["why"] for each in timeline(again(ticket), outward=False)}
        assert lines["arrive"] == ("" if counted == 60 else "手机上先记下的，今天 10:00 传到")
        assert not any(each["why"] for each in timeline(again(ticket), outward=True))
        assert differences(only_open=False) == []


@pytest.mark.parametrize(("said", "counted"), [("", 60), ("昨天下午", 60), ((MONDAY_9 + 20 * MINUTE).isoformat(), 20)])
def test_the_form_of_the_phone_says_when(world: World, client: Client, said: str, counted: int) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        ticket = report(world, urgency="critical")
        sign_order(ticket, actor=world.worker)
        now.move_to(MONDAY_9 + HOUR)
        page = world.sign_in(client, "worker")
        url = f"/d/{world.district.code}/m/t/{ticket.number}/arrive/"
        assert "data-stamp" in page.get(url).content.decode()
        assert page.post(url, {"idempotency_key": "here", "note": "", "at": said}).status_code == 302
        assert TicketTransition.objects.get(ticket=ticket, move="arrive").at == MONDAY_9 + counted * MINUTE
