"""Photos and recordings of a ticket for ``components/photo_strip.html``.

The files are served only to those who may see the ticket.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.kernel.templatetags.ui import local_time
from requests_intake.models import Attachment, Ticket


def photo_of(attachment: Attachment, *, captioned: bool = False) -> dict[str, str]:
    """One photo: addresses of the picture (``url``) and its thumbnail (``thumb``), and what it shows. Of a recording
    ``kind`` is audio or video, ``type`` what it is served as, ``length`` how long it is.

    ``captioned`` writes purpose and time on it; on small thumbnails that would hide the picture.
    """
    words = f"{attachment.get_purpose_display()} {local_time(attachment.created_at)}"
    url = reverse("resident:attachment", args=[attachment.pk])
    if not attachment.is_photo:
        kind = attachment.media_type.partition("/")[0]
        length = length_words(attachment.seconds)
        return {
            "url": url,
            "kind": kind,
            "type": attachment.media_type,
            "length": length,
            "caption": words,
            "alt": words,
        }
    return {
        "url": url,
        "thumb": reverse("resident:attachment_thumbnail", args=[attachment.pk]),
        "caption": words if captioned else "",
        "alt": words,
    }


def photo_strip(ticket: Ticket, *purposes: str, captioned: bool = False) -> list[dict[str, str]]:
    """The photos of these purposes (what was brought, paper included, unless given), oldest first; one statement."""
    wanted = purposes or (Attachment.Purpose.REPORT, Attachment.Purpose.PAPER)
    rows = Attachment.objects.filter(ticket=ticket, purpose__in=wanted).order_by("pk")
    return [photo_of(row, captioned=captioned) for row in rows]


def length_words(seconds: int) -> str:
    """12 秒, 1 分 5 秒; nothing where the length is not known."""
    if not seconds:
        return ""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return _("{seconds} 秒").format(seconds=rest)
    return _("{minutes} 分 {seconds} 秒").format(minutes=minutes, seconds=rest)
