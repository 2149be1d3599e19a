"""Workbooks (XLSX) that people take away: one sheet, a header that stays in sight, no cell a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from governance.kernel.spreadsheets import harmless

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST = 60


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A sheet with these lines below its header; columns are as wide as their longest text, within reason."""
    book = Workbook()
    page = book.create_sheet(index=0)
    del book[book.sheetnames[-1]]
    page.title = "".join(" " if mark in "[]:*?/\\" else mark for mark in title)[:31] or "1"
    widths = [2 * len(name) for name in header]
    page.append([harmless(name) for name in header])
    for row in rows:
        cells = list(row)
        page.append([harmless(cell) for cell in cells])
        widths = [max(most, 2 * len(str(cell))) for most, cell in zip(widths, cells, strict=True)]
    for cell in page[1]:
        cell.font = Font(bold=True)
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(place)].width = min(width + 2, _WIDEST)
    page.freeze_panes = "A2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def workbook_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The same as a file to keep; ``name`` without its ending."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.xlsx",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(workbook(name, header, rows), content_type=CONTENT_TYPE, headers=headers)
