"""Making a move from a page: photos, idempotency and refusals in one place for every surface."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.kernel.storage import store_photos
from requests_intake.forms.moves import MoveForm
from requests_intake.models import Ticket

_NOT_BODY = ("csrfmiddlewaretoken", "idempotency_key")


def posted_body(request: HttpRequest) -> dict[str, Any]:
    """What a form said, for ``idempotency.once``: its fields, and which files came with them."""
    fields = {name: request.POST.getlist(name) for name in request.POST if name not in _NOT_BODY}
    files = [[upload.name, upload.size] for upload in request.FILES.getlist("photos")]
    return {"path": request.path, "fields": fields, "files": files}


def perform_move(request: HttpRequest, ticket: Ticket, form: MoveForm, *, actor: Actor) -> bool:
    """Make the move of a bound form once, however often it is sent. False: the form now says what is wrong.

    A refusal for want of the right or of visibility (403, 404) is raised: no input can mend it.
    """
    if not form.is_valid():
        return False

    def act() -> dict[str, Any]:
        photos = store_photos(request.FILES.getlist("photos")) if form.asks_photos else ()
        form.perform(ticket, actor=actor, photos=photos)
        return {"number": ticket.number}

    try:
        # A refused act must not leave its key behind: the corrected form carries the same one.
        with transaction.atomic():
            key = form.cleaned_data["idempotency_key"]
            once(principal=actor.principal, key=key, body=posted_body(request), act=act)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.refused(error)
        return False
    return True
