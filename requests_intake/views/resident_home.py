"""The building somebody lives in, remembered by their own device alone.

A cookie of one year, set by opening the card of a building or by saying 这是我家, cleared by saying so or signing out.
With it the first page calls the right grid worker, and the report form begins with the building.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix

from governance.kernel.modes import YEAR
from governance.kernel.tenancy.context import current_district_id


def _cookie() -> str:
    return f"home-{current_district_id()}"


def home_building(request: HttpRequest) -> int | None:
    """The id the device remembers; whether there still is such a building the reader finds out."""
    kept = request.COOKIES.get(_cookie(), "")
    return int(kept) if kept.isascii() and kept.isdigit() and len(kept) < 12 else None


def keep_home(response: HttpResponseBase, building_id: int) -> None:
    response.set_cookie(
        _cookie(), str(building_id), max_age=YEAR, path=get_script_prefix(), httponly=True,
        secure=bool(settings.SESSION_COOKIE_SECURE), samesite="Lax",
    )  # fmt: skip


def forget_home(response: HttpResponseBase) -> None:
    response.delete_cookie(_cookie(), path=get_script_prefix(), samesite="Lax")
