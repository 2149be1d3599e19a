"""What the tests of the public pages share: photos, forms as a browser sends them, and a follower."""

from __future__ import annotations

import io
import re
import struct
import uuid
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.handle import sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket
from tests.world import World

PHONE = "13812345678"
SAID = "二单元门口的路灯坏了三天"


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


def code_on(answer: Any) -> str:
    found = re.search(r'<p class="code">(\w{4} \w{4})</p>', page(answer))
    assert found
    return found[1]
