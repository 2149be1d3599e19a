"""Saying it instead of writing it, and saying it for somebody else (S1-12, S2-05)."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.kernel.recordings import MAX_RECORDING_BYTES
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.anonymize import anonymize_tickets
from requests_intake.models import Attachment, Consent, Requester
from tests.pages.residents import PHONE, follower, page, photo, report, send, solved, tickets
from tests.recordings import SECRET, mp4, webm
from tests.world import World, make_district

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def sound(content: bytes | None = None, name: str = "说话.webm", kind: str = "audio/webm") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, webm() if content is None else content, content_type=kind)


def attachments(world: World) -> list[Attachment]:
    with district_transaction(world.district):
        return list(Attachment.objects.order_by("pk"))


# ---------------------------------------------------------------- voice and video
def test_a_recording_alone_is_a_report(world: World, client: Client) -> None:
    answer = send(client, content="", recording=sound(), building=world.building.pk, phone=PHONE)
    (ticket,) = tickets(world)
    assert answer["Location"] == f"/d/t1/done/{ticket.number}/"
    assert (ticket.state, ticket.content) == ("handling", "没有写字，请听录音。")
    (found,) = attachments(world)
    assert (found.media_type, found.seconds, found.purpose, found.thumbnail) == ("audio/webm", 9, "report", "")


def test_photo_voice_and_words_go_together(world: World, client: Client) -> None:
    send(client, photos=[photo()], recording=sound(mp4(video=True), "a.mov", "video/quicktime"))
    assert [row.media_type for row in attachments(world)] == ["image/jpeg", "video/mp4"]


def test_where_and_when_it_was_recorded_is_not_kept(world: World, client: Client, folder: Path) -> None:
    send(client, recording=sound(mp4(), "a.m4a", "audio/mp4"))
    kept = [path.read_bytes() for path in folder.rglob("*.m4a")]
    assert len(kept) == 1
    assert SECRET.encode() not in kept[0]


@pytest.mark.parametrize(("content", "said"), [
    (b"<html><script>alert(1)</script>", "不是能播放的录音录像"),
    (b"\xff\xd8\xff\xe0" + bytes(500), "不是能播放的录音录像"),
    (mp4(seconds=600), "最长 3 分钟"),
    (bytes(MAX_RECORDING_BYTES + 1), "最多 20 MB"),
])  # fmt: skip
def test_what_is_no_recording_is_refused_with_a_sentence_and_nothing_is_lost(
    world: World, client: Client, folder: Path, content: bytes, said: str
) -> None:
    text = page(send(client, content="楼道灯坏了", photos=[photo()], recording=sound(content)), 422)
    assert said in text
    assert "楼道灯坏了" in text
    assert "照片收到了" in text
    assert tickets(world) == []
    assert not [path for path in folder.rglob("*") if path.suffix in (".webm", ".weba", ".mp4", ".m4a", ".mp3")]


def test_a_good_recording_survives_a_mistake_elsewhere_and_can_be_taken_out(world: World, client: Client) -> None:
    text = page(send(client, content="", recording=sound(), phone="12"), 422)
    assert "录音收到了" in text
    assert "9 秒" in text
    token = text.split('name="kept_recording" value="')[1].split('"')[0]
    dropped = page(send(client, content="", kept_recording=token, drop_recording="1", phone=PHONE), 422)
    assert "请拍一张照片，或者说一句" in dropped
    # The field of a browser is there and empty.
    assert send(client, content="", kept_recording=token, recording="", phone=PHONE).status_code == 302
    assert [row.media_type for row in attachments(world)] == ["audio/webm"]


def test_a_token_of_another_district_or_changed_brings_nothing(world: World, client: Client) -> None:
    make_district("t2", 2)
    text = page(send(client, content="", recording=sound(), phone="12"), 422)
    token = text.split('name="kept_recording" value="')[1].split('"')[0]
    for district, tried in (("t2", token), ("t1", token[:-3] + "xyz")):
        assert send(client, district, content="", kept_recording=tried, phone=PHONE).status_code == 422


def test_the_same_form_twice_is_one_report_with_one_recording(world: World, client: Client) -> None:
    form = {"idempotency_key": str(uuid.uuid4()), "content": "", "phone": PHONE}
    for _time in range(2):
        assert client.post("/d/t1/report/", {**form, "recording": sound()}).status_code == 302
    assert len(attachments(world)) == 1


def test_a_recording_is_played_to_whoever_may_see_the_ticket_and_to_nobody_else(world: World, client: Client) -> None:
    ticket = report(client, world, content="", recording=sound())
    (row,) = attachments(world)
    address = f"/d/t1/photo/{row.pk}/"
    for viewer, path in (
        (client, f"/d/t1/t/{ticket.number}/"),
        (follower(world, ticket, PHONE[-4:])[0], f"/d/t1/t/{ticket.number}/"),
        (world.sign_in(Client(), "worker"), f"/m/t/{ticket.number}/"),
        (world.sign_in(Client(), "secretary"), f"/desk/t/{ticket.number}/"),
    ):
        text = page(viewer.get(path))
        assert "<audio controls" in text
        assert f"photo/{row.pk}/" in text
        answer = viewer.get(address if path.startswith("/d/") else f"/photo/{row.pk}/")
        assert (answer.status_code, answer["Content-Type"]) == (200, "audio/webm")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
    for stranger in (Client(), world.sign_in(Client(), "other_worker"), world.sign_in(Client(), "handler")):
        assert stranger.get(address).status_code == 404
    assert client.get(f"{address}thumb/").status_code == 404


@pytest.mark.parametrize(("asked", "status", "part"), [
    ("bytes=0-3", 206, slice(0, 4)), ("bytes=4-", 206, slice(4, None)), ("bytes=-5", 206, slice(-5, None)),
    ("bytes=0-99999999", 206, slice(0, None)), ("bytes=99999999-", 416, None), ("bytes=5-2", 416, None),
    ("nonsense", 200, slice(0, None)),
    ("bytes=-", 200, slice(0, None)),
])  # fmt: skip
def test_phones_play_in_parts(world: World, client: Client, asked: str, status: int, part: slice | None) -> None:
    report(client, world, content="", recording=sound())
    (row,) = attachments(world)
    whole = client.get(f"/d/t1/photo/{row.pk}/").content
    answer = client.get(f"/d/t1/photo/{row.pk}/", headers={"Range": asked})
    assert answer.status_code == status
    if part is None:
        assert answer["Content-Range"] == f"bytes */{len(whole)}"
    else:
        assert answer.content == whole[part]


def test_only_the_page_that_records_may_ask_for_the_microphone(world: World, client: Client) -> None:
    form = client.get("/d/t1/report/")
    assert "microphone=(self)" in form["Permissions-Policy"]
    assert "camera=(self)" in form["Permissions-Policy"]
    assert "media-src 'self' blob:" in form["Content-Security-Policy"]
    home = client.get("/d/t1/")
    assert "microphone=()" in home["Permissions-Policy"]
    assert "media-src 'self' blob:" not in home["Content-Security-Policy"]


def test_the_recording_goes_with_the_persons_data(world: World, client: Client, folder: Path) -> None:
    ticket = report(client, world, recording=sound(), photos=[photo()])
    solved(world, ticket)
    client.post(f"/d/t1/t/{ticket.number}/rate/", {"idempotency_key": str(uuid.uuid4()), "face": "satisfied"})
    with district_transaction(world.district):
        assert anonymize_tickets([ticket.pk])[0] == 1
    assert attachments(world) == []
    assert not [path for path in folder.rglob("*") if path.is_file()]


# ---------------------------------------------------------------- on behalf of another
BEHALF = {"helper": "family", "consent_how": "face", "has_consented": "on", "phone": "13912340000", "name": "王奶奶"}


def test_on_behalf_of_another_their_number_is_kept_and_how_they_agreed(world: World, client: Client) -> None:
    ticket = report(client, world, **BEHALF)
    with district_transaction(world.district):
        consent = Consent.objects.get()
        person = Requester.objects.get()
    assert (consent.ticket_id, consent.helper, consent.how, consent.recorded_by_id) == (
        ticket.pk,
        "family",
        "face",
        None,
    )
    assert consent.at == ticket.submitted_at
    assert (person.phone, person.name) == ("13912340000", "王奶奶")
    assert "家人替您报的，您同意过（当面说的）" in page(
        follower(world, ticket, "0000")[0].get(f"/d/t1/t/{ticket.number}/")
    )
    staff = page(world.sign_in(Client(), "secretary").get(f"/desk/t/{ticket.number}/"))
    assert "家人替报，本人同意（当面说的）" in staff


@pytest.mark.parametrize(("missing", "said"), [
    ({"has_consented": ""}, "替别人报要先问过本人"), ({"consent_how": ""}, "请选本人是怎么同意的"),
    ({"phone": "", "name": ""}, "请留本人的电话或称呼"), ({"helper": "staff"}, "helper"),
])  # fmt: skip
def test_without_consent_nothing_is_reported_for_another(
    world: World, client: Client, missing: dict[str, str], said: str
) -> None:
    text = page(send(client, content="楼道灯坏了", **{**BEHALF, **missing}), 422)
    assert said in text
    assert "楼道灯坏了" in text
    assert tickets(world) == []


def test_ones_own_matter_needs_no_consent_and_an_anonymous_one_keeps_none(world: World, client: Client) -> None:
    report(client, world)
    report(client, world, **BEHALF, is_anonymous="on")
    with district_transaction(world.district):
        assert not Consent.objects.exists()
