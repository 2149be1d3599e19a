"""Photos that come in pieces: they go on from where they broke off, arrive once, and are nobody else's."""

from __future__ import annotations

import io
import os
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from requests_intake.actions import uploads
from requests_intake.actions.photos import remove_unattached
from requests_intake.actions.uploads import (
    KEPT,
    MOST_A_DAY,
    add_piece,
    begin_upload,
    finish_upload,
    forget_uploads,
    uploaded_photos,
)
from requests_intake.models import Attachment, PhotoUpload, Ticket
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def picture(colour: str = "green", *, place: bool = False) -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    if place:
        exif.get_ifd(0x8825)[1] = "N"  # where the phone stood
    Image.new("RGB", (90, 60), colour).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def sent(world: World, data: bytes, *, key: UUID | None = None, pieces: int = 3) -> PhotoUpload:
    """A photo sent by the worker in so many pieces, and finished."""
    key = key or uuid4()
    begin_upload(actor=world.worker, key=key, size=len(data))
    step = -(-len(data) // pieces)
    for offset in range(0, len(data), step):
        add_piece(actor=world.worker, key=key, offset=offset, data=data[offset : offset + step])
    return finish_upload(actor=world.worker, key=key)


def files(folder: str) -> list[str]:
    try:
        return default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []


# ---------------------------------------------------------------- pieces
def test_the_pieces_become_one_photo_without_what_the_phone_wrote_into_it(world: World) -> None:
    upload = sent(world, picture(place=True))
    [photo] = uploaded_photos(actor=world.worker, keys=[str(upload.key)])
    assert (photo.width, photo.height) == (90, 60)
    with default_storage.open(photo.file) as file, Image.open(file) as image:
        assert not image.getexif()
    assert files(uploads._folder()) == []


def test_an_upload_that_broke_off_says_where_to_go_on(world: World) -> None:
    data, key = picture(), uuid4()
    begin_upload(actor=world.worker, key=key, size=len(data))
    add_piece(actor=world.worker, key=key, offset=0, data=data[:100])
    assert begin_upload(actor=world.worker, key=key, size=len(data)).received == 100
    with pytest.raises(DomainError) as refused:
        add_piece(actor=world.worker, key=key, offset=0, data=data[:100])
    assert (refused.value.status, refused.value.data) == (409, {"received": 100})
    with pytest.raises(DomainError) as missing:
        finish_upload(actor=world.worker, key=key)
    assert (missing.value.code, missing.value.data) == ("incomplete", {"received": 100})
    add_piece(actor=world.worker, key=key, offset=100, data=data[100:])
    assert finish_upload(actor=world.worker, key=key).stored is not None


def test_a_piece_whose_transaction_came_to_nothing_is_written_again(world: World) -> None:
    data, key = picture(), uuid4()
    upload = begin_upload(actor=world.worker, key=key, size=len(data))
    add_piece(actor=world.worker, key=key, offset=0, data=b"x" * 50)
    PhotoUpload.objects.filter(pk=upload.pk).update(received=0)
    add_piece(actor=world.worker, key=key, offset=0, data=data)
    assert finish_upload(actor=world.worker, key=key).stored is not None


def test_finishing_twice_gives_the_same_photo(world: World) -> None:
    upload = sent(world, picture())
    assert finish_upload(actor=world.worker, key=upload.key).stored == upload.stored
    assert len(files(uploads.folder())) == 2  # the picture and its thumbnail


def test_pieces_outside_the_photo_and_photos_that_are_none_are_refused(world: World) -> None:
    key = uuid4()
    begin_upload(actor=world.worker, key=key, size=100)
    for data in (b"", b"x" * 101):
        with pytest.raises(Invalid):
            add_piece(actor=world.worker, key=key, offset=0, data=data)
    add_piece(actor=world.worker, key=key, offset=0, data=b"x" * 100)
    with pytest.raises(Invalid):
        finish_upload(actor=world.worker, key=key)
    with pytest.raises(Invalid):
        begin_upload(actor=world.worker, key=key, size=99)
    for size in (0, uploads.MAX_BYTES + 1):
        with pytest.raises(Invalid):
            begin_upload(actor=world.worker, key=uuid4(), size=size)


def test_nobody_reaches_somebody_elses_upload(world: World) -> None:
    upload = sent(world, picture())
    with pytest.raises(NotFound):
        finish_upload(actor=world.dispatcher, key=upload.key)
    with pytest.raises(NotFound):
        add_piece(actor=world.dispatcher, key=upload.key, offset=0, data=b"x")
    with pytest.raises(NotAllowed):
        begin_upload(actor=Actor.public(), key=uuid4(), size=5)
    assert uploaded_photos(actor=world.dispatcher, keys=[str(upload.key)]) == []
    assert uploaded_photos(actor=world.worker, keys=["nonsense", str(uuid4())]) == []


def test_a_member_brings_only_so_much_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_A_DAY", 2)
    first = [begin_upload(actor=world.worker, key=uuid4(), size=10) for _ in range(2)]
    with pytest.raises(DomainError) as refused:
        begin_upload(actor=world.worker, key=uuid4(), size=10)
    assert refused.value.status == 429
    assert begin_upload(actor=world.worker, key=first[0].key, size=10).pk == first[0].pk
    begin_upload(actor=world.dispatcher, key=uuid4(), size=10)
    monkeypatch.setattr(uploads, "MOST_A_DAY", MOST_A_DAY)
    monkeypatch.setattr(uploads, "MOST_BYTES_A_DAY", 25)
    with pytest.raises(DomainError):
        begin_upload(actor=world.worker, key=uuid4(), size=10)


# ---------------------------------------------------------------- tidying
def test_uploads_nobody_took_up_again_go_and_those_in_waiting_stay(world: World) -> None:
    whole = sent(world, picture())
    key = uuid4()
    begin_upload(actor=world.worker, key=key, size=50)
    add_piece(actor=world.worker, key=key, offset=0, data=b"x" * 20)
    then = time.time() - timedelta(days=3).total_seconds()
    for name in files(uploads.folder()):
        os.utime(default_storage.path(f"{uploads.folder()}/{name}"), (then, then))
    assert (forget_uploads(), remove_unattached()) == (0, 0)
    with time_machine.travel(clock.now() + KEPT + timedelta(hours=1)):
        assert forget_uploads() == 2
        assert remove_unattached() == 2
    assert not PhotoUpload.objects.filter(pk=whole.pk).exists()
    assert files(uploads._folder()) == files(uploads.folder()) == []


def test_a_stray_piece_goes_when_it_is_old(world: World) -> None:
    upload = begin_upload(actor=world.worker, key=uuid4(), size=50)
    add_piece(actor=world.worker, key=upload.key, offset=0, data=b"x" * 20)
    path = default_storage.path(uploads._pieces(upload)[0])
    upload.delete()
    assert forget_uploads() == 0
    then = time.time() - KEPT.total_seconds() - 60
    os.utime(path, (then, then))
    assert forget_uploads() == 1


# ---------------------------------------------------------------- over the interface, and in a form
def test_a_phone_sends_a_photo_and_then_its_form(world: World, client: Client) -> None:
    world.sign_in(client, "worker")
    data, key = picture(), str(uuid4())
    begun = client.post("/api/v1/uploads/", {"key": key, "size": len(data)}, content_type="application/json")
    assert begun.json() == {"key": key, "size": len(data), "received": 0, "is_finished": False}
    at = f"/api/v1/uploads/{key}/"
    lost = client.put(f"{at}?offset=7", data, content_type="application/octet-stream")
    assert (lost.status_code, lost.json()["received"]) == (409, 0)
    assert client.put(at, data, content_type="application/octet-stream").status_code == 400
    got = client.put(f"{at}?offset=0", data, content_type="application/octet-stream")
    assert got.json()["received"] == len(data)
    for _ in range(2):
        assert client.post(f"{at}finish/", content_type="application/json").json()["is_finished"] is True
    said = {"idempotency_key": str(uuid4()), "place": f"grid-{world.grid.pk}", "category": "0105", "uploaded": key}
    for _ in range(2):
        assert client.post("/m/report/", said).status_code == 302
    ticket = Ticket.objects.get()
    assert Attachment.objects.filter(ticket=ticket).count() == 1


def test_what_is_no_photo_is_refused_and_may_be_sent_anew(world: World, client: Client) -> None:
    world.sign_in(client, "worker")
    key = str(uuid4())
    client.post("/api/v1/uploads/", {"key": key, "size": 9}, content_type="application/json")
    client.put(f"/api/v1/uploads/{key}/?offset=0", b"no photo!", content_type="application/octet-stream")
    refused = client.post(f"/api/v1/uploads/{key}/finish/", content_type="application/json")
    assert refused.status_code == 422
    assert "不是照片" in refused.json()["errors"]["photos"][0]
    assert not PhotoUpload.objects.exists()
    assert files(uploads._folder()) == []
