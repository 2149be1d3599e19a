"""What a row says, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from governance.kernel.spreadsheets import harmless
from requests_intake.importing.mapping import known_mappings
from requests_intake.importing.rows import Reading, RowReader, parse_time
from requests_intake.importing.tables import Row
from tests.importing.files import ANSWERED, HOTLINE, MESSAGES, answered, message

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CALL = [
    "250912101108115409",
    "2025-09-12 10:11:08",
    "王芳",
    "13800001234",
    "投诉",
    "下水道堵了",
    "楼下污水外溢",
    "",
    "",
    "",
]


def read(header: tuple[str, ...], cells: list[Any], *, name: str, replay: bool = False) -> Reading:
    mapping = known_mappings()[name]
    reader = RowReader(mapping, mapping.bind(header), {"路灯不亮": "0603"}, NOW, replay)
    return reader.read(Row(2, dict(zip(header, cells, strict=True))))


def problems(reading: Reading) -> list[tuple[str, str]]:
    assert (reading.report is None) == bool(reading.problems)
    return [(problem.field, problem.reason) for problem in reading.problems]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2019-04-25 09:32:09", datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)),
        ("2020/1/6 12:09:38", datetime(2020, 1, 6, 4, 9, 38, tzinfo=UTC)),
        ("2020/1/6 2:09", datetime(2020, 1, 5, 18, 9, tzinfo=UTC)),
        ("2020年1月6日 12时09分", datetime(2020, 1, 6, 4, 9, tzinfo=UTC)),
        (" 2019-04-25T09:32:09.5 ", datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)),
        (datetime(2019, 4, 25, 9, 32, 9), datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)),
    ],
)
def test_times_are_those_of_shanghai(text: str | datetime, utc: datetime) -> None:
    assert parse_time(text) == utc


@pytest.mark.parametrize("text", ["2019-04-25", "2019-13-01 00:00:00", "43580.39", "昨天", "2019-02-29 10:00"])
def test_a_time_that_cannot_be_read_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


def test_a_message_becomes_a_report_without_its_author() -> None:
    report = read(MESSAGES, message("188031"), name="messages").report
    assert report is not None
    assert (report.channel, report.source, report.source_ref) == ("netizen_message", "message_board", "188031")
    assert (report.title, report.content) == ("路灯不亮", "小区门口的路灯坏了一个月。")
    assert report.occurred_at == datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)
    assert (report.name, report.phone) == ("", "")


def test_each_fault_is_said_with_its_column() -> None:
    cells = message("", text=" ", at="昨天")
    assert [name for name, _reason in problems(read(MESSAGES, cells, name="messages"))] == [
        "source_ref", "content", "occurred_at",
    ]  # fmt: skip
    cells = message("1" * 61, text="长" * 5_001, at="2027-01-01 00:00:00")
    assert [reason for _name, reason in problems(read(MESSAGES, cells, name="messages"))] == [
        "最多 60 字，现在 61 字", "最多 5000 字，现在 5001 字", "时间在将来：2027-01-01 00:00:00",
    ]  # fmt: skip
    assert problems(read(MESSAGES, message("1", text="路\x00灯"), name="messages")) == [
        ("content", "含有无法保存的字符")
    ]


def test_replay_needs_an_answer_after_the_message() -> None:
    late, early = "2019-05-10 14:56:53", "2019-04-25 09:32:08"

    def replayed(*args: str, **kwargs: str) -> Reading:
        return read(ANSWERED, answered("1", *args, **kwargs), name="messages_answered", replay=True)

    good = replayed("2019-04-25 09:32:09", late)
    assert (good.reply, good.replied_at) == ("已修好，请放心。", datetime(2019, 5, 10, 6, 56, 53, tzinfo=UTC))
    assert problems(replayed("2019-04-25 09:32:09", "")) == [("replied_at", "没有填写")]
    assert problems(replayed("2019-04-25 09:32:09", late, reply="")) == [("reply", "没有填写")]
    assert problems(replayed("2019-04-25 09:32:09", early)) == [("replied_at", "答复时间早于提出时间")]


def test_an_order_of_the_hotline_is_read_with_its_codes() -> None:
    cells = [*CALL[:7], "春晓花园1号楼", "紧急", "是"]
    report = read(HOTLINE, cells, name="hotline_12345").report
    assert report is not None
    assert (report.channel, report.source, report.source_ref) == ("hotline", "hotline_12345", "250912101108115409")
    assert (report.name, report.phone, report.address) == ("王芳", "13800001234", "春晓花园1号楼")
    assert (report.request_type, report.urgency, report.is_confidential) == ("complaint", "urgent", True)


def test_a_code_nobody_listed_is_a_bad_row() -> None:
    """Above all 是否保密: a guess could lay somebody open."""
    cells = [*CALL[:4], "怒吼", *CALL[5:9], "也许"]
    assert problems(read(HOTLINE, cells, name="hotline_12345")) == [
        ("request_type", "不认识的值“怒吼”"), ("is_confidential", "不认识的值“也许”"),
    ]  # fmt: skip


def test_an_unknown_category_is_left_to_the_words() -> None:
    header = (*HOTLINE, "诉求分类")
    for said, code in (("路灯不亮", "0603"), ("其他类", "")):
        report = read(header, [*CALL, said], name="hotline_12345").report
        assert report is not None
        assert report.category_code == code


@pytest.mark.parametrize("text", ["=1+1", "+8610", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_formula_reaches_a_spreadsheet(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("188031") == "188031"
