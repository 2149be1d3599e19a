"""代为登记: a member of staff writes down what somebody said on the phone, in a chat, at the door, in a letter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from governance.kernel.recordings import MAX_SECONDS
from governance.kernel.storage import MAX_PHOTOS
from requests_intake import classification, knowledge, presentation, workflow
from requests_intake.actions.submit import submit_ticket
from requests_intake.forms.on_behalf import OnBehalfForm
from requests_intake.forms.photos import PhotoBag
from requests_intake.forms.places import building_name, search_buildings
from requests_intake.forms.recordings import RecordingBag, heard
from requests_intake.models import RequestType, Ticket, Urgency
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules
from requests_intake.views.acts import said
from requests_intake.views.bulk import DESK_BULK
from requests_intake.views.desk_duplicates import hints_of
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame
from requests_intake.views.intake_codes import keep_code
from requests_intake.views.recorder import may_record

_SESSION = "desk_recorded"
RECORDERS = DESK_KINDS & workflow.RECORDERS


@staff_required(kinds=RECORDERS)
@may_record
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; all input, photos included, comes back when something in it is wrong."""
    actor = actor_of_page(request)
    if request.method != "POST":
        return _page(request, OnBehalfForm(actor=actor), PhotoBag(), RecordingBag())
    photos, recording = PhotoBag.of_request(request), RecordingBag.of_request(request)
    if "look" in request.POST:
        photos.store()
        recording.store()
        return _page(request, OnBehalfForm(initial=request.POST.dict(), actor=actor), photos, recording)
    form = OnBehalfForm(request.POST, actor=actor)
    if not form.is_valid():
        photos.store()
        recording.store()
        return _page(request, form, photos, recording, status=422)
    key = form.cleaned_data["idempotency_key"]
    try:
        outcome = once(
            principal=actor.principal, key=key, body={**said(request, photos), **heard(recording)},
            act=lambda: _submit(form, photos, recording, actor),
        )  # fmt: skip
    except DomainError as error:
        photos.store()
        recording.store()
        form.refused(error)
        return _page(request, form, photos, recording, status=error.status, known=error.data.get("number", ""))
    request.session[_SESSION] = outcome.result
    keep_code(request, outcome.result["number"], decrypt(outcome.result["code"]) if outcome.result["code"] else "")
    return redirect("desk:recorded")


def _submit(form: OnBehalfForm, photos: PhotoBag, recording: RecordingBag, actor: Actor) -> dict[str, Any]:
    photos.store()
    recording.store()
    if photos.errors or recording.errors:
        raise Invalid("bad_photo", _("有的照片或录音没有收下，请看下面的说明。"))
    submitted = submit_ticket(form.report(photos.kept, recording.stored()), actor=actor)
    if form.cleaned_data["has_consented"]:
        audit.record("consent_on_behalf", actor=actor, object_kind="ticket", object_id=submitted.ticket.pk)
    # The code opens the resident's page: in the stored answer it is never in the clear.
    return {
        "number": submitted.ticket.number,
        "code": encrypt(submitted.follow_code) if submitted.follow_code else "",
    }


def _page(
    request: HttpRequest,
    form: OnBehalfForm,
    photos: PhotoBag,
    recording: RecordingBag,
    *,
    status: int = 200,
    known: str = "",
) -> HttpResponse:
    chosen = str(form["building"].value() or "")
    address = str(form["address"].value() or "")
    context = {
        **page_frame(request),
        "form": form,
        "photos": photos,
        "photos_left": max(MAX_PHOTOS - len(photos.kept), 0),
        "recording": recording,
        "longest": MAX_SECONDS,
        "place": building_name(int(chosen)) if chosen.isdigit() else None,
        "found": search_buildings(address) if "look" in request.POST else [],
        "looked": "look" in request.POST,
        "query": address,
        "duplicates": hints_of(request, actor_of_page(request)) if request.method == "POST" else [],
        "hints": hints_for(str(form["content"].value() or "")),
        "category_value": str(form["category"].value() or ""),
        "known": known,
        "may_bulk": bool(actor_of_page(request).role_kinds & DESK_BULK),
        "has_source": any(form[name].value() or form[name].errors for name in ("external_number", "external_due_at")),
    }
    return render(request, "desk/new.html", context, status=status)


def hints_for(content: str) -> dict[str, Any]:
    """What the words sound like: at most three categories with the words that speak for them, urgency and type."""
    if not content.strip():
        return {"categories": [], "offers": []}
    found = classification.suggest(content, rules().lexicon, 3)
    urgency = classification.suggest_urgency(content)
    return {
        "categories": [
            {
                "code": row.code,
                "name": rules().by_code[row.code].name,
                "questions": rules().by_code[row.code].questions if row.is_likely else (),
                "sure": row.phrase,
                "is_likely": row.is_likely,
                "words": "、".join(row.words[:4]),
            }
            for row in found
        ],
        "urgency": str(Urgency(urgency.urgency).label),
        "urgency_words": "、".join(urgency.words[:4]),
        "is_urgent": urgency.urgency != Urgency.NORMAL,
        "type": str(RequestType(classification.suggest_type(content)).label),
        "offers": knowledge.offers(content),
    }


@staff_required(kinds=RECORDERS)
@require_POST
def hints(request: HttpRequest) -> HttpResponse:
    """Fragment: suggestions for the words. Posted, so that they do not end up in a log of addresses."""
    context = {"hints": hints_for(request.POST.get("content", "")), "category_value": request.POST.get("category", "")}
    return render(request, "desk/_hints.html", context)


@staff_required
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Fragment: buildings whose compound, number or address holds the words."""
    query = (request.GET.get("q") or request.GET.get("address") or "").strip()[:80]
    context = {"found": search_buildings(query), "looked": bool(query), "query": query}
    return render(request, "desk/_places.html", context)


@staff_required(kinds=RECORDERS)
@require_safe
def recorded(request: HttpRequest) -> HttpResponse:
    """The number to tell the person and, once, the code to follow it where no phone was left."""
    kept = request.session.get(_SESSION)
    if not kept:
        return redirect("desk:new")
    code = decrypt(kept["code"]) if kept["code"] else ""
    if code:
        request.session[_SESSION] = {**kept, "code": ""}
    ticket = Ticket.objects.get(number=kept["number"])
    context = {
        **page_frame(request),
        "ticket": ticket,
        "code": code,
        "row": presentation.list_row(ticket),
        "is_visible": TicketPolicy.visible(actor_of_page(request)).filter(pk=ticket.pk).exists(),
        "url": reverse("desk:ticket", args=[ticket.number]),
    }
    return render(request, "desk/recorded.html", context)
