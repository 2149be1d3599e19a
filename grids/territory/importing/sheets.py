"""One sheet of the register's workbook: which older grid lies in which of ours."""

from __future__ import annotations

from grids.importing.extensions import Extension, extend
from grids.importing.sheets import EXAMPLE, Column, Sheet
from grids.territory.importing.planner import LegacyRows
from grids.territory.models import LegacyGridRef

LEGACY_GRIDS = Sheet(
    "legacy_grids",
    "旧网格对照",
    (
        Column("system", "旧系统", "如 城管、综治、党建、执法", required=True, longest=30),
        Column("code", "旧网格代码", "旧系统里的代码", required=True, longest=40),
        Column("name", "旧网格名称"),
        Column("grid", "网格代码", "现在的网格；一个旧网格跨几个网格就写几行", required=True, longest=20),
    ),
    (
        (f"{EXAMPLE}城管", "CG-07", "城管第七责任区", "001001001"),
        (f"{EXAMPLE}城管", "CG-07", "城管第七责任区", "001001002"),
    ),
)
extend(Extension(LEGACY_GRIDS, ("system", "code", "grid"), LegacyRows, (LegacyGridRef,)))
