"""Sentences in the form of a move: what stands there already, what is put in with one tap, also without scripts."""

from __future__ import annotations

from django.http import HttpRequest

from governance.kernel.actors import Actor
from requests_intake.desks.actions.keep import PHRASE_MOVES
from requests_intake.desks.queries import Offered, offered
from requests_intake.forms.moves import MOVE_FORMS, MoveForm
from requests_intake.forms.photos import PhotoBag
from requests_intake.models import Ticket


def phrases_beside(form: MoveForm) -> list[Offered]:
    """What the form offers. An empty form begins with the sentence that was chosen for it; one that was sent or begun
    with other words keeps them."""
    if form.name not in PHRASE_MOVES:
        return []
    found, first = offered(form.name, form.ticket, form.actor)
    if first and not form.is_bound:
        form.initial.setdefault("note", first)
    return found


def with_phrase(request: HttpRequest, ticket: Ticket, name: str, actor: Actor) -> MoveForm:
    """The form as it was, with the tapped sentence after what was written. Nothing is judged, nothing is done; photos
    that came along are kept."""
    found, _first = offered(name, ticket, actor) if name in PHRASE_MOVES else ([], "")
    tapped = next((row.text for row in found if row.key == request.POST["phrase"]), "")
    said = request.POST.dict()
    form = MOVE_FORMS[name](ticket, actor, initial={field: said[field] for field in said if field != "phrase"})
    form.initial["note"] = "\n".join(part for part in (said.get("note", "").strip(), tapped) if part)
    if form.asks_photos:
        form.photos = PhotoBag.of_request(request)
        form.photos.store()
    return form
