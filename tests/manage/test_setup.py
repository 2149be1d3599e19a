"""From an empty installation to a district with an administrator, in the browser alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from analytics.manage.checklist import checklist
from analytics.setup.actions import setup_token
from governance.accounts.models import User
from governance.kernel.models import AuditEvent, District
from governance.kernel.tenancy.context import district_transaction
from grids.models import Area, Organization
from grids.reference import territory
from tests.world import World

PASSWORD = "a-long-and-good-word-7"


def _first(client: Client, **changes: str) -> Any:
    said = {"token": setup_token(), "handle": "platform", "password": PASSWORD, "again": PASSWORD, **changes}
    return client.post("/setup/first/", said)


def _new(client: Client, **changes: str) -> Any:
    said = {"name": "云溪区", "code": "yunxi", "area_code": "990901", "template": "", "handle": "yunxi-admin"}
    return client.post("/setup/new/", {**said, "person": "朱管理", **changes})


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
    password = page.context["password"]
    assert password in page.content.decode()
    district = District.objects.get(code="yunxi")
    with district_transaction(district):
        assert [area.level for area in Area.objects.all()] == ["district"]
        assert [row.kind for row in Organization.objects.all()] == ["district_center"]
        assert territory().center().name == "云溪区社会治理中心"
        assert AuditEvent.objects.filter(action="district.create", actor__startswith="platform:").count() == 1
        found = {item.title: item.done for item in checklist()}
    assert not found["街道"]
    assert found["事项分类"]
    admin = Client()
    said = {"handle": "yunxi-admin", "password": password}
    assert admin.post("/d/yunxi/sign-in/", said).status_code == 302
    assert admin.get("/d/yunxi/home/")["Location"] == "/d/yunxi/manage/"
    assert admin.get("/d/yunxi/manage/").status_code == 200


def test_a_template_brings_its_way_up_and_departments(platform: Client) -> None:
    assert _new(platform, template="s3").status_code == 201
    district = District.objects.get(code="yunxi")
    assert district.escalation_path == ["grid", "street", "district"]
    with district_transaction(district):
        assert Organization.objects.filter(kind="department", department_kind="water").exists()
        assert Area.objects.count() == 1


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
