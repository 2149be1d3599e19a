"""Making a move from a page: photos, idempotency and refusals in one place for every surface."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from requests_intake.forms.moves import MoveForm
from requests_intake.forms.photos import PhotoBag
from requests_intake.models import Ticket

NOT_SAID = ("csrfmiddlewaretoken", "idempotency_key", "kept_photos", "drop", "next", "uploaded")


def said(request: HttpRequest, photos: PhotoBag | None = None) -> dict[str, Any]:
    """What a form said, for ``idempotency.once``: its address, its fields, and which photos came with them."""
    fields = {name: request.POST.getlist(name) for name in request.POST if name not in NOT_SAID}
    return {"path": request.path, "fields": fields, "photos": photos.digests() if photos else []}


def perform_move(request: HttpRequest, ticket: Ticket, form: MoveForm, *, actor: Actor) -> bool:
    """Make the move of a bound form once, however often it is sent. False: the form now says what is wrong.

    Photos that were good are kept then (``form.photos``). A refusal for want of the right or of visibility (403, 404)
    is raised: no input can mend it.
    """
    photos = form.photos = PhotoBag.of_request(request) if form.asks_photos else PhotoBag()
    if not form.is_valid():
        photos.store()
        return False

    def act() -> dict[str, Any]:
        photos.store()
        if photos.errors:
            raise Invalid("bad_photo", _("有的照片没有收下：{reasons}").format(reasons=" ".join(photos.errors)))
        form.perform(ticket, actor=actor, photos=photos.kept)
        return {"number": ticket.number}

    try:
        key = form.cleaned_data["idempotency_key"]
        once(principal=actor.principal, key=key, body=said(request, photos), act=act)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.refused(error)
        photos.store()
        return False
    return True
