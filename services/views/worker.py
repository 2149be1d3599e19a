"""Announcements on the grid worker's phone: those to oneself, and what the residents of the own grids read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.kernel.actors import Actor
from governance.kernel.keyed import once_only
from grids.heads import held
from grids.reference import territory
from requests_intake.views.worker_frame import inner, own_grids, phone_required
from services.actions.announcements import confirm_reading
from services.models import Announcement, Delivery
from services.policies import find_visible
from services.queries import place_of, public_announcements, received
from services.views.cards import card, page_of

PAGE = 30


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@phone_required
@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """``show=residents``: what is in force in the communities of the own grids; else what was addressed to oneself."""
    actor = _actor(request)
    to_residents = request.GET.get("show") == "residents"
    if to_residents:
        places = territory()
        communities = {grid.community_id for grid in own_grids(actor)}
        communities |= {
            places.areas[team.area_id].community_id
            for head in held(actor.membership_id or 0)
            if (team := places.organizations.get(head.organization_id)) and team.area_id in places.areas
        }
        rows = Announcement.objects.none()
        for community_id in communities:
            rows = rows | public_announcements(place_of(f"a{community_id}"))
        rows = rows.order_by("-published_at", "-pk")
    else:
        rows = received(actor)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    read = _read_versions(actor, page.object_list)
    address = reverse("services_worker:announcements")
    context = inner(
        _("公告"),
        reverse("worker:home" if own_grids(actor) else "worker:building"),
        page=page,
        cards=[
            {
                **card(row),
                "url": reverse("services_worker:announcement", args=[row.number]),
                "is_unread": row.pk in read and read[row.pk] != row.version and row.state == "published",
            }
            for row in page.object_list
        ],
        segments=[
            {"label": _("给我的"), "url": address, "current": not to_residents, "count": None},
            {"label": _("居民看到的"), "url": f"{address}?show=residents", "current": to_residents, "count": None},
        ],
    )
    return render(request, "worker/announcements.html", context)


def _read_versions(actor: Actor, rows: Any) -> dict[int, int | None]:
    """Announcement id → version confirmed, of those addressed to the actor."""
    told = Delivery.objects.filter(membership_id=actor.membership_id, announcement_id__in=[row.pk for row in rows])
    return dict(told.values_list("announcement_id", "read_version"))


@phone_required
@require_safe
def announcement(request: HttpRequest, number: int) -> HttpResponse:
    actor = _actor(request)
    row = find_visible(actor, number)
    read = _read_versions(actor, [row])
    context = inner(
        _("公告"),
        reverse("services_worker:announcements"),
        row=page_of(row),
        is_withdrawn=row.state == Announcement.State.WITHDRAWN,
        asks=row.state == Announcement.State.PUBLISHED and row.pk in read and read[row.pk] != row.version,
        confirmed=row.pk in read and read[row.pk] == row.version,
    )
    return render(request, "worker/announcement.html", context)


@phone_required
@require_POST
@once_only
def read(request: HttpRequest, number: int) -> HttpResponse:
    """I have read it. Saying it twice says it once."""
    if confirm_reading(find_visible(_actor(request), number), actor=_actor(request)):
        messages.success(request, _("记下了：您已看过"))
    return redirect("services_worker:announcement", number=number)
