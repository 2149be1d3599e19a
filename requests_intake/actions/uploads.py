"""Photos that come in pieces, because a network that breaks off must not cost more than the piece it broke off in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.storage import MAX_BYTES, StoredImage, folder, store_photos
from requests_intake.actions.context import savepoint
from requests_intake.models import PhotoUpload

PIECE_BYTES = 512 * 1024
"""The largest piece; the phone sends smaller ones."""
MOST_A_DAY = 300
MOST_BYTES_A_DAY = 300 * 1024 * 1024
"""What one member may bring within 24 hours: ten times a long patrol."""
KEPT = timedelta(days=7)
"""Untouched for so long an upload is forgotten; a phone that comes back later simply sends the photo again."""


@savepoint
def begin_upload(*, actor: Actor, key: UUID, size: int) -> PhotoUpload:
    """Announce a photo of ``size`` bytes, or find again one that broke off (``received`` says where)."""
    if actor.membership_id is None:
        raise NotAllowed("no_member", _("请先登录。"))
    if not 0 < size <= MAX_BYTES:
        message = _("照片太大，最多 15 MB。") if size > 0 else _("照片是空的。")
        raise Invalid("bad_photo", message, fields={"size": [message]})
    mine = PhotoUpload.objects.filter(membership_id=actor.membership_id)
    found = mine.filter(key=key).first()
    if found is None:
        _require_room(actor, size)
        now = clock.now()
        found, _made = PhotoUpload.objects.get_or_create(
            membership_id=actor.membership_id,
            key=key,
            defaults={"size": size, "created_at": now, "touched_at": now},
        )
    if found.size != size:
        message = _("这个编号的照片已经有了，大小不一样。")
        raise Invalid("other_photo", message, fields={"key": [message]})
    return found


def _require_room(actor: Actor, size: int) -> None:
    today = PhotoUpload.objects.filter(
        membership_id=actor.membership_id, created_at__gte=clock.now() - timedelta(days=1)
    )
    held = today.aggregate(total=Sum("size"))["total"] or 0
    if today.count() >= MOST_A_DAY or held + size > MOST_BYTES_A_DAY:
        raise DomainError("too_many_uploads", _("一天里传的照片太多了，请过几个小时再传。"), status=429)


def own_upload(actor: Actor, key: UUID) -> PhotoUpload:
    """The upload, locked: two requests about one photo wait for each other."""
    found = PhotoUpload.objects.select_for_update().filter(membership_id=actor.membership_id, key=key).first()
    if found is None or actor.membership_id is None:
        raise NotFound("no_upload", _("没有这张照片，请重新传。"))
    return found


@savepoint
def add_piece(*, actor: Actor, key: UUID, offset: int, data: bytes) -> PhotoUpload:
    """Add the bytes that begin at ``offset``. Raises 409 with ``received`` where the upload stands elsewhere."""
    found = own_upload(actor, key)
    if found.stored is not None or offset != found.received:
        raise DomainError("other_offset", _("照片已经传到别处，请从那里接着传。"), received=found.received)
    if not data or len(data) > PIECE_BYTES or offset + len(data) > found.size:
        raise Invalid("bad_piece", _("这一段照片不对，请重新传。"))
    path = _piece(found, offset)
    if default_storage.exists(path):
        default_storage.delete(path)  # written by a request whose transaction came to nothing
    default_storage.save(path, ContentFile(data))
    found.received = offset + len(data)
    found.touched_at = clock.now()
    found.save(update_fields=["received", "touched_at"])
    return found


@savepoint
def finish_upload(*, actor: Actor, key: UUID) -> PhotoUpload:
    """Check, re-encode and store the whole photo; done again it gives the same. Raises 409 while something is missing.

    What is no photo is refused (422) and forgotten: it would not become one.
    """
    found = own_upload(actor, key)
    if found.stored is not None:
        return found
    if found.received != found.size:
        raise DomainError("incomplete", _("照片还没传完，请接着传。"), received=found.received)
    paths = _pieces(found)
    whole = b"".join(_read(path) for path in paths)
    stored = store_photos([SimpleUploadedFile(_("照片"), whole)])[0]
    found.stored = asdict(stored)
    found.touched_at = clock.now()
    found.save(update_fields=["stored", "touched_at"])
    _delete(paths)
    return found


def forget_upload(*, actor: Actor, key: UUID) -> None:
    """Drop an own upload with its pieces; nothing where there is none."""
    for found in PhotoUpload.objects.filter(membership_id=actor.membership_id, key=key, stored__isnull=True):
        _delete(_pieces(found))
        found.delete()


def uploaded_photos(*, actor: Actor, keys: Iterable[str]) -> list[StoredImage]:
    """The actor's whole photos of these keys, in their order; what is missing or somebody else's is left out."""
    wanted = [key for key in dict.fromkeys(keys) if _is_uuid(key)]
    if not wanted or actor.membership_id is None:
        return []
    rows = PhotoUpload.objects.filter(membership_id=actor.membership_id, key__in=wanted).filter(stored__isnull=False)
    found = {str(row.key): StoredImage(**row.stored) for row in rows}
    return [found[key] for key in wanted if key in found]


def photos_in_waiting() -> set[str]:
    """Files of photos that came whole and whose form is still to come."""
    rows = PhotoUpload.objects.filter(stored__isnull=False).values_list("stored", flat=True)
    return {row[name] for row in rows.iterator() for name in ("file", "thumbnail")}


def forget_uploads() -> int:
    """Forget uploads untouched for ``KEPT``, and pieces that no upload knows any more. Returns how many of both."""
    old = PhotoUpload.objects.filter(touched_at__lt=clock.now() - KEPT)
    pieces = [path for row in old.filter(stored__isnull=True) for path in _pieces(row)]
    removed = old.delete()[0]
    _delete(pieces)
    return removed + _forget_stray_pieces()


def _forget_stray_pieces() -> int:
    known = {_stem(row) for row in PhotoUpload.objects.filter(stored__isnull=True)}
    # Files carry the machine's time, not the demo's.
    oldest = timezone.now() - KEPT
    stray = [
        path
        for path in _listed()
        if path.rsplit("/", 1)[-1].rsplit("-", 1)[0] not in known and default_storage.get_modified_time(path) < oldest
    ]
    _delete(stray)
    return len(stray)


# ---------------------------------------------------------------- pieces in the storage
def _folder() -> str:
    return f"{folder()}-pieces"


def _stem(upload: PhotoUpload) -> str:
    return f"{upload.membership_id}-{upload.key.hex}"


def _piece(upload: PhotoUpload, offset: int) -> str:
    return f"{_folder()}/{_stem(upload)}-{offset:010d}"


def _listed() -> list[str]:
    try:
        _folders, names = default_storage.listdir(_folder())
    except FileNotFoundError:
        return []
    return [f"{_folder()}/{name}" for name in sorted(names)]


def _pieces(upload: PhotoUpload) -> list[str]:
    stem = f"{_folder()}/{_stem(upload)}-"
    return [path for path in _listed() if path.startswith(stem)]


def _read(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())


def _delete(paths: Iterable[str]) -> None:
    for path in paths:
        default_storage.delete(path)


def _is_uuid(key: str) -> bool:
    try:
        return str(UUID(key)) == key
    except ValueError:
        return False
