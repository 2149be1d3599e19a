"""Photos of a ticket for ``components/photo_strip.html``. The files are served only to those who may see the ticket."""

from __future__ import annotations

from django.urls import reverse

from governance.kernel.templatetags.ui import local_time
from requests_intake.models import Attachment, Ticket


def photo_of(attachment: Attachment) -> dict[str, str]:
    """One photo: addresses of the picture (``url``) and its thumbnail (``thumb``), and what it shows."""
    return {
        "url": reverse("resident:attachment", args=[attachment.pk]),
        "thumb": reverse("resident:attachment_thumbnail", args=[attachment.pk]),
        "caption": f"{attachment.get_purpose_display()} {local_time(attachment.created_at)}",
        "alt": attachment.get_purpose_display(),
    }


def photo_strip(ticket: Ticket, purpose: str = Attachment.Purpose.REPORT) -> list[dict[str, str]]:
    """The photos of a purpose, oldest first; one statement."""
    return [photo_of(row) for row in Attachment.objects.filter(ticket=ticket, purpose=purpose).order_by("pk")]
