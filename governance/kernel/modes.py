"""How a person likes to see the pages: 长辈版 text size, dark desk, 户外 contrast.

Kept in three plain cookies, so that the server renders the right page at once and no account is needed. Scripts set
the same cookies; without scripts the link made by ``{% mode_url %}`` does it.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

YEAR = 365 * 24 * 3600

# Cookie name -> values it may have; anything else is ignored. 长辈版 sizes are pixels of body text.
MODES: dict[str, tuple[str, ...]] = {
    "elder": ("18", "20", "22", "24", "26", "28", "30"),
    "theme": ("dark", "light"),  # without a choice the desk follows the device
    "sun": ("0",),  # high contrast is the worker's default; 0 switches it off
}


def chosen_modes(request: HttpRequest | None) -> dict[str, str]:
    """The valid choices of this visitor; a value in the query string counts for this one page."""
    if request is None:
        return {}
    return {**_valid(request.COOKIES), **_valid(request.GET)}


def _valid(source: Mapping[str, str]) -> dict[str, str]:
    return {name: source[name] for name, allowed in MODES.items() if source.get(name) in allowed}


@require_GET
def remember_mode(request: HttpRequest) -> HttpResponse:
    """Set or (with an empty value) clear the modes named in the query, then go back to ``next``."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    for name, allowed in MODES.items():
        value = request.GET.get(name)
        if value in allowed:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
        elif value is not None:
            response.delete_cookie(name, samesite="Lax")
    return response


urlpatterns = [path("ui/mode/", remember_mode, name="ui-mode")]
