"""Photos and recordings of tickets: for staff who may see the ticket, and for the requester who proved it."""

from __future__ import annotations

import re

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from governance.kernel.actors import Actor
from requests_intake.actions.restricted import opened_ticket
from requests_intake.models import Attachment
from requests_intake.policies import TicketPolicy
from requests_intake.views.resident_session import may_open


@require_safe
def photo(request: HttpRequest, pk: int, thumbnail: bool = False) -> HttpResponse:
    """The picture, its thumbnail, or the recording. Whoever may not see the ticket gets the 404 of no photo at all."""
    if getattr(request, "district", None) is None:
        raise Http404
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not _may_see(request, attachment.ticket_id):
        raise Http404
    key = attachment.thumbnail if thumbnail else attachment.file
    if not key:
        raise Http404  # a recording has no thumbnail
    try:
        with default_storage.open(key) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{attachment.pk}.{key.rsplit('.', 1)[-1]}"
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'inline; filename="{name}"',
    }
    if attachment.is_photo:
        return HttpResponse(content, content_type=attachment.media_type, headers=headers)
    return _part(request, content, attachment.media_type, headers)


_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def _part(request: HttpRequest, content: bytes, media_type: str, headers: dict[str, str]) -> HttpResponse:
    """The recording or the part a player asks for; phones play nothing that cannot be asked for in parts."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    size, asked = len(content), _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked[0] == "bytes=-":
        return HttpResponse(content, content_type=media_type, headers=headers)
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2]) if asked[2] else size - 1, size - 1)
    else:
        first, last = max(size - int(asked[2]), 0), size - 1
    if first > last:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return HttpResponse(content[first : last + 1], status=206, content_type=media_type, headers=headers)


def _may_see(request: HttpRequest, ticket_id: int) -> bool:
    if may_open(request, ticket_id):
        return TicketPolicy.visible(Actor.requester(ticket_id)).exists()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    ticket = TicketPolicy.visible(actor).filter(pk=ticket_id).first() if actor.is_staff else None
    if ticket is None:
        return False
    opened_ticket(ticket, actor=actor, page="resident:attachment")
    return True
