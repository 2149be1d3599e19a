"""The phone of the head of a building or unit (楼栋长、单元长): the own buildings, what is told, reporting.

They see nobody's tickets; what everybody in the house may know of them stands in ``head_house``. What they report they
report as residents: it is followed by number and phone.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.models import Staff
from governance.accounts.offline import kept_offline
from governance.kernel.actors import HEADS, Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.idempotency import once
from governance.kernel.storage import MAX_PHOTOS
from grids.heads import held
from grids.models import Building
from grids.patrols.actions.rounds import find_own_round, latest_rounds, mark_reported
from grids.patrols.models import BuildingRound
from grids.reference import territory
from requests_intake.actions.submit import submit_ticket
from requests_intake.forms.head_report import HeadReportForm
from requests_intake.forms.moves import fresh_key
from requests_intake.forms.photos import PhotoBag
from requests_intake.views.head_house import newest, phone_of, round_line
from requests_intake.views.worker_frame import head_frame, inner

head_required = staff_required(kinds=HEADS)
_NOT_SAID = {"csrfmiddlewaretoken", "idempotency_key", "kept_photos", "drop", "uploaded"}


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@head_required
@kept_offline
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The own buildings and whom to call there; the newest announcements come by a tag of the app above."""
    actor = _actor(request)
    heads = held(actor.membership_id or 0)
    rounds = latest_rounds(actor)
    rows = Building.objects.filter(pk__in={head.building_id for head in heads}).order_by("pk")
    places = territory()
    buildings = []
    for row in rows:
        team = places.own.get(row.grid_id)
        worker = places.handler(team) if team else None
        phone = places.organizations[team].phone if team else ""
        mine = [head for head in heads if head.building_id == row.pk]
        posts = [_("楼栋长") if head.unit is None else _("{unit} 单元长").format(unit=head.unit) for head in mine]
        buildings.append(
            {
                "name": row.name,
                "posts": "、".join(posts),
                "pairs": [
                    {"key": _("住户"), "value": _("{count} 户").format(count=row.household_count)},
                    {"key": _("网格"), "value": places.area_name(row.grid_id)},
                    {"key": _("网格员"), "value": worker.name if worker else _("缺岗，请打给社区")},
                ],
                "phone": phone,
                "round": round_line(rounds.get(row.pk), row.pk),
            }
        )
    matters = newest(actor, heads, phone=phone_of(actor))
    context = head_frame(request, "building", buildings=buildings, matters=matters)
    return render(request, "worker/head_home.html", context)


@head_required
@kept_offline
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    heads = held(actor.membership_id or 0)
    person = Staff.objects.filter(membership_id=actor.membership_id).first()
    name, phone = (person.name, person.phone) if person else ("", "")
    if request.method != "POST":
        return _page(request, HeadReportForm(heads, known_phone=phone, walked=_walked(request, actor)), PhotoBag())
    photos = PhotoBag.of_request(request)
    form = HeadReportForm(heads, request.POST, known_phone=phone, photo_count=len(photos))
    if not form.is_valid():
        photos.store()
        return _page(request, form, photos, status=422)
    said = {key: value for key, value in request.POST.items() if key not in _NOT_SAID}
    body = {"path": request.path, "said": said, "photos": photos.digests()}
    try:
        # A refused report must not leave its key behind: the corrected form carries the same one.
        with transaction.atomic():
            key = form.cleaned_data["idempotency_key"]
            act = lambda: _submit(form, photos, name, actor)  # noqa: E731
            number = once(principal=actor.principal, key=key, body=body, act=act).result["number"]
    except DomainError as error:
        photos.store()
        form.add_error(None, error.message)
        return _page(request, form, photos, status=error.status)
    text = _("报上去了：{number}").format(number=number)
    address = f"{reverse('resident:track')}?number={number}"
    messages.success(request, text, extra_tags=f"go={address} {_('查进度')}")
    return redirect("worker:building")


def _walked(request: HttpRequest, actor: Actor) -> BuildingRound | None:
    """The round on which it was found (``round`` in the address)."""
    asked = request.GET.get("round", "")
    return find_own_round(actor, int(asked)) if asked.isdigit() and len(asked) < 19 else None


def _submit(form: HeadReportForm, photos: PhotoBag, name: str, actor: Actor) -> dict[str, Any]:
    photos.store()
    if photos.errors:
        raise Invalid("bad_photo", _("有的照片没有收下，请看下面的说明。"))
    # A neighbour's word, not an office's: it gives nobody the right to record for others.
    ticket = submit_ticket(form.report(photos.kept, name=name), actor=Actor.public()).ticket
    if form.cleaned_data["round"]:
        mark_reported(find_own_round(actor, form.cleaned_data["round"]), actor=actor)
    return {"number": ticket.number}


def _page(request: HttpRequest, form: HeadReportForm, photos: PhotoBag, *, status: int = 200) -> HttpResponse:
    if form.is_bound:
        # Nothing was done: the next try is a new one.
        form.data = {**request.POST.dict(), "idempotency_key": fresh_key()}
    choices = dict(form.fields["place"].choices)  # type: ignore[attr-defined]
    context = inner(
        _("报事"),
        reverse("worker:building"),
        form=form,
        only_place=next(iter(choices.values())) if len(choices) == 1 else "",
        photos=photos,
        photos_left=max(MAX_PHOTOS - len(photos.kept), 0),
    )
    return render(request, "worker/head_report.html", context, status=status)
