"""Answered messages go through the real actions with their own times."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command

from benchmarks.replay_check import count
from governance.accounts.models import Notice
from governance.kernel.reference import bump_reference
from grids.models import PostAssignment
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.replay import Handlers, replay_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report
from requests_intake.actions.sweep import sweep
from requests_intake.clock_stories import differences
from requests_intake.importing.figures import replay_figures
from requests_intake.models import Clock, Note, Rating, Ticket, TicketTransition, Verification, WorkOrder
from tests.importing.files import ANSWERED, answered, write_csv
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
SAID, REPLIED = datetime(2019, 4, 25, 9, 32, 9, tzinfo=SHANGHAI), datetime(2019, 5, 10, 14, 56, 53, tzinfo=SHANGHAI)
pytestmark = pytest.mark.django_db

# 2019: 1–7 October off, 29 September and 12 October worked. The fifth working day after Friday 27 September is
# 10 October, the tenth 16 October, the fifteenth 23 October. 2013: 9–15 February off, 16 and 17 February worked.
ROWS = [
    answered("1", "2019-09-27 10:00:00", "2019-10-10 17:30:00"),  # within 5
    answered("2", "2019-09-27 10:00:00", "2019-10-10 17:30:01"),  # within 10
    answered("3", "2019-09-27 23:59:59", "2019-10-16 17:30:00"),  # within 10
    answered("4", "2019-09-27 10:00:00", "2019-10-23 08:00:00"),  # within 15
    answered("5", "2019/9/27 10:00:00", "2019/10/24 8:00:00"),  # later
    answered("6", "2013-02-08 08:00:00", "2013-02-20 17:00:00"),  # within 5, by the schedule of 2013
    answered("7", "2013-02-08 08:00:00", "2013-02-20 18:00:00"),  # within 10
    answered("8", "2019-09-28 10:00:00", "2019-09-28 10:00:00"),  # at once, on a Saturday
    answered("9", "2019-09-27 10:00:00", ""),
    answered("10", "2019-09-27 10:00:00", "2019-09-27 09:59:59"),
    answered("1", "2019-09-27 10:00:00", "2019-09-28 09:59:59"),
]


def report(**changes: Any) -> Report:
    words = {"content": "小区门口的路灯坏了一个月。", "channel": "netizen_message", "source": "x", "source_ref": "1"}
    return Report(**{**words, "occurred_at": SAID, **changes})


def replay(world: World, path: Path) -> str:
    said = StringIO()
    options = {"district": world.district.code, "replay": True, "errors": path.with_suffix(".errors")}
    call_command("import_tickets", str(path), stdout=said, **options)
    return said.getvalue()


@time_machine.travel(MONDAY_9, tick=False)
def test_the_whole_history_carries_the_times_of_the_source(world: World) -> None:
    ticket = replay_ticket(report(), reply="已修好，请放心。", replied_at=REPLIED, handlers=Handlers())
    ticket.refresh_from_db()
    assert (ticket.state, ticket.close_reason) == ("closed", "unrated")
    assert (ticket.submitted_at, ticket.accepted_at) == (SAID, SAID)
    assert (ticket.resolved_at, ticket.closed_at) == (REPLIED, REPLIED)
    moves = list(TicketTransition.objects.filter(ticket=ticket).order_by("id"))
    assert [(row.move, row.at) for row in moves if row.move != "waive_verification"] == [
        ("submit", SAID), ("accept", SAID), ("dispatch", SAID), ("sign", SAID),
        ("resolve", REPLIED), ("close", REPLIED),
    ]  # fmt: skip
    assert {row.recorded_at for row in moves} == {MONDAY_9}
    assert ticket.number.startswith("190425-")
    assert Note.objects.get(ticket=ticket, audience="public").text == "已修好，请放心。"
    order = WorkOrder.objects.get(ticket=ticket)
    assert (order.signed_at, order.resolved_at, order.state) == (SAID, REPLIED, "verified")
    # The promise of the policy, counted from the message on the calendar of then.
    assert ticket.promise_due_at < REPLIED


@time_machine.travel(MONDAY_9, tick=False)
def test_a_person_in_post_signs_and_answers(world: World) -> None:
    """The department whose trade it is, where it is staffed; the district centre answers for the rest."""
    for content, name in (("自来水管爆了，停水两天。", "handler"), ("想咨询一件说不清的事。", "center")):
        ticket = replay_ticket(
            report(content=content, source_ref=name), reply="已答复。", replied_at=REPLIED, handlers=Handlers()
        )
        by = dict(TicketTransition.objects.filter(ticket=ticket).values_list("move", "actor_id"))
        assert by["sign"] == by["resolve"] == world.members[name].pk
        assert by["submit"] is by["accept"] is by["dispatch"] is by["close"] is None


@time_machine.travel(MONDAY_9, tick=False)
def test_nothing_is_made_up_and_nothing_left_running(world: World) -> None:
    tickets = [
        replay_ticket(
            report(source_ref=f"{number}-{words}", content=words, **extra),
            reply="已处理。", replied_at=REPLIED, handlers=Handlers(),
        )
        for number in range(4)
        for words, extra in (
            ("燃气泄漏，味道很大！", {"building_id": world.building.pk}),  # located, critical: always to be looked at
            ("燃气泄漏，味道很大！说不清在哪", {}),
            ("举报无证经营", {"request_type": "report"}),  # restricted: never dispatched by the system
            ("路灯坏了", {"building_id": world.buildings[5].pk}),  # a grid with nobody in post
            ("谢谢社区！", {"request_type": "praise"}),  # nobody is asked
        )
    ]  # fmt: skip
    assert {ticket.state for ticket in tickets} == {"closed"}
    assert not Clock.objects.filter(stopped_at=None).exists()
    assert not Clock.objects.exclude(next_fire_at=None).exists()
    assert differences(only_open=False) == []
    assert not Verification.objects.exists()
    assert not Rating.objects.exists()
    assert not TicketTransition.objects.filter(delivered_at=None).exists()
    assert not Ticket.objects.exclude(lamp="").exists()
    before = TicketTransition.objects.count()
    assert sweep() == 0
    assert TicketTransition.objects.count() == before
    assert not Notice.objects.exists()


@time_machine.travel(MONDAY_9, tick=False)
def test_the_figures_equal_an_independent_count(world: World, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "answered.csv", ANSWERED, ROWS)
    said = replay(world, path)
    assert "新增 8 件，已有 0 件，错误 3 行" in said
    assert [line.strip() for line in said.splitlines()[-4:]] == [
        "回放的诉求 8 件，按本区工作日历：",
        "5 个工作日内答复 3 件（37.5%）",
        "10 个工作日内答复 6 件（75.0%）",
        "15 个工作日内答复 7 件（87.5%）",
    ]
    figures = replay_figures("message_board", [str(number) for number in range(1, 12)])
    answered_rows, met, left_out = count(path)
    assert (figures.answered, dict(figures.met)) == (answered_rows, met)
    assert left_out == 3
    errors = path.with_suffix(".errors").read_text(encoding="utf-8-sig")
    assert errors.splitlines()[1:] == [
        "10,9,答复时间,没有填写", "11,10,答复时间,答复时间早于提出时间", "12,1,留言编号,与第 2 行编号重复",
    ]  # fmt: skip


@time_machine.travel(MONDAY_9, tick=False)
def test_a_second_replay_changes_nothing_and_prints_the_same(world: World, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "answered.csv", ANSWERED, ROWS)
    first = replay(world, path)
    before = (Ticket.objects.count(), TicketTransition.objects.count(), Note.objects.count())
    second = replay(world, path)
    assert "新增 0 件，已有 8 件，错误 3 行" in second
    assert second.splitlines()[-4:] == first.splitlines()[-4:]
    assert (Ticket.objects.count(), TicketTransition.objects.count(), Note.objects.count()) == before


def test_tickets_imported_without_replay_stay_open_and_out_of_the_figures(world: World, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "answered.csv", ANSWERED, ROWS[:2])
    said = StringIO()
    call_command("import_tickets", str(path), district=world.district.code, stdout=said)
    assert "没有用 --replay" in said.getvalue()
    assert "已有 2 件" in replay(world, path)
    assert set(Ticket.objects.values_list("state", flat=True)) == {"submitted"}
    # Nor are they replayed when the district has handled them itself.
    for ticket in Ticket.objects.all():
        accept_ticket(ticket, actor=world.center)
        dispatch_ticket(ticket, organization_id=world.center_office.pk, actor=world.center)
        sign_order(ticket, actor=world.center)
        resolve_ticket(ticket, actor=world.center, reply="已修好。")
    assert replay_figures("message_board", ["1", "2"]).answered == 0


def test_a_district_with_nobody_to_answer_is_told(world: World, tmp_path: Path) -> None:
    posts = PostAssignment.objects.filter(post__organization=world.center_office, post__kind="district_dispatcher")
    posts.update(until=datetime(2020, 1, 1).date())
    bump_reference()
    with pytest.raises(CommandError, match="没有人在岗"):
        replay(world, write_csv(tmp_path / "answered.csv", ANSWERED, ROWS))
    assert not Ticket.objects.exists()
