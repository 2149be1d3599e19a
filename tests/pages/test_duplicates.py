"""疑似重复, merging in three taps, taking out again, splitting, repeats and urging in a batch: the pages."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from governance.kernel import outbox
from governance.kernel.tenancy.context import district_transaction
from requests_intake import classification
from requests_intake.actions.handle import sign_order
from requests_intake.actions.merge import merge_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket, TicketMerge, TicketSplit, TicketTransition
from requests_intake.reference import rules
from tests.cases import report
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = {"content": "3单元楼道的灯坏了，晚上看不见", "name": "赵大海", "phone": "13900005678"}
FIRST = "三单元楼道灯坏了一个星期，老人晚上上下楼看不见，我是钱桂花"


def code() -> str:
    return next(ref.code for ref in rules().categories.values() if ref.parent_id and not ref.pure.is_restricted)


def two(world: World, **changes: Any) -> tuple[Ticket, Ticket]:
    with district_transaction(world.district.pk):
        first = report(world, content=FIRST, name="钱桂花", phone="13711112222", category_code=code())
        return first, report(world, **{**OTHER, "category_code": code(), **changes})


def again(world: World, ticket: Ticket) -> Ticket:
    with district_transaction(world.district.pk):
        return Ticket.objects.get(pk=ticket.pk)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def desk(world: World, who: str = "staff") -> Client:
    return world.sign_in(Client(), who)


def told(world: World) -> None:
    with district_transaction(world.district.pk):
        outbox.deliver(TicketTransition)


def solve(world: World, ticket: Ticket) -> None:
    with district_transaction(world.district.pk):
        resolve_ticket(sign_order(ticket, actor=world.worker), actor=world.worker, reply="灯换好了")
        found = Ticket.objects.get(pk=ticket.pk)
        if found.state == "resolved":
            verify_ticket(found, passed=True, actor=world.staff)


# ---------------------------------------------------------------- suggested, and merged in three taps
def test_from_the_suggestion_on_a_ticket_it_is_merged_in_two_taps_more(world: World) -> None:
    first, second = two(world)
    client = desk(world)
    shown = text_of(client.get(f"/desk/t/{second.number}/"))
    assert "疑似重复" in shown
    assert "同一栋楼、同类、今天，文字相近" in shown
    assert "赵大海" not in shown.replace("赵**", "")
    preview_url = re.search(r'href="(/desk/merge/[^"]+)"', shown)
    assert preview_url is not None
    preview = client.get(preview_url.group(1).replace("&amp;", "&"))
    assert preview.status_code == 200
    body = {
        "ticket": [first.pk, second.pk], "master": first.pk, "merge": [second.pk],
        "idempotency_key": str(uuid4()), "next": f"/desk/t/{second.number}/",
    }  # fmt: skip
    done = client.post("/desk/merge/", body)
    assert done.status_code == 302
    assert done["Location"].startswith(f"/desk/t/{first.number}/")
    assert again(world, second).state == "merged"
    repeated = client.post("/desk/merge/", body)
    assert repeated.status_code == 302
    with district_transaction(world.district.pk):
        assert TicketMerge.objects.count() == 1
    master = text_of(client.get(f"/desk/t/{first.number}/"))
    assert "一起办的·1 件" in master
    assert second.number in master
    follower = text_of(client.get(f"/desk/t/{second.number}/"))
    assert "已并入主件" in follower
    assert first.number in follower
    found = text_of(client.get(f"/desk/?q={second.number}"))
    assert first.number in found  # who looks for the follower is led to its master


def test_a_batch_says_why_a_row_cannot_be_merged_and_merges_the_others(world: World) -> None:
    first, second = two(world)
    with district_transaction(world.district.pk):
        third = report(world, **{**OTHER, "phone": "13900005670"}, category_code=code())
        gone = report(world, **{**OTHER, "phone": "13900005671"}, category_code=code())
        merge_ticket(gone, into=third, actor=world.staff)
    client = desk(world)
    chosen = [first.pk, second.pk, gone.pk]
    preview = text_of(client.get("/desk/merge/", {"ticket": chosen}))
    assert "它已经并入另一件。" in preview
    assert f'value="{first.pk}" checked' in preview
    body = {"ticket": chosen, "master": first.pk, "merge": [second.pk, gone.pk], "idempotency_key": str(uuid4())}
    shown = text_of(client.post("/desk/merge/", body, follow=True))
    assert f"1 件并入了 {first.number}" in shown
    assert f"没有合并 {gone.number}：它已经并入另一件。" in shown


def test_nothing_chosen_is_said_and_nothing_is_lost(world: World) -> None:
    first, second = two(world)
    client = desk(world)
    body = {"ticket": [first.pk, second.pk], "master": first.pk, "note": "同一盏灯", "idempotency_key": str(uuid4())}
    answer = client.post("/desk/merge/", body)
    assert answer.status_code == 422
    assert "请选一件作主件" in text_of(answer)
    assert "同一盏灯" in text_of(answer)
    assert "没有选中诉求" in text_of(client.get("/desk/merge/"))


def test_the_lists_show_groups_and_repeats_and_who_may_not_is_refused(world: World) -> None:
    first, second = two(world)
    with district_transaction(world.district.pk):
        report(world, **{**OTHER, "content": "楼道的灯又不亮了"}, category_code=code())
        outbox.deliver(TicketTransition)
    client = desk(world)
    shown = text_of(client.get("/desk/duplicates/"))
    assert "3 件" in shown
    assert first.number in shown
    assert second.number in shown
    shown = text_of(client.get("/desk/repeats/"))
    assert "第 2 次" in shown
    assert "赵" not in shown
    assert "疑似重复" in text_of(client.get("/desk/ledgers/"))
    assert desk(world, "handler").get("/desk/duplicates/").status_code == 403
    assert "没有疑似重复的诉求" in text_of(desk(world, "other_secretary").get("/desk/duplicates/"))
    assert "没有重复诉求" in text_of(desk(world, "other_secretary").get("/desk/repeats/"))


def test_lists_take_as_many_statements_for_many_groups(world: World) -> None:
    client = desk(world)
    client.get("/desk/duplicates/")

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured.captured_queries)

    paths = ("/desk/duplicates/", "/desk/repeats/", "/desk/")
    two(world)
    two(world)
    told(world)
    for path in paths:
        client.get(path)
    few = [statements(path) for path in paths]
    for building in world.buildings[1:4]:
        two(world, building_id=building.pk)
    told(world)
    assert [statements(path) for path in paths] == few


def test_while_it_is_written_down_what_was_reported_before_is_shown_and_blocks_nothing(world: World) -> None:
    first, _second = two(world)
    client = desk(world)
    body = {"content": "三单元楼道灯坏了，老人晚上看不见", "building": world.building.pk, "category": ""}
    with district_transaction(world.district.pk):
        Ticket.objects.filter(pk=first.pk).update(category_id=_heard(body["content"]))
    hint = text_of(client.post("/desk/new/duplicates/", body))
    assert first.number in hint
    assert "钱桂花" not in hint.replace(FIRST, "")
    assert "照常登记就行" in hint
    recorded = client.post("/desk/new/", {**body, "channel": "hotline", "idempotency_key": str(uuid4())})
    assert recorded.status_code == 302
    assert first.number not in text_of(desk(world, "other_secretary").post("/desk/new/duplicates/", body))
    assert desk(world, "official").post("/desk/new/duplicates/", body).status_code == 403


def _heard(words: str) -> int:
    return rules().by_code[classification.suggest(words, rules().lexicon, 1)[0].code].id


# ---------------------------------------------------------------- the buttons
def test_merging_by_number_and_taking_out_again_from_the_buttons(world: World) -> None:
    first, second = two(world)
    client = desk(world)
    url = f"/desk/t/{second.number}/merge/"
    assert client.get(url).status_code == 200
    for wrong in ("", "abc", "260101-00000000", second.number):
        answer = client.post(url, {"into": wrong, "idempotency_key": str(uuid4())})
        assert answer.status_code == 422, wrong
    assert client.post(url, {"into": first.number, "idempotency_key": str(uuid4())}).status_code == 302
    undo = f"/desk/t/{second.number}/unmerge/"
    assert "为什么移出" in text_of(client.get(undo))
    assert client.post(undo, {"idempotency_key": str(uuid4())}).status_code == 422
    assert client.post(undo, {"note": "两盏灯", "idempotency_key": str(uuid4())}).status_code == 302
    assert again(world, second).state == "handling"
    assert desk(world, "worker").get(url).status_code == 403
    assert desk(world, "other_secretary").get(url).status_code == 404


def test_splitting_keeps_what_was_written_and_happens_once(world: World) -> None:
    first, _second = two(world)
    client = desk(world)
    url = f"/desk/t/{first.number}/split/"
    assert FIRST in text_of(client.get(url))
    one = {"part_0-content": "楼下垃圾没人清", "part_0-category": "", "part_0-address": "", "part_0-community": ""}
    more = client.post(url, {**one, "count": "1", "add": "1"})
    assert more.status_code == 200
    assert "楼下垃圾没人清" in text_of(more)
    assert "拆出第 2 件" in text_of(more)
    both = {**one, "count": "2", "idempotency_key": str(uuid4()), "part_1-content": ""}
    bad = client.post(url, both)
    assert bad.status_code == 422
    assert "请写出这一件是什么事" in text_of(bad)
    assert "楼下垃圾没人清" in text_of(bad)
    both["part_1-content"] = "电动车堵门"
    assert client.post(url, both).status_code == 302
    assert client.post(url, both).status_code == 302
    with district_transaction(world.district.pk):
        assert TicketSplit.objects.count() == 2
        numbers = list(TicketSplit.objects.values_list("part__number", flat=True))
    assert all(number in text_of(client.get(f"/desk/t/{first.number}/")) for number in numbers)
    assert desk(world, "handler").get(url).status_code == 404
    assert desk(world, "worker").get(url).status_code == 403


# ---------------------------------------------------------------- the requester of a follower
def test_the_follower_reads_the_steps_and_nothing_of_the_other(world: World) -> None:
    first, second = two(world)
    with district_transaction(world.district.pk):
        merge_ticket(second, into=first, actor=world.staff)
        outbox.deliver(TicketTransition)
    resident = Client()
    track = resident.post("/d/t1/track/", {"number": second.number, "secret": "5678"})
    assert track.status_code == 302
    shown = text_of(resident.get(track["Location"]))
    assert "和别人反映的同一件事一起办" in shown
    assert "这个时间不变" in shown
    solve(world, first)
    with district_transaction(world.district.pk):
        outbox.deliver(TicketTransition)
    shown = text_of(resident.get(track["Location"]))
    for word in ("钱桂花", "13711112222", first.number, FIRST):
        assert word not in shown, word
    assert "2222" not in strip_tags(shown)
    assert "灯换好了" in shown
    assert "办好了，您满意吗？" in shown
    rate = re.search(r'action="([^"]*rate/)"', shown)
    assert rate is not None
    resident.post(rate.group(1), {"face": "satisfied", "idempotency_key": str(uuid4())})
    assert again(world, second).final_satisfaction == "satisfied"
    assert "办完了" in text_of(resident.get(track["Location"]))
    # The master's requester sees nothing of the follower either.
    other = Client()
    other.post("/d/t1/track/", {"number": first.number, "secret": "2222"})
    shown = text_of(other.get(f"{track['Location'].replace(second.number, first.number)}"))
    assert FIRST in shown
    for word in ("赵大海", second.number, OTHER["content"]):
        assert word not in shown, word
    assert "5678" not in strip_tags(shown)


def test_after_a_split_the_requester_finds_all_numbers(world: World) -> None:
    first, _second = two(world)
    client = desk(world)
    body = {"part_0-content": "楼下垃圾没人清", "count": "1", "idempotency_key": str(uuid4())}
    client.post(f"/desk/t/{first.number}/split/", body)
    with district_transaction(world.district.pk):
        part = TicketSplit.objects.get().part.number
    resident = Client()
    track = resident.post("/d/t1/track/", {"number": first.number, "secret": "2222"})
    assert part in text_of(resident.get(track["Location"]))


# ---------------------------------------------------------------- many at once
def test_all_orders_a_filter_finds_are_urged_in_three_taps_and_the_place_is_kept(world: World) -> None:
    first, second = two(world)
    with district_transaction(world.district.pk):
        Ticket.objects.update(lamp="soon")
    client = desk(world, "dispatcher")
    listed = f"/desk/?queue=soon&organization={world.grid_team.pk}"
    shown = text_of(client.get(listed))
    assert "全部催办 2" in shown
    link = re.search(r'href="(/desk/urge/[^"]+)"', shown)
    assert link is not None
    preview = text_of(client.get(link.group(1).replace("&amp;", "&")))
    assert "催办这 2 件？" in preview
    assert world.grid_team.name in preview
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', preview)
    body = {name: value.replace("&amp;", "&") for name, value in hidden if name != "csrfmiddlewaretoken"}
    done = client.post("/desk/urge/", body)
    assert done["Location"] == listed
    with district_transaction(world.district.pk):
        assert TicketTransition.objects.filter(move="urge").count() == 2
    client.post("/desk/urge/", body)  # sent twice
    with district_transaction(world.district.pk):
        assert TicketTransition.objects.filter(move="urge").count() == 2
    again_body = {**body, "idempotency_key": str(uuid4())}
    shown = text_of(client.post("/desk/urge/", again_body, follow=True))
    assert f"没有催 {first.number}" in shown
    assert second.number in shown
    assert desk(world, "handler").get("/desk/urge/").status_code == 403


def test_only_ticked_rows_are_urged_and_none_outside_ones_rows(world: World) -> None:
    first, second = two(world)
    client = desk(world, "dispatcher")
    assert 'data-can="merge urge"' in text_of(client.get("/desk/"))
    client.post("/desk/urge/", {"ticket": [first.pk], "idempotency_key": str(uuid4())})
    outside = desk(world, "other_dispatcher")
    assert "没有可以催的诉求" in text_of(outside.get("/desk/urge/", {"ticket": [second.pk]}))
    outside.post("/desk/urge/", {"ticket": [second.pk], "idempotency_key": str(uuid4())})
    with district_transaction(world.district.pk):
        assert list(TicketTransition.objects.filter(move="urge").values_list("ticket_id", flat=True)) == [first.pk]
