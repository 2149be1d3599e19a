"""The pages of announcements: written at the desk, read on the phone and, without an account, by residents."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.accounts.models import Notice
from governance.kernel.tenancy.context import no_district
from services.actions.announcements import confirm_reading, correct_announcement, withdraw_announcement
from services.audience import Audience
from services.models import Announcement, AnnouncementTarget, Delivery
from services.queries import place_of
from tests.cases import announcement, announcement_draft, report
from tests.world import World, make_district

pytestmark = pytest.mark.django_db

DESK = "/desk/announcements/"


@pytest.fixture
def desk(world: World) -> Client:
    return world.sign_in(Client(), "secretary")


def public(world: World, path: str = "") -> str:
    return f"/d/{world.district.code}/announcements/{path}"


def said(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "organization": world.committee.pk, "title": "停水通知", "text": "明天停水。", "to": "residents",
        "buildings": [world.building.pk], "idempotency_key": str(uuid.uuid4()), "publish": "1", **changes,
    }  # fmt: skip


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# ---------------------------------------------------------------- at the desk
def test_written_seen_before_and_published(world: World, desk: Client) -> None:
    assert f'name="organization" value="{world.committee.pk}"' in text_of(desk.get(DESK))
    response = desk.post(DESK, said(world))
    row = Announcement.objects.get()
    assert (row.state, row.kind) == ("draft", "outage")
    assert response.url == f"{DESK}{row.number}/publish/"
    page = text_of(desk.get(response.url))
    assert all(words in page for words in (">1</b><span>栋楼", ">24</b><span>户居民", ">2</b><span>名工作人员"))
    key = {"idempotency_key": str(uuid.uuid4())}
    assert desk.post(response.url, key).url == f"{DESK}{row.number}/"
    # A second tap on the same form does nothing more and says the same.
    assert desk.post(response.url, key).url == f"{DESK}{row.number}/"
    row.refresh_from_db()
    assert row.state == "published"
    assert Delivery.objects.count() == 2


def test_the_same_form_sent_twice_makes_one_draft(world: World, desk: Client) -> None:
    form = said(world)
    assert desk.post(DESK, form).url == desk.post(DESK, form).url
    assert Announcement.objects.count() == 1


def test_a_mistake_keeps_everything_typed_and_ticked(world: World, desk: Client) -> None:
    response = desk.post(DESK, said(world, title="", text="明早停水，请存水。"))
    page = text_of(response)
    assert response.status_code == 422
    assert "请写标题" in page
    assert "明早停水，请存水。" in page
    assert re.search(rf'name="buildings" value="{world.building.pk}" checked', page)
    assert Announcement.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"buildings": []}, "请选发给哪里"),
        ({"to": "staff"}, "请选岗位"),
        ({"visible_until": "2001-01-01"}, "这一天已经过去了"),
        ({"buildings": ["x"]}, "请重新选择"),
        ({"areas": ["1"]}, "只能发给"),
    ],
)
def test_what_cannot_be_published_is_said_in_the_form(
    world: World, desk: Client, changes: dict[str, Any], sentence: str
) -> None:
    response = desk.post(DESK, said(world, **changes))
    assert response.status_code == 422
    assert sentence in text_of(response)


def test_places_that_do_not_exist_or_lie_elsewhere_are_refused(world: World, desk: Client) -> None:
    response = desk.post(DESK, said(world, buildings=[world.buildings[-1].pk]))
    assert response.status_code == 422
    assert "只能发给春晓社区" in text_of(response)


def test_a_draft_is_kept_and_changed_with_its_places(world: World, desk: Client) -> None:
    desk.post(DESK, {**said(world), "save": "1"})
    row = Announcement.objects.get()
    page = text_of(desk.get(f"{DESK}{row.number}/edit/"))
    assert re.search(rf'name="buildings" value="{world.building.pk}" checked', page)
    desk.post(f"{DESK}{row.number}/edit/", said(world, buildings=[], areas=[world.grid2.pk], title="改了"))
    row.refresh_from_db()
    assert row.title == "改了"
    assert list(AnnouncementTarget.objects.values_list("kind", "area_id")) == [("area", world.grid2.pk)]


def test_staff_alone_are_addressed_by_posts_of_the_whole_place_unless_places_are_ticked(
    world: World, desk: Client
) -> None:
    desk.post(DESK, said(world, to="staff", posts=["grid_worker"], buildings=[]))
    row = Announcement.objects.get()
    assert not row.is_public
    assert row.targets.get().area_id == world.community.pk


def test_a_street_unfolds_a_community_to_its_buildings_without_losing_words(world: World) -> None:
    client = world.sign_in(Client(), "dispatcher")
    assert f'name="buildings" value="{world.building.pk}"' not in text_of(client.get(DESK))
    response = client.post(
        DESK, {"title": "写了一半", "unfold": str(world.community.pk), "idempotency_key": str(uuid.uuid4())}
    )
    page = text_of(response)
    assert response.status_code == 200
    assert f'name="buildings" value="{world.building.pk}"' in page
    assert "写了一半" in page
    assert "请写正文" not in page
    # Another street's community is not unfolded.
    response = client.post(DESK, {"unfold": str(world.other_community.pk), "idempotency_key": "k"})
    assert f'name="buildings" value="{world.buildings[-1].pk}"' not in text_of(response)


def test_delivery_is_a_list_of_facts(world: World, desk: Client) -> None:
    row = announcement(world, wants_receipt=True)
    confirm_reading(row, actor=world.worker)
    page = text_of(desk.get(f"{DESK}{row.number}/"))
    assert "已送达 2/2" in page
    assert "周网格员" in page
    assert "吴网格长" in page
    assert not re.search(r"[0-9]\s*%|排名|阅读率|已读率", page.split("<main")[1])


def test_who_was_only_addressed_sees_no_delivery_list(world: World) -> None:
    row = announcement(world, by="center", audience=Audience(organizations=frozenset({world.water.pk})))
    client = world.sign_in(Client(), "handler")
    page = text_of(client.get(f"{DESK}{row.number}/"))
    assert "已送达" not in page
    assert "卫经理" not in page
    assert "看过了" in page
    client.post(f"{DESK}{row.number}/read/")
    assert row.deliveries.get(membership=world.members["handler"]).read_version == 1


def test_correcting_and_withdrawing_ask_for_their_reason(world: World, desk: Client) -> None:
    row = announcement(world)
    address = f"{DESK}{row.number}/"
    form = {"title": row.title, "text": "改为后天。", "note": "", "idempotency_key": str(uuid.uuid4())}
    response = desk.post(f"{address}correct/", form)
    assert response.status_code == 422
    assert "请写明更正了什么" in text_of(response)
    assert "改为后天。" in text_of(response)
    assert desk.post(f"{address}correct/", {**form, "note": "日期", "idempotency_key": "2"}).url == address
    assert desk.post(f"{address}withdraw/", {"reason": "", "idempotency_key": "3"}).status_code == 422
    assert desk.post(f"{address}withdraw/", {"reason": "改期", "idempotency_key": "4"}).url == address
    assert "改期" in text_of(desk.get(address))


def test_the_list_is_searched_by_words_and_filtered_by_state(world: World, desk: Client) -> None:
    announcement(world, title="消防通道清理")
    announcement_draft(world, title="老年体检")
    assert "消防通道清理" in text_of(desk.get(f"{DESK}sent/?q=消防通道"))
    assert "老年体检" not in text_of(desk.get(f"{DESK}sent/?q=消防通道"))
    page = text_of(desk.get(f"{DESK}sent/?state=draft"))
    assert "老年体检" in page
    assert "消防通道清理" not in page
    assert "没有找到" in text_of(desk.get(f"{DESK}sent/?q=不存在的词"))


@pytest.mark.parametrize("name", ["handler", "official"])
def test_who_cannot_publish_finds_only_what_was_sent_to_them(world: World, name: str) -> None:
    client = world.sign_in(Client(), name)
    assert client.get(DESK).url == f"{DESK}received/"
    refused = client.post(DESK, said(world))
    assert refused.status_code == 403
    assert "不能发公告" in text_of(refused)
    assert Announcement.objects.count() == 0


def test_another_district_finds_none_of_it(world: World) -> None:
    row = announcement(world)
    draft = announcement_draft(world)
    foreign = make_district("t2", 2)
    client = foreign.sign_in(Client(), "secretary")
    with no_district():
        for number in (row.number, draft.number):
            for page in ("", "edit/", "publish/", "correct/", "withdraw/", "discard/"):
                assert client.get(f"{DESK}{number}/{page}").status_code == 404
        assert "停水通知" not in text_of(client.get(f"{DESK}sent/"))
        assert "停水通知" not in text_of(client.get("/d/t2/announcements/"))
        assert client.get(f"/d/t2/announcements/{row.number}/").status_code == 404


# ---------------------------------------------------------------- residents
def test_residents_read_without_an_account_and_the_device_remembers_the_place(world: World) -> None:
    row = announcement(world)
    client = Client()
    assert row.title in text_of(client.get(public(world)))
    next_door = f"b{world.buildings[1].pk}"
    assert client.post(public(world, "place/"), {"place": next_door}).url.endswith("/announcements/")
    assert row.title not in text_of(client.get(public(world)))
    client.post(public(world, "place/"), {"place": f"b{world.building.pk}"})
    page = text_of(client.get(public(world)))
    assert row.title in page
    assert place_of(f"b{world.building.pk}").label in page  # type: ignore[union-attr]
    # Only the device knows: no session is made for it.
    assert "sessionid" not in client.cookies
    assert client.cookies["announcement_place"]["path"] == f"/d/{world.district.code}/"
    client.post(public(world, "place/"), {"place": ""})
    assert client.cookies["announcement_place"].value == ""


def test_a_place_that_is_none_is_not_remembered(world: World) -> None:
    client = Client()
    assert client.post(public(world, "place/"), {"place": "b999999"}).status_code == 404
    client.cookies["announcement_place"] = "b1 or 1=1"
    assert client.get(public(world)).status_code == 200


def test_choosing_goes_from_community_to_compound_and_building(world: World) -> None:
    client = Client()
    assert f"?community={world.community.pk}" in text_of(client.get(public(world, "place/")))
    page = text_of(client.get(public(world, f"place/?community={world.community.pk}")))
    for value in (f"a{world.community.pk}", f"x{world.compound.pk}", f"b{world.building.pk}"):
        assert f'value="{value}"' in page
    assert client.get(public(world, "place/?community=999")).status_code == 200


def test_what_is_for_staff_alone_is_never_public(world: World) -> None:
    row = announcement(world, title="内部", audience=Audience(posts=frozenset({("grid_worker", world.community.pk)})))
    draft = announcement_draft(world, title="草稿")
    client = Client()
    assert client.get(public(world, f"{row.number}/")).status_code == 404
    assert client.get(public(world, f"{draft.number}/")).status_code == 404
    page = text_of(client.get(public(world)))
    assert "内部" not in page
    assert "草稿" not in page
    worker = world.sign_in(Client(), "worker")
    assert "内部" in text_of(worker.get("/m/announcements/"))
    assert worker.get(public(world, f"{row.number}/")).status_code == 404


def test_a_correction_is_shown_with_its_reason_and_the_words_before(world: World) -> None:
    row = announcement(world)
    correct_announcement(
        row, title=row.title, text="改为后天停水。", visible_until=None, note="停水改期", actor=world.secretary
    )
    page = text_of(Client().get(public(world, f"{row.number}/")))
    for words in ("更正", "停水改期", "改为后天停水。", "明天上午九点到下午四点停水"):
        assert words in page
    assert "有更正" in text_of(Client().get(public(world)))


def test_of_a_withdrawn_one_residents_read_that_and_why_but_not_the_words(world: World) -> None:
    row = announcement(world)
    withdraw_announcement(row, reason="施工改期", actor=world.secretary)
    page = text_of(Client().get(public(world, f"{row.number}/")))
    assert "已撤回" in page
    assert "施工改期" in page
    assert "明天上午九点" not in page


def test_words_are_escaped_and_lines_kept(world: World) -> None:
    row = announcement(world, title="<b>标题</b>", text="第一行\n<script>alert(1)</script>")
    page = Client().get(public(world, f"{row.number}/")).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;标题" in page


def test_the_first_page_shows_the_newest_three(world: World) -> None:
    home = f"/d/{world.district.code}/"
    assert "全部公告" not in text_of(Client().get(home))
    for number in range(4):
        announcement(world, title=f"第{number}条公告")
    page = text_of(Client().get(home))
    assert "第3条公告" in page
    assert "第1条公告" in page
    assert "第0条公告" not in page


# ---------------------------------------------------------------- on the phone
def test_the_worker_sees_both_and_confirms(world: World) -> None:
    mine = announcement(world, title="给网格员", wants_receipt=True)
    announcement(world, title="给全社区", audience=Audience(areas=frozenset({world.grid2.pk})))
    worker = world.sign_in(Client(), "worker")
    assert "1 条给您的还没看" in text_of(worker.get("/m/"))
    assert "给全社区" not in text_of(worker.get("/m/announcements/"))
    assert "给全社区" in text_of(worker.get("/m/announcements/?show=residents"))
    page = text_of(worker.get(f"/m/announcements/{mine.number}/"))
    assert "发回执" in page
    worker.post(f"/m/announcements/{mine.number}/read/")
    assert "您已看过" in text_of(worker.get(f"/m/announcements/{mine.number}/"))
    assert "还没看" not in text_of(worker.get("/m/"))


def test_the_message_leads_to_the_announcement(world: World) -> None:
    row = announcement(world)
    notice = Notice.objects.get(membership=world.members["worker"])
    worker = world.sign_in(Client(), "worker")
    assert worker.post(f"/m/notices/{notice.pk}/").url == f"/m/announcements/{row.number}/"
    ticket = report(world)
    Notice.objects.filter(pk=notice.pk).update(path=f"/m/t/{ticket.number}/")
    assert worker.post(f"/m/notices/{notice.pk}/").url == f"/m/t/{ticket.number}/"


def test_statements_of_the_lists_do_not_grow_with_announcements(world: World, desk: Client) -> None:
    worker, anybody = world.sign_in(Client(), "worker"), Client()
    anybody.cookies["announcement_place"] = f"x{world.compound.pk}"
    pages = [
        (desk, DESK), (desk, f"{DESK}sent/"), (desk, f"{DESK}received/"), (worker, "/m/announcements/"),
        (worker, "/m/announcements/?show=residents"), (worker, "/m/"), (anybody, public(world)),
        (anybody, f"/d/{world.district.code}/"),
    ]  # fmt: skip

    def statements() -> list[int]:
        found = []
        for client, path in pages:
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            found.append(len(captured))
        return found

    for _number in range(2):
        announcement(world)
    few = statements()
    for _number in range(15):
        announcement(world)
    assert statements() == few
