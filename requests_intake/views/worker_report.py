"""报事: a find of the patrol, or what somebody says at the door; fixed on the spot in the same form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from governance.accounts.offline import kept_offline
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from governance.kernel.storage import MAX_PHOTOS
from grids.visits.models import Visit
from grids.visits.policies import find_visit
from requests_intake import classification
from requests_intake.actions.resolve import solve_on_site
from requests_intake.actions.submit import submit_ticket
from requests_intake.actions.visit_tickets import link_visit
from requests_intake.forms.find import OTHER, TILES, FindForm
from requests_intake.forms.moves import fresh_key
from requests_intake.forms.photos import PhotoBag
from requests_intake.reference import rules
from requests_intake.views.intake_codes import keep_code
from requests_intake.views.worker_frame import inner, own_grids, worker_required

_NOT_SAID = {"csrfmiddlewaretoken", "idempotency_key", "kept_photos", "drop", "uploaded"}


@worker_required
@kept_offline
@sensitive_post_parameters("name", "phone")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    grids = own_grids(actor)
    visit = _visit(request, actor)
    if request.method != "POST":
        return _page(request, FindForm(grids, initial=_at_home(visit)), PhotoBag())
    photos = PhotoBag.of_request(request)
    form = FindForm(grids, request.POST, photo_count=len(photos))
    if not form.is_valid():
        photos.store()
        return _page(request, form, photos, status=422)
    said = {name: value for name, value in request.POST.items() if name not in _NOT_SAID}
    body = {"path": request.path, "said": said, "photos": photos.digests()}
    try:
        # A refused report must not leave its key behind: the corrected form carries the same one.
        with transaction.atomic():
            key = form.cleaned_data["idempotency_key"]
            act = lambda: _submit(form, photos, actor, visit)  # noqa: E731
            result = once(principal=actor.principal, key=key, body=body, act=act).result
    except DomainError as error:
        photos.store()
        _explain(form, error)
        return _page(request, form, photos, status=error.status)
    return _thanks(request, result)


def _visit(request: HttpRequest, actor: Actor) -> Visit | None:
    """The visit to a household at which it came up (``visit`` in the address)."""
    asked = request.GET.get("visit", "")
    return find_visit(actor, int(asked)) if asked.isdigit() and len(asked) < 19 else None


def _at_home(visit: Visit | None) -> dict[str, Any]:
    return {"place": f"building-{visit.household.building_id}", "for_resident": True} if visit else {}


def _submit(form: FindForm, photos: PhotoBag, actor: Actor, visit: Visit | None = None) -> dict[str, Any]:
    """The ticket and, where it is fixed already, its solution, together or not at all.

    Of two or more photos of a fixed matter the first shows it before, the others after; a single one shows the result.
    """
    photos.store()
    if photos.errors:
        raise Invalid("bad_photo", _("有的照片没有收下，请看下面的说明。"))
    kept = photos.kept
    split = min(1, len(kept) - 1) if form.is_done else len(kept)
    submitted = submit_ticket(form.report(kept[:split]), actor=actor)
    ticket = submitted.ticket
    if form.is_agreed:
        audit.record("consent_on_behalf", actor=actor, object_kind="ticket", object_id=ticket.pk)
    if visit is not None:
        link_visit(visit, ticket, actor=actor)
    if form.is_done:
        said = form.cleaned_data["content"].strip()
        reply = _("网格员当场处理好了。{said}").format(said=said) if said else _("网格员当场处理好了。")
        ticket = solve_on_site(ticket, actor=actor, reply=reply, photos=kept[split:])
    # The code opens the resident's page: in the stored answer it is never in the clear.
    code = encrypt(submitted.follow_code) if submitted.follow_code and form.cleaned_data["for_resident"] else ""
    return {"number": ticket.number, "state": ticket.state, "done": form.is_done, "code": code}


def _thanks(request: HttpRequest, result: dict[str, Any]) -> HttpResponse:
    address = reverse("worker:ticket", args=[result["number"]])
    if result.get("code"):
        # Somebody without a phone waits at the door for the paper to ask with.
        keep_code(request, result["number"], decrypt(result["code"]))
        address = f"{reverse('desk:slip', args=[result['number']])}?paper=80&next={reverse('worker:home')}"
    text = _("处理好了，已记下：{number}") if result["done"] else _("报上去了：{number}")
    messages.success(
        request,
        text.format(number=result["number"]),
        extra_tags=f"go={address} {_('给他回执') if result.get('code') else _('看看')}",
    )
    return redirect("worker:home")


def _explain(form: FindForm, error: DomainError) -> None:
    """Put what the action says beside the fields it is about, else above the form."""
    for name, sentences in error.fields.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
    if not error.fields:
        form.add_error(None, error.message)


def _page(request: HttpRequest, form: FindForm, photos: PhotoBag, *, status: int = 200) -> HttpResponse:
    if form.is_bound:
        # Nothing was done: the next try is a new one.
        form.data = {**request.POST.dict(), "idempotency_key": fresh_key()}
    words, chosen = str(form["content"].value() or ""), str(form["category"].value() or "")
    context = inner(
        _("报事"),
        reverse("worker:home"),
        form=form,
        place=form.place_name,
        place_is_chosen=form.is_elsewhere,
        photos=photos,
        photos_left=max(MAX_PHOTOS - len(photos.kept), 0),
        **_tiles(words, chosen, guessed=""),
    )
    return render(request, "worker/report.html", context, status=status)


@worker_required
@require_POST
def guess(request: HttpRequest) -> HttpResponse:
    """Fragment: the category tiles with the guess from the words chosen, unless the worker has chosen another."""
    said = {name: request.POST.get(name, "") for name in ("content", "category", "guessed")}
    return render(request, "worker/_tiles.html", _tiles(said["content"], said["category"], guessed=said["guessed"]))


def _tiles(words: str, chosen: str, *, guessed: str) -> dict[str, Any]:
    """The tiles: what the worker chose stays; else the guess is chosen, in a tile of its own where it has none."""
    by_code = rules().by_code
    found = classification.suggest(words, rules().lexicon, 1) if words.strip() else []
    guess = found[0].code if found else ""
    is_own_choice = bool(chosen) and chosen != guessed
    picked = chosen if is_own_choice else guess
    options = [
        {"icon": icon, "word": word, "value": code, "chosen": code == picked}
        for icon, word, code in TILES
        if code in by_code
    ]
    if picked and picked in by_code and not any(option["chosen"] for option in options):
        word = _("其他") if picked == OTHER else by_code[picked].name
        options.append({"icon": "more", "word": word, "value": picked, "chosen": True})
    else:
        options.append({"icon": "more", "word": _("其他"), "value": OTHER, "chosen": False})
    hint = ""
    if guess and not is_own_choice:
        hint = _("猜是{category}，不对就点别的").format(category=by_code[guess].name)
    return {"options": options, "hint": hint, "guessed": "" if is_own_choice else guess}
