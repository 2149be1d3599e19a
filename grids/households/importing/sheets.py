"""Two sheets of the register's workbook: households, and their people."""

from __future__ import annotations

from typing import Any

from grids.households.importing.planner import HouseholdRows, PersonRows
from grids.households.models import Household, Person
from grids.importing.extensions import Extension, extend
from grids.importing.sheets import EXAMPLE, Column, Sheet


def _labels(choices: Any) -> dict[str, str]:
    return {str(label): value for value, label in choices.choices}


_WHERE = (
    Column("grid", "网格代码", "楼栋所在网格的代码", required=True, longest=20),
    Column("building", "楼栋名称", required=True),
    Column("unit", "单元号", "有房号时必填", kind="int", least=1, most=99),
    Column("room", "房号", "没有房号的填位置", longest=10),
    Column("place", "位置", "没有房号时必填，如“东头平房第三间”"),
    Column("code", "户号", "一间房住两户时用来区分", longest=20),
)
HOUSEHOLDS = Sheet(
    "households",
    "住户",
    (
        *_WHERE,
        Column("kind", "户类型", "不填为家庭户", kind="choice", choices=_labels(Household.Kind)),
        Column("people_count", "几口人", kind="int", most=200),
        Column("legacy_group", "原村组", longest=40),
        Column("moved_in_on", "入住日期", "如 2020-05-01", kind="date"),
        Column("contact_name", "联系人", longest=40),
        Column("contact_phone", "联系电话", longest=20),
        Column("may_be_called", "同意联系", "本人同意打电话才填“是”", kind="choice", choices={"是": True, "否": False}),
    ),
    (
        (
            f"{EXAMPLE}001001001",
            "春晓花园1号楼",
            1,
            "101",
            "",
            "",
            "家庭户",
            3,
            "",
            "2020-05-01",
            "张三",
            "13800000000",
            "是",
        ),
        (
            f"{EXAMPLE}001001001",
            "粮站宿舍甲楼",
            "",
            "",
            "东头平房第三间",
            "",
            "合租户",
            4,
            "王家村三组",
            "",
            "",
            "",
            "",
        ),
    ),
)
PEOPLE = Sheet(
    "persons",
    "住户成员",
    (
        *_WHERE,
        Column("name", "姓名", required=True, longest=40),
        Column("relation", "与户主关系", kind="choice", choices=_labels(Person.Relation)),
        Column("phone", "电话", longest=20),
        Column("birth_year", "出生年份", "只要年份，不要证件号码", kind="int", least=1900, most=2100),
    ),
    (
        (f"{EXAMPLE}001001001", "春晓花园1号楼", 1, "101", "", "", "张三", "户主", "13800000000", 1980),
        (f"{EXAMPLE}001001001", "春晓花园1号楼", 1, "101", "", "", "张小三", "子女", "", 2012),
    ),
)
_PLACE = ("grid", "building", "unit", "room", "place", "code")
extend(Extension(HOUSEHOLDS, _PLACE, HouseholdRows, (Household,)))
extend(Extension(PEOPLE, _PLACE, PersonRows, (Person,)))
