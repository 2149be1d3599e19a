"""One matter on the phone: what was said, whom to call, and every move the worker may make now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.offline import keep_offline
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from governance.kernel.keyed import overtaken
from governance.kernel.storage import MAX_PHOTOS
from grids.reference import territory
from requests_intake.actions.restricted import opened_ticket
from requests_intake.actions.reveal import REVEAL_REASONS
from requests_intake.channels import channel_name
from requests_intake.follow_ups import beside_the_point
from requests_intake.forms.moves import MOVE_FORMS, MoveForm, fresh_key
from requests_intake.forms.photos import PhotoBag
from requests_intake.models import Ticket
from requests_intake.phrases import phrases_for
from requests_intake.policies import find_visible
from requests_intake.presentation import clock_bars, photo_strip, place_text, remaining, requester_card, timeline
from requests_intake.presentation.asked import asked_of
from requests_intake.presentation.hands import who_is_at_it
from requests_intake.reference import rules
from requests_intake.standing import Standing, standing_of
from requests_intake.views.revealing import SEEN_BEFORE, revealed
from requests_intake.views.worker_frame import inner, worker_required
from requests_intake.views.worker_hands import too_late_to_claim

# The moves of the phone, the likeliest next one first: it becomes the one large button.
ICONS = {
    "claim": "hand", "sign": "check", "arrive": "pin", "solve_on_site": "camera", "control_danger": "shield",
    "verify": "eye", "resolve": "file", "escalate": "up", "report_danger": "msg", "tell_plan": "list",
    "contact": "phone", "rework": "sync", "classify": "tag", "assign": "users",
    "co_resolve": "good", "resume": "play", "answer_supervision": "msg", "ask_extension": "clock", "ask_pause": "pause",
    "ask_return": "back", "take_back": "x", "give_back": "sync", "mediate": "users", "call_helper": "hand",
}  # fmt: skip
IN_BAR = ("claim", "sign", "arrive", "solve_on_site", "control_danger", "verify", "escalate", "rework")
LABELS = {
    "arrive": gettext_lazy("到现场了"),
    "verify": gettext_lazy("修好了"),
    "rework": gettext_lazy("没修好"),
    "contact": gettext_lazy("记一笔联系"),
}
DONE = {
    "claim": gettext_lazy("接单了"),
    "co_resolve": gettext_lazy("协办办结了"),
    "resume": gettext_lazy("恢复计时了"),
    "answer_supervision": gettext_lazy("督办回复了"),
    "ask_extension": gettext_lazy("延期申请交上去了"),
    "ask_pause": gettext_lazy("暂停申请交上去了"),
    "ask_return": gettext_lazy("退单申请交上去了"),
    "take_back": gettext_lazy("申请撤回了"),
    "give_back": gettext_lazy("放回接单池了"),
    "sign": gettext_lazy("签收了"),
    "contact": gettext_lazy("联系记下了"),
    "arrive": gettext_lazy("到场记下了"),
    "control_danger": gettext_lazy("险情控制住了，记下了"),
    "report_danger": gettext_lazy("险情报上去了"),
    "tell_plan": gettext_lazy("方案告诉居民了"),
    "solve_on_site": gettext_lazy("现场解决，记下了"),
    "resolve": gettext_lazy("办结了"),
    "escalate": gettext_lazy("交给上级了"),
    "verify": gettext_lazy("核查通过了"),
    "rework": gettext_lazy("退回返工了"),
    "classify": gettext_lazy("分类改好了"),
    "assign": gettext_lazy("指派好了"),
    "mediate": gettext_lazy("转调解了"),
    "call_helper": gettext_lazy("请了，记下了"),
}
STAYS = (
    "claim",
    "sign",
    "contact",
    "arrive",
    "control_danger",
    "report_danger",
    "tell_plan",
    "classify",
    "assign",
    "resume",
    "answer_supervision",
    "ask_extension",
    "ask_pause",
    "ask_return",
    "take_back",
    "mediate",
    "call_helper",
)  # the work goes on, so does the page
CALLS = ("contact", "on_site", "emergency")  # why a worker calls; asking after the result is the return visitor's
_NOT_SAID = ("csrfmiddlewaretoken", "idempotency_key", "kept_photos", "uploaded")
PROOF = ("solve_on_site", "verify")
"""Moves that a photo must prove. What leaves nothing to photograph is 办结."""


def _moves(ticket: Ticket, actor: Actor, standing: Standing | None = None) -> list[dict[str, Any]]:
    """What the worker may do now, the next step first."""
    hidden = beside_the_point(actor, ticket)
    found = standing or standing_of(ticket)
    lawful = {move.name: move for move in found.moves(actor) if move.name not in hidden}
    return [
        {
            "name": name,
            "label": LABELS.get(name, lawful[name].label),
            "icon": icon,
            "url": reverse("worker:move", args=[ticket.number, name]),
        }
        for name, icon in ICONS.items()
        if name in lawful
    ]


@worker_required
@never_cache
@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = find_visible(actor, number)
    opened_ticket(found, actor=actor, page="worker:ticket")
    response = render(request, "worker/ticket.html", _context(found, actor))
    if not found.is_restricted:
        keep_offline(request, response)
    return response


def _context(found: Ticket, actor: Actor) -> dict[str, Any]:
    standing = standing_of(found)
    moves = _moves(found, actor, standing)
    lawful = {move["name"]: move for move in moves}
    bar = [move for move in moves if move["name"] in IN_BAR][:2]
    return inner(
        found.number,
        reverse("worker:home"),
        ticket=found,
        left=remaining(found),
        place=place_text(found),
        photos=photo_strip(found),
        channel=channel_name(found.channel),
        category=rules().category_name(found.category_id),
        owner=territory().organization_name(found.organization_id),
        requester=requester_card(found, actor),
        reasons={reason: words for reason, words in REVEAL_REASONS.items() if reason in CALLS},
        clocks=clock_bars(found),
        steps=timeline(found, outward=False),
        hands=who_is_at_it(found, standing, lawful),
        asked=asked_of(found, standing, actor, lawful),
        key=fresh_key(),
        bar=bar,
        moves=[move for move in moves if move not in bar],
    )


@worker_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """The form of one move and, posted, the move. Signing needs no form: the button of the list posts at once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if name not in ICONS:
        raise Http404
    found = find_visible(actor, number)
    if request.method != "POST":
        standing_of(found).require(name, actor)
        response = _page(request, found, MOVE_FORMS[name](found, actor), PhotoBag())
        if not found.is_restricted:
            keep_offline(request, response)
        return response
    photos = PhotoBag.of_request(request)
    form = MOVE_FORMS[name](found, actor, _with_phrase(request.POST, name))
    if not _perform(request, found, form, photos, actor):
        if name == "claim":
            return too_late_to_claim(request, form)
        if form.is_overtaken:
            overtaken(request, _as_it_stands(found, form))
        return _page(request, found, form, photos, status=422)
    messages.success(request, f"{DONE[name]}：{found.title[:30]}")
    if request.POST.get("from") == "pool":
        return redirect("worker:pool")
    if name in STAYS and request.POST.get("from") != "home":
        return redirect("worker:ticket", number=found.number)
    return redirect("worker:home")


def _as_it_stands(found: Ticket, form: MoveForm) -> list[str]:
    """For somebody whose move came too late: why it was refused, how the matter stands, and what happened last."""
    found.refresh_from_db()
    owner = territory().organization_name(found.organization_id)
    sentences = [*form.non_field_errors(), _("现在是“{state}”，由{owner}负责").format(
        state=found.get_state_display(), owner=owner)]  # fmt: skip
    last = next(iter(timeline(found, outward=False)), None)
    if last is not None:
        step = "·".join(part for part in (last["at"], last["by"], last["title"]) if part)
        sentences.append(_("最近一步：{step}").format(step=step))
    return [str(sentence) for sentence in sentences]


def _with_phrase(posted: QueryDict, name: str) -> QueryDict:
    """The tapped sentence in front of the written note."""
    tapped = posted.get("phrase", "")
    if tapped not in phrases_for(name):
        return posted
    data = posted.copy()
    data["note"] = "；".join(part for part in (tapped, posted.get("note", "").strip()) if part)
    return data


def _perform(request: HttpRequest, found: Ticket, form: MoveForm, photos: PhotoBag, actor: Actor) -> bool:
    """Make the move once. False: the form says what is wrong and the photos are kept for the next try."""
    said = {name: value for name, value in request.POST.items() if name not in _NOT_SAID}
    body = {"path": request.path, "said": said, "photos": photos.digests()}

    def act() -> dict[str, Any]:
        photos.store()
        if photos.errors:
            raise Invalid("bad_photo", _("有的照片没有收下，请看下面的说明。"))
        form.perform(found, actor=actor, photos=photos.kept)
        return {"number": found.number}

    if form.is_valid() and form.name in PROOF and not len(photos):
        form.add_error(None, _("请拍一张现场照片。"))
    if form.is_valid():
        try:
            # A refused act must not leave its key behind: the corrected form carries the same one.
            with transaction.atomic():
                once(principal=actor.principal, key=form.cleaned_data["idempotency_key"], body=body, act=act)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            form.refused(error)
        else:
            return True
    photos.store()
    return False


def _page(request: HttpRequest, found: Ticket, form: MoveForm, photos: PhotoBag, *, status: int = 200) -> HttpResponse:
    tapped = request.POST.get("phrase", "")
    if form.is_bound:
        # Nothing was done: the next try is a new one. The note stands as it was written, without the tapped sentence.
        form.data = {**request.POST.dict(), "idempotency_key": fresh_key()}
    context = inner(
        str(LABELS.get(form.name, form.verb)),
        reverse("worker:ticket", args=[found.number]),
        ticket=found,
        form=form,
        phrases=[{"text": text, "chosen": text == tapped} for text in phrases_for(form.name)],
        photos=photos,
        photos_left=max(MAX_PHOTOS - len(photos.kept), 0),
        is_proof=form.name in PROOF or form.needs_photo,
    )
    return render(request, "worker/move.html", context, status=status)


@worker_required
@never_cache
@require_POST
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """The requester's number in clear, on this one answer only, after a reason that the audit trail keeps."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = find_visible(actor, number)
    said = request.POST
    shown = revealed(request, found, reason=said.get("reason", ""), words=said.get("words", ""), actor=actor)
    if not shown:
        messages.warning(request, SEEN_BEFORE)
        return redirect("worker:ticket", number=found.number)
    card = requester_card(found, actor)
    back = reverse("worker:ticket", args=[found.number])
    contact = reverse("worker:move", args=[found.number, "contact"])
    can_contact = any(move["name"] == "contact" for move in _moves(found, actor))
    context = inner(_("打电话"), back, phone=shown, requester=card, contact_url=contact if can_contact else "")
    return render(request, "worker/phone.html", context)
