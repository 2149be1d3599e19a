"""Names and numbers of people are encrypted; a masked one never takes the place of the real one."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from rest_framework import serializers

import analytics
import governance
import governance.privacy
import grids
import requests_intake
import services
from governance.accounts.actions.create_staff import create_staff
from governance.accounts.actions.offices import give_feedback
from governance.accounts.models import PlatformFeedback, Staff
from governance.kernel import personal
from governance.kernel.actors import Actor
from governance.kernel.api.writes import StrictSerializer
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.errors import Invalid
from governance.kernel.masking import looks_masked
from governance.kernel.rotation import encrypted_fields, encrypted_models
from governance.kernel.templatetags.ui import masked_phone
from grids.importing.errors import RowError
from grids.importing.people import People
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Requester, Ticket
from requests_intake.presentation.people import masked_name
from tests.world import World

FIELDS_OF_PEOPLE = {"phone", "contact", "person", "mobile", "new_phone", "new_name"}
# Beside a phone or an account a ``name`` is a person's. These are of an office or a district.
OF_OFFICES = {"OrganizationForm.name", "DistrictForm.name", "IncidentForm.contact"}


# ---------------------------------------------------------------- encryption
def test_every_column_of_a_person_is_encrypted_or_has_its_reason() -> None:
    assert personal.unprotected_columns() == []


def test_a_new_plain_column_of_a_person_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(personal.PLAIN, "grids.Organization.phone")
    assert personal.unprotected_columns() == ["grids.Organization.phone"]


def test_no_reason_is_given_for_a_column_that_is_not_there() -> None:
    assert set(personal.PLAIN) <= {personal.label_of(field) for field in personal.columns_of_persons()}


def test_every_encrypted_name_or_number_refuses_a_masked_one() -> None:
    people = {
        personal.label_of(field) for field in personal.columns_of_persons() if isinstance(field, EncryptedTextField)
    }
    refusing = {
        personal.label_of(field) for model in encrypted_models() for field in encrypted_fields(model) if field.of_person
    }
    assert people == refusing
    assert "requests_intake.Requester.phone" in people


def test_the_inventory_names_every_table_with_values_of_persons() -> None:
    inventory = (Path(__file__).parents[2] / "docs" / "personal-data.md").read_text(encoding="utf-8")
    tables = {model._meta.db_table for model in encrypted_models()}
    assert [table for table in sorted(tables) if f"`{table}" not in inventory] == []


# ---------------------------------------------------------------- what is masked
@pytest.mark.parametrize(
    "value",
    [
        "138****1234",
        "张*三",
        "李**",
        "138＊＊＊＊1234",
        "410101********1234",
        "138xxxx1234",
        "138XXXX1234",
        "138••••1234",
    ],
)
def test_what_is_masked(value: str) -> None:
    assert looks_masked(value)


@pytest.mark.parametrize(
    "value",
    ["", None, "13812341234", "张三", "李阿姨", "Max Xu", "0374-2331111", "41010119900101123X", "阿卜杜·热合曼"],
)
def test_what_is_whole(value: Any) -> None:
    assert not looks_masked(value)


def test_what_we_show_masked_is_known_as_masked() -> None:
    assert looks_masked(masked_phone("13812341234"))
    assert looks_masked(masked_phone("03742331111"))
    assert looks_masked(masked_name("李某"))


# ---------------------------------------------------------------- the row itself
@pytest.mark.parametrize(("field", "value"), [("phone", "138****1234"), ("name", "张*三")])
def test_the_column_refuses_a_masked_value_whoever_writes_it(world: World, field: str, value: str) -> None:
    row = Staff.objects.get(membership=world.members["worker"])
    setattr(row, field, value)
    with pytest.raises(Invalid, match="带星号的"):
        row.save()
    with pytest.raises(Invalid, match="带星号的"):
        Staff.objects.filter(pk=row.pk).update(**{field: value})
    with pytest.raises(Invalid, match="带星号的"):
        Requester.objects.bulk_create([Requester(created_at="2026-01-01T00:00Z", **{field: value})])


# ---------------------------------------------------------------- the actions, the importers
@pytest.mark.parametrize(("field", "value"), [("phone", "138****1234"), ("name", "张*三")])
def test_no_ticket_is_taken_with_a_masked_requester(world: World, field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        submit_ticket(Report(content="路灯不亮", **{field: value}), actor=Actor.public())
    assert list(refused.value.fields) == [field]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("phone", "138****1234"), ("name", "张*三")])
def test_no_member_of_staff_is_entered_masked(world: World, field: str, value: str) -> None:
    said = {"handle": "t1-new", "name": "张三", "phone": "13812341234", field: value}
    with pytest.raises(Invalid) as refused:
        create_staff(**said, actor=Actor.system("test"))
    assert list(refused.value.fields) == [field]


def test_no_feedback_keeps_a_masked_contact(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        give_feedback(kind="complaint", content="字小", contact="138****1234", actor=Actor.public())
    assert list(refused.value.fields) == ["contact"]
    assert not PlatformFeedback.objects.exists()


@pytest.mark.parametrize("given", [{"phone": "138****1234"}, {"name": "张*三"}])
def test_a_row_of_the_register_import_is_refused(world: World, given: dict[str, str]) -> None:
    row = {"organization": world.water.name, "name": "张三", "phone": "13812341234", "post_kind": "department_handler"}
    people = People.__new__(People)  # _find refuses before it looks anything up
    with pytest.raises(RowError, match="带星号的"):
        people._find(row | given)


# ---------------------------------------------------------------- every form and every endpoint
def _load_everything() -> None:
    for package in (
        governance.accounts,
        governance.kernel,
        governance.privacy,
        grids,
        requests_intake,
        services,
        analytics,
    ):  # type: ignore[attr-defined]
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name:
                importlib.import_module(found.name)


def _below(cls: type) -> list[type]:
    return [each for child in cls.__subclasses__() for each in (child, *_below(child))]


def _fields() -> list[tuple[str, Any]]:
    _load_everything()
    # The gallery of components shows a form that stores nothing.
    ours = [form for form in _below(forms.BaseForm) if form.__module__ != "governance.kernel.gallery"]
    shapes = [(form.__name__, getattr(form, "base_fields", {})) for form in ours]
    shapes += [(each.__name__, each._declared_fields) for each in _below(StrictSerializer)]  # type: ignore[attr-defined]
    found: dict[str, Any] = {}
    for shape, fields in shapes:
        asked = FIELDS_OF_PEOPLE | ({"name"} if fields.keys() & {"phone", "handle"} else set())
        found |= {f"{shape}.{name}": fields[name] for name in asked & fields.keys()}
    return [
        (label, field)
        for label, field in sorted(found.items())
        if label not in OF_OFFICES and isinstance(field, forms.CharField | serializers.CharField)
    ]


def test_the_forms_and_endpoints_of_people_are_found() -> None:
    labels = {label for label, _field in _fields()}
    expected = {
        "ReportForm.phone", "ReportForm.name", "FindForm.phone", "FindForm.name", "InviteForm.phone", "InviteForm.name",
        "FeedbackForm.contact", "PublicReportInput.phone", "PublicReportInput.name", "StaffReportInput.phone",
        "OrganizationForm.phone", "DistrictForm.person",
    }  # fmt: skip
    assert expected <= labels


@pytest.mark.parametrize(("label", "field"), _fields(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_form_and_endpoint_refuses_a_masked_value(label: str, field: Any) -> None:
    value = "张*三" if label.endswith(("name", "person")) else "138****1234"
    if isinstance(field, serializers.Field):
        with pytest.raises(serializers.ValidationError, match="带星号的"):
            field.run_validation(value)
    else:
        with pytest.raises(ValidationError, match="带星号的"):
            field.clean(value)
