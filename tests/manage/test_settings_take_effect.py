"""Every setting of a district, one row each: changed on its page it changes what the product does, a wrong value is
refused with its sentence, and nothing that was promised before moves.

Settings with rules of their own are proved beside these: invitations (``test_people``), feedback and registers
(``test_offices``), the register import (``test_register_import``), tags and roles of households
(``tests/households/test_tags``), what an organization may ask for
(``test_discipline_settings``), territory, features and notices in their own files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core import mail
from django.test import Client

from governance.accounts.models import Delivery, Notice, NotificationPreference, NotificationSettings
from governance.accounts.notifications import tell
from governance.accounts.notifications.channels import Message, channel
from governance.kernel import clock, outbox, reference
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.models import Post, PostAssignment
from grids.reference import territory
from requests_intake.actions.archive import archive_finished
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.rate import rate_ticket, record_return_visit, reopen_ticket
from requests_intake.forms.choices import suggestions
from requests_intake.models import Category, Clock, FollowUp, Ticket, TicketTransition, WorkOrder
from requests_intake.outcomes import resolution_rate, satisfaction_rate
from requests_intake.reference import rules
from tests.cases import SECRET, report, ticket_in
from tests.manage.settings_proofs import (
    DAY,
    FRIDAY,
    HOUR,
    TO_MONDAY,
    Setting,
    change,
    prove_changed,
    prove_refused,
)
from tests.whistles import blown
from tests.world import World

pytestmark = pytest.mark.django_db
TODAY, YESTERDAY = "2026-11-20", "2026-11-19"
GARDEN = "想认领共享菜园，菜地认领在哪里报名"


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=False):
        yield


# ---------------------------------------------------------------- what the product does
def light(world: World) -> Category:
    """The category of what ``tests.cases.report`` says."""
    return Category.objects.get(pk=report(world).category_id)


def of_light(world: World) -> str:
    return f"categories/{light(world).pk}/"


def promise(world: World, **changes: Any) -> timedelta:
    due = report(world, **changes).promise_due_at
    assert due is not None
    return due - FRIDAY


def assignee(world: World, building: int = 0) -> str:
    order = WorkOrder.objects.get(ticket=report(world, building_id=world.buildings[building].pk))
    names = {member.pk: name for name, member in world.members.items()}
    return names.get(order.assignee_id or 0, "somebody new" if order.assignee_id else "nobody")


def in_the_second_grid(world: World) -> str:
    return assignee(world, building=2)


def sign_limit(world: World) -> timedelta:
    return Clock.objects.get(ticket=report(world), kind="sign").due_at - FRIDAY


def contact_limit(world: World) -> timedelta:
    return Clock.objects.get(ticket=report(world), kind="contact").due_at - FRIDAY


def arrival_limit(world: World) -> timedelta:
    arrive_by = blown(world).targets.all()[0].arrive_by
    assert arrive_by is not None
    return arrive_by - FRIDAY


def order_limit(world: World) -> timedelta:
    return WorkOrder.objects.get(ticket=report(world)).due_at - FRIDAY


def stage_after(stage: str) -> Callable[[World], timedelta]:
    def found(world: World) -> timedelta:
        schedule = dict(Clock.objects.get(ticket=report(world), kind="resolve").schedule)
        return datetime.fromisoformat(schedule[stage]) - FRIDAY

    return found


def ends_of_ten(world: World) -> list[str]:
    """Where ten ordinary matters are when they are done: those of the sample wait until somebody has looked.

    One matter is drawn in each tenth: ten real draws would now and then choose none of them.
    """
    with patch("requests_intake.actions.draw.value_of", side_effect=range(0, 100, 10)):
        return sorted({ticket_in(world, "resolved", urgency="normal").state for _number in range(10)})


def reopens_after_ten_days(world: World) -> bool:
    ticket = ticket_in(world, "closed")
    with time_machine.travel(FRIDAY + timedelta(days=10), tick=False):
        try:
            reopen_ticket(ticket, note="又坏了", actor=world.dispatcher)
        except DomainError as refused:
            return refused.code != "too_late"
    return True


def second_try(world: World) -> timedelta:
    ticket = ticket_in(world, "visiting", urgency="urgent")
    ticket = rate_ticket(ticket, face="unsolved", actor=Actor.requester(ticket.pk))
    return WorkOrder.objects.get(ticket=ticket, ended_at=None).due_at - FRIDAY


def task_due(kind: str, state: str) -> Callable[[World], timedelta]:
    """By when somebody looks, or asks."""
    return lambda world: FollowUp.objects.get(ticket=ticket_in(world, state), kind=kind).due_at - FRIDAY


def tries_in_a_day(world: World) -> int:
    ticket, made = ticket_in(world, "visiting"), 0
    for _time in range(3):
        try:
            record_return_visit(ticket, answer="unreachable", actor=world.visitor)
        except DomainError:
            break
        made += 1
    return made


def weight_of(answer: str) -> Callable[[World], float]:
    """What one 还行 or 部分解决 adds to its rate."""

    def found(world: World) -> float:
        ticket = ticket_in(world, "visiting")
        record_return_visit(ticket, answer="so_so", solved="partly", actor=world.visitor)
        rate = satisfaction_rate if answer == "so_so" else resolution_rate
        only = Ticket.objects.filter(pk=ticket.pk)
        return rate(world.center, FRIDAY.date(), FRIDAY.date(), tickets=only).numerator

    return found


def next_level(world: World) -> str:
    return str(escalate_ticket(report(world), note="办不了", actor=world.worker).level)


def status(who: str, path: str) -> Callable[[World], int]:
    return lambda world: world.sign_in(Client(), who).get(path).status_code


def shows(words: str, path: str, who: str | None = None) -> Callable[[World], bool]:
    """Whether a page has these words; ``{number}`` in its path is a new ticket at the first grid."""

    def found(world: World) -> bool:
        client = world.sign_in(Client(), who) if who else Client()
        address = path.format(number=report(world).number) if "{number}" in path else path
        page = client.get(f"/d/{world.district.code}{address}")
        assert page.status_code == 200
        return words in page.content.decode()

    return found


def category_of_the_garden(world: World) -> str:
    return rules().category_name(report(world, content=GARDEN).category_id)


def asked_for_the_garden(world: World) -> bool:
    hints = Client().post(f"/d/{world.district.code}/report/hints/", {"content": GARDEN})
    return "哪一块地？" in hints.content.decode()


def suggested(world: World) -> str:
    """Whom the desk is told to send a matter about light to, departments only."""
    found = [row.organization for row in suggestions(report(world)) if row.organization.level == "department"]
    return territory().organization_name(found[0].id) if found else ""


def first_channel(world: World) -> str:
    """The way a matter came by, unless the desk says another."""
    return str(world.sign_in(Client(), "staff").get("/desk/new/").context["form"]["channel"].value())


def number_for_residents(world: World) -> str:
    """The number whoever reported it is told to call."""
    client, ticket = Client(), report(world)
    client.post(f"/d/{world.district.code}/track/", {"number": ticket.number, "secret": SECRET})
    page = client.get(f"/d/{world.district.code}/t/{ticket.number}/")
    return str(page.context["answering"]["tel"])


# ---------------------------------------------------------------- who is meant
def member(name: str, verb: str) -> Callable[[World], str]:
    return lambda world: f"people/{world.members[name].pk}/{verb}/"


def seat(world: World, kind: str = "grid_worker") -> Post:
    return Post.objects.get(organization=world.organizations[world.grid2.pk], kind=kind)


def term_of_the_worker(world: World) -> str:
    row = PostAssignment.objects.get(membership=world.members["worker"])
    return f"organizations/assignments/{row.pk}/end/"


# ---------------------------------------------------------------- what leaves the platform
def sms_about_a_new_matter(world: World) -> int:
    report(world)
    outbox.deliver(TicketTransition)
    return Delivery.objects.filter(recipient_kind="requester", channel="sms").count()


def _pushed(world: World, count: int, *, by: str = "email", **settings: Any) -> list[Delivery]:
    """So many notices to somebody who wants them by e-mail and SMS, under the settings as they stand and these."""
    row = NotificationSettings.objects.first() or NotificationSettings()
    for name, value in settings.items():
        setattr(row, name, value)
    row.save()
    reference.forget_everything()
    member = world.members["visitor"]
    Delivery.objects.all().delete()
    NotificationPreference.objects.all().delete()
    NotificationPreference.objects.create(membership=member, email="a@example.com", by_email=True, by_sms=True)
    after = Notice.objects.count()
    tell(
        [
            Notice(membership=member, source=f"test:{n}", kind="dispatch", text="新工单", created_at=clock.now())
            for n in range(after, after + count)
        ]
    )
    return list(Delivery.objects.filter(channel=by).order_by("pk"))


def pushes(by: str) -> Callable[[World], int]:
    return lambda world: len(_pushed(world, 1, by=by))


def pushes_at_once(world: World) -> int:
    return sum(row.digest_at is None for row in _pushed(world, 11, email_to_staff=True))


def next_digest(world: World) -> str:
    last = _pushed(world, 11, email_to_staff=True)[-1].digest_at
    assert last is not None
    return f"{clock.local(last):%m-%d %H:%M}"


def sender(world: World) -> str:
    (row,) = _pushed(world, 1, email_to_staff=True)
    mail.outbox.clear()
    channel("email").send("a@example.com", Message(row.source))
    return str(mail.outbox[0].from_email)


SETTINGS = [
    # name, page, what is said, what is refused and how, what it is seen by, before, after
    Setting(
        "单位", "organizations/new/",
        lambda w: {"name": "区供电公司", "kind": "department", "department_kind": "power", "area": w.district_area.pk},
        {"department_kind": ""}, "请选择部门职能",
        shows("区供电公司", "/desk/t/{number}/dispatch/", "dispatcher"), False, True,
    ),
    Setting(
        "单位电话", lambda w: f"organizations/{w.grid_team.pk}/edit/", {"phone": "000-96116"}, {"name": ""}, "必填",
        number_for_residents, "12345", "000-96116",
    ),
    Setting(
        "岗位任职", lambda w: f"organizations/posts/{seat(w).pk}/assign/", {"member": "许网格员", "since": TODAY},
        {"until": YESTERDAY}, "离任日期不能早于到任日期", in_the_second_grid, "nobody", "other_worker",
    ),
    Setting(
        "任期", term_of_the_worker, {"until": YESTERDAY}, {"until": ""}, "请选日期", assignee, "worker", "leader",
    ),
    Setting(
        "新设岗位", lambda w: f"organizations/{w.water.pk}/posts/new/",
        {"kind": "department_handler", "name": "夜班承办人"}, {"name": "承办人"}, "这个名称的岗位",
        shows("夜班承办人", "/manage/people/new/", "admin"), False, True,
    ),
    Setting(
        "邀请到岗", "people/new/",
        lambda w: {"name": "新网格员", "handle": "t1-fresh", "posts": [seat(w).pk], "since": TODAY},
        {"handle": "t1-worker"}, "这个账号已被使用", in_the_second_grid, "nobody", "somebody new",
    ),
    Setting(
        "请假代理", member("worker", "absences/new"), {"since": TODAY, "until": TODAY, "deputy": "许网格员"},
        {"until": YESTERDAY}, "不能早于开始日期", assignee, "worker", "other_worker",
    ),
    Setting(
        "离任交接", member("worker", "leave"),
        lambda w: {"until": YESTERDAY, f"to_{w.grid_team.pk}": w.members["leader"].pk}, {"until": ""}, "请选日期",
        assignee, "worker", "leader",
    ),
    Setting(
        "停用账号", member("worker", "deactivate"), {}, {}, "不能停用自己的账号", status("worker", "/m/"), 200, 302,
    ),
    Setting(
        "上报路径", "path/", {"levels": ["grid", "street", "district"]}, {"levels": ["grid", "street"]},
        "最后一级必须是区", next_level, "community", "street",
    ),
    Setting(
        "工作日历", "calendar/", {"lines": "2026-11-23,休,庙会\n2026-11-24,休,庙会"}, {"lines": "2026-02-30,休"},
        "第 1 行", promise, TO_MONDAY, TO_MONDAY + 2 * DAY,
    ),
    Setting("事项·紧急程度", of_light, {"urgency": "urgent"}, {"urgency": "now"}, "选择一个有效的选项",
            lambda w: report(w).urgency, "normal", "urgent"),
    Setting("事项·时限等级", of_light, {"limit_class": "complex"}, {"limit_class": "soon"}, "选择一个有效的选项",
            lambda w: promise(w) > 14 * DAY, False, True),
    Setting("事项·从哪一级办起", of_light, {"start_level": "street"}, {"start_level": "department"},
            "选择一个有效的选项", lambda w: report(w).level, "grid", "street"),
    Setting("事项·部门", of_light, {"department": "water"}, {"department": "no_such"}, "选择一个有效的选项",
            suggested, "", "区自来水公司"),
    Setting("事项·涉及安全", of_light, {"is_safety": "on"}, {"name": ""}, "必填",
            ends_of_ten, ["resolved", "visiting"], ["resolved"]),
    Setting("事项·在用", of_light, {"is_active": ""}, {"name": ""}, "必填",
            lambda w: rules().category_name(report(w).category_id), "公共照明", "楼道杂物"),
    Setting("事项·关键词", of_light, {"keywords": "共享菜园 菜地认领 楼道灯 灯坏"}, {"keywords": "灯"}, "至少两个字",
            category_of_the_garden, "入学", "公共照明"),
    Setting("事项·要问的", of_light, {"keywords": "共享菜园 菜地认领 灯坏", "questions": "哪一块地？"},
            {"questions": "\n".join("一二三四五六")}, "最多 5 句", asked_for_the_garden, False, True),
    Setting("渠道·叫法", "channels/", {"name_morning_walk": "六点半晨步"}, {"name_morning_walk": "议事台"},
            "已经用在另一个渠道上", shows("六点半晨步", "/desk/new/", "staff"), False, True),
    Setting("渠道·收不收", "channels/", {"on_mayor_line": ""}, {"at_mayor_line": "0"}, "大于或等于1",
            shows("市长热线</label>", "/desk/new/", "staff"), True, False),
    Setting("渠道·顺序", "channels/", {"at_letter": "1", "at_hotline": "20"}, {"at_letter": ""}, "必填",
            first_channel, "hotline", "letter"),
    Setting("派单规则", "routing/new/",
            {"name": "照明归街道", "any_words": "楼道灯", "target": "start_level", "start_level": "street"},
            {"any_words": "灯"}, "一个字会认错太多", lambda w: report(w).level, "grid", "street"),
    Setting("常用语", "phrases/", {"escalate": "物业不来人"}, {"escalate": "好了\n好了"}, "有一句写了两遍",
            shows("物业不来人", "/m/t/{number}/escalate/", "worker"), False, True),
    Setting("时限·承诺", "limits/", {"classes.minor.resolve": "60 天"}, {"classes.minor.resolve": "很快"},
            "写成“5 个工作日”", promise, TO_MONDAY, 60 * DAY + 7.5 * HOUR),
    Setting("时限·联系", "limits/", {"classes.minor.contact": "20 分钟"}, {"classes.minor.contact": "0 个工作小时"},
            "写成“5 个工作日”", contact_limit, 7.5 * HOUR, timedelta(minutes=20)),
    Setting("时限·各级签收", "limits/", {"levels.grid.sign": "1 个工作小时"}, {"levels.grid.sign": ""},
            "必填", sign_limit, 2 * HOUR, HOUR),
    Setting("时限·各级办结", "limits/", {"levels.grid.resolve": "1 个工作小时"}, {"levels.grid.resolve": "明天"},
            "写成“5 个工作日”", order_limit, TO_MONDAY, HOUR),
    Setting("时限·事项单独规定", "limits/", {"category.0.code": "0208", "category.0.resolve": "30 天"},
            {"category.0.resolve": ""}, "请选等级、填办结时限或抽查比例", promise, TO_MONDAY, 30 * DAY + 7.5 * HOUR),
    Setting("时限·黄灯", "limits/", {"thresholds.soon_percent": "60"}, {"thresholds.soon_percent": "40"},
            "允许的范围", stage_after("soon"), 3 * DAY + 5 * HOUR, 3 * DAY + 0.5 * HOUR),
    Setting("时限·核查比例", "limits/", {"verify.sample_percent": "100"}, {"verify.sample_percent": "101"},
            "小于或等于100", ends_of_ten, ["resolved", "visiting"], ["resolved"]),
    Setting("时限·核查期限", "limits/", {"verify.within": "1 个工作日"}, {"verify.within": "很快"},
            "写成“5 个工作日”", task_due("check", "resolved"), TO_MONDAY + DAY, TO_MONDAY),
    Setting("时限·单位抽查", "limits/", lambda w: {"checked.0.id": str(w.grid_team.pk), "checked.0.percent": "100"},
            {"checked.0.percent": "101"}, "小于或等于100", ends_of_ten, ["resolved", "visiting"], ["resolved"]),
    Setting("时限·事项抽查", "limits/", {"category.0.code": "0208", "category.0.verify_percent": "100"},
            {"category.0.verify_percent": "101"}, "小于或等于100", ends_of_ten, ["resolved", "visiting"], ["resolved"]),
    Setting("时限·回访期限", "limits/", {"return_visit.within": "1 个工作日"}, {"return_visit.within": ""},
            "必填", task_due("visit", "visiting"), TO_MONDAY + 2 * DAY, TO_MONDAY),
    Setting("时限·一天打几次", "limits/", {"return_visit.a_day": "1"}, {"return_visit.a_day": "0"},
            "大于或等于1", tries_in_a_day, 2, 1),
    Setting("比率·还行", "limits/", {"figures.so_so_percent": "100"}, {"figures.so_so_percent": "101"},
            "小于或等于100", weight_of("so_so"), 0.8, 1.0),
    Setting("比率·部分解决", "limits/", {"figures.partly_percent": "0"}, {"figures.partly_percent": "101"},
            "小于或等于100", weight_of("partly"), 0.5, 0.0),
    Setting("时限·重开", "limits/", {"reopen_within": "5 天"}, {"reopen_within": ""}, "必填",
            reopens_after_ten_days, True, False),
    Setting("时限·返工", "limits/", {"rework.at_least": "4 个工作日"}, {"rework.at_least": "0 天"},
            "写成“5 个工作日”", second_try, 4 * DAY + 7.5 * HOUR, 6 * DAY + 7.5 * HOUR),
    Setting("给诉求人发短信", "notifications/", {"sms_to_residents": "on"}, {"digest_times": ""}, "必填",
            sms_about_a_new_matter, 0, 1),
    Setting("工作人员收短信", "notifications/", {"sms_to_staff": "on"}, {"digest_times": "八点"}, "写成 08:30 这样",
            pushes("sms"), 0, 1),
    Setting("工作人员收邮件", "notifications/", {"email_to_staff": "on"}, {"email_sender": "不是邮箱"}, "请填一个邮箱",
            pushes("email"), 0, 1),
    Setting("发件邮箱", "notifications/", {"email_sender": "tongzhi@example.com"}, {"email_sender": "a@"},
            "请填一个邮箱", sender, "no-reply@localhost", "tongzhi@example.com"),
    Setting("每人每天提醒几次", "notifications/", {"pushes_a_day": "1"}, {"pushes_a_day": "11"}, "填 1 到 10",
            pushes_at_once, 3, 1),
    Setting("提醒汇总时间", "notifications/", {"digest_times": "09:10、16:00"}, {"digest_times": "22:00"},
            "在 08:00 到 21:00 之间", next_digest, "11-23 08:30", "11-23 09:10"),
    Setting("吹哨时限", "whistle/", {"daily.arrive": "2"}, {"daily.accept": "8", "daily.accept.unit": "work_day"},
            "应哨时限不能比到场时限长", arrival_limit, TO_MONDAY, TO_MONDAY + DAY),
    Setting("个人信息处理规则", "texts/privacy/", {"text": "我们只收这些。", "valid_from": TODAY}, {"text": ""},
            "请填写内容",
            shows("我们只收这些。", "/privacy/"), False, True),
    Setting("同意书", "texts/consent/", {"text": "本人同意登记电话。", "valid_from": TODAY}, {"valid_from": YESTERDAY},
            "生效日期不能早于今天", shows("本人同意登记电话。", "/consent/"), False, True),
    Setting("备案号", "texts/filing/", {"text": "演示备 001 号", "valid_from": TODAY}, {"text": "号" * 300}, "最多",
            shows("演示备 001 号", "/"), False, True),
]  # fmt: skip


# ---------------------------------------------------------------- the proofs
each = pytest.mark.parametrize("setting", SETTINGS, ids=[setting.name for setting in SETTINGS])


@each
def test_a_wrong_value_is_refused_with_its_sentence_and_changes_nothing(world: World, setting: Setting) -> None:
    prove_refused(world, setting)


@each
def test_a_changed_setting_changes_what_the_product_does_and_nothing_promised(world: World, setting: Setting) -> None:
    prove_changed(world, setting)


def test_who_was_told_when_a_matter_can_be_taken_up_again_may_do_so_until_then(world: World) -> None:
    ticket, late = ticket_in(world, "closed"), ticket_in(world, "closed")
    address = f"/d/{world.district.code}/t/{ticket.number}/"
    resident = Client()
    resident.post(f"/d/{world.district.code}/track/", {"number": ticket.number, "secret": SECRET})
    told = resident.get(address).context["reopen_until"]
    with time_machine.travel(FRIDAY + HOUR, tick=False):
        change(world, next(row for row in SETTINGS if row.name == "时限·重开"))
    assert resident.get(address).context["reopen_until"] == told
    with time_machine.travel(FRIDAY + 14 * DAY, tick=False):
        archive_finished()
        assert reopen_ticket(ticket, note="又坏了", actor=world.dispatcher).state == "handling"
    with time_machine.travel(FRIDAY + 16 * DAY, tick=False):
        archive_finished()
        assert Ticket.objects.get(pk=late.pk).state == "archived"
