"""Files as tables: CSV and XLSX read row by row, whatever their size.

Row numbers are those a spreadsheet shows: the header is row 1.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from governance.kernel.errors import Invalid
from governance.kernel.spreadsheets import NoWorkbook, ZipBomb, check_zip

ENCODINGS = ("utf-8-sig", "gb18030")  # the first reads plain UTF-8 as well
_CHUNK = 1 << 20
_LONGEST_CELL = 1 << 24  # a forgotten quotation mark must end as a bad row, not as an exception of the reader

Cell = str | datetime


@dataclass(frozen=True, slots=True)
class Row:
    """``cells``: header → text, or a naive local ``datetime`` where the file keeps one. ``surplus``: more cells than
    headers, which is what an unquoted comma makes."""

    number: int
    cells: dict[str, Cell]
    surplus: bool = False


@dataclass(frozen=True)
class Table:
    """An open file: its header, how many rows follow (None where the file does not say), and the rows, once."""

    header: tuple[str, ...]
    total: int | None
    rows: Iterator[Row]


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV or XLSX file. Raises ``Invalid`` where it cannot be read as one."""
    if not path.is_file():
        raise Invalid("no_file", _("没有这个文件：{path}").format(path=path))
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        opened = _open_xlsx(path)
    elif path.suffix.lower() == ".xls":
        raise Invalid("old_format", _("旧的 .xls 格式请先另存为 .xlsx 或 .csv。"))
    else:
        opened = _open_csv(path)
    with opened as table:
        yield table


def _header(cells: Sequence[Any]) -> tuple[str, ...]:
    header = [_text(cell).strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    twice = sorted({title for title in header if title and header.count(title) > 1})
    if twice:
        raise Invalid("double_header", _("表头有重复的列：{columns}。").format(columns="、".join(twice)))
    return tuple(header)


def _rows(header: tuple[str, ...], records: Iterator[Sequence[Any]]) -> Iterator[Row]:
    """Records below the header; wholly empty ones are no rows but keep their number."""
    for number, record in enumerate(records, start=2):
        cells = [cell if isinstance(cell, datetime) else _text(cell) for cell in record]
        if any(isinstance(cell, datetime) or cell.strip() for cell in cells):
            surplus = any(isinstance(cell, datetime) or cell.strip() for cell in cells[len(header) :])
            yield Row(number, dict(zip(header, cells, strict=False)), surplus)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # XLSX keeps every number as a float
    return str(cell)


@contextmanager
def _open_csv(path: Path) -> Iterator[Table]:
    encoding = _encoding_of(path)
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        delimiter = "\t" if "\t" in file.readline() else ","
        file.seek(0)
        total = sum(1 for record in csv.reader(file, delimiter=delimiter) if any(map(str.strip, record))) - 1
        file.seek(0)
        records = csv.reader(file, delimiter=delimiter)
        header = _header(next(records, []))
        yield Table(header, max(total, 0), _rows(header, records))


def _encoding_of(path: Path) -> str:
    """The first of ``ENCODINGS`` that reads the whole file without an error."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Invalid("bad_encoding", _("认不出文件的编码，请另存为 UTF-8 或 GB18030。"))


@contextmanager
def _open_xlsx(path: Path) -> Iterator[Table]:
    content = path.read_bytes()
    try:
        check_zip(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except ZipBomb:
        raise Invalid("bomb", _("这个文件解压后大得不正常，已拒绝：{name}").format(name=path.name)) from None
    except (NoWorkbook, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise Invalid("bad_workbook", _("打不开这个 Excel 文件：{name}").format(name=path.name))
    try:
        sheet = book.worksheets[0]
        total = sheet.max_row - 1 if sheet.max_row else None
        # Some programs write a wrong size of the sheet, which would cut rows off.
        sheet.reset_dimensions()
        records = sheet.iter_rows(values_only=True)
        header = _header(next(records, ()))
        yield Table(header, total, _rows(header, records))
    finally:
        book.close()
