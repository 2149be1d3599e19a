"""The auditor's page: what is in the log, who may read it, and that it can be taken away safely."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.models import AuditCheck, AuditEvent
from tests.world import PASSWORD, World, make_district

PATH = "/manage/audit/"


def page(world: World, **query: str) -> Any:
    return world.sign_in(Client(), "auditor").get(PATH, query)


def text(world: World, **query: str) -> str:
    return page(world, **query).content.decode()


def export(world: World, **query: str) -> list[list[str]]:
    answer = world.sign_in(Client(), "auditor").post(f"{PATH}export/", query)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


@pytest.mark.parametrize("name", ["admin", "security", "official", "worker"])
def test_only_the_auditor_reads_the_log(world: World, name: str) -> None:
    client = world.sign_in(Client(), name)
    assert client.get(PATH).status_code == 403
    assert client.post(f"{PATH}export/").status_code == 403


def test_the_auditor_changes_nobody(world: World) -> None:
    client = world.sign_in(Client(), "auditor")
    member = world.members["worker"].pk
    for path in (f"people/{member}/", f"people/{member}/invite/", f"security/{member}/", "people/new/", "registers/"):
        assert client.get(f"/manage/{path}").status_code == 403, path
    assert client.get("/home/")["Location"] == PATH


def test_what_happens_is_in_it_in_words(world: World) -> None:
    Client().post("/sign-in/", {"handle": "t1-worker", "password": "not this one"})
    Client().post("/sign-in/", {"handle": "t1-worker", "password": PASSWORD})
    audit.record("reveal_phone", actor=world.worker, object_kind="ticket", object_id=7, reason="联系")
    audit.record("settings.limits", actor=world.admin, object_kind="limit_policy", object_id=2, version=2)
    audit.record("building.update", actor=world.admin, object_kind="building", object_id=5)
    shown = text(world)
    for words in ("登录", "没成功", "周网格员", "查看完整电话", "诉求 7", "修改办理时限", "楼栋：修改", "朱管理"):
        assert words in shown, words


def test_filters_narrow_it(world: World) -> None:
    for number in (1, 2):
        audit.record("reveal_phone", actor=world.worker, object_kind="ticket", object_id=number)
    audit.record("reveal_phone", actor=world.handler, object_kind="ticket", object_id=3)
    audit.record("sign_in", actor=Actor.public(), object_kind="membership", object_id=1, succeeded=False)

    def objects(**query: str) -> set[int | None]:
        return {row["id"] for row in page(world, **query).context["rows"]}

    rows = {row.object_id: row.pk for row in AuditEvent.objects.filter(action="reveal_phone")}
    assert objects(who="周网格员") == {rows[1], rows[2]}
    assert objects(who="t1-handler") == {rows[3]}
    assert objects(who="没有这个人") == set()
    assert objects(action="reveal_phone") == set(rows.values())
    assert objects(kind="ticket", number="2") == {rows[2]}
    assert objects(failed="on") == {AuditEvent.objects.get(succeeded=False).pk}
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert objects(since=yesterday, until=yesterday) == set()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"since": "2026-01-01", "until": "2026-06-30"}, "一次最多看 92 天"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "不能晚于"),
    ],
)
def test_too_long_or_backward_spans_are_refused_with_what_was_asked(
    world: World, query: dict[str, str], sentence: str
) -> None:
    answer = page(world, **query, who="周网格员")
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="周网格员"' in answer.content.decode()


def test_pages_follow_each_other_without_gap_or_repeat_and_cost_the_same(world: World) -> None:
    def cost(**query: str) -> int:
        client = world.sign_in(Client(), "auditor")
        client.get(PATH, query)
        with CaptureQueriesContext(connection) as found:
            client.get(PATH, query)
        return len(found)

    for number in range(60):
        audit.record("reveal_phone", actor=world.worker, object_kind="ticket", object_id=number)
    few = cost(kind="ticket")
    for number in range(60, 180):
        audit.record("reveal_phone", actor=world.worker, object_kind="ticket", object_id=number)
    assert cost(kind="ticket") == few
    seen: list[int] = []
    client, address = world.sign_in(Client(), "auditor"), f"{PATH}?kind=ticket"
    while address:
        answer = client.get(address)
        seen += [row["id"] for row in answer.context["rows"]]
        address = PATH + answer.context["next_url"] if answer.context["next_url"] else ""
    assert len(seen) == len(set(seen)) == 180
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("mark", ["x", "2026-01-01_1", "9_9_9", "2026-01-01T00:00:00+00:00_99999999999999999999"])
def test_a_mark_somebody_made_up_is_the_first_page(world: World, mark: str) -> None:
    audit.record("sign_out", actor=world.worker)
    assert len(page(world, after=mark).context["rows"]) >= 1


def test_the_file_holds_the_same_rows_runs_nothing_and_is_in_the_log(world: World) -> None:
    audit.record("=1+1", actor=world.worker, object_kind="ticket", object_id=1, note="@SUM(A1)")
    for number in range(120):
        audit.record("reveal_phone", actor=world.worker, object_kind="ticket", object_id=number)
    lines = export(world, kind="ticket")
    assert lines[0][:4] == ["编号", "时间", "谁", "做了什么"]
    assert len(lines) == 122
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]
    taken = AuditEvent.objects.get(action="audit.export")
    assert taken.actor == world.auditor.principal
    assert taken.detail["rows"] == 121
    assert "导出审计记录" in text(world)


def test_another_district_is_not_in_it(world: World) -> None:
    from governance.kernel.tenancy.context import district_transaction

    other = make_district("t2", 2)
    with district_transaction(other.district):
        audit.record("settings.path", actor=other.admin)
    assert "修改上报路径" not in text(world).split("</form>")[-1]
    assert not [line for line in export(world) if "修改上报路径" in line]


def test_the_result_of_the_last_check_stands_above(world: World) -> None:
    assert "还没有核对过" in text(world)
    AuditCheck.objects.create(
        checked_at=clock.now(), seals=1, events=12, unsealed=0, head_number=1, head="0" * 64, faults=[]
    )
    assert "核对过 12 条，没有改动" in text(world)
    AuditCheck.objects.create(
        checked_at=clock.now(), seals=1, events=12, unsealed=0, head_number=1, head="0" * 64,
        faults=[["removed", 1, 77], ["inserted", 1, 78], ["seal", 2, None]],
    )  # fmt: skip
    shown = text(world)
    for words in ("记录被动过", "第 77 条被删掉", "第 78 条是后来插进去的", "第 2 个封条"):
        assert words in shown, words


def test_a_kind_of_post_is_said_in_words(world: World, client: Client) -> None:
    audit.record("post.create", actor=world.admin, object_kind="post", object_id=1, kind="unit_head")
    page = world.sign_in(client, "auditor").get("/manage/audit/").content.decode()
    assert "类型 单元长" in page
    assert "unit_head" not in page
