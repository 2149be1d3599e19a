"""邻里连心卡 (S1-14) for residents, what the code in the stairwell opens; and 设置 of their device."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.residents import resident_of
from governance.accounts.sms import gateway
from requests_intake.forms.places import building_choices, building_name, community_choices, search_buildings
from requests_intake.neighbour_cards import card_of
from requests_intake.views.resident_home import forget_home, home_building, keep_home
from requests_intake.views.resident_session import resident_page


@resident_page
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """找我的网格员: by a few words of the address, else by the community's list of buildings."""
    query = request.GET.get("q", "").strip()[:80]
    chosen = request.GET.get("community", "")
    community = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
    context = {
        "back_url": reverse("resident:home"),
        "query": query,
        "found": search_buildings(query),
        "communities": community_choices(),
        "chosen": chosen,
        "groups": building_choices(community),
    }
    return render(request, "resident/card_find.html", context)


@resident_page
@require_safe
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """Who answers for a building today. A device that knows no building yet remembers this one."""
    found = card_of(pk)
    hotline = request.district.hotline  # type: ignore[attr-defined]
    if found is None:
        context = {"card": None, "hotline": hotline, "back_url": reverse("resident:home")}
        return render(request, "resident/card.html", context, status=404)
    kept = home_building(request)
    context = {
        "card": found,
        "hotline": hotline,
        "back_url": reverse("resident:home"),
        "is_home": kept in (None, pk),
        "may_write": gateway() is not None,
    }
    response = render(request, "resident/card.html", context)
    if kept is None:
        keep_home(response, pk)
    return response


@resident_page
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """这是我家, or (without a building) forget it. Only the device knows."""
    said = request.POST.get("building", "")
    home = building_name(int(said)) if said.isascii() and said.isdigit() and len(said) < 12 else None
    if home is None:
        response = redirect("resident:settings")
        forget_home(response)
        messages.success(request, _("这台手机不再记着您的楼栋。"))
        return response
    response = redirect("resident:card", pk=home.id)
    keep_home(response, home.id)
    messages.success(request, _("记住了，首页可以直接打电话。"))
    return response


@resident_page
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """设置: the size of the letters, the building, signing in and out. All of it on this device only."""
    context = {
        "back_url": reverse("resident:home"),
        "home": building_name(home_building(request)),
        "resident": resident_of(request),
        "may_sign_in": gateway() is not None,
    }
    return render(request, "resident/settings.html", context)
