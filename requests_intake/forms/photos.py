"""Photos that a form has received and must not lose when something else in it is wrong.

What is stored already travels in the form as a signed list of storage keys; the person sees it and may take it out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core import signing
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from governance.kernel.errors import Invalid
from governance.kernel.storage import MAX_PHOTOS, StoredImage, store_photos
from governance.kernel.tenancy.context import current_district_id
from requests_intake.actions.uploads import uploaded_photos

KEPT_FOR = 24 * 3600
"""Seconds a list of stored photos is believed; after a day the form asks for them again."""


class PhotoBag:
    """The photos of one form: those ``kept`` from an earlier try and those just uploaded.

    ``store`` puts the new ones into the storage, each by itself, so that a bad one does not cost the good ones.
    """

    def __init__(self, uploads: Sequence[UploadedFile] = (), kept: Sequence[StoredImage] = ()) -> None:
        self.uploads = [upload for upload in uploads if upload]
        self.kept = list(kept)
        self.errors: list[str] = []

    @classmethod
    def of_request(cls, request: Any) -> PhotoBag:
        """What the form sent: files in ``photos``, the signed list in ``kept_photos``, digests to drop in ``drop``.

        ``uploaded`` are the keys of photos that the member's phone has sent before, piece by piece.
        """
        dropped = set(request.POST.getlist("drop"))
        kept = [photo for photo in _read(request.POST.get("kept_photos", "")) if photo.sha256 not in dropped]
        actor = getattr(request, "actor", None)
        if actor is not None and (keys := request.POST.getlist("uploaded")):
            here = {photo.sha256 for photo in kept}
            kept += [
                photo for photo in uploaded_photos(actor=actor, keys=keys[:MAX_PHOTOS]) if photo.sha256 not in here
            ]
        return cls(request.FILES.getlist("photos"), kept[:MAX_PHOTOS])

    def __len__(self) -> int:
        return len(self.kept) + len(self.uploads)

    def digests(self) -> list[str]:
        """What the photos are, whether stored or not: part of what a submission says."""
        found = [photo.sha256 for photo in self.kept]
        for upload in self.uploads:
            digest = hashlib.sha256()
            for chunk in upload.chunks():
                digest.update(chunk)
            upload.seek(0)
            found.append(digest.hexdigest())
        return found

    def store(self) -> None:
        """Check and store the uploads. ``errors`` then says in words which were refused and why."""
        for upload in self.uploads:
            if len(self.kept) >= MAX_PHOTOS:
                self.errors.append(_("最多 {limit} 张照片，多出来的没有收。").format(limit=MAX_PHOTOS))
                break
            try:
                self.kept += store_photos([upload])
            except Invalid as error:
                self.errors.append(error.message)
        self.uploads = []

    def signed(self) -> str:
        return signing.dumps([asdict(photo) for photo in self.kept], salt=_salt(), compress=True) if self.kept else ""

    def previews(self) -> list[dict[str, str]]:
        """The kept photos for the page: digest and thumbnail as a data address, since they belong to no ticket yet."""
        return [{"sha256": photo.sha256, "src": _data_address(photo.thumbnail)} for photo in self.kept]


def _salt() -> str:
    return f"report-photos:{current_district_id()}"


def _read(token: str) -> list[StoredImage]:
    if not token:
        return []
    try:
        rows = signing.loads(token, salt=_salt(), max_age=KEPT_FOR)
    except signing.BadSignature:
        return []
    return [StoredImage(**row) for row in rows]


def _data_address(key: str) -> str:
    with default_storage.open(key) as file:
        return "data:image/jpeg;base64," + base64.b64encode(file.read()).decode()
