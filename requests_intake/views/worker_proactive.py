"""主动治理 on the phone: what to go and look at in one's own grids, and what was found there (S3-31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.storage import MAX_PHOTOS
from grids.households.views.surface import PHONE
from grids.reference import territory
from requests_intake.actions.proactive_field import find_nothing, find_something
from requests_intake.forms.photos import PhotoBag
from requests_intake.forms.proactive import FoundForm
from requests_intake.homes_first import homes_first
from requests_intake.models import ProactiveTask
from requests_intake.policies import TicketPolicy
from requests_intake.proactive import RUNNING, find_task, visible_tasks
from requests_intake.reference import rules
from requests_intake.views.worker_frame import frame, inner, own_grids, worker_required

State = ProactiveTask.State
PAGE = 30
_SOON = timedelta(days=2)
_ORIGINS = 20
_NOT_SAID = {"csrfmiddlewaretoken", "idempotency_key", "kept_photos", "drop", "uploaded"}


@worker_required
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """What is to be looked at, the earliest due first; or what was, the newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    show = "ended" if request.GET.get("show") == "ended" else ""
    found = visible_tasks(actor)
    if show:
        found = found.exclude(state__in=RUNNING).order_by("-closed_at", "-pk")
    else:
        found = found.filter(state__in=RUNNING).order_by("due_on", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    address = reverse("worker:tasks")
    segments = [
        {"label": label, "url": f"{address}?show={name}" if name else address, "current": name == show, "count": None}
        for name, label in (("", _("要去看的")), ("ended", _("看过的")))
    ]
    cards = [_card(task) for task in page.object_list]
    return render(
        request, "worker/tasks.html", frame(request, "home", page=page, cards=cards, segments=segments, show=show)
    )


def _card(task: ProactiveTask) -> dict[str, Any]:
    running, today = task.state in RUNNING, clock.today()
    if not running:
        state, left = "done", task.get_state_display()
    else:
        state = "over" if task.due_on < today else "soon" if task.due_on <= today + _SOON else "doing"
        left = _("最晚 {month}月{day}日").format(month=task.due_on.month, day=task.due_on.day)
    return {
        "url": reverse("worker:task", args=[task.pk]),
        "title": task.title,
        "state": state,
        "left": left,
        "note": "·".join(filter(None, (task.get_source_display(), rules().category_name(task.category_id)))),
    }


@worker_required
@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """One task, and the three ways it ends: nothing found, put right on the spot, handed on as a matter."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = find_task(actor, pk)
    if request.method != "POST":
        return _page(request, found, FoundForm(found, own_grids(actor)), PhotoBag())
    if request.POST.get("found") == "nothing":
        return _nothing(request, found, actor)
    photos = PhotoBag.of_request(request)
    form = FoundForm(found, own_grids(actor), request.POST, photo_count=len(photos))
    if not form.is_valid():
        photos.store()
        return _page(request, found, form, photos, status=422)
    said = {name: value for name, value in request.POST.items() if name not in _NOT_SAID}
    body = {"path": request.path, "said": said, "photos": photos.digests()}
    try:
        # A refused report must not leave its key behind: the corrected form carries the same one.
        with transaction.atomic():
            key = form.cleaned_data["idempotency_key"]
            act = lambda: _found(found, form, photos, actor)  # noqa: E731
            result = once(principal=actor.principal, key=key, body=body, act=act).result
    except DomainError as error:
        if error.status in (403, 404):
            raise
        photos.store()
        form.refused(error)
        return _page(request, found, form, photos, status=422)
    address = reverse("worker:ticket", args=[result["number"]])
    text = _("记下了，当场处理好的：{number}") if form.is_solved else _("记下了，交上去办：{number}")
    messages.success(request, text.format(number=result["number"]), extra_tags=f"go={address} {_('看一看')}")
    return redirect("worker:tasks")


def _nothing(request: HttpRequest, found: ProactiveTask, actor: Actor) -> HttpResponse:
    form = KeyedForm(request.POST)

    def act() -> None:
        find_nothing(found, actor=actor)

    if act_once(request, form, act):
        messages.success(request, _("记下了：看过，没有问题"))
        return redirect("worker:tasks")
    messages.error(request, " ".join(str(text) for said in form.errors.values() for text in said))
    return redirect("worker:task", pk=found.pk)


def _found(task: ProactiveTask, form: FoundForm, photos: PhotoBag, actor: Actor) -> dict[str, Any]:
    photos.store()
    if photos.errors:
        raise Invalid("bad_photo", _("有的照片没有收下，请看下面的说明。"))
    ticket = find_something(
        task, content=form.cleaned_data["content"], spot=form.spot, is_solved=form.is_solved, photos=photos.kept,
        actor=actor,
    )  # fmt: skip
    return {"number": ticket.number}


def _page(
    request: HttpRequest, found: ProactiveTask, form: FoundForm, photos: PhotoBag, *, status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    origins = list(found.origins.order_by("-ticket_id").values_list("ticket_id", flat=True)[:_ORIGINS])
    wanted = [pk for pk in (*origins, found.opened_ticket_id) if pk]
    seen = {row.pk: row for row in TicketPolicy.visible(actor).filter(pk__in=wanted)} if wanted else {}
    names, running = territory(), found.state in RUNNING
    context = inner(
        _("主动治理"),
        reverse("worker:tasks"),
        task=found,
        card=_card(found),
        place=names.area_name(found.community_id),
        organization=names.organization_name(found.organization_id),
        homes=homes_first(actor, found, PHONE) if running else [],
        origins=[seen[pk] for pk in origins if pk in seen],
        hidden=sum(pk not in seen for pk in origins),
        opened=seen.get(found.opened_ticket_id or 0),
        form=form if running and found.opened_ticket_id is None else None,
        nothing=KeyedForm(auto_id=False) if running else None,
        photos=photos,
        photos_left=max(MAX_PHOTOS - len(photos.kept), 0),
    )
    return render(request, "worker/task.html", context, status=status)
