"""Reporting without an account, as plain forms without scripts, and the photos. Requests open their own scope."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from governance.kernel import clock
from governance.kernel.tenancy.context import district_transaction
from requests_intake.models import Attachment, Requester
from tests.pages.residents import (
    PHONE,
    SAID,
    code_on,
    follower,
    huge_png,
    jpeg_with_gps,
    page,
    photo,
    report,
    send,
    tickets,
)
from tests.world import World, make_district

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


# ---------------------------------------------------------------- choosing and finding the way
def test_without_a_district_the_active_ones_are_listed_with_their_addresses(world: World, client: Client) -> None:
    other = make_district("t2", 2)
    other.district.is_active = False
    other.district.save()
    text = page(client.get("/"))
    assert 'href="/d/t1/"' in text
    assert "t1 演示区" in text
    assert "/d/t2/" not in text
    assert "工作人员登录" in text


def test_pages_of_a_district_need_one(world: World, client: Client) -> None:
    assert client.get("/report/")["Location"] == "/"
    assert client.get("/photo/1/").status_code == 404


def test_home_offers_the_hotline_and_only_what_exists(world: World, client: Client) -> None:
    text = page(client.get("/d/t1/"))
    assert 'href="tel:12345"' in text
    assert 'href="/d/t1/report/"' in text
    assert 'href="/d/t1/track/"' in text
    assert not {"办事</b>", "活动</b>", "关爱</b>"} & set(re.findall(r"[一-龥]+</b>", text))


def test_the_elder_cookie_makes_every_page_large(world: World, client: Client) -> None:
    client.cookies["elder"] = "26"
    for path in ("/d/t1/", "/d/t1/report/", "/d/t1/track/", "/d/t1/privacy/"):
        assert 'data-elder="26"' in page(client.get(path))


# ---------------------------------------------------------------- reporting
def test_a_report_without_scripts_gives_a_number_and_a_promise(world: World, client: Client) -> None:
    answer = send(client, building=world.building.pk, phone=PHONE, name="李阿姨")
    (ticket,) = tickets(world)
    assert answer["Location"] == f"/d/t1/done/{ticket.number}/"
    assert (ticket.state, ticket.grid_id, ticket.channel) == ("handling", world.grid.pk, "web")
    text = page(client.get(answer["Location"]))
    assert ticket.number in text
    assert re.search(r"最晚 \S+ \d\d:\d\d 前办好", text)
    assert "查询码，只在这里显示" not in text


def test_a_written_address_is_enough(world: World, client: Client) -> None:
    send(client, address="春晓花园3号楼门口")
    assert tickets(world)[0].building_id == world.buildings[2].pk


def test_a_place_nobody_knows_waits_at_the_district_and_the_page_says_until_when(world: World, client: Client) -> None:
    answer = send(client, address="不知道哪里")
    (ticket,) = tickets(world)
    assert ticket.state == "submitted"
    assert "前决定由谁来办" in page(client.get(answer["Location"]))


def test_the_position_of_the_phone_finds_the_grid(world: World, client: Client) -> None:
    lng, lat = world.point_in(world.other_grid)
    send(client, lng=lng, lat=lat)
    assert tickets(world)[0].grid_id == world.other_grid.pk


def test_only_a_community_may_be_chosen(world: World, client: Client) -> None:
    send(client, community=world.community2.pk)
    ticket = tickets(world)[0]
    assert (ticket.community_id, ticket.grid_id) == (world.community2.pk, None)


def test_looking_up_buildings_is_a_round_trip_that_keeps_everything(world: World, client: Client) -> None:
    answer = send(client, look="1", community=world.community.pk, phone=PHONE, photos=photo())
    text = page(answer)
    assert tickets(world) == []
    assert SAID in text
    assert PHONE in text
    assert f'<option value="{world.building.pk}">' in text
    assert world.buildings[4].name not in text, "a building of the next community"
    kept = re.search(r'name="kept_photos" value="([^"]+)"', text)
    assert kept
    send(client, listed=world.building.pk, community=world.community.pk, kept_photos=kept[1])
    (ticket,) = tickets(world)
    assert ticket.building_id == world.building.pk
    with district_transaction(world.district):
        assert Attachment.objects.filter(ticket=ticket).count() == 1


def test_a_search_offers_buildings(world: World, client: Client) -> None:
    text = page(client.post("/d/t1/report/places/", {"address": "夏荷花园2号楼"}))
    assert [int(pk) for pk in re.findall(r'value="(\d+)"', text)] == [world.buildings[5].pk]


def test_words_are_met_with_a_category_and_danger_with_the_emergency_numbers(world: World, client: Client) -> None:
    assert "看着像“" in page(client.post("/d/t1/report/hints/", {"content": "下水道堵了，污水往外冒"}))
    assert "看着像" not in page(client.post("/d/t1/report/hints/", {"content": "有件事"}))
    assert "tel:119" in page(client.post("/d/t1/report/hints/", {"content": "楼里有燃气泄漏，味道很大"}))


def test_a_photo_alone_is_a_report(world: World, client: Client) -> None:
    ticket = report(client, world, content="", photos=photo())
    assert ticket.content == "没有写字，请看照片。"


def test_nothing_at_all_is_refused_with_everything_kept(world: World, client: Client) -> None:
    text = page(send(client, content=" ", phone="12", name="李阿姨", address="春晓花园"), 422)
    assert "请拍一张照片，或者说一句是什么事。" in text
    assert "电话号码不对" in text
    assert "李阿姨" in text
    assert 'value="春晓花园"' in text
    assert tickets(world) == []


def test_a_photo_survives_an_error_elsewhere_and_may_be_taken_out(world: World, client: Client) -> None:
    text = page(send(client, phone="12", photos=photo()), 422)
    assert "data:image/jpeg;base64," in text
    kept = re.search(r'name="kept_photos" value="([^"]+)"', text)
    dropped = re.search(r'name="drop" value="(\w+)"', text)
    assert kept
    assert dropped
    send(client, kept_photos=kept[1], drop=dropped[1])
    send(client, kept_photos=kept[1])
    with district_transaction(world.district):
        assert list(Attachment.objects.values_list("ticket_id", flat=True)) == [tickets(world)[1].pk]


def test_a_list_of_photos_nobody_signed_is_worth_nothing(world: World, client: Client) -> None:
    other = make_district("t2", 2)
    text = page(send(client, "t2", phone="12", photos=photo()), 422)
    kept = re.search(r'name="kept_photos" value="([^"]+)"', text)
    assert kept
    for token in ("made-up", kept[1]):
        send(client, kept_photos=token)
    with district_transaction(world.district):
        assert Attachment.objects.count() == 0
    assert tickets(other) == []


def test_a_program_that_fills_every_field_gets_nothing(world: World, client: Client) -> None:
    assert send(client, website="http://spam.example").status_code == 422
    assert tickets(world) == []


def test_the_same_form_sent_twice_makes_one_ticket_and_shows_the_same_code(world: World, client: Client) -> None:
    once = {"idempotency_key": str(uuid.uuid4()), "is_anonymous": "on", "photos": photo()}
    first = send(client, **once)
    second = send(client, **{**once, "photos": photo()})
    assert first["Location"] == second["Location"]
    (ticket,) = tickets(world)
    assert follower(world, ticket, code_on(client.get(second["Location"])))[1].status_code == 302
    assert send(client, **{**once, "photos": photo(), "content": "另一件事"}).status_code == 422
    assert len(tickets(world)) == 1


def test_an_anonymous_report_keeps_no_person_and_gets_a_code(world: World, client: Client) -> None:
    ticket = report(client, world, is_anonymous="on", name="李阿姨")
    with district_transaction(world.district):
        assert Requester.objects.count() == 0
    code = code_on(client.get(f"/d/t1/done/{ticket.number}/"))
    assert code.replace(" ", "") not in str(dict(client.session)), "not in the clear in the session's table"
    assert page(Client().get(f"/d/t1/done/{ticket.number}/"), 404)


def test_the_code_is_shown_for_half_an_hour_only(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = report(client, world, phone="")
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "查询码，只在这里显示" not in page(client.get(f"/d/t1/done/{ticket.number}/"))


# ---------------------------------------------------------------- photos
def test_the_served_photo_has_no_metadata(world: World, client: Client) -> None:
    original = jpeg_with_gps()
    assert b"PHONEMAKER" in original
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(0x8825)
    ticket = report(client, world, photos=photo(original))
    with district_transaction(world.district):
        attachment = Attachment.objects.get(ticket=ticket)
    for path in (f"/d/t1/photo/{attachment.pk}/", f"/d/t1/photo/{attachment.pk}/thumb/"):
        answer = client.get(path)
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        picture = Image.open(io.BytesIO(answer.content))
        assert dict(picture.getexif()) == {}
        assert b"PHONEMAKER" not in answer.content
        assert b"secret comment" not in answer.content


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a.svg", "image/svg+xml"),
        (b"<!doctype html><script>alert(1)</script>", "a.jpg", "image/jpeg"),
        (huge_png(), "a.png", "image/png"),
    ],
    ids=["svg", "html", "bomb"],
)
def test_what_is_no_photo_is_refused_and_the_words_and_good_photos_stay(
    world: World, client: Client, content: bytes, name: str, kind: str
) -> None:
    text = page(send(client, photos=[photo(content, name, kind), photo()]), 422)
    assert SAID in text
    assert f"“{name}”" in text
    assert text.count('name="drop"') == 1
    assert "alert(1)" not in text
    assert tickets(world) == []


def test_a_photo_is_for_those_who_may_see_its_ticket(world: World, client: Client) -> None:
    other = make_district("t2", 2)
    ticket = report(client, world, photos=photo())
    with district_transaction(world.district):
        path = f"/photo/{Attachment.objects.get(ticket=ticket).pk}/"
    assert Client().get(f"/d/t1{path}").status_code == 404
    assert world.sign_in(Client(), "worker").get(path).status_code == 200
    assert world.sign_in(Client(), "secretary").get(path).status_code == 200
    assert world.sign_in(Client(), "other_secretary").get(path).status_code == 404, "a sibling community"
    foreign = other.sign_in(Client(), "center")
    assert foreign.get(path).status_code == 404
    assert foreign.get(f"/d/t1{path}").status_code == 404
    assert foreign.get(f"/d/t1/t/{ticket.number}/").status_code == 404
    assert client.get(f"/d/t2{path}").status_code == 404, "a proof counts in its own district only"
    assert client.get(f"/d/t2/t/{ticket.number}/").status_code == 404


# ---------------------------------------------------------------- what a browser is told
def test_pages_carry_the_content_policy_and_nothing_inline(world: World, client: Client) -> None:
    ticket = report(client, world, phone="", photos=photo())
    paths = ["", "report/", "track/", "privacy/", f"done/{ticket.number}/", f"t/{ticket.number}/"]
    paths.append(f"t/{ticket.number}/withdraw/")
    answers = [client.get("/"), *(client.get(f"/d/t1/{path}") for path in paths), send(client, phone="12")]
    for answer in answers:
        text = answer.content.decode()
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert "'unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"<[^>]*\s(style|on\w+)=|<style|javascript:|hx-on", text)
        assert not re.search(r"<script(?![^>]*\ssrc=)", text)
        if not answer.request["PATH_INFO"].endswith("/privacy/"):
            assert "no-store" in answer["Cache-Control"]
