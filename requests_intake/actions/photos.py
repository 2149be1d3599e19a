"""Photos that were uploaded with a form nobody finished."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from governance.kernel.storage import folder
from requests_intake.actions.uploads import photos_in_waiting
from requests_intake.models import Attachment

# A form may lie open for a while; nobody keeps one open for two days.
KEPT = timedelta(days=2)


def remove_unattached() -> int:
    """Delete stored photos of no ticket that are older than two days. Returns how many files.

    Photos that a phone has sent ahead of their form wait longer (``uploads.KEPT``).
    """
    try:
        _folders, names = default_storage.listdir(folder())
    except FileNotFoundError:
        return 0
    stored = {f"{folder()}/{name}" for name in names}
    rows = Attachment.objects.values_list("file", "thumbnail")
    attached = {path for pair in rows.iterator() for path in pair}
    # Files carry the machine's time, not the demo's.
    oldest = timezone.now() - KEPT
    removed = 0
    for path in stored - attached - photos_in_waiting():
        if default_storage.get_modified_time(path) < oldest:
            default_storage.delete(path)
            removed += 1
    return removed
