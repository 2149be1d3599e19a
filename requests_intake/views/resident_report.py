"""我要报事: the public form, what helps to fill it in, and the page that gives the number."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.actions.residents import remember_name
from governance.accounts.models import Resident
from governance.accounts.residents import resident_of
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from governance.kernel.recordings import MAX_SECONDS
from governance.kernel.storage import MAX_PHOTOS
from governance.kernel.throttle import TooMany, take
from requests_intake import classification, knowledge
from requests_intake.actions.submit import submit_ticket
from requests_intake.forms.photos import PhotoBag
from requests_intake.forms.places import building_name, search_buildings
from requests_intake.forms.recordings import RecordingBag, heard
from requests_intake.forms.report import ReportForm, new_key
from requests_intake.models import Urgency
from requests_intake.numbering import NumberError, parse_number
from requests_intake.reference import rules
from requests_intake.views import resident_words
from requests_intake.views.recorder import may_record
from requests_intake.views.resident_session import (
    follow,
    fresh_code,
    keep_code,
    keep_place,
    last_place,
    requester_of,
    resident_page,
)

_NOT_SAID = {
    "csrfmiddlewaretoken", "idempotency_key", "kept_photos", "drop", "kept_recording", "drop_recording", "recording",
}  # fmt: skip
_FIELD_OF = {"point": "address", "category": "content"}  # fields of the action that the page shows elsewhere


@resident_page
@may_record
@sensitive_post_parameters("name", "phone")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form. A posted ``look`` only asks about places (``elsewhere``: not where it was last time): the page comes
    back with everything kept."""
    if request.method != "POST":
        named = _number(request.GET.get("building"))
        initial = {"building": named or last_place(request), "content": _about(request.GET.get("again", ""))}
        form = ReportForm(initial=initial, resident=resident_of(request))
        return _page(request, form, PhotoBag(), RecordingBag())
    photos, recording = PhotoBag.of_request(request), RecordingBag.of_request(request)
    try:
        take(request, "search" if "look" in request.POST else "report")
    except TooMany as error:
        return _later(request, photos, recording, error)
    if "look" in request.POST:
        photos.store()
        recording.store()
        said = _said(request)
        if request.POST["look"] == "elsewhere":
            said.pop("building", None)
        # Initial, not bound: nobody has said yet that the form is complete.
        return _page(request, ReportForm(initial=said, resident=resident_of(request)), photos, recording)
    form = _bound(request, photos, recording)
    if not form.is_valid():
        photos.store()
        recording.store()
        return _page(request, form, photos, recording, status=422)
    try:
        result = once(
            principal="public",
            key=form.key(),
            body={"said": _said(request), "photos": photos.digests(), **heard(recording)},
            act=lambda: _submit(form, photos, recording, resident_of(request)),
        ).result
    except DomainError as error:
        photos.store()
        recording.store()
        _explain(form, error)
        return _page(request, form, photos, recording, status=error.status)
    code = decrypt(result["code"]) if result["code"] else ""
    follow(request, result["number"], result["ticket"])
    keep_code(request, result["number"], code)
    keep_place(request, form.cleaned_data["listed"] or form.cleaned_data["building"])
    return redirect("resident:done", number=result["number"])


def _bound(request: HttpRequest, photos: PhotoBag, recording: RecordingBag) -> ReportForm:
    return ReportForm(
        request.POST, photo_count=len(photos), has_recording=bool(recording), resident=resident_of(request)
    )


def _later(request: HttpRequest, photos: PhotoBag, recording: RecordingBag, error: TooMany) -> HttpResponse:
    """The form with everything written in it. New files are not even looked at: that is what costs us most."""
    if photos.uploads:
        photos.uploads = []
        photos.errors.append(_("刚选的照片没有收，再交的时候请重选一次。"))
    if recording.upload:
        recording.upload = None
        recording.errors.append(_("刚录的没有收，再交的时候请重录一次，或者打字。"))
    form = _bound(request, photos, recording)
    form.add_error(None, error.message)
    return _page(request, form, photos, recording, status=error.status)


def _submit(form: ReportForm, photos: PhotoBag, recording: RecordingBag, resident: Resident | None) -> dict[str, Any]:
    photos.store()
    recording.store()
    if photos.errors or recording.errors:
        raise Invalid("bad_photo", _("有的照片或录音没有收下，请看下面的说明。"))
    said = form.report(photos.kept, recording.stored())
    submitted = submit_ticket(said, actor=Actor.public())
    if resident is not None and said.agreed is None:
        remember_name(resident, said.name, actor=Actor.public())
    # The code is part of the answer a repeated request gets again, so it is kept, but not in the clear.
    code = encrypt(submitted.follow_code) if submitted.follow_code else ""
    return {"ticket": submitted.ticket.pk, "number": submitted.ticket.number, "code": code}


def _said(request: HttpRequest) -> dict[str, Any]:
    return {name: value for name, value in request.POST.items() if name not in _NOT_SAID}


def _explain(form: ReportForm, error: DomainError) -> None:
    """Put what the action says beside the fields it is about, else above the form."""
    for name, sentences in error.fields.items():
        field = _FIELD_OF.get(name, name)
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)
    if not error.fields:
        form.add_error(None, error.message)
    if error.code == "idempotency_mismatch":
        form.data = {**form.data.dict(), "idempotency_key": new_key()}  # type: ignore[attr-defined]


def _page(
    request: HttpRequest, form: ReportForm, photos: PhotoBag, recording: RecordingBag, *, status: int = 200
) -> HttpResponse:
    place = building_name(_number(form["building"].value()))
    address = str(form["address"].value() or "")
    context = {
        "form": form,
        "back_url": reverse("resident:home"),
        "photos": photos,
        "recording": recording,
        "longest": MAX_SECONDS,
        "photos_left": max(MAX_PHOTOS - len(photos.kept), 0),
        "place": place,
        "found": search_buildings(address) if address and "look" in request.POST else [],
        "looked": "look" in request.POST,
        "resident": resident_of(request),
        "hotline": request.district.hotline,  # type: ignore[attr-defined]
        "hints": _hints(str(form["content"].value() or "")),
        "helped_key": new_key(),
    }
    return render(request, "resident/report.html", context, status=status)


def _number(value: Any) -> int | None:
    return int(value) if str(value or "").isdigit() else None


def _about(number: str) -> str:
    """How a matter begins that comes back too late to be reopened: with the number of the old one."""
    try:
        return _("和 {number} 是同一件事，又出了问题：").format(number=parse_number(number))
    except NumberError:
        return ""


@resident_page
@require_POST
def hints(request: HttpRequest) -> HttpResponse:
    """Fragment: what the words sound like. Posted, so that they do not end up in a log of addresses."""
    return render(request, "resident/_hints.html", {"hints": _hints(request.POST.get("content", ""))})


def _hints(content: str) -> dict[str, Any]:
    """``category``: its name where we are fairly sure; ``danger``: danger to life; ``questions``: what to say;
    ``offers``: answers that may already be what is asked for, none where there is danger."""
    if not content.strip():
        return {"category": "", "danger": False, "questions": (), "offers": []}
    found = classification.suggest(content, rules().lexicon, 1)
    likely = rules().by_code[found[0].code] if found and found[0].is_likely else None
    danger = classification.suggest_urgency(content).urgency == Urgency.CRITICAL
    return {
        "category": likely.name if likely else "",
        "danger": danger,
        "questions": likely.questions if likely else (),
        "offers": [] if danger else knowledge.offers(content),
    }


@resident_page
@require_POST
def places(request: HttpRequest) -> HttpResponse:
    """Fragment: buildings that the written address may mean."""
    address = request.POST.get("address", "")
    return render(request, "resident/_places.html", {"found": search_buildings(address), "looked": False})


@resident_page
@require_POST
def buildings(request: HttpRequest) -> HttpResponse:
    """Fragment: the buildings of the chosen community."""
    return render(request, "resident/_buildings.html", {"form": ReportForm(initial=_said(request))})


@resident_page
@require_safe
def done(request: HttpRequest, number: str) -> HttpResponse:
    """The number, the promise, the code, and what happens next; only for the browser that reported."""
    _actor, ticket = requester_of(request, number)
    context = {
        "ticket": ticket,
        "back_url": reverse("resident:home"),
        "code": fresh_code(request, ticket.number),
        "latest": resident_words.latest_time(ticket),
        "waits": ticket.accepted_at is None,
        "answering": resident_words.answering(ticket),
        "has_phone": not ticket.follow_code_hash,
    }
    return render(request, "resident/done.html", context)
