"""The sheets of the register workbook and their columns, as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.kernel.actors import HEADS
from grids.models import Area, Compound, Level, Organization, PostKind, Room

EXAMPLE = "示例"
"""A row whose first cell begins with this is an example and is left out."""


@dataclass(frozen=True)
class Column:
    """``kind``: text, int, float, date or choice. ``key`` columns name the row; ``required`` must be filled."""

    key: str
    title: str
    note: str = ""
    kind: str = "text"
    required: bool = False
    longest: int = 60
    least: float = 0
    most: float = 1_000_000
    choices: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    kind: str
    title: str
    columns: tuple[Column, ...]
    examples: tuple[tuple[Any, ...], ...]

    def column(self, title: str) -> Column | None:
        return next((column for column in self.columns if column.title == title), None)


def _labels(choices: Any, *left_out: str) -> dict[str, str]:
    return {str(label): value for value, label in choices.choices if value not in left_out}


_LEVELS = _labels(Level, "district", "department")
_YES = {"是": True, "否": False}
_GRID_CODE = Column("grid", "网格代码", "楼栋所在网格的代码", required=True, longest=20)

SHEETS: list[Sheet] = [
    Sheet(
        "areas",
        "区域",
        (
            Column("level", "层级", "街道、社区或网格", kind="choice", required=True, choices=_LEVELS),
            Column("code", "区划代码", "全区唯一", required=True, longest=20),
            Column("name", "名称", "新增时必填"),
            Column("parent", "上级代码", "街道可不填；社区填街道，网格填社区", longest=20),
            Column("grid_kind", "网格类型", "不填为基础网格", kind="choice", choices=_labels(Area.GridKind)),
            Column("household_count", "户数", kind="int"),
            Column("resident_count", "人数", kind="int"),
        ),
        (
            ("街道", f"{EXAMPLE}001", "东湖街道", "", "", 12000, 31000),
            ("网格", f"{EXAMPLE}001001001", "春晓社区第一网格", "示例001001", "基础网格", 320, 860),
        ),
    ),
    Sheet(
        "organizations",
        "单位",
        (
            Column("name", "单位名称", "全区唯一", required=True),
            Column("kind", "类型", "新增时必填", kind="choice", choices=_labels(Organization.Kind, "district_center")),
            Column("area", "区域代码", "不填为本区", longest=20),
            Column("parent", "上级单位", "不填为区指挥中心或上级区域的单位"),
            Column("department_kind", "部门职能", "如 water、urban_management", longest=30),
            Column("phone", "公开电话", longest=30),
        ),
        (
            (f"{EXAMPLE}区自来水公司", "职能部门", "", "", "water", "12345"),
            (f"{EXAMPLE}安居物业公司", "物业公司", "示例001", "", "property_company", "000-88000001"),
        ),
    ),
    Sheet(
        "compounds",
        "小区",
        (
            Column("community", "社区代码", required=True, longest=20),
            Column("name", "小区名称", "社区内唯一", required=True),
            Column("kind", "小区类型", "如商品房、老旧小区", longest=30),
            Column("management", "管理方式", "新增时不填为无物业", kind="choice", choices=_labels(Compound.Management)),
            Column("address", "地址", longest=120),
            Column("property_company", "物业公司", "单位表里的名称"),
        ),
        (
            (f"{EXAMPLE}001001", "春晓花园", "商品房", "专业物业", "春晓路1号", "安居物业公司"),
            (f"{EXAMPLE}001001", "纺织厂家属院", "老旧小区", "无物业", "纺织路8号", ""),
        ),
    ),
    Sheet(
        "buildings",
        "楼栋",
        (
            _GRID_CODE,
            Column("compound", "小区名称", "本社区的小区，可不填"),
            Column("number", "楼号", required=True, longest=20),
            Column("name", "楼栋名称", "不填为“小区名＋楼号＋号楼”，网格内唯一"),
            Column("address", "地址", longest=120),
            Column("lng", "经度", "WGS-84", kind="float", least=-180, most=180),
            Column("lat", "纬度", "WGS-84", kind="float", least=-90, most=90),
            Column("unit_count", "单元数", kind="int", least=1, most=99),
            Column("floor_count", "层数", kind="int", least=1, most=200),
            Column("household_count", "户数", kind="int", most=10_000),
        ),
        (
            (f"{EXAMPLE}001001001", "春晓花园", "1", "", "春晓路1号", 113.201234, 34.001234, 2, 6, 24),
            (f"{EXAMPLE}001001001", "", "甲", "粮站宿舍甲楼", "粮站巷3号", "", "", 1, 5, 10),
        ),
    ),
    Sheet(
        "rooms",
        "单元户室",
        (
            _GRID_CODE,
            Column("building", "楼栋名称", required=True),
            Column("unit", "单元号", kind="int", required=True, least=1, most=99),
            Column("floor", "楼层", "有房号时必填", kind="int", least=-9, most=200),
            Column("room", "房号", "不填则只登记单元", longest=10),
            Column("use", "用途", "不填为自住", kind="choice", choices=_labels(Room.Use)),
        ),
        (
            (f"{EXAMPLE}001001001", "春晓花园1号楼", 1, 1, "101", "自住"),
            (f"{EXAMPLE}001001001", "春晓花园1号楼", 2, "", "", ""),
        ),
    ),
    Sheet(
        "staff",
        "人员岗位",
        (
            Column("name", "姓名", required=True, longest=40),
            Column("phone", "手机", "手机和账号至少填一项", longest=20),
            Column("handle", "账号", "小写字母、数字和 . _ -；不填由系统给出", longest=64),
            Column("organization", "单位名称", required=True),
            Column("post_kind", "岗位类型", "新岗位必填", kind="choice", choices=_labels(PostKind, *HEADS)),
            Column("post", "岗位名称", "不填同岗位类型"),
            Column("since", "到任日期", "如 2026-01-05，不填为今天", kind="date"),
            Column("is_leader", "是否负责人", "是或否", kind="choice", choices=_YES),
        ),
        (
            (f"{EXAMPLE}张三", "13800000000", "", "春晓社区居委会", "社区工作者", "", "2026-01-05", "否"),
            (f"{EXAMPLE}李四", "", "li.si", "东湖街道办事处", "街道负责人", "街道主任", "2026-01-05", "是"),
        ),
    ),
]
"""Apps above append theirs (``grids.importing.extensions``)."""
BY_KIND = {sheet.kind: sheet for sheet in SHEETS}
BY_TITLE = {sheet.title: sheet for sheet in SHEETS}
TITLES = {**{sheet.kind: sheet.title for sheet in SHEETS}, "borders": "边界"}
ORDER = ["areas", "borders", "organizations", "compounds", "buildings", "rooms", "staff"]
"""Later sheets refer to earlier ones."""
