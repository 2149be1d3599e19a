"""专项摸排 at the desk and on the phone: set up, asked with one tap, kept offline, followed by the street."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from governance.kernel import clock
from governance.kernel.models import AuditEvent
from governance.kernel.workbooks import workbook
from governance.privacy.models import Disclosure
from grids.canvasses.actions.canvasses import FieldDetails, add_slot
from grids.canvasses.actions.erase import erase_early
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassField, CanvassValue
from grids.canvasses.sheet import WRITTEN, columns
from tests.canvasses.helpers import WANTED, answer, draft, fields, running
from tests.visits.helpers import homes
from tests.world import World

pytestmark = pytest.mark.django_db
WORDS = FieldDetails("要帮什么忙", "words", is_required=False)


def key_of(page: str) -> str:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: Client, path: str, **said: object) -> object:
    return client.post(path, {"idempotency_key": key_of(client.get(path).content.decode()), **said})


def test_a_community_sets_one_up_step_by_step(world: World, client: Client) -> None:
    homes(world, 2)
    world.sign_in(client, "secretary")
    assert 'href="/desk/canvasses/new/"' in client.get("/desk/canvasses/").content.decode()
    today = clock.today()
    said = {
        "area": world.community.pk, "title": "冬季疫苗", "purpose": "算清楚要多少支", "begins_on": f"{today}",
        "ends_on": f"{today + timedelta(days=9)}", "keep_days": 91, "born_until": 1961,
    }  # fmt: skip
    refused = client.post("/desk/canvasses/new/", {"idempotency_key": "k1", **said})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "算清楚要多少支" in page  # nothing typed is lost
    made = client.post("/desk/canvasses/new/", {"idempotency_key": "k2", **said, "keep_days": 30, "born_until": ""})
    row = Canvass.objects.get()
    assert made["Location"] == f"/desk/canvasses/{row.pk}/"
    again = client.post("/desk/canvasses/new/", {"idempotency_key": "k2", **said, "keep_days": 30, "born_until": ""})
    assert again.status_code == 302
    assert Canvass.objects.count() == 1
    here = f"/desk/canvasses/{row.pk}/"
    send(client, f"{here}fields/new/", label="要不要打", kind="yes_no", is_required="on")
    send(client, f"{here}fields/new/", label="哪里方便", kind="choice", choices="社区\n卫生站")
    send(client, f"{here}slots/new/", starts_at=f"{today + timedelta(days=3)}T09:00", place="卫生站", capacity=5)
    assert [field.label for field in CanvassField.objects.order_by("position")] == ["要不要打", "哪里方便"]
    assert "现在有 2 户要问" in client.get(f"{here}start/").content.decode()
    send(client, f"{here}start/")
    row.refresh_from_db()
    assert row.started_at is not None
    assert "正在问" in client.get(here).content.decode()


def test_one_tap_on_the_list_answers_and_two_forms_sent_are_one_answer(world: World, client: Client) -> None:
    first, second = homes(world, 2)
    row = running(world)
    world.sign_in(client, "worker")
    assert f"/m/canvasses/{row.pk}/" in client.get("/m/canvasses/").content.decode()
    page = client.get(f"/m/canvasses/{row.pk}/list/").content.decode()
    path = f"/m/canvasses/{row.pk}/of/{first.pk}/"
    name = f"field_{fields(row)[0].pk}"
    assert page.count(f'name="{name}" value="1"') == 2
    assert page.count("data-offline=") == 2
    said = {"met": "answered", "seen": "", name: "1", "idempotency_key": "from-the-phone", "at": "2026-11-18T01:00:00Z"}
    for _twice in range(2):
        assert client.post(path, said).status_code == 302
    assert CanvassAnswer.objects.count() == 1
    left = client.get(f"/m/canvasses/{row.pk}/list/").content.decode()
    assert f"/of/{first.pk}/" not in left
    assert f"/of/{second.pk}/" in left
    done = client.get(f"/m/canvasses/{row.pk}/list/?show=answered").content.decode()
    assert "要不要打流感疫苗：是" in done


def test_a_household_where_nobody_was_home_stays_on_the_list(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    row = running(world)
    world.sign_in(client, "worker")
    send(client, f"/m/canvasses/{row.pk}/of/{one.pk}/", met="away")
    page = client.get(f"/m/canvasses/{row.pk}/list/").content.decode()
    assert f"/of/{one.pk}/" in page
    assert "没人在家" in page


def test_what_is_missing_is_said_and_who_was_first_is_named(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    row = running(world, WANTED, WORDS)
    world.sign_in(client, "worker")
    path = f"/m/canvasses/{row.pk}/of/{one.pk}/"
    words = f"field_{fields(row)[1].pk}"
    refused = client.post(path, {"met": "answered", words: "腿脚不便", "idempotency_key": "k"})
    assert refused.status_code == 422
    assert "这一题要答。" in refused.content.decode()
    assert "腿脚不便" in refused.content.decode()
    answer(row, one, world.leader, False)
    late = client.post(path, {"met": "answered", f"field_{fields(row)[0].pk}": "1", "idempotency_key": "k2"})
    assert late.status_code == 422
    assert "已经在" in late.content.decode()
    assert CanvassValue.objects.get().option == 0


def test_the_phone_keeps_lists_and_forms_without_what_was_written(world: World, client: Client) -> None:
    first, second = homes(world, 2)
    row = running(world, WANTED, WORDS)
    answer(row, first, world.worker, True, "腿脚不便")
    world.sign_in(client, "worker")
    for path in ("", f"{row.pk}/", f"{row.pk}/list/?show=all", f"{row.pk}/of/{second.pk}/"):
        page = client.get(f"/m/canvasses/{path}")
        assert page.has_header("X-Offline-Keep"), path
        assert "腿脚不便" not in page.content.decode(), path
    assert not client.get(f"/m/canvasses/{row.pk}/of/{first.pk}/").has_header("X-Offline-Keep")


def test_words_of_a_colleague_are_opened_with_a_reason_and_not_wiped_out_unseen(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    row = running(world, WANTED, WORDS)
    kept = answer(row, one, world.worker, True, "腿脚不便")
    world.sign_in(client, "staff")
    path = f"/desk/canvasses/{row.pk}/of/{one.pk}/"
    page = client.get(path).content.decode()
    assert "腿脚不便" not in page
    opened = send(client, f"/desk/canvasses/answers/{kept.pk}/open/", reason="home_visit").content.decode()  # type: ignore[attr-defined]
    assert "腿脚不便" in opened
    assert Disclosure.objects.count() == 1
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    yes = f"field_{fields(row)[0].pk}"
    client.post(path, {"met": "answered", yes: "0", "seen": seen[1], "idempotency_key": "k"})
    assert {value.words for value in CanvassValue.objects.all()} == {"", "腿脚不便"}


def test_a_street_follows_by_community_and_grid_and_never_sees_a_household(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    homes(world, 1, building=4)  # of the street's other community
    row = running(world, actor=world.dispatcher, area=world.street.pk)
    answer(row, one, world.worker)
    world.sign_in(client, "dispatcher")
    page = client.get(f"/desk/canvasses/{row.pk}/").content.decode()
    for name in ("春晓社区", "春晓社区第一网格", "夏荷社区", "1 户"):
        assert name in re.sub(r"<[^>]+>", "", page)
    assert f"/desk/canvasses/{row.pk}/list/" not in page
    for path in ("list/", f"of/{one.pk}/", "export/", "results/"):
        assert client.get(f"/desk/canvasses/{row.pk}/{path}").status_code == 403


def test_ending_and_erasing_are_confirmed(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    row = running(world)
    answer(row, one, world.worker)
    world.sign_in(client, "secretary")
    here = f"/desk/canvasses/{row.pk}/"
    assert "今天就结束" in client.get(f"{here}end/").content.decode()
    send(client, f"{here}end/")
    row.refresh_from_db()
    assert row.ended_at is not None
    refused = send(client, f"{here}erase/")
    assert "请先打钩。" in refused.content.decode()  # type: ignore[attr-defined]
    assert CanvassAnswer.objects.count() == 1
    send(client, f"{here}erase/", sure="on")
    assert not CanvassAnswer.objects.exists()
    page = client.get(here).content.decode()
    assert "下面只是数字" in page
    assert "要不要打流感疫苗" in page
    assert client.get(f"{here}list/").status_code == 302
    assert client.get(f"{here}export/").status_code == 403


def test_the_list_is_exported_without_words_and_comes_back(world: World, client: Client) -> None:
    first, second = homes(world, 2)
    row = running(world, WANTED, WORDS)
    answer(row, first, world.worker, True, "腿脚不便")
    world.sign_in(client, "staff")
    sent = client.get(f"/desk/canvasses/{row.pk}/export/?show=all")
    lines = list(load_workbook(BytesIO(sent.content)).active.iter_rows(values_only=True))
    assert list(lines[0]) == columns(fields(row), has_places=False)
    assert {line[0]: line[-1] for line in lines[1:]} == {first.pk: WRITTEN, second.pk: None}
    assert AuditEvent.objects.get(action="canvass.export").detail == {"count": 2}
    rows = [[second.pk, "", "", "答了", "是", ""], [999_999, "", "远处", "答了", "是", ""]]
    content = workbook("名单", columns(fields(row), has_places=False), rows)
    file = SimpleUploadedFile("名单.xlsx", content)
    shown = send(client, f"/desk/canvasses/{row.pk}/results/", file=file).content.decode()  # type: ignore[attr-defined]
    assert "收了 1 行" in shown
    assert "999999" in shown
    assert CanvassAnswer.objects.count() == 2


def test_a_time_is_followed_to_who_booked_it(world: World, client: Client) -> None:
    first, second = homes(world, 2)
    row = running(world)
    slot = add_slot(row, clock.now() + timedelta(days=1), "卫生站", 1, actor=world.secretary)
    answer(row, first, world.worker, True, seats=1, slot=slot.pk)
    world.sign_in(client, "worker")
    page = client.get(f"/m/canvasses/{row.pk}/list/?slot={slot.pk}").content.decode()
    assert f"/of/{first.pk}/" in page
    assert f"/of/{second.pk}/" not in page
    path = f"/m/canvasses/{row.pk}/of/{second.pk}/"
    assert "满了" in client.get(path).content.decode()
    yes = f"field_{fields(row)[0].pk}"
    full = send(client, path, met="answered", seats=1, slot=slot.pk, **{yes: "1"})
    assert full.status_code == 422  # type: ignore[attr-defined]
    assert "这个时间满了" in full.content.decode()  # type: ignore[attr-defined]


def test_a_draft_waits_for_nobody_and_can_go(world: World, client: Client) -> None:
    row = draft(world)
    world.sign_in(client, "secretary")
    send(client, f"/desk/canvasses/{row.pk}/discard/")
    assert not Canvass.objects.exists()
    assert "现在没有摸排" in client.get("/desk/canvasses/").content.decode()


def test_what_is_over_is_kept_apart_with_its_numbers(world: World, client: Client) -> None:
    one = homes(world, 1)[0]
    row = running(world)
    answer(row, one, world.worker)
    erase_early(row, actor=world.secretary)
    world.sign_in(client, "worker")
    assert row.title not in client.get("/m/canvasses/").content.decode()
    assert row.title in client.get("/m/canvasses/?show=over").content.decode()
