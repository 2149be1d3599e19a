"""Sound and video that people record to say what they will not type: checked, cleaned, kept like photos."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from governance.kernel.errors import Invalid
from governance.kernel.media import Media, NotUnderstood, clean
from governance.kernel.storage import folder

MAX_RECORDING_BYTES = 20 * 1024 * 1024
MAX_SECONDS = 180
"""Three minutes; the phone stops by itself then. A few seconds more are let pass, since counters differ."""
_GRACE = 10


@dataclass(frozen=True)
class StoredRecording:
    """A recording in the storage: its key, what it is served as, its length (0: not known) and size in bytes."""

    file: str
    media_type: str
    seconds: int
    size: int
    sha256: str

    @property
    def is_video(self) -> bool:
        return self.media_type.startswith("video/")


def store_recording(upload: Any, *, field: str = "recording") -> StoredRecording:
    """Check, clean and store one recording; ``Invalid`` with a sentence where it is none, too large or too long."""
    found = _read(upload, field)
    key = default_storage.save(f"{folder()}/{secrets.token_hex(16)}.{found.extension}", ContentFile(found.content))
    digest = hashlib.sha256(found.content).hexdigest()
    return StoredRecording(key, found.media_type, found.seconds, len(found.content), digest)


def _read(upload: Any, field: str) -> Media:
    name = str(getattr(upload, "name", ""))[-60:]
    if upload.size > MAX_RECORDING_BYTES:
        limit = MAX_RECORDING_BYTES // 1024 // 1024
        raise _refuse(
            field, _("“{name}”太大，最多 {limit} MB。请录短一点，或者拍照、打字。").format(name=name, limit=limit)
        )
    try:
        found = clean(upload.read())
    except NotUnderstood:
        sentence = _("“{name}”不是能播放的录音录像，或者已损坏。请用 MP4、M4A、MP3 或 WebM，也可以打字。")
        raise _refuse(field, sentence.format(name=name)) from None
    if found.seconds > MAX_SECONDS + _GRACE:
        raise _refuse(field, _("录音录像最长 {minutes} 分钟，请录短一点，或者打字。").format(minutes=MAX_SECONDS // 60))
    return found


def _refuse(field: str, message: str) -> Invalid:
    return Invalid("bad_recording", message, fields={field: [message]})
