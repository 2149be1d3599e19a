"""The platform's own administration: calendar and districts, no ticket and no person."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.test import Client

from governance.accounts.models import User
from governance.kernel.calendar_store import work_calendar
from governance.kernel.models import District, NationalCalendarDay
from governance.kernel.tenancy.context import district_scope
from governance.kernel.tenancy.models import DistrictModel
from requests_intake import sla
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("platform-admin", "a-long-password-1"))
    return client


def test_no_table_of_a_district_is_in_the_administration() -> None:
    assert not [model for model in admin.site._registry if issubclass(model, DistrictModel)]


def test_an_edited_calendar_counts_at_once(administrator: Client, world: World) -> None:
    limit = sla.Limit(1, sla.Unit.WORK_DAY)
    start = datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Monday of a year not published here
    before = sla.due_at(start, limit, work_calendar())
    response = administrator.post(
        "/admin/kernel/nationalcalendarday/add/", {"day": "2027-03-02", "name": "演示假日", "is_published": "on"}
    )
    assert response.status_code == 302
    assert NationalCalendarDay.objects.get(day=date(2027, 3, 2)).works is False
    with district_scope(world.district.pk):
        assert sla.due_at(start, limit, work_calendar()) > before


def test_a_path_that_leads_nowhere_is_refused(administrator: Client, world: World) -> None:
    district = District.objects.get(pk=world.district.pk)
    data = {"id": district.pk, "code": district.code, "name": district.name, "area_code": district.area_code,
            "hotline": "12345", "is_active": "on", "escalation_path": '["street", "grid"]'}  # fmt: skip
    response = administrator.post(f"/admin/kernel/district/{district.pk}/change/", data)
    assert response.status_code == 200
    assert "上报路径" in response.content.decode()
    data["escalation_path"] = '["grid", "street", "district"]'
    assert administrator.post(f"/admin/kernel/district/{district.pk}/change/", data).status_code == 302


def test_pages_of_the_administration_open(administrator: Client) -> None:
    for path in ("/admin/", "/admin/kernel/nationalcalendarday/", "/admin/kernel/district/"):
        assert administrator.get(path).status_code == 200
