"""What a resident without an account may do and see, as plain forms without scripts. Requests open their own scope."""

from __future__ import annotations

import io
import re
import struct
import uuid
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions import follow
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.follow import prove_follower
from requests_intake.actions.handle import sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Attachment, Note, Rating, Requester, Ticket, TicketTransition
from tests.world import World, make_district

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "13812345678"
SAID = "二单元门口的路灯坏了三天"


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def jpeg_with_gps(size: tuple[int, int] = (640, 480)) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "PHONEMAKER"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (34.0, 1.0, 2.5), "E", (113.0, 3.0, 4.5)
    buffer = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(buffer, "JPEG", exif=exif, comment=b"secret comment")
    return buffer.getvalue()


def huge_png(side: int = 20_000) -> bytes:
    """A few kilobytes that say they are 400 million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(4000))), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def photo(content: bytes | None = None, name: str = "lamp.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg_with_gps() if content is None else content, content_type=kind)


def send(client: Client, district: str = "t1", **said: Any) -> Any:
    return client.post(f"/d/{district}/report/", {"idempotency_key": str(uuid.uuid4()), "content": SAID, **said})


def tickets(world: World) -> list[Ticket]:
    with district_transaction(world.district):
        return list(Ticket.objects.order_by("id"))


def report(client: Client, world: World, **said: Any) -> Ticket:
    answer = send(client, world.district.code, **{"building": world.building.pk, "phone": PHONE, **said})
    assert answer.status_code == 302, answer.content.decode()
    return tickets(world)[-1]


def follower(world: World, ticket: Ticket, secret: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post(f"/d/{world.district.code}/track/", {"number": ticket.number, "secret": secret})


def solved(world: World, ticket: Ticket, evidence: str = "换了灯泡，亮了。") -> Ticket:
    """The grid worker does it and, where it was drawn for verification, the community looks at it."""
    with district_transaction(world.district):
        sign_order(ticket, actor=world.worker)
        found = resolve_ticket(ticket, actor=world.worker, reply=evidence)
        if found.state == "resolved":
            found = verify_ticket(found, actor=world.secretary, passed=True)
    assert found.state == "visiting"
    return found


def again(world: World, ticket: Ticket) -> Ticket:
    with district_transaction(world.district):
        return Ticket.objects.get(pk=ticket.pk)


def key() -> dict[str, str]:
    return {"idempotency_key": str(uuid.uuid4())}


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return answer.content.decode()


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
    code = re.search(r'<p class="code">(\w{8})</p>', page(client.get(second["Location"])))
    assert code
    assert follower(world, ticket, code[1])[1].status_code == 302
    assert send(client, **{**once, "photos": photo(), "content": "另一件事"}).status_code == 422
    assert len(tickets(world)) == 1


def test_an_anonymous_report_keeps_no_person_and_gets_a_code(world: World, client: Client) -> None:
    ticket = report(client, world, is_anonymous="on", name="李阿姨")
    with district_transaction(world.district):
        assert Requester.objects.count() == 0
    text = page(client.get(f"/d/t1/done/{ticket.number}/"))
    code = re.search(r'<p class="code">(\w{8})</p>', text)
    assert code
    assert code[1] not in str(dict(client.session)), "not in the clear in the session's table"
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


# ---------------------------------------------------------------- following
@pytest.mark.parametrize("secret", ["5678", " ５６７８ ", PHONE])
def test_number_and_phone_tail_open_the_ticket(world: World, client: Client, secret: str) -> None:
    ticket = report(client, world)
    typed = ticket.number.replace("-", "")
    stranger = Client()
    answer = stranger.post("/d/t1/track/", {"number": f" {typed[:6]} {typed[6:]}", "secret": secret})
    assert answer["Location"] == f"/d/t1/t/{ticket.number}/"
    text = page(stranger.get(answer["Location"]))
    assert "网格员正在办" in text
    assert "答应您" in text
    assert world.grid_team.name in text
    assert "周网格员" not in text, "no member of staff by name"


def test_a_code_opens_the_ticket_however_it_is_typed(world: World, client: Client) -> None:
    ticket = report(client, world, phone="")
    code = re.search(r'<p class="code">(\w{8})</p>', page(client.get(f"/d/t1/done/{ticket.number}/")))
    assert code
    assert follower(world, ticket, f"{code[1][:4].lower()} {code[1][4:]}")[1].status_code == 302


def test_a_wrong_secret_and_an_unknown_number_get_the_same_answer(world: World, client: Client) -> None:
    ticket = report(client, world)
    stranger, wrong = follower(world, ticket, "0000")

    def sentence(answer: Any) -> list[str]:
        return re.findall(r'role="alert">.*?</p>', page(answer, 422), re.S)

    unknown = stranger.post("/d/t1/track/", {"number": "260101-00014", "secret": "0000"})
    mistyped = stranger.post("/d/t1/track/", {"number": "hello", "secret": "0000"})
    assert sentence(wrong)
    assert sentence(wrong) == sentence(unknown) == sentence(mistyped)


def test_five_wrong_tails_lock_the_ticket_for_half_an_hour(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = report(client, world)
    for _n in range(4):
        assert follower(world, ticket, "0000")[1].status_code == 422
    assert follower(world, ticket, "5678")[1].status_code == 302, "the right one forgives"
    for _n in range(5):
        assert follower(world, ticket, "0000")[1].status_code == 422
    assert follower(world, ticket, "5678")[1].status_code == 422
    with district_transaction(world.district):
        assert AuditEvent.objects.filter(action="follow_lock", object_id=ticket.pk, succeeded=False).count() == 1
    assert client.get(f"/d/t1/t/{ticket.number}/").status_code == 200, "who has proved it stays in"
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert follower(world, ticket, "0000")[1].status_code == 422
    assert again(world, ticket).follow_failures == 1, "counted anew"
    assert follower(world, ticket, "5678")[1].status_code == 302


def test_a_try_is_counted_from_what_is_stored_and_not_from_what_was_read(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = report(client, world)
    claim = follow._claim_try

    def after_others(found: Ticket) -> bool:
        # Between the reading and the counting, five other tries have been made.
        Ticket.objects.filter(pk=found.pk).update(
            follow_failures=5, follow_locked_until=clock.now() + timedelta(minutes=30)
        )
        return claim(found)

    monkeypatch.setattr(follow, "_claim_try", after_others)
    with district_transaction(world.district), pytest.raises(DomainError, match="对不上"):
        prove_follower(ticket.number, "5678")


def test_a_stranger_sees_a_404_that_asks_for_the_proof(world: World, client: Client) -> None:
    ticket = report(client, world)
    for number in (ticket.number, "260101-00014"):
        text = page(Client().get(f"/d/t1/t/{number}/"), 404)
        assert SAID not in text
        assert f'value="{number}"' in text
    assert world.sign_in(Client(), "worker").get(f"/t/{ticket.number}/").status_code == 404


def test_home_shows_the_ticket_last_reported_here(world: World, client: Client) -> None:
    ticket = report(client, world)
    text = page(client.get("/d/t1/"))
    assert f"/d/t1/t/{ticket.number}/" in text
    assert SAID in text
    assert SAID not in page(Client().get("/d/t1/"))


def test_the_building_of_last_time_is_offered_and_may_be_refused(world: World, client: Client) -> None:
    report(client, world)
    assert f'name="building" value="{world.building.pk}"' in page(client.get("/d/t1/report/"))
    assert 'name="address"' in page(client.get("/d/t1/report/?elsewhere"))


def test_the_timeline_speaks_plainly_and_keeps_internal_notes_inside(world: World, client: Client) -> None:
    ticket = report(client, world)
    with district_transaction(world.district):
        sign_order(ticket, actor=world.worker)
        escalate_ticket(ticket, actor=world.worker, note="内部说明不给居民看")
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "网格交给社区" in text
    assert "社区正在办" in text
    assert "内部说明不给居民看" not in text


# ---------------------------------------------------------------- what the requester may do
def test_a_good_face_closes(world: World, client: Client) -> None:
    ticket = solved(world, report(client, world))
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "换了灯泡，亮了。" in text
    faces = re.findall(r'name="face" value="(\w+)"[^>]*>', text)
    assert "您满意吗" in page(client.get("/d/t1/"))
    assert len(faces) == 3
    client.post(f"/d/t1/t/{ticket.number}/rate/", {**key(), "face": faces[1]})
    found = again(world, ticket)
    assert (found.state, found.final_satisfaction, found.close_reason) == ("closed", "so_so", "rated")


def test_every_face_of_the_component_is_one_the_ticket_knows(world: World, client: Client) -> None:
    ticket = solved(world, report(client, world))
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert re.findall(r'name="face" value="(\w+)"', text) == ["satisfied", "so_so", "unsolved"]


def test_unsolved_is_handled_again_and_the_sentence_may_follow(world: World, client: Client) -> None:
    ticket = solved(world, report(client, world))
    once = key()
    for _n in range(2):
        client.post(f"/d/t1/t/{ticket.number}/rate/", {**once, "face": "unsolved"})
    found = again(world, ticket)
    assert (found.state, found.first_satisfaction) == ("handling", "unsolved")
    with district_transaction(world.district):
        assert Rating.objects.filter(ticket=ticket).count() == 1
    assert "哪里没解决？" in page(client.get(f"/d/t1/t/{ticket.number}/"))
    client.post(f"/d/t1/t/{ticket.number}/explain/", {**key(), "note": " "})
    assert "哪里没解决？" in page(client.get(f"/d/t1/t/{ticket.number}/")), "skipping says nothing"
    client.post(f"/d/t1/t/{ticket.number}/explain/", {**key(), "note": "晚上还是不亮"})
    with district_transaction(world.district):
        note = Note.objects.get(ticket=ticket, text="晚上还是不亮")
        assert note.transition.move == "rate"
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "哪里没解决？" not in text
    assert "晚上还是不亮" in text
    assert client.post(f"/d/t1/t/{ticket.number}/explain/", {**key(), "note": "再说一句"}).status_code == 409


def test_withdrawing_is_asked_once_more(world: World, client: Client) -> None:
    ticket = report(client, world)
    path = f"/d/t1/t/{ticket.number}/withdraw/"
    assert path in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "撤回这件事" in page(client.get(path))
    assert again(world, ticket).state == "handling"
    client.post(path, {**key(), "note": "自己好了"})
    assert again(world, ticket).state == "withdrawn"
    assert path not in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "现在不能" in page(client.post(path, key()), 422)


def test_reopening_needs_a_sentence_and_fifteen_days(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = solved(world, report(client, world))
    client.post(f"/d/t1/t/{ticket.number}/rate/", {**key(), "face": "satisfied"})
    path = f"/d/t1/t/{ticket.number}/reopen/"
    assert path in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "请说一句" in page(client.post(path, key()), 422)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=40))
    assert path not in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "已超过" in page(client.post(path, {**key(), "note": "又坏了"}), 422)
    monkeypatch.setattr(clock, "now", real)
    client.post(path, {**key(), "note": "又坏了"})
    found = again(world, ticket)
    assert (found.state, found.reopen_count) == ("handling", 1)
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="reopen").count() == 1


@pytest.mark.parametrize("move", ["rate", "explain", "withdraw", "reopen"])
def test_a_stranger_can_do_nothing(world: World, client: Client, move: str) -> None:
    ticket = report(client, world)
    answer = Client().post(f"/d/t1/t/{ticket.number}/{move}/", {**key(), "face": "satisfied", "note": "x"})
    assert answer.status_code == 404
    assert again(world, ticket).state == "handling"


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
