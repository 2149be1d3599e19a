"""Photos: checked, re-encoded without metadata, shrunk, and kept under names nobody can guess."""

from __future__ import annotations

import hashlib
import io
import secrets
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from governance.kernel.errors import Invalid
from governance.kernel.tenancy.context import current_district

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 2_000
THUMBNAIL_SIDE = 320
MAX_PHOTOS = 6
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # phones' MPO is opened as JPEG; Pillow knows no such name here


@dataclass(frozen=True)
class StoredImage:
    """A photo in the storage: keys of the picture and its thumbnail, size in pixels and bytes."""

    file: str
    thumbnail: str
    width: int
    height: int
    size: int
    sha256: str


def store_photos(uploads: Iterable[Any], *, field: str = "photos") -> list[StoredImage]:
    """Check and store uploaded photos. All are checked before the first is stored; ``Invalid`` names what is wrong."""
    files = [upload for upload in uploads if upload]
    if len(files) > MAX_PHOTOS:
        message = _("一次最多 {limit} 张照片。").format(limit=MAX_PHOTOS)
        raise Invalid("too_many_photos", message, fields={field: [message]})
    return [_store(*encoded) for encoded in [_encode(upload, field) for upload in files]]


def _refuse(field: str, message: str) -> Invalid:
    return Invalid("bad_photo", message, fields={field: [message]})


def _encode(upload: Any, field: str) -> tuple[bytes, bytes, int, int]:
    name = str(getattr(upload, "name", ""))[-60:]
    if upload.size > MAX_BYTES:
        raise _refuse(field, _("照片“{name}”太大，最多 15 MB。").format(name=name))
    wrong_kind = _refuse(field, _("“{name}”不是照片，或者已损坏。请用 JPG、PNG 或 WebP。").format(name=name))
    try:
        with warnings.catch_warnings():
            # Pillow warns before it refuses a decompression bomb: for us the warning is the refusal.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture: Image.Image = Image.open(upload, formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise _refuse(field, _("照片“{name}”的尺寸太大。").format(name=name))
            picture = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError,
            Image.DecompressionBombWarning):  # fmt: skip
        raise wrong_kind from None
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _jpeg(picture, 85), _jpeg(small, 75), picture.width, picture.height


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    # A new file from pixels alone: EXIF, GPS, comments and anything appended to the upload are gone.
    picture.info = {}  # Pillow would write the comment again
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def folder() -> str:
    """Where the photos of the district in scope lie in the storage."""
    return f"tickets/{current_district().pk}"


def _store(full: bytes, small: bytes, width: int, height: int) -> StoredImage:
    stem = f"{folder()}/{secrets.token_hex(16)}"
    return StoredImage(
        file=default_storage.save(f"{stem}.jpg", ContentFile(full)),
        thumbnail=default_storage.save(f"{stem}-s.jpg", ContentFile(small)),
        width=width,
        height=height,
        size=len(full),
        sha256=hashlib.sha256(full).hexdigest(),
    )
