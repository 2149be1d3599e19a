"""Announcements for residents: read without an account; the device remembers the place."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grids.models import Compound
from grids.reference import territory
from requests_intake.forms.places import building_choices, community_choices
from requests_intake.views.resident_session import resident_page
from services.models import Announcement
from services.policies import AnnouncementPolicy
from services.queries import Place, place_of, public_announcements
from services.views.cards import card, page_of

PLACE_COOKIE = "announcement_place"
_YEAR = 365 * 24 * 3600
PAGE = 20


def remembered_place(request: HttpRequest) -> Place | None:
    """The place this device asked to see announcements of; it is told to nobody else."""
    return place_of(request.COOKIES.get(PLACE_COOKIE, ""))


@resident_page
@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """What is in force, pinned and newest first; ``?past=1`` what is over."""
    over = request.GET.get("past") == "1"
    place = remembered_place(request)
    page = Paginator(public_announcements(place, over=over), PAGE).get_page(request.GET.get("page"))
    address = reverse("services:announcements")
    context = {
        "place": place,
        "page": page,
        "cards": [card(row) for row in page.object_list],
        "over": over,
        "segments": [
            {"label": _("最新"), "url": address, "current": not over, "count": None},
            {"label": _("往期"), "url": f"{address}?past=1", "current": over, "count": None},
        ],
        "back_url": reverse("resident:home"),
    }
    return render(request, "resident/announcements.html", context)


@resident_page
@require_safe
def announcement(request: HttpRequest, number: int) -> HttpResponse:
    """One announcement; of a withdrawn one only that it was withdrawn, and why."""
    row = AnnouncementPolicy.public().filter(number=number).first()
    if row is None:
        raise Http404
    context = {
        "row": page_of(row),
        "is_withdrawn": row.state == Announcement.State.WITHDRAWN,
        "back_url": reverse("services:announcements"),
        "back_label": _("公告"),
    }
    return render(request, "resident/announcement.html", context)


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """Choose where one lives, step by step: community, compound, building; each step may be the last."""
    if request.method == "POST":
        chosen = request.POST.get("place", "")
        if chosen and place_of(chosen) is None:
            raise Http404
        response = redirect("services:announcements")
        cookie: dict[str, Any] = {"path": get_script_prefix(), "samesite": "Lax"}
        if chosen:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(PLACE_COOKIE, chosen, max_age=_YEAR, httponly=True, secure=bool(secure), **cookie)
        else:
            response.delete_cookie(PLACE_COOKIE, **cookie)
        return response
    wanted = request.GET.get("community", "")
    area = territory().areas.get(int(wanted)) if wanted.isdigit() and len(wanted) < 10 else None
    context: dict[str, Any] = {"area": None, "back_url": reverse("services:announcements"), "back_label": _("公告")}
    if area is not None and area.level == "community":
        compounds = {row.name: row.pk for row in Compound.objects.filter(community_id=area.id, ended_on=None)}
        groups = [
            {"name": name, "pk": compounds.get(name), "rows": [(pk, label.removeprefix(name)) for pk, label in rows]}
            for name, rows in building_choices(area.id)
        ]
        context |= {"area": area, "groups": groups, "back_url": reverse("services:place"), "back_label": _("选社区")}
    else:
        context["streets"] = community_choices()
    return render(request, "resident/announcements_place.html", context)
