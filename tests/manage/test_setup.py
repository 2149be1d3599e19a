"""From an empty installation to a district with an administrator, in the browser alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client

from analytics.manage.checklist import Item, checklist
from analytics.setup.actions import NewDistrict, create_district, create_first_user, setup_token
from analytics.setup.queries import Progress
from governance.accounts.actions.create_staff import NewStaff
from governance.accounts.models import User
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.models import AuditEvent, District
from governance.kernel.tenancy.context import district_transaction, no_district
from grids.bands import Band, bands
from grids.generation import CODES, read_spec
from grids.models import Area, Organization
from grids.reference import territory
from requests_intake.models import Ticket
from tests.cases import report
from tests.world import World

PASSWORD = "a-long-and-good-word-7"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def _first(client: Client, **changes: str) -> Any:
    said = {"token": setup_token(), "handle": "platform", "password": PASSWORD, "again": PASSWORD, **changes}
    return client.post("/setup/first/", said)


def _new(client: Client, **changes: str) -> Any:
    said = {"name": "云溪区", "code": "yunxi", "area_code": "990901", "template": "", "handle": "yunxi-admin"}
    return client.post("/setup/new/", {**said, "person": "朱管理", **changes})


def link_of(page: Any) -> str:
    assert page.status_code == 201, page.content.decode()
    found = re.search(r"http://testserver(/d/[\w-]+/invitation/[\w-]+/)", page.content.decode())
    assert found
    return found[1]


def accept(client: Client, link: str) -> Any:
    """Open an invitation and set the password."""
    landed = client.get(link)
    if landed.status_code != 302:
        return landed
    return client.post(landed["Location"], {"new": PASSWORD, "again": PASSWORD})


@pytest.fixture
def platform(db: None, client: Client) -> Client:
    assert _first(client)["Location"] == "/setup/"
    return client


def test_an_empty_installation_leads_to_its_first_account(db: None, client: Client) -> None:
    assert client.get("/")["Location"] == "/setup/first/"
    assert client.get("/setup/first/").status_code == 200
    assert client.get("/setup/")["Location"].startswith("/sign-in/")


def test_the_first_account_needs_the_token_and_a_good_password(db: None, client: Client) -> None:
    for wrong in ({"token": "guess"}, {"token": ""}, {"password": "short", "again": "short"}, {"again": "else"}):
        assert _first(client, **wrong).status_code == 422
    assert _first(client, handle="!").status_code == 422
    assert not User.objects.exists()
    assert _first(client)["Location"] == "/setup/"
    assert client.get("/setup/").status_code == 200


def test_a_token_of_the_operator_stands_instead_of_the_printed_one(db: None, client: Client, settings: Any) -> None:
    printed = setup_token()
    settings.SETUP_TOKEN = "chosen by the operator"
    assert _first(client, token=printed).status_code == 422
    assert _first(client, token="chosen by the operator").status_code == 302


def test_it_is_closed_for_ever_after(platform: Client) -> None:
    assert Client().get("/setup/first/").status_code == 404
    assert _first(Client(), handle="second").status_code == 404
    assert User.objects.count() == 1


def test_an_empty_district_has_its_centre_its_rules_and_its_administrator(platform: Client) -> None:
    page = _new(platform)
    assert page.status_code == 201
    link = link_of(page)
    district = District.objects.get(code="yunxi")
    with district_transaction(district):
        assert [area.level for area in Area.objects.all()] == ["district"]
        assert [row.kind for row in Organization.objects.all()] == ["district_center"]
        assert territory().center().name == "云溪区社会治理中心"
        assert AuditEvent.objects.filter(action="district.create", actor__startswith="platform:").count() == 1
        found = {item.title: item.done for item in checklist()}
    assert not found["街道"]
    assert not found["岗位"], "who administers the centre handles no matter"
    assert found["事项分类"]
    admin = Client()
    assert accept(admin, link)["Location"] == "/d/yunxi/home/"
    assert admin.get("/d/yunxi/home/")["Location"] == "/d/yunxi/manage/"
    page = admin.get("/d/yunxi/manage/")
    assert not found["登录"]
    assert page.context["open"] == len(found) - sum(found.values()) - 1, "the administrator can sign in now"
    again = Client().post("/d/yunxi/sign-in/", {"handle": "yunxi-admin", "password": PASSWORD})
    assert again.status_code == 302


def test_nobody_but_the_administrator_ever_knows_a_password(platform: Client) -> None:
    page = _new(platform)
    assert "no-store" in page["Cache-Control"]
    assert "密码" in page.content.decode()
    assert not User.objects.get(handle="yunxi-admin").has_usable_password()
    link = link_of(page)
    assert accept(Client(), link).status_code == 302
    assert accept(Client(), link).status_code == 404


def test_a_lost_link_is_replaced_by_the_platform_and_the_first_one_dies(platform: Client) -> None:
    first = link_of(_new(platform))
    page = platform.get("/setup/district/yunxi/")
    (person,) = page.context["administrators"]
    assert (person.name, person.handle, person.has_password) == ("朱管理", "yunxi-admin", False)
    assert "邀请链接待使用" in page.content.decode()
    with time_machine.travel(clock.platform_now() + timedelta(days=8), tick=False):
        platform.force_login(User.objects.get(handle="platform"), backend=BACKEND)
        assert "邀请链接已失效" in platform.get("/setup/district/yunxi/").content.decode()
        second = link_of(platform.post(f"/setup/district/yunxi/invite/{person.id}/"))
        assert Client().get(first).status_code == 404
        assert accept(Client(), second).status_code == 302
        assert "已设密码" in platform.get("/setup/district/yunxi/").content.decode()


def test_the_platform_invites_administrators_and_nobody_else(platform: Client, world: World) -> None:
    worker, admin = world.members["worker"], world.members["admin"]
    assert platform.post(f"/setup/district/t1/invite/{worker.pk}/").status_code == 404
    assert platform.post(f"/setup/district/t9/invite/{admin.pk}/").status_code == 404
    with no_district():
        assert link_of(platform.post(f"/setup/district/t1/invite/{admin.pk}/"))
        client = world.sign_in(Client(), "admin")
        assert client.post(f"/setup/district/t1/invite/{admin.pk}/").status_code == 404
        assert client.get("/setup/district/t1/").status_code == 404


def test_the_overview_says_how_far_each_district_is(platform: Client, world: World) -> None:
    with no_district():
        _new(platform)
        page = platform.get("/setup/")
        new, old = sorted(page.context["rows"], key=lambda row: row.staff)
        assert (new.district.code, new.staff, new.last_active) == ("yunxi", 1, None)
        assert {"街道", "社区", "网格", "登录"} <= {item.title for item in new.open}
        assert f"还差 {len(new.open)} 项" in page.content.decode()
        assert old.staff == len(world.members)
        with district_transaction(world.district):
            report(world)
        (moved,) = [row for row in platform.get("/setup/").context["rows"] if row.district.code == "t1"]
        assert moved.last_active is not None
        District.objects.filter(code="yunxi").update(is_active=False)
        assert "已停用" in platform.get("/setup/").content.decode()


def test_a_district_is_ready_though_next_years_holidays_are_not_out() -> None:
    calendar, streets = (Item("", False, "", name) for name in ("manage:calendar", "manage:imports"))
    assert Progress(District(), [calendar], 9, None).is_ready
    assert not Progress(District(), [calendar, streets], 9, None).is_ready


def test_a_suspended_district_lets_nobody_in_and_stays_in_the_list(platform: Client) -> None:
    link = link_of(_new(platform))
    District.objects.update(is_active=False)
    assert Client().get(link).status_code == 404
    assert Client().get("/d/yunxi/").status_code == 404
    assert "已停用" in platform.get("/setup/district/yunxi/").content.decode()
    District.objects.update(is_active=True)
    assert accept(Client(), link).status_code == 302


@pytest.mark.parametrize("code", CODES)
def test_every_shape_begins_with_a_checklist_that_names_what_is_missing(platform: Client, code: str) -> None:
    page = _new(platform, template=code)
    admin = Client()
    accept(admin, link_of(page))
    district = District.objects.get(code="yunxi")
    assert district.escalation_path == list(read_spec(code).escalation_path)
    home = admin.get("/d/yunxi/manage/")
    missing = {row["item"].title for row in home.context["items"] if not row["item"].done}
    assert {"街道", "社区", "网格", "楼栋", "岗位", "工作人员"} <= missing
    assert "登录" not in missing, "the administrator has a password"
    for row in home.context["items"]:
        assert row["url"], row["item"].title
        assert admin.get(row["url"]).status_code == 200, row["url"]
    for path in ("", "report/", "track/", "privacy/", "desk/", "board/", "m/"):
        assert Client().get(f"/d/yunxi/{path}").status_code in (200, 302), path
    # Nobody is in post anywhere: a report is taken all the same, and waits at the district's centre.
    said = {"content": "路灯不亮了，请修一下。", "phone": "13800001234", "idempotency_key": str(uuid4())}
    assert Client().post("/d/yunxi/report/", said).status_code == 302
    with district_transaction(district):
        assert Ticket.objects.get().state == "submitted"


def test_a_template_brings_its_way_up_and_departments(platform: Client) -> None:
    assert _new(platform, template="s3").status_code == 201
    district = District.objects.get(code="yunxi")
    assert district.escalation_path == ["grid", "street", "district"]
    with district_transaction(district):
        assert Organization.objects.filter(kind="department", department_kind="water").exists()
        assert Area.objects.count() == 1
        assert bands()["basic"] == Band(250, 400)


def test_made_up_territory_only_in_a_demo(platform: Client, settings: Any) -> None:
    settings.DEMO = False
    assert "with_territory" not in platform.get("/setup/new/").context["form"].fields
    settings.DEMO = True
    assert _new(platform, template="", with_territory="on").status_code == 422
    assert _new(platform, template="s1", with_territory="on", handle="yunxi-chief").status_code == 201
    with district_transaction(District.objects.get(code="yunxi")):
        assert len(territory().at_level("grid")) > 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "s0"),
        ("code", "Not a code"),
        ("area_code", "12"),
        ("name", ""),
        ("handle", "platform"),
        ("person", " "),
    ],
)
def test_a_wrong_district_is_refused_beside_its_field(platform: Client, field: str, value: str) -> None:
    page = _new(platform, **{field: value})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not District.objects.exists()


def test_a_code_is_given_once(platform: Client) -> None:
    _new(platform)
    again = _new(platform, handle="other-admin", area_code="990902")
    assert list(again.context["form"].errors) == ["code"]
    assert not User.objects.filter(handle="other-admin").exists()


def test_nobody_of_a_district_may_enter(world: World) -> None:
    client = world.sign_in(Client(), "admin")
    assert client.get("/setup/").status_code == 404
    assert _new(client).status_code == 404


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Results of acts that start together, each in a thread and connection of its own; a refusal is its error."""
    start, results = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results.append(act())
        except DomainError as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_district_at_once_get_one(transactional_db: None) -> None:
    system = Actor(name="platform:1", is_system=True)
    wanted = NewDistrict("yunxi", "云溪区", "990901")
    results = at_once(
        lambda: create_district(wanted, administrator=NewStaff("first-admin", "甲"), actor=system),
        lambda: create_district(wanted, administrator=NewStaff("second-admin", "乙"), actor=system),
    )
    refused = [found for found in results if isinstance(found, DomainError)]
    assert [set(error.fields) for error in refused] == [{"code", "area_code"}]
    assert District.objects.count() == 1
    assert User.objects.count() == 1, "nothing of the refused one is left"


@pytest.mark.django_db(transaction=True)
def test_two_first_visitors_at_once_make_one_account(transactional_db: None) -> None:
    results = at_once(
        *(
            lambda handle=handle: create_first_user(token=setup_token(), handle=handle, password=PASSWORD)
            for handle in ("first-one", "second-one")
        )
    )
    assert [error.status for error in results if isinstance(error, DomainError)] == [404]
    assert User.objects.count() == 1
