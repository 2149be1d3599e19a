"""The recording that a form has received and must not lose when something else in it is wrong."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from governance.kernel.errors import Invalid
from governance.kernel.recordings import StoredRecording, store_recording
from governance.kernel.tenancy.context import current_district_id
from requests_intake.forms.photos import KEPT_FOR
from requests_intake.presentation.photos import length_words


class RecordingBag:
    """One recording: the one ``kept`` from an earlier try, or the one just uploaded, which takes its place."""

    def __init__(self, upload: UploadedFile | None = None, kept: StoredRecording | None = None) -> None:
        self.upload = upload or None
        self.kept = None if self.upload else kept
        self.errors: list[str] = []

    @classmethod
    def of_request(cls, request: Any) -> RecordingBag:
        """What the form sent: a file in ``recording``, else the signed one in ``kept_recording`` unless dropped."""
        kept = None if "drop_recording" in request.POST else _read(request.POST.get("kept_recording", ""))
        return cls(request.FILES.get("recording"), kept)

    def __bool__(self) -> bool:
        return self.kept is not None or self.upload is not None

    def __len__(self) -> int:
        return int(bool(self))

    def digests(self) -> list[str]:
        """What the recording is, whether stored or not: part of what a submission says."""
        if self.upload is None:
            return [self.kept.sha256] if self.kept else []
        digest = hashlib.sha256()
        for chunk in self.upload.chunks():
            digest.update(chunk)
        self.upload.seek(0)
        return [digest.hexdigest()]

    def store(self) -> None:
        """Check and store the upload. ``errors`` then says in words why it was refused."""
        if self.upload is None:
            return
        try:
            self.kept = store_recording(self.upload)
        except Invalid as error:
            self.errors.append(error.message)
        self.upload = None

    def stored(self) -> list[StoredRecording]:
        return [self.kept] if self.kept else []

    def signed(self) -> str:
        return signing.dumps(asdict(self.kept), salt=_salt(), compress=True) if self.kept else ""

    def length(self) -> str:
        return length_words(self.kept.seconds) if self.kept else ""


def heard(recording: RecordingBag) -> dict[str, Any]:
    """The recording as part of what a submission says; nothing where there is none."""
    return {"recording": recording.digests()} if recording else {}


def _salt() -> str:
    return f"report-recording:{current_district_id()}"


def _read(token: str) -> StoredRecording | None:
    if not token:
        return None
    try:
        return StoredRecording(**signing.loads(token, salt=_salt(), max_age=KEPT_FOR))
    except signing.BadSignature:
        return None
