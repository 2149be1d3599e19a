"""Correcting a person: name and phone change everywhere, a masked number never overwrites the real one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.accounts.actions.change_staff import change_staff
from governance.accounts.models import Staff, User
from governance.kernel.crypto import keyed_hash
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope
from grids.reference import territory
from tests.world import World, make_district

PHONE = "13900002222"
NEW = "13700003333"


@pytest.fixture
def admin(world: World) -> Client:
    Staff.objects.filter(membership=world.members["worker"]).update(phone_hash=keyed_hash(PHONE))
    row = Staff.objects.get(membership=world.members["worker"])
    row.phone = PHONE
    row.save()
    return world.sign_in(Client(), "admin")


def _address(world: World, name: str = "worker") -> str:
    return reverse("manage:person_edit", args=[world.members[name].pk])


def _staff(world: World) -> Staff:
    return Staff.objects.get(membership=world.members["worker"])


def _post(client: Client, address: str, **said: Any) -> Any:
    return client.post(address, {"idempotency_key": str(uuid4()), "name": "周网格员", "phone": "", **said})


def test_a_new_name_stands_everywhere_and_the_account_stays(world: World, admin: Client) -> None:
    handle = world.users["worker"].handle
    assert _post(admin, _address(world), name="周小网").status_code == 302
    world.district.refresh_from_db()
    assert _staff(world).name == "周小网"
    assert territory().serving(world.grid_team.pk)[0].name == "周小网"
    assert User.objects.get(pk=world.users["worker"].pk).handle == handle
    assert (_staff(world).phone, _staff(world).phone_hash) == (PHONE, keyed_hash(PHONE))
    assert AuditEvent.objects.get(action="staff.change").detail == {"changed": ["name"]}


def test_the_page_never_carries_the_number_and_an_empty_field_keeps_it(world: World, admin: Client) -> None:
    page = admin.get(_address(world)).content.decode()
    assert PHONE not in page
    assert "139****2222" in page
    _post(admin, _address(world), name="周小网")
    assert _staff(world).phone == PHONE


def test_a_new_number_replaces_the_old_one_encrypted(world: World, admin: Client) -> None:
    assert _post(admin, _address(world), phone="137 0000 3333").status_code == 302
    assert (_staff(world).phone, _staff(world).phone_hash) == (NEW, keyed_hash(NEW))
    assert AuditEvent.objects.get(action="staff.change").detail == {"changed": ["phone"]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_staff WHERE membership_id = %s", [world.members["worker"].pk])
        assert NEW not in cursor.fetchone()[0]


@pytest.mark.parametrize("masked", ["139****2222", "139＊＊＊＊2222"])
def test_the_masked_number_sent_back_never_overwrites_the_real_one(world: World, admin: Client, masked: str) -> None:
    page = _post(admin, _address(world), phone=masked, name="周小网")
    assert page.status_code == 422
    assert "带星号" in page.content.decode()
    assert page.context["form"]["name"].value() == "周小网"
    assert _staff(world).phone == PHONE
    with pytest.raises(Invalid):
        change_staff(world.members["worker"], name="周", phone=masked, actor=world.admin)


def test_the_number_is_taken_away_only_when_that_is_said(world: World, admin: Client) -> None:
    both = _post(admin, _address(world), phone=NEW, drop_phone="on")
    assert "不要再勾" in both.content.decode()
    assert _staff(world).phone == PHONE
    assert _post(admin, _address(world), drop_phone="on").status_code == 302
    assert (_staff(world).phone, _staff(world).phone_hash) == ("", "")


@pytest.mark.parametrize(
    ("said", "place"), [({"name": " "}, "name"), ({"name": "长" * 31}, "name"), ({"phone": "12345"}, "phone")]
)
def test_what_cannot_be_is_refused_at_its_place(world: World, admin: Client, said: dict[str, str], place: str) -> None:
    page = _post(admin, _address(world), **said)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [place]
    assert (_staff(world).name, _staff(world).phone) == ("周网格员", PHONE)


def test_nothing_changed_is_said(world: World, admin: Client) -> None:
    page = _post(admin, _address(world))
    assert page.status_code == 422
    assert "没有改动" in page.content.decode()
    with pytest.raises(DomainError):
        change_staff(world.members["worker"], name="周网格员", phone=PHONE, actor=world.admin)


def test_only_the_administrator_and_nobody_of_another_district(world: World, admin: Client) -> None:
    with pytest.raises(NotAllowed):
        change_staff(world.members["worker"], name="别人", phone=None, actor=world.center)
    other = make_district("t2", 2)
    with district_scope(other.district):
        theirs = other.members["worker"].pk
    assert admin.get(reverse("manage:person_edit", args=[theirs])).status_code == 404
    person = reverse("manage:person", args=[world.members["worker"].pk])
    assert _address(world) in admin.get(person).content.decode()
