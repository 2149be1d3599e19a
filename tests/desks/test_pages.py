"""The desk's own helpers as plain pages: what is kept, what opens first, numbers that refresh, batches, sentences."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from requests_intake.desks.actions.keep import PhraseSaid, ViewSaid, save_phrase, save_view
from requests_intake.desks.models import SavedPhrase, SavedView
from requests_intake.models import Attachment, Ticket
from tests.cases import ticket_in
from tests.pages.residents import photo
from tests.world import World

pytestmark = pytest.mark.django_db
INBOX = "/desk/"


def body(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


# ---------------------------------------------------------------- views
def test_conditions_are_kept_opened_renamed_and_dropped(world: World, client: Client) -> None:
    ticket = ticket_in(world, "dispatched")
    world.sign_in(client, "dispatcher")
    keep = re.search(r'href="(/desk/views/new/\?[^"]+)"', body(client, INBOX, queue="new", urgency="urgent"))
    assert keep
    form = body(client, keep[1].replace("&amp;", "&"))
    assert "未签收·紧急" in form
    query = re.search(r'name="query" value="([^"]+)"', form)
    assert query
    said = {"name": "急的还没签", "query": query[1].replace("&amp;", "&"), "idempotency_key": "a"}
    there = client.post("/desk/views/new/", said)
    assert there["Location"] == "/desk/?queue=new&urgency=urgent"
    client.post("/desk/views/new/", said)  # sent twice
    row = SavedView.objects.get()
    page = body(client, there["Location"])
    assert re.search(rf'急的还没签</span><span class="num" data-count="v-{row.pk}">1<', page)
    assert "存下当前条件" not in page
    assert ticket.title in page
    assert "急的还没签" in body(client, "/desk/views/")
    changed = client.post(f"/desk/views/{row.pk}/", {"name": "先看急的", "is_default": "on", "idempotency_key": "b"})
    assert changed.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.query) == ("先看急的", {"queue": "new", "urgency": "urgent"})
    assert "删掉视图" in body(client, f"/desk/views/{row.pk}/drop/")
    assert client.post(f"/desk/views/{row.pk}/drop/", {"idempotency_key": "c"})["Location"] == "/desk/views/"
    assert not SavedView.objects.exists()


def test_a_wrong_name_keeps_what_was_typed_and_the_conditions(world: World, client: Client) -> None:
    world.sign_in(client, "dispatcher")
    answer = client.post("/desk/views/new/", {"name": "名" * 30, "query": "queue=over", "idempotency_key": "a"})
    assert answer.status_code == 422
    assert "名" * 30 in answer.content.decode()
    assert 'name="query" value="queue=over"' in answer.content.decode()


def test_the_desk_opens_with_the_chosen_view_and_any_address_goes_before_it(world: World, client: Client) -> None:
    save_view(None, ViewSaid("先看", {"queue": "over"}, is_default=True), actor=world.dispatcher)
    world.sign_in(client, "dispatcher")
    assert "<h2>超期</h2>" in body(client, INBOX)
    assert "<h2>全部在办</h2>" in body(client, INBOX, queue="open")
    assert "<h2>全部在办</h2>" in body(world.sign_in(Client(), "handler"), INBOX)


# ---------------------------------------------------------------- numbers
def test_numbers_are_those_of_the_page_and_unchanged_ones_are_not_sent_again(world: World, client: Client) -> None:
    save_view(None, ViewSaid("急", {"queue": "open", "urgency": "urgent"}), actor=world.dispatcher)
    ticket_in(world, "dispatched")
    world.sign_in(client, "dispatcher")
    for query in ({"queue": "open"}, {"queue": "new"}, {"queue": "open", "urgency": "urgent"}):
        page = body(client, INBOX, **query)
        numbers = client.get("/desk/counts/", query)
        shown = dict(re.findall(r'data-count="([\w-]+)">(\d+)<', page))
        counts: dict[str, int] = numbers.json()["counts"]
        assert shown["total"] == "1"
        assert {name: counts.get(name, 0) for name in shown} == {name: int(value) for name, value in shown.items()}
    again = {"If-None-Match": numbers["ETag"]}
    same = client.get("/desk/counts/", query, headers=again)
    assert (same.status_code, same.content) == (304, b"")
    assert "private" in numbers["Cache-Control"]
    ticket_in(world, "signed")
    assert client.get("/desk/counts/", query, headers=again).json()["counts"]["total"] == 2


def test_numbers_that_refresh_themselves_keep_nobody_signed_in(world: World, client: Client) -> None:
    world.sign_in(client, "dispatcher")
    session = client.session
    session["seen_at"] = before = session.get("seen_at", 0) - 600
    session.save()
    client.get("/desk/counts/", headers={"X-Background": "1"})
    assert client.session["seen_at"] == before
    client.get("/desk/counts/")
    assert client.session["seen_at"] > before


# ---------------------------------------------------------------- batches
def test_several_are_signed_at_once_and_what_cannot_be_is_named_with_its_reason(world: World, client: Client) -> None:
    fresh = [ticket_in(world, "sent") for _n in range(2)]
    signed = ticket_in(world, "taken")
    ids = [str(row.pk) for row in (*fresh, signed)]
    world.sign_in(client, "handler")
    page = client.get("/desk/many/sign/", {"ticket": ids, "next": "/desk/?queue=to_sign"}).content.decode()
    assert "签收这 3 件？" in page
    said = {"ticket": ids, "next": "/desk/?queue=to_sign", "idempotency_key": "a"}
    answer = client.post("/desk/many/sign/", said).content.decode()
    assert "1 件没有签收" in answer
    assert "另外 2 件办好了" in answer
    why = re.search(rf'{signed.number}</span>.*?data-label="为什么">([^<]+)<', answer)
    assert why
    assert "签收" in why[1]
    assert {order.state for row in fresh for order in row.work_orders.filter(ended_at=None)} == {"signed"}
    assert "1 件没有签收" in client.post("/desk/many/sign/", said).content.decode()  # sent twice: the same answer


def test_several_are_assigned_to_one_person(world: World, client: Client) -> None:
    rows = [ticket_in(world, "taken") for _n in range(2)]
    ids = [str(row.pk) for row in rows]
    world.sign_in(client, "handler_leader")
    to = world.members["handler"].pk
    empty = client.post("/desk/many/assign/", {"ticket": ids, "idempotency_key": "a"})
    assert empty.status_code == 422
    assert "请选择在岗的人" in empty.content.decode()
    said = {"ticket": ids, "assignee": to, "idempotency_key": "b", "next": INBOX}
    assert client.post("/desk/many/assign/", said)["Location"] == INBOX
    assert {row.work_orders.get(ended_at=None, role="lead").assignee_id for row in rows} == {to}
    assert "指派了 2 件" in body(client, INBOX)
    assert world.sign_in(Client(), "handler").get("/desk/many/assign/").status_code == 403


def test_the_batch_bar_offers_what_the_post_may_and_rows_say_what_they_can(world: World, client: Client) -> None:
    ticket_in(world, "sent")
    ticket_in(world, "taken")
    page = body(world.sign_in(client, "handler_leader"), INBOX, queue="open")
    assert 'formaction="/desk/many/sign/"' in page
    assert 'formaction="/desk/many/assign/"' in page
    assert sorted(re.findall(r'data-can="([^"]*)"', page)) == ["assign", "sign assign"]


# ---------------------------------------------------------------- sentences in a form
def test_a_tapped_sentence_comes_back_in_the_form_without_scripts(world: World, client: Client) -> None:
    ticket = ticket_in(world, "taken")
    row = save_phrase(None, PhraseSaid("resolve", "{编号}已修好"), actor=world.handler)
    world.sign_in(client, "handler")
    address = reverse("desk:move", args=[ticket.number, "resolve"])
    assert f'value="{row.pk}"' in body(client, address)
    said = {"note": "去看过了", "phrase": str(row.pk), "idempotency_key": "k1", "photos": photo()}
    page = client.post(address, said)
    assert page.status_code == 200
    text = page.content.decode()
    assert f"去看过了\n{ticket.number}已修好" in text
    assert 'value="k1"' in text
    assert "已收到的照片" in text
    assert Ticket.objects.get(pk=ticket.pk).state == "handling"
    kept = re.search(r'name="kept_photos" value="([^"]+)"', text)
    assert kept
    done = {"note": "去看过了，已修好", "idempotency_key": "k1", "kept_photos": kept[1]}
    assert client.post(address, done).status_code == 302
    assert Attachment.objects.filter(ticket=ticket, purpose="evidence").count() == 1


def test_a_default_sentence_stands_in_the_empty_form_alone(world: World, client: Client) -> None:
    ticket = ticket_in(world, "taken")
    save_phrase(None, PhraseSaid("resolve", "已办妥，{今天}", is_default=True), actor=world.handler)
    world.sign_in(client, "handler")
    address = reverse("desk:move", args=[ticket.number, "resolve"])
    assert "已办妥，11月18日</textarea>" in body(client, address)
    refused = client.post(address, {"note": "", "idempotency_key": "a"})
    assert refused.status_code == 422
    assert "已办妥，11月18日</textarea>" not in refused.content.decode()


def test_a_form_sent_with_its_photos_by_script_is_told_where_to_go(world: World, client: Client) -> None:
    ticket = ticket_in(world, "taken")
    world.sign_in(client, "handler")
    address = reverse("desk:move", args=[ticket.number, "resolve"])
    said = {"note": "修好了", "idempotency_key": "a", "next": "/desk/?queue=at_hand"}
    answer = client.post(address, said, headers={"X-Upload": "1"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/desk/?queue=at_hand")


def test_sentences_are_written_changed_and_dropped_on_their_page(world: World, client: Client) -> None:
    world.sign_in(client, "handler_leader")
    wrong = client.post("/desk/phrases/new/", {"move": "resolve", "text": "到{哪里}", "idempotency_key": "a"})
    assert wrong.status_code == 422
    assert "不认识 {哪里}" in wrong.content.decode()
    said = {"move": "resolve", "text": "到{地点}", "organization": world.water.pk, "idempotency_key": "b"}
    assert client.post("/desk/phrases/new/", said).status_code == 302
    row = SavedPhrase.objects.get()
    mine = body(world.sign_in(Client(), "handler"), "/desk/phrases/")
    assert "到{地点}" in mine
    assert f"/desk/phrases/{row.pk}/drop/" not in mine  # who leads put it there
    assert client.post(f"/desk/phrases/{row.pk}/drop/", {"idempotency_key": "c"}).status_code == 302
    assert not SavedPhrase.objects.exists()
    assert "已办妥" in body(client, "/desk/phrases/")  # the district's stay


def test_another_district_has_none_of_it(world: World, client: Client) -> None:
    row = save_view(None, ViewSaid("我的", {"queue": "open"}), actor=world.handler)
    assert world.sign_in(client, "handler_leader").get(f"/desk/views/{row.pk}/").status_code == 404
    assert client.post(f"/desk/views/{row.pk}/drop/", {"idempotency_key": "a"}).status_code == 404
