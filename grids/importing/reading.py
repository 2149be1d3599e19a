"""Reading an uploaded file: its limits, its sheets, its rows. Nothing here touches the database."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from governance.kernel.errors import Invalid
from governance.kernel.spreadsheets import NoWorkbook, ZipBomb, check_zip
from grids.importing.sheets import BY_KIND, BY_TITLE, EXAMPLE, ORDER, TITLES, Column, Sheet

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 60
_LEVEL_ORDER = {"street": 0, "community": 1, "grid": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` as a spreadsheet shows it (for borders: the feature's place). Only filled cells are in ``values``."""

    sheet: str
    number: int
    values: dict[str, Any]
    problems: tuple[str, ...] = ()


@dataclass
class Upload:
    """All rows in the order in which they are applied, the kinds of sheets, and what is wrong with whole sheets."""

    rows: list[Row] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_upload(name: str, content: bytes) -> Upload:
    """Read a workbook, a table as CSV or a GeoJSON file. Raises ``Invalid`` where it cannot be taken at all."""
    if len(content) > MAX_BYTES:
        raise _refused("too_large", _("文件太大，最多 {limit} MB。").format(limit=MAX_BYTES // 1024 // 1024))
    lower = name.lower()
    if lower.endswith(".xlsx"):
        found = _read_workbook(content)
    elif lower.endswith(".csv"):
        found = _read_table(content)
    elif lower.endswith((".geojson", ".json")):
        found = _read_borders(content)
    else:
        raise _refused("wrong_kind", _("请上传 .xlsx 或 .csv 表格，或 .geojson 边界文件。"))
    if not found.rows:
        raise _refused("empty", " ".join([_("文件里没有可以导入的行。"), *found.notes]))
    return found


def _refused(code: str, message: str) -> Invalid:
    return Invalid(f"register_{code}", message, fields={"file": [message]})


def _check_zip(content: bytes) -> None:
    """Refuse archives that unpack to far more than they are, before anything is unpacked."""
    try:
        check_zip(content)
    except NoWorkbook:
        raise _refused("unreadable", _("打不开这个文件，它不是 .xlsx 表格或者已损坏。")) from None
    except ZipBomb:
        raise _refused("bomb", _("这个文件解压后大得不正常，已拒绝。请用 Excel 另存后再上传。")) from None


def _read_workbook(content: bytes) -> Upload:
    _check_zip(content)
    found = Upload()
    sheets: dict[str, list[Row]] = {}
    total = 0
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for page in book.worksheets:
            sheet = BY_TITLE.get(page.title.strip())
            if sheet is None:
                if page.title.strip() != "说明":
                    found.notes.append(_("不认识工作表“{name}”，没有读取。").format(name=page.title[:30]))
                continue
            # Some programs write a wrong size of the sheet, which would cut rows off.
            page.reset_dimensions()
            rows = sheets.setdefault(sheet.kind, [])
            for row in _rows(sheet, page.iter_rows(values_only=True, max_col=MAX_COLUMNS), found.notes):
                total += 1
                if total > MAX_ROWS:
                    raise _refused("too_many", _("行数太多，一次最多 {limit} 行，请分开导入。").format(limit=MAX_ROWS))
                rows.append(row)
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError):
        raise _refused("unreadable", _("打不开这个文件，它不是 .xlsx 表格或者已损坏。")) from None
    # Parents before children, whatever order the sheet has.
    sheets.get("areas", []).sort(key=lambda row: _LEVEL_ORDER.get(row.values.get("level", ""), 3))
    for kind in ORDER:
        if sheets.get(kind):
            found.kinds.append(kind)
            found.rows.extend(sheets[kind])
    return found


def _read_table(content: bytes) -> Upload:
    """One sheet as CSV, told by its header; UTF-8, or the encoding of Chinese Excel."""
    records = _records(content)
    titles = {cell.strip().rstrip("*").strip() for cell in (records[0] if records else [])}
    fitting = [
        (sum(column.title in titles for column in sheet.columns), sheet)
        for sheet in BY_KIND.values()
        if all(column.title in titles for column in sheet.columns if column.required)
    ]
    if not fitting:
        raise _refused("wrong_header", _("认不出这是哪张表。请用下载的模板，第一行的列名不要改。"))
    if len(records) > MAX_ROWS + 1:
        raise _refused("too_many", _("行数太多，一次最多 {limit} 行，请分开导入。").format(limit=MAX_ROWS))
    sheet = max(fitting, key=lambda pair: pair[0])[1]
    found = Upload(kinds=[sheet.kind])
    found.rows = list(_rows(sheet, iter([record[:MAX_COLUMNS] for record in records]), found.notes))
    return found


def _rows(sheet: Sheet, records: Iterator[Sequence[Any]], notes: list[str]) -> Iterator[Row]:
    titles = [str(cell or "").strip().rstrip("*").strip() for cell in next(records, ())]
    columns = [sheet.column(title) for title in titles]
    unknown = [title for title, column in zip(titles, columns, strict=True) if title and column is None]
    if unknown:
        notes.append(
            _("“{sheet}”表有不认识的列，没有读取：{columns}。").format(
                sheet=sheet.title, columns="、".join(unknown)[:200]
            )
        )
    missing = [column.title for column in sheet.columns if column.required and column.title not in titles]
    if missing:
        notes.append(
            _("“{sheet}”表缺少必需的列，整张表没有读取：{columns}。").format(
                sheet=sheet.title, columns="、".join(missing)
            )
        )
        return
    for number, record in enumerate(records, start=2):
        filled = [str(cell).strip() for cell in record if cell is not None and str(cell).strip()]
        if filled and not any(cell.startswith(EXAMPLE) for cell in filled):
            yield _row(sheet, number, columns, record)


def _row(sheet: Sheet, number: int, columns: Sequence[Column | None], record: Sequence[Any]) -> Row:
    values: dict[str, Any] = {}
    problems = []
    for column, cell in zip(columns, record, strict=False):
        if column is None or cell is None or not str(cell).strip():
            continue
        try:
            values[column.key] = _value(column, cell)
        except ValueError as error:
            problems.append(f"{column.title}：{error}")
    complained = {column.key for column in sheet.columns if any(p.startswith(f"{column.title}：") for p in problems)}
    problems += [
        _("{column}：没有填").format(column=column.title)
        for column in sheet.columns
        if column.required and column.key not in values and column.key not in complained
    ]
    return Row(sheet.kind, number, values, tuple(problems))


def _value(column: Column, cell: Any) -> Any:
    if column.kind == "date":
        return _day(cell)
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    if column.kind == "choice":
        if text not in column.choices:
            raise ValueError(
                _("“{text}”不在可选项里（{choices}）").format(text=text[:20], choices="、".join(column.choices))
            )
        return column.choices[text]
    if column.kind == "text":
        if len(text) > column.longest:
            raise ValueError(_("太长，最多 {limit} 个字").format(limit=column.longest))
        if any(ord(sign) < 32 for sign in text):
            raise ValueError(_("有换行或看不见的字符"))
        return text
    return _number(column, text)


def _number(column: Column, text: str) -> int | float:
    try:
        value: int | float = int(text) if column.kind == "int" else float(text)
    except ValueError:
        raise ValueError(_("“{text}”不是数").format(text=text[:20])) from None
    if not column.least <= value <= column.most:  # also refuses NaN
        raise ValueError(
            _("应在 {least:g} 到 {most:g} 之间").format(least=float(column.least), most=float(column.most))
        )
    return value


def _day(cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    text = str(cell).strip().replace("/", "-").replace(".", "-")
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 a day has no zone
    except ValueError:
        raise ValueError(_("“{text}”不是日期，请写成 2026-01-05").format(text=text[:20])) from None


def _read_borders(content: bytes) -> Upload:
    try:
        data = json.loads(content.decode("utf-8-sig"))
        features = data["features"] if data.get("type") == "FeatureCollection" else None
    except (ValueError, AttributeError, KeyError, RecursionError):
        features = None
    if not isinstance(features, list):
        raise _refused("unreadable", _("边界文件应当是 GeoJSON 的 FeatureCollection（UTF-8）。"))
    if len(features) > MAX_ROWS:
        raise _refused("too_many", _("行数太多，一次最多 {limit} 行，请分开导入。").format(limit=MAX_ROWS))
    found = Upload(kinds=["borders"])
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        code = str(next((properties[key] for key in ("code", "area_code", "区划代码") if properties.get(key)), ""))
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        problems = () if code else (_("没有区划代码（properties.code）"),)
        found.rows.append(Row("borders", number, {"code": code[:20], "geometry": geometry}, problems))
    return found


def kind_titles(kinds: Sequence[str]) -> str:
    return "、".join(TITLES[kind] for kind in kinds)


def read_sheet(sheet: Sheet, name: str, content: bytes, *, most: int) -> tuple[list[Row], list[str]]:
    """The rows of one sheet that is not of the register, out of the first page of a workbook or a CSV, and notes.

    Raises ``Invalid`` where the file cannot be taken at all. A bad row has ``problems`` and is none of the others'.
    """
    if len(content) > MAX_BYTES:
        raise _refused("too_large", _("文件太大，最多 {limit} MB。").format(limit=MAX_BYTES // 1024 // 1024))
    notes: list[str] = []
    if name.lower().endswith(".xlsx"):
        records = _first_page(content)
    elif name.lower().endswith(".csv"):
        records = list(_records(content))
    else:
        raise _refused("wrong_kind", _("请上传 .xlsx 或 .csv 表格。"))
    if len(records) > most + 1:
        raise _refused("too_many", _("行数太多，一次最多 {limit} 行，请分开导入。").format(limit=most))
    rows = list(_rows(sheet, iter([record[:MAX_COLUMNS] for record in records]), notes))
    if not rows:
        raise _refused("empty", " ".join([_("文件里没有可以导入的行。"), *notes]))
    return rows, notes


def _first_page(content: bytes) -> list[Sequence[Any]]:
    _check_zip(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        page = book.worksheets[0]
        page.reset_dimensions()
        records: list[Sequence[Any]] = []
        for record in page.iter_rows(values_only=True, max_col=MAX_COLUMNS):
            records.append(record)
            if len(records) > MAX_ROWS:
                break
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, IndexError, KeyError, ValueError, OSError, SyntaxError):
        raise _refused("unreadable", _("打不开这个文件，它不是 .xlsx 表格或者已损坏。")) from None
    return records


def _records(content: bytes) -> list[list[str]]:
    """The lines of a CSV; UTF-8, or the encoding of Chinese Excel."""
    words = _("打不开这个文件，它不是 CSV 表格。请用 Excel 另存为“CSV UTF-8”再上传。")
    text = ""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if not text or "\0" in text:
        raise _refused("unreadable", words)
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error:
        raise _refused("unreadable", words) from None
