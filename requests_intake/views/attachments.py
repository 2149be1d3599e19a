"""Photos of tickets: for staff who may see the ticket, and for the requester who proved it."""

from __future__ import annotations

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
    """The picture or its thumbnail. Whoever may not see the ticket gets the same 404 as for no photo at all."""
    if getattr(request, "district", None) is None:
        raise Http404
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not _may_see(request, attachment.ticket_id):
        raise Http404
    key = attachment.thumbnail if thumbnail else attachment.file
    try:
        with default_storage.open(key) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'inline; filename="{attachment.pk}.jpg"',
    }
    return HttpResponse(content, content_type="image/jpeg", headers=headers)


def _may_see(request: HttpRequest, ticket_id: int) -> bool:
    if may_open(request, ticket_id):
        return TicketPolicy.visible(Actor.requester(ticket_id)).exists()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    ticket = TicketPolicy.visible(actor).filter(pk=ticket_id).first() if actor.is_staff else None
    if ticket is None:
        return False
    opened_ticket(ticket, actor=actor, page="resident:attachment")
    return True
