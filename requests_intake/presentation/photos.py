"""Photos of a ticket for ``components/photo_strip.html``. The files are served only to those who may see the ticket."""

from __future__ import annotations

from django.urls import reverse

from governance.kernel.templatetags.ui import local_time
from requests_intake.models import Attachment, Ticket


def photo_of(attachment: Attachment, *, captioned: bool = False) -> dict[str, str]:
    """One photo: addresses of the picture (``url``) and its thumbnail (``thumb``), and what it shows.

    ``captioned`` writes purpose and time on it; on small thumbnails that would hide the picture.
    """
    words = f"{attachment.get_purpose_display()} {local_time(attachment.created_at)}"
    return {
        "url": reverse("resident:attachment", args=[attachment.pk]),
        "thumb": reverse("resident:attachment_thumbnail", args=[attachment.pk]),
        "caption": words if captioned else "",
        "alt": words,
    }


def photo_strip(ticket: Ticket, *purposes: str, captioned: bool = False) -> list[dict[str, str]]:
    """The photos of these purposes (what was brought, paper included, unless given), oldest first; one statement."""
    wanted = purposes or (Attachment.Purpose.REPORT, Attachment.Purpose.PAPER)
    rows = Attachment.objects.filter(ticket=ticket, purpose__in=wanted).order_by("pk")
    return [photo_of(row, captioned=captioned) for row in rows]
