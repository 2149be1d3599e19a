"""Working hours: new ones count for limits given from then on, deadlines already given stay, wrong ones say why."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client

from governance.kernel.calendar import SHANGHAI
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.models import AuditEvent, WorkHours
from governance.kernel.tenancy.context import district_scope
from governance.kernel.work_hours import HoursError, HoursPlan, laid_over, read_hours
from requests_intake.actions.settings_hours import set_work_hours
from requests_intake.models import Clock, Ticket, WorkOrder
from tests.cases import report
from tests.world import World, make_district

WEDNESDAY = datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI)
ADDRESS = "/manage/hours/"
SHORT = HoursPlan(((time(9), time(12)),))


@pytest.fixture
def frozen() -> Any:
    with time_machine.travel(WEDNESDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(frozen: Any, world: World) -> Client:
    return world.sign_in(Client(), "admin")


def _said(client: Client, **changes: Any) -> dict[str, Any]:
    form = client.get(ADDRESS).context["form"]
    said = {field.html_name: field.value() for field in form if field.value() is not None}
    return {**said, "note": "冬季作息通知", "idempotency_key": str(uuid4()), **changes}


def _times(name: str, *times: str) -> dict[str, str]:
    return dict(zip((f"{name}.{part}" for part in ("am_from", "am_to", "pm_from", "pm_to")), times, strict=True))


def test_a_new_ticket_follows_the_new_hours_and_an_open_one_keeps_its_deadlines(world: World, admin: Client) -> None:
    old = report(world)
    before = list(Clock.objects.order_by("pk").values_list("pk", "due_at", "next_fire_at", "schedule"))
    said = _said(admin, starts_on="2026-11-19", **_times("base", "09:00", "12:00", "", ""))
    looked = admin.post(ADDRESS, said)
    assert looked.status_code == 200
    assert looked.context["effect"]["running"] >= 1
    assert looked.context["effect"]["moved"] >= 1
    assert not WorkHours.objects.exists()
    assert admin.post(ADDRESS, {**said, "seen": looked.context["seen"]})["Location"] == ADDRESS
    world.district.refresh_from_db()
    assert list(Clock.objects.order_by("pk").values_list("pk", "due_at", "next_fire_at", "schedule")) == before
    kept, order = Ticket.objects.get(pk=old.pk), WorkOrder.objects.get(ticket=old)
    assert kept.promise_due_at == old.promise_due_at
    assert order.due_at.astimezone(SHANGHAI).time() == time(17, 30)
    fresh = report(world)
    assert fresh.promise_due_at.astimezone(SHANGHAI).time() == time(12)
    assert WorkOrder.objects.get(ticket=fresh).due_at.astimezone(SHANGHAI).time() == time(12)
    event = AuditEvent.objects.get(action="settings.hours")
    assert (event.detail["starts_on"], event.detail["hours"]) == ("2026-11-19", [["09:00", "12:00"]])


def test_what_the_preview_says_is_what_a_ticket_then_gets(
    world: World, admin: Client, frozen: time_machine.Coordinates
) -> None:
    said = _said(admin, starts_on="2026-11-20", **_times("base", "09:00", "12:00", "", ""))
    page = admin.post(ADDRESS, said)
    rows = {(row["what"], row["start"].hour): row for row in page.context["effect"]["rows"]}
    admin.post(ADDRESS, {**said, "seen": page.context["seen"]})
    example = rows["一般·办结", 9]
    frozen.move_to(example["start"])
    world.district.refresh_from_db()
    ticket = report(world, category_code="0201")
    assert ticket.promise_due_at == example["after"]
    assert example["after"] != example["before"]


def test_a_season_has_its_own_hours_also_over_the_new_year(world: World, admin: Client) -> None:
    said = _said(
        admin, starts_on="2026-11-19", **{"first.from": "12-01", "first.to": "2-28"},
        **_times("first", "09:00", "12:00", "13:00", "16:30"),
    )  # fmt: skip
    seen = admin.post(ADDRESS, said).context["seen"]
    admin.post(ADDRESS, {**said, "seen": seen})
    world.district.refresh_from_db()
    calendar = work_calendar()
    closings = [calendar.closing_time_on(date(2026, 11, 30)), calendar.closing_time_on(date(2027, 1, 5))]
    assert closings == [time(17, 30), time(16, 30)]
    assert "12 月 1 日到 2 月 28 日" in admin.get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        (_times("base", "", "", "", ""), "base.am_from", "至少要有一段"),
        (_times("base", "08:30", "", "14:00", "17:30"), "base.am_from", "两头都要填"),
        (_times("base", "12:00", "08:30", "14:00", "17:30"), "base.am_from", "晚于上班"),
        (_times("base", "08:30", "14:30", "14:00", "17:30"), "base.am_from", "不能重叠"),
        (_times("base", "08:30", "09:00", "", ""), "base.am_from", "不能少于 1 小时"),
        (_times("base", "8点半", "12:00", "14:00", "17:30"), "base.am_from", "请填时刻"),
        (_times("first", "09:00", "12:00", "", ""), "first.from", "要真有这一天"),
        ({**_times("first", "09:00", "12:00", "", ""), "first.from": "02-30"}, "first.from", "真有这一天"),
        ({"first.from": "05-01", "first.to": "09-30"}, "first.am_from", "至少要有一段"),
        (
            {
                "first.from": "05-01", "first.to": "09-30", **_times("first", "09:00", "12:00", "", ""),
                "second.from": "09-30", "second.to": "12-31", **_times("second", "09:00", "12:00", "", ""),
            },
            "second.from", "日期重叠",
        ),
        ({"starts_on": "2026-11-18"}, "starts_on", "最早从明天开始"),
        ({"starts_on": "2028-01-01"}, "starts_on", "一年以内"),
        ({"note": ""}, "note", ""),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused_with_the_reason_and_the_input_kept(
    world: World, admin: Client, changes: dict[str, str], place: str, sentence: str
) -> None:
    page = admin.post(ADDRESS, _said(admin, **changes))
    assert page.status_code == 422
    form = page.context["form"]
    assert list(form.errors) == [place]
    assert sentence in form.errors[place][0]
    for name, value in changes.items():
        assert form[name].value() == value
    assert not WorkHours.objects.exists()


def test_the_same_hours_are_no_new_version(world: World, admin: Client) -> None:
    assert admin.post(ADDRESS, _said(admin)).context["is_changed"] is False
    with pytest.raises(DomainError) as refused:
        set_work_hours(HoursPlan(work_calendar().hours), starts_on=date(2026, 11, 19), note="", actor=world.admin)
    assert refused.value.code == "unchanged"


def test_a_newer_version_replaces_one_that_waits_for_a_later_day(world: World, frozen: Any) -> None:
    set_work_hours(SHORT, starts_on=date(2026, 12, 1), note="a", actor=world.admin)
    late = HoursPlan(((time(10), time(18)),))
    set_work_hours(late, starts_on=date(2026, 11, 20), note="b", actor=world.admin)
    assert work_calendar().closing_time_on(date(2026, 11, 19)) == time(17, 30)
    assert work_calendar().closing_time_on(date(2026, 12, 2)) == time(18)
    assert WorkHours.objects.count() == 2


def test_versions_cannot_be_changed_afterwards(world: World, frozen: Any) -> None:
    set_work_hours(SHORT, starts_on=date(2026, 12, 1), note="a", actor=world.admin)
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_workhours SET starts_on = '2020-01-01'")


def test_only_the_administrator_sets_hours_and_only_those_of_the_own_district(world: World, frozen: Any) -> None:
    with pytest.raises(NotAllowed):
        set_work_hours(SHORT, starts_on=date(2026, 12, 1), note="", actor=world.center)
    set_work_hours(SHORT, starts_on=date(2026, 12, 1), note="", actor=world.admin)
    other = make_district("t2", 2)
    with district_scope(other.district):
        assert not WorkHours.objects.exists()
        assert work_calendar().closing_time_on(date(2026, 12, 2)) == time(17, 30)


def test_hours_are_read_and_laid_over_without_a_database() -> None:
    assert read_hours([(time(9), time(12)), (None, None)], "x") == ((time(9), time(12)),)
    with pytest.raises(HoursError) as touching:
        read_hours([(time(9), time(12)), (time(12), time(13))], "x")
    assert touching.value.code == "overlap"
    days = [date(2026, 1, 1), date(2026, 3, 1), date(2026, 2, 1)]
    assert [row.since for row in laid_over((day, SHORT) for day in days)] == [days[0], days[2]]
