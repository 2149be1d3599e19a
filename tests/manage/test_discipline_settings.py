"""What an organization may ask for, and who has how long to answer (SLA D.5–D.8): each limit, changed on the page of
the time limits, changes what the product does; a wrong one is refused, and nothing promised before moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from governance.kernel.errors import DomainError
from requests_intake.actions.applications import ask_extension, ask_pause, ask_return, return_window
from requests_intake.actions.decisions import grant_extension, grant_return
from requests_intake.actions.handle import sign_order
from requests_intake.actions.press import urge_ticket
from requests_intake.models import Application, Clock, Supervision, Ticket, WorkOrder
from requests_intake.sla import Limit, Unit
from tests.cases import report, ticket_in
from tests.manage.settings_proofs import DAY, FRIDAY, HOUR, TO_MONDAY, Setting, prove_changed, prove_refused
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=False):
        yield


def answer_due(state: str) -> Callable[[World], timedelta]:
    """By when whoever decides has to answer what was asked."""
    return lambda world: Application.objects.get(ticket=ticket_in(world, state)).decide_by - FRIDAY


def return_ends(world: World, **changes: Any) -> timedelta:
    ticket = ticket_in(world, "sent", **changes)
    ends, _limit = return_window(ticket, WorkOrder.objects.get(ticket=ticket, ended_at=None))
    assert ends is not None
    return ends - FRIDAY


def _extended(world: World, ticket: Ticket, limit: Limit) -> bool:
    """Asked for and granted."""
    try:
        row = ask_extension(
            ticket,
            reason="material",
            limit=limit,
            note="等配件",
            told="再等等",
            interim="先接临时管",
            actor=world.handler,
        )
    except DomainError:
        return False
    grant_extension(row, actor=world.center)
    return True


def extensions_of_one(world: World) -> int:
    ticket, day = ticket_in(world, "taken"), Limit(1, Unit.WORK_DAY)
    return sum(_extended(world, ticket, day) for _time in range(3))


def extends_by(limit: Limit, **changes: Any) -> Callable[[World], bool]:
    return lambda world: _extended(world, ticket_in(world, "taken", **changes), limit)


def pauses_until_wednesday(world: World) -> bool:
    ticket, until = ticket_in(world, "taken"), FRIDAY + timedelta(days=5)
    try:
        ask_pause(ticket, reason="requester", until=until, note="约开门", told="等您约时间", actor=world.handler)
    except DomainError as refused:
        return refused.code != "too_long"
    return True


def reviews_before_the_day_after_tomorrow(world: World) -> list[str]:
    """The moments of a suspended matter whose target date is then."""
    return [name for name, _at in Clock.objects.get(ticket=ticket_in(world, "suspended"), kind="review").schedule]


def arbitration_due(world: World) -> timedelta:
    """By when the district decides where a second organization gives a matter back."""
    ticket = ticket_in(world, "asked_return")
    grant_return(Application.objects.get(ticket=ticket), organization_id=world.urban.pk, actor=world.center)
    sign_order(Ticket.objects.get(pk=ticket.pk), actor=world.urban_handler)
    row = ask_return(
        Ticket.objects.get(pk=ticket.pk), reason="not_ours", clause="条例第五条", suggested_id=world.street_office.pk,
        note="不是城管的", actor=world.urban_handler,
    )  # fmt: skip
    assert row.is_arbitration
    return row.decide_by - FRIDAY


def urged_again_after_ninety_minutes(world: World) -> bool:
    ticket = ticket_in(world, "taken")
    urge_ticket(ticket, note="请抓紧", actor=world.center)
    with time_machine.travel(FRIDAY + timedelta(minutes=90), tick=False):
        try:
            urge_ticket(ticket, note="再催一次", actor=world.center)
        except DomainError as refused:
            return refused.code != "urged_lately"
    return True


def reply_due(world: World) -> timedelta:
    return Supervision.objects.get(ticket=ticket_in(world, "supervised")).reply_by - FRIDAY


def owed_after(kind: str, urgency: str) -> Callable[[World], timedelta]:
    """By when somebody stands there, the danger is under control, the plan was told."""
    return lambda world: Clock.objects.get(ticket=report(world, urgency=urgency), kind=kind).due_at - FRIDAY


SETTINGS = [
    Setting("特急到场", "limits/", {"classes.critical.on_site": "20 分钟"}, {"classes.critical.on_site": ""}, "必填",
            owed_after("on_site", "critical"), HOUR / 2, HOUR / 3),
    Setting("特急控制险情", "limits/", {"classes.critical.control": "1 小时"}, {"classes.critical.control": "马上"},
            "写成“5 个工作日”", owed_after("control", "critical"), 2 * HOUR, HOUR),
    Setting("紧急到场", "limits/", {"classes.urgent.on_site": "1 小时"}, {"classes.urgent.on_site": ""}, "必填",
            owed_after("on_site", "urgent"), 2 * HOUR, HOUR),
    Setting("疑难告知方案", "limits/", {"classes.complex.plan": "1 个工作日"}, {"classes.complex.plan": ""}, "必填",
            owed_after("plan", "complex"), TO_MONDAY + 4 * DAY, TO_MONDAY),
    Setting("延期次数", "limits/", {"discipline.extension_times": "1"}, {"discipline.extension_times": "6"},
            "小于或等于5", extensions_of_one, 2, 1),
    Setting("延期总共多久", "limits/", {"discipline.extension_total": "2 个工作日"}, {"discipline.extension_total": ""},
            "必填", extends_by(Limit(3, Unit.WORK_DAY)), True, False),
    Setting("紧急延期多久", "limits/", {"discipline.extension_urgent": "12 小时"},
            {"discipline.extension_urgent": "一天"}, "写成“5 个工作日”",
            extends_by(Limit(24, Unit.CAL_HOUR), urgency="urgent"), True, False),
    Setting("延期答复时限", "limits/", {"discipline.extension_answer": "2 个工作小时"},
            {"discipline.extension_answer": "0 天"}, "写成“5 个工作日”",
            answer_due("asked_extension"), TO_MONDAY, 2 * HOUR),
    Setting("暂停最长", "limits/", {"discipline.pause_at_most": "2 个工作日"}, {"discipline.pause_at_most": "很久"},
            "写成“5 个工作日”", pauses_until_wednesday, True, False),
    Setting("暂停答复时限", "limits/", {"discipline.pause_answer": "2 个工作小时"}, {"discipline.pause_answer": ""},
            "必填", answer_due("asked_pause"), 6 * HOUR, 2 * HOUR),
    Setting("退单最晚", "limits/", {"discipline.return_at_most": "2 个工作小时"}, {"discipline.return_at_most": "马上"},
            "写成“5 个工作日”", return_ends, TO_MONDAY, 2 * HOUR),
    Setting("部门提退单时限", "limits/", {"levels.department.decide": "3 个工作小时"}, {"levels.department.decide": ""},
            "必填", return_ends, TO_MONDAY, 5 * HOUR),
    Setting("紧急的退单最晚", "limits/", {"classes.urgent.decide": "30 分钟"}, {"classes.urgent.decide": "0 分钟"},
            "写成“5 个工作日”", lambda world: return_ends(world, urgency="urgent"), HOUR, 0.5 * HOUR),
    Setting("退单答复时限", "limits/", {"discipline.return_answer": "2 个工作小时"},
            {"discipline.return_answer": "0 个工作小时"}, "写成“5 个工作日”",
            answer_due("asked_return"), 6 * HOUR, 2 * HOUR),
    Setting("挂账答复时限", "limits/", {"discipline.suspension_answer": "1 个工作日"},
            {"discipline.suspension_answer": ""}, "必填", answer_due("asked_suspension"), TO_MONDAY + DAY, TO_MONDAY),
    Setting("挂账复查", "limits/", {"discipline.suspension_review": "24 小时"}, {"discipline.suspension_review": ""},
            "必填", reviews_before_the_day_after_tomorrow, ["target"], ["review_1", "target"]),
    Setting("区里裁定时限", "limits/", {"discipline.return_arbitration": "2 个工作小时"},
            {"discipline.return_arbitration": ""}, "必填", arbitration_due, TO_MONDAY, 2 * HOUR),
    Setting("再次催办间隔", "limits/", {"discipline.urge_again": "1 个工作小时"}, {"discipline.urge_again": "随时"},
            "写成“5 个工作日”", urged_again_after_ninety_minutes, False, True),
    Setting("督办回复时限", "limits/", {"discipline.reply_within": "2 个工作日"}, {"discipline.reply_within": ""},
            "必填", reply_due, TO_MONDAY, TO_MONDAY + DAY),
]  # fmt: skip
each = pytest.mark.parametrize("setting", SETTINGS, ids=[setting.name for setting in SETTINGS])


@each
def test_a_wrong_value_is_refused_with_its_sentence_and_changes_nothing(world: World, setting: Setting) -> None:
    prove_refused(world, setting)


@each
def test_a_changed_setting_changes_what_the_product_does_and_nothing_promised(world: World, setting: Setting) -> None:
    prove_changed(world, setting)
