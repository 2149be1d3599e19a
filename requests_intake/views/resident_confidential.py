"""举报 and 写信给书记 for residents, and what an author of a letter does besides reading: write back, say yes or no."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from governance.kernel.storage import MAX_PHOTOS
from governance.kernel.throttle import TooMany, take
from requests_intake.actions import letters
from requests_intake.actions.submit import submit_ticket
from requests_intake.forms.confidential import ConfidentialForm, LetterForm, TipForm
from requests_intake.forms.photos import PhotoBag
from requests_intake.forms.report import KeyedForm, ReopenForm, new_key
from requests_intake.models import Ticket
from requests_intake.views.resident_session import follow, keep_code, requester_of, resident_page

_NOT_SAID = {"csrfmiddlewaretoken", "idempotency_key", "kept_photos", "drop"}


def _tip_words() -> dict[str, str]:
    return {
        "title": _("举报"),
        "lead": _("只有区里的举报受理员先看到。被反映的单位不知道是谁，也不经手。"),
        "verb": _("提交举报"),
        "note": _("反映区指挥中心，或公职人员违纪违法的，请找纪检监察机关。"),
    }


def _letter_words() -> dict[str, str]:
    return {
        "title": _("写信给书记"),
        "lead": _("只有这个社区的书记一个人看得到，一个工作日内给您首次答复。"),
        "verb": _("寄出"),
        "note": _("没有您同意，信不会转给别人。"),
    }


@resident_page
@sensitive_post_parameters("name", "phone", "content")
@require_http_methods(["GET", "HEAD", "POST"])
def tip(request: HttpRequest) -> HttpResponse:
    return _page(request, TipForm, _tip_words())


@resident_page
@sensitive_post_parameters("name", "phone", "content")
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest) -> HttpResponse:
    return _page(request, LetterForm, _letter_words())


def _page(request: HttpRequest, form_class: type[ConfidentialForm], words: dict[str, str]) -> HttpResponse:
    if request.method != "POST":
        return _render(request, form_class(), PhotoBag(), words)
    photos = PhotoBag.of_request(request)
    form = form_class(request.POST)
    try:
        take(request, "report")
    except TooMany as error:
        photos.uploads = []
        form.add_error(None, error.message)
        return _render(request, form, photos, words, status=error.status)
    if not form.is_valid():
        photos.store()
        return _render(request, form, photos, words, status=422)
    said = {name: value for name, value in request.POST.items() if name not in _NOT_SAID}
    body = {"path": request.path, "said": said, "photos": photos.digests()}
    try:
        result = once(principal="public", key=form.key(), body=body, act=lambda: _submit(form, photos)).result
    except DomainError as error:
        photos.store()
        _explain(form, error)
        return _render(request, form, photos, words, status=error.status)
    follow(request, result["number"], result["ticket"])
    keep_code(request, result["number"], decrypt(result["code"]) if result["code"] else "")
    return redirect("resident:done", number=result["number"])


def _submit(form: ConfidentialForm, photos: PhotoBag) -> dict[str, Any]:
    photos.store()
    if photos.errors:
        raise Invalid("bad_photo", _("有的照片没有收下，请看下面的说明。"))
    made = submit_ticket(form.report(photos.kept), actor=Actor.public())
    # Part of the answer a repeated request gets again, so it is kept, but not in the clear.
    code = encrypt(made.follow_code) if made.follow_code else ""
    return {"ticket": made.ticket.pk, "number": made.ticket.number, "code": code}


def _explain(form: ConfidentialForm, error: DomainError) -> None:
    for name, sentences in error.fields.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
    if not error.fields:
        form.add_error(None, error.message)
    if error.code == "idempotency_mismatch":
        form.data = {**form.data.dict(), "idempotency_key": new_key()}  # type: ignore[attr-defined]


def _render(
    request: HttpRequest, form: ConfidentialForm, photos: PhotoBag, words: dict[str, str], *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "words": words,
        "photos": photos,
        "photos_left": max(MAX_PHOTOS - len(photos.kept), 0),
        "back_url": reverse("resident:home"),
    }
    return render(request, "resident/confidential.html", context, status=status)


# ---------------------------------------------------------------- the author of a letter
def _author_of(request: HttpRequest, number: str) -> tuple[Actor, Ticket]:
    actor, found = requester_of(request, number)
    if not found.is_letter:
        raise Http404
    return actor, found


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, number: str) -> HttpResponse:
    """再写几句."""
    actor, found = _author_of(request, number)
    form = ReopenForm(request.POST if request.method == "POST" else None)
    form.fields["note"].label = _("再写几句")
    form.fields["note"].error_messages["required"] = _("请写几句。")
    back = reverse("resident:ticket", args=[found.number])
    if form.is_bound and form.is_valid():
        note = form.cleaned_data["note"]

        def act() -> dict[str, Any]:
            return {"state": letters.write_back(found, note=note, actor=actor).state}

        try:
            body = {"path": request.path, "note": note}
            once(principal=f"requester:{actor.ticket_id}", key=form.key(), body=body, act=act)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("书记会看到。"))
            return redirect(back)
    context = {
        "back_url": back, "back_label": _("这封信"), "form": form, "action": request.path, "cancel_url": back,
        "title": _("再写几句"), "what": _("只有书记看得到。"), "verb": _("寄出"), "cancel": _("先不写"),
    }  # fmt: skip
    return render(request, "resident/confirm.html", context, status=422 if form.is_bound else 200)


@resident_page
@require_POST
def consent(request: HttpRequest, number: str) -> HttpResponse:
    """同意 or 不同意: may the letter become an ordinary matter?"""
    actor, found = _author_of(request, number)
    form = KeyedForm(request.POST)
    answer = request.POST.get("answer", "")
    if form.is_valid() and answer in ("yes", "no"):

        def act() -> dict[str, Any]:
            return {"state": letters.answer_consent(found, agrees=answer == "yes", actor=actor).state}

        body = {"path": request.path, "answer": answer}
        once(principal=f"requester:{actor.ticket_id}", key=form.key(), body=body, act=act)
        messages.success(request, _("记下了，谢谢您。") if answer == "yes" else _("记下了，信不会转。"))
    return redirect("resident:ticket", number=found.number)
