"""What people download: templates to fill in, and reports of what became of the rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from governance.kernel.spreadsheets import TableWriter, harmless
from grids.importing.sheets import EXAMPLE, SHEETS, TITLES, Sheet
from grids.models import RegisterImportRow

_VALIDATED_ROWS = 5_000
_REQUIRED = PatternFill("solid", fgColor="E5E7EB")
_EXAMPLE = Font(italic=True, color="6B7280")


def template(sheets: Sequence[Sheet] = SHEETS) -> bytes:
    """An empty workbook with notes, lists to choose from and example rows, which the import leaves out."""
    book = Workbook()
    guide = book.active
    assert guide is not None
    guide.title = "说明"
    for line in (
        _("一个文件可以有一张或几张表，工作表的名称和表头请不要改，列的先后可以换，不用的列可以删。"),
        _("带 * 的列必须填。空格子表示“不改”，不会清掉已有的内容。"),
        _("含“{word}”字样的行不会导入，可以留着对照。").format(word=EXAMPLE),
        _("再次导入同一行不会重复：代码或名称相同的就是同一个，只更新填了的列。"),
    ):
        guide.append([line])
    guide.append([])
    guide.append([_("工作表"), _("列"), _("必填"), _("说明")])
    guide.column_dimensions["A"].width = 16
    guide.column_dimensions["B"].width = 16
    guide.column_dimensions["D"].width = 60
    for sheet in sheets:
        for column in sheet.columns:
            said = "；".join(part for part in (column.note, "、".join(column.choices)) if part)
            guide.append([sheet.title, column.title, _("是") if column.required else "", said])
        _fill(book.create_sheet(sheet.title), sheet)
    if len(sheets) == 1:
        book.active = 1
    return _bytes(book)


def _fill(page: Any, sheet: Sheet) -> None:
    page.append([column.title + ("*" if column.required else "") for column in sheet.columns])
    for example in sheet.examples:
        page.append(list(example))
    page.freeze_panes = "A2"
    for place, column in enumerate(sheet.columns, start=1):
        letter, head = get_column_letter(place), page.cell(1, place)
        head.font = Font(bold=True)
        head.alignment = Alignment(horizontal="left")
        if column.required:
            head.fill = _REQUIRED
        if column.note:
            head.comment = Comment(column.note, "", width=220, height=80)
        page.column_dimensions[letter].width = 26 if column.longest > 40 and column.kind == "text" else 18
        for row in range(2, 2 + len(sheet.examples)):
            page.cell(row, place).font = _EXAMPLE
        if column.kind == "text":
            # Codes and phones would lose their zeros as numbers.
            page.column_dimensions[letter].number_format = "@"
        if column.choices:
            listed = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            listed.error = _("请从列表里选一项")
            listed.add(f"{letter}2:{letter}{_VALIDATED_ROWS}")
            page.add_data_validation(listed)


def _head() -> list[str]:
    return [_("工作表"), _("行号"), _("对象"), _("结果"), _("原因")]


def _lines(rows: Iterable[RegisterImportRow]) -> Iterable[list[Any]]:
    for row in rows:
        line = [TITLES[row.sheet], row.number, row.label, str(row.get_outcome_display()), row.reasons]
        yield line


def report_xlsx(rows: Iterable[RegisterImportRow]) -> bytes:
    """What became of the rows, as a workbook."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_("核对结果"))
    for letter, width in zip("ABCDE", (12, 8, 40, 8, 70), strict=True):
        page.column_dimensions[letter].width = width
    page.append(_head())
    for line in _lines(rows):
        page.append([harmless(cell) for cell in line])
    return _bytes(book)


def report_csv(rows: Iterable[RegisterImportRow]) -> bytes:
    """The same as CSV with a byte-order mark, by which Excel knows UTF-8."""
    text = io.StringIO()
    writer = TableWriter(text)
    for line in [_head(), *_lines(rows)]:
        writer.row(line)
    return text.getvalue().encode("utf-8-sig")


def _bytes(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
