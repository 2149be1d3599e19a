"""CSV and XLSX give the same rows; what is no table says so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from governance.kernel.errors import Invalid
from requests_intake.importing.tables import Row, open_table
from tests.importing.files import MESSAGES, message, write_csv, write_xlsx


def read(path: Path) -> list[Row]:
    with open_table(path) as table:
        assert table.header == MESSAGES
        return list(table.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_is_read_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "a.csv", MESSAGES, [message(1), message(2, text="𠮷祥苑停水")], encoding)
    with open_table(path) as table:
        assert (table.header, table.total) == (MESSAGES, 2)
        assert [row.cells["留言详情"] for row in table.rows] == ["小区门口的路灯坏了一个月。", "𠮷祥苑停水"]


def test_both_formats_give_the_same_rows(tmp_path: Path) -> None:
    rows = [message(188031), message("00042", text="一行\n两行")]
    texts = [[str(cell) for cell in row] for row in rows]
    from_csv = read(write_csv(tmp_path / "a.csv", MESSAGES, texts))
    from_xlsx = read(write_xlsx(tmp_path / "a.xlsx", MESSAGES, rows))
    assert from_csv == from_xlsx
    assert from_csv[0].cells["留言编号"] == "188031"
    assert from_csv[1].cells["留言编号"] == "00042"


def test_a_date_of_a_worksheet_stays_a_moment(tmp_path: Path) -> None:
    moment = datetime(2020, 1, 6, 12, 9, 38)
    row = read(write_xlsx(tmp_path / "a.xlsx", MESSAGES, [message(1.0, at=moment)]))[0]
    assert (row.cells["留言时间"], row.cells["留言编号"]) == (moment, "1")


def test_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    """The header is row 1; empty rows are none but count; a line break inside a cell does not."""
    path = write_csv(tmp_path / "a.csv", MESSAGES, [message(1, text="一\n二"), [""] * 7, message(2)])
    assert [row.number for row in read(path)] == [2, 4]


def test_more_cells_than_headers_are_noticed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", MESSAGES, [[*message(1), "", ""], [*message(2), "多"], message(3)[:5]])
    assert [row.surplus for row in read(path)] == [False, True, False]


def test_tabs_separate_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "\t".join(MESSAGES) + "\n" + "\t".join(map(str, message(1, text="路灯，坏了"))) + "\n", encoding="utf-8"
    )
    assert read(path)[0].cells["留言详情"] == "路灯，坏了"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("gone.csv", None, "no_file"),
        ("a.csv", "编号".encode() + b"\xff\xff\xff", "bad_encoding"),
        ("a.csv", "编号,编号\n1,2\n".encode(), "double_header"),
        ("a.xlsx", b"no workbook", "bad_workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "old_format"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Invalid) as caught, open_table(path):
        pass
    assert caught.value.code == code
