"""Every row becomes a ticket or a line of the error file, and twice is once."""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed
from governance.kernel.models import AuditEvent
from requests_intake.actions import import_tickets as module
from requests_intake.actions.context import savepoint
from requests_intake.actions.import_tickets import IMPORTER, ImportResult, import_tickets
from requests_intake.importing.error_file import ErrorFile
from requests_intake.models import Requester, Ticket, TicketTransition
from tests.importing.files import HOTLINE, MESSAGES, message, write_csv, write_xlsx
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
pytestmark = pytest.mark.django_db


def run(path: Path, *, actor: Actor = IMPORTER, **options: Any) -> tuple[ImportResult, list[list[str]]]:
    """Import the file; the result and the lines of the error file below its header."""
    errors = path.with_suffix(".errors")
    with ErrorFile(errors, keep_empty=True) as error_file:
        result = import_tickets(path, actor=actor, errors=error_file, **options)
    assert result.rows == result.created + result.existing + result.failed
    with errors.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["行号", "来源编号", "列", "原因"]
    assert len(lines) - 1 == result.failed
    return result, lines[1:]


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Ticket, TicketTransition, Requester, AuditEvent))


@time_machine.travel(MONDAY_9, tick=False)
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_messages_become_tickets_of_today_that_occurred_then(world: World, tmp_path: Path, write: Any) -> None:
    result, lines = run(write(tmp_path / f"a.{write.__name__[6:]}", MESSAGES, [message("188031"), message("188039")]))
    assert (result.created, lines) == (2, [])
    ticket = Ticket.objects.get(source="message_board", source_ref="188031")
    assert ticket.channel == "netizen_message"
    assert ticket.submitted_at == MONDAY_9
    assert ticket.occurred_at == datetime(2019, 4, 25, 9, 32, 9, tzinfo=SHANGHAI)
    assert (ticket.state, ticket.organization_id) == ("submitted", world.center_office.pk)
    assert (ticket.requester_id, ticket.recorded_by_id) == (None, None)
    event = AuditEvent.objects.get(action="import_tickets")
    assert event.detail == {
        "source": "message_board",
        "replay": False,
        "rows": 2,
        "created": 2,
        "existing": 0,
        "failed": 0,
    }


def test_a_second_import_changes_nothing(world: World, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", MESSAGES, [message(number) for number in range(60)])
    assert run(path)[0].created == 60
    before = counts()
    result, lines = run(path)
    assert (result.created, result.existing, lines) == (0, 60, [])
    assert counts() == before
    # The same numbers in another file, with one more.
    result, _lines = run(write_xlsx(tmp_path / "b.xlsx", MESSAGES, [message(number) for number in (3, 60)]))
    assert (result.created, result.existing) == (1, 1)


def test_bad_rows_are_told_and_spoil_nothing(world: World, tmp_path: Path) -> None:
    rows = [
        message("1"),
        message("2", text=""),
        message("3", at="很久以前"),
        message("1", text="同一个编号"),
        message("5", text="长" * 5_001),
        [*message("6"), "多出来的"],
        message("=cmd|' /C calc'!A0", text=""),
        message("", at=""),
        message("9"),
    ]
    result, lines = run(write_csv(tmp_path / "a.csv", MESSAGES, rows))
    assert (result.rows, result.created, result.failed) == (9, 2, 7)
    assert set(Ticket.objects.values_list("source_ref", flat=True)) == {"1", "9"}
    assert lines == [
        ["3", "2", "留言详情", "没有填写"],
        ["4", "3", "留言时间", "看不懂的时间“很久以前”，应像 2019-04-25 09:32:09"],
        ["5", "1", "留言编号", "与第 2 行编号重复"],
        ["6", "5", "留言详情", "最多 5000 字，现在 5001 字"],
        ["7", "6", "", "这一行的列数比表头多，可能少了引号"],
        ["8", "'=cmd|' /C calc'!A0", "留言详情", "没有填写"],
        ["9", "", "留言编号、留言时间", "留言编号：没有填写；留言时间：没有填写"],
    ]


def test_a_known_number_with_other_words_is_an_error_not_a_ticket(world: World, tmp_path: Path) -> None:
    run(write_csv(tmp_path / "a.csv", MESSAGES, [message("1")]))
    _result, lines = run(write_csv(tmp_path / "b.csv", MESSAGES, [message("1", text="别的事情，不是路灯。")]))
    assert lines == [["2", "1", "留言编号", "这个编号已经登记过，但内容不同"]]
    assert Ticket.objects.get(source_ref="1").content == "小区门口的路灯坏了一个月。"


def test_what_an_action_or_the_database_refuses_goes_to_the_error_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    submit = module.submit_ticket

    @savepoint  # like the action it stands for
    def broken(report: Any, **options: Any) -> Any:
        submitted = submit(report, **options)
        if report.source_ref == "2":  # fails when everything of it is written
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE requests_intake_ticket SET source_ref = '1' WHERE id = %s", [submitted.ticket.pk]
                )
        elif report.source_ref == "3":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return submitted

    monkeypatch.setattr(module, "submit_ticket", broken)
    path = write_csv(tmp_path / "a.csv", MESSAGES, [message(number) for number in (1, 2, 3, 4)])
    result, lines = run(path)
    assert set(Ticket.objects.values_list("source_ref", flat=True)) == {"1", "4"}
    # Row 2 met the number of another ticket at the last moment, as when two imports run at once.
    assert (result.created, result.existing, result.failed) == (2, 1, 1)
    assert lines == [["4", "3", "", "数据库不接受这一行（DataError）"]]


def test_hotline_orders_keep_who_called_and_what_is_confidential(world: World, tmp_path: Path) -> None:
    call = ["2025-09-12 10:11:08", "王芳", "138 0000 1234", "投诉", "下水道堵了", "楼下污水外溢，臭得很。"]
    rows = [
        ["25091201", *call, "春晓花园1号楼", "紧急", "是"],
        ["25091202", *call, "说不清的地方", "", "否"],
        ["25091203", *call[:2], "12", *call[3:], "", "", "否"],
    ]
    result, lines = run(write_csv(tmp_path / "12345.csv", HOTLINE, rows, "gb18030"))
    assert (result.mapping.name, result.created) == ("hotline_12345", 2)
    assert lines == [["4", "25091203", "联系电话", "电话号码不对，请检查。"]]
    secret, plain = Ticket.objects.order_by("source_ref")
    assert (secret.channel, secret.urgency, secret.request_type) == ("hotline", "urgent", "complaint")
    assert (secret.is_confidential, plain.is_confidential) == (True, False)
    assert (secret.requester.name, secret.requester.phone) == ("王芳", "13800001234")
    assert (secret.grid_id, secret.state) == (world.grid.pk, "handling")
    assert (plain.located_by, plain.state) == ("none", "submitted")


def test_a_trial_keeps_nothing(world: World, tmp_path: Path) -> None:
    before = counts()
    result, lines = run(write_csv(tmp_path / "a.csv", MESSAGES, [message("1"), message("2", text="")]), dry_run=True)
    assert (result.created, len(lines)) == (1, 1)
    assert counts() == before


def test_only_staff_with_a_post_may_import(world: World, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", MESSAGES, [message("1")])
    with pytest.raises(NotAllowed):
        run(path, actor=Actor.public())
    run(path, actor=world.center)
    assert Ticket.objects.get().recorded_by_id == world.members["center"].pk


def test_the_command_sums_up_and_names_the_error_file(world: World, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_csv(tmp_path / "list.csv", MESSAGES, [message("1"), message("2", text="")])
    said = StringIO()
    call_command("import_tickets", str(path), district=world.district.code, stdout=said)
    assert "共 2 行：新增 1 件，已有 0 件，错误 1 行" in said.getvalue()
    assert "list.errors.csv" in said.getvalue()
    assert (tmp_path / "list.errors.csv").exists()
    good = write_csv(tmp_path / "good.csv", MESSAGES, [message("1")])
    call_command("import_tickets", str(good), district=world.district.code, stdout=said)
    assert "新增 0 件，已有 1 件，错误 0 行" in said.getvalue()
    assert not (tmp_path / "good.errors.csv").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"district": "nowhere"}, "没有代号为“nowhere”的区"),
        ({"mapping": "nothing"}, "没有列对照“nothing”"),
        ({"mapping": "hotline_12345"}, "文件缺少列：工单编号、诉求内容、来电时间"),
        ({"replay": True}, "不能回放"),
        ({"errors": "list.csv"}, "错误文件不能就是导入的文件"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    world: World, tmp_path: Path, monkeypatch: Any, options: dict[str, Any], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_csv(tmp_path / "list.csv", MESSAGES, [message("1")])
    if "errors" in options:
        options = {"errors": tmp_path / options["errors"]}
    with pytest.raises(CommandError, match=said):
        call_command("import_tickets", str(path), **{"district": world.district.code, **options})
    assert path.stat().st_size > 100
    assert not Ticket.objects.exists()
