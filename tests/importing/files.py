"""Small made-up files in the two formats."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

MESSAGES = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数")
ANSWERED = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
LABELLED = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "一级分类")
HOTLINE = (
    "工单编号", "来电时间", "来电人", "联系电话", "诉求类型", "诉求标题", "诉求内容", "地址", "紧急程度", "是否保密",
)  # fmt: skip


def message(number: Any, *, text: str = "小区门口的路灯坏了一个月。", at: Any = "2019-04-25 09:32:09") -> list[Any]:
    return [number, "A00040066", "路灯不亮", at, text, 0, 1]


def answered(number: Any, at: Any, replied_at: Any, *, reply: str = "已修好，请放心。") -> list[Any]:
    return [number, "UU0081", "路灯不亮", at, "小区门口的路灯坏了一个月。", reply, replied_at]


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_xlsx(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    for row in [header, *rows]:
        book.active.append(list(row))
    book.save(path)
    return path
