"""Households and their people from files: the register's importer with two more sheets."""

from __future__ import annotations

from typing import Any

import pytest

from governance.kernel.errors import DomainError, Invalid
from grids.actions.register_imports import undo_import
from grids.households.actions.tags import tag_household
from grids.households.models import Household, Person
from grids.importing.reading import read_upload
from grids.models import RegisterImportChange, RegisterImportRow
from tests.households.homes import home, tag, with_rooms
from tests.manage.test_register_import import checked, imported, outcomes, reason, workbook

PHONE = "13900005678"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rooms(world):
    return with_rooms(world.building)


def row(world, room: str = "101", unit: int | None = 1, **said: Any) -> dict[str, Any]:
    where = {"网格代码": world.grid.code, "楼栋名称": world.building.name, "单元号": unit, "房号": room}
    return {**where, **said}


def test_households_and_their_people_come_in_by_one_file_and_twice_is_once(world, rooms):
    content = workbook(
        households=[
            row(world, 几口人=3, 联系人="张三", 联系电话=PHONE, 同意联系="是"),
            row(world, "", None, 位置="东头平房", 户类型="合租户", 原村组="王家村三组"),
        ],
        persons=[row(world, 姓名="张三", 与户主关系="户主", 电话=PHONE, 出生年份=1980), row(world, 姓名="张小三")],
    )
    job = imported(world, content)
    assert outcomes(job) == ["new"] * 4
    first = Household.objects.get(room=rooms[0])
    assert (first.people_count, first.contact_phone, first.may_be_called) == (3, PHONE, True)
    assert Household.objects.get(room=None).legacy_group == "王家村三组"
    assert {person.name for person in Person.objects.filter(household=first)} == {"张三", "张小三"}
    assert outcomes(checked(world, content)) == ["same"] * 4


def test_only_filled_cells_change_what_is_there(world, rooms):
    known = home(world.building, rooms[0], world.worker, legacy_group="一组")
    job = imported(world, workbook(households=[row(world, 几口人=5)]))
    assert outcomes(job) == ["update"]
    known.refresh_from_db()
    assert (known.people_count, known.legacy_group, known.contact_name) == (5, "一组", "张小三")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"楼栋名称": "没有的楼"}, "没有楼栋"),
        ({"房号": "909"}, "请先在“单元户室”表里登记"),
        ({"房号": None}, "房号和位置至少填一项"),
        ({"单元号": None}, "有房号时要填单元号"),
        ({"联系电话": "139****5678"}, "带星号"),
        ({"联系电话": "12"}, "不完整"),
        ({"同意联系": "是"}, "没有电话"),
        ({"入住日期": "2999-01-01"}, "还没有到"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(world, rooms, said, words):
    job = checked(world, workbook(households=[{**row(world), **said}]))
    assert outcomes(job) == ["bad"]
    assert words in reason(job)


def test_people_of_a_household_that_is_not_registered_are_refused(world, rooms):
    assert "请先在“住户”表里登记" in reason(checked(world, workbook(persons=[row(world, 姓名="张三")])))


def test_the_report_names_places_and_the_journal_no_person_in_clear(world, rooms):
    home(world.building, rooms[0], world.worker)
    job = imported(world, workbook(households=[row(world, 联系人="钱多多", 联系电话=PHONE)]))
    labels = RegisterImportRow.objects.filter(register_import=job).values_list("label", flat=True)
    assert list(labels) == [f"{world.grid.code} {world.building.name} 1 101"]
    change = RegisterImportChange.objects.get(register_import=job)
    assert "钱多多" in change.after  # encrypted in the column: see test_personal_values


def test_an_import_is_taken_back_unless_its_households_are_in_use(world, rooms):
    job = imported(world, workbook(households=[row(world, 几口人=3)], persons=[row(world, 姓名="张三")]))
    undo_import(job, actor=world.admin)
    assert not Household.objects.exists()
    assert not Person.objects.exists()
    job = imported(world, workbook(households=[row(world, 几口人=3)]))
    tag_household(Household.objects.get(), tag(world.admin), reason="本人愿意", actor=world.worker)
    with pytest.raises(DomainError) as refused:
        undo_import(job, actor=world.admin)
    assert "住户" in refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_is_told_by_its_header(world, rooms, encoding):
    text = f"网格代码,楼栋名称,单元号,房号,几口人\n{world.grid.code},{world.building.name},1,101,4\n"
    job = imported(world, text.encode(encoding), "住户.csv")
    assert outcomes(job) == ["new"]
    assert Household.objects.get().people_count == 4


def test_a_csv_with_a_strange_header_is_refused(world):
    with pytest.raises(Invalid) as refused:
        read_upload("a.csv", "甲,乙\n1,2\n".encode())
    assert refused.value.code == "register_wrong_header"
    with pytest.raises(Invalid):
        read_upload("a.csv", b"\xff\xfe\x00\x01")


def test_rooms_and_their_households_come_in_the_same_file(world):
    where = row(world, "901")
    content = workbook(rooms=[{**where, "楼层": 9}], households=[{**where, "几口人": 2}])
    assert outcomes(imported(world, content)) == ["new", "new"]
    assert Household.objects.get().room.number == "901"
