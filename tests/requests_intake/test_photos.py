"""Photos of forms nobody sent are tidied away; photos of tickets never are."""

from __future__ import annotations

import io
import os
import time

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage, store_photos
from requests_intake.actions.photos import remove_unattached
from requests_intake.actions.submit import Report, submit_ticket
from tests.world import World


def stored() -> StoredImage:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 90, 90)).save(buffer, "JPEG")
    return store_photos([SimpleUploadedFile("p.jpg", buffer.getvalue(), "image/jpeg")])[0]


def grow_old(photo: StoredImage, *, days: int) -> None:
    then = time.time() - days * 86_400
    for path in (photo.file, photo.thumbnail):
        os.utime(default_storage.path(path), (then, then))


@pytest.mark.django_db
def test_only_old_photos_of_no_ticket_go(world: World, tmp_path: os.PathLike[str], settings: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)  # type: ignore[attr-defined]
    kept, abandoned, fresh = stored(), stored(), stored()
    submit_ticket(Report(content="灯坏了", building_id=world.building.pk, photos=[kept]), actor=Actor.public())
    for photo in (kept, abandoned):
        grow_old(photo, days=3)
    assert remove_unattached() == 2
    assert not default_storage.exists(abandoned.file)
    for photo in (kept, fresh):
        assert default_storage.exists(photo.file)
        assert default_storage.exists(photo.thumbnail)
